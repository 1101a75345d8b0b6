"""What the read model keeps of member keys: changes that wait, and acts that were disowned."""

from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from chapters.entries import Left
from chapters.keys import entries as e
from chapters.standing.entries import Expelled
from civic.kernel.database import view_metadata
from civic.kernel.projection import After, Project, Recorded, Rows
from civic.kernel.record.view import concerns

view_metadata.info["projections of member keys"] = 2

key_change = Table(
    "key_change",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, primary_key=True),
    Column("member", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("entry", BigInteger, nullable=False),
    Column("at", Integer, nullable=False),
    Column("ended_entry", BigInteger),
    Column("done", Boolean, nullable=False),
    comment=(
        "Changes of members' keys that verifiers announced; ended by effect (`done`), by veto, or "
        "because the member changed the key."
    ),
)
Index("key_change_member_ix", key_change.c.log, key_change.c.member)

disowned = Table(
    "disowned",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    Column("entry", BigInteger, nullable=False),
    comment="Acts of which who acts under their id says that they did not do them.",
)

KEYED: Final = After(
    """
    UPDATE view.member m SET key = g.key, handed = coalesce(m.handed, '')
    FROM (
        SELECT DISTINCT ON (log, member) log, member, key
        FROM unnest(:log, :member, :key, :entry) AS g(log, member, key, entry)
        ORDER BY log, member, entry DESC
    ) AS g WHERE m.log = g.log AND m.id = g.member
    """,
    log=Integer,
    member=Text,
    key=Text,
    entry=BigInteger,
)
"""Replaced keys: the last one is the member's."""

ANNOUNCED: Final = After(
    """
    UPDATE view.member m SET handed = ''
    FROM unnest(:log, :member) AS g(log, member)
    WHERE m.log = g.log AND m.id = g.member AND m.handed IS NULL
    """,
    log=Integer,
    member=Text,
)
HANDED: Final = After(
    """
    UPDATE view.member m SET handed = g.id
    FROM (
        SELECT DISTINCT ON (log, member) log, member, id
        FROM unnest(:log, :member, :id, :entry) AS g(log, member, id, entry)
        ORDER BY log, member, entry DESC
    ) AS g WHERE m.log = g.log AND m.id = g.member
    """,
    log=Integer,
    member=Text,
    id=Text,
    entry=BigInteger,
)
"""Changes by verifiers that took effect: the last one says which account holds the member."""

ENDED: Final = After(
    """
    UPDATE view.key_change c SET ended_entry = g.entry, done = (g.done = 1)
    FROM unnest(:log, :id, :entry, :done) AS g(log, id, entry, done)
    WHERE c.log = g.log AND c.id = g.id
    """,
    log=Integer,
    id=Text,
    entry=BigInteger,
    done=Integer,
)
OVERTAKEN: Final = After(
    """
    UPDATE view.key_change c SET ended_entry = g.entry
    FROM unnest(:log, :member, :entry) AS g(log, member, entry)
    WHERE c.log = g.log AND c.member = g.member AND c.ended_entry IS NULL AND c.entry < g.entry
    """,
    log=Integer,
    member=Text,
    entry=BigInteger,
)
"""Changes that wait while the member replaces the key, leaves or is expelled."""

DISOWNED: Final = After(
    """
    INSERT INTO view.disowned (log, index, entry)
    SELECT DISTINCT ON (g.log, g.index) g.log, g.index, g.entry
    FROM unnest(:log, :index, :entry, :role, :by_id) AS g(log, index, entry, role, by_id)
    JOIN view.entry e ON e.log = g.log AND e.index = g.index AND e.act = e.index
        AND e.role = g.role AND e.by_id = g.by_id
    ORDER BY g.log, g.index, g.entry
    ON CONFLICT (log, index) DO NOTHING
    """,
    log=Integer,
    index=BigInteger,
    entry=BigInteger,
    role=Text,
    by_id=Text,
)
"""Reports that count: about an act under the same id."""


def _replaced(rows: Rows, recorded: Recorded) -> None:
    body: e.KeyReplaced = recorded.entry.body
    member = recorded.entry.by.id
    rows.then(KEYED, recorded.log, member, body.key, recorded.index)
    rows.then(OVERTAKEN, recorded.log, member, recorded.index)


def _announced(rows: Rows, recorded: Recorded) -> None:
    body: e.KeyChangeAnnounced = recorded.entry.body
    values: dict[str, Any] = {"log": recorded.log, "id": body.id, "member": body.member}
    rows.insert(
        key_change,
        **values,
        key=body.key,
        entry=recorded.index,
        at=recorded.at,
        ended_entry=None,
        done=False,
    )
    rows.then(ANNOUNCED, recorded.log, body.member)


def _vetoed(rows: Rows, recorded: Recorded) -> None:
    rows.then(ENDED, recorded.log, recorded.entry.body.change, recorded.index, 0)


def _changed(rows: Rows, recorded: Recorded) -> None:
    body: e.KeyChanged = recorded.entry.body
    rows.then(KEYED, recorded.log, body.member, body.key, recorded.index)
    rows.then(HANDED, recorded.log, body.member, body.change, recorded.index)
    rows.then(ENDED, recorded.log, body.change, recorded.index, 1)


def _disowned(rows: Rows, recorded: Recorded) -> None:
    body: e.ActDisowned = recorded.entry.body
    by = recorded.entry.by
    rows.then(DISOWNED, recorded.log, body.index, recorded.index, by.as_.value, by.id)
    if body.matter is not None:
        concerns(rows, recorded, body.matter)


def _left(rows: Rows, recorded: Recorded) -> None:
    rows.then(OVERTAKEN, recorded.log, recorded.entry.by.id, recorded.index)


def _expelled(rows: Rows, recorded: Recorded) -> None:
    rows.then(OVERTAKEN, recorded.log, recorded.entry.body.member, recorded.index)


PROJECTIONS: Final = MappingProxyType[str, tuple[Project, ...]](
    {
        e.KeyReplaced.kind: (_replaced,),
        e.KeyChangeAnnounced.kind: (_announced,),
        e.KeyChangeVetoed.kind: (_vetoed,),
        e.KeyChanged.kind: (_changed,),
        e.ActDisowned.kind: (_disowned,),
        Left.kind: (_left,),
        Expelled.kind: (_expelled,),
    }
)
