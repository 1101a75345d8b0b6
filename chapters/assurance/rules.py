"""The part of the rules that is about assurance: its kinds, transitions and followers."""

from collections.abc import Container
from typing import Final

from chapters.assurance import disputes, levels, offices
from chapters.assurance import entries as e
from chapters.assurance.state import NAME, AssuranceState, of
from chapters.assurance.terms import EXPIRY
from chapters.entries import Constituted
from civic.kernel.record.entry import As
from civic.kernel.record.rules import Kind, Part, State


def ids(state: State) -> tuple[Container[str], ...]:
    """Return what holds the ids of terms and challenges."""
    own = of(state)
    return own.terms, own.challenges


_MEMBER: Final = frozenset({As.MEMBER})
_NODE: Final = frozenset({As.NODE})

PART: Final = Part(
    NAME,
    AssuranceState,
    (
        Kind(e.FoundersSeen, levels.apply_founders),
        Kind(e.Vouched, levels.apply_vouched, levels.decide_vouched, _NODE),
        Kind(e.CaseOpened, levels.apply_opened, levels.decide_opened, _NODE),
        Kind(e.Verified, levels.apply_verified, levels.decide_verified, _NODE),
        Kind(e.LevelExpired, levels.apply_expired),
        Kind(e.LevelRenounced, levels.apply_renounced, levels.decide_renounced, _MEMBER),
        Kind(e.Challenged, disputes.apply_challenged, disputes.decide_challenged, _NODE),
        Kind(e.ChallengeDecided, disputes.apply_decided, disputes.decide_decided, _NODE),
        Kind(e.ChallengeAppealed, disputes.apply_appealed, disputes.decide_appealed, _MEMBER),
        Kind(e.ChallengeProlonged, disputes.apply_prolonged),
        Kind(e.ChallengeLapsed, disputes.apply_lapsed),
        Kind(e.LevelLost, disputes.apply_lost),
        Kind(e.VouchesReviewed, disputes.apply_reviewed, disputes.decide_reviewed, _NODE),
    ),
    ids=ids,
    due={
        EXPIRY: levels.due_expiry,
        disputes.OPEN: disputes.due_open,
        disputes.FALL: disputes.due_fall,
    },
    follow=(
        (Constituted.kind, levels.follow_constituted),
        (e.LevelExpired.kind, offices.follow_expired),
        (e.LevelRenounced.kind, offices.follow_renounced),
        (e.LevelLost.kind, offices.follow_lost),
    ),
)
