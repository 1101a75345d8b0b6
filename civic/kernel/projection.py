"""Projection: how entries become rows of the schema `view`, in bulk and in order.

Projections collect changes in `Rows`; changes to one row are merged in memory, so that a group of
acts costs a few statements whatever its size, and a rebuild of a whole record gives equal rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Table, TextClause, bindparam, text, update
from sqlalchemy.dialects.postgresql import insert

from civic.kernel.database import Writing
from civic.kernel.record.entry import Entry

CHUNK = 1000
"""Rows in one INSERT: below PostgreSQL's limit of 65,535 parameters for up to 60 columns."""


class Recorded(msgspec.Struct, frozen=True):
    """An entry with its place, as projections see it. `log` is the log's number in the database."""

    log: int
    chapter_id: str
    log_id: str
    index: int
    entry: Entry[Any]


Key = tuple[Any, ...]


@dataclass
class _Change:
    """What is to happen to one row."""

    insert: bool = False
    upsert: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    added: dict[str, int] = field(default_factory=dict)


class Rows:
    """Changes to tables of the schema `view` that wait to be written."""

    def __init__(self) -> None:
        self._tables: dict[Table, dict[Key, _Change]] = {}
        self._then: dict[tuple[str, tuple[tuple[str, Any], ...]], TextClause] = {}

    def insert(self, table: Table, **values: Any) -> None:
        """Add a row that does not exist yet."""
        change = self._change(table, values)
        change.insert = True
        change.values.update(values)

    def upsert(self, table: Table, **values: Any) -> None:
        """Add a row, or give an existing one these values."""
        change = self._change(table, values)
        if not change.insert:
            change.upsert = True
        change.values.update(values)

    def update(self, table: Table, key: Mapping[str, Any], **values: Any) -> None:
        """Give an existing row (named by its whole primary key) new values."""
        change = self._change(table, key)
        change.values.update(values)
        for name in values:
            change.added.pop(name, None)

    def add(self, table: Table, key: Mapping[str, Any], **amounts: int) -> None:
        """Add to whole-number columns of an existing row."""
        change = self._change(table, key)
        for name, amount in amounts.items():
            if name in change.values:
                change.values[name] += amount
            else:
                change.added[name] = change.added.get(name, 0) + amount

    def then(self, statement: str, **values: Any) -> None:
        """Run a statement once after all rows are written, however often it was asked for."""
        key = (statement, tuple(sorted(values.items())))
        self._then.setdefault(key, text(statement).bindparams(**values))

    def _change(self, table: Table, values: Mapping[str, Any]) -> _Change:
        key = tuple(values[column.name] for column in table.primary_key)
        return self._tables.setdefault(table, {}).setdefault(key, _Change())

    async def write(self, db: Writing) -> None:
        """Write all that waits and forget it."""
        for table, changes in self._tables.items():
            await _write_new(db, table, [c.values for c in changes.values() if c.insert], False)
            await _write_new(db, table, [c.values for c in changes.values() if c.upsert], True)
            await _write_changed(db, table, changes)
        for statement in self._then.values():
            await db.execute(statement)
        self._tables.clear()
        self._then.clear()


async def _write_new(
    db: Writing, table: Table, rows: Sequence[dict[str, Any]], replace: bool
) -> None:
    shapes: dict[frozenset[str], list[dict[str, Any]]] = {}
    for row in rows:
        shapes.setdefault(frozenset(row), []).append(row)
    keys = [column.name for column in table.primary_key]
    for columns, alike in shapes.items():
        for start in range(0, len(alike), CHUNK):
            statement = insert(table).values(alike[start : start + CHUNK])
            if replace:
                others = {c: statement.excluded[c] for c in sorted(columns) if c not in keys}
                statement = (
                    statement.on_conflict_do_update(index_elements=keys, set_=others)
                    if others
                    else statement.on_conflict_do_nothing(index_elements=keys)
                )
            await db.execute(statement)


async def _write_changed(db: Writing, table: Table, changes: Mapping[Key, _Change]) -> None:
    shapes: dict[tuple[tuple[str, ...], tuple[str, ...]], list[dict[str, Any]]] = {}
    columns = list(table.primary_key)
    for key, change in changes.items():
        values = {} if change.insert or change.upsert else change.values
        if not values and not change.added:
            continue
        shape = (tuple(sorted(values)), tuple(sorted(change.added)))
        row = {f"key_{c.name}": part for c, part in zip(columns, key, strict=True)}
        row.update({f"set_{name}": value for name, value in values.items()})
        row.update({f"add_{name}": amount for name, amount in change.added.items()})
        shapes.setdefault(shape, []).append(row)
    for (set_names, add_names), rows in shapes.items():
        statement = update(table).where(
            *(column == bindparam(f"key_{column.name}") for column in columns)
        )
        statement = statement.values(
            {name: bindparam(f"set_{name}", type_=table.c[name].type) for name in set_names}
            | {name: table.c[name] + bindparam(f"add_{name}") for name in add_names}
        )
        await db.execute(statement, rows)


Project = Callable[[Rows, Recorded], None]
Projections = Mapping[str, Sequence[Project]]
"""For each kind of entry, what writes it into the read model."""
