"""What the alarms read and keep: who met whom, whom few paths reach, who joined lately."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec
from sqlalchemy import ARRAY, Text, bindparam, select, text
from sqlalchemy.dialects.postgresql import insert

from chapters.alarms.tables import alarm
from chapters.alarms.trust import Edge
from chapters.assurance.papers import Vouch, read
from civic.kernel.database import Reading, Writing
from civic.kernel.record import shown, ties
from civic.kernel.record.ties import Vault

SHOWN: Final = 50
"""Members that are kept and shown at most."""
_AT_ONCE: Final = 1000

_VOUCHES: Final = text(
    "SELECT n.hash FROM view.named_paper n "
    "JOIN view.level_term t ON t.log = n.log AND t.id = n.of AND t.way = 'vouches' "
    "WHERE n.log = :log ORDER BY n.hash"
)
_MET: Final = text("SELECT member, met FROM view.confirmation WHERE log = :log")
_WELL_KNOWN: Final = text(
    "SELECT id FROM view.member WHERE log = :log AND founder "
    "UNION SELECT member FROM view.office "
    "WHERE log = :log AND ended IS NULL AND decision IS NOT NULL"
)
_PRESENT: Final = text("SELECT id FROM view.member WHERE log = :log AND state = 'active'")
_ALARMS: Final = text(
    """
    SELECT a.day, a.sealed, (
        SELECT count(*) FROM view.member m WHERE m.log = l.no
            AND m.admitted IS NOT NULL AND NOT m.founder AND m.since > :since
    ) AS joined
    FROM record.log l LEFT JOIN private.alarm a ON a.log = l.no WHERE l.no = :log
    """
)
_NAMED: Final = text(
    "SELECT m.id, m.since, m.name, n.bytes, n.erased_by FROM view.member m "
    "LEFT JOIN record.content n ON n.log = m.log AND n.hash = m.name "
    "WHERE m.log = :log AND m.id = ANY(:ids) AND m.state = 'active'"
).bindparams(bindparam("ids", type_=ARRAY(Text)))


class Met(msgspec.Struct, frozen=True):
    """Who met whom in a chapter, who of them is well known, and who is present."""

    edges: tuple[Edge, ...]
    well_known: frozenset[str]
    present: frozenset[str]


class Looked(msgspec.Struct, frozen=True):
    """What the last look showed, and on which day: ids of members, the least reached first."""

    day: date
    members: tuple[str, ...]


class Alarms(msgspec.Struct, frozen=True):
    """What the page of alarms shows; `looked` is None before the first look."""

    joined: int
    looked: Looked | None


class Reached(msgspec.Struct, frozen=True):
    """A member whom few paths reach. `since` is the minute at which they joined."""

    id: str
    since: int
    name: shown.Text | None


async def met(db: Reading, vault: Vault, log: int) -> Met:
    """Return who met whom, from the restricted papers of vouches that the node still has."""
    edges = [(row[0], row[1]) for row in await db.execute(_MET, {"log": log})]
    hashes = (await db.scalars(_VOUCHES, {"log": log})).all()
    for start in range(0, len(hashes), _AT_ONCE):
        papers = await ties.papers(db, vault, log, hashes[start : start + _AT_ONCE])
        for raw in papers.values():
            paper = read(raw)
            if isinstance(paper, Vouch):
                edges.append((paper.voucher, paper.member))
    well_known = (await db.scalars(_WELL_KNOWN, {"log": log})).all()
    present = (await db.scalars(_PRESENT, {"log": log})).all()
    return Met(tuple(edges), frozenset(well_known), frozenset(present))


async def keep(db: Writing, vault: Vault, log: int, looked: Looked) -> None:
    """Keep the outcome of a look in place of the one before."""
    sealed = vault.seal(_place(log), msgspec.json.encode(looked.members[:SHOWN]))
    values = {"day": looked.day, "sealed": sealed}
    await db.execute(
        insert(alarm)
        .values(log=log, **values)
        .on_conflict_do_update(index_elements=["log"], set_=values)
    )


async def looked_on(db: Reading, log: int) -> date | None:
    """Return the day of the last look at a chapter's vouches."""
    found: date | None = await db.scalar(select(alarm.c.day).where(alarm.c.log == log))
    return found


async def alarms(db: Reading, vault: Vault, log: int, since: int) -> Alarms:
    """Return how many joined after a minute (founders do not count), and the last look."""
    row = (await db.execute(_ALARMS, {"log": log, "since": since})).one()
    if row.day is None:
        return Alarms(row.joined, None)
    members = msgspec.json.decode(vault.open(_place(log), row.sealed), type=tuple[str, ...])
    return Alarms(row.joined, Looked(row.day, members))


async def reached(db: Reading, log: int, ids: Sequence[str]) -> list[Reached]:
    """Return those of some members who are present, in the order given."""
    rows = await db.execute(_NAMED, {"log": log, "ids": list(ids)})
    found = {row[0]: Reached(row[0], row[1], shown.name_of(*row[2:5])) for row in rows}
    return [found[one] for one in ids if one in found]


def _place(log: int) -> bytes:
    return hashlib.sha256(f"civic/alarm/1\n{log}".encode()).digest()
