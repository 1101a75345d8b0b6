"""The embedded server: its life, its death, and who may reach it."""

import contextlib
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from civic.kernel.database import create_engine, reading, writing
from civic.kernel.postgres import EmbeddedPostgres, PostgresError, binaries
from civic.kernel.postgres.presence import processes
from civic.kernel.system_user import first_closed, is_root

only_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's /proc and prctl")
only_root = pytest.mark.skipif(not is_root(), reason="needs root, to act as another user")


@pytest.fixture
def server(node_data: Path, run_as: str | None) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(node_data, run_as)
    yield server
    server.stop()


async def _scalar(server: EmbeddedPostgres, statement: str) -> object:
    engine = create_engine(server.url, size=0)
    try:
        async with reading(engine) as connection:
            return await connection.scalar(text(statement))
    finally:
        await engine.dispose()


async def _write(server: EmbeddedPostgres, statement: str) -> None:
    engine = create_engine(server.url, size=0)
    async with writing(engine) as connection:
        await connection.execute(text(statement))
    await engine.dispose()


def _until(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


async def test_a_new_one_is_made_whole(data: Path, run_as: str | None) -> None:
    (data / "postgres.new").mkdir()  # what a crash left of an earlier attempt
    with EmbeddedPostgres(data, run_as).running():
        assert await _scalar(EmbeddedPostgres(data, run_as), "SELECT current_user") == "civic"
    assert not (data / "postgres.new").exists()


async def test_data_outlives_the_server(server: EmbeddedPostgres) -> None:
    server.start()
    await _write(server, "CREATE TABLE note AS SELECT 7 AS said")
    server.stop()
    assert not server.alive()
    began = time.monotonic()
    server.start()
    assert time.monotonic() - began < 1
    assert server.alive()
    assert await _scalar(server, "SELECT said FROM note") == 7


async def test_it_is_durable_private_and_silent(server: EmbeddedPostgres) -> None:
    server.start()
    for setting, value in {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "listen_addresses": "",
        "log_min_messages": "fatal",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_statement": "none",
        "is_superuser": "off",
        "server_encoding": "UTF8",
    }.items():
        assert await _scalar(server, f"SHOW {setting}") == value, setting
    assert stat.S_IMODE(server.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((server.folder / ".s.PGSQL.5432").stat().st_mode) == 0o700


async def test_a_failing_statement_leaves_no_trace_in_the_log(server: EmbeddedPostgres) -> None:
    server.start()
    with pytest.raises(Exception, match="invalid input"):
        await _scalar(server, "SELECT CAST('canary-3' AS int)")
    server.stop()
    assert "canary" not in (server.data / "postgres.log").read_text()


@only_root
async def test_only_root_and_its_own_user_are_let_in(server: EmbeddedPostgres) -> None:
    server.start()
    hba = (server.data / "postgres-config" / "pg_hba.conf").read_text().split("\n")
    assert [line for line in hba if line] == ["local all civic peer map=civic"]
    reached = subprocess.run(
        ["/usr/bin/test", "-e", server.folder / ".s.PGSQL.5432"], user="nobody", check=False
    )
    assert reached.returncode != 0


async def test_a_second_process_attaches(server: EmbeddedPostgres, run_as: str | None) -> None:
    other = EmbeddedPostgres(server.data, run_as)
    with pytest.raises(PostgresError, match="No PostgreSQL server runs"):
        other.attach()
    server.start()
    other.attach()
    assert (other.pid, other.url) == (server.pid, server.url)
    assert await _scalar(other, "SELECT 1") == 1
    other.stop()
    assert server.alive()


def test_two_servers_never_share_a_folder(server: EmbeddedPostgres, run_as: str | None) -> None:
    server.start()
    with pytest.raises(PostgresError, match="already runs"):
        EmbeddedPostgres(server.data, run_as).start()
    assert server.alive()


async def test_a_block_uses_the_running_server_or_one_of_its_own(
    server: EmbeddedPostgres, run_as: str | None
) -> None:
    other = EmbeddedPostgres(server.data, run_as)
    with other.running() as url:
        assert server.alive()
        with server.running() as same:
            assert same == url
        assert other.alive()
    assert not server.alive()


@only_linux
async def test_it_comes_back_after_a_kill_with_a_backend_left_over(
    server: EmbeddedPostgres,
) -> None:
    server.start()
    await _write(server, "CREATE TABLE note AS SELECT 7 AS said")
    assert server.pid is not None
    # A backend that never looks up would outlive its postmaster.
    busy = subprocess.Popen([sys.executable, "-c", _BUSY, server.url], stdout=subprocess.PIPE)
    assert busy.stdout is not None
    backend = int(busy.stdout.readline())
    os.kill(backend, signal.SIGSTOP)
    os.kill(server.pid, signal.SIGKILL)
    _until(lambda: not server.alive())
    assert backend in processes(server.folder)
    server.start()
    assert backend not in processes(server.folder)
    assert await _scalar(server, "SELECT said FROM note") == 7
    busy.wait()
    busy.stdout.close()


_BUSY = """
import asyncio, sys
from sqlalchemy import text
from civic.kernel.database import create_engine
async def main():
    engine = create_engine(sys.argv[1], size=0, patience=0)
    async with engine.connect() as connection:
        print(await connection.scalar(text("SELECT pg_backend_pid()")), flush=True)
        await connection.execute(text("SELECT pg_sleep(100)"))
try:
    asyncio.run(main())
except Exception:
    pass
"""

_STARTER = """
import signal, sys
from pathlib import Path
from civic.kernel.postgres import EmbeddedPostgres
EmbeddedPostgres(Path(sys.argv[1]), sys.argv[2] or None).start()
print("started", flush=True)
signal.pause()
"""


def _start_elsewhere(data: Path, run_as: str | None) -> subprocess.Popen[bytes]:
    starter = subprocess.Popen(
        [sys.executable, "-c", _STARTER, str(data), run_as or ""], stdout=subprocess.PIPE
    )
    assert starter.stdout is not None
    assert starter.stdout.readline() == b"started\n"
    starter.stdout.close()
    return starter


@only_linux
async def test_it_ends_with_its_starter(server: EmbeddedPostgres, run_as: str | None) -> None:
    starter = _start_elsewhere(server.data, run_as)
    server.attach()
    starter.kill()
    starter.wait()
    _until(lambda: not processes(server.folder))
    server.start()
    assert await _scalar(server, "SELECT 1") == 1


def test_a_running_server_is_taken_over(server: EmbeddedPostgres, run_as: str | None) -> None:
    starter = _start_elsewhere(server.data, run_as)
    before = server.pid
    server.start(take_over=True)
    assert server.alive()
    assert server.pid != before
    starter.kill()
    starter.wait()
    assert server.alive()


async def test_a_stale_process_number_is_no_obstacle(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    # After a restart of the machine the old number can belong to any process, even this one.
    (server.folder / "postmaster.pid").write_text(f"{os.getpid()}\n{server.folder}\n1\n5432\n")
    assert not server.alive()
    server.start()
    assert await _scalar(server, "SELECT 1") == 1


async def test_a_long_path_has_its_socket_elsewhere(data: Path, run_as: str | None) -> None:
    folder = data / ("long-" * 30)
    server = EmbeddedPostgres(folder, run_as)
    server.start()
    sockets = server.socket_folder
    try:
        assert await _scalar(server, "SELECT 1") == 1
        other = EmbeddedPostgres(folder, run_as)
        other.attach()
        assert other.url == server.url
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    finally:
        server.stop()
        sockets.rmdir()


def test_a_folder_of_another_version_is_refused(server: EmbeddedPostgres) -> None:
    (server.folder / "PG_VERSION").write_text("17\n")
    with pytest.raises(PostgresError, match="made by PostgreSQL 17"):
        server.start()


def test_a_failed_start_says_what_the_server_said(data: Path, run_as: str | None) -> None:
    server = EmbeddedPostgres(data, run_as, settings={"shared_buffers": "much"})
    with pytest.raises(PostgresError, match="shared_buffers"):
        server.start()
    assert not server.alive()


@only_root
def test_root_is_told_to_name_a_user(data: Path) -> None:
    for user in (None, "root"):
        with pytest.raises(PostgresError, match="CIVIC_RUN_AS"):
            EmbeddedPostgres(data, user).start()
    with pytest.raises(PostgresError, match="no such user"):
        EmbeddedPostgres(data, "nobody-of-this-name").start()


@only_root
def test_a_closed_folder_is_named_and_left_as_it_is(data: Path, run_as: str | None) -> None:
    closed = data / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(PostgresError, match=f"may not enter {closed}"):
        EmbeddedPostgres(closed / "civic", run_as).start()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@only_root
async def test_programs_out_of_reach_are_copied(
    server: EmbeddedPostgres, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: Path, user: str) -> Path | None:
        return path if path.is_relative_to(binaries()) else first_closed(path, user)

    monkeypatch.setattr("civic.kernel.postgres.cluster.first_closed", closed)
    server.start()
    assert await _scalar(server, "SELECT 1") == 1
    assert server.pid is not None
    with contextlib.suppress(FileNotFoundError):  # no /proc on macOS
        assert Path(f"/proc/{server.pid}/exe").readlink().is_relative_to(data)
