"""What both peers show, made from rows as one would in any project; no framework in it.

Small pure functions of ours (dates, numbers, ornaments, Markdown, charts) are used as they are,
with their caches; rows are read and templates are filled here.
"""

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from chapters.queries import CHAPTER_WIDTH
from civic.kernel.clock import moment_of
from civic.kernel.web import charts
from civic.kernel.web.dates import moment_of_minute
from civic.kernel.web.language import gettext as _
from civic.kernel.web.language import ngettext
from civic.kernel.web.pages import ChapterFrame, Frame, Link, Site
from deliberation.queries.lists import LINE_WIDTH

SITE: Final = Site(
    name="civic",
    demo=True,
    nav=(Link("Chapters", "/"),),
    footer=(Link("Words", "/words"), Link("For developers", "/developers")),
)
SHOWN: Final = 15
"""Arguments of each side and comments on the page of a proposal."""
LISTED: Final = 300
"""Open and imported proposals on the page of all proposals."""
PAGE: Final = 30
"""Ended ones there."""
PHASES: Final = {
    "support": "Gathering support",
    "discussion": "Discussion",
    "notice": "Fixed text",
    "vote": "Vote",
    "decided": "Decided",
    "lapsed": "Not enough support",
    "withdrawn": "Withdrawn",
    "imported": "Brought in",
}
TONES: Final = {"lapsed": "warn", "withdrawn": "plain", "imported": "plain", "support": "plain"}
OUTCOMES: Final = {
    "accepted": ("Decided: yes", "good"),
    "rejected": ("Decided: no", "bad"),
    "no_quorum": ("No quorum", "warn"),
}
BEFORE: Final = {
    "support": "support ends",
    "discussion": "discussion ends",
    "notice": "vote opens",
    "vote": "vote closes",
}
ORDER: Final = ("discussion", "support", "vote", "notice")
PACKED: Final = 6
"""How hard gzip tries, as Django has it."""
HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'",
    "referrer-policy": "same-origin",
}
COURSE: Final = ("support", "discussion", "notice", "vote")


class Words(NamedTuple):
    """A text in its language."""

    text: str | None
    lang: str | None


def words(raw: bytes | None) -> Words:
    """Return the words of a content: salt, type and newline stand before them."""
    if raw is None:
        return Words(None, None)
    read = json.loads(raw[raw.index(b"\n", 16) + 1 :])
    return Words(read["text"], read["lang"])


class Visitor(NamedTuple):
    """A member who reads."""

    member: str
    voice: str | None
    row: str | None
    offices: tuple[str, ...]


def visitor(member: str, found: Sequence[Any]) -> Visitor:
    """Return who visits, from the row of the statement `own`."""
    ids = dict(found[8])
    offices = tuple(role for _id, role in found[7])
    return Visitor(member, ids.get("voice"), ids.get("row"), offices)


class Line(NamedTuple):
    """A proposal in a list."""

    id: str
    title: str
    lang: str
    phase: str
    since: int
    until: int | None
    author: str
    version: int
    options: int
    secrecy: str
    supports: int
    needed: int
    pro: int
    con: int
    comments: int
    voices: int
    outcome: str | None
    created: int
    ended: int | None
    closed: int | None
    entry: int
    signed: bool

    @property
    def badge(self) -> tuple[str, str]:
        """The state in a word or two, and its tone."""
        if self.phase == "decided" and self.outcome is not None:
            text, tone = OUTCOMES[self.outcome]
            return _(text), tone
        return _(PHASES[self.phase]), TONES.get(self.phase, "accent")

    @property
    def said(self) -> str:
        """How much was said, in a line."""
        parts = []
        if arguments := self.pro + self.con:
            parts.append(
                ngettext("%(n)s argument", "%(n)s arguments", arguments) % {"n": arguments}
            )
        if self.comments:
            parts.append(
                ngettext("%(n)s comment", "%(n)s comments", self.comments) % {"n": self.comments}
            )
        return " · ".join(parts)


