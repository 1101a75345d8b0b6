"""A small HTTP/1.1 client that costs little beside what it measures: one request at a time."""

import asyncio
from typing import Any, NamedTuple, cast

import msgspec


class Answer(NamedTuple):
    """Status and body of an answer."""

    status: int
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON."""
        return msgspec.json.decode(self.body)


class Broken(Exception):
    """The connection ended before the answer was whole: nobody knows what became of the request."""


class _Wire(asyncio.Protocol):
    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.waiting: asyncio.Future[Answer] | None = None
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._received[:end]).lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        whole = end + 4 + length
        if len(self._received) < whole:
            return
        answer = Answer(int(head[9:12]), bytes(self._received[end + 4 : whole]))
        del self._received[:whole]
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_exception(Broken())


class Client:
    """Somebody with a connection that is kept open, and a session's token."""

    def __init__(self, port: int, token: str = "") -> None:
        self._port = port
        self._token = token
        self._wire: _Wire | None = None

    async def send(self, method: str, path: str, body: Any = None, key: str = "") -> Answer:
        """Send a request and return its answer; `Broken` or `OSError` if there is none."""
        content = b"" if body is None else msgspec.json.encode(body)
        head = f"{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(content)}\r\n"
        if self._token:
            head += f"authorization: Bearer {self._token}\r\n"
        if content:
            head += "content-type: application/json\r\n"
        if key:
            head += f"idempotency-key: {key}\r\n"
        if self._wire is None or self._wire.transport is None:
            _transport, self._wire = await asyncio.get_running_loop().create_connection(
                _Wire, "127.0.0.1", self._port
            )
        wire = self._wire
        if wire.transport is None:
            raise Broken
        wire.waiting = asyncio.get_running_loop().create_future()
        wire.transport.write(head.encode() + b"\r\n" + content)
        return await wire.waiting

    def close(self) -> None:
        """End the connection."""
        if self._wire is not None and self._wire.transport is not None:
            self._wire.transport.close()
