"""What a record says of assurance: members, levels, ways and counts, never who met whom."""

from typing import Annotated, Literal

import msgspec

from civic.kernel.record.entry import Body, Count, Hash, Id, Ref, When

Pair = Annotated[tuple[Hash, ...], msgspec.Meta(min_length=2, max_length=2)]
"""Hashes of the papers of two people."""


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A level that a founder holds from the first day on."""

    id: Id
    member: Ref


class FoundersSeen(Body, frozen=True):
    """Those who constituted the chapter, who all met each other, are at level 2."""

    kind = "chapters.founders_seen"
    until: When
    terms: tuple[Term, ...]


class Vouched(Body, frozen=True):
    """Members of level 2 vouched for a member; `papers` are the sorted hashes of their vouches."""

    kind = "chapters.vouched"
    id: Id
    member: Ref
    until: When
    papers: Annotated[tuple[Hash, ...], msgspec.Meta(min_length=1, max_length=20)]


class CaseOpened(Body, frozen=True):
    """Somebody asked to be verified; who, and the case's number, stand in the restricted paper."""

    kind = "chapters.case_opened"
    paper: Hash


class Verified(Body, frozen=True):
    """Two verifiers saw a member. `case` is the paper of the case, `papers` are what they said.

    `appointed` says that a vote gave both their office.
    """

    kind = "chapters.verified"
    id: Id
    member: Ref
    case: Hash
    way: Literal["document", "video"]
    until: When
    appointed: bool
    papers: Pair


class LevelExpired(Body, frozen=True):
    """What a level rested on is over since `on`; `level` is what remains."""

    kind = "chapters.level_expired"
    on: When
    member: Ref
    term: Ref
    level: Count


class LevelRenounced(Body, frozen=True):
    """A member gave up their level, so that the papers on which it rests can be erased."""

    kind = "chapters.level_renounced"


class Challenged(Body, frozen=True):
    """Somebody challenged a member's level; who and why stand in the restricted paper."""

    kind = "chapters.challenged"
    id: Id
    member: Ref
    paper: Hash


class ChallengeDecided(Body, frozen=True):
    """Two verifiers agreed about a challenge, or two others about the appeal."""

    kind = "chapters.challenge_decided"
    challenge: Ref
    upheld: bool
    papers: Pair


class ChallengeAppealed(Body, frozen=True):
    """The member appealed; what they answer stands in the restricted paper."""

    kind = "chapters.challenge_appealed"
    challenge: Ref
    paper: Hash


class ChallengeProlonged(Body, frozen=True):
    """There may be no two verifiers yet who could hear the appeal: it waits until a moment."""

    kind = "chapters.challenge_prolonged"
    challenge: Ref
    until: When


class ChallengeLapsed(Body, frozen=True):
    """No two verifiers agreed in time: the level stays."""

    kind = "chapters.challenge_lapsed"
    challenge: Ref


class LevelLost(Body, frozen=True):
    """A challenge was upheld, and not overturned in time: since `on` the member is at level 0."""

    kind = "chapters.level_lost"
    on: When
    challenge: Ref
    member: Ref


class VouchesReviewed(Body, frozen=True):
    """Those for whom the same people had vouched need new vouches until a moment."""

    kind = "chapters.vouches_reviewed"
    challenge: Ref
    until: When
    members: tuple[Ref, ...]
