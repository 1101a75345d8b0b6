"""The streams that one process holds open, and how news comes to all of them at the same beat.

A stream is a few bytes of memory: it holds no connection to the database and no lock. What it tells
is a size, nothing of what happened, and no time: all processes tell what they heard when the next
beat of the clock comes, so that a stream does not say at which second somebody acted.

Nothing is lost with a notification: at each heartbeat the sizes are read from the database.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final
from weakref import WeakSet

import structlog

from civic.live.watching import Watching

BEAT: Final = 5.0
"""Seconds between the moments at which news is told."""
HEARTBEAT: Final = 15.0
"""Seconds after which a silent stream says that it is there, and its session is looked at again."""
RETRY: Final = (2000, 6000)
"""Milliseconds, between which a browser waits before it comes again: not all at the same moment."""
PER_SESSION: Final = 4
"""Streams of one session in a process: scripts close those of pages that nobody looks at."""
PER_PROCESS: Final = 1000
"""Streams in a process."""

_STILL_HERE: Final = b":\n\n"
_log = structlog.get_logger("civic.live")

SizesFor = Callable[[Sequence[Watching]], Awaitable[Mapping[Watching, int]]]
"""Says to which size a record is signed for each who may still be told, and leaves out the rest."""


class Full(Exception):
    """There is no room for another stream; `own` says whether the session has too many itself."""

    def __init__(self, *, own: bool) -> None:
        super().__init__()
        self.own = own


class Stream:
    """One stream: what it told, and what it has to say next."""

    def __init__(self, who: Watching, seen: int, size: int) -> None:
        self.who = who
        self.told = min(seen, size)
        """The size of the record that whoever watches knows of."""
        self._said: list[bytes] = [f"retry: {random.randint(*RETRY)}\n\n".encode()]  # noqa: S311
        self._over = False
        self._woken = asyncio.Event()
        self.tell(size)

    def tell(self, size: int) -> None:
        """Tell a size, if it is news."""
        if size > self.told:
            self.told = size
            self._say(event_of(size))

    def beat(self) -> None:
        """Say that the stream is there, where nothing else waits to be said."""
        if not self._said:
            self._say(_STILL_HERE)

    def end(self) -> None:
        """Let the stream end once it has said what it has to say."""
        self._over = True
        self._woken.set()

    def _say(self, what: bytes) -> None:
        # Who reads slowly is told the last size only.
        self._said = [*self._said[:1], what] if len(self._said) > 1 else [*self._said, what]
        self._woken.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield what the stream says until it ends."""
        while True:
            while self._said:
                yield self._said.pop(0)
            if self._over:
                return
            self._woken.clear()
            await self._woken.wait()


def event_of(size: int) -> bytes:
    """Return the event that tells the size of a record, by which a browser says what it knows."""
    return f"id: {size}\ndata: {size}\n\n".encode()


class Streams:
    """All streams of a process."""

    def __init__(
        self, sizes_for: SizesFor, *, beat: float = BEAT, heartbeat: float = HEARTBEAT
    ) -> None:
        self._sizes_for = sizes_for
        self._beat = beat
        self._heartbeat = heartbeat
        # Weak, for answers that are broken off before anybody reads them.
        self._open: WeakSet[Stream] = WeakSet()
        self._heard: dict[int, int] = {}
        self._news = asyncio.Event()
        self._all = False
        self._closed = False

    def __len__(self) -> int:
        return len(self._open)

    def must_have_room(self, session: bytes) -> None:
        """Raise Full where a session, or this process, has as many streams as it may."""
        if self._closed or len(self._open) >= PER_PROCESS:
            raise Full(own=False)
        if sum(one.who.session == session for one in self._open) >= PER_SESSION:
            raise Full(own=True)

    def open(self, who: Watching, seen: int, size: int) -> Stream:
        """Return a new stream for somebody who knows of size `seen`; `size` was just read.

        Raises Full.
        """
        self.must_have_room(who.session)
        stream = Stream(who, seen, size)
        self._open.add(stream)
        if self._heard.get(who.log, 0) > stream.told:
            self._news.set()
        return stream

    async def chunks(self, stream: Stream) -> AsyncIterator[bytes]:
        """Yield what a stream says until it ends or nobody reads it any more."""
        try:
            async for chunk in stream.chunks():
                yield chunk
        finally:
            self._open.discard(stream)

    def heard(self, log: int, size: int) -> None:
        """Take in that a record is signed to a size."""
        if size > self._heard.get(log, 0):
            self._heard[log] = size
            self._news.set()

    def look(self) -> None:
        """Have all sizes read at the next beat: something may not have been heard."""
        self._all = True
        self._news.set()

    def close(self) -> None:
        """End all streams and take no more."""
        self._closed = True
        for stream in tuple(self._open):
            stream.end()

    async def run(self) -> None:
        """Tell what is heard until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            heartbeat = loop.time() + self._heartbeat
            while (now := loop.time()) < heartbeat:
                with suppress(TimeoutError):
                    async with asyncio.timeout(heartbeat - now):
                        await self._news.wait()
                if not self._news.is_set():
                    break
                await asyncio.sleep(self._beat - time.time() % self._beat)
                self._news.clear()
                every, self._all = self._all, False
                await self._tell([one for one in self._open if every or self._is_behind(one)])
            await self._look_at_all()

    async def _look_at_all(self) -> None:
        await self._tell(list(self._open))
        for stream in tuple(self._open):
            stream.beat()

    def _is_behind(self, stream: Stream) -> bool:
        return self._heard.get(stream.who.log, 0) > stream.told

    async def _tell(self, streams: Sequence[Stream]) -> None:
        """Tell some streams what is so now, and end those that nothing may be told any more."""
        if not streams:
            return
        try:
            sizes = await self._sizes_for(list({one.who for one in streams}))
        except Exception as error:
            # Nobody is told what they might not be allowed to know; a heartbeat later it is tried
            # again.
            _log.warning("not_told", error=type(error).__name__)
            return
        for stream in streams:
            size = sizes.get(stream.who)
            if size is None:
                stream.end()
            else:
                stream.tell(size)
