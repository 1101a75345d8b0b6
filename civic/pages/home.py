"""The start page: the chapters of this node, what is decided now, and what waits for the reader."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from litestar import get

from civic import publication
from civic.kernel.clock import minute_of
from civic.kernel.database import Reading, reading
from civic.kernel.web.dates import Moment, moment_of_minute
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, render
from civic.membership import node_of
from civic.node import Node
from civic.pages import phases
from civic.pages import queries as own_queries
from civic.pages.visit import Asked, Page
from deliberation import queries as matter_queries
from deliberation.queries import Deciding, MatterLine
from identity.sessions import SignedIn
from identity.web import signed_in

SHOWN: Final = 6
"""Matters among what is decided now, and among what needs the reader."""
EACH: Final = 8
"""Open matters of each of the reader's chapters that are looked at."""


class Item(NamedTuple):
    """A matter in a list of the start page."""

    title: str
    lang: str
    href: str
    chapter: str
    chapter_id: str
    badge: tuple[str, str]
    moment: Moment
    before: str
    needs: str


@get("/")
async def home(request: Asked) -> Page:
    """Show the chapters of this node and what they decide next."""
    node = node_of(request)
    known = await signed_in(request)
    now = minute_of(node.clock.now())
    async with reading(node.engine) as db:
        cards = await publication.cards(db, now)
        own = await _own(node, db, known)
        needs = await _needs(node, db, known, own, now)
    mine = {one.chapter.chapter_id for one in own}
    # One's own chapters as they are now, all others as of their last tick.
    cards = sorted(
        [*own, *(card for card in cards if card.chapter.chapter_id not in mine)],
        key=lambda card: (card.chapter.chapter_id not in mine, card.chapter.founded),
    )
    settings = request.app.state["settings"]
    return render(
        request,
        "home.html",
        cache=NO_STORE,
        cards=[(card, card.chapter.chapter_id in mine) for card in cards],
        deciding=[
            item for item in _deciding(cards, now) if item.href not in {need.href for need in needs}
        ],
        needs=needs,
        signed_in=known is not None,
        nowhere=known is not None and not known.vault.memberships,
        can_found=settings.demo or settings.draft,
        mails=bool(settings.smtp_url),
        now=now,
    )


async def _own(node: Node, db: Reading, known: SignedIn | None) -> list[Deciding]:
    """Return the reader's own chapters as they are now."""
    if known is None or not known.vault.memberships:
        return []
    # Who has asked to join, too, has the chapter in their vault, and sees no more than outsiders.
    members = [one.member_id for one in known.vault.memberships]
    live = await matter_queries.network(db, EACH, members)
    return [one for one in live if not one.chapter.replica]


async def _needs(
    node: Node, db: Reading, known: SignedIn | None, own: Sequence[Deciding], now: int
) -> list[Item]:
    """Return what waits for the reader: votes they have not cast, discussions that end soon."""
    if known is None or not own:
        return []
    members = {one.chapter_id: one.member_id for one in known.vault.memberships}
    lines = [(one, line) for one in own for line in one.matters]
    votes = [(one, line) for one, line in lines if line.phase == "vote" and line.election]
    asked = {line.id: members[one.chapter.chapter_id] for one, line in votes}
    rows = await own_queries.own_rows(db, node.book.vault, asked) if asked else {}
    cast = await own_queries.voted(
        db, [(line.election or "", rows.get(line.id, ""), asked[line.id]) for _one, line in votes]
    ) if votes else {}  # fmt: skip
    found = []
    for one, line in lines:
        if line.phase == "vote" and not cast.get(line.election or "", False):
            found.append(_item(one, line, now, _("You have not voted yet.")))
        elif line.phase == "discussion":
            found.append(_item(one, line, now, _("Have your say before the text is fixed.")))
        elif line.phase == "support":
            found.append(_item(one, line, now, _("It needs support to be discussed.")))
    return sorted(found, key=_urgency)[:SHOWN]


def _urgency(item: Item) -> tuple[bool, str]:
    return (item.badge[1] != "accent", item.moment.machine)


def _deciding(cards: Sequence[Deciding], now: int) -> list[Item]:
    """Return what is decided now on this node, the soonest deadline first."""
    found = [
        _item(card, line, now, "")
        for card in cards
        for line in card.matters
        if line.phase_until is not None and line.phase_until > now and line.phase != "support"
    ]
    return sorted(found, key=lambda item: item.moment.machine)[:SHOWN]


def _item(card: Deciding, line: MatterLine, now: int, needs: str) -> Item:
    return Item(
        line.title.text or _("An erased title"),
        line.title.lang or line.lang,
        f"/c/{card.chapter.chapter_id}/p/{line.id}",
        card.chapter.name.text or "",
        card.chapter.chapter_id,
        phases.badge_of(line),
        moment_of_minute(line.phase_until or now, now),
        phases.next_words(line),
        needs,
    )


HANDLERS: Final = [home]
