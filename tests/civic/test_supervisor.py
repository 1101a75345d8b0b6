"""`civic serve`: what it starts, what it restarts, and that nothing outlives it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import civic
from civic.kernel.postgres.presence import postmaster, processes
from civic.settings import Settings
from civic.supervisor import STOP_SECONDS, Supervisor, SupervisorError, check_packages

only_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's prctl")

_SERVE = """
import sys
from civic.settings import Settings
from civic.supervisor import Supervisor, SupervisorError
supervisor = Supervisor(Settings.from_environment(), app="trial:create_app", jobs="trial:run")
try:
    supervisor.run(lambda url: print(url, flush=True))
except SupervisorError as error:
    sys.exit(f"refused: {error}")
"""


class Node:
    """A supervisor in a process of its own, and a client of what it serves."""

    def __init__(self, data: Path, run_as: str | None) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.data = data
        here = Path(__file__).parent
        self.environment = {
            **os.environ,
            "PYTHONPATH": f"{here / 'serving'}:{here.parent.parent}",
            "CIVIC_DATA": str(data),
            "CIVIC_RUN_AS": run_as or "",
            "CIVIC_PORT": str(self.port),
            "CIVIC_WORKERS": "2",
            "CIVIC_DEMO": "1",
        }
        self.log = data / "log"
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _SERVE],
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self.process.stdout is not None
        with self.process.stdout as said:
            assert said.readline() == b"http://localhost:8000\n", self.log.read_text()

    def ask(self) -> tuple[dict[str, Any], http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", "/")
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, body
            return json.loads(body), answer.headers
        finally:
            connection.close()

    def answers(self) -> bool:
        with suppress(OSError, http.client.HTTPException, AssertionError):
            return bool(self.ask())
        return False

    def children(self) -> dict[str, int]:
        """The process last started under each name, as the log tells."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return {line["child"]: line["pid"] for line in lines if line["event"] == "started"}


@pytest.fixture
def node(node_data: Path, run_as: str | None) -> Iterator[Node]:
    node = Node(node_data, run_as)
    yield node
    node.process.send_signal(signal.SIGTERM)
    node.process.wait(30)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _until(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_serves_says_little_and_ends_in_order(node: Node) -> None:
    answer, headers = node.ask()
    assert answer["demo"] is True
    assert not {"server", "date"} & {name.lower() for name in headers}
    children = node.children()
    assert set(children) == {"web-1", "web-2", "jobs"}
    assert answer["pid"] in children.values()
    _until((node.data / "jobs.pid").exists)
    node.process.send_signal(signal.SIGTERM)
    assert node.process.wait(30) == 0
    assert not (node.data / "jobs.pid").exists()  # the job was told, not killed
    assert not any(_lives(pid) for pid in children.values())
    assert postmaster(node.data / "postgres") is None
    log = node.log.read_text()
    assert "127.0.0.1" not in log
    assert all(json.loads(line)["process"] for line in log.splitlines())


def test_what_dies_is_started_again(node: Node) -> None:
    before = node.children()
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    _until(lambda: not set(node.children().values()) & set(before.values()))
    assert node.ask()[0]["pid"] in node.children().values()
    database = postmaster(node.data / "postgres")
    assert database is not None
    os.kill(database.pid, signal.SIGKILL)
    _until(lambda: postmaster(node.data / "postgres") not in (None, database))
    # The same web processes go on with new connections.
    workers = {name: pid for name, pid in node.children().items() if name != "postgres"}
    _until(node.answers)
    assert node.ask()[0]["pid"] in workers.values()
    assert {name: node.children()[name] for name in workers} == workers


@only_linux
def test_nothing_outlives_a_killed_supervisor(node: Node) -> None:
    children = node.children()
    node.process.kill()
    node.process.wait()
    _until(lambda: not any(_lives(pid) for pid in children.values()))
    _until(lambda: not processes(node.data / "postgres"))
    node.start()
    assert node.ask()[0]["count"] is not None


def test_two_never_serve_one_folder_or_one_port(node: Node, data: Path) -> None:
    for folder, reason in ((node.data, "serves from"), (data / "other", "Cannot listen")):
        done = subprocess.run(
            [sys.executable, "-c", _SERVE],
            env={**node.environment, "CIVIC_DATA": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "refused: " in done.stderr
        assert reason in done.stderr
    assert node.ask()


def test_a_second_request_does_not_wait_for_what_hangs(node: Node) -> None:
    for pid in node.children().values():
        os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    node.process.send_signal(signal.SIGTERM)
    node.process.send_signal(signal.SIGINT)
    assert node.process.wait(30) == 0
    assert time.monotonic() - began < STOP_SECONDS


def test_a_demonstration_is_for_this_machine_alone(data: Path) -> None:
    settings = Settings.from_environment({"CIVIC_DATA": str(data), "CIVIC_HOST": "0.0.0.0"})
    with pytest.raises(SupervisorError, match="this machine"):
        Supervisor(replace(settings, demo=True)).run()


def test_a_foreign_package_under_our_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    check_packages()
    monkeypatch.setattr(civic, "__file__", "/elsewhere/civic/__init__.py")
    with pytest.raises(SupervisorError, match="'identity' is not civic's"):
        check_packages()
