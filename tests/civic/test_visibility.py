"""Who reads what of a record: each visibility, each kind of reader, each address that shows any."""

import re
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from itertools import product
from pathlib import Path

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from sqlalchemy import select, update

from chapters import capabilities
from chapters.tables import member
from civic import log_routes
from civic.api import router as api_router
from civic.kernel import keys
from civic.kernel.database import reading, writing
from civic.kernel.proofs import make_proof
from civic.kernel.record import store
from civic.membership import is_member
from civic.node_routes import node_router
from civic.pages.routes import router as pages_router
from tests.civic.pages.test_outsiders import proposed
from tests.town import Town, Visitor, town

SEED = bytes(range(32))
PUBLIC = keys.public_key(keys.signing_key(SEED))
SECRETS = ("Gardenia", "Tomatillo", "Annabella")
"""Words that only readers of the record may meet: a title, an argument, a display name."""
READERS = {
    "chapter": {"member", "suspended"},
    "network": {"member", "suspended", "neighbour"},
    "world": {"member", "suspended", "neighbour", "outsider", "applicant", "token", "revoked",
              "expired", "stolen"},
}  # fmt: skip
"""Who reads the whole record on pages and over the API, by visibility."""
BEARERS = ("token", "revoked", "expired", "stolen")


@dataclass
class Reader:
    """Somebody who asks for something."""

    visitor: Visitor
    token: str | None = None
    seed: bytes = SEED

    async def get(self, path: str) -> httpx.Response:
        """Ask for a path, with a token and its proof if there is one."""
        headers = {}
        if self.token is not None:
            now = self.visitor.town.clock.now()
            proof = make_proof(self.seed, "GET", f"http://localhost{path}", self.token, now)
            headers = {"authorization": f"DPoP {self.token}", "dpop": proof}
        return await self.visitor.client.get(path, headers=headers)


@dataclass
class Place:
    """A chapter with something to read, and everybody who comes to read it."""

    path: str
    proposal: str
    names: dict[str, str]
    readers: dict[str, Reader]
    log: str
    words: str


async def place(vilnius: Town, visibility: str) -> Place:
    people = [await vilnius.person() for _ in range(5)]
    others = [await vilnius.person() for _ in range(3)]
    ana, ben, *_rest, fay = people
    path = await vilnius.founded(*people[:3], visibility=visibility)
    for late in people[3:]:
        await vilnius.join(ana, late, path)
    await vilnius.founded(*others, visibility="chapter")
    await ben.send(f"{path}/you", "/people/name", name=SECRETS[2])
    proposal = await proposed(ana, path, SECRETS[0])
    await ben.send(f"{proposal}/argue/for", "/argue/for", words=SECRETS[1])
    statement = re.search(r'id="w-([a-z2-7]{26})"', await ben.see(proposal))
    assert statement is not None
    chapter_id = path.removeprefix("/c/")
    async with reading(vilnius.node.engine) as db:
        head = await store.find_chapter(db, chapter_id)
        assert head is not None
        entries = [raw async for _, raw, _ in store.entries(db, head.no, 0, head.size)]
        mine = (await db.scalars(select(member.c.id).where(member.c.log == head.no))).all()
    ids = [await _me(visitor, chapter_id) for visitor in people]
    assert set(ids) == set(mine)
    said = next(raw for raw in entries if b"deliberation.argued" in raw[:40])
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    readers = {
        "outsider": Reader(vilnius.stranger()),
        "member": Reader(ana),
        "suspended": Reader(people[3]),
        "applicant": Reader(fay),
        "neighbour": Reader(others[0]),
    }
    today = vilnius.clock.now().date()
    async with writing(vilnius.node.engine) as unit:
        for name in BEARERS:
            since = today - timedelta(days=capabilities.DAYS if name == "expired" else 0)
            token = f"{name}-{'t' * 36}"
            assert await capabilities.give(unit, head.no, token, PUBLIC, name, mine[0], since)
            readers[name] = Reader(vilnius.stranger(), token)
        revoked = readers["revoked"].token or ""
        assert await capabilities.revoke(unit, head.no, sha256(revoked.encode()).digest())
        for own_id, state in zip(ids[3:], ("suspended", "applied"), strict=True):
            here = (member.c.log == head.no) & (member.c.id == own_id)
            await unit.execute(update(member).where(here).values(state=state))
    # Whoever found a token has not its key.
    readers["stolen"].seed = bytes(32)
    own = proposal.rpartition("/")[2]
    names = {"chapter_id": chapter_id, "proposal_id": own, "proposal": own, "pid": own,
             "statement_id": statement[1], "number": "1", "index": "1", "kind": "for",
             "member_id": mine[1], "log_id": head.log_id}  # fmt: skip
    words = str(msgspec.json.decode(said)["content"][0])
    return Place(path, proposal, names, readers, f"/log/{head.log_id}", words)


