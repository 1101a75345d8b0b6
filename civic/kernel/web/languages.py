"""The page on which a reader chooses a language and a time zone; cookies in the browser keep both.

Nobody needs an account for it. Who is signed in may have their account keep both as well, so that
all their devices show the same.
"""

import re
from typing import Any, Final, Protocol

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie

from civic.kernel.web.language import LANGUAGES, Reader, _, reader, reading_as, zones
from civic.kernel.web.pages import NO_STORE, pages_of, render, see_other

PATH: Final = "/language"
WRITES: Final = "writes"
"""The cookie in which a browser keeps the language in which its person wrote last."""
_LIFETIME: Final = 365 * 24 * 60 * 60
"""Seconds for which a browser keeps what was chosen."""
_OWN_PATH: Final = re.compile(r"/(?![/\\])[^\x00-\x20\\]{0,500}")

Asked = Request[Any, Any, Any]
Page = Response[bytes]


class Accounts(Protocol):
    """Where people who are signed in may keep their choice, beside their browser."""

    async def keeps(self, request: Asked) -> bool | None:
        """Tell whether the person behind a request keeps a choice; None where nobody is."""

    async def keep(self, request: Asked, who: Reader | None) -> None:
        """Keep a choice with the account of the person behind a request; None forgets it."""


ACCOUNTS: Final = "own_readers"
"""Under which name the state of an application has its `Accounts`, where it has any."""


async def _kept(request: Asked) -> bool | None:
    accounts: Accounts | None = request.app.state.get(ACCOUNTS)
    return None if accounts is None else await accounts.keeps(request)


@get(PATH, include_in_schema=False)
async def choose(request: Asked) -> Page:
    """Show the languages and the time zones."""
    kept = await _kept(request)
    return render(
        request,
        "language.html",
        cache=NO_STORE,
        languages=tuple(LANGUAGES.values()),
        zones=zones(),
        kept=kept,
        after=_own(request.query_params.get("next", "/")),
    )


@post(PATH, status_code=303, include_in_schema=False)
async def chosen(request: Asked) -> Page:
    """Keep in the browser what was chosen, and go back to where the reader was."""
    # Without an idempotency key, which would make each page differ from the last: twice is once.
    sent = await request.form()
    language, zone = _text(sent.get("language")), _text(sent.get("zone"))
    kept = await _kept(request)
    now = reader()
    who = Reader(
        language if language in LANGUAGES else now.language,
        zone if zone in zones() else now.zone,
    )
    # Whoever keeps a choice would else not see another one that they make on any page.
    keeps = kept is not None and bool(sent.get("account") if sent.get("of-account") else kept)
    if keeps or kept:
        await request.app.state[ACCOUNTS].keep(request, who if keeps else None)
    with reading_as(who):
        line = _("Your choice is kept in this browser.")
        if keeps:
            line = _("Your choice is kept in this browser and with your account.")
    answer = see_other(request, _own(_text(sent.get("next"))), line)
    secure = pages_of(request).site.secure
    for name, value, given in (("lang", who.language, language), ("zone", who.zone, zone)):
        if given:
            answer.cookies.append(keep(name, value, secure=secure))
    return answer


def keep(name: str, value: str, *, secure: bool) -> Cookie:
    """Return the cookie in which a browser keeps what was chosen, for a year."""
    return _cookie(name, value, _LIFETIME, secure=secure)


def forgotten(*, secure: bool) -> list[Cookie]:
    """Return the cookies that remove what was chosen from a browser."""
    return [_cookie(name, "", 0, secure=secure) for name in ("lang", "zone", WRITES)]


def _cookie(name: str, value: str, max_age: int, *, secure: bool) -> Cookie:
    # Scripts may read it: they keep the zone of the device there until another is chosen.
    return Cookie(name, value=value, max_age=max_age, secure=secure, samesite="lax")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _own(path: str) -> str:
    """Return a path of this node, the first page where it is none."""
    return path if _OWN_PATH.fullmatch(path) else "/"
