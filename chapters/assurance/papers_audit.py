"""A record's entries of assurance held against their restricted papers (pure)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from chapters.assurance import checks
from chapters.assurance import entries as e
from chapters.assurance.disputes import on_vouches_alone, terms_of
from chapters.assurance.levels import CASE_TIME, QUOTA_TIME
from chapters.assurance.papers import (
    Answer,
    CasePaper,
    Opinion,
    Paper,
    Reasons,
    Verification,
    Vouch,
    read,
)
from chapters.assurance.state import Challenge, of
from chapters.bylaws import YEAR
from chapters.papers import PAPER_BROKEN
from chapters.state import of as chapter_of
from civic.kernel.record.content import content_hash
from civic.kernel.record.entry import Entry, Malformed
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal

P = TypeVar("P", bound=Paper)


@dataclass
class _Dispute:
    """What papers show of a challenge: about whom, by whom, who decided first."""

    member: str
    by: str | None
    first: frozenset[str] = frozenset()


@dataclass
class AssuranceAudit:
    """Takes each entry with the state before it. Papers that are not there count as `absent`."""

    papers: Mapping[str, bytes]
    checked: int = 0
    absent: int = 0
    unsigned: int = 0
    _used: set[str] = field(default_factory=set)
    _authors: dict[str, frozenset[str]] = field(default_factory=dict)
    """By term: who vouched for or verified its member; a term with absent papers is left out."""
    _given: dict[str, list[int]] = field(default_factory=dict)
    _confirmed: dict[str, list[int]] = field(default_factory=dict)
    _challenged: dict[str, list[int]] = field(default_factory=dict)
    _failed: dict[str, int] = field(default_factory=dict)
    _cases: dict[str, str] = field(default_factory=dict)
    """By member: the paper of their last case."""
    _disputes: dict[str, _Dispute] = field(default_factory=dict)

    def entry(self, state: State, entry: Entry[Any], now: int) -> Refusal | None:
        """Check the papers that an entry names; return what is wrong with one of them."""
        match entry.body:
            case e.Vouched() as body:
                return self._vouched(state, body, now)
            case e.CaseOpened() as body:
                return self._opened(state, body, now)
            case e.Verified() as body:
                return self._verified(state, body, now)
            case e.Challenged() as body:
                return self._challenge(state, body, now)
            case e.ChallengeDecided() as body:
                return self._decided(state, body)
            case e.ChallengeAppealed() as body:
                answer = self._one(body.paper, Answer)
                if isinstance(answer, Answer) and (
                    answer.challenge != body.challenge or answer.member != entry.by.id
                ):
                    return Refusal(PAPER_BROKEN)
                return self._wrong(answer)
            case e.VouchesReviewed() as body:
                return self._reviewed(state, body, now)
            case _:
                return None

    def _one(self, digest: str, kind: type[P], *, again: bool = False) -> P | Refusal | None:
        raw = self.papers.get(digest)
        if raw is None:
            self.absent += not again
            return None
        self.checked += not again
        try:
            paper = read(raw) if content_hash(raw) == digest else None
        except Malformed:
            paper = None
        if not isinstance(paper, kind):
            return Refusal(PAPER_BROKEN)
        if digest in self._used:
            return Refusal(checks.TWICE)
        # A case is named again when it is closed.
        if not isinstance(paper, CasePaper):
            self._used.add(digest)
            self.unsigned += getattr(paper, "signature", None) is None
        return paper

    def _wrong(self, *papers: Paper | Refusal | None) -> Refusal | None:
        return next((one for one in papers if isinstance(one, Refusal)), None)

    def _all(self, hashes: Iterable[str], kind: type[P]) -> tuple[list[P], Refusal | None, bool]:
        found = [self._one(one, kind) for one in hashes]
        whole = all(isinstance(one, kind) for one in found)
        return [one for one in found if isinstance(one, kind)], self._wrong(*found), whole

    def _vouchers(self, state: State, member: str) -> frozenset[str]:
        standing = of(state).standing.get(member)
        term = None if standing is None else standing.vouched
        return frozenset() if term is None else self._authors.get(term.id, frozenset())

    def _near(self, state: State, challenge: Challenge) -> frozenset[str]:
        behind = (self._authors.get(one, frozenset()) for one in terms_of(state, challenge))
        return frozenset[str]().union(*behind)

    def _vouched(self, state: State, body: e.Vouched, now: int) -> Refusal | None:
        vouches, refused, whole = self._all(body.papers, Vouch)
        others: list[str] = []
        for one in vouches:
            if one.member != body.member:
                refused = refused or Refusal(PAPER_BROKEN)
            given = self._given.setdefault(one.voucher, [])
            failed = self._failed.get(one.voucher, now - YEAR) > now - YEAR
            refused = refused or checks.vouch_refusal(
                state, one, others, checks.recent(given, now), failed=failed
            )
            given.append(now)
            others.append(one.voucher)
        if whole:
            self._authors[body.id] = frozenset(others)
        return refused

    def _opened(self, state: State, body: e.CaseOpened, now: int) -> Refusal | None:
        paper = self._one(body.paper, CasePaper)
        if not isinstance(paper, CasePaper):
            return self._wrong(paper)
        before = of(state).cases.get(self._cases.get(paper.member, ""))
        self._cases[paper.member] = body.paper
        if before is not None and before.opened + CASE_TIME >= now:
            return Refusal(checks.CASE_OPEN)
        return checks.case_refusal(state, paper)

    def _verified(self, state: State, body: e.Verified, now: int) -> Refusal | None:
        paper = self._one(body.case, CasePaper, again=True)
        said, refused, whole = self._all(body.papers, Verification)
        refused = self._wrong(paper) or refused
        for one in said:
            self._confirmed.setdefault(one.verifier, [])
        if isinstance(paper, CasePaper):
            vouchers = self._vouchers(state, body.member)
            others: list[str] = []
            for one in said:
                confirmed = checks.recent(self._confirmed[one.verifier], now, QUOTA_TIME)
                refused = refused or checks.verification_refusal(
                    state, paper, one, vouchers, others, confirmed
                )
                others.append(one.verifier)
            if paper.member != body.member:
                refused = refused or Refusal(PAPER_BROKEN)
            case = of(state).cases.get(body.case)
            if whole and case is not None:
                refused = refused or checks.lot_refusal(state, case, paper, said, vouchers)
        if whole:
            by = frozenset(one.verifier for one in said)
            if checks.way_of(said) != body.way:
                refused = refused or Refusal(PAPER_BROKEN)
            if checks.appointed(state, by) != body.appointed:
                refused = refused or Refusal(checks.APPOINTED)
            self._authors[body.id] = by
        for one in said:
            self._confirmed[one.verifier].append(now)
        return refused

    def _challenge(self, state: State, body: e.Challenged, now: int) -> Refusal | None:
        paper = self._one(body.paper, Reasons)
        if not isinstance(paper, Reasons):
            self._disputes[body.id] = _Dispute(body.member, None)
            return self._wrong(paper)
        self._disputes[body.id] = _Dispute(body.member, paper.by)
        if paper.challenge != body.id or paper.member != body.member:
            return Refusal(PAPER_BROKEN)
        given = self._challenged.setdefault(paper.by, [])
        refused = checks.challenge_refusal(state, paper, checks.recent(given, now))
        given.append(now)
        return refused

    def _decided(self, state: State, body: e.ChallengeDecided) -> Refusal | None:
        opinions, refused, _whole = self._all(body.papers, Opinion)
        dispute = self._disputes.get(body.challenge)
        challenge = of(state).challenges.get(body.challenge)
        if dispute is None or challenge is None:
            return refused
        stage = "first" if challenge.stage == "open" else "appeal"
        near = self._near(state, challenge) | dispute.first | {dispute.by or ""}
        others: list[str] = []
        for one in opinions:
            if (one.challenge, one.stage, one.upheld) != (body.challenge, stage, body.upheld):
                refused = refused or Refusal(PAPER_BROKEN)
            refused = refused or checks.opinion_refusal(state, dispute.member, one, near, others)
            others.append(one.verifier)
        if stage == "first":
            dispute.first = frozenset(others)
        return refused

    def _reviewed(self, state: State, body: e.VouchesReviewed, now: int) -> Refusal | None:
        challenge = of(state).challenges.get(body.challenge)
        if challenge is None:
            return None
        vouchers = self._authors.get(challenge.vouched, frozenset())
        for one in vouchers:
            self._failed[one] = now
        vouchers |= {challenge.member}
        members = chapter_of(state).members
        expected, whole = set(), not challenge.vouched or challenge.vouched in self._authors
        for member, standing in of(state).standing.items():
            if members[member].state != "active" or not on_vouches_alone(standing):
                continue
            assert standing.vouched is not None
            by = self._authors.get(standing.vouched.id)
            whole = whole and by is not None
            if by is not None and not by.isdisjoint(vouchers):
                expected.add(member)
        named = set(body.members)
        if not expected <= named or (whole and named != expected):
            return Refusal(checks.REVIEW_DIFFERS)
        return None
