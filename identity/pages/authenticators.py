"""The pages on which people look after their ways to sign in; changes need a fresh factor."""

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from civic.kernel.database import reading, writing
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, render, see_other
from identity import adding, authenticators, key_box, notices, openings, own_names
from identity.authenticators import Authenticator, LastOne
from identity.pages.newcomers import REPEATED, TICKET, WEAK, enrol_page
from identity.passphrase import Strength
from identity.sessions import SignedIn
from identity.sign_in_form import AGAIN, CODE, PASSPHRASE
from identity.signing_up import Enrolment, TooWeak, WrongCode
from identity.step_up import may_add_authenticator, must_have_stepped_up
from identity.tickets import TicketOver
from identity.web import limits_as_problems, must_be_signed_in, private_of

Asked = Request[Any, Any, Any]
Page = Response[bytes]

_NAME: Final = Field("own_name", "a name", required=False, most=own_names.LONGEST)
_SURE: Final = Field("sure", "I want to remove it", Kind.TICK)


@get("/account/authenticators/new")
async def another(request: Asked) -> Page:
    """Offer the ways to sign in that can be added."""
    me = await may_add_authenticator(request)
    async with reading(private_of(request).engine) as unit:
        has = await authenticators.ways(unit, me.account_id)
    return render(request, "identity/another.html", cache=NO_STORE, form=blank(_NAME), has=has)


@get("/account/passphrase")
async def new_passphrase(request: Asked) -> Page:
    """Ask for a passphrase, the first or another one."""
    await may_add_authenticator(request)
    return _passphrase_page(request, blank(PASSPHRASE, REPEATED))


@post("/account/passphrase", status_code=200)
async def take_passphrase(request: Asked) -> Page:
    """Take the passphrase and show the secret for the phone."""
    me = await may_add_authenticator(request)
    form = await read_form(request, PASSPHRASE, REPEATED)
    typed = form.value("passphrase")
    if typed and form.value("repeated") not in ("", typed):
        form = form.with_error("repeated", _("The two passphrases are not the same"))
    if not form.ok:
        return _passphrase_page(request, form)
    try:
        with limits_as_problems():
            enrolment = await adding.begin(private_of(request), me, typed)
    except TooWeak as weak:
        return _passphrase_page(request, form.with_error("passphrase", _(WEAK)), weak.strength)
    return _phone_page(request, blank(TICKET, CODE), enrolment)


@post("/account/passphrase/confirm", status_code=200)
async def confirm_phone(request: Asked) -> Page:
    """Set passphrase and phone once the phone's code is right."""
    me = await may_add_authenticator(request)
    side = private_of(request)
    form = await read_form(request, TICKET, CODE)
    ticket = form.value("ticket")
    try:
        enrolment = adding.shown_again(side, me, ticket)
        if not form.ok:
            return _phone_page(request, form, enrolment)
        await adding.confirm(side, me, ticket, form.value("code"))
    except WrongCode:
        wrong = form.with_error("code", _("This is not the code that your phone shows now"))
        return _phone_page(request, wrong, enrolment)
    except TicketOver:
        over = _("That took too long, or it was done already. Begin again.")
        return see_other(request, "/account/passphrase", over, "note")
    return see_other(request, "/account", _("Passphrase and phone are set."))


@get("/account/authenticators/{authenticator:str}")
async def one(request: Asked, authenticator: FromPath[str]) -> Page:
    """Show one way to sign in."""
    me = await must_be_signed_in(request)
    found, alone = await _own(request, me, authenticator)
    return _one_page(request, blank(_NAME, own_name=found.name), found, alone=alone)


@post("/account/authenticators/{authenticator:str}/name", status_code=200)
async def rename(request: Asked, authenticator: FromPath[str]) -> Page:
    """Give one's way to sign in another name."""
    me = await must_be_signed_in(request)
    found, alone = await _own(request, me, authenticator)
    form = await read_form(request, _NAME)
    if not form.ok:
        return _one_page(request, form, found, alone=alone)
    async with writing(private_of(request).engine) as unit:
        await authenticators.rename(unit, me, found.id, form.value("own_name"))
    return see_other(request, "/account", _("It has its new name."))


@get("/account/authenticators/{authenticator:str}/remove")
async def ask_to_remove(request: Asked, authenticator: FromPath[str]) -> Page:
    """Say what it means to remove a way to sign in."""
    me = await must_have_stepped_up(request)
    found, alone = await _own(request, me, authenticator)
    return _remove_page(request, blank(_SURE), found, alone=alone)


@post("/account/authenticators/{authenticator:str}/remove", status_code=200)
async def remove(request: Asked, authenticator: FromPath[str]) -> Page:
    """Remove one's way to sign in, unless it is the last, and tell all other devices."""
    me = await must_have_stepped_up(request)
    side = private_of(request)
    found, alone = await _own(request, me, authenticator)
    form = await read_form(request, _SURE)
    if not form.ok or alone:
        return _remove_page(request, form, found, alone=alone)
    try:
        async with writing(side.engine) as unit:
            await authenticators.remove(unit, me, found.id)
            way = openings.way_of(found.id)
            await key_box.drop(unit, me.account_id, way)
            now, kind = side.clock.now(), notices.AUTHENTICATOR_REMOVED
            await notices.tell(unit, me.account_id, kind, now, but=me.id_hash)
            # Behind what is told, so that those that end leave it to those that come.
            await openings.end(unit, me.account_id, me.data_key, way, but=me.id_hash)
    except LastOne:
        return _remove_page(request, form, found, alone=True)
    return see_other(request, "/account", _("It is removed and signs nobody in any more."))


def handlers() -> list[Any]:
    """Return the handlers of these pages."""
    return [
        another, new_passphrase, take_passphrase, confirm_phone, one, rename, ask_to_remove, remove,
    ]  # fmt: skip


async def _own(request: Asked, me: SignedIn, wanted: str) -> tuple[Authenticator, bool]:
    async with reading(private_of(request).engine) as unit:
        listed = await authenticators.listed(unit, me)
    for found in listed:
        if found.id == wanted:
            return found, len(listed) == 1
    raise NotFoundException


def _one_page(request: Asked, form: Form, found: Authenticator, *, alone: bool) -> Page:
    return render(
        request,
        "identity/authenticator.html",
        status=200 if form.ok else AGAIN,
        cache=NO_STORE,
        form=form,
        one=found,
        alone=alone,
    )


def _remove_page(request: Asked, form: Form, found: Authenticator, *, alone: bool) -> Page:
    return render(
        request,
        "identity/remove.html",
        status=200 if form.ok and not alone else AGAIN,
        cache=NO_STORE,
        form=form,
        one=found,
        alone=alone,
    )


def _passphrase_page(request: Asked, form: Form, judged: Strength | None = None) -> Page:
    return render(
        request,
        "identity/passphrase.html",
        status=200 if form.ok else AGAIN,
        cache=NO_STORE,
        form=form,
        judged=judged,
    )


def _phone_page(request: Asked, form: Form, enrolment: Enrolment) -> Page:
    return enrol_page(request, form, enrolment, "/account/passphrase/confirm")
