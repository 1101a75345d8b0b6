"""Where feeds are fetched, and the page on which a member makes secret addresses of them."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from litestar import Response, Router, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from chapters import queries
from civic import publication
from civic.feeds import addresses, atom, calendar
from civic.feeds.addresses import DAYS, MOST, Address
from civic.feeds.news import FeedPage
from civic.kernel.clock import minute_of
from civic.kernel.database import reading, writing
from civic.kernel.refusal import Refusal, code
from civic.kernel.web.asgi import header
from civic.kernel.web.forms import Field, Form, blank, read_form
from civic.kernel.web.language import LANGUAGES, Reader, _, reader, reading_as
from civic.kernel.web.pages import PRIVATE, see_other
from civic.membership import node_of
from civic.pages.visit import Asked, ChapterVisit, Page, chapter_page, must_be_present, visiting
from civic.settings import Settings
from identity.step_up import must_have_stepped_up
from identity.vault import Membership
from identity.web import must_be_signed_in

ATOM: Final = "feed.atom"
CALENDAR: Final = "calendar.ics"
TOO_MANY: Final = code("request.too_many_feeds", "Too many addresses of feeds work already.")
ADDRESS: Final = Field("address", "the address", most=64)


@get("/c/{chapter_id:str}/feed.atom")
async def news(request: Asked, chapter_id: FromPath[str]) -> Response[bytes]:
    """Serve a chapter's news as everybody may read them."""
    return await _of_chapter(request, chapter_id, ATOM)


@get("/c/{chapter_id:str}/calendar.ics")
async def dates(request: Asked, chapter_id: FromPath[str]) -> Response[bytes]:
    """Serve a chapter's deadlines as everybody may read them."""
    return await _of_chapter(request, chapter_id, CALENDAR)


@get("/feeds/{address:str}/feed.atom")
async def secret_news(request: Asked, address: FromPath[str]) -> Response[bytes]:
    """Serve a chapter's news at a member's secret address."""
    return await _at_address(request, address, ATOM)


@get("/feeds/{address:str}/calendar.ics")
async def secret_dates(request: Asked, address: FromPath[str]) -> Response[bytes]:
    """Serve a chapter's deadlines at a member's secret address."""
    return await _at_address(request, address, CALENDAR)


async def _of_chapter(request: Asked, chapter_id: str, form: str) -> Response[bytes]:
    # No session is looked at: members who are signed in get the same, from any cache.
    node = node_of(request)
    async with reading(node.engine) as db:
        view = await queries.chapter(db, chapter_id) if len(chapter_id) == 64 else None
        if view is None:
            raise NotFoundException
        now, log = minute_of(node.clock.now()), view.line.log
        page = await publication.page_of(db, log, publication.FEED, FeedPage, now)
    if page is None:
        raise NotFoundException
    return _answer(request, page, form, f"/c/{chapter_id}/{form}")


async def _at_address(request: Asked, address: str, form: str) -> Response[bytes]:
    node = node_of(request)
    now = node.clock.now()
    async with reading(node.engine) as db:
        found = await addresses.fetched(db, address, now.date())
        if found is None:
            raise NotFoundException
        name = publication.FEED if found.public else publication.MEMBERS_FEED
        page = await publication.page_of(db, found.log, name, FeedPage, minute_of(now))
    if page is None:
        raise NotFoundException
    # It does not name itself: programs that pass a feed on would pass the address on with it.
    return _answer(request, page, form, "")


def _answer(request: Asked, page: FeedPage, form: str, own: str) -> Response[bytes]:
    settings: Settings = request.app.state["settings"]
    chosen = request.query_params.get("lang", "")
    # Programs that fetch feeds have no cookies, and seldom say a language: it may stand behind "?".
    named, who, place = chosen in LANGUAGES, reader(), page.chapter.zone
    # Nor do they say a zone: then the clock is the chapter's own.
    zone = place if who.zone == "UTC" else who.zone
    with reading_as(Reader(chosen if named else who.language, zone, place)):
        if form == ATOM:
            address = own and own + (f"?lang={chosen}" if named else "")
            body = atom.atom(page, settings.base_url, address)
            media_type = atom.MEDIA_TYPE
        else:
            body = calendar.calendar(page, settings.base_url)
            media_type = calendar.MEDIA_TYPE
    # Titles are words, which may be erased: only who reads keeps them, and asks each time.
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {"cache-control": PRIVATE, "etag": tag, "vary": "accept-language, cookie"}
    if tag in header(request.scope, b"if-none-match"):
        return Response(b"", status_code=304, headers=headers, media_type=media_type)
    return Response(body, headers=headers, media_type=media_type)


