"""What pages and the API read of what follows a decision: tasks and outcome cards."""

from typing import Any

import msgspec
from sqlalchemy import text

from civic.kernel.database import Reading
from civic.kernel.record.shown import Text, text_of


class Task(msgspec.Struct, frozen=True):
    """A task after a decision; `done` is when it was done."""

    id: str
    matter: str
    words: Text
    at: int
    until: int
    done: int | None
    entry: int


class TaskDue(msgspec.Struct, frozen=True):
    """A task that is not done yet, with the title of its matter."""

    task: Task
    title: Text


class Card(msgspec.Struct, frozen=True):
    """An outcome card."""

    id: str
    matter: str
    result: str
    again: str
    expected: Text
    happened: Text
    at: int
    entry: int


class CardLine(msgspec.Struct, frozen=True):
    """An outcome card with the title of its matter."""

    card: Card
    title: Text


TASK_COLUMNS = "t.id, t.matter, t.at, t.until, t.done, t.entry, t.words, w.bytes, w.erased_by"
CARD_COLUMNS = """
    k.id, k.matter, k.result, k.again, k.at, k.entry, k.expected, x.bytes, x.erased_by,
    k.happened, h.bytes, h.erased_by
"""
CARD_TEXTS = """
    LEFT JOIN record.content x ON x.log = k.log AND x.hash = k.expected
    LEFT JOIN record.content h ON h.log = k.log AND h.hash = k.happened
"""
DUE_COLUMNS = f"{TASK_COLUMNS}, m.title, tn.bytes, tn.erased_by"
DUE_TASKS = """
    FROM (
        SELECT * FROM view.task WHERE log = :log AND done IS NULL
        ORDER BY until, id LIMIT :tasks
    ) AS t
    JOIN view.matter m ON m.log = t.log AND m.id = t.matter
    LEFT JOIN record.content w ON w.log = t.log AND w.hash = t.words
    LEFT JOIN record.content tn ON tn.log = m.log AND tn.hash = m.title
    ORDER BY t.until, t.id
"""
"""The tasks that are not done, the earliest first, as `DUE_COLUMNS` for `task_due`."""
_CARDS = text(
    f"""
    SELECT {CARD_COLUMNS}, m.title, tn.bytes, tn.erased_by FROM (
        SELECT * FROM view.card WHERE log = :log ORDER BY entry DESC LIMIT :limit
    ) AS k
    JOIN view.matter m ON m.log = k.log AND m.id = k.matter {CARD_TEXTS}
    LEFT JOIN record.content tn ON tn.log = m.log AND tn.hash = m.title
    ORDER BY k.entry DESC
    """  # noqa: S608
)


def task_due(row: Any) -> TaskDue:
    """Return a task that is due from `DUE_COLUMNS`."""
    return TaskDue(task_of(row), text_of(*row[9:12]))


async def cards(db: Reading, log: int, limit: int = 10) -> list[CardLine]:
    """Return the latest outcome cards."""
    rows = await db.execute(_CARDS, {"log": log, "limit": limit})
    return [CardLine(card_of(row), text_of(*row[12:15])) for row in rows]


def task_of(row: Any) -> Task:
    """Return the task of a row that begins with the columns of a task."""
    own_id, matter_id, at, until, done, entry = row[:6]
    return Task(own_id, matter_id, text_of(*row[6:9]), at, until, done, entry)


def card_of(row: Any) -> Card:
    """Return the outcome card of a row that begins with the columns of a card."""
    expected, happened = text_of(*row[6:9]), text_of(*row[9:12])
    return Card(*(*row[:4], expected, happened, *row[4:6]))
