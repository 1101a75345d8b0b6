"""Which times and ties a node keeps is read from its tables, and stands in docs/privacy.md."""

import re
from pathlib import Path
from typing import Final

from sqlalchemy import BigInteger, Column, Date, DateTime, Integer, LargeBinary, SmallInteger, Table

import civic.tables  # noqa: F401
from civic.kernel.database import private_metadata, view_metadata

DOC: Final = Path(__file__).parents[2] / "docs" / "privacy.md"
MARKS: Final = frozenset({None, "month", "day", "minute", "second"})
FINE: Final = frozenset({"minute", "second"})
NUMBERS: Final = frozenset(
    [
        "log",
        "entry",
        "index",
        "admitted",
        "appealed_entry",
        "behind",
        "act",
        "depth",
        "number",
        "version",
        "bylaws_number",
        "level",
        "count",
        "options",
        "value",
        "score",
        "agree",
        "disagree",
        "passed",
        "comments",
        "pro",
        "con",
        "supports",
        "support_least",
        "support_share",
        "statements",
        "voices",
        "voices_tied",
        "rows_tied",
        "tasks",
        "cards",
        "founders",
        "active",
        "applied",
        "suspended",
        "imported",
        "stewards_needed",
        "rules",
        "quorum",
        "majority",
        "roll",
        "votes",
        "voted",
        "unsigned_cast",
        "joined_by",
        "opened_entry",
        "closed_entry",
        "begun_entry",
        "ended_entry",
        "term",
    ]
)
"""Columns of the schema `view` that are numbers, by name; every other one is a time."""
NUMBER_TOO: Final = "matter.closed"
"""The index of an entry, while `election.closed` is a time."""


def numeric(table: Table) -> list[Column[object]]:
    kinds = (Integer, BigInteger, SmallInteger, Date, DateTime)
    return [one for one in table.columns if isinstance(one.type, kinds)]


def documented(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading, without the marks of code."""
    text = DOC.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip().strip("`") for cell in row] for row in rows]


def test_every_number_of_the_private_side_says_whether_it_is_a_time() -> None:
    """A new column is marked: `info={"time": "day"}`, or `None` where it is no time."""
    unmarked = [
        f"{table.name}.{column.name}"
        for table in private_metadata.tables.values()
        for column in numeric(table)
        if not column.foreign_keys and column.info.get("time", "") not in MARKS
    ]
    assert unmarked == []


def test_dates_are_days() -> None:
    for table in private_metadata.tables.values():
        for column in numeric(table):
            assert not isinstance(column.type, DateTime), column
            assert not isinstance(column.type, Date) or column.info["time"] == "day", column


def test_every_time_finer_than_a_day_is_documented() -> None:
    private = {
        (f"{table.name}.{column.name}", column.info["time"])
        for table in private_metadata.tables.values()
        for column in numeric(table)
        if column.info.get("time") in FINE
    }
    view = {
        (f"{table.name}.{column.name}", "tick")
        for table in view_metadata.tables.values()
        for column in numeric(table)
        if column.name not in NUMBERS and f"{table.name}.{column.name}" != NUMBER_TOO
    }
    rows = documented("Times finer than a day")
    found = {(name, row[1]) for row in rows for name in re.split(r"`, `", row[0])}
    assert found == private | view


def account_of(table: Table) -> bool:
    """Tell whether rows name an account, or a session of one."""
    return table.name == "account" or any(
        key.column.table.name in {"account", "session"} for key in table.foreign_keys
    )


def member_of(table: Table) -> str:
    names = {column.name for column in table.columns}
    if names & {"member", "member_id", "given_by"}:
        return "plain"
    return "hash" if any(re.search(r"(^|_)tag$|^mailbox$", name) for name in names) else "no"


def sealed_of(table: Table) -> bool:
    binary = [one.name for one in table.columns if isinstance(one.type, LargeBinary)]
    return any(re.match(r"sealed|vault|state|model", name) for name in binary)


def test_every_table_that_could_tie_account_and_member_is_documented() -> None:
    """None does so in the open; what is sealed is named, with whose key opens it."""
    expected = {
        (table.name, "yes" if account_of(table) else "no", member_of(table))
        for table in private_metadata.tables.values()
        if account_of(table) or member_of(table) != "no" or sealed_of(table)
    }
    rows = documented("Accounts and members in tables")
    assert {(row[0], row[1], row[2]) for row in rows} == expected
    assert all(row[3] for row in rows)
    assert not [name for name, account, member in expected if account == "yes" and member != "no"]


def test_what_pages_read_knows_no_account() -> None:
    for table in view_metadata.tables.values():
        assert not {"account", "account_id", "session"} & {one.name for one in table.columns}
        assert not any(key.column.table.schema == "private" for key in table.foreign_keys)
