"""Plans of the queries and projections over a hundred thousand rows: no big table is read whole."""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import msgspec
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from chapters import queries as chapters
from chapters.assurance.erasure import erase_over
from chapters.assurance.queries import own_levels, waiting_disputes
from chapters.bylaws import TEMPLATES, YEAR
from chapters.offices.queries import offices
from chapters.standing.queries import reversible, suspensions
from chapters.tables import as_json
from civic.kernel.database import Reading, Writing, writing
from civic.kernel.projection import Recorded, Rows
from civic.kernel.record import browse
from civic.kernel.record.entry import As, By, Entry, id_of
from civic.kernel.record.ties import Vault
from civic.overview import WEEK, WEEKS, overview
from civic.pages import home_queries
from civic.pages.desk_queries import desk
from civic.pages.people_queries import Wanted, listed
from civic.pages.queries import OpenVote
from civic.projections import PROJECTIONS
from deliberation import discussion
from deliberation import entries as d
from deliberation import queries as deliberation
from deliberation.moderation import queries as moderation
from voting import entries as v
from voting import queries as voting

MANY = 100_000

FILL = """
INSERT INTO record.log (log_id, chapter_id, public_key, visibility, size, at, frontier,
    signed_size, signed_frontier)
VALUES ('log', 'chapter', 'x', 'world', 100000, 1, '', 100000, '');
INSERT INTO record.entry (log, index, key, part, bytes, leaf)
SELECT 1, n, decode(md5(CAST(n AS text)), 'hex'), 0, 'x', 'x' FROM generate_series(0, 99999) n;
INSERT INTO record.content (log, hash, bytes)
SELECT 1, sha256(CAST(CAST(n AS text) AS bytea)), 'x' FROM generate_series(0, 99999) n;
INSERT INTO view.entry
SELECT 1, n, 'deliberation.commented', n, CASE WHEN n % 3 = 0 THEN 'node' ELSE 'voice' END,
    'v' || n % 5000, false, n, 'm' || n % 3000 FROM generate_series(0, 99999) n;
INSERT INTO view.chapter VALUES (1, 'chapter', 'log', 'active', 'town', 'c', 'x', 'p1', 1, NULL,
    1, 3, 100000, 0, 0, 0, 1, '{bylaws}', '[]', 0, 0);
INSERT INTO view.rules_version VALUES (1, -1, 0);
INSERT INTO view.bylaws_version VALUES (1, 1, 0, 1, NULL, '[]', '{bylaws}');
INSERT INTO view.member
SELECT 1, 'p' || n, 'active', 0, NULL, sha256(CAST(CAST(n AS text) AS bytea)), false, n, n, n, NULL
FROM generate_series(0, 99999) n;
INSERT INTO view.level SELECT 1, 'p' || n, n, 1 FROM generate_series(0, 99999) n;
INSERT INTO view.level_term
SELECT 1, 't' || n, 'p' || n, 'vouches', 3, false, false, n, n + 10, CASE WHEN n % 2 = 0 THEN n END
FROM generate_series(0, 99999) n;
INSERT INTO view.named_paper
SELECT 1, sha256(CAST(CAST(n AS text) AS bytea)), 't' || n, n FROM generate_series(0, 99999) n;
INSERT INTO private.paper (log, hash, sealed)
SELECT 1, sha256(CAST(CAST(n AS text) AS bytea)), 'x' FROM generate_series(0, 99999) n;
INSERT INTO private.backing SELECT 1, 't' || n, 'x' FROM generate_series(0, 99999) n;
INSERT INTO view.dispute
SELECT 1, 'd' || n, 'p' || n, CASE WHEN n < 4990 THEN 'dismissed' ELSE 'open' END, n, n, 'x', NULL,
    NULL, NULL, CASE WHEN n < 4990 THEN n END FROM generate_series(0, 4999) n;
INSERT INTO view.office
SELECT 1, 'o' || n, 'lead', 'p' || n, 1, 2, NULL, false, CASE WHEN n < 5000 THEN 2 END, NULL
FROM generate_series(1, 5003) n;
INSERT INTO record.checkpoint
SELECT 1, n, n, '' FROM generate_series(10, 99999) n;
INSERT INTO view.suspension
SELECT 1, 's' || n, 'p' || n, n, n, 'o1', 'x', n, n, 'o1', NULL, NULL,
    CASE WHEN n < 4990 THEN n END, CASE WHEN n < 4990 THEN n END, NULL
FROM generate_series(0, 4999) n;
INSERT INTO view.matter
SELECT 1, 'm' || n, n, 'v' || n, sha256(CAST(CAST(n AS text) AS bytea)), '', '', 0, 'en', '', '', 1,
    CASE n % 50 WHEN 0 THEN 'support' WHEN 1 THEN 'imported' ELSE 'decided' END, n, n,
    'roll_call', '[]', NULL, NULL, NULL, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL,
    '[]', NULL, NULL, n, NULL, CASE WHEN n % 50 > 1 THEN n END, n
FROM generate_series(0, 99999) n;
INSERT INTO view.statement (log, id, matter, kind, author, parent, thread, path, depth, words,
    entry, at, score, agree, disagree, passed, comments)
SELECT 1, 's' || n, 'm' || n % 20, (ARRAY['pro', 'con', 'comment', 'comment'])[n % 4 + 1],
    'v' || n % 5000, 'm' || n % 20, 'm' || n % 20, decode(lpad(to_hex(n), 12, '0'), 'hex'), 0,
    sha256(CAST(CAST(n AS text) AS bytea)), n, n, n % 100, 0, 0, 0, 0
FROM generate_series(0, 99999) n;
INSERT INTO view.hiding
SELECT 1, 'h' || n, n, n, 's' || n, 'm' || n % 5000, 'v' || n,
    sha256(CAST(CAST(n AS text) AS bytea)), 'o1', 'x', NULL, n, n,
    sha256(CAST(CAST(n AS text) AS bytea)), CASE WHEN n % 5000 > 0 THEN n END,
    CASE WHEN n % 5000 > 0 THEN n END, CASE WHEN n % 5000 > 0 THEN 'upheld' END, true
FROM generate_series(0, 99999) n;
INSERT INTO view.hiding_judgement
SELECT 1, 'h' || n, 'o' || m, false, n FROM generate_series(0, 49999) n, generate_series(1, 2) m;
INSERT INTO view.reaction
SELECT 1, 's' || n % 1000, 'r' || n, n % 3 - 1, n FROM generate_series(0, 99999) n;
INSERT INTO view.support
SELECT 1, 'm' || n % 20, 'v' || n, true, n FROM generate_series(0, 99999) n;
INSERT INTO view.voice SELECT 1, 'm' || n % 20, 'v' || n, n FROM generate_series(0, 99999) n;
INSERT INTO view.version
SELECT 1, 'm' || n, 1, n, n, '', '', '', '', '' FROM generate_series(0, 99999) n;
INSERT INTO view.timeline
SELECT 1, 'm' || n % 30000, n, 'support', n, n FROM generate_series(0, 99999) n;
INSERT INTO view.task
SELECT 1, 't' || n, 'm' || n, sha256(CAST(CAST(n AS text) AS bytea)), 'o1', n, n, n,
    CASE WHEN n % 100 > 0 THEN n END FROM generate_series(0, 99999) n;
INSERT INTO view.card
SELECT 1, 'k' || n, 'm' || n, 'success', 'yes', sha256(CAST(CAST(n AS text) AS bytea)), 'x', 'o1',
    n, n FROM generate_series(0, 99999) n;
INSERT INTO view.name_given
SELECT 1, 'm' || n % 20, 'v' || n, 'p' || n, n FROM generate_series(0, 49999) n;
INSERT INTO view.election
SELECT 1, 'e' || n, 'm' || n, 0, 'roll_call', 0, 0, true, 1, 'x', n, n, n, 0, 0, 0, 0,
    CASE WHEN n > 20 THEN n END, NULL, NULL, NULL, NULL, NULL FROM generate_series(0, 29999) n;
INSERT INTO view.vote
SELECT 1, 'e' || n % 10, 'p' || n, 1, n, n % 3 = 0 FROM generate_series(0, 99999) n;
INSERT INTO private.box (log, subject, row, value)
SELECT 1, 's' || n % 1000, 'r' || n, 1 FROM generate_series(0, 29999) n;
ANALYZE
"""


