"""A visit of one chapter's pages: which chapter, who is there, what they may see."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import NotFoundException

from chapters import queries
from chapters.queries import ChapterLine, ChapterView
from civic import publication
from civic.deeds.person import Person
from civic.kernel.clock import minute_of
from civic.kernel.database import Reading, reading
from civic.kernel.web.language import come_to
from civic.kernel.web.problem import Refused
from civic.membership import is_neighbour, no_member, node_of
from civic.node import Node
from civic.pages import queries as own_queries
from civic.pages.queries import Own
from deliberation.queries import MatterView
from deliberation.queries import matter as read_matter
from identity.sessions import SignedIn
from identity.step_up import must_have_stepped_up
from identity.vault import Membership
from identity.web import SignInNeeded, signed_in

Asked = Request[Any, Any, Any]
Page = Response[bytes]

HEX: Final = frozenset("0123456789abcdef")


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
        person, own = await who_visits(request, db, known, chapter_id)
        chapter = await queries.chapter(db, chapter_id) if _is_hash(chapter_id) else None
        if chapter is None:
            raise NotFoundException
        now = minute_of(node.clock.now())
        line = chapter.line
        come_to(line.zone)
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
        person, own = await who_visits(request, db, known, chapter_id, matter_id)
        voice = own.voice if own else None
        well_formed = _is_hash(chapter_id) and len(matter_id) <= 26
        matter = await read_matter(db, chapter_id, matter_id, voice) if well_formed else None
        if matter is None:
            raise NotFoundException
        now = minute_of(node.clock.now())
        line = matter.chapter
        come_to(line.zone)
        near = await _is_neighbour(db, known, person, line)
        yield MatterVisit(request, node, db, known, person, own, now, line, near, matter)


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
    return acts_as(visit.request, known, own, membership)


async def who_visits(
    request: Asked, db: Reading, known: SignedIn | None, chapter_id: str, matter: str = ""
) -> tuple[Person | None, Own | None]:
    """Return the member behind a request if they may act, and what they are in the chapter."""
    membership = None if known is None else known.vault.membership(chapter_id)
    if known is None or membership is None:
        return None, None
    vault = node_of(request).book.vault
    found = await own_queries.own(db, vault, chapter_id, membership.member_id, matter)
    # On a replica nobody acts: its members do so on the chapter's own node.
    if found is None or found.state != "active" or found.replica:
        return None, found
    return acts_as(request, known, found, membership), found


def acts_as(request: Asked, known: SignedIn, own: Own, membership: Membership) -> Person:
    """Return somebody with a place in a chapter as they act there."""
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


def start_of(request: Asked) -> int:
    """Return at which number a page of a list begins, 0 when the address does not say."""
    text = request.query_params.get("from", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
