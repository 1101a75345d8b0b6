"""A node on a data folder of its own: made, served, asked for its processor time, removed."""

import asyncio
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import msgspec

import civic.tables  # noqa: F401
from bench.load import Kind, Load, Measured
from bench.stage import Stage
from civic.kernel import migrate
from civic.kernel.postgres import EmbeddedPostgres
from civic.kernel.system_user import is_root, unprivileged_user

ROOT = Path(__file__).parent.parent


def run_as() -> str | None:
    """Return whom PostgreSQL runs as when this is root."""
    return unprivileged_user() if is_root() else None


@contextmanager
def database() -> Iterator[tuple[str, Path]]:
    """Give the URL of a migrated database on a server that waits for its disk, and the folder."""
    with folder() as data, EmbeddedPostgres(data, run_as()).running() as url:
        asyncio.run(migrate.upgrade(url))
        yield url, data


@contextmanager
def folder() -> Iterator[Path]:
    """Give an empty data folder that another user's server can reach."""
    data = Path(tempfile.mkdtemp(prefix="civic-bench-"))
    data.chmod(0o711)
    try:
        yield data
    finally:
        shutil.rmtree(data, ignore_errors=True)


def machine() -> str:
    """Say on what is measured."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), "?")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{model}, {os.cpu_count()} processors, {memory:.0f} GiB, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}\n"
        f"load before the run: {load} (with others at work ratios hold, absolute values do not)\n"
    )


class Served:
    """A node that is served by processes of its own."""

    def __init__(self, data: Path, workers: int, group: int | None = None) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "CIVIC_DATA": str(data),
            "CIVIC_RUN_AS": run_as() or "",
            "CIVIC_PORT": str(self.port),
            "CIVIC_WORKERS": str(workers),
            "CIVIC_DEMO": "1",
        }
        if group is not None:
            environment["CIVIC_BENCH_GROUP"] = str(group)
        self.workers = workers
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.served"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
        )

    def wait(self) -> None:
        """Wait until all web processes answer."""
        assert self.process.stdout is not None
        self.process.stdout.readline()
        deadline = time.monotonic() + 60
        answered = 0
        while answered < 20 * self.workers:
            if time.monotonic() > deadline:
                raise TimeoutError("the node does not answer")
            connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
            with suppress(OSError, HTTPException):
                connection.request("GET", "/api/v1/node")
                answered += connection.getresponse().status == 200
            connection.close()

    def cpu(self) -> dict[str, float]:
        """Return the seconds of processor time that web processes and PostgreSQL took so far."""
        spent = {"web": 0.0, "postgres": 0.0}
        for pid in tree(self.process.pid):
            with suppress(OSError):
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
                if b"civic.worker" in command:
                    spent["web"] += cpu_of(pid)
                elif b"postgres" in command:
                    spent["postgres"] += cpu_of(pid)
        return spent

    def web_processes(self) -> list[int]:
        """Return the ids of the web processes."""
        found = []
        for pid in tree(self.process.pid):
            with suppress(OSError):
                if b"civic.worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(pid)
        return found

    def load(
        self, stage: Stage, kinds: tuple[Kind, ...], clients: int, seconds: float
    ) -> tuple[Measured, dict[str, float]]:
        """Let clients act; return what was measured and the processor seconds of each act."""
        before = self.cpu()
        done = subprocess.run(
            [sys.executable, "-m", "bench.load"],
            input=msgspec.json.encode(Load(self.port, stage, clients, kinds, seconds)),
            stdout=subprocess.PIPE,
            cwd=ROOT,
            check=True,
        )
        after = self.cpu()
        measured = msgspec.json.decode(done.stdout, type=Measured)
        spent = {name: after[name] - before[name] for name in after} | {"load": measured.cpu}
        return measured, {name: one / max(1, measured.all_acts) for name, one in spent.items()}

    def stop(self) -> None:
        """Stop the node in order."""
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)


def cpu_of(pid: int) -> float:
    """Return the seconds of processor time that a process took so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """Return a process and all below it."""
    found = [pid]
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += tree(int(child))
    return found
