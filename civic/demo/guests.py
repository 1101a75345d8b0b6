"""Accounts for visitors of a demonstration, entered by links that work once."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final, NamedTuple

import msgspec

from civic.demo.folder import Guest
from civic.demo.stage import Stage
from civic.kernel.database import writing
from civic.kernel.keys import SEED_SIZE
from civic.node import Node
from identity import accounts, links, vault


class Role(NamedTuple):
    """Whom a visitor can be: members of chapters by short name and number."""

    who: str
    may: str
    places: dict[str, int]


ROLES: Final = (
    Role(
        "Lead in Vilnius",
        "admit the two who wait, set tasks, record outcomes; support and vote like everybody",
        {"vilnius": 0},
    ),
    Role(
        "Facilitator and verifier in Warsaw",
        "hide words with a public reason, finish tasks; support and vote like everybody",
        {"warsaw": 1},
    ),
    Role(
        "Verifier in Berlin",
        "invite people, vote in the roll call that is open, see how cases are verified",
        {"berlin": 2},
    ),
    Role(
        "Member in Vilnius and in Berlin",
        "propose, support, argue, react and vote, under another id in each chapter",
        {"vilnius": 5, "berlin": 6},
    ),
    Role("Newcomer", "apply to a chapter, or found one (draft rules)", {}),
)


def draw_seeds(stages: Sequence[Stage]) -> None:
    """Give each guest one seed for all chapters, before the play begins."""
    by_slug = {stage.story.slug: stage for stage in stages}
    for role in ROLES:
        seed = secrets.token_bytes(SEED_SIZE)
        for slug, number in role.places.items():
            by_slug[slug].seeds[number] = seed


async def make(node: Node, stages: Sequence[Stage], now: datetime) -> tuple[Guest, ...]:
    """Make the accounts, each with its memberships and seed in its vault, after the play."""
    by_slug = {stage.story.slug: stage for stage in stages}
    guests = []
    async with writing(node.engine) as db:
        for role in ROLES:
            account = await accounts.create_bare(db, node.private.keys, now)
            known = vault.Vault(account.name)
            for slug, number in role.places.items():
                stage = by_slug[slug]
                person = stage.players[number].who
                membership = vault.Membership(stage.chapter_id, person.log_id, person.member)
                known = msgspec.structs.replace(known.joined(membership), seed=person.seed)
            await vault.update_vault(
                db, account.account_id, account.data_key, partial(_instead, known)
            )
            guests.append(Guest(role.who, role.may, account.account_id, account.data_key))
    return tuple(guests)


def _instead(known: vault.Vault, _before: vault.Vault) -> vault.Vault:
    return known


async def issue_links(
    node: Node, guests: Sequence[Guest], base_url: str, now: datetime
) -> list[tuple[Guest, str]]:
    """Make a new link for each account; earlier ones that nobody used keep working."""
    issued = []
    async with writing(node.engine) as db:
        for guest in guests:
            secret = await links.issue(db, guest.account_id, guest.data_key, now)
            issued.append((guest, f"{base_url}/enter/{secret}"))
    return issued
