"""What the chapters domain may write into a record (docs/protocol/record.md, section 6)."""

from typing import Annotated, Literal

import msgspec

from chapters.bylaws import Bylaws, Change
from civic.kernel.record.entry import Body, Count, Hash, Hex64, Id, Ref, When

Role = Literal["lead", "facilitator", "verifier", "trustee", "auditor", "steward"]


class OfficeTerm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An office given to a member until a moment."""

    id: Id
    office: Role
    member: Ref
    until: When


class Founded(Body, frozen=True):
    """Entry 0. By the founder as a member. Content: the chapter's name (words)."""

    kind = "chapters.founded"
    rules: Count
    charter: Hash
    template: Annotated[str, msgspec.Meta(max_length=40)]
    bylaws: Bylaws
    log_key: Hash
    random: Hash
    founder: Id
    founder_key: Hash | None = None


class Joined(Body, frozen=True):
    """Somebody with an invitation became a member. `paper` is the restricted invitation."""

    kind = "chapters.joined"
    member: Id
    paper: Hash
    member_key: Hash | None = None


class Applied(Body, frozen=True):
    """Somebody asks to be admitted."""

    kind = "chapters.applied"
    member: Id
    member_key: Hash | None = None


class Admitted(Body, frozen=True):
    """A lead admitted an applicant."""

    kind = "chapters.admitted"
    member: Ref


class ApplicationLapsed(Body, frozen=True):
    """Nobody admitted the applicant in time."""

    kind = "chapters.application_lapsed"
    member: Ref


class FounderConfirmed(Body, frozen=True):
    """A founder confirms having met the named others; the record names them as founders."""

    kind = "chapters.founder_confirmed"
    met: tuple[Ref, ...]


class Constituted(Body, frozen=True):
    """The founders constitute the chapter and give its first offices."""

    kind = "chapters.constituted"
    founders: tuple[Ref, ...]
    offices: tuple[OfficeTerm, ...]


class Dissolved(Body, frozen=True):
    """The chapter was not constituted in time."""

    kind = "chapters.dissolved"


class Left(Body, frozen=True):
    """A member left; what was done under their ids stands."""

    kind = "chapters.left"


class DisplayNameSet(Body, frozen=True):
    """A member chose the name members see. Content: the name (words)."""

    kind = "chapters.display_name_set"
    length: Annotated[int, msgspec.Meta(ge=1, le=60)]


class DisplayNameErased(Body, frozen=True):
    """A member had their display name erased."""

    kind = "chapters.display_name_erased"
    words: Hash


class NameGiven(Body, frozen=True):
    """A member stands with their name by what a voice said in a matter."""

    kind = "chapters.name_given"
    matter: Ref
    voice: Ref


class TookPart(Body, frozen=True):
    """Hashes of the restricted papers that tie voice or row ids of a matter to members."""

    kind = "chapters.took_part"
    matter: Ref
    of: Literal["voice", "row"]
    tick: When
    hashes: Annotated[tuple[Hash, ...], msgspec.Meta(min_length=1)]


class BylawsChanged(Body, frozen=True):
    """A decision changed the bylaws. `on` is the moment of the decision."""

    kind = "chapters.bylaws_changed"
    decision: Ref
    on: When
    changes: tuple[Change, ...]


class BylawsKept(Body, frozen=True):
    """A decided change could not take effect: `field` no longer had the value it was to replace.

    `on` is the moment of the decision. `field` is `appointment` if the member to be appointed
    cannot hold the office any more.
    """

    kind = "chapters.bylaws_kept"
    decision: Ref
    on: When
    field: str


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A steward's signature under new stewards."""

    public_key: Hash
    signature: Hex64


class StewardsNamed(Body, frozen=True):
    """The keys that can, `threshold` of them together, move the chapter; approved by the old.

    `number` counts the namings from 1.
    """

    kind = "chapters.stewards_named"
    number: Count
    keys: Annotated[tuple[Hash, ...], msgspec.Meta(min_length=1, max_length=50)]
    threshold: Annotated[int, msgspec.Meta(ge=1, le=50)]
    approvals: Annotated[tuple[Approval, ...], msgspec.Meta(max_length=50)] = ()


class MembersImported(Body, frozen=True):
    """People of a conversation held elsewhere: level 0, without a vote."""

    kind = "chapters.members_imported"
    source: Annotated[str, msgspec.Meta(max_length=200)]
    batch: Count
    members: Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=1500)]
