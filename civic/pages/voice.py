"""My voice: each act of the person behind a request, in all their chapters, and its fate."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from litestar import get
from litestar.exceptions import NotFoundException

from civic.kernel.clock import minute_of
from civic.kernel.database import reading
from civic.kernel.record.proof import FILE_SUFFIX
from civic.kernel.record.shown import Text
from civic.kernel.web.dates import Moment, moment_of_minute
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, Link, render
from civic.membership import node_of
from civic.pages.visit import Asked, Page
from civic.pages.wordings import line_for_reader, title_words
from civic.voice import acts as own
from civic.voice.fates import EXCERPT, Fate, fate
from civic.voice.places import Place, ids_of, places_of
from deliberation.moderation.entries import HidingAppealed
from identity.sessions import SignedIn
from identity.web import must_be_signed_in

_DIGITS: Final = 16


class Own(NamedTuple):
    """What somebody did: in which chapters, and a page of their acts with their fates."""

    places: Sequence[Place]
    acts: Sequence[tuple[own.Done, own.Stands, Fate]]
    more: bool


class Shown(NamedTuple):
    """An act as the page shows it; addresses are empty where there is nothing."""

    did: str
    title: str
    lang: str
    href: str
    quoted: str
    quoted_lang: str
    gone: bool
    hidden: bool
    appeal: str
    became: str
    chapter: Link
    moment: Moment | None
    number: int | None
    entry: str
    receipt: str
    signed: bool | None
    disown: str
    disowned: str


async def own_acts(
    request: Asked,
    known: SignedIn,
    chapter: str = "",
    before: own.Key | None = None,
    limit: int = own.PAGE,
) -> Own:
    """Return what somebody did before a key, in all their chapters or one; 404 for others'."""
    node = node_of(request)
    now = minute_of(node.clock.now())
    async with reading(node.engine) as db:
        places = await places_of(db, known.vault.memberships)
        looked_at = [one for one in places if chapter in ("", one.chapter_id)]
        if chapter and not looked_at:
            raise NotFoundException
        ids = await ids_of(db, node.book.vault, looked_at)
        found = await own.acts(db, looked_at, ids, before, limit + 1)
        waiting = [one for one in found if one.waits]
        recorded = [one for one in found if not one.waits]
        some = [*waiting, *recorded[:limit]]
        stands = await own.stand(db, looked_at, ids, some)
    acts = [(one, how, fate(one, how, now)) for one, how in zip(some, stands, strict=True)]
    return Own(places, acts, len(recorded) > limit)


@get("/voice")
async def voice(request: Asked) -> Page:
    """Show a person what they did, and what became of each act."""
    known = await must_be_signed_in(request)
    chapter = request.query_params.get("chapter", "")[:64]
    before = _key(request.query_params.get("before", ""))
    found = await own_acts(request, known, chapter, before)
    now = minute_of(node_of(request).clock.now())
    places = {place.log: place for place in found.places}
    shown = [_shown(places[one.log], one, how, became, now) for one, how, became in found.acts]
    of = f"chapter={chapter}&" if chapter else ""
    last = found.acts[-1][0].key if found.more else None
    return render(
        request,
        "voice.html",
        cache=NO_STORE,
        acts=[one for one in shown if one.number is not None],
        waiting=[one for one in shown if one.number is None],
        chapters=[
            Link(name_of(place), f"/voice?chapter={place.chapter_id}", place.chapter_id == chapter)
            for place in found.places
        ],
        all_of_them=not chapter,
        copies=any(place.replica for place in found.places),
        older=f"/voice?{of}before={'.'.join(map(str, last))}" if last else "",
        newest=f"/voice?{of}".rstrip("?&") if before is not None else "",
    )


def name_of(place: Place) -> str:
    """Return how a chapter is called."""
    return place.name.text or _("A chapter without a name")


def _shown(place: Place, done: own.Done, how: own.Stands, became: Fate, now: int) -> Shown:
    path, line = f"/c/{place.chapter_id}", done.row.line if done.row else None
    matter = None if how.matter is None else line_for_reader(how.matter)
    href = "" if matter is None else f"{path}/p/{matter.id}"
    if how.said is not None and href:
        href = f"{href}/w/{how.said.id}"
    if how.hiding is not None and line is not None and line.kind == HidingAppealed.kind:
        href = f"{path}/moderation/{how.hiding.id}/appeal"
    hidden = became.quoted is not None and became.quoted.hidden_by is not None
    entry = "" if line is None else f"{path}/record/{line.index}"
    # What a box recorded is an entry of the node: nobody has a receipt for it, or can deny it.
    alone = line is not None and done.what == "act" and not place.replica
    return Shown(
        did=became.did,
        title="" if matter is None else title_words(matter.title),
        lang="" if matter is None else matter.title.lang or matter.lang,
        href=href,
        quoted=_excerpt(became.quoted),
        quoted_lang=(became.quoted.lang or "") if became.quoted else "",
        gone=became.quoted is not None and became.quoted.text is None,
        hidden=hidden,
        # Others' words, to which somebody reacted, are others' to appeal for.
        appeal=href if hidden and done.what == "act" else "",
        became=became.became,
        chapter=Link(name_of(place), path),
        moment=None if line is None else moment_of_minute(line.at, now),
        number=None if line is None else line.index,
        entry=entry,
        receipt=f"/log/{place.log_id}/receipt/{line.index}{FILE_SUFFIX}" if alone and line else "",
        signed=done.signed,
        disown=f"{entry}/disown" if alone and how.disowned is None else "",
        disowned="" if how.disowned is None else f"{path}/record/{how.disowned}",
    )


def _excerpt(words: Text | None) -> str:
    if words is None or words.text is None:
        return ""
    line = " ".join(words.text.split())
    return line if len(line) <= EXCERPT else f"{line[: EXCERPT - 1]}…"


def _key(text: str) -> own.Key | None:
    parts = text.split(".")
    if len(parts) != 3 or not all(
        one.isascii() and one.isdigit() and len(one) < _DIGITS for one in parts
    ):
        return None
    at, log, index = (int(one) for one in parts)
    return (at, log, index) if max(at, log) < 2**31 else None


HANDLERS: Final = [voice]
