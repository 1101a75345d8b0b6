"""The voting domain's rules: opening, casting and counting open votes (pure)."""

import hashlib
from typing import Final, Literal

from chapters.bylaws import Bylaws
from chapters.gate import WRONG_KEY
from chapters.keys.rules import signed_otherwise
from chapters.participation import (
    check_counts,
    check_row_proofs,
    check_rows,
    forget_counts,
    record_counts,
    record_rows,
)
from chapters.state import NAME as CHAPTERS
from chapters.state import ChaptersState, Member, asked, eligible, level_before
from chapters.state import of as chapter_of
from civic.kernel.record.entry import Act, As, Entry, minute, when
from civic.kernel.record.rules import Decision, Draft, Kind, Part, State
from civic.kernel.refusal import Refusal, code
from deliberation.entries import Decided, VoteCalled
from deliberation.state import bylaws_of
from deliberation.state import of as deliberation_of
from voting import entries as e
from voting.counting.majority import Outcome, count_approval, count_yes_no
from voting.state import NAME, Election, VotingState, of

UNKNOWN_ELECTION: Final = code("voting.unknown_election", "There is no such vote.")
CLOSED: Final = code("voting.closed", "The vote is closed.")
NOT_ON_ROLL: Final = code("voting.not_on_roll", "The member is not on the roll of this vote.")
OTHER_SECRECY: Final = code(
    "voting.other_secrecy", "This vote is cast in another way (roll call or under row ids)."
)
VALUE: Final = code("voting.value", "The vote is none of the possible answers.")
MORE_THAN_ROLL: Final = code(
    "voting.more_than_roll", "There are more votes than members on the roll."
)
UNSIGNED: Final = code("voting.unsigned", "The bylaws take only votes signed by the member's key.")


def roll_hash(members: list[str]) -> str:
    """Return the SHA-256 of sorted member ids, each followed by a newline."""
    return hashlib.sha256("".join(f"{one}\n" for one in members).encode()).hexdigest()


def on_roll(election: Election, member_id: str, member: Member) -> bool:
    """Tell whether a present member was on the roll when the vote opened."""
    return member.state == "active" and was_on_roll(election, member_id, member)


def was_on_roll(election: Election, member_id: str, member: Member) -> bool:
    """Tell whether somebody who may have left since was on the roll when the vote opened."""
    return (
        0 < member.number <= election.last_number
        and member.since <= election.joined_by
        and member_id not in election.off
        and (not election.level or level_before(member, election.opened) >= election.level)
    )


def joined_by(until: int, bylaws: Bylaws) -> int:
    """Return the minute by which members must have joined who vote until a minute.

    The wait is reckoned back from when the vote was to open, however late it is recorded.
    """
    return until - bylaws.vote_time - bylaws.vote_wait


def allowed(election: Election, value: int) -> bool:
    """Tell whether a value is an answer to the question."""
    if election.options == 0:
        return -1 <= value <= 1
    return 0 <= value < 1 << election.options


def follow_called(state: State, entry: Entry[VoteCalled]) -> tuple[Draft, ...]:
    """Open the vote that was called, with the roll as it is now."""
    body = entry.body
    proposal = deliberation_of(state).proposals[body.proposal]
    bylaws = bylaws_of(state, proposal)
    earliest = joined_by(minute(body.until), bylaws)
    chapter = chapter_of(state)
    level = asked(chapter, bylaws.level_vote, earliest)
    members = eligible(chapter, level, earliest)
    roll = e.Roll(len(members), roll_hash(members))
    return (
        Draft(
            e.Opened(
                body.election,
                body.proposal,
                proposal.options,
                proposal.secrecy,
                body.until,
                bylaws.quorum,
                bylaws.majority,
                bylaws.unsigned_votes,
                when(earliest),
                level,
                roll,
            )
        ),
    )


def apply_opened(state: State, entry: Entry[e.Opened]) -> None:
    """The vote is open until its time."""
    body, chapter = entry.body, chapter_of(state)
    of(state).elections[body.election] = Election(
        body.proposal,
        body.options,
        body.secrecy,
        body.quorum,
        body.majority,
        body.unsigned,
        body.roll.count,
        body.level,
        chapter.admitted,
        state.record.size,
        minute(body.joined_by),
        {own_id for own_id, one in chapter.members.items() if one.state == "suspended"},
    )
    state.set_deadline(body.election, minute(body.until), "voting.close", people=True)


def decide_cast(state: State, act: Act[e.Cast], now: int) -> Decision:
    """Take a vote in a roll call."""
    voting: VotingState = state.parts[NAME]
    election = voting.elections.get(act.body.election)
    if election is None:
        return Refusal(UNKNOWN_ELECTION)
    if not election.open:
        return Refusal(CLOSED)
    if election.secrecy != "roll_call":
        return Refusal(OTHER_SECRECY)
    chapter: ChaptersState = state.parts[CHAPTERS]
    if not on_roll(election, act.by.id, chapter.members[act.by.id]):
        return Refusal(NOT_ON_ROLL)
    if signed_otherwise(state, act, election.proposal):
        return Refusal(WRONG_KEY)
    if act.proof is None and not election.unsigned:
        return Refusal(UNSIGNED)
    return () if allowed(election, act.body.value) else Refusal(VALUE)


