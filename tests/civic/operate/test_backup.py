"""Backups: everything comes back, nothing tells an order, and no restore makes a fork."""

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from nacl import pwhash
from nacl.signing import SigningKey
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.deeds import proposal as deeds
from civic.kernel.clock import SetClock
from civic.kernel.database import Writing, create_engine, reading
from civic.kernel.keys import KeyFiles
from civic.kernel.postgres import EmbeddedPostgres
from civic.kernel.record import boxes, merkle, note, store
from civic.kernel.record.note import Checkpoint
from civic.kernel.record.submission import BoxRow
from civic.kernel.sealed_file import Opener, SealedFileError, read_block, read_name
from civic.operate.backup import BackupManifest, write_backup
from civic.operate.passphrase import ask_once, ask_twice, weak
from civic.operate.place import OperationError
from civic.operate.restore import restore
from civic.settings import Settings
from tests.conftest import _statement
from tests.lives import START, Life, begin, done, make_book
from tests.records import found

WORDS = "six random words are much better"
CHEAP = {"passes": pwhash.argon2id.OPSLIMIT_MIN, "memory": pwhash.argon2id.MEMLIMIT_MIN}
CLOCK = SetClock(START)


def settings_of(data: Path, url: str | None = None, run_as: str | None = None) -> Settings:
    return Settings.from_environment(
        {
            "CIVIC_DATA": str(data),
            "CIVIC_DATABASE_URL": url or "",
            "CIVIC_RUN_AS": run_as or "",
            "CIVIC_URL": "https://old.example",
        }
    )


