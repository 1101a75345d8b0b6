"""What one process tells whom: at beats, to who may know, and that nothing is lost."""

import asyncio
import gc
from collections.abc import AsyncIterator, Sequence

import pytest

from civic.live import streams
from civic.live.streams import Full, Stream, Streams, event_of
from civic.live.watching import Watching

BEAT = 0.05


def who(session: int = 1, log: int = 1) -> Watching:
    return Watching(log, "m" * 26, bytes([session]) * 32, 0)


class Sizes:
    """Stands for the database: sizes by log, and sessions that have ended."""

    def __init__(self) -> None:
        self.of: dict[int, int] = {1: 10, 2: 20}
        self.ended: set[bytes] = set()
        self.asked = 0
        self.broken = False

    async def __call__(self, asked: Sequence[Watching]) -> dict[Watching, int]:
        self.asked += 1
        if self.broken:
            raise ConnectionError
        return {one: self.of[one.log] for one in asked if one.session not in self.ended}


@pytest.fixture
def sizes() -> Sizes:
    return Sizes()


@pytest.fixture
async def held(sizes: Sizes) -> AsyncIterator[Streams]:
    """Streams with short beats, whose heartbeat does not come during a test."""
    made = Streams(sizes, beat=BEAT, heartbeat=60)
    task = asyncio.create_task(made.run())
    yield made
    task.cancel()


async def said(stream: Stream, many: int) -> list[bytes]:
    """Return the next things that a stream says."""
    found: list[bytes] = []
    async with asyncio.timeout(5):
        async for chunk in stream.chunks():
            found.append(chunk)
            if len(found) == many:
                break
    return found


async def rest(stream: Stream) -> list[bytes]:
    """Return all that a stream says until it ends."""
    async with asyncio.timeout(5):
        return [chunk async for chunk in stream.chunks()]


async def test_news_is_told_to_those_of_its_log(held: Streams, sizes: Sizes) -> None:
    mine, other = held.open(who(1, 1), 10, 10), held.open(who(2, 2), 20, 20)
    assert (await said(mine, 1))[0].startswith(b"retry: ")
    sizes.of[1] = 12
    held.heard(1, 12)
    assert await said(mine, 1) == [b"id: 12\ndata: 12\n\n"]
    held.close()
    assert [one[:6] for one in await rest(other)] == [b"retry:"]


async def test_what_was_missed_before_is_told_at_once(held: Streams, sizes: Sizes) -> None:
    stream = held.open(who(), 7, 10)
    assert (await said(stream, 2))[1] == event_of(10)
    assert sizes.asked == 0


async def test_who_claims_to_know_more_is_told_what_comes(held: Streams, sizes: Sizes) -> None:
    stream = held.open(who(), 10**9, 10)
    sizes.of[1] = 11
    held.heard(1, 11)
    assert (await said(stream, 2))[1] == event_of(11)


async def test_news_between_reading_and_opening_is_not_lost(held: Streams, sizes: Sizes) -> None:
    sizes.of[1] = 13
    held.heard(1, 13)
    stream = held.open(who(), 10, 10)
    assert (await said(stream, 2))[1] == event_of(13)


async def test_what_was_not_heard_is_looked_up(held: Streams, sizes: Sizes) -> None:
    stream = held.open(who(), 10, 10)
    sizes.of[1] = 14
    held.look()
    assert (await said(stream, 2))[1] == event_of(14)


async def test_a_heartbeat_looks_up_and_says_that_it_is_there(sizes: Sizes) -> None:
    held = Streams(sizes, beat=BEAT, heartbeat=0.05)
    task = asyncio.create_task(held.run())
    quiet, behind = held.open(who(1, 1), 10, 10), held.open(who(2, 2), 20, 20)
    sizes.of[2] = 21
    assert (await said(quiet, 2))[1] == b":\n\n"
    assert event_of(21) in await said(behind, 3)
    task.cancel()


async def test_whose_session_ended_is_told_nothing_more(held: Streams, sizes: Sizes) -> None:
    ended, other = held.open(who(1), 10, 10), held.open(who(2), 10, 10)
    sizes.ended.add(who(1).session)
    sizes.of[1] = 11
    held.heard(1, 11)
    assert [one[:6] for one in await rest(ended)] == [b"retry:"]
    assert (await said(other, 2))[1] == event_of(11)


async def test_where_the_database_is_away_nobody_is_told(sizes: Sizes) -> None:
    held = Streams(sizes, beat=BEAT, heartbeat=0.2)
    stream = held.open(who(), 10, 10)
    sizes.of[1], sizes.broken = 11, True
    task = asyncio.create_task(held.run())
    held.heard(1, 11)
    assert (await said(stream, 2))[1] == b":\n\n"
    sizes.broken = False
    assert event_of(11) in await said(stream, 2)
    task.cancel()


async def test_acts_of_one_beat_are_one_event(held: Streams, sizes: Sizes) -> None:
    stream = held.open(who(), 10, 10)
    for size in range(11, 40):
        sizes.of[1] = size
        held.heard(1, size)
    assert (await said(stream, 2))[1] == event_of(39)
    held.close()
    assert await rest(stream) == []


async def test_who_reads_slowly_is_told_the_last_size(held: Streams) -> None:
    stream = held.open(who(), 10, 10)
    for size in range(11, 2000):
        stream.tell(size)
    held.close()
    assert (await rest(stream))[1:] == [event_of(1999)]


async def test_rooms_are_bounded(held: Streams, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "PER_PROCESS", 6)
    own = [held.open(who(1), 10, 10) for _ in range(streams.PER_SESSION)]
    with pytest.raises(Full) as full:
        held.open(who(1), 10, 10)
    assert full.value.own
    others = [held.open(who(2), 10, 10) for _ in range(2)]
    with pytest.raises(Full) as full:
        held.open(who(3), 10, 10)
    assert not full.value.own
    # A stream that nobody reads any more makes room, however its answer ended.
    own.pop()
    gc.collect()
    assert held.open(who(3), 10, 10) is not None
    assert len(held) == len(own) + len(others)


async def test_after_the_end_none_is_opened(held: Streams) -> None:
    stream = held.open(who(), 10, 10)
    held.close()
    assert len(await rest(stream)) == 1
    with pytest.raises(Full):
        held.open(who(2), 10, 10)