def apply_cast(state: State, entry: Entry[e.Cast]) -> None:
    """The member's vote is this one."""
    voting: VotingState = state.parts[NAME]
    body = entry.body
    voting.elections[body.election].votes[entry.by.id] = body.value


def vote_refusal(state: State, subject: str, value: int, *, signed: bool) -> Refusal | None:
    """Say why a vote may not go into the box of a pseudonymous vote, or None."""
    election = of(state).elections.get(subject)
    if election is None:
        return Refusal(UNKNOWN_ELECTION)
    if not election.open:
        return Refusal(CLOSED)
    if election.secrecy != "pseudonymous":
        return Refusal(OTHER_SECRECY)
    if not signed and not election.unsigned:
        return Refusal(UNSIGNED)
    return None if allowed(election, value) else Refusal(VALUE)


def prepare_votes(log_id: str, act: Act[e.VotesRecorded]) -> Refusal | None:
    """Verify the rows' signatures."""
    return check_row_proofs(log_id, act.body.subject, act.body.rows, act.body.proofs)


def decide_votes(state: State, act: Act[e.VotesRecorded], now: int) -> Decision:
    """Take a batch from the box; what comes after the close is recorded without effect."""
    body = act.body
    election = of(state).elections.get(body.subject)
    if election is None:
        return Refusal(UNKNOWN_ELECTION)
    if election.secrecy != "pseudonymous":
        return Refusal(OTHER_SECRECY)
    if not election.unsigned and len(body.proofs) != len(body.rows):
        return Refusal(UNSIGNED)
    if not all(allowed(election, value) for _, value in body.rows):
        return Refusal(VALUE)
    new = sum(row not in election.votes for row, _ in body.rows)
    if election.open and len(election.votes) + new > election.roll:
        return Refusal(MORE_THAN_ROLL)
    refused = check_rows(state, election.proposal, body.tick, body.rows, now)
    if refused is None and election.open:
        refused = check_counts(state, election.proposal, body.subject, body.rows, body.proofs)
    return refused or ()


def apply_votes(state: State, entry: Entry[e.VotesRecorded]) -> None:
    """Each row's vote is this one, while the vote is open."""
    body = entry.body
    election = of(state).elections[body.subject]
    record_rows(state, election.proposal, body.rows)
    if election.open:
        record_counts(state, election.proposal, body.subject, body.rows, body.proofs)
        election.votes.update(body.rows)


def count(election: Election) -> Outcome:
    """Count an election's votes by its own rule."""
    values = election.votes.values()
    if election.options == 0:
        return count_yes_no(values, election.roll, election.quorum, election.majority)
    return count_approval(
        values, election.options, election.roll, election.quorum, election.majority
    )


def due_close(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """Count the vote."""
    outcome = count(of(state).elections[what_id])
    return (
        Draft(
            e.Result(
                what_id,
                when(deadline),
                outcome.counts,
                outcome.cast,
                outcome.quorate,
                outcome.passed,
            )
        ),
    )


def apply_result(state: State, entry: Entry[e.Result]) -> None:
    """The vote is closed and counted."""
    election = of(state).elections[entry.body.election]
    election.open = False
    election.votes.clear()
    forget_counts(state, election.proposal, entry.body.election)
    state.drop_deadline(entry.body.election)


def follow_result(state: State, entry: Entry[e.Result]) -> tuple[Draft, ...]:
    """Decide the proposal by its vote."""
    body = entry.body
    election = of(state).elections[body.election]
    outcome: Literal["accepted", "rejected", "no_quorum"] = (
        "accepted" if body.passed else "rejected"
    )
    if not body.quorate:
        outcome = "no_quorum"
    winners = body.passed if election.options else ()
    return (Draft(Decided(election.proposal, body.election, outcome, body.closed, winners)),)


PART: Final = Part(
    NAME,
    VotingState,
    (
        Kind(e.Opened, apply_opened, world=True),
        Kind(e.Cast, apply_cast, decide_cast, frozenset({As.MEMBER}), dated=True),
        Kind(
            e.VotesRecorded,
            apply_votes,
            decide_votes,
            frozenset({As.NODE}),
            early=True,
            prepare=prepare_votes,
        ),
        Kind(e.Result, apply_result, world=True),
    ),
    ids=lambda state: (of(state).elections,),
    due={"voting.close": due_close},
    follow=(
        (VoteCalled.kind, follow_called),
        (e.Result.kind, follow_result),
    ),
)
