"""Claims: a new account says whose key it has, where a node has only the record."""

from typing import Final

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody
from litestar.response.base import ASGIResponse

from civic import claims
from civic.api.answers import answer, refused
from civic.api.caller import AnyRequest, place_of
from civic.kernel.clock import minute_of
from civic.kernel.database import reading
from civic.kernel.record import store
from civic.kernel.record.entry import Hash, Hex64
from civic.kernel.refusal import Refusal
from civic.membership import node_of
from civic.settings import Settings
from identity.scopes import Scope, needs
from identity.web import must_be_signed_in


class Challenge(msgspec.Struct, frozen=True):
    """What a member key is to sign: `civic/claim/1`, log id, nonce and node, a line each.

    `founding` are the bytes of entry 0, which hash to the chapter's id and name the log's key.
    """

    log_id: str
    nonce: str
    node: str
    founding: bytes


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The member key, and its signature over the challenge."""

    public_key: Hash
    signature: Hex64


class Claimed(msgspec.Struct, frozen=True):
    """As whom the account is known in the chapter now."""

    member: str


@get("/chapters/{chapter_id:str}/claims", opt=needs(Scope.ACCOUNT))
async def challenge(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Tell what is to be signed; good for ten minutes at least."""
    known = await must_be_signed_in(request)
    place, node = await place_of(request, chapter_id), node_of(request)
    settings: Settings = request.app.state["settings"]
    async with reading(node.engine) as db:
        first = [raw async for _index, raw, _leaf in store.entries(db, place.no, 0, 1)]
    nonce = claims.challenge(known, place.log_id, minute_of(node.clock.now()))
    address = claims.dialled(settings.addresses, request.headers.get("host", ""))
    told = Challenge(place.log_id, nonce, address, first[0])
    return answer(told)


@post("/chapters/{chapter_id:str}/claims", opt=needs(Scope.ACCOUNT))
async def claim(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[Claim]
) -> ASGIResponse:
    """Attach the account to the member whose key signed the challenge."""
    known = await must_be_signed_in(request)
    place, node = await place_of(request, chapter_id), node_of(request)
    settings: Settings = request.app.state["settings"]
    outcome = await claims.claim(
        node,
        known,
        chapter_id,
        place.no,
        place.log_id,
        data.public_key,
        data.signature,
        addresses=settings.addresses,
        now=minute_of(node.clock.now()),
    )
    if isinstance(outcome, Refusal):
        raise refused(outcome)
    return answer(Claimed(outcome.member), 201)


HANDLERS: Final = (challenge, claim)
