from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from chapters.state import of as chapter_of
from chapters.tables import chapter, member
from civic.kernel.database import Reading, Writing, view_metadata
from civic.kernel.projection import Recorded, Rows
from civic.kernel.record.entry import As, By, Entry, id_of
from civic.kernel.record.view import entry as entry_table
from civic.procedure import DRAFT
from civic.projections import PROJECTIONS
from deliberation.state import of as deliberation_of
from deliberation.tables import OPEN_PHASES, matter, reaction, statement
from tests.invented import Invention
from voting.state import of as voting_of
from voting.tables import election, vote

Dump = dict[str, list[tuple[Any, ...]]]


def recorded(life: Invention, log: int) -> list[Recorded]:
    return [
        Recorded(log, f"chapter-{log}", life.log_id, index, entry)
        for index, entry in enumerate(life.entries)
    ]


async def project(db: Writing, entries: Sequence[Recorded], sizes: Iterable[int]) -> None:
    start = 0
    for size in sizes:
        rows = Rows()
        for one in entries[start : start + size]:
            for projection in PROJECTIONS[one.entry.kind]:
                projection(rows, one)
        await rows.write(db)
        start += size
        if start >= len(entries):
            break


async def dump(db: Reading, log: int) -> Dump:
    tables: Dump = {}
    for table in view_metadata.tables.values():
        columns = [column for column in table.columns if column.name not in ("log", "chapter_id")]
        rows = await db.execute(
            select(*columns).where(table.c.log == log).order_by(*table.primary_key)
        )
        tables[table.name] = [tuple(row) for row in rows]
    return tables


def ones() -> Iterator[int]:
    while True:
        yield 1


HYPOTHESIS = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_every_kind_of_entry_is_projected() -> None:
    assert set(PROJECTIONS) == set(DRAFT.kinds)


def test_invented_lives_know_every_kind() -> None:
    kinds = set()
    for seed in range(40):
        life = Invention(seed)
        life.live(150)
        kinds |= {entry.kind for entry in life.entries}
    assert set(DRAFT.kinds) - kinds <= {"chapters.dissolved"}


@HYPOTHESIS
@given(st.integers(0, 2**32), st.lists(st.integers(1, 60), min_size=400, max_size=400))
async def test_rows_do_not_depend_on_grouping(
    database: AsyncEngine, seed: int, sizes: list[int]
) -> None:
    life = Invention(seed)
    life.live(120)
    async with database.connect() as connection:
        await connection.begin()
        db = Writing(Reading(connection))
        await project(db, recorded(life, 1), ones())
        await project(db, recorded(life, 2), sizes)
        await project(db, recorded(life, 3), [len(life.entries)])
        first = await dump(db, 1)
        assert len(first["entry"]) == len(life.entries)
        assert first == await dump(db, 2)
        assert first == await dump(db, 3)
        await connection.rollback()


@HYPOTHESIS
@given(st.integers(0, 2**32))
async def test_rows_agree_with_the_rules(database: AsyncEngine, seed: int) -> None:
    life = Invention(seed)
    life.live(120)
    state = life.state
    async with database.connect() as connection:
        await connection.begin()
        db = Writing(Reading(connection))
        await project(db, recorded(life, 1), [50] * len(life.entries))
        known = chapter_of(state)
        row = (await db.execute(select(chapter))).one()
        assert (row.stage, row.active, row.imported) == (known.stage, known.active, known.imported)
        assert row.bylaws_number == len(known.versions)
        people = {one.id: one for one in await db.execute(select(member))}
        assert {one: (m.state, m.level, m.key, m.name) for one, m in known.members.items()} == {
            one: (m.state, m.level, m.key, m.name.hex() if m.name else None)
            for one, m in people.items()
        }
        matters = {one.id: one for one in await db.execute(select(matter))}
        proposals = deliberation_of(state).proposals
        assert set(matters) == set(proposals)
        for own_id, proposal in proposals.items():
            found = matters[own_id]
            assert (found.phase, found.version) == (proposal.phase, proposal.version)
            assert found.bylaws_number == proposal.bylaws + 1
            assert (found.title + found.text + found.labels).hex() == "".join(proposal.words)
            assert found.voices == len(known.matters[own_id].voices)
            assert found.rows_tied == known.matters[own_id].rows_tied
            if proposal.phase == "support":
                assert found.supports == len(proposal.supports)
            if proposal.phase in OPEN_PHASES:
                subject = proposal.election if proposal.phase == "vote" else own_id
                assert found.phase_until == state.record.deadlines[subject or ""].minute
            else:
                assert found.phase_until is None
        said = await db.execute(select(statement.c.id, statement.c.matter))
        subjects = deliberation_of(state).subjects
        assert {row.id: row.matter for row in said} == {
            one: subject.proposal for one, subject in subjects.items() if subject.what != "task"
        }
        elections = {one.id: one for one in await db.execute(select(election))}
        for own_id, known_election in voting_of(state).elections.items():
            votes = await db.execute(
                select(vote.c.voter, vote.c.value, vote.c.signed).where(vote.c.election == own_id)
            )
            cast = votes.all()
            values = {row.voter: row.value for row in cast}
            found = elections[own_id]
            assert found.unsigned_cast == sum(not row.signed for row in cast)
            assert found.voted == len(values)
            if known_election.open:
                assert values == known_election.votes
            else:
                assert found.votes == len(values)
        await connection.rollback()