@pytest.fixture
async def full(database: AsyncEngine) -> AsyncEngine:
    async with writing(database) as db:
        bylaws = as_json(TEMPLATES["town"])
        for statement in FILL.replace("{bylaws}", bylaws).split(";"):
            await db.exec_driver_sql(statement)
    return database


@contextmanager
def listening(engine: AsyncEngine) -> Iterator[list[tuple[str, Any]]]:
    heard: list[tuple[str, Any]] = []
    fetch = asyncpg.Connection.fetch

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        heard.append((statement, parameters))

    async def fetched(connection: Any, statement: str, *values: Any, **more: Any) -> Any:
        heard.append((statement, values))
        return await fetch(connection, statement, *values, **more)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    asyncpg.Connection.fetch = fetched
    try:
        yield heard
    finally:
        asyncpg.Connection.fetch = fetch
        event.remove(engine.sync_engine, "before_cursor_execute", note)


def read(plan: Any) -> int:
    """The most rows that a step of a plan read."""
    rows = plan.get("Actual Rows", 0) * plan.get("Actual Loops", 0)
    return max([int(rows), *map(read, plan.get("Plans", ()))])


def read_whole(plan: Any) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for below in plan.get("Plans", ()):
        yield from read_whole(below)


async def plans(
    db: Reading, heard: list[tuple[str, Any]], options: str = ""
) -> list[tuple[str, Any]]:
    found = []
    # The plan that a prepared statement gets after a few runs, whatever its parameters.
    await db.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
    for statement, parameters in heard:
        result = await db.exec_driver_sql(f"EXPLAIN (FORMAT JSON{options}) {statement}", parameters)
        plan = result.scalar_one()
        found.append((statement, (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))
    return found


SMALL = {
    "attestation",
    "bylaws_version",
    "chapter",
    "confirmation",
    "disowned",
    "dispute",
    "erased",
    "founder",
    "judgement",
    "key_request",
    "log",
    "outage",
    "report",
    "rules_version",
    "successor",
    "verify_case",
}


async def half_a_year(db: Reading) -> Any:
    """Read what stands beside a chapter's proposals, as if most had happened long before."""
    view = await chapters.chapter(db, "chapter")
    assert view is not None
    line = msgspec.structs.replace(view.line, at=98_500 + WEEKS * WEEK)
    return await overview(db, line, 5, [OpenVote(1, "e5", "r5", "p5")])


READS: dict[str, Callable[[Reading], Awaitable[Any]]] = {
    "chapter": lambda db: chapters.chapter(db, "chapter"),
    "home": lambda db: home_queries.own_chapters(
        db, {"chapter": "p5"}, home_queries.Asked(100_000, 0, 100_000, 99_000, 0)
    ),
    "overview": lambda db: half_a_year(db),
    "members in office": lambda db: listed(db, 1, Wanted(role="any"), (500, "p500")),
    "desk": lambda db: desk(db, 1, 99_000, 100_000, 100_000),
    "offices": lambda db: offices(db, 1, 5),
    "suspensions of": lambda db: suspensions(db, 1, "p5"),
    "own levels": lambda db: own_levels(db, Vault(bytes(32)), 1, "p5"),
    "disputes": lambda db: waiting_disputes(db, 1),
    "papers that are over": lambda db: erase_over(Writing(db), 1, YEAR + 99_000),
    "reversible": lambda db: reversible(db, 1),
    "members": lambda db: chapters.members(db, 1, after=(500, "p500")),
    "member": lambda db: chapters.member(db, 1, "p5"),
    "network": lambda db: deliberation.network(db),
    "matters": lambda db: deliberation.matters(db, 1),
    "further matters": lambda db: deliberation.matters(db, 1, limit=0, imported=0, skipped=900),
    "open": lambda db: deliberation.open_matters(db, 1, (50, "m50")),
    "ended": lambda db: deliberation.ended_matters(db, 1, 5000),
    "imported": lambda db: deliberation.imported_matters(db, 1, 5000),
    "matter": lambda db: deliberation.matter(db, "chapter", "m5", "v5"),
    "version": lambda db: deliberation.version(db, 1, "m5", 1),
    "cards": lambda db: deliberation.cards(db, 1),
    "recent": lambda db: deliberation.recent(db, 1),
    "discussion": lambda db: discussion.discussion(db, 1, "m5", "r5"),
    "arguments": lambda db: discussion.arguments(db, 1, "m4", "pro", (50, 100), "r5"),
    "comments": lambda db: discussion.comments(db, 1, "m2", "000000000010", "r5"),
    "statement": lambda db: discussion.statement(db, 1, "s5", "r5"),
    "election": lambda db: voting.election(db, 1, "e5", "p5", "r5"),
    "elections": lambda db: voting.elections_of(db, 1, "m5", "p5", "r5"),
    "votes": lambda db: voting.votes(db, 1, "e5", "p500"),
    "hidings": lambda db: moderation.hidings(db, 1, 50_000),
    "hiding": lambda db: moderation.hiding(db, 1, "h5"),
    "hidings and appeals": lambda db: moderation.hidings_and_appeals(db, 1, 50_000),
    "entries": lambda db: browse.entries(db, 1, 5000),
    "entry": lambda db: browse.entry(db, 1, 5000),
    "of matter": lambda db: browse.entries_of_matter(db, 1, "m5", 5000),
    "by": lambda db: browse.acts_by(db, 1, ["v5", "v6"], 50_000),
    "act": lambda db: browse.act(db, 1, 5000),
}


def group() -> list[Recorded]:
    """One act of each costly kind, many times."""
    bodies: list[Any] = []
    for n in range(64):
        own = id_of(n.to_bytes(16, "big"))
        bodies += [
            d.Supported(f"m{n % 20}"),
            d.Argued(own, f"m{n % 20}", "pro", 1),
            d.Commented(own.replace("a", "b", 1), f"s{n}", 1),
            d.ReactionsRecorded(f"s{n}", "2026-01-01T00:00Z", 0, ((f"r{n}", 1), (f"r{n + 1}", 0))),
            v.Cast(f"e{n}", 1),
        ]
    by = By(As.VOICE, id_of(b"\1" * 16))
    return [
        Recorded(
            1,
            "chapter",
            "log",
            MANY + n,
            Entry(body.kind, "2026-01-01T00:00Z", by, "0" * 32, 0, body, ("0" * 64,)),
        )
        for n, body in enumerate(bodies)
    ]


async def test_no_big_table_is_read_whole(full: AsyncEngine) -> None:
    await _reading(full)
    await _projecting(full)


async def _reading(full: AsyncEngine) -> None:
    async with writing(full) as db:
        for name, query in READS.items():
            with listening(full) as heard:
                assert await query(db) is not None, name
            assert heard
            for statement, plan in await plans(db, heard, ", ANALYZE"):
                assert read(plan) <= 2500, (name, statement, plan)
                assert set(read_whole(plan)) <= SMALL, (name, statement, plan)


async def _projecting(full: AsyncEngine) -> None:
    async with full.connect() as connection:
        await connection.begin()
        db = Writing(Reading(connection))
        with listening(full) as heard:
            rows = Rows()
            for one in group():
                for project in PROJECTIONS[one.entry.kind]:
                    project(rows, one)
            await rows.write(db)
        assert len(heard) < 20
        for statement, plan in await plans(db, heard):
            assert set(read_whole(plan)) <= SMALL, (statement, plan)
        await connection.rollback()