async def _me(visitor: Visitor, chapter_id: str) -> str:
    answer = await visitor.client.get(f"/api/v1/chapters/{chapter_id}/members/me")
    return str(answer.json()["member"])


def addresses(names: dict[str, str]) -> set[str]:
    """Return every address of pages, API and log that a GET reaches, its names filled in."""
    routers = [pages_router(), api_router(), node_router, log_routes.router(is_member)]
    app = Litestar(routers, openapi_config=None)
    found = set()
    for route in app.routes:
        if isinstance(route, HTTPRoute) and "GET" in route.methods:
            found.add(re.sub(r"\{(\w+)(?::\w+)?\}", lambda m: names.get(m[1], "x"), route.path))
    return found


@pytest.mark.parametrize("visibility", sorted(READERS))
async def test_each_reader_meets_what_is_theirs(
    visibility: str, database_url: str, data: Path
) -> None:
    async with town(database_url, data) as vilnius:
        here = await place(vilnius, visibility)
        await check_all(visibility, here)
        await check_pages(visibility, here)
        await check_log(visibility, here)


async def check_all(visibility: str, here: Place) -> None:
    """Ask for everything as everybody."""
    everywhere = addresses(here.names)
    assert len(everywhere) > 60
    for name, reader in here.readers.items():
        met = set()
        reads = name in READERS[visibility]
        for path in sorted(everywhere):
            answer = await reader.get(path)
            # A failure would hide what could be shown.
            assert answer.status_code < 500, (name, path)
            met |= {one for one in SECRETS if one in answer.text}
            if not reads:
                assert not met, (visibility, name, path)
        if reads:
            assert set(SECRETS[:2]) <= met, (visibility, name)


async def check_pages(visibility: str, here: Place) -> None:
    """Ask for the pages and calls that readers alone reach."""
    own = here.names["proposal"]
    api = f"/api/v1/chapters/{here.names['chapter_id']}"
    paths = [here.proposal, f"{here.proposal}/said/for", f"{here.proposal}/versions/1",
             f"{here.proposal}/w/{here.names['statement_id']}", f"{here.proposal}/entries",
             f"{here.path}/record/1", f"{api}/proposals/{own}"]  # fmt: skip
    for (name, reader), path in product(here.readers.items(), paths):
        expected = 200 if name in READERS[visibility] else 404
        assert (await reader.get(path)).status_code == expected, (visibility, name, path)
    for name, reader in here.readers.items():
        answer = await reader.get(f"{here.path}/people")
        assert ("/people/invite" in answer.text) == (name == "member"), name
        status = (await reader.get(f"{api}/members")).status_code
        assert (status == 200) == (name == "member"), (name, status)


async def check_log(visibility: str, here: Place) -> None:
    """Ask for the log, which bearers of tokens reach too."""
    for name, reader in here.readers.items():
        reads = name in READERS[visibility] or name == "token"
        refused = 401 if name in BEARERS else 403
        for path in ("tile/0/000.p/2", "tile/entries/000.p/2", f"content/{here.words}"):
            answer = await reader.get(f"{here.log}/{path}")
            assert answer.status_code == (200 if reads else refused), (visibility, name, path)
            if visibility != "world" and reads:
                assert answer.headers["cache-control"].startswith(("private", "no-store"))
            if refused == 401 and not reads:
                assert answer.headers["www-authenticate"].startswith('DPoP algs="EdDSA"')
                assert answer.json()["type"] == "/problems/request.token_refused"
        for path in ("checkpoint", "vkey", "open/0.tlog-proof"):
            assert (await reader.get(f"{here.log}/{path}")).status_code == 200, (name, path)
        assert (await reader.get(f"{here.log}/open/1.tlog-proof")).status_code == 404
        assert (await reader.get(f"{here.log}/receipt/0.tlog-proof")).status_code in (200, 403)


