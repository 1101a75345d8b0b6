"""The page of one signed-in browser or program, and what all of them have to tell their person."""

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from civic.kernel.database import reading, writing
from civic.kernel.web.forms import Field, Form, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, render, see_other
from identity import devices, notices, own_names
from identity.devices import Device
from identity.sessions import SignedIn
from identity.sign_in_form import AGAIN
from identity.web import must_be_signed_in, private_of

Asked = Request[Any, Any, Any]
Page = Response[bytes]

_NAME: Final = Field("own_name", "a name", required=False, most=own_names.LONGEST)


@get("/account/devices/{device:str}")
async def one(request: Asked, device: FromPath[str]) -> Page:
    """Show one's browser or program."""
    me = await must_be_signed_in(request)
    found = await _own(request, me, device)
    return _page(request, me, blank(_NAME, own_name=found.name), found)


@post("/account/devices/{device:str}/name", status_code=200)
async def rename(request: Asked, device: FromPath[str]) -> Page:
    """Give one's browser or program a name that only oneself can read."""
    me = await must_be_signed_in(request)
    found = await _own(request, me, device)
    form = await read_form(request, _NAME)
    if not form.ok:
        return _page(request, me, form, found)
    async with writing(private_of(request).engine) as unit:
        await devices.rename(unit, me, found.id_hash, form.value("own_name"))
    return see_other(request, "/account", _("It has its new name."))


@post("/account/notices/seen")
async def seen(request: Asked) -> Page:
    """Put away what this browser had to tell."""
    me = await must_be_signed_in(request)
    async with writing(private_of(request).engine) as unit:
        await notices.seen(unit, me.id_hash)
    return see_other(request, "/account")


def handlers() -> list[Any]:
    """Return the handlers of these pages."""
    return [one, rename, seen]


async def _own(request: Asked, me: SignedIn, wanted: str) -> Device:
    async with reading(private_of(request).engine) as unit:
        for found in await devices.listed(unit, me):
            if found.id_hash.hex() == wanted:
                return found
    raise NotFoundException


def _page(request: Asked, me: SignedIn, form: Form, found: Device) -> Page:
    return render(
        request,
        "identity/device.html",
        status=200 if form.ok else AGAIN,
        cache=NO_STORE,
        form=form,
        device=found,
        here=found.id_hash == me.id_hash,
    )
