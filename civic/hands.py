"""Forms signed in the browser: what they tell of its keys, and what it is asked to sign."""

import base64
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.exceptions import ClientException

from civic.deeds.hand import SIGNATURE_MISSING, Hand, SignatureNeeded, Told
from civic.kernel.refusal import Refusal
from civic.kernel.web.pages import NO_STORE, pages_of
from civic.kernel.web.problem import Refused, answer, problem_of
from identity import key_box
from identity.web import signed_in

FIELD: Final = "hand"
"""The field in which a form tells of its browser's keys."""
HEADER: Final = "x-civic-sign"
PREPARE: Final = "prepare"
TO_SIGN: Final = "application/vnd.civic.to-sign+json"

_told: Final = msgspec.json.Decoder(Told)


async def hand_of(request: Request[Any, Any, Any]) -> Hand | None:
    """Return the keys that the browser behind a form has, None where it has none or runs no script.

    Raises ClientException (400) where the form tells of them in another form.
    """
    if request.method != "POST":
        return None
    sent = (await request.form()).get(FIELD)
    if sent is None:
        return None
    try:
        told = _told.decode(sent if isinstance(sent, str) else b"")
    except msgspec.DecodeError as error:
        raise ClientException from error
    known = await signed_in(request)
    account = "" if known is None else key_box.tag_of(known.data_key)
    return Hand(told, request.headers.get(HEADER) == PREPARE, account)


def answer_signature_needed(
    request: Request[Any, Any, Any], needed: SignatureNeeded
) -> Response[bytes]:
    """Answer a form that only asks with what there is to sign; any other was not signed rightly."""
    hand = needed.hand
    if not hand.prepare:
        refused = Refused(Refusal(SIGNATURE_MISSING), 409)
        rendered = answer(problem_of(refused), pages_of(request), request.scope)
        media_type = rendered.headers.pop("content-type").partition(";")[0]
        return Response(
            rendered.body,
            status_code=rendered.status,
            headers=rendered.headers,
            media_type=media_type,
        )
    told = {
        "account": hand.account,
        "log_id": hand.log_id,
        "founding": base64.b64encode(hand.founding).decode(),
        "keys": hand.keys,
        "unsignable": hand.unsignable,
        "acts": hand.acts,
        "ties": hand.ties,
        "rows": hand.rows,
        "papers": hand.papers,
        "leaving": hand.leaving,
    }
    body = msgspec.json.encode(told)
    return Response(body, media_type=TO_SIGN, headers={"cache-control": NO_STORE})
