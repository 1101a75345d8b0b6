"""Restricted papers of a chapter: who stands behind an id, who invited whom (pure).

The shell runs these checks under the lock before the rules decide; `civic audit --restricted` runs
them again over a whole record (papers_audit.py). Specified in docs/protocol/record.md, section 9.
"""

from collections.abc import Iterable
from typing import Any, Final, Literal

import msgspec

from chapters.bylaws import DAY
from chapters.state import of
from civic.kernel import keys
from civic.kernel.record.content import salted, unsalted
from civic.kernel.record.entry import Hex64, Id, Malformed, Ref, encode_json
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal, code

TIE_TYPE: Final = "application/vnd.civic.tie+json"
INVITATION_TYPE: Final = "application/vnd.civic.invitation+json"
INVITATIONS_A_YEAR: Final = 100
"""How many people one member may invite in 366 days."""

PAPER_MISSING: Final = code("papers.missing", "No paper shows who stands behind this id.")
PAPER_BROKEN: Final = code("papers.broken", "A paper is malformed or names something else.")
PAPER_SIGNATURE: Final = code(
    "papers.signature", "A paper's signature is missing, or not by the member's key."
)
TIED_TWICE: Final = code("papers.tied_twice", "One member stands behind two ids in one matter.")
PRESENT: Final = frozenset({"active", "suspended"})
"""How members stand who are some, whether or not they can act."""
NO_MEMBER: Final = code("papers.no_member", "The paper names nobody who was a member then.")
OTHER_VOICE: Final = code("papers.other_voice", "The member gave their name to another's voice.")
INVITER: Final = code("papers.inviter", "The paper names no member who could invite.")
INVITED_TWICE: Final = code("papers.invited_twice", "The invitation was used before.")
TOO_MANY_INVITED: Final = code("papers.too_many_invited", "The member invited too many this year.")


class Tie(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A member stands behind an id in a matter; signed by the member key where there is one."""

    matter: Ref
    of: Literal["voice", "row"]
    id: Id
    member: Ref
    signature: Hex64 | None = None


class Invitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A member invited somebody, who joined under an id. `invitation` is drawn when inviting."""

    invitation: Id
    by: Ref
    member: Id


_ties = msgspec.json.Decoder(Tie)
_invitations = msgspec.json.Decoder(Invitation)


def tie_message(log_id: str, tie: Tie) -> bytes:
    """Return the bytes that the member key signs to tie an id to itself."""
    return f"civic/tie/1\n{log_id}\n{tie.matter}\n{tie.of}\n{tie.id}\n{tie.member}".encode()


def make_tie(tie: Tie, salt: bytes | None = None) -> bytes:
    """Return a tie as restricted content."""
    return salted(TIE_TYPE, encode_json(tie), salt)


def make_invitation(invitation: Invitation, salt: bytes | None = None) -> bytes:
    """Return an invitation as restricted content."""
    return salted(INVITATION_TYPE, encode_json(invitation), salt)


def read_paper(raw: bytes) -> Tie | Invitation:
    """Return what a restricted paper says; raise `Malformed`."""
    media_type, body = unsalted(raw)
    if media_type not in (TIE_TYPE, INVITATION_TYPE):
        raise Malformed(f"no paper: {media_type}")
    decoder: Any = _ties if media_type == TIE_TYPE else _invitations
    try:
        paper: Tie | Invitation = decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(str(error)) from error
    if encode_json(paper) != body:
        raise Malformed("not in canonical form")
    return paper


def check_tie(state: State, tie: Tie) -> Refusal | None:
    """Check that a tie names a present member who may take part in its matter, and its signature.

    A member with a key signs a tie to an id that has a key; a tie without a signature is the
    node's word and is counted as such.
    """
    chapter = of(state)
    member = chapter.members.get(tie.member)
    if member is None or member.state != "active":
        return Refusal(NO_MEMBER)
    return check_tie_signature(state, tie)


def check_present_tie(state: State, tie: Tie) -> Refusal | None:
    """Check a tie as `check_tie` does, of somebody who may be suspended: they can disown acts."""
    member = of(state).members.get(tie.member)
    if member is None or member.state not in PRESENT:
        return Refusal(NO_MEMBER)
    return check_tie_signature(state, tie)


def check_former_tie(state: State, tie: Tie) -> Refusal | None:
    """Check a tie as `check_tie` does, of somebody who may have left: their words stay theirs."""
    member = of(state).members.get(tie.member)
    if member is None or member.number == 0:
        return Refusal(NO_MEMBER)
    return check_tie_signature(state, tie)


def check_tie_signature(state: State, tie: Tie) -> Refusal | None:
    """Check a tie's signature, if it has one, against the member's recorded keys.

    Rows wait for hours with their ties, so a key that was replaced meanwhile is good, too; one that
    came after a vote was announced is not.
    """
    if tie.signature is None:
        return None
    chapter = of(state)
    matter = chapter.matters.get(tie.matter)
    known = chapter.members[tie.member].keys_until(-1 if matter is None else matter.announced)
    message = tie_message(state.record.log_id, tie)
    signature = bytes.fromhex(tie.signature)
    if any(keys.verify(bytes.fromhex(key), message, signature) for key in known):
        return None
    return Refusal(PAPER_SIGNATURE)


def inviter_refusal(state: State, inviter: str) -> Refusal | None:
    """Say why somebody may not invite, or None: present members may, while forming the founder."""
    chapter = of(state)
    member = chapter.members.get(inviter)
    if (
        member is None
        or member.state != "active"
        or (chapter.stage == "forming" and inviter != chapter.founder)
    ):
        return Refusal(INVITER)
    return None


def check_invitation(
    state: State, invitation: Invitation, joining: str, given: Iterable[int], now: int
) -> Refusal | None:
    """Check who invited: a present member (while forming: the founder), within a year's budget.

    `given` are the minutes at which people invited by the same member joined before.
    """
    if invitation.member != joining:
        return Refusal(PAPER_BROKEN)
    refused = inviter_refusal(state, invitation.by)
    if refused is not None:
        return refused
    if sum(at > now - 366 * DAY for at in given) >= INVITATIONS_A_YEAR:
        return Refusal(TOO_MANY_INVITED)
    return None
