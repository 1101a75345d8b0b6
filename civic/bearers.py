"""Requests of auditors and peers: a capability token, and the proof that its key is at hand.

They reach what lies under `/log/<log id>/` and nothing else: no page and no call of the API knows
the scheme. They see what the network sees, which moves once a tick.
"""

from datetime import datetime
from typing import Any, Final

from litestar import Request

from chapters import capabilities
from civic.kernel.database import reading, writing
from civic.kernel.proofs import ALGORITHM, SCHEME, ProofBroken, check_proof
from civic.kernel.record import store
from civic.kernel.refusal import Refusal, code
from civic.kernel.web.problem import Refused
from civic.membership import is_neighbour, node_of
from civic.settings import Settings
from identity.web import signed_in

TOKEN_REFUSED: Final = code(
    "request.token_refused", "The token is unknown here, over or revoked, or its proof is wrong."
)
_TOKEN_MOST: Final = 100


class TokenRefused(Refused):
    """A request showed a token that opens nothing, or no good proof (RFC 9449, section 7.1)."""

    def __init__(self, error: str) -> None:
        challenge = f'{SCHEME} algs="{ALGORITHM}", error="{error}"'
        super().__init__(Refusal(TOKEN_REFUSED), 401, {"www-authenticate": challenge})


async def may_read(request: Request[Any, Any, Any], head: store.Head) -> bool:
    """Tell whether somebody who is no member may read a record that is not for the world.

    That is who bears a token of its chapter, and a member of its network. Raises `TokenRefused` for
    a token or a proof that is not good.
    """
    scheme, _, token = _header(request, b"authorization").partition(" ")
    if scheme.lower() == SCHEME.lower():
        await _check(request, head, token.strip())
        return True
    if head.visibility != "network":
        return False
    known = await signed_in(request)
    if known is None:
        return False
    async with reading(node_of(request).engine) as db:
        return await is_neighbour(db, known, head.no)


async def _check(request: Request[Any, Any, Any], head: store.Head, token: str) -> None:
    node = node_of(request)
    now: datetime = node.clock.now()
    found = None
    if len(token) <= _TOKEN_MOST:
        async with reading(node.engine) as db:
            found = await capabilities.find(db, head.no, token)
    if found is None or not found.works(now.date()):
        raise TokenRefused("invalid_token")
    settings: Settings = request.app.state["settings"]
    # The node's own addresses, not what the request says of it: another node to which somebody
    # showed the token could say anything.
    addresses = [one + request.scope["path"] for one in settings.addresses]
    proofs = [value for name, value in request.scope["headers"] if name == b"dpop"]
    try:
        if len(proofs) != 1:
            raise ProofBroken("not one proof")
        proof = proofs[0].decode("ascii")
        check_proof(proof, found.public_key, str(request.method), addresses, token, now)
    except (ProofBroken, UnicodeDecodeError) as error:
        raise TokenRefused("invalid_dpop_proof") from error
    if found.last_used != now.date():
        async with writing(node.engine) as unit:
            await capabilities.touch(unit, found.hash, now.date())


def _header(request: Request[Any, Any, Any], name: bytes) -> str:
    return next((v.decode("latin-1") for k, v in request.scope["headers"] if k == name), "")