@get("/c/{chapter_id:str}/feeds")
async def show(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Tell how to follow a chapter, and list a member's own secret addresses."""
    known = await must_be_signed_in(request)
    async with visiting(request, chapter_id) as visit:
        must_be_present(visit)
        mark = addresses.mark_of(known.data_key, chapter_id)
        found = await addresses.listed(visit.db, mark, node_of(request).clock.now().date())
    return _page(visit, blank(), found)


@post("/c/{chapter_id:str}/feeds", status_code=200)
async def make(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Make a secret address, once however often the form is sent; show it this one time."""
    form = await read_form(request)
    address = await made(request, chapter_id, form.key)
    known = await must_be_signed_in(request)
    async with visiting(request, chapter_id) as visit:
        mark = addresses.mark_of(known.data_key, chapter_id)
        found = await addresses.listed(visit.db, mark, visit.node.clock.now().date())
    if isinstance(address, Refusal):
        return _page(visit, form.refused(address), found)
    return _page(visit, blank(), found, address)


async def made(request: Asked, chapter_id: str, key: str) -> str | Refusal:
    """Make a secret address for who asks, the same under the same key; or say why not."""
    known = await must_have_stepped_up(request)
    async with visiting(request, chapter_id) as visit:
        person = must_be_present(visit)
    held = person.holds or Membership(chapter_id, person.log_id, person.member)
    address = addresses.address_for(known.data_key, chapter_id, key)
    mark = addresses.mark_of(known.data_key, chapter_id)
    today = visit.node.clock.now().date()
    async with writing(visit.node.engine) as unit:
        kept = await addresses.make(unit, visit.line.log, address, mark, held, today)
    return address if kept else Refusal(TOO_MANY, {"most": MOST})


@post("/c/{chapter_id:str}/feeds/end")
async def end(request: Asked, chapter_id: FromPath[str]) -> Page:
    """End one of one's own secret addresses at once."""
    form = await read_form(request, ADDRESS)
    said = await ended(request, chapter_id, form.value("address"))
    text = _("The address is ended.") if said else _("This address works no more already.")
    return see_other(request, f"/c/{chapter_id}/feeds", text)


async def ended(request: Asked, chapter_id: str, address: str) -> bool:
    """End one of one's own addresses by its hash; False where there is none."""
    known = await must_be_signed_in(request)
    try:
        digest = bytes.fromhex(address)
    except ValueError as error:
        raise NotFoundException from error
    # Who left the chapter may still end theirs, so nobody is asked who they are there.
    mark = addresses.mark_of(known.data_key, chapter_id)
    async with writing(node_of(request).engine) as unit:
        return await addresses.end(unit, mark, digest)


def hrefs(origin: str, address: str) -> tuple[str, str]:
    """Return the full addresses of the feed and of the calendar at a secret address."""
    return f"{origin}/feeds/{address}/{ATOM}", f"{origin}/feeds/{address}/{CALENDAR}"


def _page(visit: ChapterVisit, form: Form, found: Sequence[Address], address: str = "") -> Page:
    settings: Settings = visit.request.app.state["settings"]
    origin = settings.base_url
    lang = f"?lang={reader().language}"
    made_now: tuple[Any, ...] = ()
    if address:
        made_now = tuple(one + lang for one in hrefs(origin, address))
    return chapter_page(
        visit,
        "chapters/feeds.html",
        "chapter",
        status=200 if form.ok else 422,
        form=form,
        made=made_now,
        listed=[(one.hash.hex(), one.until.isoformat()) for one in found],
        feed=f"{origin}{visit.path}/{ATOM}{lang}",
        calendar=f"{origin}{visit.path}/{CALENDAR}{lang}",
        public=visit.line.visibility == "world",
        days=DAYS,
        most=MOST,
    )


HANDLERS: Final[Sequence[HTTPRouteHandler]] = (
    news,
    dates,
    secret_news,
    secret_dates,
    show,
    make,
    end,
)


def router() -> Router:
    """Return the routes of feeds, to be mounted at the root of a node."""
    return Router("/", route_handlers=list(HANDLERS), include_in_schema=False)
