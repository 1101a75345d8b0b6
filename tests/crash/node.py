"""A node in processes of its own that a test kills, and the load generator beside it."""

import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import msgspec

from bench.stage import Stage
from civic.kernel.postgres.presence import postmaster
from tests.crash import armed, journal
from tests.crash.load import Load

ROOT = Path(__file__).parents[2]
WORKERS = 3


def until(holds: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Wait until something holds; fail after some seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds} seconds")
        time.sleep(0.02)


class Node:
    """`civic serve` on a data folder whose database has a stage."""

    def __init__(self, data: Path, run_as: str | None) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.data = data
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "CIVIC_DATA": str(data),
            "CIVIC_RUN_AS": run_as or "",
            "CIVIC_PORT": str(self.port),
            "CIVIC_WORKERS": str(WORKERS),
            "CIVIC_DEMO": "1",
        }
        self.log = data / "log"
        self.start()

    def start(self) -> None:
        """Start the supervisor and wait until it takes requests."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.serve"],
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
            )
        assert self.process.stdout is not None
        with self.process.stdout as said:
            assert said.readline().startswith(b"http"), self.log.read_text()[-2000:]

    def answers(self) -> bool:
        """Tell whether the node answers."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/api/v1/node")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def children(self) -> dict[str, int]:
        """Return the process last started under each name, as the log tells."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line[:1] == "{"]
        return {line["child"]: line["pid"] for line in lines if line["event"] == "started"}

    def kill(self, victim: str) -> None:
        """Kill a part of the node: `worker`, `workers`, `jobs`, `supervisor` or `postmaster`."""
        children = self.children()
        webs = [pid for name, pid in children.items() if name.startswith("web-")]
        match victim:
            case "worker":
                _kill(random.choice(webs))
            case "workers":
                for pid in webs:
                    _kill(pid)
            case "jobs":
                _kill(children["jobs"])
            case "supervisor":
                self.process.kill()
                self.process.wait()
                self.start()
            case "postmaster":
                server = postmaster(self.data / "postgres")
                assert server is not None
                _kill(server.pid)

    def arm(self, failpoint: str) -> None:
        """Let one web process die at a failpoint: the first that starts from now on."""
        for old in self.data.glob("failpoint.*"):
            old.unlink()
        part = armed.laid_out(self.data).with_name("part")
        part.write_text(failpoint)
        part.rename(armed.laid_out(self.data))

    def died_at(self, failpoint: str) -> bool:
        """Tell whether the process that took a failpoint is dead."""
        pid = armed.taken(self.data).get(failpoint)
        return pid is not None and not Path(f"/proc/{pid}").exists()

    def stop(self) -> None:
        """Stop the node in order."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


class LoadGenerator:
    """The load generator's process."""

    def __init__(self, port: int, stage: Stage, clients: int, path: Path) -> None:
        self.path = path
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.load"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        path.touch()
        self._say(msgspec.json.encode(Load(port, stage, clients, str(path))))

    def go(self) -> None:
        """Let it act."""
        self._say(b"go")

    def pause(self) -> None:
        """Let it rest, and wait until all it asked for is acknowledged or given up."""
        self._say(b"pause")
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], 60)
        assert ready, "some requests are not acknowledged within a minute"
        assert self.process.stdout.readline() == b"paused\n"

    def progress(self, more: int) -> Callable[[], bool]:
        """Return what tells whether that many more acknowledgements were written since now."""
        size = self._acknowledged()
        return lambda: self._acknowledged() >= size + more

    def lines(self) -> list[journal.Line]:
        """Return what it was told, while it rests."""
        return journal.read(self.path)

    def stop(self) -> None:
        """End it."""
        self.process.kill()
        self.process.communicate()

    def _acknowledged(self) -> int:
        raw = self.path.read_bytes()
        return raw.count(b'"acted"') + raw.count(b'"filled"')

    def _say(self, words: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(words + b"\n")
        self.process.stdin.flush()
