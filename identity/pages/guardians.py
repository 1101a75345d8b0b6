"""Pages of guardians: for those who have some, those who are some, and those who need them."""

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from civic.kernel.database import writing
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, render, see_other
from identity.pages.newcomers import REPEATED, TICKET
from identity.pages.recovering import factors_page
from identity.pages.recovery import PATH
from identity.recovery import guardians, requests
from identity.recovery.guardians import NotAll
from identity.sessions import SignedIn
from identity.sign_in_form import AGAIN, NAME, PASSPHRASE, TURN, WORK, crowded_text, shown_by
from identity.step_up import must_have_stepped_up
from identity.trying import Crowded, Standing
from identity.vault import Guarding
from identity.web import limits_as_problems, must_be_signed_in, private_of, signed_in

Asked = Request[Any, Any, Any]
Page = Response[bytes]

_INVITATION: Final = Field("invitation", "the invitation", most=32)
_AGREE: Final = Field("agree", "your answer", Kind.CHOICE, choices=("yes", "no"))
_SHORT: Final = Field("short_code", "the code that they told you", most=100)
_MET: Final = Field("met", "I have spoken with them and know that it is them", Kind.TICK)
_LONG: Final = Field("long_code", "your own code", most=100)


@post(f"{PATH}/guardians/settle", status_code=200)
async def settle(request: Asked) -> Page:
    """Give the three who agreed their shares."""
    me = await must_have_stepped_up(request)
    await read_form(request)
    try:
        await guardians.settle(private_of(request), me)
    except NotAll:
        return see_other(request, PATH, _("Not all three have agreed yet."), "note")
    return see_other(request, PATH, _("Your guardians are set. Any two of them can help you."))


@post(f"{PATH}/guardians/drop", status_code=200)
async def drop(request: Asked) -> Page:
    """Have no guardians any more."""
    me = await must_have_stepped_up(request)
    await read_form(request)
    await guardians.drop(private_of(request), me)
    return see_other(request, PATH, _("You have no guardians any more, and nobody is asked."))


@post(f"{PATH}/stop", status_code=200)
async def stop(request: Asked) -> Page:
    """Stop whoever asks to be let into one's account, with a fresh factor.

    Whoever has a stolen cookie alone could otherwise keep the account's person out for ever.
    """
    me = await must_have_stepped_up(request)
    await read_form(request)
    async with writing(private_of(request).engine) as unit:
        stopped = await requests.stop(unit, me.account_id)
    if not stopped:
        return see_other(request, "/account", _("Nobody is asking now."), "note")
    return see_other(request, "/account", _("It is stopped. Nobody gets in that way."))


@post(f"{PATH}/guarding/answer", status_code=200)
async def answer(request: Asked) -> Page:
    """Agree to be a guardian, or not."""
    me = await must_be_signed_in(request)
    form = await read_form(request, _INVITATION, _AGREE)
    agree = form.value("agree") == "yes"
    own = _id_of(form.value("invitation"))
    if not form.ok or not await guardians.answer(private_of(request), me, own, agree=agree):
        return see_other(request, PATH, _("This invitation is over."), "note")
    if not agree:
        return see_other(request, PATH, _("You are not a guardian. Tell them, so they ask others."))
    thanks = _("Thank you. You can help as soon as the other two have agreed and they finish it.")
    return see_other(request, PATH, thanks)


@get(f"{PATH}/guarding/{{own:str}}")
async def help_them(request: Asked, own: FromPath[str]) -> Page:
    """Ask a guardian for the code that somebody told them."""
    me = await must_have_stepped_up(request)
    return _help_page(request, blank(_SHORT, _MET), _guarded(me, own))


