"""The read model of how members stand: refusals, suspensions, appeals, expulsions."""

from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, Text

from chapters import entries as e
from chapters.standing import entries as s
from chapters.tables import chapter, member
from civic.kernel.database import view_metadata
from civic.kernel.projection import Found, Project, Recorded, Rows
from civic.kernel.record import view
from civic.kernel.record.entry import minute

suspension = Table(
    "suspension",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, primary_key=True),
    Column("member", Text, nullable=False),
    Column("until", Integer, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("paper", LargeBinary, nullable=False),
    Column("begun", Integer),
    Column("begun_entry", BigInteger),
    Column("agreed_by", Text),
    Column("appealed", Integer),
    Column("appeal", LargeBinary),
    Column("ended", Integer),
    Column("ended_entry", BigInteger),
    Column("why", Text),
    comment=(
        "Suspensions asked for. `asked_by` and `agreed_by` are offices, `paper` and `appeal` "
        "hashes of restricted papers; `why` it ended (`lapsed`: nobody agreed)."
    ),
)
Index("suspension_member_ix", suspension.c.log, suspension.c.member, suspension.c.asked)
Index("suspension_open_ix", suspension.c.log, postgresql_where=suspension.c.ended.is_(None))

judgement = Table(
    "judgement",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("suspension", Text, primary_key=True),
    Column("office", Text, primary_key=True),
    Column("lift", Boolean, nullable=False),
    comment="What offices judged about appeals.",
)

application_refused = Table(
    "application_refused",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("entry", BigInteger, primary_key=True, autoincrement=False),
    Column("member", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Column("paper", LargeBinary, nullable=False),
    comment="Applications that a lead refused; `paper` is the hash of the restricted reason.",
)
Index("application_refused_ix", application_refused.c.log, application_refused.c.member)


def _member(recorded: Recorded, own_id: str) -> dict[str, Any]:
    return {"log": recorded.log, "id": own_id}


def _suspension(recorded: Recorded, own_id: str) -> dict[str, Any]:
    return {"log": recorded.log, "id": own_id}


def _counted(rows: Rows, recorded: Recorded, **changes: int) -> None:
    rows.add(chapter, {"log": recorded.log}, **changes)


def _refused(rows: Rows, recorded: Recorded) -> None:
    body: s.ApplicationRefused = recorded.entry.body
    rows.insert(
        application_refused,
        log=recorded.log,
        entry=recorded.index,
        member=body.member,
        at=recorded.at,
        paper=bytes.fromhex(body.paper),
    )
    rows.update(member, _member(recorded, body.member), state="left", ended=recorded.at)
    _counted(rows, recorded, applied=-1)


def _reapplied(rows: Rows, recorded: Recorded) -> None:
    own = _member(recorded, recorded.entry.by.id)
    rows.update(member, own, state="applied", since=recorded.at, ended=None)
    _counted(rows, recorded, applied=1)


def _gone(state: str, own_id: str, rows: Rows, recorded: Recorded) -> None:
    def gone(found: Found) -> None:
        if found is None:
            raise LookupError("somebody went who was no member")
        before = {"active": "active", "suspended": "suspended", "applied": "applied"}
        column = before.get(found["state"])
        if column is not None:
            _counted(rows, recorded, **{column: -1})
        # Who is expelled may still have their name erased, which a decision alone does not do.
        name = {"name": None} if state == "left" else {}
        rows.update(member, _member(recorded, own_id), state=state, ended=recorded.at, **name)

    rows.find(member, _member(recorded, own_id), ("state",), gone)


def _left(rows: Rows, recorded: Recorded) -> None:
    _gone("left", recorded.entry.by.id, rows, recorded)


def _expelled(rows: Rows, recorded: Recorded) -> None:
    body: s.Expelled = recorded.entry.body
    _gone("expelled", body.member, rows, recorded)
    view.concerns(rows, recorded, body.decision)


def _expulsion_lifted(rows: Rows, recorded: Recorded) -> None:
    body: s.ExpulsionLifted = recorded.entry.body
    rows.update(member, _member(recorded, body.member), state="left")
    view.concerns(rows, recorded, body.decision)


def _asked(rows: Rows, recorded: Recorded) -> None:
    body: s.SuspensionAsked = recorded.entry.body
    rows.insert(
        suspension,
        log=recorded.log,
        id=body.id,
        member=body.member,
        until=minute(body.until),
        asked=recorded.at,
        asked_by=recorded.entry.by.id,
        paper=bytes.fromhex(body.paper),
        begun=None,
        begun_entry=None,
        agreed_by=None,
        appealed=None,
        appeal=None,
        ended=None,
        ended_entry=None,
        why=None,
    )


def _end(rows: Rows, recorded: Recorded, own_id: str, at: int, why: str) -> None:
    key = _suspension(recorded, own_id)
    rows.update(suspension, key, ended=at, ended_entry=recorded.index, why=why)


def _lapsed(rows: Rows, recorded: Recorded) -> None:
    _end(rows, recorded, recorded.entry.body.suspension, recorded.at, "lapsed")


def _suspended(rows: Rows, recorded: Recorded) -> None:
    body: s.Suspended = recorded.entry.body
    key = _suspension(recorded, body.suspension)
    rows.update(
        suspension,
        key,
        begun=recorded.at,
        begun_entry=recorded.index,
        agreed_by=recorded.entry.by.id,
    )

    def suspended(found: Found) -> None:
        if found is None:
            raise LookupError("nobody asked for this suspension")
        rows.update(member, _member(recorded, found["member"]), state="suspended")
        _counted(rows, recorded, active=-1, suspended=1)

    rows.find(suspension, key, ("member",), suspended)


def _appealed(rows: Rows, recorded: Recorded) -> None:
    body: s.Appealed = recorded.entry.body
    paper = bytes.fromhex(body.paper)
    rows.update(
        suspension, _suspension(recorded, body.suspension), appealed=recorded.at, appeal=paper
    )


def _judged(rows: Rows, recorded: Recorded) -> None:
    body: s.AppealJudged = recorded.entry.body
    rows.upsert(
        judgement,
        log=recorded.log,
        suspension=body.suspension,
        office=recorded.entry.by.id,
        lift=body.lift,
    )


def _ended(rows: Rows, recorded: Recorded) -> None:
    body: s.SuspensionEnded = recorded.entry.body
    _end(rows, recorded, body.suspension, minute(body.on), body.why)
    if body.why in ("left", "expelled"):
        return

    def ended(found: Found) -> None:
        if found is None:
            raise LookupError("nobody asked for this suspension")
        rows.update(member, _member(recorded, found["member"]), state="active")
        _counted(rows, recorded, active=1, suspended=-1)

    rows.find(suspension, _suspension(recorded, body.suspension), ("member",), ended)


PROJECTIONS: Final = MappingProxyType[str, tuple[Project, ...]](
    {
        e.Left.kind: (_left,),
        s.ApplicationRefused.kind: (_refused,),
        s.Reapplied.kind: (_reapplied,),
        s.Expelled.kind: (_expelled,),
        s.ExpulsionLifted.kind: (_expulsion_lifted,),
        s.SuspensionAsked.kind: (_asked,),
        s.SuspensionRequestLapsed.kind: (_lapsed,),
        s.Suspended.kind: (_suspended,),
        s.Appealed.kind: (_appealed,),
        s.AppealJudged.kind: (_judged,),
        s.SuspensionEnded.kind: (_ended,),
    }
)
