"""Newer rules adopted through the book: several processes, snapshots, programs that lack them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.audit.run import DOMAIN, audit_record
from civic.deeds import proposal as deeds
from civic.deeds.person import Desk
from civic.kernel.clock import minute_of
from civic.kernel.database import reading, view_metadata
from civic.kernel.keys import KeyFiles
from civic.kernel.record import store
from civic.kernel.record.adoption import Adoption
from civic.kernel.record.book import Book
from civic.kernel.record.bundle import Bundle
from civic.kernel.record.course import RULES_UNKNOWN, RulesUnknown
from civic.kernel.record.loaded import Loaded, Shelf
from civic.kernel.record.rules import Procedure
from civic.kernel.record.submission import BoxRow
from civic.kernel.refusal import Refusal
from civic.operate.export import export_chapter
from civic.operate.place import OperationError
from civic.operate.replica import import_chapter
from civic.procedure import DRAFT, VERSIONS
from civic.projections import PROJECTIONS
from civic.rebuild import RulesMissing, differences, rebuild
from civic.shell import RULES_NOT_HERE
from deliberation.phases import WRONG_PHASE
from tests.factories.later_rules import NOTICE, SECOND, TWO
from tests.lives import Life, begin, done, make_book

BYLAWS: dict[str, Any] = {"secrecy": "roll_call", "notice_time": 60}


@pytest.fixture
async def life(database: AsyncEngine, tmp_path: Path) -> Life:
    """A chapter that was founded by a program which knew the draft alone."""
    keys = tmp_path / "keys"
    return await begin(database, keys, people=6, bylaws=BYLAWS, projections=PROJECTIONS)


def another(life: Life, tmp_path: Path, versions: Mapping[int, Procedure] = TWO) -> Desk:
    """A desk in another process, of a program that has these versions."""
    engine = life.desk.book.engine
    return Desk(make_book(engine, tmp_path / "keys", life.clock, PROJECTIONS, versions))


async def propose(
    desk: Desk, life: Life, key: str, rules: Adoption | None = None, who: int = 0
) -> Any:
    return await deeds.propose(
        desk,
        life.people[who],
        title="Newer rules",
        text="Let us go on under newer rules.",
        lang="en",
        idempotency=key,
        secrecy="roll_call",
        rules=rules,
    )


async def support(desk: Desk, life: Life, proposal: str) -> None:
    for one in life.people[1:3]:
        done(await deeds.support(desk, one, proposal, f"s{one.member}{proposal}"))


async def voted(desk: Desk, life: Life, rules: Adoption) -> None:
    """Let everybody vote for newer rules; the vote is not counted yet."""
    proposal = done(await propose(desk, life, "newer", rules)).id
    await support(desk, life, proposal)
    bylaws = (await loaded_in(desk.book, life)).state.parts["chapters"].bylaws
    for minutes in (bylaws.discussion_time, 60):
        life.clock.advance(timedelta(minutes=minutes))
        await desk.book.tick(life.log)
    state = (await loaded_in(desk.book, life)).state
    election = state.parts["deliberation"].proposals[proposal].election
    for one in life.people:
        done(await deeds.cast(desk, one, election, 1, f"v{one.member}"))
    life.clock.advance(timedelta(minutes=bylaws.vote_time))


async def adopted(desk: Desk, life: Life) -> None:
    await voted(desk, life, Adoption(0, 1))
    await desk.book.tick(life.log)
    assert await desk.book.ask(life.log, lambda state: state.record.rules) == 1


async def loaded_in(book: Book, life: Life) -> Loaded:
    async with reading(book.engine) as db:
        return await book.shelf.current(db, await store.head(db, life.log))


async def dumped(book: Book, life: Life) -> tuple[int, bytes]:
    loaded = await loaded_in(book, life)
    return loaded.procedure.version, loaded.procedure.dump(loaded.state)


async def early_argument(desk: Desk, life: Life, proposal: str, key: str) -> Any:
    """An argument before the discussion, which version 1 does not take."""
    return await deeds.argue(desk, life.people[3], proposal, "con", "Nay", "en", key)


async def emptied(engine: AsyncEngine, tmp_path: Path) -> KeyFiles:
    """Make the database that of another node, which has nothing yet; return its keys."""
    views = ", ".join(table.fullname for table in view_metadata.tables.values())
    async with engine.begin() as db:
        await db.execute(text(f"TRUNCATE record.log, {views} CASCADE"))
    return KeyFiles(tmp_path / "elsewhere")


class TestWorkers:
    async def test_one_decides_and_the_others_catch_up(
        self, life: Life, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second, late = (another(life, tmp_path) for _ in range(3))
        proposal = done(await propose(second, life, "other", who=4)).id
        done(await early_argument(second, life, proposal, "a"))
        await voted(first, life, Adoption(0, 1))
        # The second has seen nothing since; the vote is counted in the third.
        await late.book.tick(life.log)
        refused = await early_argument(second, life, proposal, "b")
        assert isinstance(refused, Refusal)
        assert refused.code == WRONG_PHASE
        books = (first.book, second.book, late.book)
        states = {await dumped(book, life) for book in books}
        assert {version for version, _ in states} == {1}
        assert len(states) == 1
        # Who counted is not the one who goes on.
        for desk, who in ((second, 1), (first, 2)):
            done(await deeds.support(desk, life.people[who], proposal, f"x{who}"))
        life.clock.advance(timedelta(days=7))
        await late.book.tick(life.log)
        states = {await dumped(book, life) for book in books}
        assert len(states) == 1
        monkeypatch.setattr("civic.rebuild.VERSIONS", TWO)
        assert await differences(first.book.engine) == []

    async def test_acts_of_one_commit_stand_under_the_rules_of_their_moment(
        self, life: Life, tmp_path: Path
    ) -> None:
        """What was prepared and waits is judged by what was adopted meanwhile."""
        desk = another(life, tmp_path)
        proposal = done(await propose(desk, life, "other", who=4)).id
        await voted(desk, life, Adoption(0, 1))
        held = desk.book.shelf.held(life.log)
        assert held is not None
        assert held.procedure is DRAFT
        refused = await early_argument(desk, life, proposal, "a")
        assert isinstance(refused, Refusal)
        assert refused.code == WRONG_PHASE
        assert held.procedure is SECOND

    async def test_deadlines_come_by_the_new_rules(self, life: Life, tmp_path: Path) -> None:
        desk = another(life, tmp_path)
        await adopted(desk, life)
        proposal = done(await propose(desk, life, "after")).id
        await support(desk, life, proposal)
        state = (await loaded_in(desk.book, life)).state
        ends = state.record.deadlines[proposal].minute
        life.clock.advance(timedelta(days=7))
        await desk.book.tick(life.log)
        state = (await loaded_in(desk.book, life)).state
        assert state.record.deadlines[proposal].minute - ends == NOTICE * 60

    async def test_an_act_is_repeated_across_the_adoption(self, life: Life, tmp_path: Path) -> None:
        desk = another(life, tmp_path)
        proposal = done(await propose(desk, life, "other", who=4)).id
        before = done(await early_argument(desk, life, proposal, "a"))
        await adopted(desk, life)
        again = done(await early_argument(another(life, tmp_path), life, proposal, "a"))
        assert again.receipt.repeated
        assert again.receipt.index == before.receipt.index


class TestSnapshots:
    @pytest.fixture(autouse=True)
    def _often(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("civic.kernel.record.loaded.SNAPSHOT_EVERY", 1)

    @pytest.mark.parametrize("before", [True, False], ids=["before", "behind"])
    async def test_a_snapshot_on_either_side_loads_to_the_same_state(
        self, life: Life, tmp_path: Path, *, before: bool
    ) -> None:
        desk = another(life, tmp_path)
        if before:
            await voted(desk, life, Adoption(0, 1))
            assert await desk.book.snapshot(life.log)
        await (desk.book.tick(life.log) if before else adopted(desk, life))
        proposal = done(await propose(desk, life, "after")).id
        if not before:
            assert await desk.book.snapshot(life.log)
        await support(desk, life, proposal)
        async with reading(desk.book.engine) as db:
            kept = await db.scalar(text("SELECT rules FROM private.snapshot"))
        assert kept == (0 if before else 1)
        fresh = another(life, tmp_path).book
        whole = another(life, tmp_path).book
        whole.shelf = Shelf(TWO, b"other code")
        assert len({await dumped(book, life) for book in (desk.book, fresh, whole)}) == 1
        held = fresh.shelf.held(life.log)
        assert held is not None
        assert held.snapshot_size > 0

    async def test_a_program_that_gets_the_version_goes_on_from_its_snapshot(
        self, life: Life, tmp_path: Path
    ) -> None:
        able, old = another(life, tmp_path), another(life, tmp_path, VERSIONS)
        await voted(able, life, Adoption(0, 1))
        await old.book.tick(life.log)
        assert await old.book.snapshot(life.log)
        later = another(life, tmp_path)
        done(await propose(later, life, "after"))
        assert (await dumped(later.book, life))[0] == 1


class TestWithoutTheVersion:
    async def test_the_shell_does_not_let_it_be_proposed(self, life: Life, tmp_path: Path) -> None:
        able, old = another(life, tmp_path), another(life, tmp_path, VERSIONS)
        refused = await propose(old, life, "a", Adoption(0, 1))
        assert refused == Refusal(RULES_NOT_HERE, {"asked": 1, "here": "–"})
        refused = await propose(able, life, "b", Adoption(0, 2))
        assert refused == Refusal(RULES_NOT_HERE, {"asked": 2, "here": "1"})

    async def test_the_adoption_is_recorded_and_then_acts_are_refused(
        self, life: Life, tmp_path: Path
    ) -> None:
        able, old = another(life, tmp_path), another(life, tmp_path, VERSIONS)
        await voted(able, life, Adoption(0, 1))
        await old.book.tick(life.log)
        refused = await propose(old, life, "p")
        assert refused == Refusal(RULES_UNKNOWN, {"version": 1})
        size = len(await life.entries())
        life.clock.advance(timedelta(days=90))
        await old.book.tick(life.log)
        outcome = await old.book.outage(
            life.log, minute_of(life.clock.now()) - 120, minute_of(life.clock.now())
        )
        assert isinstance(outcome, Refusal)
        row = BoxRow("a" * 26, "a" * 26, 1)
        assert await old.book.put(life.log, row) == Refusal(RULES_UNKNOWN, {"version": 1})
        assert len(await life.entries()) == size
        # What it holds it can still tell: nothing came behind the adoption.
        assert await old.book.ask(life.log, lambda state: state.record.size) == size

    async def test_a_record_that_went_on_is_left_alone(self, life: Life, tmp_path: Path) -> None:
        able, old = another(life, tmp_path), another(life, tmp_path, VERSIONS)
        proposal = done(await propose(old, life, "other", who=4)).id
        before = done(await early_argument(old, life, proposal, "a"))
        await adopted(able, life)
        done(await propose(able, life, "after"))
        refusal = Refusal(RULES_UNKNOWN, {"version": 1})
        for _ in range(2):
            assert await deeds.support(old, life.people[1], proposal, "k") == refusal
        with pytest.raises(RulesUnknown):
            await old.book.ask(life.log, lambda state: state.record.size)
        assert not await old.book.snapshot(life.log)
        row = BoxRow("a" * 26, "a" * 26, 1)
        assert await old.book.put(life.log, row) == refusal
        # An act that stands has its receipt, whoever is asked for it.
        again = done(await early_argument(old, life, proposal, "a"))
        assert again.receipt == replace(before.receipt, repeated=True)

    async def test_what_is_there_is_signed_exported_and_checked_by_others(
        self, life: Life, tmp_path: Path
    ) -> None:
        """The export is made by a program that cannot read the end of the record."""
        able, old = another(life, tmp_path), another(life, tmp_path, VERSIONS)
        await adopted(able, life)
        done(await propose(able, life, "after"))
        engine = old.book.engine
        await export_chapter(engine, life.chapter_id, tmp_path / "bundle")
        now = minute_of(life.clock.now()) + 60
        await export_chapter(engine, life.chapter_id, tmp_path / "seen", published_at=now)
        for folder in ("bundle", "seen"):
            with Bundle.open(tmp_path / folder) as bundle:
                domain = replace(DOMAIN, versions=TWO)
                assert audit_record(bundle, domain=domain).findings == ()
            with Bundle.open(tmp_path / folder) as bundle:
                assert audit_record(bundle).status == 2

    async def test_rebuild_and_import_say_so(
        self, life: Life, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        able = another(life, tmp_path)
        await adopted(able, life)
        index = len(await life.entries())
        done(await propose(able, life, "after"))
        engine = able.book.engine
        await export_chapter(engine, life.chapter_id, tmp_path / "bundle")
        with pytest.raises(RulesMissing, match=f"From entry {index} on .* version 1 .* has 0"):
            await rebuild(engine)
        with monkeypatch.context() as patch:
            patch.setattr("civic.rebuild.VERSIONS", TWO)
            assert await rebuild(engine) == index + 1
        keys = await emptied(engine, tmp_path)
        with pytest.raises(OperationError, match="follows version 1 of the rules; this program"):
            await import_chapter(engine, keys, tmp_path / "bundle")
        monkeypatch.setattr("civic.operate.replica.VERSIONS", TWO)
        monkeypatch.setattr("civic.operate.replica.DOMAIN", replace(DOMAIN, versions=TWO))
        monkeypatch.setattr("civic.rebuild.VERSIONS", TWO)
        imported = await import_chapter(engine, keys, tmp_path / "bundle")
        assert imported.size == index + 1


async def test_a_copy_grows_across_the_adoption(
    life: Life, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = another(life, tmp_path)
    engine = desk.book.engine
    await voted(desk, life, Adoption(0, 1))
    await export_chapter(engine, life.chapter_id, tmp_path / "first")
    await desk.book.tick(life.log)
    proposal = done(await propose(desk, life, "after")).id
    await export_chapter(engine, life.chapter_id, tmp_path / "second")
    await support(desk, life, proposal)
    await export_chapter(engine, life.chapter_id, tmp_path / "third")
    keys = await emptied(engine, tmp_path)
    monkeypatch.setattr("civic.operate.replica.VERSIONS", TWO)
    monkeypatch.setattr("civic.operate.replica.DOMAIN", replace(DOMAIN, versions=TWO))
    monkeypatch.setattr("civic.rebuild.VERSIONS", TWO)
    sizes = [
        (await import_chapter(engine, keys, tmp_path / name)).size
        for name in ("first", "second", "third")
    ]
    assert sizes == sorted(set(sizes))
    assert await differences(engine) == []
