"""`civic serve`: starts the node's processes, restarts what dies, and stops them in order."""

import asyncio
import contextlib
import fcntl
import logging
import os
import select
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError

import civic
from civic.kernel import log_lines, migrate
from civic.kernel.database import brief_engine, writing
from civic.kernel.keys import KeyFiles
from civic.kernel.postgres import EmbeddedPostgres, PostgresError
from civic.kernel.record.shared_keys import KeysMissing, settle
from civic.kernel.system_user import make_private
from civic.kernel.watched import Backoff, Watched
from civic.listening import ListeningError, leave, monitor_socket, web_socket
from civic.settings import LOOPBACK, Settings

STOP_SECONDS = 15.0
"""How long the processes may take to end in order; then they are killed."""

_log = structlog.get_logger("civic.supervisor")


class SupervisorError(Exception):
    """The node cannot be served; the text says why and what to do."""


class Supervisor:
    """All processes of a node on one machine: PostgreSQL, web processes, jobs."""

    def __init__(
        self,
        settings: Settings,
        *,
        rebuild: migrate.Rebuild | None = None,
        app: str = "civic.app:create_app",
        jobs: str = "civic.jobs:run",
        monitor: str = "civic.monitor:Monitor",
        quiet: bool = False,
    ) -> None:
        """Plan the processes of a node; nothing is started yet.

        `rebuild` fills the schema `view` when its definitions have changed. `app` names the
        function that makes the application from the settings, `jobs` the coroutine function
        that runs the jobs, `monitor` what tells the operator how the node fares. A `quiet`
        supervisor speaks of trouble only.
        """
        self.settings = settings
        self.postgres = (
            None
            if settings.database_url
            else EmbeddedPostgres(settings.data, run_as=settings.run_as)
        )
        self._postgres_backoff = Backoff()
        self._rebuild = rebuild
        self._quiet = quiet
        self._app = app
        self._jobs = jobs
        self._monitor = monitor
        self._asked = 0
        self._watched: list[Watched] = []

    def run(self, on_ready: Callable[[str], None] = lambda url: None) -> None:
        """Serve until SIGTERM or SIGINT; a second one ends everything at once.

        `on_ready` is told the node's URL once requests are taken. Run it in the main thread. The
        processes end with this one, however it ends.
        """
        check_packages()
        log_lines.configure("supervisor", logging.WARNING if self._quiet else logging.INFO)
        make_private(self.settings.data, passing=self.settings.run_as)
        with _alone(self.settings.data), self._signals() as woken, self._sockets() as listening:
            try:
                try:
                    self._start(*listening)
                except (PostgresError, migrate.MigrationError, KeysMissing) as error:
                    raise SupervisorError(str(error)) from error
                except (SQLAlchemyError, asyncpg.PostgresError, OSError) as error:
                    raise SupervisorError(
                        f"The database cannot be used ({_kind(error)}): start it, and check "
                        "CIVIC_DATABASE_URL and the network to it."
                    ) from error
                on_ready(self.settings.base_url)
                while not self._asked:
                    self._wait(woken)
                    self._tend()
            finally:
                self._stop(woken)

    def _start(self, listening: socket.socket, monitor: socket.socket | None) -> None:
        counting: dict[str, str] = {}
        if monitor is not None:
            # First of all: it also tells that the others are not there yet.
            counting = self._count()
            self._watch_monitor(monitor, self._environment() | counting)
        if self.postgres is not None:
            # Nobody else serves from this folder, so a server that still runs has lost its owner.
            self.postgres.start(take_over=True)
            self.settings = replace(self.settings, database_url=self.postgres.url)
        assert self.settings.database_url is not None
        asyncio.run(self._prepare(self.settings.database_url))
        environment = self._environment() | counting
        fd = listening.fileno()
        for number in range(1, self.settings.workers + 1):
            name = f"web-{number}"
            arguments = ["civic.worker", "--name", name, "--fd", str(fd), "--app", self._app]
            self._watched.append(Watched(name, arguments, environment, (fd,)))
        arguments = ["civic.jobs_process", "--run", self._jobs]
        self._watched.append(Watched("jobs", arguments, environment))
        self._tend()

    def _count(self) -> dict[str, str]:
        """Return what lets the processes add up what they count, from nothing."""
        folder = self.settings.data / "measures"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        return {"PROMETHEUS_MULTIPROC_DIR": str(folder)}

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self.settings.to_environment()}

    def _watch_monitor(self, socket_: socket.socket, environment: Mapping[str, str]) -> None:
        fd = socket_.fileno()
        arguments = ["civic.monitor_process", "--fd", str(fd), "--monitor", self._monitor]
        self._watched.append(Watched("monitor", arguments, environment, (fd,)))
        self._tend()

    async def _prepare(self, url: str) -> None:
        """Bring the database up to date, and see that this machine has the node's keys."""
        await migrate.upgrade(url, self._rebuild)
        files = KeyFiles(self.settings.data / "keys")
        async with brief_engine(url) as engine, writing(engine) as db:
            await settle(db, files)
        # Made now, so that it is there for whoever copies the folder to another machine.
        files.secret("flash")

    def _tend(self) -> None:
        """Start whatever should run and does not, unless it died too often lately."""
        if self.postgres is not None and not self.postgres.alive():
            self._restart_postgres(self.postgres)
        for watched in self._watched:
            watched.tend()

    def _restart_postgres(self, postgres: EmbeddedPostgres) -> None:
        if not self._postgres_backoff.may_start():
            return
        _log.warning("ended", child="postgres")
        try:
            postgres.start(take_over=True)
        except PostgresError as error:
            _log.error("does not start", child="postgres", reason=str(error))
        else:
            _log.info("started", child="postgres", pid=postgres.pid)

    def _wait(self, woken: socket.socket, seconds: float = 0.5) -> None:
        """Sleep until a signal comes (a child's death is one) or the time has passed."""
        ready, _, _ = select.select([woken], [], [], seconds)
        if ready:
            woken.recv(4096)

    def _stop(self, woken: socket.socket) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        for watched in self._watched:
            watched.ask()
        while any(watched.runs() for watched in self._watched):
            if self._asked > 1 or time.monotonic() > deadline:
                for watched in self._watched:
                    watched.kill()
            self._wait(woken, 0.1)
        if self.postgres is not None:
            self.postgres.stop()

    @contextlib.contextmanager
    def _sockets(self) -> Iterator[tuple[socket.socket, socket.socket | None]]:
        if self.settings.demo and self.settings.host not in LOOPBACK:
            raise SupervisorError("A demonstration is served to this machine alone.")
        with contextlib.ExitStack() as opened:
            try:
                web = web_socket(self.settings)
                opened.callback(leave, web)
                monitor = monitor_socket(self.settings)
            except ListeningError as error:
                raise SupervisorError(str(error)) from error
            if monitor is not None:
                opened.callback(leave, monitor)
            yield web, monitor

    @contextlib.contextmanager
    def _signals(self) -> Iterator[socket.socket]:
        """Count the requests to stop, and give a socket that any signal makes readable."""

        def asked(_number: int, _frame: FrameType | None) -> None:
            self._asked += 1

        def noticed(_number: int, _frame: FrameType | None) -> None:
            pass

        woken, waker = socket.socketpair()
        with woken, waker:
            for end in (woken, waker):
                end.setblocking(False)
            before = {
                how: signal.signal(how, noticed if how == signal.SIGCHLD else asked)
                for how in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
            }
            old = signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
            try:
                yield woken
            finally:
                signal.set_wakeup_fd(old)
                for how, handler in before.items():
                    signal.signal(how, handler)


def _kind(error: Exception) -> str:
    """Name an error without its text, which can quote the address and the password."""
    inner = getattr(error, "orig", None) or error
    return type(getattr(inner, "__cause__", None) or inner).__name__


def check_packages() -> None:
    """Refuse to run with another distribution's package under one of our names."""
    root = Path(civic.__file__).parent.parent
    for name in ("identity", "chapters", "deliberation", "voting"):
        found = find_spec(name)
        if found is None or found.origin is None or Path(found.origin).parent.parent != root:
            raise SupervisorError(
                f"The package {name!r} is not civic's. Install civic into an environment of its "
                "own."
            )


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Hold the data folder's lock, so that two supervisors never serve from one folder."""
    lock = os.open(data / "serve.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise SupervisorError(f"Another civic serves from {data} already.") from error
    else:
        yield
    finally:
        os.close(lock)
