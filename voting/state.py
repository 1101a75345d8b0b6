"""What the rules know of votes."""

from typing import Final, Literal

import msgspec

from civic.kernel.record.rules import State

NAME: Final = "voting"


class Election(msgspec.Struct):
    """A vote. `last_number` is the admission number of the last member on the roll, `opened` the
    index of the entry that opened it: the levels on the roll are those before it.

    `joined_by` is the minute by which members of the roll had joined; `off` are those who were
    suspended when it opened, and so are not on the roll. `votes` maps member or row ids to values
    while the vote is open; emptied when counted.
    """

    proposal: str
    options: int
    secrecy: Literal["roll_call", "pseudonymous"]
    quorum: int
    majority: int
    unsigned: bool
    roll: int
    level: int
    last_number: int
    opened: int
    joined_by: int
    off: set[str] = set()
    open: bool = True
    votes: dict[str, int] = {}


class VotingState(msgspec.Struct):
    """The voting domain's part of the state."""

    elections: dict[str, Election] = {}


def of(state: State) -> VotingState:
    """Return the voting domain's part of a state.

    What runs for nearly every entry of a record writes `state.parts[NAME]` itself: a call costs
    more than the look-up.
    """
    part: VotingState = state.parts[NAME]
    return part
