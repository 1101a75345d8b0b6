"""Acts and rows as their authors signed them, for members who keep their keys to themselves.

The node adds nothing to them: it checks that they come from the session's own member and hands
them to the book as they are.
"""

from typing import Annotated, Any, Final

import msgspec
from litestar import post
from litestar.exceptions import ValidationException
from litestar.params import FromPath, JSONBody
from litestar.response.base import ASGIResponse

from chapters.keys.entries import KeyReplaced
from chapters.papers import (
    NO_MEMBER,
    OTHER_VOICE,
    PAPER_BROKEN,
    PAPER_MISSING,
    PAPER_SIGNATURE,
    Tie,
    read_paper,
)
from chapters.standing.papers import NAMING
from civic.api.answers import promised, recorded, refused
from civic.api.caller import NOT_A_MEMBER, AnyRequest, Place, member_at, place_of
from civic.deeds.holding import held_first, held_row
from civic.deeds.moderating import not_the_author
from civic.deeds.person import Done, Person, in_office
from civic.kernel.database import reading
from civic.kernel.record import ties
from civic.kernel.record.course import RulesUnknown
from civic.kernel.record.entry import (
    Act,
    As,
    Count,
    Hash,
    Id,
    Integer,
    Malformed,
    Proof,
    Ref,
    UnknownKind,
    act_key,
)
from civic.kernel.record.rules import MALFORMED, WRONG_ROLE
from civic.kernel.record.submission import BoxRow, NewTie, Submission
from civic.kernel.refusal import Refusal, code
from civic.membership import no_member, node_of, rekeyed
from civic.node import Node
from deliberation.moderation.entries import HidingJudged
from identity.access_tokens import ByToken
from identity.scopes import Scope, needs
from identity.sessions import SignedIn
from identity.step_up import must_have_stepped_up
from identity.web import must_allow, must_be_signed_in
from voting.state import of as voting_of

NOT_SIGNED: Final = code(
    "request.not_signed", "An act that is sent as it stands carries its author's signature."
)


class SignedAct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An act with its words by hash, and the tie of a voice that speaks for the first time.

    The act's `key` follows from `idempotency`: a key of the client's free choice could be one that
    a transition of the chapter will need.
    """

    act: msgspec.Raw
    idempotency: Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-Za-z_-]{16,64}\Z")]
    content: dict[Hash, bytes] = {}
    tie: bytes | None = None


class SignedRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reaction or pseudonymous vote with its signature, and the tie of a new row id."""

    subject: Ref
    row: Id
    count: Count
    value: Integer
    proof: Proof
    tie: bytes | None = None


class _Kinded(msgspec.Struct):
    kind: str


_signed_acts: Final = msgspec.json.Decoder(SignedAct)


