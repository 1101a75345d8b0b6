"""Restricted reasons: for a refusal, for a suspension, and of an appeal (pure).

For the member concerned, for leads, and for who judges an appeal; erasable. The record has their
hashes alone (docs/protocol/record.md, section 9).
"""

from typing import Annotated, Any, Final, Literal

import msgspec

from chapters.papers import PAPER_BROKEN
from chapters.standing import entries as s
from civic.kernel.record.content import salted, unsalted
from civic.kernel.record.entry import Entry, Malformed, Ref, encode_json
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal

TYPE: Final = "application/vnd.civic.reason+json"
Of = Literal["refusal", "suspension", "appeal"]


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words about how a member stands: why an office did something, or why they appeal."""

    of: Of
    member: Ref
    lang: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", max_length=35)]
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


_reasons = msgspec.json.Decoder(Reason)


def make_reason(reason: Reason, salt: bytes | None = None) -> bytes:
    """Return a reason as restricted content."""
    return salted(TYPE, encode_json(reason), salt)


def read_reason(raw: bytes) -> Reason:
    """Return what a reason says; raise `Malformed`."""
    media_type, body = unsalted(raw)
    if media_type != TYPE:
        raise Malformed(f"no reason: {media_type}")
    try:
        reason = _reasons.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(str(error)) from error
    if encode_json(reason) != body:
        raise Malformed("not in canonical form")
    return reason


def named(entry: Entry[Any]) -> tuple[str, ...]:
    """Return the paper that an entry about somebody's standing names."""
    return (entry.body.paper,)


def reason_refusal(state: State, entry: Entry[Any], raw: bytes) -> Refusal | None:
    """Check that a reason is one of what its entry does, about the member concerned."""
    body = entry.body
    match body:
        case s.ApplicationRefused(member=member):
            of: Of = "refusal"
        case s.SuspensionAsked(member=member):
            of = "suspension"
        case _:
            of, member = "appeal", entry.by.id
    try:
        reason = read_reason(raw)
    except Malformed:
        return Refusal(PAPER_BROKEN)
    return None if (reason.of, reason.member) == (of, member) else Refusal(PAPER_BROKEN)


NAMING: Final = (s.ApplicationRefused.kind, s.SuspensionAsked.kind, s.Appealed.kind)
"""The kinds of entries that name a reason."""
