"""The read model of offices: who held what, by which decision, until when, and who follows."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text

from chapters import entries as e
from chapters.offices import entries as o
from civic.kernel.database import view_metadata
from civic.kernel.projection import Project, Recorded, Rows
from civic.kernel.record import view
from civic.kernel.record.entry import minute

office = Table(
    "office",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("member", Text, nullable=False),
    Column("since", Integer, nullable=False),
    Column("until", Integer, nullable=False),
    Column("decision", Text),
    Column("acting", Boolean, nullable=False),
    Column("ended", Integer),
    Column("ended_by", Text),
    comment="Offices ever held; `decision` gave them, `ended_by` is the decision that ended them.",
)
Index("office_held_ix", office.c.log, office.c.until, postgresql_where=office.c.ended.is_(None))
Index("office_ended_ix", office.c.log, office.c.ended)

successor = Table(
    "successor",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("after", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("member", Text, nullable=False),
    Column("term", Integer, nullable=False),
    Column("decision", Text, nullable=False),
    comment="Who takes over when an office ends, as decided last; `term` in minutes.",
)


def _give(
    rows: Rows,
    recorded: Recorded,
    term: e.OfficeTerm,
    since: int,
    decision: str | None = None,
    *,
    acting: bool = False,
) -> None:
    rows.insert(
        office,
        log=recorded.log,
        id=term.id,
        role=term.office,
        member=term.member,
        since=since,
        until=minute(term.until),
        decision=decision,
        acting=acting,
        ended=None,
        ended_by=None,
    )


def _constituted(rows: Rows, recorded: Recorded) -> None:
    for term in recorded.entry.body.offices:
        _give(rows, recorded, term, recorded.at)


def _given(rows: Rows, recorded: Recorded) -> None:
    body: o.OfficeGiven = recorded.entry.body
    _give(rows, recorded, body.term, minute(body.on), body.decision)
    view.concerns(rows, recorded, body.decision)


def _acting(rows: Rows, recorded: Recorded) -> None:
    body: o.ActingLeadGiven = recorded.entry.body
    _give(rows, recorded, body.term, minute(body.on), acting=True)


def _named(rows: Rows, recorded: Recorded) -> None:
    body: o.SuccessorNamed = recorded.entry.body
    rows.upsert(
        successor,
        log=recorded.log,
        after=body.after,
        role=body.office,
        member=body.member,
        term=body.term,
        decision=body.decision,
    )
    view.concerns(rows, recorded, body.decision)


def _ended(rows: Rows, recorded: Recorded) -> None:
    body: o.OfficeEnded = recorded.entry.body
    key: Mapping[str, Any] = {"log": recorded.log, "id": body.office}
    rows.update(office, key, ended=minute(body.on), ended_by=body.decision)
    if body.decision is not None:
        view.concerns(rows, recorded, body.decision)


PROJECTIONS: Final = MappingProxyType[str, tuple[Project, ...]](
    {
        e.Constituted.kind: (_constituted,),
        o.OfficeGiven.kind: (_given,),
        o.ActingLeadGiven.kind: (_acting,),
        o.SuccessorNamed.kind: (_named,),
        o.OfficeEnded.kind: (_ended,),
    }
)
