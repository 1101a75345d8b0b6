"""Calls that begin a membership: founding, inviting, joining, applying, leaving."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

import msgspec
from litestar import delete, post
from litestar.exceptions import ValidationException
from litestar.params import FromPath, JSONBody
from litestar.response.base import ASGIResponse

from chapters.bylaws import TEMPLATES
from civic import beginnings
from civic.api.answers import Recorded, accepted, answer, recorded, refused
from civic.api.caller import (
    AnyRequest,
    Place,
    act_key_of,
    caller,
    member_at,
    place_of,
)
from civic.api.words import Language, plain
from civic.deeds import chapter as deeds
from civic.deeds import departing
from civic.deeds.person import Done, OwnKey, Person
from civic.kernel.database import reading
from civic.kernel.record import store
from civic.kernel.record.entry import Hash, Hex64
from civic.kernel.record.proof import FILE_SUFFIX
from civic.kernel.record.submission import Receipt
from civic.kernel.refusal import Refusal, code
from civic.membership import forget, joining_key, no_member, node_of
from civic.node import Node
from civic.settings import Settings
from identity.access_tokens import ByToken
from identity.scopes import Scope, needs
from identity.sessions import SignedIn
from identity.step_up import must_have_stepped_up
from identity.web import must_be_signed_in

DRAFT_RULES: Final = code(
    "request.draft_rules",
    "This node founds no chapters, because its rules are a draft that may still change.",
)


class NewChapter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A chapter to be founded; `bylaws` are fields that differ from the template's."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    template: str
    lang: Language = "en"
    bylaws: dict[str, Any] = {}


class FoundedChapter(msgspec.Struct, frozen=True):
    """A founded chapter, its log, the founder's member id, and the receipt of entry 0."""

    id: str
    log_id: str
    member: str
    index: int
    leaf: str
    repeated: bool
    receipt: str


class Secret(msgspec.Struct, frozen=True):
    """The secret of an invitation, to be handed over in person."""

    secret: str

    def __repr__(self) -> str:
        return "Secret(...)"


