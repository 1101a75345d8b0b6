"""Projection: how entries become rows of the schema `view`, in bulk and in order.

Projections collect changes in `Rows`; changes to one row are merged in memory, so that a group of
acts costs a few statements whatever its size, and a rebuild of a whole record gives equal rows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import msgspec
from sqlalchemy import ARRAY, Column, Table, TextClause, bindparam, text
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.types import TypeEngine

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


Key = tuple[Any, ...]
Found = Mapping[str, Any] | None
Mode = Literal["change", "insert", "once", "upsert"]


class After:
    """A statement over many rows, run once for a whole group after all tables are written.

    `sql` reads the rows by `unnest(:name, …)`, one array for each column, and must lead to the
    same result however the rows are spread over groups.
    """

    def __init__(self, sql: str, **columns: type[TypeEngine[Any]]) -> None:
        self.names = tuple(columns)
        self.statement = _with_arrays(sql, ((name, kind()) for name, kind in columns.items()))


@dataclass(slots=True)
class _Change:
    """What is to happen to one row."""

    mode: Mode = "change"
    values: dict[str, Any] = field(default_factory=dict)
    added: dict[str, int] = field(default_factory=dict)


class Rows:
    """Changes to tables of the schema `view` that wait to be written.

    Each change means what it would mean if it were written at once, in the order of the calls.
    """

    def __init__(self) -> None:
        self._tables: dict[Table, dict[Key, _Change]] = {}
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
        row_key = _key(table, key)
        self._sought.setdefault((table, columns), set()).add(row_key)
        self._steps.append(lambda: then(self._look(table, row_key, columns)))

    async def write(self, db: Writing) -> None:
        """Write all that waits and forget it."""
        if self._steps:
            for (table, columns), keys in self._sought.items():
                self._found[table, columns] = await _read(db, table, columns, keys)
            steps, self._steps = self._steps, []
            for step in steps:
                step()
            if self._steps:
                raise RuntimeError("what was found may not lead to looking for more")
        for table, changes in self._tables.items():
            await _write(db, table, changes)
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
        change = self._change(table, _key(table, values))
        if change.mode == "change":
            change.mode = mode
        elif mode == "insert":
            raise ValueError(f"two new rows of {table.name} have one key")
        elif mode == "once":
            return
        change.values.update(values)

    def _update(self, table: Table, key: Mapping[str, Any], values: dict[str, Any]) -> None:
        change = self._change(table, _key(table, key))
        change.values.update(values)
        for name in values:
            change.added.pop(name, None)

    def _add(self, table: Table, key: Mapping[str, Any], amounts: dict[str, int]) -> None:
        change = self._change(table, _key(table, key))
        for name, amount in amounts.items():
            if name in change.values:
                change.values[name] += amount
            else:
                change.added[name] = change.added.get(name, 0) + amount

    def _change(self, table: Table, key: Key) -> _Change:
        changes = self._tables.get(table)
        if changes is None:
            changes = self._tables[table] = {}
        change = changes.get(key)
        if change is None:
            change = changes[key] = _Change()
        return change

    def _look(self, table: Table, key: Key, columns: tuple[str, ...]) -> Found:
        change = self._tables.get(table, {}).get(key)
        stored = self._found[table, columns].get(key)
        if change is None or (stored is None and change.mode == "change"):
            return stored
        row = {**dict.fromkeys(columns), **_numbers(table), **(stored or {})}
        row.update((name, change.values[name]) for name in columns if name in change.values)
        for name in columns:
            if name in change.added:
                row[name] = (row[name] or 0) + change.added[name]
        return {name: row[name] for name in columns}


@lru_cache(maxsize=1000)
def _names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key)


def _key(table: Table, values: Mapping[str, Any]) -> Key:
    return tuple([values[name] for name in _names(table)])


def _with_arrays(sql: str, columns: Iterable[tuple[str, TypeEngine[Any]]]) -> TextClause:
    return text(sql).bindparams(*(bindparam(name, type_=ARRAY(kind)) for name, kind in columns))


def _over(table: Table, names: Sequence[str], sql: str) -> TextClause:
    """Return a statement with one array for each named column, `{given}` standing for them all."""
    arrays = ", ".join(f":{name}" for name in names)
    columns: list[Column[Any]] = [table.c[name] for name in names]
    return _with_arrays(
        sql.replace("{given}", f"unnest({arrays})"),
        ((column.name, column.type) for column in columns),
    )


def _listed(names: Iterable[str], form: str = '"{0}"', between: str = ", ") -> str:
    return between.join(form.format(name) for name in names)


@lru_cache(maxsize=1000)
def _reader(table: Table, columns: tuple[str, ...]) -> TextClause:
    keys = _names(table)
    wanted = _listed((*keys, *columns), 't."{0}"')
    same = _listed(keys, 't."{0}" = k."{0}"', " AND ")
    return _over(
        table,
        keys,
        f"SELECT {wanted} FROM {table.fullname} t "  # noqa: S608
        f"JOIN {{given}} AS k({_listed(keys)}) ON {same}",
    )


@lru_cache(maxsize=1000)
def _numbers(table: Table) -> dict[str, int]:
    """Return the whole numbers that columns have by default."""
    return {
        column.name: column.default.arg
        for column in table.columns
        if isinstance(column.default, ScalarElementColumnDefault)
    }


@lru_cache(maxsize=1000)
def _inserter(table: Table, names: tuple[str, ...], mode: Mode) -> TextClause:
    keys = _names(table)
    # A default stands in the statement: half of the work is to encode what is in arrays.
    rest = {name: number for name, number in _numbers(table).items() if name not in names}
    values = ", ".join(["g.*", *(str(int(number)) for number in rest.values())])
    sql = (
        f"INSERT INTO {table.fullname} ({_listed((*names, *rest))}) "  # noqa: S608
        f"SELECT {values} FROM {{given}} AS g"
    )
    others = _listed((name for name in names if name not in keys), '"{0}" = excluded."{0}"')
    if mode == "upsert" and others:
        sql += f" ON CONFLICT ({_listed(keys)}) DO UPDATE SET {others}"
    elif mode != "insert":
        sql += f" ON CONFLICT ({_listed(keys)}) DO NOTHING"
    return _over(table, names, sql)


@lru_cache(maxsize=1000)
def _changer(table: Table, values: tuple[str, ...], added: tuple[str, ...]) -> TextClause:
    keys = _names(table)
    names = (*keys, *values, *added)
    sets = [f'"{name}" = v."{name}"' for name in values]
    sets += [f'"{name}" = t."{name}" + v."{name}"' for name in added]
    same = _listed(keys, 't."{0}" = v."{0}"', " AND ")
    return _over(
        table,
        names,
        f"UPDATE {table.fullname} t SET {', '.join(sets)} "  # noqa: S608
        f"FROM {{given}} AS v({_listed(names)}) WHERE {same}",
    )


async def _read(
    db: Writing, table: Table, columns: tuple[str, ...], keys: Iterable[Key]
) -> dict[Key, Mapping[str, Any]]:
    names = _names(table)
    # Sorted, so that equal groups make equal statements; a set's order differs by process.
    lists = (list(column) for column in zip(*sorted(keys), strict=True))
    rows = await fetch(db, _reader(table, columns), dict(zip(names, lists, strict=True)))
    width = len(names)
    return {tuple(row[:width]): dict(zip(columns, row[width:], strict=True)) for row in rows}


Shape = tuple[Mode, tuple[str, ...], tuple[str, ...]]


async def _write(db: Writing, table: Table, changes: Mapping[Key, _Change]) -> None:
    shapes: dict[Shape, list[list[Any]]] = {}
    for key, change in changes.items():
        mode, values, added = change.mode, change.values, change.added
        if mode != "change":
            names = tuple(values)
            shapes.setdefault((mode, names, ()), []).append(list(values.values()))
            values = {}
        if added or (values and mode == "change"):
            shape: Shape = ("change", tuple(values), tuple(added))
            row = [*key, *values.values(), *added.values()]
            shapes.setdefault(shape, []).append(row)
    # New rows first: what is added to a column that was left to its default comes after.
    for shape in sorted(shapes, key=lambda shape: shape[0] == "change"):
        mode, names, added_names = shape
        if mode == "change":
            statement = _changer(table, names, added_names)
            names = (*_names(table), *names, *added_names)
        else:
            statement = _inserter(table, names, mode)
        lists = (list(column) for column in zip(*shapes[shape], strict=True))
        await fetch(db, statement, dict(zip(names, lists, strict=True)))


Project = Callable[[Rows, Recorded], None]
Projections = Mapping[str, Sequence[Project]]
"""For each kind of entry, what writes it into the read model."""
