"""Projection: how entries become rows of the schema `view`, in bulk and in order.

Projections collect changes in `Rows`; changes to one row are merged in memory, so that a group of
acts costs a few statements whatever its size, and a rebuild of a whole record gives equal rows.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Table
from sqlalchemy.types import TypeEngine

from civic.kernel.bulk import (
    Change,
    Key,
    Mode,
    key_of,
    numbers_of,
    read_rows,
    with_arrays,
    write_rows,
)
from civic.kernel.database import Writing, fetch
from civic.kernel.record.entry import Entry, minute


class Recorded(msgspec.Struct, frozen=True):
    """An entry with its place, as projections see it. `log` is the log's number in the database."""

    log: int
    chapter_id: str
    log_id: str
    index: int
    entry: Entry[Any]

    @property
    def at(self) -> int:
        """The time of the entry, in minutes."""
        return minute(self.entry.at)


Found = Mapping[str, Any] | None


class After:
    """A statement over many rows, run once for a whole group after all tables are written.

    `sql` reads the rows by `unnest(:name, …)`, one array for each column, and must lead to the
    same result however the rows are spread over groups.
    """

    def __init__(self, sql: str, **columns: type[TypeEngine[Any]]) -> None:
        self.names = tuple(columns)
        self.statement = with_arrays(sql, ((name, kind()) for name, kind in columns.items()))


class Rows:
    """Changes to tables of the schema `view` that wait to be written.

    Each change means what it would mean if it were written at once, in the order of the calls.
    """

    def __init__(self) -> None:
        self._tables: dict[Table, dict[Key, Change]] = {}
        self._after: dict[After, list[tuple[Any, ...]]] = {}
        self._steps: list[Callable[[], None]] = []
        self._sought: dict[tuple[Table, tuple[str, ...]], set[Key]] = {}
        self._found: dict[tuple[Table, tuple[str, ...]], dict[Key, Mapping[str, Any]]] = {}

    def insert(self, table: Table, **values: Any) -> None:
        """Add a row that does not exist yet."""
        self._add_row("insert", table, values)

    def once(self, table: Table, **values: Any) -> None:
        """Add a row unless there is one with the same key; such rows are never changed."""
        self._add_row("once", table, values)

    def upsert(self, table: Table, **values: Any) -> None:
        """Add a row, or give an existing one these values."""
        self._add_row("upsert", table, values)

    def update(self, table: Table, key: Mapping[str, Any], **values: Any) -> None:
        """Give an existing row (named by its whole primary key) new values."""
        if self._steps:
            self._steps.append(lambda: self._update(table, key, values))
        else:
            self._update(table, key, values)

    def add(self, table: Table, key: Mapping[str, Any], **amounts: int) -> None:
        """Add to whole-number columns of an existing row."""
        if self._steps:
            self._steps.append(lambda: self._add(table, key, amounts))
        else:
            self._add(table, key, amounts)

    def then(self, after: After, *row: Any) -> None:
        """Hand a row (values in the order of its columns) to a statement that runs at the end."""
        self._after.setdefault(after, []).append(row)

    def find(
        self,
        table: Table,
        key: Mapping[str, Any],
        columns: tuple[str, ...],
        then: Callable[[Found], None],
    ) -> None:
        """Call `then` with some columns of a row as it is at this point, or with None.

        The rows that a group asks for are read together when it is written. `then` may change
        rows, but may not look for others.
        """
        row_key = key_of(table, key)
        self._sought.setdefault((table, columns), set()).add(row_key)
        self._steps.append(lambda: then(self._look(table, row_key, columns)))

    async def write(self, db: Writing) -> None:
        """Write all that waits and forget it."""
        if self._steps:
            for (table, columns), keys in self._sought.items():
                self._found[table, columns] = await read_rows(db, table, columns, keys)
            steps, self._steps = self._steps, []
            for step in steps:
                step()
            if self._steps:
                raise RuntimeError("what was found may not lead to looking for more")
        for table, changes in self._tables.items():
            await write_rows(db, table, changes)
        for after, rows in self._after.items():
            lists = (list(column) for column in zip(*rows, strict=True))
            await fetch(db, after.statement, dict(zip(after.names, lists, strict=True)))
        self._tables.clear()
        self._after.clear()
        self._sought.clear()
        self._found.clear()

    def _add_row(self, mode: Mode, table: Table, values: dict[str, Any]) -> None:
        if self._steps:
            self._steps.append(lambda: self._put(mode, table, values))
        else:
            self._put(mode, table, values)

    def _put(self, mode: Mode, table: Table, values: dict[str, Any]) -> None:
        change = self._change(table, key_of(table, values))
        if change.mode == "change":
            change.mode = mode
        elif mode == "insert":
            raise ValueError(f"two new rows of {table.name} have one key")
        elif mode == "once":
            return
        change.values.update(values)

    def _update(self, table: Table, key: Mapping[str, Any], values: dict[str, Any]) -> None:
        change = self._change(table, key_of(table, key))
        change.values.update(values)
        for name in values:
            change.added.pop(name, None)

    def _add(self, table: Table, key: Mapping[str, Any], amounts: dict[str, int]) -> None:
        change = self._change(table, key_of(table, key))
        for name, amount in amounts.items():
            if name in change.values:
                change.values[name] += amount
            else:
                change.added[name] = change.added.get(name, 0) + amount

    def _change(self, table: Table, key: Key) -> Change:
        changes = self._tables.get(table)
        if changes is None:
            changes = self._tables[table] = {}
        change = changes.get(key)
        if change is None:
            change = changes[key] = Change()
        return change

    def _look(self, table: Table, key: Key, columns: tuple[str, ...]) -> Found:
        change = self._tables.get(table, {}).get(key)
        stored = self._found[table, columns].get(key)
        if change is None or (stored is None and change.mode == "change"):
            return stored
        row = {**dict.fromkeys(columns), **numbers_of(table), **(stored or {})}
        row.update((name, change.values[name]) for name in columns if name in change.values)
        for name in columns:
            if name in change.added:
                row[name] = (row[name] or 0) + change.added[name]
        return {name: row[name] for name in columns}


Project = Callable[[Rows, Recorded], None]
Projections = Mapping[str, Sequence[Project]]
"""For each kind of entry, what writes it into the read model."""
