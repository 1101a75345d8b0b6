"""How a node fares is told on a socket of its own, to programs, about nobody."""

import asyncio
import os
import re
import signal
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.digest.subscriptions import mail_subscription
from civic.kernel.clock import SystemClock, minute_of
from civic.kernel.database import Writing, brief_engine, writing
from civic.kernel.measures import PROBE, REQUESTS, counted, kind_of
from civic.kernel.postgres import EmbeddedPostgres
from civic.kernel.postgres.presence import postmaster, processes
from civic.kernel.record.timekeeper import ClockWrong, Timekeeper
from civic.monitor import Monitor
from civic.published import published
from civic.readiness import Queues, Readiness, web_address
from civic.settings import Settings
from tests.records import found
from tests.served import Served, until
from tests.town import settings_of


@pytest.fixture
def served(node_data: Path, run_as: str | None) -> Iterator[Served]:
    served = Served(node_data, run_as)
    served.start()
    yield served
    served.stop()


def change(served: Served, statement: str) -> None:
    async def run() -> None:
        url = EmbeddedPostgres(served.data).url
        async with brief_engine(url) as engine, writing(engine) as db:
            await db.execute(text(statement))

    asyncio.run(run())


@pytest.mark.slow
def test_a_node_tells_whether_it_is_ready(node_data: Path, run_as: str | None) -> None:
    served = Served(node_data, run_as)
    served.begin()
    try:
        until(lambda: served.missing() == [], "ready")
        served.await_ready()
        assert served.told("/healthz") == (200, {"status": "ok"})
        for path in ("/", "/c/x", "/api/v1/node"):
            assert served.told(path)[0] == 404
        # What the operator is told is told to nobody else.
        for path in ("/healthz", "/readyz", "/metrics"):
            assert served.ask(path)[0] == 404
        assert (served.monitor.stat().st_mode & 0o777, served.web.stat().st_mode & 0o777) == (
            0o660,
            0o660,
        )
        loses_its_web_processes(served)
        loses_its_database(served)
        waits_for_its_clock(served)
        counts_in_steps(served)
    finally:
        served.stop()
    assert not served.monitor.exists()
    assert not served.web.exists()


def loses_its_web_processes(served: Served) -> None:
    web = [pid for name, pid in served.children().items() if name.startswith("web")]
    assert len(web) == 2
    for pid in web:
        os.kill(pid, signal.SIGSTOP)
    try:
        until(lambda: served.missing() == ["web"], "not ready without web processes")
        assert 'civic_missing{what="web"} 1.0' in served.told("/metrics")[1]
    finally:
        for pid in web:
            os.kill(pid, signal.SIGCONT)
    until(lambda: served.missing() == [], "ready with them")


def loses_its_database(served: Served) -> None:
    database = postmaster(served.data / "postgres")
    assert database is not None
    hanging = processes(served.data / "postgres")
    for pid in hanging:
        os.kill(pid, signal.SIGSTOP)
    try:
        assert "database" in (served.missing() or [])
        assert 'civic_missing{what="database"} 1.0' in served.told("/metrics")[1]
    finally:
        for pid in hanging:
            os.kill(pid, signal.SIGCONT)
    until(lambda: served.missing() == [], "ready again")
    os.kill(database.pid, signal.SIGKILL)
    until(lambda: postmaster(served.data / "postgres") not in (None, database), "restarted")
    until(lambda: served.missing() == [], "ready with the new one")


def waits_for_its_clock(served: Served) -> None:
    change(
        served,
        "INSERT INTO record.log (log_id, public_key, size, at, frontier, signed_size, "
        "signed_frontier) VALUES ('later', '', 1, extract(epoch FROM now()) / 60 + 10, '', 1, '')",
    )
    assert served.missing() == ["clock"]
    change(served, "DELETE FROM record.log")
    assert served.missing() == []


