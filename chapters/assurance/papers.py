"""Restricted papers of assurance: who vouched, verified, challenged and decided (pure).

The record has their hashes alone: it must not tell who has met whom. The shell checks them under
the lock, `civic audit --restricted` checks them again (docs/protocol/record.md, section 9).
"""

import hashlib
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

import msgspec

from chapters.state import of as chapter_of
from civic.kernel import keys
from civic.kernel.record.content import salted, unsalted
from civic.kernel.record.entry import Hex64, Id, Malformed, Ref, encode_json
from civic.kernel.record.rules import State

Said = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Lang = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", max_length=35)]
Way = Literal["document", "video"]
Stage = Literal["appeal", "first"]


class Vouch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A member of level 2 met somebody and vouches for them. `vouch` is drawn for each."""

    vouch: Id
    member: Ref
    voucher: Ref
    signature: Hex64 | None = None


class CasePaper(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A member asks to be verified. `case` is the random number from which the lot is drawn.

    `relatives` are verifiers whom the member named as near to them; they take no part.
    """

    case: Id
    member: Ref
    relatives: tuple[Ref, ...] = ()


class Verification(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A verifier saw the member of a case. `passed` are verifiers who had stood aside by then."""

    case: Id
    member: Ref
    verifier: Ref
    way: Way
    passed: tuple[Ref, ...] = ()
    signature: Hex64 | None = None


class Reasons(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Why somebody challenges a member's level."""

    challenge: Id
    member: Ref
    by: Ref
    lang: Lang
    text: Said
    signature: Hex64 | None = None


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a member answers when they appeal."""

    challenge: Ref
    member: Ref
    lang: Lang
    text: Said
    signature: Hex64 | None = None


class Opinion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a verifier decides about a challenge, or about the appeal."""

    challenge: Ref
    stage: Stage
    verifier: Ref
    upheld: bool
    signature: Hex64 | None = None


Paper = Vouch | CasePaper | Verification | Reasons | Answer | Opinion

TYPES: Final[dict[str, type[Paper]]] = {
    f"application/vnd.civic.{name}+json": kind
    for name, kind in (
        ("vouch", Vouch),
        ("case", CasePaper),
        ("verification", Verification),
        ("reasons", Reasons),
        ("answer", Answer),
        ("opinion", Opinion),
    )
}
_TYPE_OF: Final = {kind: name for name, kind in TYPES.items()}
_DECODERS: Final[dict[str, Any]] = {
    name: msgspec.json.Decoder(kind) for name, kind in TYPES.items()
}


def make(paper: Paper, salt: bytes | None = None) -> bytes:
    """Return a paper as restricted content."""
    return salted(_TYPE_OF[type(paper)], encode_json(paper), salt)


def read(raw: bytes) -> Paper:
    """Return what a paper of assurance says; raise `Malformed`."""
    media_type, body = unsalted(raw)
    decoder = _DECODERS.get(media_type)
    if decoder is None:
        raise Malformed(f"no paper of assurance: {media_type}")
    try:
        paper: Paper = decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(str(error)) from error
    if encode_json(paper) != body:
        raise Malformed("not in canonical form")
    return paper


def author(paper: Paper) -> str:
    """Return the member whose paper it is, whose key signs it where there is one."""
    match paper:
        case Vouch(voucher=member) | Verification(verifier=member) | Opinion(verifier=member):
            return member
        case Reasons(by=member):
            return member
        case CasePaper(member=member) | Answer(member=member):
            return member


def message(log_id: str, paper: Paper) -> bytes:
    """Return the bytes that the author's member key signs; a case is not signed."""
    match paper:
        case Vouch():
            parts: Sequence[str] = ("vouch", paper.vouch, paper.member, paper.voucher)
        case Verification():
            aside = ",".join(paper.passed)
            parts = ("verification", paper.case, paper.member, paper.verifier, paper.way, aside)
        case Reasons():
            parts = ("reasons", paper.challenge, paper.member, paper.by, _digest(paper.text))
        case Answer():
            parts = ("answer", paper.challenge, paper.member, _digest(paper.text))
        case Opinion():
            said = "upheld" if paper.upheld else "dismissed"
            parts = ("opinion", paper.challenge, paper.stage, paper.verifier, said)
        case CasePaper():
            raise TypeError("a case is not signed")
    return "\n".join((f"civic/{parts[0]}/1", log_id, *parts[1:])).encode()


def signed_rightly(state: State, paper: Paper) -> bool:
    """Tell whether the signature on a paper, if there is one, is by its author's recorded key."""
    signature = None if isinstance(paper, CasePaper) else paper.signature
    if signature is None:
        return True
    member = chapter_of(state).members.get(author(paper))
    return (
        member is not None
        and member.key is not None
        and keys.verify(
            bytes.fromhex(member.key),
            message(state.record.log_id, paper),
            bytes.fromhex(signature),
        )
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def lot_rank(log_id: str, case: str, key: str, verifier: str) -> bytes:
    """Return a verifier's place in the lot of a case: the lowest of those who can is drawn.

    `case` is the number in the paper, `key` that of the entry that opened the case. Whoever has the
    paper can draw again; from the record alone nobody can.
    """
    return hashlib.sha256(f"civic/lot/1\n{log_id}\n{case}\n{key}\n{verifier}".encode()).digest()
