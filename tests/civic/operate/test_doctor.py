"""The doctor: silent about a healthy node, plain about each thing that can be wrong."""

import argparse
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel import migrate
from civic.kernel.clock import SetClock, SystemClock
from civic.kernel.database import create_engine, private_metadata, record_metadata, writing
from civic.kernel.keys import KeyFiles
from civic.kernel.postgres import EmbeddedPostgres
from civic.kernel.record import merkle, shared_keys
from civic.operate import checks, doctor, key_checks
from civic.operate.findings import Finding
from civic.rebuild import rebuild
from civic.settings import Settings
from tests.records import Record, found


def settings(data: Path, url: str | None = None, run_as: str | None = None) -> Settings:
    environment = {"CIVIC_DATA": str(data), "CIVIC_DATABASE_URL": url or ""}
    return Settings.from_environment({**environment, "CIVIC_RUN_AS": run_as or ""})


@dataclass
class Patient:
    """A node with a record, and what the doctor says of it."""

    record: Record
    settings: Settings
    engine: AsyncEngine

    async def findings(self) -> list[Finding]:
        found = await doctor.examine(self.settings, self.record.clock)
        # The server of the tests waits for no disk: that is rightly found, and not looked at here.
        return [one for one in found if not one.what.endswith(" is off.")]

    async def bad(self) -> list[Finding]:
        return [one for one in await self.findings() if one.level != "ok"]

    async def run(self, statement: str, **values: Any) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(text(statement), values)

    async def only(self) -> Finding:
        bad = await self.bad()
        assert len(bad) == 1, bad
        assert bad[0].why
        assert bad[0].todo
        return bad[0]


@pytest.fixture
async def patient(database: AsyncEngine, database_url: str, tmp_path: Path) -> Patient:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    record = await found(database, data / "keys")
    await record.grow_to(300)
    await record.grow_to(600)
    keys = KeyFiles(data / "keys")
    for name in key_checks.NEEDED_KEYS:
        keys.secret(name)
    # The database's clock stays what it is.
    record.clock.set(SystemClock().now())
    return Patient(record, settings(data, database_url), database)


class TestHealthyNode:
    async def test_nothing_is_wrong(self, patient: Patient) -> None:
        findings = await patient.findings()
        assert [one for one in findings if one.level != "ok"] == []
        assert {one.about for one in findings} == {
            "permissions", "disk", "keys", "clock", "database", "signatures", "records", "boxes",
            "rules",
        }  # fmt: skip
        assert doctor.status_of(findings) == 0

    async def test_a_safe_embedded_server(self, node_data: Path, run_as: str | None) -> None:
        server = EmbeddedPostgres(node_data, run_as)
        server.start()
        try:
            await migrate.upgrade(server.url)
            engine = create_engine(server.url, size=0)
            async with engine.begin() as connection:
                # Tables that no migration has yet.
                for metadata in (record_metadata, private_metadata):
                    await connection.run_sync(metadata.create_all)
            findings = await doctor.examine(settings(node_data, None, run_as), SystemClock())
        finally:
            server.stop()
        assert "writes safely to disk" in " ".join(one.what for one in findings)
        assert doctor.status_of(findings) == 0

    async def test_a_stopped_node(self, node_data: Path, run_as: str | None) -> None:
        findings = await doctor.examine(settings(node_data, None, run_as), SystemClock())
        assert [one.about for one in findings if one.level != "ok"] == ["database"]
        assert "not running" in findings[-1].what


