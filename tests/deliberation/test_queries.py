from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from chapters import queries as chapters
from chapters.bylaws import DAY
from civic.deeds import proposal as deeds
from civic.kernel.clock import minute_of
from civic.kernel.database import Reading, reading
from civic.kernel.record import browse
from civic.kernel.record.entry import As
from civic.overview import overview
from civic.projections import PROJECTIONS
from deliberation import discussion
from deliberation import queries as deliberation
from tests.lives import Life, begin, done, good
from voting import queries as voting

Plan = Callable[[Reading], Awaitable[Any]]


@contextmanager
def counted(engine: AsyncEngine) -> Iterator[list[str]]:
    """Collect the statements that reach the database, also those spoken straight to the driver."""
    statements: list[str] = []
    fetch = asyncpg.Connection.fetch

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    async def fetched(connection: Any, statement: str, *values: Any, **more: Any) -> Any:
        statements.append(statement)
        return await fetch(connection, statement, *values, **more)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    asyncpg.Connection.fetch = fetched
    try:
        yield statements
    finally:
        asyncpg.Connection.fetch = fetch
        event.remove(engine.sync_engine, "before_cursor_execute", note)


async def tasks_due(db: Reading, life: Life) -> list[deliberation.TaskDue]:
    """Return the tasks as the chapter's page shows them (two queries)."""
    chapter = await chapters.chapter(db, life.chapter_id)
    assert chapter is not None
    return (await overview(db, chapter.line, chapter.signed_size)).tasks


@pytest.fixture
async def life(database: AsyncEngine, data: Path) -> Life:
    return await begin(database, data, people=7, projections=PROJECTIONS)


async def propose(life: Life, title: str = "A garden", **more: Any) -> str:
    fields: dict[str, Any] = {"secrecy": "pseudonymous", "options": (), **more}
    outcome = await deeds.propose(
        life.desk,
        life.people[3],
        title=title,
        text="Let us plant one.",
        lang="en",
        idempotency=title,
        **fields,
    )
    return done(outcome).id


async def discuss(life: Life, proposal: str) -> None:
    for number, one in enumerate(life.people[:2]):
        done(await deeds.support(life.desk, one, proposal, f"s{number}{proposal}"))


async def vote(life: Life, proposal: str, value: int = 1) -> str:
    await discuss(life, proposal)
    await life.pass_time(days=8)
    await life.pass_time(days=2)
    async with reading(life.desk.book.engine) as db:
        (election,) = await voting.elections_of(db, life.log, proposal)
    for one in life.people:
        good(await deeds.fill_box(life.desk, one, proposal, election.id, value))
    return election.id


async def test_the_network_shows_what_is_decided_next(life: Life, database: AsyncEngine) -> None:
    for number in range(4):
        await propose(life, f"Number {number}")
        await life.pass_time(days=1)
    async with reading(database) as db:
        (one,) = await deliberation.network(db)
    assert one.chapter.name.text == "Vilnius"
    assert one.chapter.active == 7
    assert one.open_count == 4
    assert [m.title.text for m in one.matters] == ["Number 0", "Number 1", "Number 2"]
    assert one.matters[0].phase == "support"
    assert one.matters[0].needed == 2


async def test_a_chapter_with_its_offices_and_people(life: Life, database: AsyncEngine) -> None:
    async with reading(database) as db:
        found = await chapters.chapter(db, life.chapter_id)
        assert found is not None
        assert await chapters.chapter(db, "0" * 64) is None
        first = await chapters.members(db, life.log, limit=4)
        rest = await chapters.members(db, life.log, after=(first[-1].entry, first[-1].id))
        lead = await chapters.member(db, life.log, life.people[0].member)
        assert await chapters.member(db, life.log, "nobody") is None
        versions = await chapters.bylaws_versions(db, life.log)
        met = await chapters.confirmations(db, life.log)
    assert (found.line.stage, found.founders, found.bylaws_number) == ("active", 3, 1)
    assert found.line.size == found.signed_size == len(await life.entries())
    roles = ["lead", "facilitator", "verifier", "verifier"]
    assert [one.role for one in found.offices] == roles
    assert [one.id for one in (*first, *rest)] == [one.member for one in life.people]
    assert lead is not None
    assert lead.offices == ("lead",)
    assert lead.founder
    assert [one.number for one in versions] == [1]
    assert versions[0].bylaws == found.bylaws
    assert len(met) == 6