def line(row: Sequence[Any]) -> Line:
    """Return the proposal of a row that begins with the columns of a line."""
    least, share, active = row[11:14]
    title = words(row[30])
    return Line(
        row[1],
        title.text or _("An erased title"),
        title.lang or row[6],
        row[2],
        row[3],
        row[4],
        row[5],
        row[7],
        row[8],
        row[9],
        row[10],
        max(1, min(active, max(least, -(-share * active // 1000)))),
        row[14],
        row[15],
        row[16],
        row[18],
        row[22],
        row[24],
        row[25],
        row[26],
        row[28],
        bool(row[32]),
    )


def frame(path: str, chapter_id: str, name: Words, offices: Sequence[str]) -> Frame:
    """Return what surrounds a page of a chapter."""
    home = f"/c/{chapter_id}"
    parts = [
        Link(_("Overview"), home),
        Link(_("Proposals"), f"{home}/proposals", current=True),
        Link(_("People"), f"{home}/people"),
        Link(_("Record"), f"{home}/record"),
    ]
    if offices:
        parts.insert(1, Link(_("Desk"), f"{home}/desk"))
    you = Link(_("You here"), f"{home}/you")
    chapter = ChapterFrame(
        chapter_id, name.text or "", home, tuple(parts), name.lang or "", you=you
    )
    account = (
        Link(_("My voice"), "/voice"),
        Link(_("Account"), "/account"),
        Link(_("Emergency exit"), "/panic", deed=True),
    )
    return Frame(SITE, path=path, account=account, chapter=chapter, accent=chapter.accent)


def proposals(
    path: str, who: Visitor, chapter: Sequence[Any], rows: Sequence[Sequence[Any]], now: int
) -> dict[str, Any]:
    """Return what the page of proposals shows."""
    listed = [line(row) for row in rows]
    ended = [one for one in listed if one.closed is not None and one.phase != "imported"]
    home = f"/c/{chapter[1]}"
    return {
        "frame": frame(path, chapter[1], words(chapter[13]), who.offices),
        "path": home,
        "rows": sorted(
            (one for one in listed if one.closed is None and one.phase != "imported"),
            key=lambda one: (ORDER.index(one.phase), one.until or 0),
        ),
        "ended": ended[:PAGE],
        "next": f"{home}/proposals?from={PAGE}" if len(ended) > PAGE else "",
        "first": 1,
        "last": min(len(ended), PAGE),
        "active": chapter[2] == "active",
        "before": BEFORE,
        "now": now,
    }


def matters_values(log: int) -> dict[str, Any]:
    """Return what the statement `matters` is asked with."""
    values: dict[str, Any] = {"log": log, "until": -1, "after": "", "closed": 2**62, "entry": 2**62}
    return values | {"limit": LISTED, "ended": PAGE + 1, "imported": LISTED, "skipped": 0}


def discussion_values(log: int, matter: str, row: str | None) -> dict[str, Any]:
    """Return what the statement `discussion` is asked with."""
    values: dict[str, Any] = {"log": log, "matter": matter, "thread": matter, "after": b""}
    return values | {"row": row, "limit": SHOWN}


class Statement(NamedTuple):
    """An argument or a comment."""

    id: str
    kind: str
    author: str
    depth: int
    entry: int
    at: int
    agree: int
    disagree: int
    passed: int
    comments: int
    mine: int | None
    words: Words
    name: str | None
    signed: bool
    disowned: bool


def statement(row: Sequence[Any]) -> Statement:
    """Return what was said, from a row of the statement `discussion`."""
    return Statement(
        row[0],
        row[2],
        row[3],
        row[7],
        row[8],
        row[9],
        row[12],
        row[13],
        row[14],
        row[16],
        row[18],
        words(row[20]),
        words(row[23]).text,
        bool(row[25]),
        row[26],
    )


def _timeline(
    one: Line, marked: Sequence[Sequence[Any]], bylaws: dict[str, Any], now: int
) -> charts.Timeline | None:
    marks = [mark for mark in marked if mark[0] in COURSE]
    if not marks:
        return None
    last = one.until if one.phase in COURSE else one.ended
    ends = [*(mark[1] for mark in marks[1:]), marks[-1][1] if last is None else last]
    phases = [
        charts.Phase(_(PHASES[mark[0]]), moment_of(mark[1]), moment_of(end))
        for mark, end in zip(marks, ends, strict=True)
    ]
    lengths = {
        "discussion": bylaws["discussion_time"],
        "notice": max(bylaws["notice_time"], bylaws["tick"]),
        "vote": bylaws["vote_time"],
    }
    start = ends[-1]
    coming = COURSE[COURSE.index(one.phase) + 1 :] if one.phase in COURSE else ()
    for name in coming:
        end = start + lengths[name]
        phases.append(charts.Phase(_(PHASES[name]), moment_of(start), moment_of(end)))
        start = end
    return charts.timeline(phases, moment_of(now))


def _percent(permille: int) -> str:
    whole, tenth = divmod(permille, 10)
    return f"{whole}.{tenth}%" if tenth else f"{whole}%"


def _signing(signed: list[bool]) -> str:
    if all(signed):
        return _("All of it is signed with the own keys of those who said it.") if signed else ""
    if any(signed):
        raise ValueError("here either everybody signs or nobody")
    return _(
        "None of it is signed with the own keys of those who said it: for all of it the "
        "node alone vouches."
    )


def _facts(one: Line, bylaws: dict[str, Any]) -> list[tuple[str, str]]:
    cast = (
        _("by name: readers of the record see who voted how")
        if one.secrecy == "roll_call"
        else _("under row ids: people see the votes, not whose they are")
    )
    return [
        (_("The question"), _("yes, no or abstain")),
        (_("Votes are cast"), cast),
        (_("Majority"), _("more than %(share)s") % {"share": _percent(bylaws["majority"])}),
        (_("Quorum"), _("%(share)s of the roll") % {"share": _percent(bylaws["quorum"])}),
    ]


def proposal(
    path: str, who: Visitor, matter: Sequence[Any], said: Sequence[Sequence[Any]], now: int
) -> dict[str, Any]:
    """Return what the page of a proposal that is discussed shows."""
    one, rest = line(matter), matter[LINE_WIDTH + CHAPTER_WIDTH :]
    chapter = matter[LINE_WIDTH : LINE_WIDTH + CHAPTER_WIDTH]
    bylaws = json.loads(rest[17])
    statements = [statement(row) for row in said]
    home = f"/c/{chapter[1]}"
    name = words(chapter[13])
    return {
        "frame": frame(path, chapter[1], name, who.offices),
        "live": f"{home}/live?after={chapter[7]}",
        "line": one,
        "title": one.title,
        "text": words(rest[2]),
        "name": words(rest[25]).text,
        "path": path,
        "record": f"{home}/record",
        "now": now,
        "moment": None if one.until is None else moment_of_minute(one.until, now),
        "crumbs": (
            Link(name.text or "", home),
            Link(_("Proposals"), f"{home}/proposals"),
            Link(one.title if len(one.title) < 60 else f"{one.title[:57]}…", path),
        ),
        "timeline": _timeline(one, rest[29], bylaws, now),
        "facts": _facts(one, bylaws),
        "number": rest[18],
        "signing": _signing([one.signed for one in statements]),
        "pro": [one for one in statements if one.kind == "pro"][:SHOWN],
        "con": [one for one in statements if one.kind == "con"][:SHOWN],
        "comments": [one for one in statements if one.kind == "comment"][:SHOWN],
        "mine": who.voice,
        "is_author": who.voice is not None and who.voice == one.author,
        "organises": "lead" in who.offices or "facilitator" in who.offices,
    }