def counts_in_steps(served: Served) -> None:
    before = served.metrics().get('civic_requests_total{kind="page",status="4xx"}', 0)
    for _ in range(3):
        assert served.ask("/nothing")[0] == 404

    def stepped() -> bool:
        now = served.metrics().get('civic_requests_total{kind="page",status="4xx"}', 0)
        return now >= before + 3

    until(stepped, "a step of the counts")
    told = served.metrics()
    assert told['civic_request_seconds_count{kind="page"}'] >= 3
    assert told["civic_ready"] == 1
    assert told["civic_disk_free_bytes"] > 0
    assert told["civic_unsigned_logs"] == told["civic_webhook_entries_waiting"] == 0
    assert not [name for name in told if "node" in name]


def test_a_path_in_use_is_refused_and_what_a_killed_node_left_is_not(
    served: Served, data: Path
) -> None:
    other = Served(data / "other", None, CIVIC_SOCKET=str(served.web))
    other.data.mkdir()
    assert f"listens on {served.web} already" in other.refused()
    other.environment["CIVIC_SOCKET"] = str(data / "none" / "web.sock")
    assert "folder must be there" in other.refused()
    served.kill()
    assert served.web.exists()
    served.start()
    assert served.ask(PROBE)[0] == 200


class Jumping(SystemClock):
    """A clock that somebody moves."""

    jump = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.jump


async def queue(db: Writing, log: int, today: date) -> None:
    """Leave behind webhooks and mails in every state: told, failing, ended; sent, due and late."""
    # Shown already, and at the next tick.
    pages = ((9, 0), (20, 2**30))
    for size, shown in pages:
        await db.execute(
            insert(published).values(
                log=log, name="chapter", shown=shown, size=size, visibility="world", texts=[],
                model=b"",
            )
        )  # fmt: skip
    hooks = (
        ("told", 9, 0, None),
        ("late", 5, 0, None),
        ("bad", 6, 2, None),
        ("over", 0, 9, "gone"),
    )
    for own_id, next_, failures, ended in hooks:
        await db.execute(
            text(
                'INSERT INTO private.webhook (id, log, url, every, "next", failures, ended) '
                "VALUES (:id, :log, 'https://mail.example', true, :next, :failures, :ended)"
            ),
            {"id": own_id, "log": log, "next": next_, "failures": failures, "ended": ended},
        )
    day = timedelta(days=1)
    mails = (
        # Confirmed, wanting a link, asked, dealt.
        (True, False, today - 9 * day, today),
        (True, False, today - 9 * day, today - day),
        (True, False, today - 9 * day, today - 2 * day),
        (False, True, today, None),
        (False, True, today - day, None),
        (False, True, today - 2 * day, None),
        (False, False, today - 2 * day, None),
    )
    for number, (confirmed, wanted, asked, dealt) in enumerate(mails):
        await db.execute(
            insert(mail_subscription).values(
                mark=bytes([number]),
                secret_hash=bytes([number]),
                sealed=b"",
                confirmed=confirmed,
                wanted=wanted,
                asked=asked,
                dealt=dealt,
            )
        )


