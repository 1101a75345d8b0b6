"""Counting of votes on yes and no, and of approval, with quorum and majority.

Shares are exact: whole numbers per mille are compared by multiplication, never by division.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """What a count gave: `counts` by option, how many voted, quorum reached, what passed."""

    counts: tuple[int, ...]
    cast: int
    quorate: bool
    passed: tuple[int, ...]


def quorate(cast: int, roll: int, quorum: int) -> bool:
    """Tell whether `cast` votes reach a quorum (per mille) of a roll."""
    return cast * 1000 >= quorum * roll


def count_yes_no(values: Iterable[int], roll: int, quorum: int, majority: int) -> Outcome:
    """Count votes 1 (yes), -1 (no), 0 (abstain).

    Passed when quorate and yes/(yes+no) is strictly above `majority` per mille; abstentions count
    for the quorum only. `counts` is (yes, no, abstain).
    """
    yes = no = abstain = 0
    for value in values:
        if value == 1:
            yes += 1
        elif value == -1:
            no += 1
        else:
            abstain += 1
    cast = yes + no + abstain
    enough = quorate(cast, roll, quorum)
    won = enough and yes * 1000 > majority * (yes + no)
    return Outcome((yes, no, abstain), cast, enough, (0,) if won else ())


def count_approval(
    values: Iterable[int], options: int, roll: int, quorum: int, majority: int
) -> Outcome:
    """Count approvals: bit i of a value approves option i.

    Passed, when quorate, are all options with the highest number of approvals if that is strictly
    above `majority` per mille of the votes cast; several when they are equal.
    """
    counts = [0] * options
    cast = 0
    for value in values:
        cast += 1
        for option in range(options):
            counts[option] += value >> option & 1
    enough = quorate(cast, roll, quorum)
    best = max(counts, default=0)
    won = enough and best * 1000 > majority * cast
    passed = tuple(i for i, count in enumerate(counts) if count == best) if won else ()
    return Outcome(tuple(counts), cast, enough, passed)
