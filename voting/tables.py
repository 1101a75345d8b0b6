"""The voting domain's read model: votes, who cast what in the open, results (schema `view`)."""

from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from chapters.tables import as_json
from civic.kernel.database import view_metadata
from civic.kernel.projection import After, Found, Project, Recorded, Rows
from civic.kernel.record.entry import minute
from civic.kernel.record.view import concerns
from deliberation.projection import extend
from voting import entries as e

view_metadata.info["projections of voting"] = 3

election = Table(
    "election",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, primary_key=True),
    Column("matter", Text, nullable=False),
    Column("options", Integer, nullable=False),
    Column("secrecy", Text, nullable=False),
    Column("quorum", Integer, nullable=False),
    Column("majority", Integer, nullable=False),
    Column("unsigned", Boolean, nullable=False),
    Column("roll", BigInteger, nullable=False),
    Column("roll_hash", Text, nullable=False),
    Column("opened", Integer, nullable=False),
    Column("opened_entry", BigInteger, nullable=False),
    Column("until", Integer, nullable=False),
    Column("joined_by", Integer, nullable=False),
    Column("level", Integer, nullable=False),
    Column("voted", BigInteger, nullable=False),
    Column("unsigned_cast", BigInteger, nullable=False),
    Column("closed", Integer),
    Column("closed_entry", BigInteger),
    Column("counts", Text),
    Column("votes", BigInteger),
    Column("quorate", Boolean),
    Column("passed", Text),
    comment=(
        "Votes on matters. `voted` counts who voted so far, `unsigned_cast` those whose vote only "
        "the node vouches for; counts and passed are JSON, like votes and quorate they are the "
        "recorded result."
    ),
)
Index("election_matter_ix", election.c.log, election.c.matter, election.c.opened_entry)
Index("election_closed_ix", election.c.log, election.c.closed)

vote = Table(
    "vote",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("election", Text, primary_key=True),
    Column("voter", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
    Column("entry", BigInteger, nullable=False),
    Column("signed", Boolean, nullable=False),
    comment="What counts: by member ids in a roll call, by row ids in a pseudonymous vote.",
)

VOTED: Final = After(
    """
    WITH given AS (
        SELECT DISTINCT ON (g.log, g.election, g.voter)
            g.log, g.election, g.voter, g.value, g.entry, g.signed
        FROM unnest(:log, :election, :voter, :value, :entry, :signed)
            AS g(log, election, voter, value, entry, signed)
        JOIN view.election e ON e.log = g.log AND e.id = g.election
        WHERE e.closed_entry IS NULL OR e.closed_entry > g.entry
        ORDER BY g.log, g.election, g.voter, g.entry DESC
    ), change AS (
        SELECT given.log, given.election, count(*) FILTER (WHERE v.voter IS NULL) AS n,
            count(*) FILTER (WHERE NOT given.signed)
                - count(*) FILTER (WHERE NOT v.signed) AS unsigned
        FROM given
        LEFT JOIN view.vote v
            ON v.log = given.log AND v.election = given.election AND v.voter = given.voter
        GROUP BY given.log, given.election
    ), written AS (
        INSERT INTO view.vote (log, election, voter, value, entry, signed)
        SELECT log, election, voter, value, entry, signed FROM given
        ON CONFLICT (log, election, voter) DO UPDATE
            SET value = excluded.value, entry = excluded.entry, signed = excluded.signed
    )
    UPDATE view.election e
    SET voted = e.voted + n, unsigned_cast = e.unsigned_cast + change.unsigned
    FROM change WHERE e.log = change.log AND e.id = change.election
    """,
    log=Integer,
    election=Text,
    voter=Text,
    value=BigInteger,
    entry=BigInteger,
    signed=Boolean,
)
"""Votes: the latest of a voter counts, if it was recorded before the vote was closed."""

ABOUT: Final = After(
    """
    UPDATE view.entry e SET matter = v.matter
    FROM unnest(:log, :entry, :election) AS g(log, entry, election)
    JOIN view.election v ON v.log = g.log AND v.id = g.election
    WHERE e.log = g.log AND e.index = g.entry
    """,
    log=Integer,
    entry=BigInteger,
    election=Text,
)
"""Entries about a vote: the index of entries names the matter."""


def _one(recorded: Recorded, own_id: str) -> dict[str, Any]:
    return {"log": recorded.log, "id": own_id}


def _opened(rows: Rows, recorded: Recorded) -> None:
    body: e.Opened = recorded.entry.body
    rows.insert(
        election,
        log=recorded.log,
        id=body.election,
        matter=body.proposal,
        options=body.options,
        secrecy=body.secrecy,
        quorum=body.quorum,
        majority=body.majority,
        unsigned=body.unsigned,
        roll=body.roll.count,
        roll_hash=body.roll.sha256,
        opened=recorded.at,
        opened_entry=recorded.index,
        until=minute(body.until),
        joined_by=minute(body.joined_by),
        level=body.level,
        voted=0,
        unsigned_cast=0,
        closed=None,
        closed_entry=None,
        counts=None,
        votes=None,
        quorate=None,
        passed=None,
    )
    concerns(rows, recorded, body.proposal)


def _cast(rows: Rows, recorded: Recorded) -> None:
    body: e.Cast = recorded.entry.body
    voter, signed = recorded.entry.by.id, recorded.entry.proof is not None
    rows.then(VOTED, recorded.log, body.election, voter, body.value, recorded.index, signed)
    rows.then(ABOUT, recorded.log, recorded.index, body.election)


def _votes_recorded(rows: Rows, recorded: Recorded) -> None:
    body: e.VotesRecorded = recorded.entry.body
    signed = {position for position, *_ in body.proofs}
    for position, (row, value) in enumerate(body.rows):
        rows.then(VOTED, recorded.log, body.subject, row, value, recorded.index, position in signed)
    rows.then(ABOUT, recorded.log, recorded.index, body.subject)


def _result(rows: Rows, recorded: Recorded) -> None:
    body: e.Result = recorded.entry.body
    rows.update(
        election,
        _one(recorded, body.election),
        closed=minute(body.closed),
        closed_entry=recorded.index,
        counts=as_json(body.counts),
        votes=body.cast,
        quorate=body.quorate,
        passed=as_json(body.passed),
    )
    rows.then(ABOUT, recorded.log, recorded.index, body.election)


def _extended(rows: Rows, recorded: Recorded) -> None:
    body = recorded.entry.body
    if not body.what.startswith("voting."):
        return
    until = minute(body.until)

    def put_off(found: Found) -> None:
        if found is not None:
            extend(rows, recorded, found["matter"], until)

    rows.update(election, _one(recorded, body.id), until=until)
    rows.find(election, _one(recorded, body.id), ("matter",), put_off)


PROJECTIONS: Final = MappingProxyType[str, tuple[Project, ...]](
    {
        e.Opened.kind: (_opened,),
        e.Cast.kind: (_cast,),
        e.VotesRecorded.kind: (_votes_recorded,),
        e.Result.kind: (_result,),
        "record.deadline_extended": (_extended,),
    }
)
