"""Calls that begin a membership: founding, inviting, joining, applying, leaving."""

from collections.abc import Awaitable
from typing import Annotated, Any, Final

import msgspec
from litestar import delete, post
from litestar.exceptions import ValidationException
from litestar.params import FromPath, JSONBody
from litestar.response.base import ASGIResponse

from chapters.bylaws import TEMPLATES
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
from civic.deeds.person import Done, OwnKey, Person, ToSign
from civic.kernel.database import reading
from civic.kernel.record import store
from civic.kernel.record.entry import As, By, Hash, Hex64, act_key
from civic.kernel.record.proof import FILE_SUFFIX
from civic.kernel.record.submission import Receipt
from civic.kernel.refusal import Refusal, code
from civic.membership import forget, joining_key, node_of, remember
from civic.node import Node
from civic.settings import Settings
from identity.sessions import SignedIn
from identity.web import must_be_signed_in

DRAFT_RULES: Final = code(
    "request.draft_rules",
    "This node founds no chapters, because its rules are a draft that may still change.",
)
ALREADY_MEMBER: Final = code(
    "request.already_member", "The account has a membership in this chapter already."
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
    signature under another log's id would be good in another chapter.
    """

    log_id: str
    act: Any
    founding: bytes


@post("/chapters")
async def found_chapter(request: AnyRequest, data: JSONBody[NewChapter]) -> ASGIResponse:
    """Found a chapter, where the node allows it."""
    known = await must_be_signed_in(request)
    settings: Settings = request.app.state["settings"]
    if not (settings.demo or settings.draft):
        raise refused(Refusal(DRAFT_RULES))
    if data.template not in TEMPLATES:
        raise ValidationException(extra=[{"key": "template", "message": "no such template"}])
    node, key = node_of(request), act_key_of(request, known)
    before = await _founded_before(node, known, key)
    if before is not None:
        return answer(before, 201)
    try:
        founding: deeds.Founding = await accepted(
            deeds.found(
                node.desk,
                name=plain(data.name),
                lang=data.lang,
                template=data.template,
                idempotency=key,
                bylaws=data.bylaws,
                seed=known.vault.seed,
            )
        )
    except msgspec.ValidationError as error:
        raise ValidationException(extra=[{"key": "bylaws", "message": str(error)}]) from error
    await remember(node, known, founding.chapter_id, founding.founder)
    return answer(_founded(founding.chapter_id, founding.founder, founding.done.receipt), 201)


async def _founded_before(node: Node, known: SignedIn, key: str) -> FoundedChapter | None:
    """Return the chapter that this account founded under this key, so that none is founded twice.

    Each founding makes a log of its own, so that no log can tell of a repetition.
    """
    async with reading(node.engine) as db:
        for one in known.vault.memberships:
            head = await store.find_chapter(db, one.chapter_id)
            if head is None:
                continue
            wanted = act_key(head.log_id, By(As.MEMBER, one.member_id), key)
            for index, leaf, _ in (await store.by_keys(db, head.no, [wanted])).values():
                if index == 0:
                    person = Person(head.no, head.log_id, one.member_id)
                    return _founded(one.chapter_id, person, Receipt(0, leaf, repeated=True))
    return None


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


@post("/chapters/{chapter_id:str}/invitations")
async def invite(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Make an invitation; it names the inviter only to the node."""
    known = await must_be_signed_in(request)
    person = member_at(known, await place_of(request, chapter_id))
    if person is None:
        raise refused(Refusal("chapters.not_a_member"))
    secret = await deeds.invite(node_of(request).desk, person)
    if isinstance(secret, Refusal):
        raise refused(secret)
    return answer(Secret(secret), 201)


@post("/chapters/{chapter_id:str}/members")
async def join(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[Joining]
) -> ASGIResponse:
    """Join with an invitation."""
    known = await must_be_signed_in(request)
    place, node = await place_of(request, chapter_id), node_of(request)
    act_key_of(request, known)
    key, own = joining_key(known, data.invitation), _own_key(data)
    joining = deeds.joining_id(node.desk, place, data.invitation, key)
    _not_twice(known, place, joining)
    work: Awaitable[Any]
    if own is None:
        work = deeds.join(node.desk, place, data.invitation, key, known.vault.seed)
    else:
        work = deeds.join_with_key(node.desk, place, data.invitation, key, own)
    return await _begun(node, known, place, work)


@post("/chapters/{chapter_id:str}/applications")
async def apply(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[Application]
) -> ASGIResponse:
    """Ask to be admitted."""
    known = await must_be_signed_in(request)
    place, node = await place_of(request, chapter_id), node_of(request)
    key, own = act_key_of(request, known), _own_key(data)
    _not_twice(known, place, deeds.applying_id(node.desk, place, key))
    work: Awaitable[Any]
    if own is None:
        work = deeds.apply_for(node.desk, place, key, known.vault.seed)
    else:
        work = deeds.apply_with_key(node.desk, place, key, own)
    return await _begun(node, known, place, work)


@delete("/chapters/{chapter_id:str}/members/me", status_code=200)
async def leave(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Leave the chapter; afterwards the account knows nothing of it."""
    call = await caller(request, chapter_id)
    response = await recorded(
        call.place.log_id, deeds.leave(call.node.desk, call.person, call.key), 200
    )
    await forget(call.node, call.known, chapter_id)
    return response


def _own_key(data: Joining | Application) -> OwnKey | None:
    return None if data.member_key is None else OwnKey(data.member_key, data.signature)


def _not_twice(known: SignedIn, place: Place, member: str) -> None:
    """Refuse a second membership; the same one again is a repetition."""
    membership = known.vault.membership(place.chapter_id)
    if membership is not None and membership.member_id != member:
        raise refused(Refusal(ALREADY_MEMBER))


async def _begun(node: Node, known: SignedIn, place: Place, work: Awaitable[Any]) -> ASGIResponse:
    person, outcome = await accepted(work)
    if isinstance(outcome, ToSign):
        async with reading(node.engine) as db:
            first = [raw async for _, raw, _ in store.entries(db, place.no, 0, 1)]
        return answer(Unsigned(place.log_id, outcome.act, first[0]))
    if isinstance(outcome, Refusal):
        raise refused(outcome)
    done: Done = outcome
    await remember(node, known, place.chapter_id, person)
    receipt = done.receipt
    path = f"/log/{place.log_id}/receipt/{receipt.index}{FILE_SUFFIX}"
    return answer(Recorded(done.id, receipt.index, receipt.leaf.hex(), receipt.repeated, path), 201)


HANDLERS: Final = (found_chapter, invite, join, apply, leave)
