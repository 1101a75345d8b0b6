"""`civic serve` in a process of its own: started, asked, killed and stopped by tests."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]

_SERVE = """
import sys
from civic.rebuild import rebuild_views
from civic.settings import Settings
from civic.supervisor import Supervisor, SupervisorError
supervisor = Supervisor(
    Settings.from_environment(), rebuild=rebuild_views, monitor="tests.civic.serving.told:quick"
)
try:
    supervisor.run(lambda url: print("civic is ready on", url, flush=True))
except SupervisorError as error:
    sys.exit(f"refused: {error}")
"""


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def until(holds: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait until something holds; fail after some seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} seconds"
        time.sleep(0.05)


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: Path, timeout: float = 20) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class Served:
    """A node with a monitor; `more` are further settings."""

    def __init__(self, data: Path, run_as: str | None, **more: str) -> None:
        self.data = data
        self.web = data / "web.sock"
        self.monitor = data / "monitor.sock"
        self.log = data / "log"
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "CIVIC_DATA": str(data),
            "CIVIC_RUN_AS": run_as or "",
            "CIVIC_WORKERS": "2",
            "CIVIC_DRAFT": "1",
            "CIVIC_SOCKET": str(self.web),
            "CIVIC_MONITOR": str(self.monitor),
            **more,
        }

    def begin(self) -> None:
        """Start it, without waiting until it takes requests."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _SERVE],
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
            )

    def start(self) -> None:
        """Start it and wait until it takes requests."""
        self.begin()
        self.await_ready()

    def await_ready(self) -> None:
        """Wait until it says that it takes requests."""
        assert self.process.stdout is not None
        with self.process.stdout as said:
            assert b"civic is ready" in said.readline(), self.log.read_text()[-3000:]

    def refused(self) -> str:
        """Start it and return why it does not serve."""
        done = subprocess.run(
            [sys.executable, "-c", _SERVE],
            env=self.environment,
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        assert done.returncode == 1, done
        return done.stderr

    def stop(self) -> None:
        """Stop it in order."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(40)

    def kill(self) -> None:
        """End the supervisor at once; all others end with it."""
        self.process.kill()
        self.process.wait()

    def ask(self, path: str) -> tuple[int, bytes]:
        """Ask the web processes."""
        return _ask(UnixConnection(self.web), path)

    def told(self, path: str) -> tuple[int, Any]:
        """Ask the monitor; JSON comes parsed."""
        status, body = _ask(UnixConnection(self.monitor), path)
        return status, json.loads(body) if body[:1] == b"{" else body.decode()

    def missing(self) -> list[str] | None:
        """Return what the node lacks to be ready; None while nobody tells."""
        with suppress(OSError, http.client.HTTPException):
            status, told = self.told("/readyz")
            assert (status == 200) is told["ready"] is (not told["missing"])
            found: list[str] = told["missing"]
            return found
        return None

    def metrics(self) -> dict[str, float]:
        """Return what `/metrics` tells, by name and labels."""
        status, text = self.told("/metrics")
        assert status == 200
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        return {name: float(value) for name, _, value in (one.rpartition(" ") for one in lines)}

    def children(self) -> dict[str, int]:
        """Return the process last started under each name, as the log tells."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line[:1] == "{"]
        return {line["child"]: line["pid"] for line in lines if line["event"] == "started"}


def _ask(connection: http.client.HTTPConnection, path: str) -> tuple[int, bytes]:
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
