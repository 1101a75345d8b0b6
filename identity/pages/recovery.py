"""Where somebody who is signed in prepares for losing every way in: the recovery sheet."""

from typing import Any, Final

from litestar import Request, Response, get, post

from civic.kernel.database import reading
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, pages_of, render, see_other
from identity.pages.newcomers import TICKET
from identity.recovery import guardians, requests, sheet
from identity.recovery.sheet import Sheet, WrongCodes
from identity.recovery.sheet_texts import SHEET_TEXTS
from identity.sign_in_form import AGAIN
from identity.step_up import must_have_stepped_up, ways_of
from identity.tickets import TicketOver
from identity.web import chapter_names, must_be_signed_in, private_of

Asked = Request[Any, Any, Any]
Page = Response[bytes]

PATH: Final = "/account/recovery"
LANGUAGE: Final = Field(
    "language", "a language", Kind.CHOICE, required=False, choices=tuple(SHEET_TEXTS)
)
_DRAWN: Final = Field("ticket", "the form", required=False, most=TICKET.most)
_FIRST: Final = Field("first_code", "the first code", most=100)
_SECOND: Final = Field("second_code", "the second code", most=100)


@get(PATH)
async def overview(request: Asked) -> Page:
    """Show by what an account can be brought back."""
    me = await must_be_signed_in(request)
    side, held = private_of(request), me.vault
    async with reading(side.engine) as unit:
        standing = await requests.standing(unit, me.account_id)
        asked = await guardians.asked(unit, side.keys, held) if held.asked else []
        waiting = await guardians.waiting(unit, side.keys, held) if held.memberships else []
    chapters = [one.chapter_id for one in held.memberships]
    return render(
        request,
        "identity/recovery.html",
        cache=NO_STORE,
        left=standing.codes_left,
        codes=sheet.CODES,
        requests=standing.requests,
        guardians=held.guardians,
        asked=asked,
        ready=bool(asked) and all(one.state == "yes" for one in asked),
        waiting=waiting,
        guarding=held.guarding,
        chapters=chapters,
        names=await chapter_names(request, chapters),
    )


@post(f"{PATH}/sheet", status_code=200)
async def show_sheet(request: Asked) -> Page:
    """Show a new sheet, or one that is not confirmed yet in another language."""
    me = await must_have_stepped_up(request)
    side = private_of(request)
    form = await read_form(request, _DRAWN, LANGUAGE)
    language = form.value("language") if form.ok else ""
    try:
        ticket = form.value("ticket")
        drawn = sheet.shown_again(side, me, ticket) if ticket else sheet.draw(side, me)
    except TicketOver:
        return _over(request)
    chosen = language or pages_of(request).frame(request).lang
    lang = chosen if chosen in SHEET_TEXTS else "en"
    return render(
        request,
        "identity/sheet.html",
        cache=NO_STORE,
        form=blank(_DRAWN, LANGUAGE, ticket=drawn.ticket, language=lang),
        languages=[(tag, one.language) for tag, one in SHEET_TEXTS.items()],
        lang=lang,
        texts=SHEET_TEXTS[lang],
        codes=drawn.codes,
        name=me.vault.name,
        address=pages_of(request).site.origin + "/recover",
        month=side.clock.now().strftime("%Y-%m"),
    )


@post(f"{PATH}/sheet/written", status_code=200)
async def written(request: Asked) -> Page:
    """Ask for two of the codes, so that a sheet counts only when it is at hand."""
    me = await must_have_stepped_up(request)
    form = await read_form(request, TICKET)
    try:
        drawn = sheet.shown_again(private_of(request), me, form.value("ticket"))
    except TicketOver:
        return _over(request)
    return _confirm_page(request, blank(TICKET, _FIRST, _SECOND, ticket=drawn.ticket), drawn)


@post(f"{PATH}/sheet/confirm", status_code=200)
async def confirm(request: Asked) -> Page:
    """Put the sheet in force once two of its codes were typed in."""
    me = await must_have_stepped_up(request)
    side = private_of(request)
    form = await read_form(request, TICKET, _FIRST, _SECOND)
    try:
        drawn = sheet.shown_again(side, me, form.value("ticket"))
        if not form.ok:
            return _confirm_page(request, form, drawn)
        await sheet.confirm(
            side, me, drawn.ticket, form.value("first_code"), form.value("second_code")
        )
    except WrongCodes:
        wrong = form.with_error("first_code", _("These are not the two codes on the sheet"))
        return _confirm_page(request, wrong, drawn)
    except TicketOver:
        return _over(request)
    return see_other(request, PATH, _("Your recovery sheet is in force. Put it in a safe place."))


@get(f"{PATH}/seed")
async def take_seed(request: Asked) -> Page:
    """Let the browser take the seed of a sheet; to keep it anew asks for a fresh factor."""
    me = await must_have_stepped_up(request)
    ways = await ways_of(request, me)
    return render(request, "identity/seed.html", cache=NO_STORE, ways=ways)


def handlers() -> list[Any]:
    """Return the handlers of these pages."""
    return [overview, show_sheet, written, confirm, take_seed]


def _confirm_page(request: Asked, form: Form, drawn: Sheet) -> Page:
    first, second = drawn.asked
    return render(
        request,
        "identity/sheet_confirm.html",
        status=200 if form.ok else AGAIN,
        cache=NO_STORE,
        form=form,
        first=first,
        second=second,
    )


def _over(request: Asked) -> Page:
    over = _("That took too long, or the sheet is in force already. What was before still counts.")
    return see_other(request, PATH, over, "note")