class TestProblems:
    async def test_no_node_here(self, tmp_path: Path) -> None:
        findings = await doctor.examine(settings(tmp_path / "nothing"), SystemClock())
        assert {one.about for one in findings if one.level == "problem"} == {
            "permissions",
            "database",
        }
        assert doctor.status_of(findings) == 1

    async def test_no_database_there(self, tmp_path: Path) -> None:
        url = f"postgresql://civic@/civic?host={tmp_path}"
        findings = await doctor.examine(settings(tmp_path, url), SystemClock())
        assert findings[-1].what.startswith("The database does not answer")

    async def test_a_server_that_waits_for_no_disk(self, patient: Patient) -> None:
        found = await doctor.examine(patient.settings, patient.record.clock)
        assert {one.what for one in found if one.level == "problem"} == {
            "fsync is off.",
            "full_page_writes is off.",
            "synchronous_commit is off.",
        }

    @pytest.mark.parametrize(
        ("place", "mode", "says"),
        [
            ("", 0o755, "may list or change"),
            ("keys", 0o750, "may enter"),
            ("keys/papers", 0o640, "papers"),
            ("keys/papers", 0o700, "papers"),
        ],
    )
    async def test_what_is_open_to_others(
        self, patient: Patient, place: str, mode: int, says: str
    ) -> None:
        (patient.settings.data / place).chmod(mode)
        finding = await patient.only()
        assert (finding.level, finding.about) == ("problem", "permissions")
        assert says in finding.what

    async def test_root_may_let_others_pass(self, patient: Patient) -> None:
        patient.settings.data.chmod(0o711)
        assert await patient.bad() == []

    async def test_a_missing_signing_key(self, patient: Patient) -> None:
        (patient.settings.data / "keys" / f"log-{patient.record.log_id}").unlink()
        # What another machine made is found sealed in the database.
        assert await patient.bad() == []
        await patient.run("DELETE FROM private.log_key")
        finding = await patient.only()
        assert (finding.level, finding.about) == ("problem", "keys")
        assert "is missing" in finding.what

    async def test_keys_of_another_node(self, patient: Patient) -> None:
        files = KeyFiles(patient.settings.data / "keys")
        async with writing(patient.engine) as db:
            await shared_keys.settle(db, files)
        assert await patient.bad() == []
        (files.folder / "papers").write_bytes(b"x" * 32)
        finding = await patient.only()
        assert (finding.level, finding.about) == ("problem", "keys")
        assert "papers" in finding.what

    @pytest.mark.parametrize("content", [b"x" * 32, b"short"])
    async def test_another_signing_key(self, patient: Patient, content: bytes) -> None:
        (patient.settings.data / "keys" / f"log-{patient.record.log_id}").write_bytes(content)
        finding = await patient.only()
        assert (finding.level, finding.about) == ("problem", "keys")
        assert "damaged or another" in finding.what

    @pytest.mark.parametrize("name", key_checks.NEEDED_KEYS)
    async def test_a_missing_secret(self, patient: Patient, name: str) -> None:
        (patient.settings.data / "keys" / name).unlink()
        finding = await patient.only()
        assert finding.about == "keys"
        assert name in finding.what

    async def test_a_key_without_its_log(self, patient: Patient) -> None:
        KeyFiles(patient.settings.data / "keys").secret(f"log-{'0' * 64}")
        assert (await patient.only()).level == "warning"

    async def test_a_key_beside_a_copy(self, patient: Patient) -> None:
        await patient.run("UPDATE record.log SET replica = 1")
        finding = await patient.only()
        assert (finding.level, finding.about) == ("problem", "keys")
        assert {one.about for one in await patient.findings()} >= {"copies"}

    async def test_a_clock_that_is_behind(self, patient: Patient) -> None:
        now = patient.record.clock.now()
        patient.record.clock.set(SetClock(now).now() - timedelta(days=2000))
        assert [one.level for one in await patient.bad()] == ["problem", "warning"]

    async def test_a_clock_that_differs_from_the_database(self, patient: Patient) -> None:
        patient.record.clock.advance(timedelta(minutes=30))
        finding = await patient.only()
        assert (finding.level, finding.about) == ("warning", "clock")

    async def test_a_clock_that_jumped(self, patient: Patient, postgres: EmbeddedPostgres) -> None:
        assert postgres.pid is not None
        async with patient.engine.connect() as db:
            clock = patient.record.clock
            assert await checks.jumps(db, clock, postgres.pid) == []  # type: ignore[arg-type]
            clock.advance(timedelta(minutes=30))
            found = await checks.jumps(db, clock, postgres.pid)  # type: ignore[arg-type]
        assert "forward by 30 minutes" in found[0].what

    async def test_a_disk_that_runs_full(
        self, patient: Patient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for limit, level in (("LOW_BYTES", "warning"), ("EMPTY_BYTES", "problem")):
            monkeypatch.setattr(checks, limit, 1 << 60)
            finding = await patient.only()
            assert (finding.level, finding.about) == (level, "disk")

    async def test_another_migration(self, patient: Patient) -> None:
        await patient.run("DELETE FROM private.alembic_version")
        await patient.run("INSERT INTO private.alembic_version VALUES ('ffff')")
        finding = await patient.only()
        assert (finding.level, finding.about) == ("problem", "database")
        assert "ffff" in finding.what

    async def test_tables_of_another_version(self, patient: Patient) -> None:
        await patient.run("COMMENT ON SCHEMA view IS 'older'")
        finding = await patient.only()
        assert (finding.level, finding.about) == ("warning", "database")


class TestRecords:
    async def test_unsigned_entries(self, patient: Patient) -> None:
        await patient.run("UPDATE record.log SET signed_size = 300, signed_note = "
                          "(SELECT note FROM record.checkpoint WHERE size = 300)")  # fmt: skip
        finding = await patient.only()
        assert (finding.level, finding.about) == ("warning", "signatures")
        assert finding.what.startswith("300 entries")

    @pytest.mark.parametrize(
        ("statement", "says"),
        [
            ("UPDATE record.entry SET bytes = bytes || '\\x20' WHERE index = 5", "Entry 5 of"),
            ("UPDATE record.entry SET bytes = bytes || '\\x20' WHERE index = 599", "Entry 599 of"),
            ("UPDATE record.entry SET leaf = sha256(leaf) WHERE index = 599", "do not make"),
            ("UPDATE record.subtree SET hash = sha256(hash) WHERE index = 1", "do not make"),
            ("DELETE FROM record.subtree WHERE index = 1", "do not make"),
            ("DELETE FROM record.entry WHERE index = 400", "missing"),
            ("UPDATE record.log SET size = 700", "contradicts itself"),
            ("UPDATE record.log SET public_key = sha256(public_key)", "not its own"),
            (
                "UPDATE record.log SET signed_note = "
                "(SELECT note FROM record.checkpoint WHERE size = 300)",
                "has size 300",
            ),
        ],
    )
    async def test_what_is_not_what_was_signed(
        self, patient: Patient, statement: str, says: str
    ) -> None:
        await patient.run(statement)
        finding = next(one for one in await patient.bad() if one.about == "records")
        assert finding.level == "problem"
        assert says in finding.what

    async def test_an_entry_and_its_leaf_exchanged(self, patient: Patient) -> None:
        raw = b"{}"
        await patient.run(
            "UPDATE record.entry SET bytes = :raw, leaf = :leaf WHERE index = 5",
            raw=raw,
            leaf=merkle.leaf_hash(raw),
        )
        finding = await patient.only()
        assert finding.what.startswith("Entry 0 of")

    async def test_rules_that_the_program_does_not_have(self, patient: Patient) -> None:
        await rebuild(patient.engine)
        assert await patient.bad() == []
        await patient.run("UPDATE view.chapter SET rules = 9")
        finding = await patient.only()
        assert (finding.level, finding.about) == ("problem", "rules")
        assert "version 9" in finding.what


class TestReport:
    def test_problems_stand_last(self) -> None:
        findings = [
            Finding("problem", "disk", "Full.", "Nothing goes.", "Make room."),
            Finding("ok", "keys", "There."),
        ]
        lines = doctor.show(findings, colour=False).splitlines()
        assert lines[0].startswith("ok")
        assert lines[-1].endswith("What to do: Make room.")
        assert "\x1b" in doctor.show(findings, colour=True)

    def test_command(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        parser = argparse.ArgumentParser()
        doctor.add_doctor_command(parser.add_subparsers())
        monkeypatch.setenv("CIVIC_DATA", str(tmp_path / "none"))
        given = parser.parse_args(["doctor", "--json"])
        assert given.run(given) == 1
        assert {one["about"] for one in json.loads(capsys.readouterr().out)} == {
            "permissions",
            "database",
        }
