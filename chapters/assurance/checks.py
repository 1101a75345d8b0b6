"""What the papers of assurance must show: independence, budgets, quotas, the lot (pure).

The shell asks under the lock, `civic audit --restricted` asks again. What either knows of earlier
papers (who vouched for somebody, how often somebody did) is given as arguments.
"""

from collections.abc import Collection, Iterable
from typing import Final

from chapters.assurance.levels import NO_LEVEL, QUOTA_TIME
from chapters.assurance.papers import (
    CasePaper,
    Opinion,
    Paper,
    Reasons,
    Verification,
    Vouch,
    Way,
    lot_rank,
    signed_rightly,
)
from chapters.assurance.state import Case, may_vouch, of, verifiers_of
from chapters.bylaws import YEAR
from chapters.papers import NO_MEMBER, PAPER_BROKEN, PAPER_SIGNATURE
from chapters.state import of as chapter_of
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal, code

TWICE: Final = code("papers.twice", "One person stands behind two papers that need two people.")
VOUCHER: Final = code(
    "papers.voucher",
    "Only another present member of level 2 may vouch, not seen by video alone, and nobody who "
    "vouched within a year for a person who lost their level.",
)
VOUCH_BUDGET: Final = code("papers.vouch_budget", "The member gave all vouches of this year.")
VERIFIER: Final = code(
    "papers.verifier", "Only a verifier in office may do this, and never about themself."
)
NOT_INDEPENDENT: Final = code(
    "papers.not_independent",
    "The verifier vouched for this person, is near to them, or took part in what is disputed.",
)
VERIFY_QUOTA: Final = code(
    "papers.verify_quota", "The verifier confirmed as many people as the bylaws allow in 30 days."
)
LOT: Final = code("papers.lot", "One of the two verifiers must be the one drawn by lot.")
APPOINTED: Final = code(
    "papers.appointed", "The entry does not say truly whether a vote gave the verifiers' offices."
)
CASE_OPEN: Final = code("papers.case_open", "The member has an open case already.")
RELATIVES: Final = code(
    "papers.relatives", "So many verifiers were set aside that too few are left for the lot."
)
CHALLENGER: Final = code(
    "papers.challenger", "Only another member of level 2, or a verifier in office, may challenge."
)
TOO_MANY_CHALLENGES: Final = code(
    "papers.too_many_challenges", "The member challenged too many levels this year."
)
REVIEW_DIFFERS: Final = code(
    "papers.review", "The review does not name those for whom the same people vouched."
)

CHALLENGES_A_YEAR: Final = 3
"""How many levels one member may challenge in 366 days."""
LOT_FROM: Final = 4
"""With so many verifiers in office one of the two is drawn by lot."""


def recent(minutes: Iterable[int], now: int, span: int = YEAR) -> int:
    """Count the minutes that lie within a span before now."""
    return sum(at > now - span for at in minutes)


def signature_refusal(state: State, paper: Paper) -> Refusal | None:
    """Check the signature on a paper, where there is one."""
    return None if signed_rightly(state, paper) else Refusal(PAPER_SIGNATURE)


def vouch_refusal(
    state: State, vouch: Vouch, others: Collection[str], given: int, *, failed: bool
) -> Refusal | None:
    """Check a vouch.

    `others` vouched for the same person now, `given` is how many vouches the voucher gave this
    year besides this one, `failed` whether somebody they vouched for lost their level since.
    """
    chapter = chapter_of(state)
    member = chapter.members.get(vouch.member)
    if member is None or member.state != "active":
        return Refusal(NO_MEMBER)
    if vouch.voucher == vouch.member or failed or not may_vouch(chapter, vouch.voucher):
        return Refusal(VOUCHER)
    if vouch.voucher in others:
        return Refusal(TWICE)
    budget = max(bylaws.vouch_budget for bylaws in chapter.versions)
    if given >= budget:
        return Refusal(VOUCH_BUDGET, {"most": budget})
    return signature_refusal(state, vouch)


def most_relatives(verifiers: int) -> int:
    """Return how many verifiers somebody may name as near to them.

    Where a lot is drawn three remain in it: else whoever names all but one would choose them.
    """
    return max(0, verifiers - (3 if verifiers >= LOT_FROM else 2))


