"""Who calls: the session's member in the chapter that a path names, and the key of their act."""

import hmac
import re
from functools import partial
from typing import Any, Final, NamedTuple

from litestar import Request
from litestar.exceptions import NotFoundException

from civic.deeds.person import Person
from civic.kernel.database import reading
from civic.kernel.record import store
from civic.kernel.refusal import Refusal, code
from civic.kernel.web.asgi import header
from civic.kernel.web.problem import Refused
from civic.membership import no_member, node_of
from civic.node import Node
from identity.sessions import SignedIn
from identity.step_up import must_have_stepped_up
from identity.web import must_be_signed_in, signed_in

AnyRequest = Request[Any, Any, Any]

KEY_NEEDED: Final = code(
    "request.key_needed",
    "The header Idempotency-Key is missing, or not 16 to 64 letters, digits, - or _.",
)
NOT_A_MEMBER: Final = "chapters.not_a_member"

_KEY: Final = re.compile(r"[0-9A-Za-z_-]{16,64}")


class Place(NamedTuple):
    """Where a chapter's record lies on this node."""

    no: int
    log_id: str
    chapter_id: str


class Call(NamedTuple):
    """An act that a member asks for."""

    node: Node
    known: SignedIn
    place: Place
    person: Person
    key: str


async def place_of(request: AnyRequest, chapter_id: str) -> Place:
    """Return where a chapter lies, remembered by this process; 404 if it is not on this node."""
    places: dict[str, Place] = request.app.state.setdefault("places", {})
    place = places.get(chapter_id)
    if place is None:
        async with reading(node_of(request).engine) as db:
            head = await store.find_chapter(db, chapter_id)
        if head is None:
            raise NotFoundException
        place = places[chapter_id] = Place(head.no, head.log_id, chapter_id)
    return place


def member_at(request: AnyRequest, known: SignedIn, place: Place) -> Person | None:
    """Return who somebody is in a chapter, or None if they have no part in it.

    In office they act with a fresh factor only.
    """
    membership = known.vault.membership(place.chapter_id)
    if membership is None:
        return None
    prove = partial(must_have_stepped_up, request)
    own_id, seed = membership.member_id, known.vault.seed
    return Person(place.no, place.log_id, own_id, seed, prove=prove, holds=membership)


async def caller(request: AnyRequest, chapter_id: str) -> Call:
    """Return who asks for an act in a chapter; 401, 403, 404, or 400 without a key."""
    known = await must_be_signed_in(request)
    place = await place_of(request, chapter_id)
    person = member_at(request, known, place)
    if person is None:
        raise Refused(no_member(known, chapter_id), 403)
    return Call(node_of(request), known, place, person, act_key_of(request, known))


async def reader(request: AnyRequest, place: Place) -> Person | None:
    """Return the member behind a request, or None for anybody else."""
    known = await signed_in(request)
    return None if known is None else member_at(request, known, place)


def act_key_of(request: AnyRequest, known: SignedIn) -> str:
    """Return the key of an act: the client's, mixed with a secret of the account.

    The keys of entries are hashes of it. Clients may count their keys up or name them after
    themselves; unmixed, whoever guesses one could tell which voices are the same person's.
    """
    given = header(request.scope, b"idempotency-key")
    if not _KEY.fullmatch(given):
        raise Refused(Refusal(KEY_NEEDED), 400)
    return hmac.digest(known.data_key, b"civic/api/key/1\n" + given.encode(), "sha256").hex()
