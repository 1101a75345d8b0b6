"""The pages on which people ask for all their data, and fetch it once it is ready."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final

from litestar import Request, Response, get, post

from civic.kernel.database import reading, writing
from civic.kernel.web.dates import day_in_words
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, pages_of, render, see_other
from identity import exports, own_data, passphrase
from identity.own_data import Part
from identity.sessions import SignedIn
from identity.sign_in_form import AGAIN
from identity.step_up import must_have_stepped_up
from identity.web import limits_as_problems, must_be_signed_in, private_of

Asked = Request[Any, Any, Any]
Page = Response[bytes]
Gathering = Callable[[SignedIn], Awaitable[Sequence[Part]]]
"""What other domains hold of a person, gathered while they wait."""

PATH: Final = "/account/export"
FILE_NAME: Final = "civic-account.sealed"
_PASSPHRASE: Final = Field("passphrase", "a passphrase for the file", Kind.SECRET, most=1000)
_REPEATED: Final = Field("repeated", "the passphrase a second time", Kind.SECRET, most=1000)


@get(PATH)
async def show(request: Asked) -> Page:
    """Say what the copy holds and how things stand."""
    await must_have_stepped_up(request)
    return await _page(request, blank(_PASSPHRASE, _REPEATED))


@post(PATH)
async def ask(request: Asked) -> Page:
    """Ask for the copy."""
    me = await must_have_stepped_up(request)
    side = private_of(request)
    async with writing(side.engine) as unit:
        day = await exports.ask(unit, me, side.clock.now())
    said = _("Your data can be fetched from %(day)s on. All your devices have been told.")
    return see_other(request, PATH, said % {"day": day_in_words(day)})


@post(PATH + "/cancel")
async def cancel(request: Asked) -> Page:
    """Forget that somebody asked; needs no step-up, so that it is done at once."""
    me = await must_be_signed_in(request)
    async with writing(private_of(request).engine) as unit:
        await exports.cancel(unit, me.account_id)
    return see_other(request, "/account", _("Nobody can fetch your data now."))


def fetch_handler(gathering: Gathering) -> Any:
    """Return the handler that hands out the copy; `gathering` adds what other domains hold."""

    @post(PATH + "/fetch", status_code=200)
    async def fetch(request: Asked) -> Page:
        """Gather everything, seal it under a passphrase, and hand it out this once."""
        me = await must_have_stepped_up(request)
        side = private_of(request)
        now = side.clock.now()
        form = await read_form(request, _PASSPHRASE, _REPEATED)
        form = _checked(form)
        if not form.ok:
            return await _page(request, form)
        async with reading(side.engine) as unit:
            if not await exports.is_ready(unit, me.account_id, now):
                return _nothing(request)
            parts = await own_data.of_account(unit, me, now)
        parts = [*parts, *await gathering(me)]
        pages = pages_of(request)
        view = {"parts": parts, "day": now.date()}
        files = {
            own_data.JSON: own_data.as_json(parts, now.date()),
            own_data.PAGE: pages.page_bytes("identity/own_data.html", pages.bare_frame(), view),
        }
        typed = passphrase.normalise(form.value("passphrase"))
        with limits_as_problems():
            sealed = await side.hasher.run(partial(own_data.seal_copy, typed, files))
        # Used up once it is made, so that a busy node costs nobody their copy, and before it is
        # handed out: of two who fetch at once one has it.
        async with writing(side.engine) as unit:
            if not await exports.take(unit, me, now):
                return _nothing(request)
        return Response(
            sealed,
            media_type="application/octet-stream",
            headers={
                "cache-control": NO_STORE,
                "content-disposition": f'attachment; filename="{FILE_NAME}"',
            },
        )

    return fetch


def handlers(gathering: Gathering) -> list[Any]:
    """Return the handlers of these pages."""
    return [show, ask, cancel, fetch_handler(gathering)]


def _nothing(request: Asked) -> Page:
    return see_other(request, PATH, _("There is nothing to fetch."), "bad")


def _checked(form: Form) -> Form:
    typed = form.value("passphrase")
    if form.ok and form.value("repeated") != typed:
        form = form.with_error("repeated", _("The two passphrases are not the same"))
    if typed and not passphrase.strength(typed).enough:
        no = _("This passphrase would be guessed too soon: who guesses it reads everything")
        form = form.with_error("passphrase", no)
    return form


async def _page(request: Asked, form: Form) -> Page:
    me = await must_be_signed_in(request)
    side = private_of(request)
    async with reading(side.engine) as unit:
        day = await exports.ready_day(unit, me.account_id)
    return render(
        request,
        "identity/export.html",
        status=200 if form.ok else AGAIN,
        cache=NO_STORE,
        form=form,
        day=day,
        ready=day is not None and day <= side.clock.now().date(),
        offered=exports.OFFERED_DAYS,
        file=FILE_NAME,
    )
