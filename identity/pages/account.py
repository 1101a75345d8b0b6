"""The pages of an account: its name, its sessions, and its end."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from litestar import Request, Response, get, post

from civic.kernel.database import Writing, reading, writing
from civic.kernel.web import last_seen
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, render, see_other
from identity import (
    accounts,
    authenticators,
    browsers,
    devices,
    everywhere,
    notices,
    sessions,
)
from identity.holdings import holdings
from identity.recovery import guardians, requests
from identity.step_up import must_have_stepped_up
from identity.vault import Vault, lock_vault
from identity.web import (
    browser_cookie,
    must_be_signed_in,
    private_of,
    spent_session_cookie,
    token_of,
)

Asked = Request[Any, Any, Any]
Page = Response[bytes]
Afterwards = Callable[[], Awaitable[None]]
Going = Callable[[Writing, Vault], Awaitable[Afterwards]]
Departing = Callable[[Asked, Vault, str, bool], Awaitable[Going]]
"""What has to be done where an account goes, such as leaving its chapters.

Called with the request, the vault, the key of the form, and whether the person wants their words
erased; what it returns is called with the vault as it stands, in the transaction that deletes the
account: there it keeps what is to be done, and returns how to do it.
"""

_DEVICE: Final = Field("device", "the session", most=64)
_WORDS: Final = Field("words", "what becomes of your words", Kind.CHOICE, choices=("keep", "erase"))
_SURE: Final = Field("sure", "I want to delete my account", Kind.TICK)


@get("/account")
async def account(request: Asked) -> Page:
    """Show a person their sign-in name, their ways to sign in, and where they are signed in."""
    me = await must_be_signed_in(request)
    async with reading(private_of(request).engine) as unit:
        signed_in = await devices.listed(unit, me)
        own = await authenticators.listed(unit, me)
        recovery = await requests.standing(unit, me.account_id)
        held = await holdings(unit, me.account_id, private_of(request).clock.now().date())
    rows = [
        {
            "id": device.id_hash.hex(),
            "here": device.id_hash == me.id_hash,
            "name": device.name,
            "month": device.created.strftime("%Y-%m"),
            "last_used": device.last_used.isoformat(),
        }
        for device in signed_in
    ]
    return render(
        request,
        "identity/account.html",
        cache=NO_STORE,
        name=me.vault.name,
        devices=rows,
        authenticators=own,
        recovery=recovery,
        known=held.browsers,
        guardians=len(me.vault.guardians),
        held=held,
        chapters=len(me.vault.memberships),
    )


@post("/account/name")
async def swap_name(request: Asked) -> Page:
    """Give another sign-in name in place of the present one, and tell all other devices."""
    me = await must_have_stepped_up(request)
    side = private_of(request)
    async with writing(side.engine) as unit:
        await accounts.swap_name(unit, side.keys, me)
        now = side.clock.now()
        await notices.tell(unit, me.account_id, notices.NAME_SWAPPED, now, but=me.id_hash)
    done = _("You have a new sign-in name. The old one no longer works: write the new one down.")
    return see_other(request, "/account", done)


@post("/account/devices/end")
async def end_device(request: Asked) -> Page:
    """Sign out one browser or program of one's own: another one than this after a fresh factor."""
    me = await must_be_signed_in(request)
    form = await read_form(request, _DEVICE)
    try:
        session_hash = bytes.fromhex(form.value("device"))
    except ValueError:
        session_hash = b""
    if session_hash != me.id_hash:
        await must_have_stepped_up(request)
    async with writing(private_of(request).engine) as unit:
        await sessions.end_one(unit, me.account_id, session_hash)
    if session_hash == me.id_hash:
        return _signed_out(request, _("You are signed out."))
    return see_other(request, "/account", _("That session has ended."))


@post("/account/sign-out-everywhere")
async def sign_out_everywhere(request: Asked) -> Page:
    """End all that is open of one's own: sessions, tokens, unused links, secret addresses."""
    me = await must_have_stepped_up(request)
    side = private_of(request)
    async with writing(side.engine) as unit:
        await everywhere.end_all(unit, side, me.account_id, me.data_key)
    return _signed_out(request, _("You are signed out everywhere."))


@post("/account/browsers/forget")
async def forget_browsers(request: Asked) -> Page:
    """Forget all browsers in which one signed in before; they stay signed in where they are."""
    me = await must_be_signed_in(request)
    async with writing(private_of(request).engine) as unit:
        await browsers.forget_all(unit, me.account_id)
    page = see_other(request, "/account", _("No browser is known any more."))
    page.cookies.append(browser_cookie(request, ""))
    return page


@get("/account/delete")
async def ask_to_delete(request: Asked) -> Page:
    """Say what deleting an account means."""
    await must_have_stepped_up(request)
    return _delete_page(request, blank(_WORDS, _SURE))


def delete_handler(departing: Departing) -> Any:
    """Return the handler that deletes an account; `departing` says what else goes with it."""

    @post("/account/delete", status_code=200)
    async def delete(request: Asked) -> Page:
        """Delete one's account, at most five minutes after signing in with all factors."""
        me = await must_have_stepped_up(request)
        side = private_of(request)
        form = await read_form(request, _WORDS, _SURE)
        if not form.ok:
            return _delete_page(request, form)
        erase = form.value("words") == "erase"
        going = await departing(request, me.vault, form.key, erase)
        # One transaction: either nothing happened, or the account is gone and all else will be.
        async with writing(side.engine) as unit:
            vault = await lock_vault(unit, me.account_id, me.data_key)
            # No row of these names the account, so they would not go with it.
            await guardians.forget(unit, vault.asked)
            await side.end_opened(unit, me.data_key, vault)
            afterwards = await going(unit, vault)
            await accounts.delete_account(unit, me.account_id)
        await afterwards()
        page = _signed_out(request, _("Your account is deleted."))
        page.cookies.append(browser_cookie(request, ""))
        return page

    return delete


@post("/sign-out")
async def sign_out(request: Asked) -> Page:
    """End this browser's session."""
    token = token_of(request)
    if token is not None:
        async with writing(private_of(request).engine) as unit:
            await sessions.end(unit, token)
    return _signed_out(request, _("You are signed out."))


def handlers(departing: Departing) -> list[Any]:
    """Return the handlers of these pages."""
    own = [account, swap_name, end_device, sign_out, sign_out_everywhere, forget_browsers]
    return [*own, ask_to_delete, delete_handler(departing)]


def _delete_page(request: Asked, form: Form) -> Page:
    status = 200 if form.ok else 422
    return render(request, "identity/delete.html", status=status, cache=NO_STORE, form=form)


def _signed_out(request: Asked, said: str) -> Page:
    response = see_other(request, "/", said)
    response.cookies += [spent_session_cookie(request), last_seen.forgotten(request)]
    return response