def case_refusal(state: State, paper: CasePaper) -> Refusal | None:
    """Check who asks to be verified, and whom they set aside."""
    chapter = chapter_of(state)
    member = chapter.members.get(paper.member)
    if member is None or member.state != "active":
        return Refusal(NO_MEMBER)
    if member.level == 0:
        return Refusal(NO_LEVEL, {"needed": 1})
    verifiers = set(verifiers_of(chapter)) - {paper.member}
    aside = set(paper.relatives)
    if len(aside) != len(paper.relatives) or not aside <= verifiers:
        return Refusal(PAPER_BROKEN)
    if len(aside) > most_relatives(len(verifiers)):
        return Refusal(RELATIVES, {"most": most_relatives(len(verifiers))})
    return None


def drawn(
    state: State, case: Case, paper: CasePaper, vouchers: Collection[str], passed: Collection[str]
) -> str | None:
    """Return the verifier drawn by lot for a case, or None where nobody is.

    Of those who were in office when the case was opened: the first in the lot's order who still is,
    did not vouch for the person, is not near to them and has not stood aside.
    """
    if len(case.verifiers) < LOT_FROM:
        return None
    out = {paper.member, *paper.relatives, *vouchers, *passed}
    present = set(verifiers_of(chapter_of(state)))
    can = [one for one in case.verifiers if one in present and one not in out]
    log_id = state.record.log_id
    return min(can, key=lambda one: lot_rank(log_id, paper.case, case.key, one), default=None)


def verification_refusal(
    state: State,
    paper: CasePaper,
    said: Verification,
    vouchers: Collection[str],
    others: Collection[str],
    confirmed: int,
) -> Refusal | None:
    """Check what one verifier says.

    `others` confirmed the same case, `confirmed` is how many people the verifier confirmed within
    30 days besides this one.
    """
    chapter = chapter_of(state)
    if said.case != paper.case or said.member != paper.member:
        return Refusal(PAPER_BROKEN)
    if said.verifier == paper.member or said.verifier not in verifiers_of(chapter):
        return Refusal(VERIFIER)
    if said.verifier in {*vouchers, *paper.relatives, *said.passed}:
        return Refusal(NOT_INDEPENDENT)
    if said.verifier in others:
        return Refusal(TWICE)
    quota = max(bylaws.verify_quota for bylaws in chapter.versions)
    if confirmed >= quota:
        return Refusal(VERIFY_QUOTA, {"most": quota, "days": QUOTA_TIME // (24 * 60)})
    return signature_refusal(state, said)


def lot_refusal(
    state: State,
    case: Case,
    paper: CasePaper,
    said: Collection[Verification],
    vouchers: Collection[str],
) -> Refusal | None:
    """Check that two verifiers are, or could still become, a pair with the one drawn by lot."""
    passed = {one for each in said for one in each.passed}
    lot = drawn(state, case, paper, vouchers, passed)
    if lot is None or len(said) < 2 or lot in {one.verifier for one in said}:
        return None
    return Refusal(LOT)


def way_of(said: Iterable[Verification]) -> Way:
    """Return the way that a verification counts as: a document only if both had it in hand."""
    return "document" if all(one.way == "document" for one in said) else "video"


def appointed(state: State, verifiers: Iterable[str]) -> bool:
    """Tell whether all of these are verifiers by an office that a vote gave them."""
    first = of(state).first_offices
    by_vote = {
        office.member
        for own_id, office in chapter_of(state).offices.items()
        if office.role == "verifier" and own_id not in first
    }
    return by_vote.issuperset(verifiers)


def challenge_refusal(state: State, reasons: Reasons, given: int) -> Refusal | None:
    """Check who challenges a level; `given` is how many others they challenged this year."""
    chapter = chapter_of(state)
    can = may_vouch(chapter, reasons.by) or reasons.by in verifiers_of(chapter)
    if not can or reasons.by == reasons.member:
        return Refusal(CHALLENGER)
    if given >= CHALLENGES_A_YEAR:
        return Refusal(TOO_MANY_CHALLENGES, {"most": CHALLENGES_A_YEAR})
    return signature_refusal(state, reasons)


def opinion_refusal(
    state: State, member: str, opinion: Opinion, near: Collection[str], others: Collection[str]
) -> Refusal | None:
    """Check what one verifier decides about a dispute.

    `near` are who challenged, who vouched for or verified the member, and in an appeal who decided
    first; `others` decided already in the same turn.
    """
    if opinion.verifier == member or opinion.verifier not in verifiers_of(chapter_of(state)):
        return Refusal(VERIFIER)
    if opinion.verifier in near:
        return Refusal(NOT_INDEPENDENT)
    if opinion.verifier in others:
        return Refusal(TWICE)
    return signature_refusal(state, opinion)