async def test_a_matter_tells_all_about_itself(life: Life, database: AsyncEngine) -> None:
    proposal = await propose(life, options=("Roses", "Lilies"))
    await discuss(life, proposal)
    by, _, _ = await life.desk.own_id(life.people[0], proposal, As.VOICE)
    done(
        await deeds.revise(
            life.desk,
            life.people[3],
            proposal,
            2,
            ("A park", "Let us plant trees.", "Oaks", "Elms"),
            "en",
            "revise",
        )
    )
    async with reading(database) as db:
        found = await deliberation.matter(db, life.chapter_id, proposal, voice=by.id)
        assert found is not None
        assert await deliberation.matter(db, life.chapter_id, "none") is None
        first = await deliberation.version(db, life.log, proposal, 1)
        assert await deliberation.version(db, life.log, proposal, 3) is None
    assert found.line.title.text == "A park"
    assert found.text.text == "Let us plant trees."
    assert [label.text for label in found.labels] == ["Oaks", "Elms"]
    assert (found.line.supports, found.line.voices, found.supported) == (2, 3, True)
    assert [(one.phase, one.until is None) for one in found.timeline] == [
        ("support", False),
        ("discussion", False),
    ]
    assert [one.number for one in found.versions] == [1, 2]
    assert found.chapter.name.text == "Vilnius"
    assert first is not None
    assert first.title.text == "A garden"
    assert [label.text for label in first.labels] == ["Roses", "Lilies"]


async def test_comments_stand_under_what_they_answer(life: Life, database: AsyncEngine) -> None:
    proposal = await propose(life)
    await discuss(life, proposal)
    desk, (first, second, *_) = life.desk, life.people
    pro = done(await deeds.argue(desk, first, proposal, "pro", "Flowers", "en", "pro")).id

    async def say(on: str, words: str) -> str:
        outcome = await deeds.comment(desk, second, proposal, on, words, "en", words)
        return done(outcome).id

    one = await say(proposal, "1")
    two = await say(proposal, "2")
    below = await say(one, "1.1")
    deeper = await say(below, "1.1.1")
    await say(two, "2.1")
    await say(one, "1.2")
    under_pro = await say(pro, "p1")
    await say(under_pro, "p1.1")
    for number in range(30):
        deeper = await say(deeper, f"deep {number}")
    async with reading(database) as db:
        found = await discussion.discussion(db, life.log, proposal)
        start = await discussion.comments(db, life.log, proposal, limit=3)
        more = await discussion.comments(db, life.log, proposal, after=start[-1].path)
        on_pro = await discussion.comments(db, life.log, pro)
        alone = await discussion.statement(db, life.log, one)
    words = [comment.words.text for comment in found.comments]
    deep = [f"deep {number}" for number in range(30)]
    assert words == ["1", "1.1", "1.1.1", *deep, "1.2", "2", "2.1"]
    assert [comment.words.text for comment in (*start, *more)] == words
    assert [comment.depth for comment in found.comments][:4] == [0, 1, 2, 3]
    assert max(comment.depth for comment in found.comments) == 23
    assert [comment.words.text for comment in on_pro] == ["p1", "p1.1"]
    assert found.pro[0].comments == 2
    assert alone is not None
    assert alone.words.text == "1"


async def test_arguments_are_sorted_by_agreement(life: Life, database: AsyncEngine) -> None:
    proposal = await propose(life)
    await discuss(life, proposal)
    ids = []
    for number in range(5):
        outcome = await deeds.argue(
            life.desk, life.people[number], proposal, "con", f"Reason {number}", "en", f"a{number}"
        )
        ids.append(done(outcome).id)
    for one in life.people:
        good(await deeds.fill_box(life.desk, one, proposal, ids[3], 1))
        good(await deeds.fill_box(life.desk, one, proposal, ids[1], -1))
    row, _, _ = await life.desk.own_id(life.people[0], proposal, As.ROW)
    async with reading(database) as db:
        waiting = await discussion.discussion(db, life.log, proposal, row=row.id)
    assert [one.mine for one in waiting.con] == [None, -1, None, 1, None]
    assert [one.score for one in waiting.con] == [0] * 5
    await life.pass_time(minutes=10)
    async with reading(database) as db:
        found = await discussion.discussion(db, life.log, proposal, row=row.id, limit=2)
        last = found.con[-1]
        rest = await discussion.arguments(
            db, life.log, proposal, "con", (last.score, last.entry), row=row.id
        )
    order = [one.id for one in (*found.con, *rest)]
    assert order == [ids[3], ids[0], ids[2], ids[4], ids[1]]
    assert (found.con[0].agree, found.con[0].mine) == (7, 1)
    assert (rest[-1].disagree, rest[-1].mine) == (7, -1)


