"""A server of one's own on a data folder: start, stop, attach."""

import contextlib
import fcntl
import hashlib
import os
import pwd
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from civic.kernel.children import EndsWithParent
from civic.kernel.postgres import cluster
from civic.kernel.postgres.errors import PostgresError
from civic.kernel.postgres.presence import SOCKET, answers, postmaster, processes
from civic.kernel.system_user import exists, first_closed, identity, is_root, make_private

START_SECONDS = 60.0
"""How long a start may take: after a crash the server first replays its log."""


class EmbeddedPostgres:
    """A PostgreSQL server on `<data>/postgres`, reached through a private socket alone.

    Who may connect is decided by the operating system's user (peer): root, the user the server
    runs as and the one that started it. There is no password and no network port.
    """

    def __init__(
        self, data: Path, run_as: str | None = None, *, settings: Mapping[str, str] | None = None
    ) -> None:
        """Name the server of the data folder `data`; nothing is started or written yet.

        `run_as` is the user it runs as, needed when this process is root's and makes the server;
        later the owner of its files is known. `settings` are further settings of PostgreSQL.
        """
        self.data = data.resolve()
        self.folder = self.data / "postgres"
        self._run_as = run_as
        self._settings = dict(settings or {})
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of the database `civic`; it holds no secret."""
        return self.url_of("civic")

    def url_of(self, database: str) -> str:
        """The SQLAlchemy URL of another database of this server."""
        return f"postgresql+asyncpg://civic@/{database}?host={quote(str(self.socket_folder))}"

    @property
    def socket_folder(self) -> Path:
        """Where the socket lies: a running server tells, else where the next one will put it."""
        running = postmaster(self.folder)
        return (running and running.socket_folder) or self._new_socket_folder()

    @property
    def pid(self) -> int | None:
        """The process id of the server on the folder, if one runs."""
        if self._child is not None:
            return self._child.pid
        running = postmaster(self.folder)
        return running.pid if running else None

    def start(self, *, take_over: bool = False) -> None:
        """Start the server, made first if there is none, and return when it takes connections.

        `take_over` first stops a server whose starter is gone; without it a running one is an
        error. Call it from a thread that lives as long as the process: the server ends with it.
        """
        user = self._other_user()
        self._check_data_folder(user)
        lock = self._lock(take_over)
        try:
            programs = cluster.reachable_binaries(self.data, user)
            if not self.folder.exists():
                cluster.initialise(self.folder, programs, user)
            cluster.check_version(self.folder)
            self._spawn(programs, user, lock)
        finally:
            os.close(lock)
        self._await_ready()

    def stop(self) -> None:
        """Stop the server that `start` started: clients are cut off, everything is on disk."""
        child, self._child = self._child, None
        if child is None:
            return
        # Fast, then immediate (recovered at the next start), then by force.
        for how, seconds in ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
            if child.poll() is None:
                child.send_signal(how)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(seconds)

    def attach(self) -> None:
        """Use a server that another process started on the folder; raise if none answers."""
        if not self.alive():
            raise PostgresError(f"No PostgreSQL server runs on {self.folder}.")

    def alive(self) -> bool:
        """Tell whether our child runs or, if another process started it, the server answers."""
        if self._child is not None:
            return self._child.poll() is None
        return postmaster(self.folder) is not None and answers(self.socket_folder)

    @contextlib.contextmanager
    def running(self) -> Iterator[str]:
        """Give the URL of a running server: one that runs already, else one for this block."""
        if self.alive():
            yield self.url
            return
        self.start()
        try:
            yield self.url
        finally:
            self.stop()

    def _other_user(self) -> str | None:
        """The user to change to, None if there is nothing to change; refuse what cannot work."""
        me = pwd.getpwuid(os.geteuid()).pw_name
        if not is_root():
            if self._run_as not in (None, me):
                raise PostgresError(
                    f"Only root can run PostgreSQL as {self._run_as!r}; this is {me!r}."
                )
            return None
        run_as = self._run_as or self._owner()
        if run_as in (None, me):
            raise PostgresError(
                "PostgreSQL refuses to run as root: name an unprivileged user by CIVIC_RUN_AS "
                "(`useradd --system civic` makes one), or start civic as such a user."
            )
        if not exists(run_as):
            raise PostgresError(f"CIVIC_RUN_AS names {run_as!r}: there is no such user.")
        return run_as

    def _owner(self) -> str | None:
        """The user whose files the server's are, if it was made before."""
        return self.folder.owner() if self.folder.exists() else None

    def _check_data_folder(self, user: str | None) -> None:
        make_private(self.data, passing=user)
        if user and (closed := first_closed(self.data, user)):
            raise PostgresError(
                f"The user {user!r}, whom PostgreSQL runs as, may not enter {closed}, so it cannot "
                f"reach {self.folder}. Name a folder elsewhere by CIVIC_DATA (such as "
                f"/var/lib/civic), or let it pass: chmod o+x {closed}"
            )

    def _lock(self, take_over: bool) -> int:
        """Take the folder's lock, which every process of a server on it holds while it lives.

        The server inherits the open file. So what outlives a killed server is waited for, and
        after a second ended, before another one touches the same files.
        """
        lock = os.open(self.data / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
        began = time.monotonic()
        told = False
        while not _locked(lock):
            waited = time.monotonic() - began
            running = postmaster(self.folder)
            if running is None and waited > 1:
                _kill(processes(self.folder), signal.SIGKILL)
            elif running and take_over and not told:
                _kill([running.pid], signal.SIGINT)
                told = True
            if waited > START_SECONDS or (
                running and not take_over and answers(self.socket_folder)
            ):
                os.close(lock)
                raise PostgresError(f"A PostgreSQL server already runs on {self.folder}.")
            time.sleep(0.02)
        return lock

    def _spawn(self, programs: Path, user: str | None, lock: int) -> None:
        who = identity(user)
        owner = os.geteuid() if who.uid is None else who.uid
        sockets = self._new_socket_folder()
        if sockets != self.folder:
            _own_folder(sockets, owner)
        users = {"root", pwd.getpwuid(os.geteuid()).pw_name, pwd.getpwuid(owner).pw_name}
        config = cluster.configure(self.data / "postgres-config", sockets, users, self._settings)
        # The lock tells that no server lives here, so these are a killed one's. A server would
        # take any process that has the old number by now for their owner, and give up.
        for left in (self.folder / "postmaster.pid", sockets / f"{SOCKET}.lock", sockets / SOCKET):
            left.unlink(missing_ok=True)
        with (self.data / "postgres.log").open("wb") as log:
            os.fchmod(log.fileno(), 0o600)
            self._child = subprocess.Popen(
                [str(programs / "postgres"), "-D", str(self.folder), f"--config_file={config}"],
                user=who.uid,
                group=who.gid,
                extra_groups=who.groups,
                cwd="/",
                env=cluster.ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(lock,),
                # A terminal's Ctrl-C is for the supervisor to act on, in the right order.
                process_group=0,
                preexec_fn=EndsWithParent(signal.SIGINT),
            )

    def _await_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not answers(self._new_socket_folder()):
            if not self.alive() or time.monotonic() > deadline:
                self.stop()
                said = (self.data / "postgres.log").read_text(errors="replace").strip()
                raise PostgresError(f"PostgreSQL did not start on {self.folder}:\n{said}")
            time.sleep(0.01)

    def _new_socket_folder(self) -> Path:
        """The server's folder, or a short one: a socket's path has at most 100 bytes."""
        if len(os.fsencode(self.folder / SOCKET)) <= 100:
            return self.folder
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        runtime = None if is_root() else os.environ.get("XDG_RUNTIME_DIR")
        return Path(runtime or tempfile.gettempdir()) / f"civic-{digest}"


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _kill(pids: list[int], how: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)


def _own_folder(folder: Path, owner: int) -> None:
    """Make a folder that only `owner` may use, in a place where others may have made it first."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        os.chown(folder, owner, -1)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
        raise PostgresError(f"{folder} is in the way: it is not a private folder of our own.")
