"""Choosing a member among many: by a part of their name, or the beginning of their id."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from chapters import looking_up
from chapters.looking_up import Called
from civic.kernel.web.language import _, ngettext
from civic.pages.visit import ChapterVisit

SHOWN: Final = 20
"""Members that one search shows."""
TYPED_MOST: Final = 60


class Search(NamedTuple):
    """A search for members: what was typed, whom it found as (id, name), and how many in words."""

    typed: str
    people: list[tuple[str, str]]
    said: str


def called(one: Called) -> str:
    """Return how a member is called: by their name, else by the beginning of their id."""
    return (one.name.text if one.name else None) or _("Member %(id)s…") % {"id": one.id[:6]}


def typed_in(text: str) -> str:
    """Return what somebody typed to look for a member, as one line."""
    return " ".join(text.replace("\0", "").split())[:TYPED_MOST]


async def search(visit: ChapterVisit, text: str, but: str = "") -> Search:
    """Look for members; nothing typed shows those who joined first. `but` is left out."""
    typed = typed_in(text)
    found = await looking_up.members_called(visit.db, visit.line.log, typed, SHOWN + 1, but)
    return Search(typed, [(one.id, called(one)) for one in found[:SHOWN]], _said(typed, len(found)))


def _said(typed: str, number: int) -> str:
    if not number:
        return _("Nobody is called so. Try a shorter part of the name.")
    if number > SHOWN:
        more = _("These are the first %(n)d. Type more of the name to find others.")
        return more % {"n": SHOWN}
    return ngettext("%(n)d member", "%(n)d members", number) % {"n": number}


async def named(visit: ChapterVisit, ids: Sequence[str]) -> list[tuple[str, str]]:
    """Return present members by their ids, as (id, name); who is none is left out."""
    wanted = [one for one in ids if len(one) == 26]
    if not wanted:
        return []
    found = await looking_up.members_of(visit.db, visit.line.log, wanted)
    return [(one.id, called(one)) for one in found]
