"""The start page: what is decided now, what needs the reader, what changed since they were here."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Final, NamedTuple

from litestar import get

from chapters.assurance.levels import CASE_TIME
from chapters.bylaws import DAY, YEAR
from civic import publication
from civic.kernel.clock import minute_of
from civic.kernel.database import Reading, reading
from civic.kernel.record.ties import Standing
from civic.kernel.web.dates import Moment, moment_of_minute
from civic.kernel.web.language import N_, _, ngettext
from civic.kernel.web.last_seen import last_seen
from civic.kernel.web.pages import NO_STORE, render
from civic.membership import node_of
from civic.node import Node
from civic.pages import home_queries, phases
from civic.pages import queries as own_queries
from civic.pages.chapter import own_vote
from civic.pages.home_needs import needs_of
from civic.pages.home_queries import Changed, OwnChapter
from civic.pages.queries import OpenVote
from civic.pages.visit import Asked, Page
from civic.pages.wordings import erased_words, line_for_reader, title_words
from deliberation.queries import Deciding, MatterLine
from identity.lacking import Lacking, lacking
from identity.sessions import SignedIn
from identity.web import signed_in

SHOWN: Final = 6
"""Matters among what is decided now."""
CHANGES: Final = 8
"""Changes that are told."""
TASKS_AHEAD: Final = 14 * DAY
"""How long before it is due a task stands here."""
CARD_AFTER: Final = 60 * DAY
"""How long after a decision somebody should say what came of it."""


class Item(NamedTuple):
    """A matter among what is decided now."""

    title: str
    lang: str
    href: str
    chapter: str
    badge: tuple[str, str]
    moment: Moment
    before: str
    needs: str
    erased: str = ""


class News(NamedTuple):
    """What changed in a matter."""

    title: str
    lang: str
    href: str
    chapter: str
    badge: tuple[str, str]
    moment: Moment


@get("/")
async def home(request: Asked) -> Page:
    """Show what is decided now, what needs the reader, what changed; and all chapters here."""
    node = node_of(request)
    known = await signed_in(request)
    moment = node.clock.now()
    now = minute_of(moment)
    seen = last_seen(request, moment.date()) if known is not None else None
    since = now if seen is None else minute_of(datetime.combine(seen.day, time(), UTC))
    async with reading(node.engine) as db:
        cards = await publication.cards(db, now)
        own = await _own(db, known, now, since)
        ids = await _ids(node, db, own)
        cast = await _cast(db, own, ids)
        lacks = await _lacks(db, known)
    inside = [one for one in own if one.state == "active"]
    # One's own chapters as they are now, all others as of their last tick.
    cards = _cards(cards, inside)
    voices = {standing.matter: own_id for standing, own_id in ids.items() if standing.of == "voice"}
    needs = needs_of(own, voices, node.book.vault, lacks, now)
    deciding, votes = _deciding(cards, inside, cast, now)
    changes = _changes(inside, now)
    settings = request.app.state["settings"]
    page = render(
        request,
        "home.html",
        cache=NO_STORE,
        headline=_headline(votes, bool(needs)),
        cards=[(card, card.chapter.log in {one.chapter.log for one in inside}) for card in cards],
        deciding=deciding[:SHOWN],
        deciding_count=len(deciding),
        needs=needs,
        changes=changes[:CHANGES],
        changes_count=len(changes),
        seen=seen,
        signed_in=known is not None,
        member=bool(inside),
        nowhere=known is not None and not known.vault.memberships,
        can_found=settings.demo or settings.draft,
        mails=bool(settings.smtp_url),
    )
    if seen is not None and seen.cookie is not None:
        page.cookies.append(seen.cookie)
    return page


async def _own(db: Reading, known: SignedIn | None, now: int, since: int) -> list[OwnChapter]:
    """Return the reader's own chapters as they are now, those too that they asked to join."""
    if known is None or not known.vault.memberships:
        return []
    asked = home_queries.Asked(
        tasks=now + TASKS_AHEAD,
        first=now - YEAR,
        card=now - CARD_AFTER,
        since=since,
        cases=now - CASE_TIME,
    )
    members = {one.chapter_id: one.member_id for one in known.vault.memberships}
    return await home_queries.own_chapters(db, members, asked)


def _votes(own: Sequence[OwnChapter]) -> list[tuple[OwnChapter, MatterLine, str]]:
    return [
        (one, line, line.election)
        for one in own
        for line in one.matters
        if line.phase == "vote" and line.election is not None
    ]


async def _ids(node: Node, db: Reading, own: Sequence[OwnChapter]) -> dict[Standing, str]:
    """Return the reader's row ids where they may vote, and voices where words are hidden."""
    wanted = {Standing(line.log, line.id, "row", one.me) for one, line, _election in _votes(own)}
    wanted |= {
        Standing(one.chapter.log, hidden.matter, "voice", one.me)
        for one in own
        for hidden in one.hidden
    }
    return await own_queries.own_ids(db, node.book.vault, sorted(wanted)) if wanted else {}