def silent(answer: httpx.Response | None = None) -> httpx.AsyncClient:
    """A network in which the old node does not answer, and other nodes answer this."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.host == "old.example" or answer is None:
            raise httpx.ConnectError("nobody there")
        return answer

    return httpx.AsyncClient(transport=httpx.MockTransport(handle))


@pytest.fixture
async def empty(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """The URL of a database without any schema of ours."""
    await _statement(postgres, "CREATE DATABASE test_restore")
    yield postgres.url_of("test_restore")
    await _statement(postgres, "DROP DATABASE test_restore WITH (FORCE)")


@pytest.fixture
async def life(database: AsyncEngine, tmp_path: Path) -> Life:
    """A chapter with a proposal, waiting ties and a box with two reactions."""
    life = await begin(database, tmp_path / "old" / "keys")
    author, *others = life.people
    proposal = done(
        await deeds.propose(
            life.desk,
            author,
            title="A bench",
            text="By the river.",
            lang="en",
            idempotency="p",
            secrecy="pseudonymous",
        )
    ).id
    argument = done(await deeds.argue(life.desk, author, proposal, "pro", "Yes", "en", "a")).id
    for one in others[:2]:
        await deeds.fill_box(life.desk, one, proposal, argument, 1)
    return life


async def back_up(url: str, data: Path) -> bytes:
    file = io.BytesIO()
    await write_backup(url, settings_of(data, url), file, WORDS, CLOCK, **CHEAP)
    return file.getvalue()


def sections(raw: bytes) -> dict[str, bytes]:
    opener = Opener(io.BytesIO(raw), WORDS)
    found = {}
    while (name := read_name(opener)) != "end":
        blocks = []
        while block := read_block(opener):
            blocks.append(block)
        found[name] = b"".join(blocks)
    return found


async def rows_of(engine: AsyncEngine) -> dict[str, list[str]]:
    held = {}
    async with reading(engine) as db:
        tables = await db.execute(
            text(
                "SELECT schemaname, tablename FROM pg_tables "
                "WHERE schemaname IN ('record', 'private') ORDER BY 1, 2"
            )
        )
        for schema, table in tables.all():
            rows = await db.execute(text(f"SELECT t::text FROM {schema}.{table} t ORDER BY 1"))
            held[f"{schema}.{table}"] = [row[0] for row in rows]
    return held


async def schema_of(engine: AsyncEngine) -> list[str]:
    async with reading(engine) as db:
        rows = await db.execute(
            text(
                "SELECT conrelid::regclass::text || ' ' || conname || ' ' || "
                "pg_get_constraintdef(oid) FROM pg_constraint "
                "WHERE connamespace::regnamespace::text IN ('record', 'private') "
                "UNION ALL SELECT indexdef FROM pg_indexes "
                "WHERE schemaname IN ('record', 'private') ORDER BY 1"
            )
        )
        return [row[0] for row in rows]


class TestRoundTrip:
    async def test_everything_comes_back(
        self, life: Life, database: AsyncEngine, database_url: str, empty: str, tmp_path: Path
    ) -> None:
        raw = await back_up(database_url, tmp_path / "old")
        place = settings_of(tmp_path / "new" / "data", empty)
        manifest = await restore(io.BytesIO(raw), WORDS, place, client=silent())
        assert [log.log_id for log in manifest.logs] == [life.log_id]
        old, new = KeyFiles(tmp_path / "old" / "keys"), KeyFiles(place.data / "keys")
        assert new.names() == old.names()
        assert [new.secret(name) for name in new.names()] == [
            old.secret(name) for name in old.names()
        ]
        assert place.data.stat().st_mode & 0o066 == 0
        assert (place.data / "keys").stat().st_mode & 0o777 == 0o700
        restored = create_engine(empty)
        try:
            assert await rows_of(restored) == await rows_of(database)
            assert await schema_of(restored) == await schema_of(database)
            # The node goes on where it was: ties open, the box is handed over, the head is signed.
            book = make_book(restored, place.data / "keys", life.clock)
            life.desk.book = book
            await life.pass_time(days=1)
            async with reading(restored) as db:
                head = await store.head(db, life.log)
                waiting = await db.scalar(text("SELECT count(*) FROM private.box"))
            assert head.signed_size == head.size > manifest.logs[0].size
            assert waiting == 0
        finally:
            await restored.dispose()

    async def test_numbers_go_on(
        self, database: AsyncEngine, database_url: str, empty: str, tmp_path: Path
    ) -> None:
        await found(database, tmp_path / "old" / "keys")
        raw = await back_up(database_url, tmp_path / "old")
        await restore(io.BytesIO(raw), WORDS, settings_of(tmp_path / "new", empty), client=silent())
        restored = create_engine(empty)
        try:
            assert (await found(restored, tmp_path / "new" / "keys")).no == 2
        finally:
            await restored.dispose()

    async def test_an_embedded_node(
        self, life: Life, database: AsyncEngine, database_url: str, data: Path, run_as: str | None,
        tmp_path: Path,
    ) -> None:  # fmt: skip
        raw = await back_up(database_url, tmp_path / "old")
        place = settings_of(data / "moved", None, run_as)
        await restore(io.BytesIO(raw), WORDS, place, client=silent())
        server = EmbeddedPostgres(place.data, run_as)
        server.start()
        try:
            engine = create_engine(server.url, size=0)
            assert await rows_of(engine) == await rows_of(database)
            await engine.dispose()
            # And again, from the embedded server.
            again = io.BytesIO()
            await write_backup(server.url, place, again, WORDS, CLOCK, **CHEAP)
        finally:
            server.stop()
        first, second = sections(raw), sections(again.getvalue())
        assert {name: first[name] for name in first if name.startswith(("rows/", "key/"))} == {
            name: second[name] for name in second if name.startswith(("rows/", "key/"))
        }
        assert [path.name for path in data.iterdir()] == ["moved"]

    async def test_the_order_of_private_rows_tells_nothing(
        self, database: AsyncEngine, database_url: str, empty: str, tmp_path: Path
    ) -> None:
        record = await found(database, tmp_path / "old" / "keys")
        rows = [BoxRow(f"subject{n % 3}", f"row{n:03}", 1) for n in range(50)]
        shown = []
        for order in (rows, rows[::-1], rows[1::2] + rows[::2]):
            async with database.begin() as connection:
                await connection.execute(text("TRUNCATE private.box"))
                for row in order:
                    place = row.subject, row.row
                    await boxes.put(Writing(connection), record.no, {place: row})  # type: ignore[arg-type]
            raw = await back_up(database_url, tmp_path / "old")
            shown.append(sections(raw)["rows/box"])
        assert shown[0] == shown[1] == shown[2]
        assert shown[0].count(b"row0") == 50
        await restore(io.BytesIO(raw), WORDS, settings_of(tmp_path / "new", empty), client=silent())
        restored = create_engine(empty)
        async with reading(restored) as db:
            stored = await db.execute(text("SELECT subject, row FROM private.box ORDER BY ctid"))
            pairs = [(row[0], row[1]) for row in stored]
        await restored.dispose()
        assert pairs == sorted(pairs)

    async def test_private_rows_are_in_no_dump(
        self, life: Life, database_url: str, tmp_path: Path
    ) -> None:
        held = sections(await back_up(database_url, tmp_path / "old"))
        assert set(held) >= {"manifest", "schema", "records", "rules", "rows/box", "rows/tie"}
        assert b"TABLE DATA" in held["records"]
        assert held["records"].count(b"COPY private.") == 0
        assert held["records"].count(b"COPY record.") > 4
        assert b"COPY " not in held["schema"] + held["rules"]

    async def test_the_file_shows_nothing(
        self, life: Life, database_url: str, tmp_path: Path
    ) -> None:
        raw = await back_up(database_url, tmp_path / "old")
        for secret in (life.log_id, life.chapter_id, "old.example", "record"):
            assert secret.encode() not in raw


class TestRefusals:
    async def test_damage(self, life: Life, database_url: str, empty: str, tmp_path: Path) -> None:
        raw = await back_up(database_url, tmp_path / "old")
        place = settings_of(tmp_path / "new" / "data", empty)
        flipped = bytearray(raw)
        flipped[-40] ^= 1
        for bad in (bytes(flipped), raw[:-1], raw[:-70_000], raw + b"x"):
            with pytest.raises(SealedFileError):
                await restore(io.BytesIO(bad), WORDS, place, client=silent())
            assert not place.data.exists()
            assert not any((tmp_path / "new").iterdir()) if (tmp_path / "new").exists() else True
        with pytest.raises(SealedFileError, match="passphrase"):
            await restore(io.BytesIO(raw), "another", place, client=silent())
        # Nothing is left that would be in the way of the right file.
        await restore(io.BytesIO(raw), WORDS, place, client=silent())

    async def test_what_is_there_stays(
        self, life: Life, database_url: str, empty: str, tmp_path: Path
    ) -> None:
        raw = await back_up(database_url, tmp_path / "old")
        old = settings_of(tmp_path / "old", empty)
        with pytest.raises(OperationError, match="exists already"):
            await restore(io.BytesIO(raw), WORDS, old, client=silent())
        used = settings_of(tmp_path / "new", database_url)
        with pytest.raises(OperationError, match="in use"):
            await restore(io.BytesIO(raw), WORDS, used, client=silent())
        assert not used.data.exists()

    async def test_an_old_node_that_answers(
        self, life: Life, database_url: str, empty: str, tmp_path: Path
    ) -> None:
        raw = await back_up(database_url, tmp_path / "old")
        place = settings_of(tmp_path / "new", empty)
        asked: list[str] = []

        def answering(status: int) -> httpx.AsyncClient:
            def handle(request: httpx.Request) -> httpx.Response:
                asked.append(str(request.url))
                return httpx.Response(status)

            return httpx.AsyncClient(transport=httpx.MockTransport(handle))

        for status in (200, 404, 500, 503):
            with pytest.raises(OperationError, match="still answers"):
                await restore(io.BytesIO(raw), WORDS, place, client=answering(status))
        assert set(asked) == {"https://old.example/"}
        assert not place.data.exists()
        await restore(io.BytesIO(raw), WORDS, place, client=answering(502))

    @pytest.mark.parametrize("way", ["seen", "known"])
    async def test_a_larger_checkpoint(
        self, life: Life, database_url: str, empty: str, tmp_path: Path, way: str
    ) -> None:
        raw = await back_up(database_url, tmp_path / "old")
        before = await newest(life)
        await life.pass_time(minutes=10)
        after = await newest(life)
        attempt = attempts(raw, settings_of(tmp_path / "new", empty), way)
        with pytest.raises(OperationError, match="too old"):
            await attempt(after)
        assert not (tmp_path / "new").exists()
        await attempt(before)

    @pytest.mark.parametrize("way", ["seen", "known"])
    async def test_another_history(
        self, life: Life, database_url: str, empty: str, tmp_path: Path, way: str
    ) -> None:
        raw = await back_up(database_url, tmp_path / "old")
        async with reading(life.desk.book.engine) as db:
            head = await store.head(db, life.log)
        secret = KeyFiles(tmp_path / "old" / "keys").secret(f"log-{life.log_id}")
        other = Checkpoint(note.origin(life.log_id), head.signed_size, merkle.leaf_hash(b"x"))
        attempt = attempts(raw, settings_of(tmp_path / "new", empty), way)
        with pytest.raises(OperationError, match="two histories"):
            await attempt(note.sign_checkpoint(other, SigningKey(secret)))

    async def test_checkpoints_of_others(
        self, life: Life, database_url: str, empty: str, tmp_path: Path
    ) -> None:
        raw = await back_up(database_url, tmp_path / "old")
        place = settings_of(tmp_path / "new", empty)
        strange = note.sign_checkpoint(
            Checkpoint(note.origin(life.log_id), 1000, bytes(32)), SigningKey(bytes(32))
        )
        with pytest.raises(OperationError, match="of no log"):
            await attempts(raw, place, "seen")(strange)
        with pytest.raises(OperationError, match="did not sign"):
            await attempts(raw, place, "known")(strange)

    async def test_a_node_that_cannot_be_asked(
        self, life: Life, database_url: str, empty: str, tmp_path: Path
    ) -> None:
        raw = await back_up(database_url, tmp_path / "old")
        place = settings_of(tmp_path / "new", empty)
        peers = ["https://peer.example"]
        with pytest.raises(OperationError, match="could not be asked"):
            await restore(io.BytesIO(raw), WORDS, place, known=peers, client=silent())
        busy = silent(httpx.Response(500))
        with pytest.raises(OperationError, match="instead of a checkpoint"):
            await restore(io.BytesIO(raw), WORDS, place, known=peers, client=busy)
        unknown = silent(httpx.Response(404))
        await restore(io.BytesIO(raw), WORDS, place, known=peers, client=unknown)


def attempts(raw: bytes, place: Settings, way: str) -> Callable[[bytes], Awaitable[BackupManifest]]:
    async def attempt(checkpoint: bytes) -> BackupManifest:
        if way == "seen":
            return await restore(io.BytesIO(raw), WORDS, place, seen=[checkpoint], client=silent())
        return await restore(
            io.BytesIO(raw),
            WORDS,
            place,
            known=["https://peer.example/"],
            client=silent(httpx.Response(200, content=checkpoint)),
        )

    return attempt


async def newest(life: Life) -> bytes:
    async with reading(life.desk.book.engine) as db:
        head = await store.head(db, life.log)
    assert head.signed_note is not None
    return head.signed_note


class TestPassphrase:
    def test_is_asked_for_twice(self, capsys: pytest.CaptureFixture[str]) -> None:
        answers = iter([WORDS, WORDS])
        assert ask_twice({}, lambda prompt: next(answers)) == WORDS
        answers = iter(["one", "two"])
        with pytest.raises(OperationError, match="differ"):
            ask_twice({}, lambda prompt: next(answers))
        with pytest.raises(OperationError, match="empty"):
            ask_once({}, lambda prompt: "")
        assert capsys.readouterr().err == ""

    def test_a_weak_one_is_warned_of(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert ask_twice({}, lambda prompt: "passw0rd") == "passw0rd"
        assert "can be guessed" in capsys.readouterr().err
        assert not weak(WORDS)

    def test_from_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "words"
        environment = {"CIVIC_PASSPHRASE_FILE": str(path)}
        with pytest.raises(OperationError, match="cannot be read"):
            ask_once(environment)
        for content in (f"{WORDS}\n", WORDS, f"{WORDS}\r\n"):
            path.write_bytes(content.encode())
            assert ask_once(environment) == ask_twice(environment) == WORDS
        path.write_text("one\ntwo\n")
        with pytest.raises(OperationError, match="one line"):
            ask_once(environment)
        path.write_text("\n")
        with pytest.raises(OperationError, match="empty"):
            ask_once(environment)
