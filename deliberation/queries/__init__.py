"""What pages and the API read of matters, one room a subject."""

from deliberation.queries.afterwards import Card, CardLine, Task, TaskDue, cards, tasks_due
from deliberation.queries.latest import Recent, recent
from deliberation.queries.lists import (
    Deciding,
    MatterLine,
    Matters,
    ended_matters,
    imported_matters,
    matters,
    network,
    open_matters,
)
from deliberation.queries.whole import (
    Concerned,
    MatterView,
    OldText,
    PhaseMark,
    VersionLine,
    matter,
    version,
)

__all__ = [
    "Card",
    "CardLine",
    "Concerned",
    "Deciding",
    "MatterLine",
    "MatterView",
    "Matters",
    "OldText",
    "PhaseMark",
    "Recent",
    "Task",
    "TaskDue",
    "VersionLine",
    "cards",
    "ended_matters",
    "imported_matters",
    "matter",
    "matters",
    "network",
    "open_matters",
    "recent",
    "tasks_due",
    "version",
]