async def test_erased_words_are_gone_and_say_so(life: Life, database: AsyncEngine) -> None:
    proposal = await propose(life)
    person = life.people[2]
    own = done(await deeds.comment(life.desk, person, proposal, proposal, "Oh", "en", "c")).id
    async with reading(database) as db:
        found = await discussion.statement(db, life.log, own)
    assert found is not None
    words = [found.words.hash]
    receipt = done(await deeds.erase(life.desk, person, proposal, own, words, "e")).receipt
    async with reading(database) as db:
        erased = await discussion.statement(db, life.log, own)
    assert erased is not None
    assert (erased.words.text, erased.words.erased_by) == (None, receipt.index)


async def test_a_vote_is_shown_under_rows_only_when_it_is_closed(
    life: Life, database: AsyncEngine
) -> None:
    proposal = await propose(life)
    election = await vote(life, proposal)
    person = life.people[0]
    row, _, _ = await life.desk.own_id(person, proposal, As.ROW)
    async with reading(database) as db:
        waiting = await voting.election(db, life.log, election, person.member, row.id)
    await life.pass_time(minutes=10)
    async with reading(database) as db:
        held = await voting.election(db, life.log, election, person.member, row.id)
        assert await voting.votes(db, life.log, election) == ([], 0)
    assert waiting is not None
    assert held is not None
    assert (waiting.mine, waiting.voted, waiting.on_roll) == (1, 0, True)
    assert (held.mine, held.voted, held.is_open) == (1, 7, True)
    await life.pass_time(days=6)
    async with reading(database) as db:
        closed = await voting.election(db, life.log, election)
        lines, unsigned = await voting.votes(db, life.log, election, limit=4)
        rest, _ = await voting.votes(db, life.log, election, after=lines[-1].voter)
        assert unsigned == len([*lines, *rest])
        found = await deliberation.matters(db, life.log)
    assert closed is not None
    assert (closed.counts, closed.cast, closed.quorate, closed.passed) == ((7, 0, 0), 7, True, (0,))
    assert not closed.on_roll
    assert [line.value for line in (*lines, *rest)] == [1] * 7
    assert [one.outcome for one in found.ended] == ["accepted"]
    assert found.open == []


async def test_a_roll_call_names_who_voted(database: AsyncEngine, data: Path) -> None:
    bylaws = {"secrecy": "roll_call"}
    life = await begin(database, data, bylaws=bylaws, projections=PROJECTIONS)
    proposal = await propose(life, secrecy="roll_call")
    await discuss(life, proposal)
    await life.pass_time(days=8)
    await life.pass_time(days=2)
    async with reading(database) as db:
        (election,) = await voting.elections_of(db, life.log, proposal)
    for number, one in enumerate(life.people[:3]):
        done(await deeds.cast(life.desk, one, election.id, -1 if number else 1, f"v{number}"))
    done(await deeds.cast(life.desk, life.people[1], election.id, 0, "again"))
    async with reading(database) as db:
        lines, _ = await voting.votes(db, life.log, election.id)
        mine = await voting.election(db, life.log, election.id, life.people[1].member)
    cast = {line.voter: line.value for line in lines}
    assert cast == dict(zip((one.member for one in life.people[:3]), (1, 0, -1), strict=True))
    assert mine is not None
    assert (mine.voted, mine.mine, mine.on_roll) == (3, 0, True)


