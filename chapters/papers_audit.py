"""A whole record held against its restricted papers (pure), for `civic audit --restricted`.

An audit without papers has the node's word for who stands behind an id; with them it checks what
the node checked when it accepted each act.
"""

from collections import Counter
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from chapters.entries import Joined, NameGiven, TookPart
from chapters.keys.entries import KeyChangeAnnounced
from chapters.keys.papers import witnesses_refusal
from chapters.papers import (
    INVITED_TWICE,
    NO_MEMBER,
    OTHER_VOICE,
    PAPER_BROKEN,
    PAPER_MISSING,
    PAPER_SIGNATURE,
    TIED_TWICE,
    Invitation,
    Tie,
    check_invitation,
    check_tie_signature,
    read_paper,
)
from chapters.standing.papers import NAMING, reason_refusal
from chapters.state import Member, of
from civic.kernel.record.content import content_hash
from civic.kernel.record.entry import Entry, Malformed
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal

Place = tuple[str, str, str]
"""`voice` or `row`, the matter, the id."""
More = Callable[[Tie, Member], Refusal | None]
"""What an upper domain asks of the member behind an id, besides being one."""


_ACTIVE: Final = frozenset({"active"})


def _nothing(tie: Tie, member: Member) -> Refusal | None:
    return None


@dataclass
class PapersAudit:
    """Takes each entry with the state before it; `finish` ends it. `findings` are by index.

    `papers` maps hashes to bytes. What the record names and is not there was erased or not given:
    it is counted as `absent`, and as many ids of its matter may stay without a tie. `unsigned` are
    ties for which the node alone vouches.
    """

    papers: Mapping[str, bytes]
    findings: list[tuple[int, Refusal]] = field(default_factory=list)
    checked: int = 0
    absent: int = 0
    unsigned: int = 0
    _candidates: dict[tuple[str, str], list[tuple[str, Tie]]] = field(default_factory=dict)
    _trouble: dict[str, tuple[int, Refusal]] = field(default_factory=dict)
    _recorded: dict[Place, tuple[Tie, bool]] = field(default_factory=dict)
    _digests: set[str] = field(default_factory=set)
    _ids: set[tuple[str, str]] = field(default_factory=set)
    _members: set[Place] = field(default_factory=set)
    _first: dict[Place, tuple[int, int]] = field(default_factory=dict)
    _signed: dict[Place, int] = field(default_factory=dict)
    _hidden: Counter[tuple[str, str]] = field(default_factory=Counter)
    _used: set[str] = field(default_factory=set)
    _given: dict[str, list[int]] = field(default_factory=dict)
    _names: list[tuple[int, str, NameGiven]] = field(default_factory=list)

    def __post_init__(self) -> None:
        # A tie enters the record after the act it belongs to; the act is checked with it at once.
        for digest, raw in self.papers.items():
            paper = _paper(digest, raw)
            if isinstance(paper, Tie):
                self._candidates.setdefault((paper.of, paper.id), []).append((digest, paper))

    def entry(self, state: State, entry: Entry[Any], index: int, now: int) -> None:
        """Check an entry that names papers."""
        body = entry.body
        refused = None
        if isinstance(body, TookPart):
            refused = self._took_part(state, body)
        elif isinstance(body, Joined):
            refused = self._joined(state, body, now)
        elif entry.kind in NAMING:
            refused = self._reason(state, entry)
        elif isinstance(body, KeyChangeAnnounced):
            refused = self._witnessed(state, body)
        elif isinstance(body, NameGiven):
            self._names.append((index, entry.by.id, body))
        if refused is not None:
            self.findings.append((index, refused))

    def spoke(
        self,
        state: State,
        matter: str,
        voice: str,
        index: int,
        now: int,
        *,
        signed: bool,
        standing: Container[str] | None = _ACTIVE,
        more: More = _nothing,
    ) -> None:
        """Check the member behind a voice that acts: present, and the same in its matter.

        `standing` is how the member may stand with the chapter; with None they may have left.
        """
        self._seen(("voice", matter, voice), index, now, signed=signed)
        for digest, tie in self._candidates.get(("voice", voice), ()):
            member = of(state).members.get(tie.member)
            if tie.matter != matter:
                self._trouble.setdefault(digest, (index, Refusal(PAPER_BROKEN)))
            elif member is None or (standing is not None and member.state not in standing):
                self._trouble.setdefault(digest, (index, Refusal(NO_MEMBER)))
            elif (refused := more(tie, member)) is not None:
                self._trouble.setdefault(digest, (index, refused))

    def apart(self, voice: str, index: int, refusal: Callable[[Tie], Refusal | None]) -> None:
        """Check the member behind a voice against an act of somebody else about its words."""
        for digest, tie in self._candidates.get(("voice", voice), ()):
            refused = refusal(tie)
            if refused is not None:
                self._trouble.setdefault(digest, (index, refused))

    def reacted(
        self,
        state: State,
        matter: str,
        row: str,
        index: int,
        now: int,
        *,
        signed: bool,
        more: More = _nothing,
    ) -> None:
        """Check the member behind a row; they may have left since the box took it."""
        self._seen(("row", matter, row), index, now, signed=signed)
        for digest, tie in self._candidates.get(("row", row), ()):
            member = of(state).members.get(tie.member)
            if tie.matter != matter:
                self._trouble.setdefault(digest, (index, Refusal(PAPER_BROKEN)))
            elif member is not None and (refused := more(tie, member)) is not None:
                self._trouble.setdefault(digest, (index, refused))

    def _seen(self, place: Place, index: int, now: int, *, signed: bool) -> None:
        self._first.setdefault(place, (index, now))
        if signed:
            self._signed.setdefault(place, index)

    def finish(self, now: int) -> None:
        """Find what only the whole record shows; `now` is the time of its last entry.

        A voice that first spoke in that tick may still wait for its tie.
        """
        for index, member, given in self._names:
            known = self._recorded.get(("voice", given.matter, given.voice))
            if known is not None and known[0].member != member:
                self.findings.append((index, Refusal(OTHER_VOICE)))
        for place, (index, at) in self._first.items():
            if place in self._recorded or (place[0] == "voice" and at >= now):
                continue
            if self._hidden[place[0], place[1]]:
                self._hidden[place[0], place[1]] -= 1
            else:
                self.findings.append((index, Refusal(PAPER_MISSING)))
        self.findings.extend(
            trouble for digest, trouble in self._trouble.items() if digest in self._digests
        )
        for place, (tie, keyed) in self._recorded.items():
            if tie.signature is None and keyed and place in self._signed:
                self.findings.append((self._signed[place], Refusal(PAPER_SIGNATURE)))
        self.findings.sort(key=lambda one: one[0])

    def _read(self, digest: str) -> Tie | Invitation | Refusal | None:
        raw = self.papers.get(digest)
        if raw is None:
            self.absent += 1
            return None
        self.checked += 1
        return _paper(digest, raw) or Refusal(PAPER_BROKEN)

    def _took_part(self, state: State, body: TookPart) -> Refusal | None:
        # All of them are read, whatever is found: what follows rests on those that are good.
        found: Refusal | None = None
        for digest in body.hashes:
            tie = self._read(digest)
            if tie is None:
                self._hidden[body.of, body.matter] += 1
            elif isinstance(tie, Refusal):
                self._hidden[body.of, body.matter] += 1
                found = found or tie
            elif not isinstance(tie, Tie) or tie.matter != body.matter or tie.of != body.of:
                self._hidden[body.of, body.matter] += 1
                found = found or Refusal(PAPER_BROKEN)
            else:
                found = self._tie(state, digest, tie) or found
        return found

    def _tie(self, state: State, digest: str, tie: Tie) -> Refusal | None:
        place = (tie.of, tie.matter, tie.id)
        standing = (tie.of, tie.matter, tie.member)
        if (tie.of, tie.id) in self._ids or standing in self._members:
            return Refusal(TIED_TWICE)
        member = of(state).members.get(tie.member)
        self._digests.add(digest)
        self._ids.add((tie.of, tie.id))
        self._members.add(standing)
        self._recorded[place] = (tie, member is not None and member.key is not None)
        if member is None or member.number == 0:
            return Refusal(NO_MEMBER)
        self.unsigned += tie.signature is None
        return check_tie_signature(state, tie)

    def _reason(self, state: State, entry: Entry[Any]) -> Refusal | None:
        digest = entry.body.paper
        raw = self.papers.get(digest)
        if raw is None:
            self.absent += 1
            return None
        self.checked += 1
        if content_hash(raw) != digest:
            return Refusal(PAPER_BROKEN)
        return reason_refusal(state, entry, raw)

    def _witnessed(self, state: State, body: KeyChangeAnnounced) -> Refusal | None:
        there = []
        for digest in body.papers:
            raw = self.papers.get(digest)
            if raw is None:
                self.absent += 1
                continue
            self.checked += 1
            if content_hash(raw) != digest:
                return Refusal(PAPER_BROKEN)
            there.append(raw)
        return witnesses_refusal(state, body, there)

    def _joined(self, state: State, body: Joined, now: int) -> Refusal | None:
        paper = self._read(body.paper)
        if paper is None or isinstance(paper, Refusal):
            return paper
        if not isinstance(paper, Invitation):
            return Refusal(PAPER_BROKEN)
        if paper.invitation in self._used:
            return Refusal(INVITED_TWICE)
        self._used.add(paper.invitation)
        given = self._given.setdefault(paper.by, [])
        refused = check_invitation(state, paper, body.member, given, now)
        given.append(now)
        return refused


def _paper(digest: str, raw: bytes) -> Tie | Invitation | None:
    try:
        return read_paper(raw) if content_hash(raw) == digest else None
    except Malformed:
        return None
