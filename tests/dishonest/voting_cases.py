"""Records that break the rules of votes."""

from typing import Any

from civic.kernel.record.entry import As, when
from tests.acts import made
from tests.dishonest.case import PEOPLE, Lie, case, village
from tests.factories.records import Record
from voting import entries as v


def voting(**bylaws: Any) -> tuple[Record, str, str]:
    """A chapter that votes: the record, the matter, the election."""
    record = village(**bylaws)
    matter = record.propose("ann", "p")
    record.discuss(matter, "ben", "cem")
    return record, matter, record.vote(matter)


def casting(record: Record, election: str, value: int = 1, name: str = "ann") -> Lie:
    """A vote that the rules do not take."""
    signer = name if record.signed else None
    return Lie(record, record.lie(v.Cast(election, value), As.MEMBER, made(name), signer=signer))


@case("voting.unknown_election")
def unknown_election() -> Lie:
    record, _, _ = voting(secrecy="roll_call")
    return casting(record, made("nothing"))


@case("voting.closed")
def closed() -> Lie:
    record, _, election = voting(secrecy="roll_call")
    record.wait(days=6)
    return casting(record, election)


@case("voting.not_on_roll")
def not_on_roll() -> Lie:
    record, _, election = voting(secrecy="roll_call")
    record.join("gil", "ann")
    return casting(record, election, name="gil")


@case("voting.other_secrecy")
def other_secrecy() -> Lie:
    record, _, election = voting()
    return casting(record, election)


@case("voting.value")
def value() -> Lie:
    record, _, election = voting(secrecy="roll_call")
    return casting(record, election, 7)


@case("voting.unsigned")
def unsigned() -> Lie:
    record, _, election = voting(secrecy="roll_call", unsigned_votes=False, signed=False)
    return casting(record, election)


@case("voting.more_than_roll")
def more_than_roll() -> Lie:
    record, matter, election = voting()
    record.join("gil", "ann")
    record.pass_time(minutes=10)
    votes = dict.fromkeys((*PEOPLE, "gil"), 1)
    rows, proofs = record.row_batch(matter, election, votes)
    record._hand_over_ties(matter, "row")
    body = v.VotesRecorded(election, when(record.tick), 0, rows, proofs)
    return Lie(record, record.lie(body, As.NODE))