@post(f"{PATH}/guarding/{{own:str}}", status_code=200)
async def helped(request: Asked, own: FromPath[str]) -> Page:
    """Take the code, and a guardian's word that they know who told it."""
    me = await must_have_stepped_up(request)
    one = _guarded(me, own)
    form = await read_form(request, _SHORT, _MET)
    if not form.ok:
        return _help_page(request, form, one)
    with limits_as_problems():
        given = await requests.agree(
            private_of(request), me, one.invitation, form.value("short_code")
        )
    if given is None:
        no = _("This code is not theirs, or it is over. Ask them to read it to you again.")
        return _help_page(request, form.with_error("short_code", no), one)
    if given == "first":
        return see_other(request, PATH, _("Thank you. One more guardian has to agree."))
    said = _("Thank you. Two guardians have agreed: in 72 hours they can set a new way to sign in.")
    return see_other(request, PATH, said)


@post(f"{PATH}/guarding/{{own:str}}/end", status_code=200)
async def end_guarding(request: Asked, own: FromPath[str]) -> Page:
    """Stop being somebody's guardian."""
    me = await must_have_stepped_up(request)
    await read_form(request)
    await guardians.stop_guarding(private_of(request), me, _guarded(me, own).invitation)
    return see_other(
        request, PATH, _("You can no longer help them. Tell them, so they ask others.")
    )


@get("/recover/guardians")
async def ask(request: Asked) -> Page:
    """Ask whose guardians are to help."""
    await signed_in(request)
    return _ask_page(request, blank(NAME), blank(_LONG))


@post("/recover/guardians", status_code=200)
async def asked(request: Asked) -> Page:
    """Give two codes to whoever asks, whether or not there is such an account."""
    await signed_in(request)
    form = await read_form(request, NAME, TURN, WORK)
    if not form.ok:
        return _ask_page(request, form, blank(_LONG))
    try:
        given = await requests.ask(private_of(request), form.value("name"), shown_by(request, form))
    except Crowded as crowded:
        form = form.with_error("", crowded_text(crowded.standing))
        page = _ask_page(request, form, blank(_LONG), status=429, standing=crowded.standing)
        page.headers["retry-after"] = str(crowded.retry_after)
        return page
    return render(request, "identity/guardians_asked.html", cache=NO_STORE, given=given)


@post("/recover/guardians/back", status_code=200)
async def come_back(request: Asked) -> Page:
    """Let in whoever has waited long enough; whatever else was typed, the answer is the same."""
    await signed_in(request)
    form = await read_form(request, _LONG)
    if not form.ok:
        return _ask_page(request, blank(NAME), form)
    with limits_as_problems():
        ticket = await requests.come_back(private_of(request), form.value("long_code"))
    if ticket is None:
        not_yet = _(
            "This code lets nobody in now. Two guardians have to agree, then 72 hours pass; "
            "whoever is signed in to the account can stop it meanwhile."
        )
        return _ask_page(request, blank(NAME), form.with_error("long_code", not_yet))
    return factors_page(request, blank(TICKET, PASSPHRASE, REPEATED, ticket=ticket))


def handlers() -> list[Any]:
    """Return the handlers of these pages."""
    return [
        settle, drop, stop, answer, help_them, helped, end_guarding, ask, asked, come_back,
    ]  # fmt: skip


def _id_of(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _guarded(me: SignedIn, own: str) -> Guarding:
    for one in me.vault.guarding:
        if one.invitation.hex() == own:
            return one
    raise NotFoundException


def _help_page(request: Asked, form: Form, one: Guarding) -> Page:
    return render(
        request,
        "identity/guarding.html",
        status=200 if form.ok else AGAIN,
        cache=NO_STORE,
        form=form,
        who=one.who,
        own=one.invitation.hex(),
        path=PATH,
    )


def _ask_page(
    request: Asked,
    form: Form,
    back: Form,
    *,
    status: int = AGAIN,
    standing: Standing | None = None,
) -> Page:
    return render(
        request,
        "identity/recover_guardians.html",
        status=200 if form.ok and back.ok else status,
        cache=NO_STORE,
        standing=standing,
        form=back if not back.ok else form,
        asking=form,
        back=back,
    )
