"""Outages of the node and the deadlines they extend: the record's own two kinds of entries."""

from bisect import bisect_right
from operator import itemgetter
from typing import Final

from civic.kernel.record.entry import Act, As, Body, Entry, Ref, When, minute, when
from civic.kernel.record.rules import Deadline, Decision, Draft, Kind, State, round_up, tick_size
from civic.kernel.refusal import Refusal, code

LEAST_OUTAGE: Final = 60
"""A gap of the heartbeat shorter than this many minutes is no outage."""

OUTAGE_IMPLAUSIBLE: Final = code(
    "record.outage_implausible",
    "The outage is shorter than an hour, lies in the future, or entries were made during it.",
)


class Outage(Body, frozen=True, rename={"from_": "from"}):
    """The node was down from one moment to another."""

    kind = "record.outage"
    from_: When
    to: When


class DeadlineExtended(Body, frozen=True):
    """A deadline that lay in an outage was put off once."""

    kind = "record.deadline_extended"
    id: Ref
    what: str
    until: When


def decide_outage(state: State, act: Act[Outage], now: int) -> Decision:
    """Accept an outage during which nothing was recorded and which ended in this tick at last."""
    record = state.record
    start, end = minute(act.body.from_), minute(act.body.to)
    over = end < now + tick_size(record, now)
    if start < record.at or not over or end - start < LEAST_OUTAGE:
        return Refusal(OUTAGE_IMPLAUSIBLE)
    return ()


def apply_outage(state: State, entry: Entry[Outage]) -> None:
    """Remember the outage."""
    state.record.outages.append((minute(entry.body.from_), minute(entry.body.to)))


def apply_extended(state: State, entry: Entry[DeadlineExtended]) -> None:
    """Put the deadline off; it cannot be put off again."""
    body = entry.body
    state.set_deadline(body.id, minute(body.until), body.what, people=True, extended=True)


def extension(state: State, what_id: str, deadline: Deadline) -> Draft | None:
    """Return the extension of a deadline in which people act and that lay in an outage, or None.

    The new deadline is the end of the outage plus the bylaws' grace, so that people get that much
    time on a running node; each phase is extended once.
    """
    record = state.record
    # Outages begin and end in order: only the last one that began before can hold the deadline.
    position = bisect_right(record.outages, deadline.minute, key=itemgetter(0)) - 1
    if deadline.extended or position < 0 or record.outages[position][1] < deadline.minute:
        return None
    until = round_up(record, record.outages[position][1] + record.grace)
    return Draft(DeadlineExtended(what_id, deadline.what, when(until)))


KINDS: Final[tuple[Kind[Outage], Kind[DeadlineExtended]]] = (
    Kind(Outage, apply_outage, decide_outage, frozenset({As.NODE}), early=True, world=True),
    Kind(DeadlineExtended, apply_extended, world=True),
)