async def _cast(
    db: Reading, own: Sequence[OwnChapter], ids: Mapping[Standing, str]
) -> dict[str, bool | None]:
    """Return in which of the open votes the reader has voted, by election."""
    votes = []
    for one, line, election in _votes(own):
        row = ids.get(Standing(line.log, line.id, "row", one.me), "")
        votes.append(OpenVote(line.log, election, row, one.me))
    return await own_queries.voted(db, votes) if votes else {}


async def _lacks(db: Reading, known: SignedIn | None) -> Lacking | None:
    return None if known is None else await lacking(db, known.account_id)


def _cards(cards: Sequence[Deciding], inside: Sequence[OwnChapter]) -> list[Deciding]:
    """Return all chapters, one's own first and as they are now, the oldest first."""
    mine = {one.chapter.chapter_id for one in inside}
    own = [Deciding(one.chapter, one.open_count, list(one.matters)) for one in inside]
    return sorted(
        [*own, *(card for card in cards if card.chapter.chapter_id not in mine)],
        key=lambda card: (card.chapter.chapter_id not in mine, card.chapter.founded),
    )


def _deciding(
    cards: Sequence[Deciding],
    inside: Sequence[OwnChapter],
    cast: Mapping[str, bool | None],
    now: int,
) -> tuple[list[Item], int]:
    """Return what is decided now, and how many votes wait for the reader.

    Votes not cast come first, then whatever else of one's own chapters closes soonest, then what
    other chapters decide.
    """
    mine = {one.chapter.log for one in inside}
    found = []
    votes = 0
    for card in cards:
        own = card.chapter.log in mine
        for line in card.matters:
            if line.phase_until is None or line.phase_until <= now:
                continue
            if line.phase == "support" and not own:
                continue
            waits = own and line.phase == "vote" and cast.get(line.election or "") is False
            votes += waits
            needs = _needs(line, cast) if own else ""
            place = (not waits, not own, line.phase_until, line.id)
            found.append((place, _item(card, line, now, needs)))
    return [item for _place, item in sorted(found, key=lambda one: one[0])], votes


def _needs(line: MatterLine, cast: Mapping[str, bool | None]) -> str:
    match line.phase:
        case "discussion":
            return _("Have your say before the text is fixed.")
        case "support":
            return _("It needs support to be discussed.")
        case _:
            return own_vote(line, cast)


def _item(card: Deciding, line: MatterLine, now: int, needs: str) -> Item:
    line = line_for_reader(line)
    return Item(
        title_words(line.title),
        line.title.lang or line.lang,
        f"/c/{card.chapter.chapter_id}/p/{line.id}",
        card.chapter.name.text or "",
        phases.badge_of(line),
        moment_of_minute(line.phase_until or now, now, card.chapter.zone),
        phases.next_words(line),
        needs,
        erased_words(line.title),
    )


RESULTS: Final = {
    "success": (N_("Success"), "good"),
    "standstill": (N_("Standstill"), "warn"),
    "failure": (N_("Failure"), "bad"),
}
"""What outcome cards tell, with their tones."""


def _changes(inside: Sequence[OwnChapter], now: int) -> list[News]:
    """Return what changed in one's own chapters, the latest first."""
    found = [(one, change) for one in inside for change in one.changed]
    found.sort(key=lambda pair: pair[1].at, reverse=True)
    return [
        News(
            title_words(change.title),
            change.title.lang or "",
            f"/c/{one.chapter.chapter_id}/p/{change.matter}",
            one.chapter.name.text or "",
            _change_badge(change),
            moment_of_minute(change.at, now, one.chapter.zone),
        )
        for one, change in found
    ]


def _change_badge(change: Changed) -> tuple[str, str]:
    match change.what:
        case "support":
            return _("New proposal"), "accent"
        case "card":
            name, tone = RESULTS[change.state or "success"]
            return _("Outcome: %(result)s") % {"result": _(name)}, tone
        case "lapsed":
            return _(phases.PHASES["lapsed"]), "warn"
        case _ if change.state == "accepted" and change.options:
            return _("Decided"), "good"
        case _ if change.state is None:
            # It went back to discussion since.
            return _(phases.PHASES["decided"]), "plain"
        case _:
            tone = {"accepted": "good", "rejected": "bad"}.get(change.state, "warn")
            return _(phases.OUTCOMES[change.state]), tone


def _headline(votes: int, needs: bool) -> str:
    if votes:
        return ngettext("%(n)s vote waits for you", "%(n)s votes wait for you", votes) % {
            "n": votes
        }
    return _("What waits for you") if needs else _("Nothing waits for you")


HANDLERS: Final = [home]
