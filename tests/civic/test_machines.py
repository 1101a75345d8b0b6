"""Two machines, each with a data folder of its own, serve one node on one PostgreSQL over TCP."""

import asyncio
import json
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bench.stage import Stage, set_stage
from civic import jobs
from civic.audit.run import audit_record
from civic.kernel import migrate
from civic.kernel.database import brief_engine, reading
from civic.kernel.record import note
from civic.kernel.record.bundle import Bundle
from civic.node import open_node
from civic.operate.export import export_chapter
from civic.rebuild import rebuild_views
from civic.settings import Settings
from tests.served import ROOT, Served, UnixConnection
from tests.tcp_postgres import TcpPostgres, tcp_postgres

NODE_KEYS = ("identity", "node", "papers", "flash")


@pytest.fixture
def postgres_over_tcp(data: Path, run_as: str | None) -> Iterator[TcpPostgres]:
    folder = data / "server"
    folder.mkdir(mode=0o711)
    folder.chmod(0o711)
    with tcp_postgres(folder, run_as) as server:
        yield server


def url_of(server: TcpPostgres, database: str = "civic") -> str:
    found = Settings.from_environment({"CIVIC_DATABASE_URL": server.url(database)}).database_url
    assert found is not None
    return found


async def staged(url: str, data: Path) -> Stage:
    await migrate.upgrade(url, rebuild_views)
    return await set_stage(url, data, people=4)


def machine(data: Path, url: str) -> Served:
    data.mkdir(mode=0o700, exist_ok=True)
    return Served(data, None, CIVIC_DATABASE_URL=url)


def post(served: Served, stage: Stage, number: int, path: str, body: Any) -> Any:
    connection = UnixConnection(served.web, timeout=60)
    try:
        headers = {
            "authorization": f"Bearer {stage.people[number].token}",
            "idempotency-key": secrets.token_hex(16),
            "content-type": "application/json",
        }
        connection.request("POST", f"/api/v1{path}", json.dumps(body), headers)
        answer = connection.getresponse()
        told = answer.read()
        assert answer.status in (201, 202), told
        return json.loads(told)
    finally:
        connection.close()


def says(served: Served, stage: Stage, number: int) -> int:
    words = {"text": f"{number} says {secrets.token_hex(8)}"}
    index: int = post(served, stage, number, f"{stage.discussed}/comments", words)["index"]
    return index


def command(served: Served, *arguments: str, **more: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "civic.cli", *arguments],
        env={**served.environment, **more},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def size_of(served: Served, stage: Stage) -> int:
    status, raw = served.ask(f"/log/{stage.log_id}/checkpoint")
    assert status == 200
    return int(raw.split(b"\n")[1])


@pytest.mark.slow
def test_two_machines_serve_one_node(postgres_over_tcp: TcpPostgres, data: Path) -> None:
    url = postgres_over_tcp.url()
    first, second = machine(data / "first", url), machine(data / "second", url)
    stage = asyncio.run(staged(url_of(postgres_over_tcp), first.data))
    first.start()
    # A machine that has not the node's keys is told so, and makes none.
    assert "All machines of a node have the same keys" in second.refused()
    keys = second.data / "keys"
    assert not keys.exists()
    keys.mkdir(mode=0o700)
    for name in NODE_KEYS:
        shutil.copy2(first.data / "keys" / name, keys / name)
    second.start()
    try:
        both_record_at_once(first, second, stage)
        over_tcp_what_is_gone_is_soon_gone(postgres_over_tcp)
        first.kill()
        # The other goes on, and the log's key never was a file of its own.
        index = says(second, stage, 0)
        assert index == says(second, stage, 1) - 1
        assert not (keys / f"log-{stage.log_id}").exists()
        assert second.missing() == []
        size = asyncio.run(audited(url_of(postgres_over_tcp), stage, data / "bundle"))
        assert size >= index + 2
        first.start()
        assert says(first, stage, 2) >= index + 2
        backup_and_restore(second, postgres_over_tcp, stage, data)
    finally:
        first.stop()
        second.stop()


def both_record_at_once(first: Served, second: Served, stage: Stage) -> None:
    with ThreadPoolExecutor(8) as pool:
        told = list(
            pool.map(lambda n: says((first, second)[n % 2], stage, n % 4), range(40)),
        )
    assert len(set(told)) == 40
    # What one machine was told the other shows.
    for served in (first, second):
        assert served.ask(f"/log/{stage.log_id}/vkey")[0] == 200
    assert size_of(first, stage) == size_of(second, stage)


async def audited(url: str, stage: Stage, to: Path) -> int:
    async with brief_engine(url) as engine:
        await export_chapter(engine, stage.chapter, to)
    with Bundle.open(to) as bundle:
        report = audit_record(bundle, chapter=stage.chapter)
    assert report.findings == ()
    return report.size


def over_tcp_what_is_gone_is_soon_gone(server: TcpPostgres) -> None:
    async def ask() -> list[str]:
        async with brief_engine(url_of(server)) as engine, reading(engine) as db:
            return [
                str(await db.scalar(text(f"SHOW {name}")))
                for name in ("tcp_keepalives_idle", "idle_in_transaction_session_timeout")
            ]

    assert asyncio.run(ask()) == ["15", "5min"]


def backup_and_restore(served: Served, server: TcpPostgres, stage: Stage, data: Path) -> None:
    words = data / "words"
    words.write_text("six random words are much better\n")
    words.chmod(0o600)
    told = {"CIVIC_PASSPHRASE_FILE": str(words), "CIVIC_URL": "http://localhost:1"}
    file = data / "node.backup"
    assert "all keys" in command(served, "backup", str(file), **told)
    asyncio.run(server.run("CREATE DATABASE restored"))
    third = Served(data / "third", None, CIVIC_DATABASE_URL=server.url("restored"))
    command(third, "restore", str(file), **told)
    assert (third.data / "keys" / f"log-{stage.log_id}").exists()
    said = json.loads(command(served, "doctor", "--json"))
    assert not [one for one in said if one["level"] == "problem"], said
    third.start()
    try:
        key = note.parse_vkey(served.ask(f"/log/{stage.log_id}/vkey")[1].decode().strip())
        assert key == note.parse_vkey(third.ask(f"/log/{stage.log_id}/vkey")[1].decode().strip())
        says(third, stage, 3)
    finally:
        third.stop()


async def test_jobs_run_on_one_machine_at_a_time(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, leave = asyncio.Event(), asyncio.Event()
    done: list[int] = []

    async def minute(node: Any) -> None:
        done.append(id(node))
        entered.set()
        await leave.wait()

    monkeypatch.setattr(jobs, "minute", minute)
    async with (
        open_node(database_url, tmp_path, pool=2) as first,
        open_node(database_url, tmp_path, pool=2) as second,
    ):
        at_work = asyncio.create_task(jobs.minute_in_turn(first))
        await entered.wait()
        assert not await jobs.minute_in_turn(second)
        assert done == [id(first)]
        leave.set()
        assert await at_work
        assert await jobs.minute_in_turn(second)
        assert done == [id(first), id(second)]


def test_a_wrong_password_is_told(postgres_over_tcp: TcpPostgres, data: Path) -> None:
    wrong = postgres_over_tcp.url().replace("civic:p", "civic:q")
    said = machine(data / "first", wrong).refused()
    assert "CIVIC_DATABASE_URL" in said
    assert "Traceback" not in said
    assert "ss%2F" not in said
