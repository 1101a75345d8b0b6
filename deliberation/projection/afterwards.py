"""How tasks and outcome cards become rows."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from civic.kernel.projection import Project, Recorded, Rows
from civic.kernel.record.entry import minute
from deliberation import entries as e
from deliberation.projection.changing import acted, matter_key
from deliberation.tables import ABOUT, card, matter, task


def _task_set(rows: Rows, recorded: Recorded) -> None:
    body: e.TaskSet = recorded.entry.body
    rows.insert(
        task,
        log=recorded.log,
        id=body.id,
        matter=body.proposal,
        words=bytes.fromhex(recorded.entry.content[0]),
        office=recorded.entry.by.id,
        entry=recorded.index,
        at=recorded.at,
        until=minute(body.until),
        done=None,
    )
    rows.add(matter, matter_key(recorded, body.proposal), tasks=1)
    acted(rows, recorded, body.proposal)


def _task_done(rows: Rows, recorded: Recorded) -> None:
    body: e.TaskDone = recorded.entry.body
    rows.update(task, {"log": recorded.log, "id": body.task}, done=recorded.at)
    rows.then(ABOUT, recorded.log, recorded.index, body.task)


def _outcome_recorded(rows: Rows, recorded: Recorded) -> None:
    body: e.OutcomeRecorded = recorded.entry.body
    expected, happened = (bytes.fromhex(one) for one in recorded.entry.content)
    rows.insert(
        card,
        log=recorded.log,
        id=body.id,
        matter=body.proposal,
        result=body.result,
        again=body.again,
        expected=expected,
        happened=happened,
        office=recorded.entry.by.id,
        entry=recorded.index,
        at=recorded.at,
    )
    rows.add(matter, matter_key(recorded, body.proposal), cards=1)
    acted(rows, recorded, body.proposal)


PROJECTIONS: Final[Mapping[str, tuple[Project, ...]]] = MappingProxyType(
    {
        e.TaskSet.kind: (_task_set,),
        e.TaskDone.kind: (_task_done,),
        e.OutcomeRecorded.kind: (_outcome_recorded,),
    }
)
