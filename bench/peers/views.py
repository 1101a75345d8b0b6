"""What both peers show, made from rows as one would in any project; no framework in it.

Small pure functions of ours (dates, numbers, ornaments, Markdown, charts) are used as they are,
with their caches; rows are read and templates are filled here.
"""

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from civic.kernel.web.language import gettext as _
from civic.kernel.web.language import ngettext
from civic.kernel.web.pages import ChapterFrame, Frame, Link, Site

SITE: Final = Site(
    name="civic",
    demo=True,
    nav=(Link("Chapters", "/"),),
    footer=(Link("Words", "/words"), Link("For developers", "/developers")),
)
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
