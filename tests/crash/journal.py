"""What a load generator was told, written to disk before it goes on."""

import asyncio
import os
from pathlib import Path

import msgspec


class Acted(msgspec.Struct, frozen=True, tag="acted"):
    """An act was acknowledged."""

    key: str
    index: int
    leaf: str
    repeated: bool
    text: str = ""


class Filled(msgspec.Struct, frozen=True, tag="filled"):
    """A row was acknowledged."""

    client: int
    subject: str
    row: str
    value: int


class GivenUp(msgspec.Struct, frozen=True, tag="given_up"):
    """A request was never answered and not repeated: it may have been recorded, once at most."""

    client: int
    text: str = ""
    subject: str = ""
    value: int = 0


class Seen(msgspec.Struct, frozen=True, tag="seen"):
    """A checkpoint was served."""

    note: str


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """A request was refused, which no request of the load should be."""

    request: str
    status: int
    body: str


Line = Acted | Filled | GivenUp | Seen | Refused
_lines = msgspec.json.Decoder(Line)


class Journal:
    """Lines that are on disk when `write` returns; those of one moment share an fsync."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._lock = asyncio.Lock()

    async def write(self, line: Line) -> None:
        """Write a line."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((msgspec.json.encode(line) + b"\n", done))
        async with self._lock:
            if done.done():
                return
            waiting, self._waiting = self._waiting, []
            await asyncio.to_thread(self._sync, b"".join(raw for raw, _ in waiting))
            for _, one in waiting:
                one.set_result(None)

    def _sync(self, raw: bytes) -> None:
        os.write(self._file, raw)
        os.fsync(self._file)


def read(path: Path) -> list[Line]:
    """Return all lines of a journal whose writer is at rest."""
    return [_lines.decode(line) for line in path.read_bytes().splitlines()]
