"""A member who is about to do something, and what they read afterwards."""

from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import Any, Final

from chapters.gate import IS_SUSPENDED
from civic.deeds.person import Person
from civic.hands import hand_of
from civic.kernel.clock import minute_of
from civic.kernel.database import only_asking, reading
from civic.kernel.record.entry import Malformed
from civic.kernel.record.rules import MALFORMED
from civic.kernel.record.timekeeper import ClockWrong
from civic.kernel.refusal import Refusal
from civic.kernel.web.pages import see_other
from civic.kernel.web.problem import Busy, Refused, text_of
from civic.membership import no_member, node_of
from civic.node import Node
from civic.pages.queries import Own
from civic.pages.visit.visits import Asked, Page, acts_as, who_visits
from identity.sessions import SignedIn
from identity.web import must_be_signed_in

CLOCK_PAUSE: Final = 60
"""Seconds after which to try again while the node's clock is wrong."""


@dataclass(frozen=True)
class Acting:
    """A member of a chapter who is about to do something."""

    request: Asked
    node: Node
    known: SignedIn
    person: Person
    own: Own
    now: int
    chapter_id: str

    @property
    def path(self) -> str:
        """The path of the chapter's page."""
        return f"/c/{self.chapter_id}"


async def acting(request: Asked, chapter_id: str) -> Acting:
    """Return the member behind a request, with the keys that their browser has.

    Raises `SignInNeeded`, `Refused` (403) for people who are no members, and `SignatureNeeded`
    where a form asks what there is to sign, and no key of theirs is known.
    """
    node = node_of(request)
    known = await must_be_signed_in(request)
    async with reading(node.engine) as db:
        person, own = await who_visits(request, db, known, chapter_id)
    if person is None or own is None:
        absent = own is not None and own.state == "suspended"
        refused = Refusal(IS_SUSPENDED) if absent else no_member(known, chapter_id)
        raise Refused(refused, status=403)
    return await _acting(request, node, known, person, own, chapter_id)


async def acting_as(request: Asked, chapter_id: str, *states: str) -> Acting:
    """Return who stands in one of some states with a chapter: suspended, left, applied, expelled.

    Raises like `acting`.
    """
    node = node_of(request)
    known = await must_be_signed_in(request)
    async with reading(node.engine) as db:
        _active, own = await who_visits(request, db, known, chapter_id)
    membership = known.vault.membership(chapter_id)
    if own is None or membership is None or own.state not in states or own.replica:
        raise Refused(no_member(known, chapter_id), status=403)
    person = acts_as(request, known, own, membership)
    return await _acting(request, node, known, person, own, chapter_id)


async def _acting(
    request: Asked, node: Node, known: SignedIn, person: Person, own: Own, chapter_id: str
) -> Acting:
    hand = await hand_of(request)
    if hand is not None:
        person = replace(person, hand=hand.at(person.log_id))
        only_asking.set(hand.prepare)
        await node.desk.look_at_hand(person)
    return Acting(request, node, known, person, own, minute_of(node.clock.now()), chapter_id)


def refused_line(refusal: Refusal) -> str:
    """Say in one line what the rules refused and what to do."""
    text = text_of(refusal.code, refusal.params)
    return f"{text.title}. {text.meaning} {text.next}"


def answered(request: Asked, outcome: object, back: str, said: str) -> Page:
    """Send people on after an act: with what was done, or with why it was refused."""
    if isinstance(outcome, Refusal):
        return see_other(request, back, refused_line(outcome), "bad")
    return see_other(request, back, said)


async def outcome_of(work: Awaitable[Any]) -> Any:
    """Return what a deed led to; words that no record can hold are a refusal like others.

    Raises `Busy` (503) while the node's clock is wrong.
    """
    try:
        return await work
    except Malformed as malformed:
        return Refusal(MALFORMED, {"why": str(malformed)})
    except ClockWrong as wrong:
        raise Busy(CLOCK_PAUSE) from wrong