async def test_what_follows_a_decision(life: Life, database: AsyncEngine) -> None:
    proposal = await propose(life)
    await vote(life, proposal)
    await life.pass_time(days=6)
    office, lead = life.offices["lead"]
    until = minute_of(life.clock.now()) + 3 * DAY
    task = deeds.set_task(life.desk, lead, office, proposal, "Buy seeds", "en", until, "t")
    task_id = done(await task).id
    card = deeds.record_outcome(
        life.desk,
        lead,
        office,
        proposal,
        result="failure",
        again="no",
        expected="Roses",
        happened="Weeds",
        lang="en",
        idempotency="k",
    )
    done(await card)
    async with reading(database) as db:
        (due,) = await tasks_due(db, life)
        (line,) = await deliberation.cards(db, life.log)
        found = await deliberation.matter(db, life.chapter_id, proposal)
    assert (due.task.id, due.task.words.text, due.title.text) == (task_id, "Buy seeds", "A garden")
    assert (line.card.happened.text, line.title.text) == ("Weeds", "A garden")
    assert found is not None
    assert found.tasks == (due.task,)
    assert found.cards == (line.card,)
    phases = ["support", "discussion", "notice", "vote", "decided"]
    assert [one.phase for one in found.timeline] == phases
    done(await deeds.finish_task(life.desk, lead, office, task_id, "f"))
    async with reading(database) as db:
        assert await tasks_due(db, life) == []


async def test_the_record_entry_by_entry(life: Life, database: AsyncEngine) -> None:
    proposal = await propose(life)
    await discuss(life, proposal)
    raw = await life.entries()
    voice, _, _ = await life.desk.own_id(life.people[0], proposal, As.VOICE)
    async with reading(database) as db:
        last = await browse.entries(db, life.log, limit=5)
        before = await browse.entries(db, life.log, before=last[-1].line.index)
        one = await browse.entry(db, life.log, 0)
        assert await browse.entry(db, life.log, len(raw)) is None
        of_matter = await browse.entries_of_matter(db, life.log, proposal)
        by = await browse.acts_by(db, life.log, [voice.id, life.people[0].member])
        act = await browse.act(db, life.log, of_matter[0].line.act)
        recent = await deliberation.recent(db, life.log, limit=2)
    assert [entry.raw for entry in reversed((*last, *before))] == raw
    assert one is not None
    assert (one.raw, one.line.kind) == (raw[0], "chapters.founded")
    kinds = [entry.line.kind.partition(".")[2] for entry in of_matter]
    assert kinds == ["discussion_opened", "supported", "supported", "proposed"]
    assert by[0].line.kind == "deliberation.supported"
    assert by[-1].line.kind == "chapters.founded"
    assert [entry.line.kind.partition(".")[2] for entry in act] == kinds[1::-1]
    assert [(entry.kind, entry.title and entry.title.text) for entry in recent] == [
        ("deliberation.supported", "A garden")
    ] * 2


async def test_each_page_takes_few_queries(life: Life, database: AsyncEngine) -> None:
    proposal = await propose(life)
    election = await vote(life, proposal)
    await life.pass_time(days=6)
    log = life.log

    async def chapter_page(db: Reading) -> None:
        await deliberation.matters(db, log)
        await tasks_due(db, life)
        await deliberation.recent(db, log)

    async def proposal_page(db: Reading) -> None:
        await deliberation.matter(db, life.chapter_id, proposal, voice="v")
        await discussion.discussion(db, log, proposal, row="r")
        await voting.elections_of(db, log, proposal, "m", "r")

    async def result_page(db: Reading) -> None:
        await deliberation.matter(db, life.chapter_id, proposal)
        await voting.election(db, log, election)
        await voting.votes(db, log, election)

    async def record_page(db: Reading) -> None:
        await chapters.chapter(db, life.chapter_id)
        await browse.entries(db, log)

    async def members_page(db: Reading) -> None:
        await chapters.chapter(db, life.chapter_id)
        await chapters.members(db, log)

    pages: list[tuple[Plan, int]] = [
        (deliberation.network, 2),
        (chapter_page, 4),
        (proposal_page, 3),
        (result_page, 3),
        (record_page, 2),
        (members_page, 2),
    ]
    for page, most in pages:
        async with reading(database) as db:
            with counted(database) as statements:
                await page(db)
            assert len(statements) == most, (page, statements)
