"""What pages of a chapter show, read at once, and the part of it that is meant for the world."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final, Literal, TypeVar, get_args, get_origin

import msgspec

from chapters.queries import ChapterView
from civic.kernel.database import Reading
from civic.kernel.record.shown import Text
from civic.overview import Activity, overview
from deliberation import queries as matter_queries
from deliberation.discussion import Discussion, discussion
from deliberation.queries import Deciding, MatterLine, Matters, MatterView, TaskDue
from voting.queries import ElectionView, elections_of

OPEN_SHOWN: Final = 30
"""Open proposals on a chapter's page; the page of all proposals has the rest."""
ENDED_SHOWN: Final = 8
LISTED: Final = 300
"""Proposals of each sort on the page of all proposals, as outsiders see it."""
SAID: Final = 200
"""Arguments and comments of each sort of one proposal, as outsiders see it."""
FIXED: Final = ("notice", "vote", "decided")
"""Phases in which the text of a proposal is fixed, which makes it evidence that is public."""

V = TypeVar("V")


class ChapterPage(msgspec.Struct, frozen=True):
    """A chapter's page. `root` is that of its signed checkpoint, in hex, empty before one.

    `activity` is not told to the world of a chapter that is not public.
    """

    view: ChapterView
    matters: Matters
    tasks: list[TaskDue]
    root: str
    activity: Activity | None = None

    @property
    def name(self) -> str:
        """The chapter's name."""
        return self.view.line.name.text or ""


class ProposalsPage(msgspec.Struct, frozen=True):
    """The page of all proposals of a chapter."""

    view: ChapterView
    matters: Matters

    @property
    def name(self) -> str:
        """The chapter's name."""
        return self.view.line.name.text or ""


class ProposalPage(msgspec.Struct, frozen=True):
    """A proposal's page: the matter, its votes (the latest first), what was said about it."""

    matter: MatterView
    elections: list[ElectionView]
    said: Discussion

    @property
    def name(self) -> str:
        """The chapter's name."""
        return self.matter.chapter.name.text or ""


async def read_chapter_page(db: Reading, view: ChapterView) -> ChapterPage:
    """Return a chapter's page as it is now (two queries beside that for the chapter)."""
    log = view.line.log
    matters = await matter_queries.matters(db, log, limit=OPEN_SHOWN, ended=ENDED_SHOWN)
    beside = await overview(db, view.line, view.signed_size)
    return ChapterPage(view, matters, beside.tasks, beside.root, beside.activity)


async def read_proposal_page(
    db: Reading,
    matter: MatterView,
    member: str | None = None,
    row: str | None = None,
    limit: int = SAID,
) -> ProposalPage:
    """Return a proposal's page as it is now (two queries beside that for the matter)."""
    line = matter.line
    elections = await elections_of(db, line.log, line.id, member, row)
    return ProposalPage(matter, elections, await discussion(db, line.log, line.id, row, limit))


def chapter_for_world(page: ChapterPage) -> ChapterPage:
    """Return what everybody may see of the page of a chapter that is not public."""
    matters = _fixed_only(page.matters)
    return ChapterPage(_without_names(page.view), matters, [], page.root)


def proposals_for_world(page: ProposalsPage) -> ProposalsPage:
    """Return what everybody may see of the list of a chapter that is not public."""
    return ProposalsPage(_without_names(page.view), _fixed_only(page.matters))


def proposal_for_world(page: ProposalPage) -> ProposalPage | None:
    """Return what everybody may see of a proposal of a chapter that is not public, or None.

    That is the fixed text with its vote and outcome: nothing that a person said.
    """
    matter = page.matter
    if matter.line.phase not in FIXED:
        return None
    cards = tuple(
        msgspec.structs.replace(card, expected=Text(card.expected.hash, None),
                                happened=Text(card.happened.hash, None))
        for card in matter.cards
    )  # fmt: skip
    versions = tuple(msgspec.structs.replace(one, reason=None) for one in matter.versions)
    shown = msgspec.structs.replace(
        matter,
        versions=versions,
        appointee=None,
        concerned=None,
        member=None,
        name=None,
        tasks=(),
        cards=cards,
        hidden=(),
    )
    return ProposalPage(shown, page.elections, Discussion([], [], [], []))


def deciding_for_world(deciding: Deciding) -> Deciding:
    """Return what everybody may see of what a chapter decides that is not public."""
    fixed = [line for line in deciding.matters if line.phase in FIXED]
    return msgspec.structs.replace(deciding, matters=fixed)


def _without_names(view: ChapterView) -> ChapterView:
    offices = tuple(msgspec.structs.replace(office, name=None) for office in view.offices)
    return msgspec.structs.replace(view, offices=offices)


def _fixed_only(matters: Matters) -> Matters:
    def fixed(lines: list[MatterLine]) -> list[MatterLine]:
        return [line for line in lines if line.phase in FIXED]

    return Matters(fixed(matters.open), fixed(matters.ended), [])


def hashes_in(page: Any) -> set[str]:
    """Return the hashes of all words of a page."""
    return {text.hash for text in texts_in(page)}


def texts_in(value: Any) -> Iterator[Text]:
    """Yield all texts of a page, or of a list of its parts."""
    if isinstance(value, Text):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in _fields_with_texts(type(value)):
            yield from texts_in(getattr(value, name))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts_in(one)


@cache
def _fields_with_texts(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """Return the fields of a struct in which a text may be, at whatever depth."""
    fields = msgspec.structs.fields(kind)
    return tuple(one.name for one in fields if _may_hold_text(one.type))


def _may_hold_text(kind: Any) -> bool:
    if get_origin(kind) is Literal:
        return False
    inside = get_args(kind)
    return any(map(_may_hold_text, inside)) if inside else kind not in _NO_TEXT


_NO_TEXT: Final = frozenset({str, int, bool, bytes, float, type(None), Ellipsis})


def as_known(words: Text, size: int) -> Text:
    """Return words as they are to who reads a record up to a size.

    What was erased or hidden later is gone for them, too, but not when and why.
    """
    by = words.hidden_by if words.erased_by is None else words.erased_by
    return words if by is None or by < size else Text(words.hash, None)


def without_words(page: V) -> V:
    """Return a page whose texts are hashes only."""
    bare: V = mapped_texts(page, lambda text: Text(text.hash, None))
    return bare


def with_words(page: V, words: Mapping[str, Text]) -> V:
    """Return a page that was without words with those that this node keeps."""
    full: V = mapped_texts(page, lambda text: words.get(text.hash, text))
    return full


def mapped_texts(value: Any, change: Callable[[Text], Text]) -> Any:
    """Return a value with each text in it changed; parts without texts stay the same objects."""
    if isinstance(value, str | int) or value is None:
        return value
    if isinstance(value, Text):
        return change(value)
    if isinstance(value, msgspec.Struct):
        changed = {}
        for name in _fields_with_texts(type(value)):
            before = getattr(value, name)
            after = mapped_texts(before, change)
            if after is not before:
                changed[name] = after
        return msgspec.structs.replace(value, **changed) if changed else value
    if isinstance(value, list | tuple):
        new = [mapped_texts(one, change) for one in value]
        if all(a is b for a, b in zip(new, value, strict=True)):
            return value
        return tuple(new) if isinstance(value, tuple) else new
    return value