def reactions(life: Invention) -> tuple[dict[tuple[str, str], int], int]:
    """What each row last said of each subject while its matter was open; how many came late."""
    subjects = deliberation_of(life.state).subjects
    over: set[str] = set()
    said: dict[tuple[str, str], int] = {}
    late = 0
    for entry in life.entries:
        body = entry.body
        match entry.kind.partition(".")[2]:
            case "decided" | "lapsed" | "withdrawn":
                over.add(body.proposal)
            case "returned":
                over.discard(body.proposal)
            case "reactions_recorded" | "reactions_imported":
                if subjects[body.subject].proposal in over:
                    late += len(body.rows)
                else:
                    said.update({(body.subject, row): value for row, value in body.rows})
    return said, late


async def test_reactions_count_until_their_matter_is_closed(database: AsyncEngine) -> None:
    all_late = 0
    for seed in range(6):
        life = Invention(seed)
        life.live(150)
        said, late = reactions(life)
        all_late += late
        async with database.connect() as connection:
            await connection.begin()
            db = Writing(Reading(connection))
            await project(db, recorded(life, 1), [90] * len(life.entries))
            rows = await db.execute(select(reaction))
            assert {(row.subject, row.row_id): row.value for row in rows} == said
            for row in await db.execute(select(statement)):
                values = [value for (subject, _), value in said.items() if subject == row.id]
                counts = [values.count(value) for value in (1, -1, 0)]
                assert [row.agree, row.disagree, row.passed] == counts
                assert row.score == row.agree - row.disagree
            await connection.rollback()
    assert all_late > 10, "late rows must have been met"


class Counter:
    def __init__(self, engine: AsyncEngine) -> None:
        self.statements: list[str] = []
        event.listen(engine.sync_engine, "before_cursor_execute", self._note)

    def _note(self, _c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.statements.append(statement)


async def test_a_group_costs_few_statements(database: AsyncEngine) -> None:
    life = Invention(5)
    life.live(300)
    kinds = ("deliberation.commented", "deliberation.supported", "deliberation.argued")
    for kind in kinds:
        chosen = [one for one in recorded(life, 1) if one.entry.kind == kind]
        many = [chosen[n % len(chosen)] for n in range(64)]
        group = [
            Recorded(1, one.chapter_id, one.log_id, 10_000 + n, _again(one.entry, n))
            for n, one in enumerate(many)
        ]
        async with database.connect() as connection:
            await connection.begin()
            db = Writing(Reading(connection))
            await project(db, recorded(life, 1), [1000] * 99)
            counter = Counter(database)
            await project(db, group, [64])
            assert len(counter.statements) <= 7, counter.statements
            assert await db.scalar(
                select(func.count()).where(entry_table.c.index >= 10_000)
            ) == len(group)
            await connection.rollback()


def _again(entry: Entry[Any], number: int) -> Entry[Any]:
    new = id_of(number.to_bytes(16, "big"))
    body = entry.body
    if hasattr(body, "id"):
        body = msgspec.structs.replace(body, id=new)
    return msgspec.structs.replace(entry, body=body, by=By(As.VOICE, new))
