"""The pages of drafts: kept from any form that offers it, gone on with, thrown away."""

from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException

from civic.kernel.database import reading, writing
from civic.kernel.web.dates import day_in_words
from civic.kernel.web.forms import KEY_FIELD, Field, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, render, see_other
from identity import drafts
from identity.drafts import DAYS, MOST, TooMany
from identity.kept import NEVER_KEPT, takes_forms
from identity.web import must_be_signed_in, private_of

Asked = Request[Any, Any, Any]
Page = Response[bytes]

PATH: Final = "/account/drafts"
TO: Final = "draft-to"
_PLACE: Final = Field("place", "the draft", most=500)
_ABOUT: Final = ("title", "text", "words", "happened", "expected")
_SHOWN: Final = 80


@get(PATH)
async def all_of_them(request: Asked) -> Page:
    """Show a person their drafts."""
    me = await must_be_signed_in(request)
    async with reading(private_of(request).engine) as unit:
        found = await drafts.listed(unit, me)
    rows = []
    for one in found:
        fields = dict(one.fields)
        begins = next((fields[name] for name in _ABOUT if fields.get(name)), "")
        rows.append(
            {
                "begins": begins[:_SHOWN] + ("…" if len(begins) > _SHOWN else ""),
                "href": _page_of(one.to, fields.get("on", "")),
                "place": drafts.place_of(one.to, fields.get("on", "")),
                "last_day": one.last_day,
            }
        )
    return render(request, "identity/drafts.html", cache=NO_STORE, drafts=rows, days=DAYS)


@post(PATH)
async def keep(request: Asked) -> Page:
    """Keep what stands in a form, and lead back to it."""
    me = await must_be_signed_in(request)
    await read_form(request)
    sent = list((await request.form()).multi_items())
    to = next((value for name, value in sent if name == TO and isinstance(value, str)), "")
    if not to.startswith("/c/") or not takes_forms(request, to):
        raise NotFoundException
    left_out = NEVER_KEPT | {KEY_FIELD, TO}
    fields = [(n, value) for n, value in sent if n not in left_out and isinstance(value, str)]
    back = _page_of(to, dict(fields).get("on", ""))
    side = private_of(request)
    try:
        async with writing(side.engine) as unit:
            day = await drafts.keep(unit, me, to, fields, side.clock.now())
    except TooMany:
        most = _("You keep %(most)d drafts, which is all you can keep. Throw one away first.")
        return see_other(request, PATH, most % {"most": MOST}, "bad")
    said = _("Kept as a draft until %(day)s. Only you can read it.")
    return see_other(request, back, said % {"day": day_in_words(day)})


@post(PATH + "/drop")
async def drop(request: Asked) -> Page:
    """Throw a draft away."""
    me = await must_be_signed_in(request)
    form = await read_form(request, _PLACE)
    async with writing(private_of(request).engine) as unit:
        await drafts.drop(unit, me, form.value("place"))
    return see_other(request, PATH, _("The draft is gone."))


def handlers() -> list[Any]:
    """Return the handlers of these pages."""
    return [all_of_them, keep, drop]


def _page_of(to: str, on: str) -> str:
    return f"{to}?{urlencode({'on': on})}" if on else to
