"""What the scripts of pages ask: the account's wrapped seed, and to keep it.

They speak JSON and belong to no published interface; programs keep their seeds themselves.
"""

from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.params import JSONBody

from civic.kernel.database import reading, writing
from civic.kernel.refusal import Refusal, code
from civic.kernel.web.pages import NO_STORE
from civic.kernel.web.problem import Refused
from identity import key_box
from identity.key_box import Box
from identity.sessions import FRESH_MINUTES
from identity.step_up import STEP_UP_NEEDED
from identity.web import must_be_signed_in, private_of

Asked = Request[Any, Any, Any]

KEPT_ALREADY: Final = code(
    "request.key_box_kept", "The account keeps a seed already, under this or another secret."
)


class Wrapped(msgspec.Struct, frozen=True):
    """The seed as one way of signing in wraps it."""

    method: str
    wrapped: bytes


class KeyBox(msgspec.Struct, frozen=True):
    """By what the browser knows the account again, and the seed in all its wrappings."""

    account: str
    boxes: list[Wrapped]


class Keeping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wrapped seed to be kept: the account's first, one more, or in place of an older."""

    method: Annotated[str, msgspec.Meta(pattern=rf"^({key_box.METHOD.pattern})\Z")]
    wrapped: Annotated[bytes, msgspec.Meta(min_length=64, max_length=key_box.WRAPPED_MOST)]
    how: Literal["first", "more", "instead"]


@get("/account/key-box")
async def read(request: Asked) -> Response[KeyBox]:
    """Hand out what only the person's browser can open."""
    me = await must_be_signed_in(request)
    async with reading(private_of(request).engine) as unit:
        held = await key_box.boxes(unit, me.account_id)
    answer = KeyBox(key_box.tag_of(me.data_key), [Wrapped(*one) for one in held])
    return Response(answer, headers={"cache-control": NO_STORE})


@post("/account/key-box", status_code=204)
async def keep(request: Asked, data: JSONBody[Keeping]) -> None:
    """Keep a wrapped seed; asks for a factor proved within the last minutes.

    Whoever finds an open browser, or has its cookie alone, could otherwise put a seed there that
    its person cannot open, or fill the box so that no further way to sign in has room in it.
    """
    me = await must_be_signed_in(request)
    side, box = private_of(request), Box(data.method, data.wrapped)
    if not me.fresh(side.clock.now()):
        raise Refused(Refusal(STEP_UP_NEEDED, {"minutes": FRESH_MINUTES}), 401)
    async with writing(side.engine) as unit:
        match data.how:
            case "first":
                kept = await key_box.begin(unit, me.account_id, box)
            case "more":
                kept = await key_box.add(unit, me.account_id, box)
            case "instead":
                await key_box.replace(unit, me.account_id, box)
                kept = True
    if not kept:
        raise Refused(Refusal(KEPT_ALREADY))


def handlers() -> list[Any]:
    """Return the handlers."""
    return [read, keep]
