"""The digest as a page, and the pages of subscriptions by mail, which need no account."""

import base64
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec
from litestar import Router, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from civic import publication
from civic.digest import subscriptions
from civic.digest.subscriptions import Kept, MailKeys, Subscription, read_address
from civic.digest.telling import Window, digest
from civic.kernel.clock import minute_of
from civic.kernel.database import reading, writing
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import LANGUAGES, N_, Reader, _, reader, reading_as, zones
from civic.kernel.web.language import zone_of as zone_named
from civic.kernel.web.pages import NO_STORE, render, see_other
from civic.membership import node_of
from civic.pages.visit import Asked, Page
from deliberation import queries as matter_queries
from deliberation.queries import Deciding
from identity import lanes, limits
from identity.web import must_be_signed_in

LATELY: Final = 7
"""Days for which the page tells what was decided."""
MOST: Final = 100
"""Chapters of one subscription."""
ADDRESS: Final = Field("address", N_("your e-mail address"), most=254)


@get("/digest")
async def show(request: Asked) -> Page:
    """Show what one's own chapters decide, as the mail tells it of public ones."""
    known = await must_be_signed_in(request)
    node = node_of(request)
    now = node.clock.now()
    minute = minute_of(now)
    members = [one.member_id for one in known.vault.memberships]
    async with reading(node.engine) as db:
        # Who only asked to join has the chapter in their vault, too.
        inside = await matter_queries.network(db, 1, members) if members else []
        own = [one.chapter.chapter_id for one in inside]
        pages = await publication.feeds(db, own, minute, members=True)
    window = Window(minute - int(timedelta(days=LATELY).total_seconds()) // 60, minute)
    told = digest(pages, now, window)
    settings = request.app.state["settings"]
    return render(
        request, "digest/digest.html", cache=NO_STORE, digest=told, mails=bool(settings.smtp_url)
    )


def _must_send(request: Asked) -> None:
    if not request.app.state["settings"].smtp_url:
        raise NotFoundException


async def _cards(request: Asked) -> list[Deciding]:
    node = node_of(request)
    async with reading(node.engine) as db:
        return await publication.cards(db, minute_of(node.clock.now()))


def _chapters_field(cards: Sequence[Deciding]) -> Field:
    offered = tuple(one.chapter.chapter_id for one in cards)
    return Field("chapters", N_("chapters"), Kind.CHOICES, least=1, most=MOST, choices=offered)


def _options(cards: Sequence[Deciding]) -> list[tuple[str, str, str]]:
    return [(one.chapter.chapter_id, one.chapter.name.text or "", "") for one in cards]


@get("/mail")
async def begin(request: Asked) -> Page:
    """Offer mails about the chapters of this node."""
    _must_send(request)
    cards = await _cards(request)
    return _begin(request, blank(ADDRESS, _chapters_field(cards)), cards)


def _begin(request: Asked, form: Form, cards: Sequence[Deciding], status: int = 200) -> Page:
    return render(
        request, "digest/begin.html", status=status, cache=NO_STORE, form=form,
        options=_options(cards),
    )  # fmt: skip


@post("/mail", status_code=200)
async def ask(request: Asked) -> Page:
    """Let a link be sent; the answer is the same whether the address is known or not."""
    _must_send(request)
    cards = await _cards(request)
    form = await read_form(request, ADDRESS, _chapters_field(cards))
    address = read_address(form.value("address"))
    if address is None and not form.error("address"):
        form = form.with_error("address", _("Enter an address such as name@example.org"))
    if not form.ok or address is None:
        return _begin(request, form, cards, 422)
    node = node_of(request)
    now = node.clock.now()
    own = MailKeys.of(node.key_files)
    try:
        async with writing(node.engine) as unit:
            await lanes.take_place(unit, lanes.MAIL, now)
    except lanes.LaneFull:
        form = form.with_error("", _("Many people ask for mails just now. Try again in a minute."))
        return _begin(request, form, cards, 429)
    who = reader()
    wanted = Subscription(address, form.values("chapters"), who.language, who.zone, _secret())
    try:
        await limits.take(node.engine, limits.MAIL_LINK, own.box(address), now)
        mail = True
    except limits.Limited:
        mail = False
    async with writing(node.engine) as unit:
        await subscriptions.ask(unit, own, wanted, now.date(), mail=mail)
    return render(request, "digest/asked.html", cache=NO_STORE, days=subscriptions.KEPT)


def _secret() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()


@get(["/mail/{secret:str}", "/mail/{secret:str}/end"])
async def look(request: Asked, secret: FromPath[str]) -> Page:
    """Show a subscription to whoever has the link from its mails."""
    kept = await _found(request, secret)
    cards = await _cards(request)
    own = kept.subscription
    offered = {one.chapter.chapter_id for one in cards}
    chosen = tuple(one for one in own.chapters if one in offered)
    form = blank(*_fields(cards), chapters=chosen, language=own.language, zone=own.zone)
    return _look(request, kept, form, cards)


async def _found(request: Asked, secret: str) -> Kept:
    node = node_of(request)
    async with reading(node.engine) as db:
        kept = await subscriptions.found(db, MailKeys.of(node.key_files), secret)
    if kept is None:
        raise NotFoundException
    return kept


def _fields(cards: Sequence[Deciding]) -> tuple[Field, ...]:
    return (
        _chapters_field(cards),
        Field("language", N_("a language"), Kind.CHOICE, choices=tuple(LANGUAGES)),
        Field("zone", N_("a time zone"), Kind.CHOICE, choices=tuple(zones())),
    )


def _look(request: Asked, kept: Kept, form: Form, cards: Sequence[Deciding]) -> Page:
    # In the language that the mail had, whatever this browser asks for.
    own = kept.subscription
    with reading_as(Reader(own.language if own.language in LANGUAGES else "en", own.zone)):
        return render(
            request,
            "digest/subscription.html",
            status=200 if form.ok else 422,
            cache=NO_STORE,
            form=form,
            options=_options(cards),
            languages=[(one.tag, one.name) for one in LANGUAGES.values()],
            zones=[(one, one) for one in zones()],
            secret=own.secret,
            confirmed=kept.confirmed,
        )


@post("/mail/{secret:str}")
async def keep(request: Asked, secret: FromPath[str]) -> Page:
    """Begin a subscription, or change it."""
    kept = await _found(request, secret)
    cards = await _cards(request)
    form = await read_form(request, *_fields(cards))
    if not form.ok:
        return _look(request, kept, form, cards)
    node = node_of(request)
    changed = msgspec.structs.replace(
        kept.subscription,
        chapters=form.values("chapters"),
        language=form.value("language"),
        zone=form.value("zone"),
    )
    today = node.clock.now().astimezone(zone_named(changed.zone)).date()
    async with writing(node.engine) as unit:
        await subscriptions.keep(unit, MailKeys.of(node.key_files), kept.mark, changed, today)
    said = _("Kept. A mail comes once a day at most, in the morning, when there is something new.")
    return see_other(request, f"/mail/{secret}", said)


@post("/mail/{secret:str}/end", status_code=200)
async def end(request: Asked, secret: FromPath[str]) -> Page:
    """Erase a subscription; programs that show mails ask so too, without a form (RFC 8058)."""
    async with writing(node_of(request).engine) as unit:
        await subscriptions.erase(unit, secret)
    return render(request, "digest/ended.html", cache=NO_STORE)


HANDLERS: Final[Sequence[HTTPRouteHandler]] = (show, begin, ask, look, keep, end)


def router() -> Router:
    """Return the routes of the digest, to be mounted at the root of a node."""
    handlers: list[Any] = list(HANDLERS)
    return Router("/", route_handlers=handlers, include_in_schema=False)
