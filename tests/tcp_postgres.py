"""A PostgreSQL as operators have it: over TCP, with passwords (SCRAM), not started by civic."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from civic.kernel.postgres import cluster
from civic.kernel.system_user import identity
from tests.served import free_port

PASSWORD = "p@ss/word: 1"
QUOTED = "p%40ss%2Fword%3A%201"


class TcpPostgres:
    """A running server; `civic` is the role that owns its databases."""

    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, database: str = "civic") -> str:
        """Return what CIVIC_DATABASE_URL says."""
        return f"postgresql://civic:{QUOTED}@127.0.0.1:{self.port}/{database}"

    async def run(self, statement: str, database: str = "civic") -> None:
        """Run a statement as the owner of the databases."""
        connection = await asyncpg.connect(self.url(database))
        await connection.execute(statement)
        await connection.close()


@contextmanager
def tcp_postgres(folder: Path, user: str | None) -> Iterator[TcpPostgres]:
    """Start a server with its files in a new folder; `user` is whom it runs as."""
    who = identity(user)
    programs = cluster.reachable_binaries(folder, user)
    data = folder / "cluster"
    data.mkdir(mode=0o700)
    password = folder / "password"
    password.write_text(PASSWORD)
    if user is not None:
        for path in (data, password):
            shutil.chown(path, user)
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "civic", "--auth=scram-sha-256", "--no-sync",
         f"--pwfile={password}", "--encoding=UTF8", "--locale=C"],
        user=who.uid, group=who.gid, extra_groups=who.groups,
        cwd="/", env=cluster.ENVIRONMENT, check=True, capture_output=True,
    )  # fmt: skip
    port = free_port()
    settings = {
        "port": str(port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
    }
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, *(f"--{name}={one}" for name, one in settings.items())],
        user=who.uid, group=who.gid, extra_groups=who.groups,
        cwd="/", env=cluster.ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _await(port)
        _make_database(programs, port)
        yield TcpPostgres(port)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


def _await(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


def _make_database(programs: Path, port: int) -> None:
    """Make the database with the same programs that an operator would use."""
    told = {"PGPASSWORD": PASSWORD, "PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": "civic"}
    for _ in range(100):
        done = subprocess.run(
            [programs / "createdb", "civic"],
            env={**os.environ, **told},
            capture_output=True,
            check=False,
        )
        if done.returncode == 0:
            return
        time.sleep(0.1)  # it listens a moment before it takes connections
    raise AssertionError(done.stderr)
