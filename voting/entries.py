"""What the voting domain may write into a record (docs/protocol/record.md, section 8)."""

from typing import Annotated, Literal

import msgspec

from chapters.bylaws import Level
from chapters.participation import Row, RowProof
from civic.kernel.record.entry import Body, Count, Hash, Integer, Ref, When


class Roll(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may vote: how many members, and the SHA-256 of their sorted ids, each with a newline."""

    count: Count
    sha256: Hash


class Opened(Body, frozen=True):
    """A vote is open. `options` 0: yes (1), no (-1) or abstain (0); else approval of options.

    Members of the roll had joined by `joined_by` (founders wait for no vote) and had at least
    `level`.
    """

    kind = "voting.opened"
    election: Ref
    proposal: Ref
    options: Count
    secrecy: Literal["roll_call", "pseudonymous"]
    until: When
    quorum: Count
    majority: Count
    unsigned: bool
    joined_by: When
    level: Level
    roll: Roll


class Cast(Body, frozen=True):
    """A vote in a roll call, under the member's id. A later one replaces an earlier.

    `value` is 1, -1 or 0, or for options the sum of 2^i over the approved options i.
    """

    kind = "voting.cast"
    election: Ref
    value: Integer


class VotesRecorded(Body, frozen=True):
    """Votes under row ids, from the box of a pseudonymous vote."""

    kind = "voting.votes_recorded"
    subject: Ref
    tick: When
    batch: Count
    rows: Annotated[tuple[Row, ...], msgspec.Meta(min_length=1)]
    proofs: tuple[RowProof, ...] = ()


class Result(Body, frozen=True):
    """The count of a vote that closed at a moment.

    `counts` is [yes, no, abstain], or the approvals of each option. `cast` is how many voted;
    `quorate` tells whether cast * 1000 >= quorum * roll. `passed` are the options (0 for a vote on
    yes and no) that won.
    """

    kind = "voting.result"
    election: Ref
    closed: When
    counts: tuple[Count, ...]
    cast: Count
    quorate: bool
    passed: tuple[Count, ...]
