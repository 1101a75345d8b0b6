"""The book against a real PostgreSQL: groups, repeats, boxes, ties, signatures, snapshots."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.deeds import chapter as chapter_deeds
from civic.deeds import proposal as deeds
from civic.deeds.person import Desk, Done
from civic.kernel import keys
from civic.kernel.clock import SetClock, minute_of
from civic.kernel.database import only_asking, reading, writing
from civic.kernel.record import boxes, merkle, note, store, tables, ties
from civic.kernel.record.group import KEY_REUSED
from civic.kernel.record.loaded import Shelf
from civic.kernel.record.submission import BoxRow, Promise, Receipt
from civic.kernel.record.timekeeper import ClockWrong
from civic.kernel.refusal import Refusal
from civic.procedure import VERSIONS
from deliberation.entries import Supported
from tests.lives import Life, begin, done, good, make_book


@pytest.fixture
async def life(database: AsyncEngine, tmp_path: Path) -> Life:
    return await begin(database, tmp_path / "keys", people=8)


async def propose(life: Life, who: int = 0, key: str = "p") -> str:
    return done(
        await deeds.propose(
            life.desk,
            life.people[who],
            title="A hall",
            text="Rent a hall for our meetings.",
            lang="en",
            idempotency=key,
            secrecy="pseudonymous",
        )
    ).id


async def discussed(life: Life) -> tuple[str, str]:
    """Return a proposal under discussion and one argument in it."""
    proposal = await propose(life)
    for one in life.people[1:3]:
        done(await deeds.support(life.desk, one, proposal, f"s{one.member}"))
    argument = done(
        await deeds.argue(life.desk, life.people[1], proposal, "pro", "Yes", "en", "a")
    ).id
    return proposal, argument


async def stored(life: Life) -> list[dict[str, Any]]:
    return [msgspec.json.decode(raw) for raw in await life.entries()]


async def check_signed(life: Life) -> None:
    """The head is signed, and its root is that of the stored entries."""
    async with reading(life.desk.book.engine) as db:
        head = await store.head(db, life.log)
    assert head.signed_size == head.size
    assert head.signed_note is not None
    opened = note.open_checkpoint(head.signed_note, note.log_key(head.public_key))
    leaves = [merkle.leaf_hash(raw) for raw in await life.entries()]
    tree = merkle.Frontier()
    tree.extend(leaves)
    assert opened.checkpoint.root == tree.root()
    assert opened.checkpoint.size == len(leaves)


class TestGroups:
    async def test_acts_that_wait_share_a_commit(self, life: Life) -> None:
        proposal = await propose(life)
        acts = [
            deeds.comment(life.desk, one, proposal, proposal, f"Words {n}", "en", f"c{n}")
            for n, one in enumerate(life.people * 4)
        ]
        outcomes = [done(one) for one in await asyncio.gather(*acts)]
        assert len({one.receipt.index for one in outcomes}) == len(acts)
        async with reading(life.desk.book.engine) as db:
            signed = await db.scalar(text("SELECT count(*) FROM record.checkpoint"))
            size = (await store.head(db, life.log)).size
        assert signed < size - len(acts) // 2
        await check_signed(life)

    async def test_a_refused_act_disturbs_no_other(self, life: Life) -> None:
        proposal = await propose(life)
        acts: list[Any] = [
            deeds.support(life.desk, life.people[1], proposal, "one"),
            deeds.support(life.desk, life.people[1], "a" * 26, "nowhere"),
            deeds.comment(life.desk, life.people[2], proposal, proposal, "Hm", "en", "two"),
        ]
        first, second, third = await asyncio.gather(*acts)
        assert isinstance(first, Done)
        assert isinstance(second, Refusal)
        assert isinstance(third, Done)

    async def test_who_came_while_the_head_was_locked_comes_along(self, life: Life) -> None:
        proposal = await propose(life)
        async with reading(life.desk.book.engine) as db:
            before = await db.scalar(text("SELECT count(*) FROM record.checkpoint"))
        queue = life.desk.book._queues[life.log]
        async with writing(life.desk.book.engine) as other:
            await store.head(other, life.log, "exclusive")
            acts = []
            for n, one in enumerate(life.people[:4]):
                act = deeds.comment(life.desk, one, proposal, proposal, f"{n}", "en", f"w{n}")
                acts.append(asyncio.create_task(act))
                while len(queue.acts) <= n:  # noqa: ASYNC110
                    await asyncio.sleep(0)
        for outcome in await asyncio.gather(*acts):
            done(outcome)
        async with reading(life.desk.book.engine) as db:
            after = await db.scalar(text("SELECT count(*) FROM record.checkpoint"))
        assert after == before + 1
        await check_signed(life)

    async def test_a_caller_who_goes_away_takes_nobody_along(self, life: Life) -> None:
        proposal = await propose(life)
        first, second = (
            asyncio.create_task(
                deeds.comment(life.desk, one, proposal, proposal, "Hm", "en", "gone")
            )
            for one in life.people[:2]
        )
        queue = life.desk.book._queues[life.log]
        while len(queue.acts) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0)
        first.cancel()
        done(await second)
        with pytest.raises(asyncio.CancelledError):
            await first
        await check_signed(life)

    async def test_who_only_asks_hands_nothing_in(self, life: Life) -> None:
        book = life.desk.book
        asking = only_asking.set(True)
        try:
            with pytest.raises(RuntimeError, match="only asks"):
                await deeds.support(life.desk, life.people[1], "a" * 26, "asks")
            with pytest.raises(RuntimeError, match="only asks"):
                await book.put(life.log, BoxRow("x", "a" * 26, 1))
        finally:
            only_asking.reset(asking)
        assert not book._queues[life.log].acts

    async def test_more_acts_than_a_group_holds(
        self, database: AsyncEngine, tmp_path: Path
    ) -> None:
        life = await begin(database, tmp_path / "keys", people=4)
        life.desk.book._group = 3
        proposal = await propose(life)
        acts = [
            deeds.comment(life.desk, life.people[n % 4], proposal, proposal, "x", "en", f"c{n}")
            for n in range(20)
        ]
        for one in await asyncio.gather(*acts):
            done(one)
        await check_signed(life)


class TestRepeats:
    async def test_the_same_key_gives_the_same_receipt(self, life: Life) -> None:
        proposal = await propose(life)
        size = len(await life.entries())
        first = done(
            await deeds.comment(life.desk, life.people[1], proposal, proposal, "Hi", "en", "k")
        )
        again = done(
            await deeds.comment(life.desk, life.people[1], proposal, proposal, "Hi", "en", "k")
        )
        assert again.id == first.id
        assert again.receipt.index == first.receipt.index
        assert again.receipt.leaf == first.receipt.leaf
        assert again.receipt.repeated
        assert len(await life.entries()) == size + 1

    async def test_at_once_in_one_group(self, life: Life) -> None:
        proposal = await propose(life)
        done(await deeds.support(life.desk, life.people[1], proposal, "tie"))
        acts = [
            deeds.comment(life.desk, life.people[1], proposal, proposal, "Hi", "en", "k")
            for _ in range(5)
        ]
        outcomes = [done(one) for one in await asyncio.gather(*acts)]
        assert len({one.receipt.index for one in outcomes}) == 1

    async def test_a_key_of_another_act_is_refused(self, life: Life) -> None:
        proposal = await propose(life)
        done(await deeds.comment(life.desk, life.people[1], proposal, proposal, "Hi", "en", "k"))
        other = await deeds.comment(
            life.desk, life.people[1], proposal, proposal, "Other", "en", "k"
        )
        assert isinstance(other, Refusal)
        assert other.code == KEY_REUSED

    async def test_a_lost_reply_is_repeated_after_a_restart(
        self, life: Life, tmp_path: Path
    ) -> None:
        proposal = await propose(life)
        first = done(await deeds.support(life.desk, life.people[1], proposal, "k"))
        desk = Desk(make_book(life.desk.book.engine, tmp_path / "keys", life.clock))
        again = done(await deeds.support(desk, life.people[1], proposal, "k"))
        assert again.receipt.index == first.receipt.index


class TestTies:
    async def test_one_voice_for_a_member_and_matter(self, life: Life) -> None:
        proposal = await propose(life)
        acts: list[Any] = [
            deeds.comment(life.desk, life.people[1], proposal, proposal, f"{n}", "en", f"c{n}")
            for n in range(6)
        ]
        outcomes = await asyncio.gather(*acts)
        accepted = [one for one in outcomes if isinstance(one, Done)]
        refused = [one for one in outcomes if isinstance(one, Refusal)]
        assert accepted
        assert all(one.code == "papers.tied_twice" for one in refused)
        voices = {
            one["by"]["id"] for one in await stored(life) if one["kind"] == "deliberation.commented"
        }
        assert len(voices) == 1

    async def test_ties_enter_the_record_at_the_next_tick(self, life: Life) -> None:
        await propose(life)
        assert "chapters.took_part" not in [one["kind"] for one in await stored(life)]
        await life.pass_time(minutes=10)
        took = [one for one in await stored(life) if one["kind"] == "chapters.took_part"]
        assert [one["body"]["of"] for one in took] == ["voice"]
        await life.pass_time(minutes=10)
        assert len(await stored(life)) == took.__len__() + (await stored(life)).index(took[0])

    async def test_a_dump_names_no_member(self, life: Life) -> None:
        proposal, argument = await discussed(life)
        good(await deeds.fill_box(life.desk, life.people[3], proposal, argument, 1))
        async with reading(life.desk.book.engine) as db:
            rows = list((await db.execute(text("SELECT * FROM private.tie"))).all())
            rows += (await db.execute(text("SELECT * FROM private.invitation"))).all()
        dump = repr(rows)
        assert rows
        assert not any(one.member in dump for one in life.people)

    async def test_papers_open_with_the_node_key_alone(self, life: Life) -> None:
        await propose(life)
        async with reading(life.desk.book.engine) as db:
            papers = await ties.all_papers(db, life.desk.book.vault, life.log)
            with pytest.raises(keys.SealBroken):
                await ties.all_papers(db, ties.Vault(b"x" * 32), life.log)
        assert len(papers) == len(life.people) - 1 + 1


class TestBoxes:
    async def test_five_rows_are_recorded_at_the_next_tick(self, life: Life) -> None:
        proposal, argument = await discussed(life)
        for one in life.people[:5]:
            good(await deeds.fill_box(life.desk, one, proposal, argument, 1))
        assert not await recorded(life)
        await life.pass_time(minutes=10)
        (entry,) = await recorded(life)
        assert len(entry["body"]["rows"]) == 5
        assert entry["body"]["rows"] == sorted(entry["body"]["rows"])
        async with reading(life.desk.book.engine) as db:
            assert await boxes.contents(db, life.log, [argument]) == []

    async def test_fewer_wait_for_the_next_day(self, life: Life) -> None:
        proposal, argument = await discussed(life)
        promise = good(await deeds.fill_box(life.desk, life.people[3], proposal, argument, -1))
        for _ in range(6):
            await life.pass_time(minutes=10)
        assert not await recorded(life)
        await life.pass_time(days=1)
        (entry,) = await recorded(life)
        assert [value for _, value in entry["body"]["rows"]] == [-1]
        message = boxes.promise_message(
            life.log_id, argument, promise.row, promise.count, -1, promise.tick
        )
        assert keys.verify(life.desk.book.node_public_key, message, promise.signature)

    async def test_a_later_value_replaces_the_earlier(self, life: Life) -> None:
        proposal, argument = await discussed(life)
        for value in (1, 0, -1):
            good(await deeds.fill_box(life.desk, life.people[3], proposal, argument, value))
        async with reading(life.desk.book.engine) as db:
            (row,) = await boxes.contents(db, life.log, [argument])
        assert row.value == -1

    async def test_votes_count_when_the_vote_closes(self, life: Life) -> None:
        proposal, _ = await discussed(life)
        await life.pass_time(days=7)
        await life.pass_time(days=1)
        opened = next(one for one in await stored(life) if one["kind"] == "voting.opened")
        election = opened["body"]["election"]
        await life.pass_time(days=4)
        for one, value in zip(life.people[:3], (1, 1, -1), strict=True):
            good(await deeds.fill_box(life.desk, one, proposal, election, value))
        life.clock.advance(timedelta(days=1))
        late = await deeds.fill_box(life.desk, life.people[4], proposal, election, 1)
        assert isinstance(late, Refusal)
        assert late.code == "voting.closed"
        await life.desk.book.tick(life.log)
        result = next(one for one in await stored(life) if one["kind"] == "voting.result")
        assert result["body"]["counts"] == [2, 1, 0]

    async def test_a_strangers_row_is_refused(self, life: Life) -> None:
        proposal, argument = await discussed(life)
        outcome = await life.desk.book.put(life.log, BoxRow(argument, "a" * 25 + "e", 1))
        assert isinstance(outcome, Refusal)
        assert outcome.code == "papers.missing"
        assert proposal

    async def test_many_at_once(self, life: Life) -> None:
        proposal, argument = await discussed(life)
        puts = [deeds.fill_box(life.desk, one, proposal, argument, 1) for one in life.people]
        assert all(isinstance(one, Promise) for one in await asyncio.gather(*puts))


async def recorded(life: Life) -> list[dict[str, Any]]:
    return [one for one in await stored(life) if one["kind"] == "deliberation.reactions_recorded"]


class TestSeveralProcesses:
    async def test_books_side_by_side(self, life: Life, tmp_path: Path) -> None:
        """Books stand for processes: each has its own state and catches up under the lock."""
        proposal = await propose(life)
        desks = [
            Desk(make_book(life.desk.book.engine, tmp_path / "keys", life.clock)) for _ in range(3)
        ]
        chance = random.Random(5)
        acts = [
            deeds.comment(
                chance.choice(desks),
                life.people[n % 8],
                proposal,
                proposal,
                f"Words {n}",
                "en",
                f"c{n}",
            )
            for n in range(40)
        ]
        for one in await asyncio.gather(*acts):
            if isinstance(one, Refusal):
                assert one.code == "papers.tied_twice"
        await check_signed(life)
        states = []
        for desk in desks:
            async with reading(life.desk.book.engine) as db:
                loaded = await desk.book.shelf.current(db, await store.head(db, life.log))
            states.append(loaded.procedure.dump(loaded.state))
        assert len(set(states)) == 1


class TestSafety:
    async def test_unsigned_entries_are_signed_at_start(self, life: Life, tmp_path: Path) -> None:
        book = life.desk.book
        proposal = await propose(life)

        async def dies(no: int) -> None:
            raise ConnectionError

        sign = book.sign
        book.sign = dies  # type: ignore[method-assign]
        with pytest.raises(ConnectionError):
            await deeds.support(life.desk, life.people[1], proposal, "k")
        book.sign = sign  # type: ignore[method-assign]
        await make_book(book.engine, tmp_path / "keys", life.clock).sign_all()
        await check_signed(life)
        again = done(await deeds.support(life.desk, life.people[1], proposal, "k"))
        assert again.receipt.repeated

    async def test_a_failed_transaction_leaves_nothing(self, life: Life) -> None:
        proposal = await propose(life)
        before = await life.entries()

        async def fails(db: Any, index: int) -> None:
            raise RuntimeError("the disk is full")

        person = life.people[1]
        with pytest.raises(RuntimeError, match="disk"):
            await life.desk.by_voice(person, proposal, Supported(proposal), "k", also=fails)
        assert await life.entries() == before
        assert isinstance(
            await life.desk.by_voice(person, proposal, Supported(proposal), "k"), Receipt
        )

    async def test_acts_wait_for_a_clock_that_is_right(self, life: Life) -> None:
        proposal = await propose(life)
        life.clock.advance(timedelta(minutes=-30))
        with pytest.raises(ClockWrong):
            await deeds.support(life.desk, life.people[1], proposal, "k")
        life.clock.advance(timedelta(minutes=40))
        done(await deeds.support(life.desk, life.people[1], proposal, "k"))

    async def test_a_clock_that_jumped_must_be_confirmed(self, life: Life) -> None:
        keeper = life.desk.book.timekeeper
        life.clock._now += timedelta(hours=3)
        with pytest.raises(ClockWrong):
            await deeds.support(life.desk, life.people[1], "a" * 26, "k")
        keeper.confirm()
        assert isinstance(await deeds.support(life.desk, life.people[1], "a" * 26, "k"), Refusal)

    async def test_erased_words_are_gone_in_the_same_commit(self, life: Life) -> None:
        proposal, argument = await discussed(life)
        entry = next(one for one in await stored(life) if one["kind"] == "deliberation.argued")
        words = entry["content"][0]
        erased = done(
            await deeds.erase(life.desk, life.people[1], proposal, argument, [words], "e")
        )
        async with reading(life.desk.book.engine) as db:
            assert await store.content(db, life.log, words) == (None, erased.receipt.index)


class TestSnapshots:
    async def test_a_snapshot_loads_to_the_same_state(
        self, life: Life, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("civic.kernel.record.loaded.SNAPSHOT_EVERY", 5)
        proposal, _ = await discussed(life)
        book = life.desk.book
        assert await book.snapshot(life.log)
        assert not await book.snapshot(life.log)
        done(await deeds.comment(life.desk, life.people[4], proposal, proposal, "x", "en", "c"))
        fresh = Shelf(VERSIONS, b"test")
        whole = Shelf(VERSIONS, b"other code")
        async with reading(book.engine) as db:
            head = await store.head(db, life.log)
            states = [await shelf.current(db, head) for shelf in (book.shelf, fresh, whole)]
            size = await db.scalar(text("SELECT size FROM private.snapshot"))
        assert 0 < size < head.size
        assert len({one.procedure.dump(one.state) for one in states}) == 1
        assert len({one.frontier.root() for one in states}) == 1
        assert {one.tiling.root() for one in states} == {states[0].frontier.root()}


class TestOutage:
    async def test_an_outage_extends_what_lay_in_it(self, life: Life) -> None:
        proposal, _ = await discussed(life)
        before = life.clock.now()
        life.clock.advance(timedelta(days=8))
        outcome = await life.desk.book.outage(
            life.log, minute_of(before) + 10, minute_of(life.clock.now())
        )
        assert isinstance(outcome, Receipt)
        kinds = [one["kind"] for one in await stored(life)]
        assert kinds[-1] == "record.deadline_extended"
        assert "deliberation.frozen" not in kinds
        assert proposal


async def test_a_replica_accepts_nothing(life: Life) -> None:
    proposal = await propose(life)
    async with writing(life.desk.book.engine) as db:
        await db.execute(tables.log.update().values(replica=1))
    outcome = await deeds.support(life.desk, life.people[1], proposal, "k")
    assert isinstance(outcome, Refusal)
    assert outcome.code == "request.read_only"


async def test_founding_needs_possible_bylaws(database: AsyncEngine, tmp_path: Path) -> None:
    clock = SetClock(datetime(2026, 3, 2, tzinfo=UTC))
    desk = Desk(make_book(database, tmp_path / "keys", clock))
    outcome = await chapter_deeds.found(
        desk,
        name="Low",
        lang="en",
        template="town",
        idempotency="f",
        bylaws={"vote_time": 60},
    )
    assert isinstance(outcome, Refusal)
    assert outcome.code == "chapters.below_charter"
