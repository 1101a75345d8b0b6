"""Versions of the rules that tests make up: the draft, and two that succeed it.

Version 1 takes no arguments before a proposal is discussed, gives three times the notice before a
vote, and has a part of its own, which counts discussions. Version 2 reads its predecessor's count
as another type and lets people argue again.
"""

from dataclasses import replace
from typing import Any, Final

import msgspec

import deliberation.rules
from civic.kernel.record import adoption, time
from civic.kernel.record.adoption import arranged
from civic.kernel.record.entry import Act, Entry, minute, when
from civic.kernel.record.rules import Decision, Draft, Kind, Part, Procedure, State, round_up
from civic.kernel.refusal import Refusal
from civic.procedure import DRAFT
from deliberation import entries as d
from deliberation import speaking, supporting
from deliberation.phases import WRONG_PHASE
from deliberation.state import bylaws_of, of

NOTICE: Final = 3
"""How many times the bylaws' notice version 1 gives."""


class Count(msgspec.Struct):
    """How often a discussion opened since version 1."""

    opened: int = 0


class Marks(msgspec.Struct):
    """The same in version 2: one mark for each."""

    marks: list[str] = []


def _argued(state: State, act: Act[d.Argued], now: int) -> Decision:
    found = of(state).proposals.get(act.body.proposal)
    if found is not None and found.phase == "support":
        return Refusal(WRONG_PHASE, {"phase": "support"})
    return speaking.decide_argued(state, act, now)


def _opened(state: State, entry: Entry[d.DiscussionOpened]) -> None:
    supporting.apply_discussion(state, entry)
    state.parts["count"].opened += 1


def _marked(state: State, entry: Entry[d.DiscussionOpened]) -> None:
    supporting.apply_discussion(state, entry)
    state.parts["count"].marks.append(entry.body.proposal)


def _due_discussion(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    proposal = of(state).proposals[what_id]
    notice = NOTICE * max(bylaws_of(state, proposal).notice_time, 1)
    until = round_up(state.record, deadline + notice)
    return (Draft(d.Frozen(what_id, proposal.version, when(until)), proposal.words),)


def _adopt(state: State) -> State:
    count: Count = state.parts["count"]
    return State(state.record, {**state.parts, "count": Marks(["before"] * count.opened)})


def _version(
    number: int, changed: dict[str, dict[str, Any]], count: type[msgspec.Struct], **more: Any
) -> Procedure:
    kinds: list[Kind[Any]] = [
        replace(kind, **changed.get(kind.name, {})) for kind in deliberation.rules.PART.kinds
    ]
    due = {**deliberation.rules.PART.due, "deliberation.discussion": _due_discussion}
    parts = (
        replace(part, kinds=kinds, due=due) if part is deliberation.rules.PART else part
        for part in DRAFT.parts
    )
    return Procedure(
        number,
        (*time.KINDS, adoption.KIND),
        (*parts, Part("count", count, (), lambda state: ())),
        DRAFT.gate,
        time.extension,
        **more,
    )


SECOND: Final = _version(
    1,
    {
        "deliberation.argued": {"decide": _argued},
        "deliberation.discussion_opened": {"apply": _opened},
    },
    Count,
)
THIRD: Final = _version(
    2, {"deliberation.discussion_opened": {"apply": _marked}}, Marks, adopt=_adopt
)
TWO: Final = arranged(DRAFT, SECOND)
THREE: Final = arranged(DRAFT, SECOND, THIRD)


def notice_of(entry: Entry[d.Frozen]) -> int:
    """Return the minutes between a frozen entry and the vote that it announces."""
    return minute(entry.body.vote_from) - minute(entry.at)
