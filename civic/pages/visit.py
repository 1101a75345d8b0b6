"""A visit of one chapter's pages: which chapter, who is there, what they may see and do."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import NotFoundException

from chapters import queries
from chapters.gate import IS_SUSPENDED
from chapters.queries import ChapterLine, ChapterView
from civic import publication
from civic.deeds.person import Person
from civic.hands import hand_of
from civic.kernel.clock import minute_of
from civic.kernel.database import Reading, only_asking, reading
from civic.kernel.record.entry import Malformed
from civic.kernel.record.rules import MALFORMED
from civic.kernel.record.timekeeper import ClockWrong
from civic.kernel.refusal import Refusal
from civic.kernel.web.dates import moment_of_minute
from civic.kernel.web.language import _
from civic.kernel.web.pages import ChapterFrame, Link, see_other
from civic.kernel.web.problem import Busy, Refused, text_of
from civic.membership import is_neighbour, no_member, node_of
from civic.node import Node
from civic.pages import queries as own_queries
from civic.pages.queries import Own
from deliberation.queries import MatterView
from deliberation.queries import matter as read_matter
from identity.sessions import SignedIn
from identity.step_up import must_have_stepped_up
from identity.vault import Membership
from identity.web import SignInNeeded, must_be_signed_in, signed_in

Asked = Request[Any, Any, Any]
Page = Response[bytes]

HEX: Final = frozenset("0123456789abcdef")
CLOCK_PAUSE: Final = 60
"""Seconds after which to try again while the node's clock is wrong."""


@dataclass(frozen=True)
class Visit:
    """One request for something of one chapter, inside one reading transaction."""

    request: Asked
    node: Node
    db: Reading
    known: SignedIn | None
    person: Person | None
    """The visitor as a present member; None for everybody else."""
    own: Own | None
    """What the visitor is in the chapter; applicants are no members yet."""
    now: int
    line: ChapterLine
    """The chapter as it is at this moment: not for outsiders, whom `published` serves."""
    neighbour: bool
    """Whether the visitor reads it as a member of another chapter of its network."""

    @property
    def path(self) -> str:
        """The path of the chapter's page."""
        return f"/c/{self.line.chapter_id}"

    @property
    def live(self) -> bool:
        """Whether the visitor sees the chapter as it is now, not as of the last tick.

        Members do; a replica changes only when somebody imports it again.
        """
        return self.person is not None or self.suspended or self.line.replica

    @property
    def reads_all(self) -> bool:
        """Whether the visitor may read the whole record."""
        return (
            self.person is not None
            or self.suspended
            or self.line.visibility == "world"
            or self.claimed
            or self.neighbour
        )

    def published(self, name: str) -> str:
        """Return under which name the page that the visitor may see is stored, once a tick."""
        return publication.for_neighbours(name) if self.neighbour else name

    @property
    def claimed(self) -> bool:
        """Whether the visitor is a present member who reads a copy of the record."""
        return self.line.replica and self.own is not None and self.own.state == "active"

    @property
    def suspended(self) -> bool:
        """Whether the visitor is a member who reads, and for a time does nothing else."""
        return self.own is not None and self.own.state == "suspended" and not self.own.replica


@dataclass(frozen=True)
class ChapterVisit(Visit):
    """A visit of a page of the chapter itself."""

    chapter: ChapterView
    """The chapter as it is at this moment, like `line`."""


@dataclass(frozen=True)
class MatterVisit(Visit):
    """A visit of a page of one matter."""

    matter: MatterView
    """The matter as it is at this moment, like `line`."""

    @property
    def matter_path(self) -> str:
        """The path of the matter's page."""
        return f"{self.path}/p/{self.matter.line.id}"


@asynccontextmanager
async def visiting(request: Asked, chapter_id: str) -> AsyncIterator[ChapterVisit]:
    """Open a visit; raises NotFoundException for a chapter that this node does not have."""
    node = node_of(request)
    known = await signed_in(request)
    async with reading(node.engine) as db:
        person, own = await _who(request, db, known, chapter_id)
        chapter = await queries.chapter(db, chapter_id) if _is_hash(chapter_id) else None
        if chapter is None:
            raise NotFoundException
        now = minute_of(node.clock.now())
        line = chapter.line
        near = await _is_neighbour(db, known, person, line)
        yield ChapterVisit(request, node, db, known, person, own, now, line, near, chapter)


