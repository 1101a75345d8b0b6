"""What both peers show of a proposal that is discussed; see bench.peers.views."""

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from bench.peers.views import PHASES, Line, Visitor, Words, frame, line, words
from chapters.queries import CHAPTER_WIDTH
from civic.kernel.clock import moment_of
from civic.kernel.web import charts
from civic.kernel.web.dates import moment_of_minute
from civic.kernel.web.language import gettext as _
from civic.kernel.web.pages import Link
from deliberation.queries.lists import LINE_WIDTH

SHOWN: Final = 15
"""Arguments of each side and comments on the page of a proposal."""
COURSE: Final = ("support", "discussion", "notice", "vote")


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