async def test_nobody_outside_sees_the_present_tick(database_url: str, data: Path) -> None:
    async with town(database_url, data) as vilnius:
        here = await place(vilnius, "network")
        size = await _size(here.readers["token"], here)
        await vilnius.pass_time(minutes=1)
        await here.readers["member"].visitor.send(f"{here.path}/you", "/people/name", name="Later")
        path = f"{here.log}/tile/entries/000.p/{size + 1}"
        for name in ("token", "neighbour"):
            assert await _size(here.readers[name], here) == size
            assert (await here.readers[name].get(path)).status_code == 404
        assert (await here.readers["member"].get(path)).status_code == 200


async def test_a_token_is_good_under_every_address_of_the_node(
    database_url: str, data: Path
) -> None:
    async with town(database_url, data, CIVIC_ALSO_URLS="http://civic.onion") as vilnius:
        here = await place(vilnius, "chapter")
        good = here.readers["token"]
        path, token = f"{here.log}/tile/0/000.p/2", good.token or ""

        async def status(origin: str) -> int:
            proof = make_proof(SEED, "GET", origin + path, token, vilnius.clock.now())
            headers = {"authorization": f"DPoP {token}", "dpop": proof}
            return (await good.visitor.client.get(path, headers=headers)).status_code

        assert await status("http://localhost") == await status("http://civic.onion") == 200
        assert await status("https://civic.onion") == await status("http://other.onion") == 401


async def test_people_act_at_each_address_and_never_from_one_at_another(
    database_url: str, data: Path
) -> None:
    async with town(database_url, data, CIVIC_ALSO_URLS="http://civic.onion") as vilnius:
        who = await vilnius.person()
        for host, origin, status in (
            ("civic.onion", "http://civic.onion", 303),
            ("localhost", "http://localhost", 303),
            ("civic.onion", "http://localhost", 403),
            ("localhost", "http://civic.onion", 403),
        ):
            given = {"host": host, "origin": origin}
            answer = await who.client.post("/sign-out", headers=given)
            assert answer.status_code == status, (host, origin, answer.text[:300])


async def _size(reader: Reader, here: Place) -> int:
    answer = await reader.get(f"{here.log}/checkpoint")
    return int(answer.text.splitlines()[1])


async def test_a_token_is_for_one_chapter_one_address_and_one_moment(
    database_url: str, data: Path
) -> None:
    async with town(database_url, data) as vilnius:
        here = await place(vilnius, "chapter")
        good = here.readers["token"]
        client, now = good.visitor.client, vilnius.clock.now()
        path, token = f"{here.log}/tile/0/000.p/2", good.token or ""

        async def status(address: str, *proofs: str, scheme: str = "DPoP") -> int:
            headers = [("authorization", f"{scheme} {token}"), *(("dpop", one) for one in proofs)]
            return (await client.get(address, headers=headers)).status_code

        def proof(address: str, seconds: int = 0) -> str:
            when = now + timedelta(seconds=seconds)
            return make_proof(SEED, "GET", address, token, when)

        right = proof(f"http://localhost{path}")
        assert await status(path, right) == 200
        assert await status(path, right, scheme="dpop") == 200
        assert await status(path) == 401
        assert await status(path, right, right) == 401
        assert await status(path, right, scheme="Bearer") == 403
        assert await status(f"{here.log}/tile/entries/000.p/2", right) == 401
        assert await status(path, proof(f"https://elsewhere.example{path}")) == 401
        assert await status(path, proof(f"http://localhost{path}", 61)) == 401
        other = await good.visitor.client.get("/")
        ids = set(re.findall(r"/c/([0-9a-f]{64})", other.text)) - {here.names["chapter_id"]}
        (log_id,) = {(await client.get(f"/c/{one}/log")).json()["log_id"] for one in ids}
        elsewhere = f"/log/{log_id}/tile/0/000.p/1"
        assert await status(elsewhere, proof(f"http://localhost{elsewhere}")) == 401
        async with reading(vilnius.node.engine) as db:
            used = (await db.execute(select(capabilities.capability))).mappings().all()
        assert {one["label"]: one["last_used"] for one in used} == {
            "token": now.date(), "revoked": None, "expired": None, "stolen": None
        }  # fmt: skip