@asynccontextmanager
async def visiting_matter(
    request: Asked, chapter_id: str, matter_id: str
) -> AsyncIterator[MatterVisit]:
    """Open a visit of a matter; raises NotFoundException where there is none."""
    node = node_of(request)
    known = await signed_in(request)
    async with reading(node.engine) as db:
        person, own = await _who(request, db, known, chapter_id, matter_id)
        voice = own.voice if own else None
        well_formed = _is_hash(chapter_id) and len(matter_id) <= 26
        matter = await read_matter(db, chapter_id, matter_id, voice) if well_formed else None
        if matter is None:
            raise NotFoundException
        now = minute_of(node.clock.now())
        line = matter.chapter
        near = await _is_neighbour(db, known, person, line)
        yield MatterVisit(request, node, db, known, person, own, now, line, near, matter)


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
        person, own = await _who(request, db, known, chapter_id)
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
        _active, own = await _who(request, db, known, chapter_id)
    membership = known.vault.membership(chapter_id)
    if own is None or membership is None or own.state not in states or own.replica:
        raise Refused(no_member(known, chapter_id), status=403)
    person = _acts_as(request, known, own, membership)
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


async def _who(
    request: Asked, db: Reading, known: SignedIn | None, chapter_id: str, matter: str = ""
) -> tuple[Person | None, Own | None]:
    membership = None if known is None else known.vault.membership(chapter_id)
    if known is None or membership is None:
        return None, None
    vault = node_of(request).book.vault
    found = await own_queries.own(db, vault, chapter_id, membership.member_id, matter)
    # On a replica nobody acts: its members do so on the chapter's own node.
    if found is None or found.state != "active" or found.replica:
        return None, found
    return _acts_as(request, known, found, membership), found


def _acts_as(request: Asked, known: SignedIn, own: Own, membership: Membership) -> Person:
    return Person(
        own.log,
        membership.log_id,
        membership.member_id,
        known.vault.seed,
        prove=partial(must_have_stepped_up, request),
        holds=membership,
    )


async def _is_neighbour(
    db: Reading, known: SignedIn | None, person: Person | None, line: ChapterLine
) -> bool:
    if line.visibility != "network" or known is None or person is not None:
        return False
    return await is_neighbour(db, known, line.log)


def _is_hash(text: str) -> bool:
    # What cannot be the id of a chapter costs no query.
    return len(text) == 64 and set(text) <= HEX


def must_be_member(visit: Visit) -> Person:
    """Return the member who visits.

    Raises `SignInNeeded` for people who are not signed in, who may be members, and `Refused` (403)
    for everybody else.
    """
    if visit.known is None:
        raise SignInNeeded
    if visit.person is None:
        raise Refused(no_member(visit.known, visit.line.chapter_id), status=403)
    return visit.person


def must_be_present(visit: Visit) -> Person:
    """Return the member who visits, who may be suspended; raises like `must_be_member`."""
    known, own = visit.known, visit.own
    membership = None if known is None else known.vault.membership(visit.line.chapter_id)
    if not visit.suspended or known is None or own is None or membership is None:
        return must_be_member(visit)
    return _acts_as(visit.request, known, own, membership)


def frame_of(visit: Visit, name: str, current: str = "") -> ChapterFrame:
    """Return what surrounds the pages of a chapter; `current` names the part of it."""
    path = visit.path
    parts = [("chapter", _("Overview"), path)]
    parts += [
        ("proposals", _("Proposals"), f"{path}/proposals"),
        ("people", _("People"), f"{path}/people"),
        ("record", _("Record"), f"{path}/record"),
        ("audit", _("Audit"), f"{path}/audit"),
    ]
    if visit.person is not None and visit.own is not None and visit.own.offices:
        # In sight on a phone, where the last parts are reached by pushing the row aside.
        parts.insert(1, ("desk", _("Desk"), f"{path}/desk"))
    return ChapterFrame(
        id=visit.line.chapter_id,
        name=name,
        href=path,
        nav=tuple(Link(text, href, current=key == current) for key, text, href in parts),
        replica_of=_("another node") if visit.line.replica else "",
        as_of=moment_of_minute(visit.line.at, visit.now).text if visit.line.replica else "",
        rules_missing=_missing_rules(visit),
        alert=_alert(visit),
    )


def _alert(visit: Visit) -> Link | None:
    if visit.known is None or visit.line.chapter_id not in visit.known.lost:
        return None
    text = _("Your member here is held by another account now.")
    return Link(text, f"{visit.path}/keys/lost")


def _missing_rules(visit: Visit) -> int | None:
    # Outsiders learn with the tick what was adopted in it.
    version = visit.line.rules
    here = version in visit.node.book.shelf.versions
    return None if here or visit.line.replica or not visit.live else version


def start_of(request: Asked) -> int:
    """Return at which number a page of a list begins, 0 when the address does not say."""
    text = request.query_params.get("from", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


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
