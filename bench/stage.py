"""A chapter with signed-in people, proposals that gather support, a discussion and an open vote.

Everything comes about through the book, with a clock that starts three days ago; afterwards the
node can be served with the system's clock.
"""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from chapters.bylaws import DAY
from civic.deeds import chapter as chapter_deeds
from civic.deeds import proposal as deeds
from civic.deeds.person import Done, Person
from civic.kernel.clock import SetClock, SystemClock, minute_of
from civic.kernel.database import reading, writing
from civic.kernel.record import store
from civic.kernel.refusal import Refusal
from civic.node import Node, open_node
from deliberation.state import of as deliberation_of
from identity import accounts, sessions
from identity.vault import Membership, update_vault

SUPPORT_TIME = 4 * DAY
BYLAWS = {
    "founders": 3,
    "level_propose": 0,
    "level_vote": 0,
    "level_office": 0,
    "vote_wait": 0,
    "tick": 1,
    "visibility": "world",
    # All members must support a proposal: with one who never does, it gathers support for ever.
    "support_least": 100_000,
    "support_time": SUPPORT_TIME,
    "discussion_time": 2 * DAY,
    "notice_time": 0,
    "vote_time": 5 * DAY,
}


class Someone(msgspec.Struct):
    """A member and the token of their session."""

    member: str
    token: str


class Stage(msgspec.Struct):
    """What a load generator needs to know. Paths lie below `/api/v1`."""

    chapter: str
    log: int
    log_id: str
    people: list[Someone]
    gathering: list[str]
    discussed: str
    argument: str
    voted: str
    election: str


async def set_stage(
    url: str, data: Path, people: int, gathering: int = 1, now: datetime | None = None
) -> Stage:
    """Make the chapter on a migrated database, as if it were `now`."""
    now = (now or SystemClock().now()).replace(second=0, microsecond=0)
    clock = SetClock(now - timedelta(days=3))
    async with open_node(url, data, clock) as node:
        log, chapter, everyone = await constituted(node, clock, people)
        voted = await _discussed(node, everyone, "A vote")
        clock.advance(timedelta(days=2, hours=1))
        await node.book.tick(log)
        clock.set(now - timedelta(hours=1))
        await node.book.tick(log)
        election = await node.book.ask(
            log, lambda state: deliberation_of(state).proposals[voted].election
        )
        assert election is not None
        discussed = await _discussed(node, everyone, "A discussion")
        argument = done(
            await deeds.argue(node.desk, everyone[0], discussed, "pro", "Yes!", "en", "argument")
        ).id
        path = f"/chapters/{chapter}/proposals"
        gathered = [
            f"{path}/{await proposed(node, everyone[0], f'Proposal {number}')}"
            for number in range(gathering)
        ]
        return Stage(
            chapter,
            log,
            everyone[0].log_id,
            [await signed_in(node, chapter, one) for one in everyone],
            gathered,
            f"{path}/{discussed}",
            argument,
            f"{path}/{voted}",
            election,
        )


async def constituted(node: Node, clock: SetClock, people: int) -> tuple[int, str, list[Person]]:
    desk = node.desk
    founding: Any = await chapter_deeds.found(
        desk, name="Stage", lang="en", template="town", idempotency="found", bylaws=BYLAWS
    )
    everyone: list[Person] = [founding.founder]
    async with reading(node.engine) as db:
        head = await store.head(db, founding.founder.log)
    for number in range(1, 3):
        everyone.append(await _joined(node, head, founding.founder, number))
    ids = [one.member for one in everyone]
    for one in everyone:
        met = [other for other in ids if other != one.member]
        done(await chapter_deeds.confirm(desk, one, met, "confirm"))
    until = minute_of(clock.now()) + 300 * DAY
    offices: list[Any] = [("lead", ids[0], until), ("verifier", ids[1], until)]
    offices.append(("verifier", ids[2], until))
    done(await chapter_deeds.constitute(desk, everyone[0], ids, offices, "constitute"))
    for first in range(3, people, 50):
        # A member invites a hundred people a year at most.
        inviter = everyone[first // 50]
        numbers = range(first, min(first + 50, people))
        everyone += await asyncio.gather(
            *(_joined(node, head, inviter, number) for number in numbers)
        )
    return head.no, founding.chapter_id, everyone


async def _joined(node: Node, head: store.Head, inviter: Person, number: int) -> Person:
    secret = await chapter_deeds.invite(node.desk, inviter)
    if isinstance(secret, Refusal):
        raise TypeError(f"not invited: {secret}")
    person, outcome = await chapter_deeds.join(node.desk, head, secret, f"join {number}")
    done(outcome)
    return person


async def proposed(node: Node, author: Person, title: str) -> str:
    outcome = await deeds.propose(
        node.desk,
        author,
        title=title,
        text="So be it.",
        lang="en",
        idempotency=title,
        secrecy="pseudonymous",
    )
    return done(outcome).id


async def _discussed(node: Node, everyone: list[Person], title: str) -> str:
    proposal = await proposed(node, everyone[0], title)
    for outcome in await asyncio.gather(
        *(deeds.support(node.desk, one, proposal, f"support {title}") for one in everyone)
    ):
        done(outcome)
    return proposal


async def signed_in(node: Node, chapter: str, person: Person) -> Someone:
    now = SystemClock().now()
    membership = Membership(chapter, person.log_id, person.member)
    async with writing(node.engine) as db:
        account = await accounts.create_bare(db, node.private.keys, now)
        token = await sessions.start(
            db, account.account_id, account.data_key, now, fresh=True, by="passphrase"
        )
        await update_vault(
            db, account.account_id, account.data_key, lambda vault: vault.joined(membership)
        )
    return Someone(person.member, token)


def done(outcome: Any) -> Done:
    if not isinstance(outcome, Done):
        raise TypeError(f"not done: {outcome}")
    return outcome
