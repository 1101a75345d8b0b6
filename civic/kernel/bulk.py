"""Rows of one table read and written in bulk: one statement with an array for each column."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import ARRAY, Column, Table, TextClause, bindparam, text
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.types import TypeEngine

from civic.kernel.database import Writing, fetch

Key = tuple[Any, ...]
"""The values of a row's primary key."""
Mode = Literal["change", "insert", "once", "upsert"]


@dataclass(slots=True)
class Change:
    """What is to happen to one row."""

    mode: Mode = "change"
    values: dict[str, Any] = field(default_factory=dict)
    added: dict[str, int] = field(default_factory=dict)


@lru_cache(maxsize=1000)
def names_of(table: Table) -> tuple[str, ...]:
    """Return the columns of the primary key."""
    return tuple(column.name for column in table.primary_key)


def key_of(table: Table, values: Mapping[str, Any]) -> Key:
    """Return the primary key among the values of a row."""
    return tuple([values[name] for name in names_of(table)])


def with_arrays(sql: str, columns: Iterable[tuple[str, TypeEngine[Any]]]) -> TextClause:
    """Return a statement whose parameters are arrays."""
    return text(sql).bindparams(*(bindparam(name, type_=ARRAY(kind)) for name, kind in columns))


def _over(table: Table, names: Sequence[str], sql: str) -> TextClause:
    """Return a statement with one array for each named column, `{given}` standing for them all."""
    arrays = ", ".join(f":{name}" for name in names)
    columns: list[Column[Any]] = [table.c[name] for name in names]
    return with_arrays(
        sql.replace("{given}", f"unnest({arrays})"),
        ((column.name, column.type) for column in columns),
    )


def _listed(names: Iterable[str], form: str = '"{0}"', between: str = ", ") -> str:
    return between.join(form.format(name) for name in names)


@lru_cache(maxsize=1000)
def _reader(table: Table, columns: tuple[str, ...]) -> TextClause:
    keys = names_of(table)
    wanted = _listed((*keys, *columns), 't."{0}"')
    same = _listed(keys, 't."{0}" = k."{0}"', " AND ")
    return _over(
        table,
        keys,
        f"SELECT {wanted} FROM {table.fullname} t "  # noqa: S608
        f"JOIN {{given}} AS k({_listed(keys)}) ON {same}",
    )


@lru_cache(maxsize=1000)
def numbers_of(table: Table) -> dict[str, int]:
    """Return the whole numbers that columns have by default."""
    return {
        column.name: column.default.arg
        for column in table.columns
        if isinstance(column.default, ScalarElementColumnDefault)
    }


@lru_cache(maxsize=1000)
def _inserter(table: Table, names: tuple[str, ...], mode: Mode) -> TextClause:
    keys = names_of(table)
    # A default stands in the statement: half of the work is to encode what is in arrays.
    rest = {name: number for name, number in numbers_of(table).items() if name not in names}
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
    keys = names_of(table)
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


async def read_rows(
    db: Writing, table: Table, columns: tuple[str, ...], keys: Iterable[Key]
) -> dict[Key, Mapping[str, Any]]:
    """Return some columns of the rows that have these keys."""
    names = names_of(table)
    # Sorted, so that equal groups make equal statements; a set's order differs by process.
    lists = (list(column) for column in zip(*sorted(keys), strict=True))
    rows = await fetch(db, _reader(table, columns), dict(zip(names, lists, strict=True)))
    width = len(names)
    return {tuple(row[:width]): dict(zip(columns, row[width:], strict=True)) for row in rows}


Shape = tuple[Mode, tuple[str, ...], tuple[str, ...]]


async def write_rows(db: Writing, table: Table, changes: Mapping[Key, Change]) -> None:
    """Make changes to rows, by key: new rows first."""
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
            names = (*names_of(table), *names, *added_names)
        else:
            statement = _inserter(table, names, mode)
        lists = (list(column) for column in zip(*shapes[shape], strict=True))
        await fetch(db, statement, dict(zip(names, lists, strict=True)))