class Joining(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An invitation, and the member key and signature of who keeps their key to themselves."""

    invitation: Annotated[str, msgspec.Meta(max_length=100)]
    member_key: Hash | None = None
    signature: Hex64 | None = None


class Application(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wish to be admitted, and the member key and signature as for joining."""

    member_key: Hash | None = None
    signature: Hex64 | None = None


class Unsigned(msgspec.Struct, frozen=True):
    """An act to be signed and sent again under the same key; nothing is recorded yet.

    `founding` are the bytes of entry 0, which hash to the chapter's id and name the log's key: a
    signature under another log's id would be good in another chapter. `rules` is the version in
    force.
    """

    log_id: str
    act: Any
    founding: bytes
    rules: int


@post("/chapters", opt=needs(Scope.OFFICE))
async def found_chapter(request: AnyRequest, data: JSONBody[NewChapter]) -> ASGIResponse:
    """Found a chapter, where the node allows it."""
    known = await must_be_signed_in(request)
    settings: Settings = request.app.state["settings"]
    if not (settings.demo or settings.draft):
        raise refused(Refusal(DRAFT_RULES))
    if data.template not in TEMPLATES:
        raise ValidationException(extra=[{"key": "template", "message": "no such template"}])
    node, key = node_of(request), act_key_of(request, known)
    try:
        founding: deeds.Founding = await accepted(
            beginnings.found(
                node,
                known,
                name=plain(data.name),
                lang=data.lang,
                template=data.template,
                idempotency=key,
                bylaws=data.bylaws,
            )
        )
    except msgspec.ValidationError as error:
        raise ValidationException(extra=[{"key": "bylaws", "message": str(error)}]) from error
    return answer(_founded(founding.chapter_id, founding.founder, founding.done.receipt), 201)


def _founded(chapter_id: str, founder: Person, receipt: Receipt) -> FoundedChapter:
    return FoundedChapter(
        chapter_id,
        founder.log_id,
        founder.member,
        receipt.index,
        receipt.leaf.hex(),
        receipt.repeated,
        f"/log/{founder.log_id}/receipt/{receipt.index}{FILE_SUFFIX}",
    )


@post("/chapters/{chapter_id:str}/invitations", opt=needs(Scope.OFFICE))
async def invite(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Make an invitation; it names the inviter only to the node."""
    known = await must_be_signed_in(request)
    person = member_at(request, known, await place_of(request, chapter_id))
    if person is None:
        raise refused(no_member(known, chapter_id))
    secret = await deeds.invite(node_of(request).desk, person)
    if isinstance(secret, Refusal):
        raise refused(secret)
    return answer(Secret(secret), 201)


@post("/chapters/{chapter_id:str}/members", opt=needs(Scope.ACCOUNT))
async def join(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[Joining]
) -> ASGIResponse:
    """Join with an invitation."""
    known = await must_be_signed_in(request)
    place, node = await place_of(request, chapter_id), node_of(request)
    act_key_of(request, known)
    key, own = joining_key(known, data.invitation), _own_key(data)
    desk, seed, secret = node.desk, known.vault.seed, data.invitation

    def work() -> Awaitable[tuple[Person, Any]]:
        if own is None:
            return deeds.join(desk, place, secret, key, seed)
        return deeds.join_with_key(desk, place, secret, key, own)

    own_id = deeds.joining_id(desk, place, secret, key)
    return await _enter(node, known, place, own_id, key, own, work)


@post("/chapters/{chapter_id:str}/applications", opt=needs(Scope.ACCOUNT))
async def apply(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[Application]
) -> ASGIResponse:
    """Ask to be admitted."""
    known = await must_be_signed_in(request)
    place, node = await place_of(request, chapter_id), node_of(request)
    key, own = act_key_of(request, known), _own_key(data)
    desk, seed = node.desk, known.vault.seed

    def work() -> Awaitable[tuple[Person, Any]]:
        if own is None:
            return deeds.apply_for(desk, place, key, seed)
        return deeds.apply_with_key(desk, place, key, own)

    own_id = deeds.applying_id(desk, place, key)
    return await _enter(node, known, place, own_id, key, own, work)


@delete("/chapters/{chapter_id:str}/members/me", status_code=200, opt=needs(Scope.ACCOUNT))
async def leave(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Leave the chapter; afterwards the account knows nothing of it."""
    call = await caller(request, chapter_id)
    if not isinstance(call.known, ByToken):
        await must_have_stepped_up(request)
    wish = request.query_params.get("ties", "keep")
    if wish not in ("keep", "erase"):
        raise ValidationException(extra=[{"key": "ties", "message": "keep or erase"}])
    work = departing.leave(call.node.desk, call.person, call.key, erase_ties=wish == "erase")
    response = await recorded(call.place.log_id, work, 200)
    await forget(call.node, call.known, chapter_id)
    return response


def _own_key(data: Joining | Application) -> OwnKey | None:
    return None if data.member_key is None else OwnKey(data.member_key, data.signature)


async def _enter(
    node: Node,
    known: SignedIn,
    place: Place,
    own_id: str,
    key: str,
    own: OwnKey | None,
    work: Callable[[], Awaitable[tuple[Person, Any]]],
) -> ASGIResponse:
    membership = known.vault.membership(place.chapter_id)
    if membership is not None and membership.member_id != own_id:
        async with reading(node.engine) as db:
            if await beginnings.is_present(db, place.no, membership.member_id):
                raise refused(Refusal(beginnings.ALREADY_MEMBER))
    if own is not None and own.signature is None:
        _person, to_sign = await accepted(work())
        if isinstance(to_sign, Refusal):
            raise refused(to_sign)
        async with reading(node.engine) as db:
            first = [raw async for _, raw, _ in store.entries(db, place.no, 0, 1)]
        rules = await node.book.ask(place.no, lambda state: state.record.rules)
        return answer(Unsigned(place.log_id, to_sign.act, first[0], rules))
    done: Done = await accepted(
        beginnings.enter(node, known, place, place.chapter_id, own_id, key, work)
    )
    receipt = done.receipt
    path = f"/log/{place.log_id}/receipt/{receipt.index}{FILE_SUFFIX}"
    return answer(Recorded(done.id, receipt.index, receipt.leaf.hex(), receipt.repeated, path), 201)


HANDLERS: Final = (found_chapter, invite, join, apply, leave)
