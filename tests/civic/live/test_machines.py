"""Two processes on one database: what is done in one is heard in the other; both end in order."""

import asyncio
import http.client
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.stage import Stage
from civic.kernel.database import brief_engine, writing
from civic.live.streams import HEARTBEAT
from identity import sessions
from tests.civic.test_machines import NODE_KEYS, machine, says, staged, url_of
from tests.served import Served, UnixConnection
from tests.tcp_postgres import TcpPostgres, tcp_postgres


@pytest.fixture
def postgres_over_tcp(data: Path, run_as: str | None) -> Iterator[TcpPostgres]:
    folder = data / "server"
    folder.mkdir(mode=0o711)
    folder.chmod(0o711)
    with tcp_postgres(folder, run_as) as server:
        yield server


class Hearing:
    """A program that listens to a chapter over a connection of its own."""

    def __init__(self, served: Served, stage: Stage, number: int) -> None:
        self._connection = UnixConnection(served.web, timeout=60)
        headers = {
            "authorization": f"Bearer {stage.people[number].token}",
            "accept": "text/event-stream",
            "accept-encoding": "gzip",
        }
        self._connection.request("GET", f"/c/{stage.chapter}/live?after=0", headers=headers)
        self._answer: http.client.HTTPResponse = self._connection.getresponse()
        assert self._answer.status == 200
        assert self._answer.getheader("content-encoding") is None

    def size(self) -> int | None:
        """Return the next size that is told, None at the end."""
        while line := self._answer.readline():
            if line.startswith(b"data: "):
                return int(line.removeprefix(b"data: "))
        return None

    def close(self) -> None:
        """Close the connection."""
        self._answer.close()
        self._connection.close()


async def signed_out(url: str, token: str) -> None:
    async with brief_engine(url) as engine, writing(engine) as db:
        await sessions.end(db, token)


@pytest.mark.slow
def test_two_processes_tell_the_same(postgres_over_tcp: TcpPostgres, data: Path) -> None:
    url = postgres_over_tcp.url()
    first, second = machine(data / "first", url), machine(data / "second", url)
    for one in (first, second):
        one.environment["CIVIC_WORKERS"] = "1"
    stage = asyncio.run(staged(url_of(postgres_over_tcp), first.data))
    first.start()
    (second.data / "keys").mkdir()
    for name in NODE_KEYS:
        shutil.copy2(first.data / "keys" / name, second.data / "keys" / name)
    second.start()
    try:
        here, there = Hearing(first, stage, 1), Hearing(second, stage, 2)
        known = here.size()
        assert known is not None
        assert there.size() == known
        index = says(second, stage, 0)
        for hearing in (here, there):
            size = hearing.size()
            assert size is not None
            assert size > index
        # Ended in whatever process: the other one tells that session nothing more.
        began = time.monotonic()
        asyncio.run(signed_out(url_of(postgres_over_tcp), stage.people[2].token))
        assert there.size() is None
        assert time.monotonic() - began < HEARTBEAT + 10
        began = time.monotonic()
        first.stop()
        assert here.size() is None
        # Not the ten seconds that answers in progress may take.
        assert time.monotonic() - began < 8
        here.close()
        there.close()
    finally:
        first.kill()
        second.kill()