class TestReadiness:
    async def test_what_the_database_shows(
        self, database: AsyncEngine, database_url: str, tmp_path: Path
    ) -> None:
        record = await found(database, tmp_path / "keys")
        hidden = await found(database, tmp_path / "keys", visibility="chapter")
        record.clock.advance(timedelta(minutes=30))
        settings = settings_of(database_url, tmp_path, CIVIC_PORT="1")
        readiness = Readiness(settings, Timekeeper(record.clock))
        async with writing(database) as db:
            now = minute_of(record.clock.now())
            await db.execute(
                text("INSERT INTO private.heartbeat (one, minute) VALUES (1, :now)"),
                {"now": now - 4},
            )
            await db.execute(
                text(
                    "INSERT INTO private.job_failure VALUES "
                    "('tick', (now() AT TIME ZONE 'UTC')::date, 'OSError', 3)"
                )
            )
            await db.execute(
                text("UPDATE record.log SET signed_size = 0 WHERE no = :no"), {"no": hidden.no}
            )
            await queue(db, record.no, record.clock.now().date())
        missing, seen = await readiness.look()
        assert missing == ["web"]
        assert seen is not None
        assert (seen.beat, seen.logs, seen.unsigned, seen.unpublished) == (4, 2, 1, 1)
        assert seen.failed == {"tick": 3}
        assert seen.public == {record.chapter_id: 30}
        queues = await readiness.queues()
        assert queues == Queues(failing=1, entries=7, digests=1, links=2)
        text_ = Monitor(settings, record.clock)._now(missing, seen, queues).decode()
        assert hidden.chapter_id not in text_
        for line in ("civic_webhooks_failing 1.0", "civic_webhook_entries_waiting 7.0",
                     "civic_digests_late 1.0", "civic_mail_links_late 2.0"):  # fmt: skip
            assert f"\n{line}\n" in text_
        assert "mail.example" not in text_
        assert f'civic_checkpoint_age_seconds{{chapter="{record.chapter_id}"}} 1800.0' in text_
        await readiness.close()

    async def test_a_node_whose_queues_nobody_can_count_is_ready(
        self, database: AsyncEngine, database_url: str, tmp_path: Path
    ) -> None:
        settings = settings_of(database_url, tmp_path, CIVIC_PORT="1")
        readiness = Readiness(settings, Timekeeper(SystemClock()))
        assert await readiness.queues() == Queues(0, 0, 0, 0)
        async with writing(database) as db:
            await db.execute(text("ALTER TABLE private.webhook RENAME TO gone"))
        assert await readiness.queues() is None
        missing, seen = await readiness.look()
        assert missing == ["web"]
        text_ = Monitor(settings)._now(missing, seen, None).decode()
        assert "civic_logs 0.0" in text_
        assert "civic_webhooks_failing" not in text_
        await readiness.close()

    async def test_a_database_of_another_version(
        self, database: AsyncEngine, database_url: str, tmp_path: Path
    ) -> None:
        clock = Timekeeper(SystemClock())
        readiness = Readiness(settings_of(database_url, tmp_path, CIVIC_PORT="1"), clock)
        async with writing(database) as db:
            await db.execute(text("UPDATE private.alembic_version SET version_num = '9999'"))
        assert await readiness.look() == (["schema", "web"], None)
        await readiness.close()

    async def test_a_clock_that_jumped(self, database_url: str, tmp_path: Path) -> None:
        clock = Jumping()
        timekeeper = Timekeeper(clock)
        readiness = Readiness(settings_of(database_url, tmp_path, CIVIC_PORT="1"), timekeeper)
        clock.jump = timedelta(hours=2)
        with pytest.raises(ClockWrong):
            timekeeper.minute(0)
        missing, seen = await readiness.look()
        assert missing == ["clock", "web"]
        assert seen is not None
        await readiness.close()


async def test_requests_are_counted_by_kind_and_class_alone() -> None:
    async def app(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})  # type: ignore[operator]

    async def send(message: object) -> None:
        sent.append(message)

    sent: list[object] = []
    for path in ("/api/v1/chapters/aaa", "/c/bbb/p/ccc", PROBE):
        await counted(app)({"type": "http", "path": path}, None, send)
    assert len(sent) == 3
    labels = {
        tuple(sample.labels.values())
        for metric in REQUESTS.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    }
    assert ("api", "4xx") in labels
    assert all(re.fullmatch(r"api|log|static|page", kind) for kind, _ in labels)
    assert [kind_of(path) for path in ("/", "", "/log/x", "/static/a", "/logs")] == [
        "page", "page", "log", "static", "page",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("::1", "http://[::1]:80"),
        ("127.0.0.1", "http://127.0.0.1:80"),
    ],
)
def test_the_node_asks_itself(host: str, address: str) -> None:
    given = {"CIVIC_HOST": host, "CIVIC_PORT": "80"}
    assert web_address(Settings.from_environment(given)) == address
