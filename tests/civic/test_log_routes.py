"""The log over HTTP: who sees what, and what caches may keep."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.deeds import chapter as chapter_deeds
from civic.deeds.person import Desk
from civic.kernel.database import Reading, create_engine, reading
from civic.kernel.record import merkle, note, proof, store, tiles
from civic.kernel.web.asgi import Application
from civic.log_routes import router
from tests.lives import done
from tests.records import Record, found

MEMBER = {"cookie": "session=member"}
FOREVER = "max-age=31536000, immutable"


@asynccontextmanager
async def serve(
    record: Record, engine: AsyncEngine | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    engine = engine or record.book.engine

    async def is_member(request: Any, head: store.Head) -> bool:
        # As sessions do, with a connection of its own.
        async with reading(engine) as db:
            assert await store.find_log(db, head.log_id) is not None
        return bool(request.cookies.get("session") == "member")

    async def may_have_receipt(request: Any, head: store.Head, index: int) -> bool:
        return index == 0 and await is_member(request, head)

    async def present_tick(db: Reading, head: store.Head, minute: int) -> int:
        return minute - minute % 10

    routes = router(is_member, may_have_receipt=may_have_receipt, present_tick=present_tick)
    app = Litestar([routes], openapi_config=None)
    app.state["node"] = SimpleNamespace(engine=engine, clock=record.clock)
    served: Application = app
    transport = httpx.ASGITransport(served)
    base = f"http://node.test/log/{record.log_id}/"
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        yield client


@pytest.fixture
async def record(database: AsyncEngine, tmp_path: Path) -> Record:
    return await found(database, tmp_path / "keys")


def size_of(response: httpx.Response, head: store.Head) -> int:
    assert response.status_code == 200
    key = note.log_key(head.public_key)
    return note.open_checkpoint(response.content, key).checkpoint.size


class TestCheckpoint:
    async def test_moves_once_a_tick_for_outsiders(self, record: Record) -> None:
        async with serve(record) as client:
            assert (await client.get("checkpoint")).status_code == 404
            record.clock.advance(timedelta(minutes=10))
            await record.grow_to(3)
            head = await record.head()
            outside = await client.get("checkpoint")
            inside = await client.get("checkpoint", headers=MEMBER)
            assert size_of(outside, head) == 1
            assert size_of(inside, head) == 3
            record.clock.advance(timedelta(minutes=10))
            assert size_of(await client.get("checkpoint"), head) == 3

    async def test_caching(self, record: Record) -> None:
        record.clock.advance(timedelta(minutes=10))
        async with serve(record) as client:
            outside = await client.get("checkpoint")
            assert outside.headers["cache-control"] == "public, max-age=5"
            assert outside.headers["content-type"] == "text/plain; charset=utf-8"
            assert outside.headers["vary"] == "cookie"
            inside = await client.get("checkpoint", headers=MEMBER)
            assert inside.headers["cache-control"] == "private, no-cache"
            again = await client.get(
                "checkpoint", headers={"if-none-match": outside.headers["etag"]}
            )
            assert (again.status_code, again.content) == (304, b"")

    async def test_vkey(self, record: Record) -> None:
        async with serve(record) as client:
            response = await client.get("vkey")
        assert response.headers["cache-control"] == f"public, {FOREVER}"
        assert response.text.endswith("\n")
        assert note.parse_vkey(response.text[:-1]).name == note.origin(record.log_id)

    async def test_unknown_log(self, record: Record) -> None:
        async with serve(record) as client:
            for name in ("checkpoint", "vkey", "tile/0/000.p/1", f"content/{'0' * 64}"):
                assert (await client.get(f"/log/{'0' * 64}/{name}")).status_code == 404


class TestTiles:
    async def test_tiles_make_the_signed_root(self, record: Record) -> None:
        await record.grow_to(600)
        record.clock.advance(timedelta(minutes=10))
        head = await record.head()
        async with serve(record) as client:
            text = (await client.get("checkpoint")).content
            signed = note.open_checkpoint(text, note.log_key(head.public_key)).checkpoint
            held: dict[tuple[int, int, int], bytes] = {}
            leaves: list[bytes] = []
            for tile in (*tiles.tiles_of_size(600), *tiles.bundles_of_size(600)):
                response = await client.get(tiles.tile_path(*tile))
                assert response.status_code == 200
                assert response.headers["cache-control"] == f"public, {FOREVER}"
                assert response.headers["content-type"] == "application/octet-stream"
                held[tile] = response.content
                if tile.level == tiles.ENTRIES:
                    entries = tiles.decode_bundle(response.content, tile.width)
                    leaves += merkle.leaf_hashes(entries)

        def read(level: int, number: int, width: int) -> bytes:
            return held[level, number, width]

        assert tiles.check_tiles(leaves, read) == signed.root

    async def test_every_width_that_was_reached_and_no_other(self, record: Record) -> None:
        await record.grow_to(300)
        record.clock.advance(timedelta(minutes=10))
        await record.grow_to(310)
        async with serve(record) as client:
            for path, status in {
                "tile/0/000.p/1": 200,
                "tile/entries/000.p/200": 200,
                "tile/entries/000": 200,
                "tile/0/001.p/44": 200,
                "tile/0/001.p/45": 404,
                "tile/entries/001.p/45": 404,
                "tile/0/001": 404,
                "tile/1/000.p/1": 200,
                "tile/1/000.p/2": 404,
                "tile/2/000.p/1": 404,
                "tile/0/0": 404,
                "tile/0/000.p/256": 404,
                "tile/0/000.p/0": 404,
                "tile/00/000": 404,
                "tile/8/0/000": 404,
            }.items():
                assert (await client.get(path)).status_code == status, path

    async def test_what_is_not_published_yet_goes_to_members_and_no_cache(
        self, record: Record
    ) -> None:
        record.clock.advance(timedelta(minutes=10))
        await record.grow_to(5)
        async with serve(record) as client:
            assert (await client.get("tile/entries/000.p/5")).status_code == 404
            response = await client.get("tile/entries/000.p/5", headers=MEMBER)
            assert response.headers["cache-control"] == f"private, {FOREVER}"
            assert len(tiles.decode_bundle(response.content, 5)) == 5
            response = await client.get("tile/entries/000.p/6", headers=MEMBER)
            assert response.status_code == 404

    async def test_bundles_are_compressed_for_who_asks(self, record: Record) -> None:
        await record.grow_to(20)
        record.clock.advance(timedelta(minutes=10))
        async with serve(record) as client:
            path = "tile/entries/000.p/20"
            plain = await client.get(path, headers={"accept-encoding": "gzip;q=0"})
            packed = await client.get(path, headers={"accept-encoding": "br, gzip"})
            assert "content-encoding" not in plain.headers
            assert packed.headers["content-encoding"] == "gzip"
            assert packed.content == plain.content
            assert packed.headers["vary"] == plain.headers["vary"] == "accept-encoding"
            assert int(packed.headers["content-length"]) < len(plain.content) / 2
            again = await client.get(path, headers={"if-none-match": packed.headers["etag"]})
            assert again.status_code == 304
            raw = gzip.compress(plain.content, 6, mtime=0)
            assert len(raw) == int(packed.headers["content-length"])


class TestContent:
    async def words(self, record: Record) -> str:
        await record.grow_to((await record.head()).size + 1)
        async with record.book.engine.connect() as connection:
            head = await store.head(Reading(connection), record.no)
            rows = store.entries(Reading(connection), record.no, head.size - 1, head.size)
            entries = [raw async for _, raw, _ in rows]
        return str(msgspec.json.decode(entries[0])["content"][0])

    async def test_words_are_kept_by_no_cache(self, record: Record) -> None:
        digest = await self.words(record)
        async with serve(record) as client:
            response = await client.get(f"content/{digest}")
            assert response.headers["cache-control"] == "no-store"
            assert "etag" not in response.headers
            assert sha256(response.content).hexdigest() == digest
            assert (await client.get(f"content/{'0' * 64}")).status_code == 404
            assert (await client.get("content/elsewhere")).status_code == 404

    async def test_evidence_lasts(self, record: Record) -> None:
        raw = b"the setup of an election"
        digest = sha256(raw).hexdigest()
        async with record.book.engine.begin() as connection:
            await store.add_content(connection, record.no, {digest: raw})  # type: ignore[arg-type]
        async with serve(record) as client:
            response = await client.get(f"content/{digest}")
        assert response.content == raw
        assert response.headers["cache-control"] == f"public, {FOREVER}"

    async def test_erased_words_are_gone_at_once(self, record: Record) -> None:
        digest = await self.words(record)
        record.clock.advance(timedelta(minutes=10))
        erased = await chapter_deeds.erase_name(Desk(record.book), record.founder, digest, "erase")
        index = done(erased).receipt.index
        async with serve(record) as client:
            outside = await client.get(f"content/{digest}")
            inside = await client.get(f"content/{digest}", headers=MEMBER)
            assert (outside.status_code, inside.status_code) == (410, 410)
            assert outside.headers["cache-control"] == "no-store"
            assert outside.headers["content-type"] == "application/problem+json"
            assert "params" not in outside.json()
            assert inside.json()["params"] == {"entry": index}
            record.clock.advance(timedelta(minutes=10))
            outside = await client.get(f"content/{digest}")
            assert outside.json()["params"] == {"entry": index}


class TestProofs:
    async def test_entries_meant_for_the_world(self, record: Record) -> None:
        await record.grow_to(300)
        record.clock.advance(timedelta(minutes=10))
        head = await record.head()
        async with serve(record) as client:
            response = await client.get("open/0.tlog-proof")
            found = proof.parse_proof(response.content)
            assert found.extra is not None
            leaf = merkle.leaf_hash(found.extra)
            signed = proof.verify_proof(found, leaf, note.log_key(head.public_key))
            assert signed.checkpoint.size == 300
            assert sha256(found.extra).hexdigest() == record.chapter_id
            for name in ("1.tlog-proof", "300.tlog-proof", "00.tlog-proof", "0", "x.tlog-proof"):
                assert (await client.get(f"open/{name}")).status_code == 404, name

    async def test_receipts_are_on_the_checkpoint_of_their_commit(self, record: Record) -> None:
        await record.grow_to(5)
        head = await record.head()
        async with serve(record) as client:
            assert (await client.get("receipt/0.tlog-proof")).status_code == 403
            response = await client.get("receipt/1.tlog-proof", headers=MEMBER)
            assert response.status_code == 403
            response = await client.get("receipt/0.tlog-proof", headers=MEMBER)
        assert response.headers["cache-control"] == "no-store"
        found = proof.parse_proof(response.content)
        async with record.book.engine.connect() as connection:
            leaf = (await store.leaves(Reading(connection), record.no, 0, 1))[0]
        signed = proof.verify_proof(found, leaf, note.log_key(head.public_key))
        assert signed.checkpoint.size == 1


class TestChapterThatIsNotPublic:
    async def test_members_alone_read_it(self, database: AsyncEngine, tmp_path: Path) -> None:
        record = await found(database, tmp_path / "keys", visibility="chapter")
        await record.grow_to(3)
        record.clock.advance(timedelta(minutes=10))
        async with record.book.engine.connect() as connection:
            rows = store.entries(Reading(connection), record.no, 2, 3)
            (raw,) = [raw async for _, raw, _ in rows]
            words = msgspec.json.decode(raw)["content"][0]
        paths = ("tile/0/000.p/3", "tile/entries/000.p/3", f"content/{words}", "tile/0/000.p/9")
        async with serve(record) as client:
            for path in paths:
                assert (await client.get(path)).status_code == 403
            for path in paths[:2]:
                response = await client.get(path, headers=MEMBER)
                assert response.headers["cache-control"] == f"private, {FOREVER}"
            response = await client.get(paths[2], headers=MEMBER)
            assert response.headers["cache-control"] == "no-store"
            for open_to_all in ("checkpoint", "vkey", "open/0.tlog-proof"):
                assert (await client.get(open_to_all)).status_code == 200
            assert (await client.get("open/1.tlog-proof", headers=MEMBER)).status_code == 404


async def test_no_request_holds_a_connection_while_it_waits_for_another(
    database_url: str, record: Record
) -> None:
    await record.grow_to(2)
    one = create_engine(database_url, size=1)
    try:
        async with serve(record, one) as client:
            for name in ("checkpoint", "tile/0/000.p/2", "receipt/0.tlog-proof"):
                response = await client.get(name, headers=MEMBER)
                assert response.status_code == 200
            assert (await client.get("tile/0/000.p/2")).status_code == 404
    finally:
        await one.dispose()
