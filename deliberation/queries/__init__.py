"""What pages and the API read of matters, one room a subject."""

from deliberation.queries.afterwards import Card, CardLine, Task, TaskDue, cards
from deliberation.queries.latest import Recent, recent
from deliberation.queries.lists import (
    FURTHER,
    TITLE_FIELDS,
    Deciding,
    MatterLine,
    Matters,
    Titles,
    ended_matters,
    further_titles,
    imported_matters,
    matters,
    network,
    open_matters,
    titles_of,
)
from deliberation.queries.similar import search, similar
from deliberation.queries.whole import (
    Concerned,
    MatterView,
    OldText,
    PhaseMark,
    VersionLine,
    Wording,
    matter,
    version,
)

__all__ = [
    "FURTHER",
    "TITLE_FIELDS",
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
    "Titles",
    "VersionLine",
    "Wording",
    "cards",
    "ended_matters",
    "further_titles",
    "imported_matters",
    "matter",
    "matters",
    "network",
    "open_matters",
    "recent",
    "search",
    "similar",
    "titles_of",
    "version",
]
