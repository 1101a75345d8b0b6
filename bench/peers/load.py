"""A load generator in a process of its own: signed-in readers who fetch one page after another.

Reads a `Load` as JSON from standard input, writes a `bench.load.Measured` as JSON to standard
output; see bench.load for why it is as bare as it is.
"""

import asyncio
import sys
import time
from typing import cast

import msgspec
import uvloop

from bench.load import Measured


class Load(msgspec.Struct):
    """What to fetch: a path with each of some cookies, one connection a cookie."""

    port: int
    path: str
    cookies: list[str]
    packed: bool
    seconds: float
    warm: float


class _Reader(asyncio.Protocol):
    """One connection: each answer is followed by the next request, until the time is over."""

    def __init__(self, request: bytes, start: float, end: float) -> None:
        self._request, self._start, self._end = request, start, end
        self._transport: asyncio.Transport | None = None
        self._parts: list[bytes] = []
        self._missing = -1
        self._began = 0.0
        self.latencies: list[float] = []
        self.failed = self.all_acts = 0
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def begin(self) -> None:
        """Send the next request, or end."""
        assert self._transport is not None
        self._began = time.monotonic()
        if self._began < self._end:
            self._transport.write(self._request)
        else:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        if self._missing < 0:
            self._parts.append(data)
            whole = b"".join(self._parts)
            end = whole.find(b"\r\n\r\n")
            if end < 0:
                return
            head = whole[:end].lower()
            at = head.index(b"content-length: ") + 16
            length = int(head[at : (head + b"\r").index(b"\r", at)])
            self._parts = [head[:12]]
            self._missing = length - (len(whole) - end - 4)
        else:
            self._missing -= len(data)
        if self._missing > 0:
            return
        self._ended(self._parts[0].endswith(b" 200"))
        self._parts, self._missing = [], -1
        self.begin()

    def _ended(self, good: bool) -> None:
        if not good:
            self.failed += 1
            return
        self.all_acts += 1
        now = time.monotonic()
        if self._start <= now < self._end:
            self.latencies.append(now - self._began)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.over.done():
            self.over.set_result(None)


async def run(load: Load) -> Measured:
    """Fetch until the time is over."""
    start = time.monotonic() + load.warm
    end = start + load.seconds
    loop = asyncio.get_running_loop()
    packed = "accept-encoding: gzip\r\n" if load.packed else ""
    readers: list[_Reader] = []
    for cookie in load.cookies:
        request = (
            f"GET {load.path} HTTP/1.1\r\nhost: localhost\r\ncookie: civic={cookie}\r\n"
            f"accept: text/html\r\naccept-language: en\r\n{packed}\r\n"
        ).encode()
        _, reader = await loop.create_connection(
            lambda request=request: _Reader(request, start, end),  # type: ignore[misc]
            "127.0.0.1",
            load.port,
        )
        readers.append(reader)
    cpu = time.process_time()
    for one in readers:
        one.begin()
    await asyncio.gather(*(one.over for one in readers))
    return Measured(
        sum(len(one.latencies) for one in readers),
        sum(one.all_acts for one in readers),
        sum(one.failed for one in readers),
        load.seconds,
        sorted(latency for one in readers for latency in one.latencies),
        time.process_time() - cpu,
    )


def main() -> None:
    """Do what standard input says."""
    load = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(run(load))))


if __name__ == "__main__":
    main()
