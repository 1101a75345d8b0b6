"""The three servers: one worker process each, held to one processor, and what they cost."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

import msgspec

from bench.load import Measured
from bench.node import ROOT, cpu_of, tree
from bench.peers.load import Load
from bench.peers.stage import PagesStage

PACKAGES: Final = Path(__file__).parent / ".packages"
SERVER, LOAD = 0, 1
"""Processors: of the web processes, and of the load generator and PostgreSQL."""


def installed() -> bool:
    """Tell whether the peers can be measured."""
    return all((PACKAGES / name).is_dir() for name in ("django", "fastapi", "gunicorn", "psycopg"))


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def hold(pid: int, processor: int) -> None:
    """Hold a process, all below it and all their threads to one processor, where there are two."""
    if processor >= (os.cpu_count() or 1) or not hasattr(os, "sched_setaffinity"):
        return
    for own in tree(pid):
        with suppress(OSError):
            for thread in Path(f"/proc/{own}/task").iterdir():
                os.sched_setaffinity(int(thread.name), {processor})


class Peer:
    """One of those that are measured, beside the others and idle but for its turn."""

    def __init__(self, name: str, port: int, command: Sequence[str], **environment: str) -> None:
        """Plan a peer that is started here."""
        self.name, self.port = name, port
        self._command, self._environment = list(command), environment
        self._process: subprocess.Popen[bytes] | None = None
        self._pids: list[int] = []

    @classmethod
    def running(cls, name: str, port: int, pids: Sequence[int]) -> "Peer":
        """Return one that runs already, with its web processes."""
        peer = cls(name, port, ())
        peer._pids = list(pids)
        return peer

    def start(self, url: str) -> None:
        """Start it on a database."""
        path = os.pathsep.join((str(PACKAGES), str(ROOT)))
        self._process = subprocess.Popen(
            self._command,
            env={**os.environ, "PYTHONPATH": path, "PEER_URL": url, **self._environment},
            cwd=ROOT,
        )
        self._pids = [self._process.pid]

    def wait(self, path: str, cookie: str) -> bytes:
        """Wait until a page comes, and return it."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(OSError, HTTPException):
                return self.page(path, cookie)
            time.sleep(0.1)
        raise TimeoutError(f"{self.name} does not answer")

    def page(self, path: str, cookie: str, *, packed: bool = False) -> bytes:
        """Return a page as somebody gets it; raise HTTPException where there is none."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"cookie": f"civic={cookie}", "host": "localhost", "accept": "text/html"}
        if packed:
            headers["accept-encoding"] = "gzip"
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise HTTPException(f"{self.name} answered {answer.status} to {path}")
        return body

    def hold(self) -> None:
        """Hold its processes to the servers' processor."""
        for pid in self._pids:
            hold(pid, SERVER)

    def cpu(self) -> float:
        """Return the seconds of processor time that its processes took so far."""
        return sum(cpu_of(one) for pid in self._pids for one in tree(pid))

    def stop(self) -> None:
        """End it, if it was started here."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(30)


class Cost(msgspec.Struct, frozen=True):
    """What one run of one peer on one page took; CPU in seconds for each request."""

    cpu: float
    postgres: float
    p50: float
    p99: float
    failed: int
    rate: float

    @property
    def both(self) -> float:
        """The processor time of web process and PostgreSQL together."""
        return self.cpu + self.postgres


def measure(
    peer: Peer, postgres: int, stage: PagesStage, path: str, seconds: float, *, packed: bool
) -> Cost:
    """Let all readers fetch a page for some seconds, and return what it took."""
    load = Load(peer.port, path, stage.cookies, packed, seconds, 0.5)
    before, before_pg = peer.cpu(), sum(cpu_of(one) for one in tree(postgres))
    done = subprocess.run(
        [sys.executable, "-m", "bench.peers.load"],
        input=msgspec.json.encode(load),
        stdout=subprocess.PIPE,
        cwd=ROOT,
        check=True,
        preexec_fn=lambda: hold(os.getpid(), LOAD),
    )
    measured = msgspec.json.decode(done.stdout, type=Measured)
    after, after_pg = peer.cpu(), sum(cpu_of(one) for one in tree(postgres))
    return Cost(
        (after - before) / measured.all_acts,
        (after_pg - before_pg) / measured.all_acts,
        measured.percentile(0.5),
        measured.percentile(0.99),
        measured.failed,
        measured.acts / measured.seconds,
    )
