"""Deeds of founders: found a chapter, confirm whom one met, constitute it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from chapters import entries as e
from chapters.bylaws import CHARTER_HASH, TEMPLATES, Bylaws, unfit_to_found
from chapters.founding import BELOW_CHARTER
from civic.deeds.chapter.place import Place
from civic.deeds.hand import Hand, public_half
from civic.deeds.person import (
    Desk,
    Done,
    Draws,
    Outcome,
    Person,
    Texts,
    done,
)
from civic.kernel.database import reading
from civic.kernel.record import store
from civic.kernel.record.entry import when
from civic.kernel.refusal import Refusal


@dataclass(frozen=True)
class Founding:
    """A chapter that was just founded, and its founder."""

    chapter_id: str
    founder: Person
    done: Done


async def found(
    desk: Desk,
    *,
    name: str,
    lang: str,
    template: str,
    idempotency: str,
    bylaws: Mapping[str, Any] | None = None,
    seed: bytes | None = None,
    hand: Hand | None = None,
    head: store.Head | None = None,
) -> Founding | Refusal:
    """Found a chapter on an empty log, a new one unless `head` names it.

    `bylaws` are fields that differ from the template's. Repeated on the same log it is the same
    founding, on a new one it makes another chapter. Raises `msgspec.ValidationError` for impossible
    bylaws.
    """
    given = founding_bylaws(template, bylaws)
    if isinstance(given, Refusal):
        return given
    if head is None:
        head = await desk.book.new_log()
    draws = _founding(desk, head, idempotency)
    person = Person(head.no, head.log_id, draws.id(), seed, hand and hand.at(head.log_id))
    texts = Texts(draws, lang)
    texts.add(name)
    member_key = desk.member_key(person)
    body = e.Founded(
        desk.book.shelf.newest,
        CHARTER_HASH,
        template,
        given,
        head.public_key.hex(),
        (draws.bytes() + draws.bytes()).hex(),
        person.member,
        public_half(member_key).hex() if member_key else None,
    )
    outcome = await desk.by_member(person, body, idempotency, texts=texts)
    if isinstance(outcome, Refusal):
        return outcome
    async with reading(desk.book.engine) as db:
        now_head = await store.head(db, head.no)
    return Founding(now_head.chapter_id or "", person, Done(person.member, outcome))


def founding_bylaws(template: str, changed: Mapping[str, Any] | None) -> Bylaws | Refusal:
    """Return a template's bylaws with some fields changed, or why no chapter can begin with them.

    Raises `msgspec.ValidationError` for impossible ones.
    """
    fields: dict[str, Any] = {**msgspec.to_builtins(TEMPLATES[template]), **(changed or {})}
    bylaws = msgspec.convert(fields, Bylaws)
    low = unfit_to_found(bylaws)
    return bylaws if low is None else Refusal(BELOW_CHARTER, {"field": low})


def founding_id(desk: Desk, head: Place, idempotency: str) -> str:
    """Return the member id that founding a log's chapter under this key gives."""
    return _founding(desk, head, idempotency).id()


def _founding(desk: Desk, head: Place, idempotency: str) -> Draws:
    return desk.draws(Person(head.no, head.log_id, ""), idempotency)


async def confirm(desk: Desk, founder: Person, met: Sequence[str], idempotency: str) -> Outcome:
    """Confirm, as a founder, having met others."""
    body = e.FounderConfirmed(tuple(sorted(met)))
    return done(founder.member, await desk.by_founder(founder, body, idempotency))


async def constitute(
    desk: Desk,
    founder: Person,
    founders: Sequence[str],
    offices: Sequence[tuple[e.Role, str, int]],
    idempotency: str,
) -> Outcome:
    """Constitute the chapter with first offices of (role, member, until in minutes)."""
    draws = desk.draws(founder, idempotency)
    terms = tuple(
        e.OfficeTerm(draws.id(), role, member, when(until)) for role, member, until in offices
    )
    body = e.Constituted(tuple(sorted(founders)), terms)
    return done(founder.member, await desk.by_founder(founder, body, idempotency))