@post(
    "/chapters/{chapter_id:str}/acts",
    opt=needs(Scope.DELIBERATE, Scope.VOTE, Scope.OFFICE, Scope.ACCOUNT),
)
async def hand_in(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Record an act as its author signed it; its own `key` makes it happen once."""
    try:
        # By hand: the act must be read with the types of its kind, from the bytes that came.
        data = _signed_acts.decode(await request.body())
    except msgspec.DecodeError as error:
        raise ValidationException(extra=[{"key": "", "message": str(error)}]) from error
    known, node, place, person = await _member(request, chapter_id)
    act = await _read(node, place, data.act)
    if act.kind in NAMING:
        # Their reason is a restricted paper, which the calls take that are made for them.
        raise refused(Refusal(PAPER_MISSING))
    must_allow(known, _scope_of(act))
    if act.proof is None:
        raise refused(Refusal(NOT_SIGNED))
    if act.key != act_key(place.log_id, act.by, data.idempotency):
        raise refused(Refusal(MALFORMED, {"why": "the key does not follow from `idempotency`"}))
    tie, check = None, None
    match act.by.as_:
        case As.MEMBER:
            if act.by.id != person.member:
                raise refused(Refusal(NOT_A_MEMBER))
            if act.kind in _OF_FOUNDERS:
                await must_have_stepped_up(request)
        case As.VOICE:
            tie = await _own_tie(node, person, As.VOICE, act.by.id, data.tie)
        case As.OFFICE:
            await must_have_stepped_up(request)
            besides = None
            if isinstance(act.body, HidingJudged):
                besides = not_the_author(node.desk, person, act.body.hiding)
            check = in_office(person.member, act.by.id, besides)
        case _:
            raise refused(Refusal(WRONG_ROLE, {"kind": act.kind, "role": act.by.as_.value}))
    also = rekeyed(known, person, act.body.key) if isinstance(act.body, KeyReplaced) else None
    check = held_first(person.holds, check)
    work = _submitted(node, person, Submission(act, data.content, tie, {}, check, also))
    return await recorded(place.log_id, work)


@post("/chapters/{chapter_id:str}/rows", opt=needs(Scope.DELIBERATE, Scope.VOTE))
async def put_row(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[SignedRow]
) -> ASGIResponse:
    """Put a signed row into its box."""
    known, node, place, person = await _member(request, chapter_id)
    if isinstance(known, ByToken):
        votes = await node.book.ask(
            place.no, lambda state: data.subject in voting_of(state).elections
        )
        must_allow(known, Scope.VOTE if votes else Scope.DELIBERATE)
    tie = await _own_tie(node, person, As.ROW, data.row, data.tie)
    check = held_row(person.holds, signed=True, election=data.subject)
    row = BoxRow(data.subject, data.row, data.value, data.proof, tie, data.count, check)
    return await promised(node.book.put(person.log, row))


_OF_FOUNDERS: Final = frozenset({"chapters.founder_confirmed", "chapters.constituted"})
_OF_MEMBERSHIP: Final = frozenset(
    {
        "chapters.joined",
        "chapters.applied",
        "chapters.left",
        "chapters.display_name_set",
        "chapters.display_name_erased",
    }
)


def _scope_of(act: Act[Any]) -> Scope:
    """Return what a token must be made for that hands in an act; for what is not known, office."""
    if act.by.as_ is As.OFFICE:
        return Scope.OFFICE
    if act.kind in _OF_MEMBERSHIP:
        return Scope.ACCOUNT
    if act.kind.startswith("voting."):
        return Scope.VOTE
    deliberates = act.kind.startswith("deliberation.") or act.kind == "chapters.name_given"
    return Scope.DELIBERATE if deliberates else Scope.OFFICE


async def _member(request: AnyRequest, chapter_id: str) -> tuple[SignedIn, Node, Place, Person]:
    known = await must_be_signed_in(request)
    place = await place_of(request, chapter_id)
    person = member_at(request, known, place)
    if person is None:
        raise refused(no_member(known, chapter_id))
    return known, node_of(request), place, person


async def _read(node: Node, place: Place, raw: msgspec.Raw) -> Act[Any]:
    version = await node.book.ask(place.no, lambda state: state.record.rules)
    procedure = node.book.shelf.versions.get(version)
    if procedure is None:
        raise RulesUnknown(version)
    try:
        kind = msgspec.json.decode(raw, type=_Kinded).kind
        return procedure.codec.decode_act(kind, bytes(raw))
    except UnknownKind as unknown:
        raise refused(Refusal(MALFORMED, {"why": f"unknown kind {unknown}"})) from unknown
    except (Malformed, msgspec.DecodeError) as malformed:
        raise refused(Refusal(MALFORMED, {"why": str(malformed)})) from malformed


async def _submitted(node: Node, person: Person, submission: Submission) -> Done | Refusal:
    receipt = await node.book.submit(person.log, submission)
    if isinstance(receipt, Refusal):
        return receipt
    act = submission.act
    return Done(getattr(act.body, "id", act.by.id), receipt)


async def _own_tie(
    node: Node, person: Person, role: As, own_id: str, given: bytes | None
) -> NewTie | None:
    """Check that a voice or row id is the caller's own; return its tie if it is new."""
    of, vault = role.value, node.book.vault
    async with reading(node.engine) as db:
        kept = (await ties.find(db, vault, person.log, {(of, own_id)})).get((of, own_id))
    raw = kept if kept is not None else given
    if raw is None:
        raise refused(Refusal(PAPER_MISSING))
    try:
        tie = read_paper(raw)
    except Malformed as malformed:
        raise refused(Refusal(PAPER_BROKEN)) from malformed
    if not isinstance(tie, Tie) or tie.of != of or tie.id != own_id:
        raise refused(Refusal(PAPER_BROKEN))
    if tie.member != person.member:
        raise refused(Refusal(OTHER_VOICE if role is As.VOICE else NO_MEMBER))
    if kept is not None:
        return None
    if tie.signature is None:
        raise refused(Refusal(PAPER_SIGNATURE))
    return NewTie(tie.matter, of, own_id, person.member, raw)


HANDLERS: Final = (hand_in, put_row)
