"""The pages of personal access tokens: made after a step-up, shown once, listed, revoked."""

from typing import Any, Final

from litestar import Request, Response, get, post

from civic.kernel.database import reading, writing
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import _, ngettext
from civic.kernel.web.pages import NO_STORE, render, see_other
from identity import access_tokens, notices, own_names, scopes
from identity.access_tokens import DAYS, TooMany
from identity.scopes import Scope
from identity.sign_in_form import AGAIN
from identity.step_up import must_have_stepped_up
from identity.web import must_be_signed_in, private_of

Asked = Request[Any, Any, Any]
Page = Response[bytes]

_NAME: Final = Field("own_name", "a name for it", most=own_names.LONGEST)
_MAY: Final = Field(
    "may", "what it may do", Kind.CHOICES, choices=tuple(Scope), least=1, most=len(Scope)
)
_DAYS: Final = Field(
    "days", "how long it works", Kind.CHOICE, choices=tuple(str(days) for days in DAYS)
)
_TOKEN: Final = Field("token", "the token", most=64)


@get("/account/tokens")
async def all_of_them(request: Asked) -> Page:
    """Show a person the tokens that work."""
    me = await must_be_signed_in(request)
    side = private_of(request)
    async with reading(side.engine) as unit:
        held = await access_tokens.held(unit, me, side.clock.now())
    rows = [
        {
            "id": one.id_hash.hex(),
            "name": one.name,
            "may": [_(scopes.WORDS[scope][0]) for scope in Scope if scope in one.scopes],
            "month": one.added_month,
            "last_used": one.last_used,
            "last_day": one.last_day,
        }
        for one in held
    ]
    return render(request, "identity/tokens.html", cache=NO_STORE, tokens=rows)


@get("/account/tokens/new")
async def ask(request: Asked) -> Page:
    """Ask what a token is to do, and for how long."""
    await must_have_stepped_up(request)
    return _form_page(request, blank(_NAME, _MAY, _DAYS, days="7", may=(Scope.READ,)))


@post("/account/tokens/new", status_code=200)
async def make(request: Asked) -> Page:
    """Make a token and show it, this once."""
    me = await must_have_stepped_up(request)
    form = await read_form(request, _NAME, _MAY, _DAYS)
    if not form.ok:
        return _form_page(request, form)
    side = private_of(request)
    now = side.clock.now()
    may = frozenset(Scope(scope) for scope in form.values("may"))
    days = int(form.value("days"))
    try:
        async with writing(side.engine) as unit:
            made = await access_tokens.make(unit, me, form.value("own_name"), may, days, now)
            await notices.tell(unit, me.account_id, notices.TOKEN_MADE, now, but=me.id_hash)
    except TooMany:
        most = {"most": access_tokens.MOST}
        no = _("You have %(most)d tokens, which is all you can have. Revoke one first.") % most
        return _form_page(request, form.with_error("", no))
    return render(
        request,
        "identity/token_made.html",
        cache=NO_STORE,
        name=form.value("own_name"),
        token=made.token,
        last_day=made.last_day,
        may=[_(scopes.WORDS[scope][0]) for scope in Scope if scope in may],
    )


@post("/account/tokens/revoke")
async def revoke(request: Asked) -> Page:
    """Make one of one's tokens worthless."""
    me = await must_be_signed_in(request)
    form = await read_form(request, _TOKEN)
    try:
        token_hash = bytes.fromhex(form.value("token"))
    except ValueError:
        token_hash = b""
    async with writing(private_of(request).engine) as unit:
        await access_tokens.revoke(unit, me.account_id, token_hash)
    return see_other(request, "/account/tokens", _("That token is worth nothing any more."))


def handlers() -> list[Any]:
    """Return the handlers of these pages."""
    return [all_of_them, ask, make, revoke]


def _form_page(request: Asked, form: Form) -> Page:
    return render(
        request,
        "identity/token_new.html",
        status=200 if form.ok else AGAIN,
        cache=NO_STORE,
        form=form,
        may=[(scope.value, _(name), _(note)) for scope, (name, note) in scopes.WORDS.items()],
        days=[
            (str(days), ngettext("%(days)d day", "%(days)d days", days) % {"days": days}, "")
            for days in DAYS
        ],
    )
