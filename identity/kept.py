"""What somebody sent when their session had ended: it waits in the page, never at the node.

The page that asks them to sign in again carries each field under a name of its own, so that it can
stand beside the fields of the sign-in; it travels along until they are asked whether to send it.
"""

import re
from typing import Any, Final
from urllib.parse import quote_plus

import msgspec
from litestar import Request
from litestar.exceptions import ClientException, MethodNotAllowedException, NotFoundException

from civic.kernel.web.asgi import BODY_LIMIT, TooLarge
from civic.kernel.web.problem import wants_program_form

FIELD: Final = "kept."
FILE: Final = "file."
TO: Final = "kept-to"
NEVER_KEPT: Final = frozenset(
    {"passphrase", "repeated", "code", "hand", "first_code", "second_code", "short_code"}
)
"""Fields that hold a passphrase or a one-time code, which no page ever shows again, and what a
browser said of its keys: it says so anew."""

_FIELDS_MOST: Final = 600
_ROOM: Final = 8192
"""Bytes of the body limit that are left for the fields of the sign-in."""
_OURS: Final = re.compile(r"/[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*")
_MACHINE: Final = re.compile(r"[a-z0-9_:.-]{0,64}")


class KeptField(msgspec.Struct, frozen=True):
    """One field of a form that was sent."""

    name: str
    value: str
    """For a file, its name."""
    file: bool = False

    @property
    def travels_as(self) -> str:
        """The name under which the field stands in the form of the sign-in."""
        return (FILE if self.file else FIELD) + self.name

    @property
    def written(self) -> bool:
        """Whether somebody may have written it, so that the page shows it to them."""
        return not self.file and _MACHINE.fullmatch(self.value) is None

    @property
    def rows(self) -> int:
        """How many lines to show of it at once."""
        return min(12, 1 + self.value.count("\n") + len(self.value) // 60)


class Kept(msgspec.Struct, frozen=True):
    """A form that was not accepted yet, and the path to which it was sent."""

    to: str
    fields: tuple[KeptField, ...]

    @property
    def writings(self) -> int:
        """How many of its fields somebody may have written."""
        return sum(field.written for field in self.fields)

    @property
    def files(self) -> tuple[KeptField, ...]:
        """The files, which only the person's own device still has."""
        return tuple(field for field in self.fields if field.file)


async def sent_form(request: Request[Any, Any, Any]) -> Kept | None:
    """Return the form that a request sent, None when it sent none or a program sent it.

    Raises `TooLarge` for what would not pass a second time with the sign-in beside it, and
    ClientException (400) for a zero byte.
    """
    path, accept = request.url.path, request.headers.get("accept", "")
    if (
        request.method != "POST"
        or wants_program_form(path, accept)
        or not takes_forms(request, path)
    ):
        return None
    fields = []
    for name, value in (await request.form()).multi_items():
        if name in NEVER_KEPT:
            continue
        file = not isinstance(value, str)
        if file and not value.filename:
            continue
        fields.append(KeptField(name, value.filename if file else value, file))
    return _checked(Kept(path, tuple(fields)))


async def travelling(request: Request[Any, Any, Any]) -> Kept | None:
    """Return the form that travels along with a step of the sign-in, None when none does.

    Where it is to go comes from the page, so only a path is taken that takes forms here. Raises
    like `sent_form`.
    """
    sent = await request.form()
    to = sent.get(TO, "")
    if not isinstance(to, str) or not takes_forms(request, to):
        return None
    fields = []
    for name, value in sent.multi_items():
        for prefix in (FIELD, FILE):
            own = name.removeprefix(prefix)
            if own != name and isinstance(value, str) and own not in NEVER_KEPT:
                fields.append(KeptField(own, value, prefix == FILE))
    return _checked(Kept(to, tuple(fields)))


def takes_forms(request: Request[Any, Any, Any], path: str) -> bool:
    """Tell whether people can send a form to a path here."""
    ours = len(path) <= 500 and _OURS.fullmatch(path) is not None
    return ours and not wants_program_form(path, "") and _routed(request, path, "POST")


def page_of(request: Request[Any, Any, Any], to: str) -> str:
    """Return the nearest page above the path of a form: where people come from who fill it in."""
    while to and not _routed(request, to, "GET"):
        to = to.rpartition("/")[0]
    return to or "/"


def _checked(kept: Kept) -> Kept:
    if any("\0" in field.value or "\0" in field.name for field in kept.fields):
        raise ClientException
    size = sum(
        len(quote_plus(field.travels_as)) + len(quote_plus(field.value)) + 2
        for field in kept.fields
    )
    if len(kept.fields) > _FIELDS_MOST or size + _ROOM > BODY_LIMIT:
        raise TooLarge
    return kept


def _routed(request: Request[Any, Any, Any], path: str, method: Any) -> bool:
    try:
        request.app.asgi_router.handle_routing(path=path, method=method)
    except (MethodNotAllowedException, NotFoundException):
        return False
    return True
