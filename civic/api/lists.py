"""Lists page by page: after a cursor that only this node reads, at most so many at once.

A page is found by the key of the last thing on the page before (keyset pagination), so it costs
the same however far one has read, and what is added meanwhile shifts nothing.
"""

import base64
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, NamedTuple, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from litestar.exceptions import ValidationException
from litestar.response.base import ASGIResponse

from civic.api.caller import AnyRequest
from civic.kernel.web.json_answer import answer
from civic.kernel.web.pages import NO_STORE

LIMIT: Final = 50
"""How many things a page holds unless the request says otherwise."""
LIMIT_MOST: Final = 100

Index = Annotated[int, msgspec.Meta(ge=-1, le=2**62)]
"""A place in a record, or a minute, as a cursor holds it."""
Score = Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-z]*\Z", max_length=26)]
"""An id, as a cursor holds it."""
Path = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{2})*\Z", max_length=4000)]
"""Where a comment stands in its thread, as a cursor holds it."""

T = TypeVar("T")


class Wanted(NamedTuple):
    """The page that a request wants: how many, and the key after which they stand."""

    limit: int
    after: Any

    @property
    def ask(self) -> int:
        """How many to look for: one more than is shown tells whether there is another page."""
        return self.limit + 1


def wanted(request: AnyRequest, key: Any) -> Wanted:
    """Read `limit` and `cursor` from a request; `key` is what a cursor of this list holds.

    Raises ValidationException for what is no such number or cursor.
    """
    limit, cursor = LIMIT, None
    given = request.query_params.get("limit")
    if given is not None:
        limit = int(given) if given.isascii() and given.isdigit() and len(given) < 4 else 0
        if not 1 <= limit <= LIMIT_MOST:
            raise refused_query("limit", f"a number from 1 to {LIMIT_MOST}")
    text = request.query_params.get("cursor")
    if text is not None:
        try:
            padded = text + "=" * (-len(text) % 4)
            raw = base64.b64decode(padded.encode("ascii"), b"-_", validate=True)
            cursor = msgspec.json.decode(raw, type=key)
        except (ValueError, msgspec.DecodeError) as error:
            raise refused_query("cursor", "a cursor of this list, as a Link named it") from error
    return Wanted(limit, cursor)


def refused_query(name: str, message: str) -> ValidationException:
    """Return what is raised for a value in an address that means nothing (422)."""
    return ValidationException(extra=[{"key": name, "message": message}])


def one_of(request: AnyRequest, name: str, choices: Sequence[str]) -> str:
    """Return a choice from the address, the first where it does not say; 422 for others."""
    given: str = request.query_params.get(name, choices[0])
    if given not in choices:
        raise refused_query(name, "one of: " + ", ".join(choices))
    return given


def listed(
    request: AnyRequest,
    page: Wanted,
    found: Sequence[T],
    key_of: Callable[[T], object],
    shown: Callable[[list[T]], object] = list,
    cache: str = NO_STORE,
) -> ASGIResponse:
    """Answer with a page of what was found, and with a Link to the next one where there is one."""
    items = list(found[: page.limit])
    links: tuple[tuple[bytes, bytes], ...] = ()
    if len(found) > page.limit:
        raw = msgspec.json.encode(key_of(items[-1]))
        cursor = base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
        kept = {k: v for k, v in request.query_params.items() if k not in ("cursor", "limit")}
        query = urlencode({**kept, "limit": page.limit, "cursor": cursor})
        links = ((b"link", f'<{quote(request.scope["path"])}?{query}>; rel="next"'.encode()),)
    return answer(shown(items), cache=cache, headers=links)
