"""The address at which browsers hear that a chapter has changed, in the whole application."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from civic.live.streams import PER_SESSION
from tests.town import Town, Visitor, town

pytestmark = pytest.mark.asyncio(loop_scope="function")


@pytest_asyncio.fixture
async def there(
    database_url: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    monkeypatch.setattr("civic.live.running.BEAT", 0.05)
    monkeypatch.setattr("civic.live.running.HEARTBEAT", 0.5)
    async with town(database_url, data) as opened:
        yield opened


class Hearing:
    """A browser that listens: the application is called as a server calls it."""

    def __init__(self, town: Town, path: str, visitor: Visitor, **headers: str) -> None:
        sent = {
            "host": "localhost",
            "accept": "text/event-stream",
            "accept-encoding": "gzip",
            "cookie": f"civic={visitor.client.cookies.get('civic', '')}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        where, _mark, query = path.partition("?")
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": where,
            "raw_path": where.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
            "server": ("localhost", 80),
            "client": None,
        }
        self._in: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._out: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._in.put_nowait({"type": "http.request", "body": b"", "more_body": False})
        self.task = asyncio.ensure_future(town.app(scope, self._in.get, self._out.put))

    async def begun(self) -> tuple[int, dict[str, str]]:
        """Return the status and headers."""
        async with asyncio.timeout(10):
            message = await self._out.get()
        headers = {name.decode(): value.decode() for name, value in message["headers"]}
        return message["status"], headers

    async def next(self) -> bytes:
        """Return the next thing that is said and no heartbeat, empty at the end."""
        async with asyncio.timeout(10):
            while True:
                message = await self._out.get()
                if not message["more_body"]:
                    return b""
                if message["body"] != b":\n\n":
                    return bytes(message["body"])

    async def leave(self) -> None:
        """Close the connection."""
        self._in.put_nowait({"type": "http.disconnect"})
        await self.task


def live_in(page: str) -> str | None:
    """Return the address that a page listens to."""
    found = re.search(r'data-live-from="([^"]+)"', page)
    return found[1] if found else None


async def heard(visitor: Visitor, path: str) -> int:
    """Return the size that is told to who does not listen."""
    found = re.fullmatch(r"id: (\d+)\ndata: \1\n\n", await visitor.see(f"{path}/live"))
    assert found is not None
    return int(found[1])


async def proposed(visitor: Visitor, path: str) -> str:
    await visitor.send(f"{path}/propose/question", "/propose/question",
                       title="A bench", text="By the river.", lang="en")  # fmt: skip
    return visitor.path


async def test_who_watches_hears_of_growth_and_only_of_its_size(there: Town) -> None:
    people = [await there.person() for _ in range(3)]
    path = await there.founded(*people)
    address = live_in(await people[0].see(path))
    assert address is not None
    size = await heard(people[0], path)
    assert address == f"{path}/live?after={size}"
    hearing = Hearing(there, address, people[0])
    status, headers = await hearing.begun()
    assert status == 200
    assert headers["content-type"].startswith("text/event-stream")
    assert headers["cache-control"] == "no-store"
    assert headers["x-accel-buffering"] == "no"
    assert "content-encoding" not in headers
    assert (await hearing.next()).startswith(b"retry: ")
    matter = await proposed(people[1], path)
    told = await hearing.next()
    now = await heard(people[0], path)
    assert told == f"id: {now}\ndata: {now}\n\n".encode()
    assert now > size
    assert live_in(await people[0].see(matter)) == f"{path}/live?after={now}"
    assert live_in(await people[0].see(f"{path}/record")) == f"{path}/live?after={now}"
    assert live_in(await people[0].see(f"{path}/record?before=2")) is None
    await hearing.leave()


async def test_what_happened_while_away_is_told_at_once(there: Town) -> None:
    people = [await there.person() for _ in range(3)]
    path = await there.founded(*people)
    size = await heard(people[0], path)
    back = Hearing(there, f"{path}/live?after={size}", people[0], last_event_id="2")
    await back.begun()
    await back.next()
    assert await back.next() == f"id: {size}\ndata: {size}\n\n".encode()
    await back.leave()


async def test_outsiders_hear_nothing(there: Town) -> None:
    people = [await there.person() for _ in range(3)]
    path = await there.founded(*people)
    await there.pass_time(days=1)
    stranger, newcomer = there.stranger(), await there.person()
    for visitor, status in ((stranger, 303), (newcomer, 403)):
        assert live_in(await visitor.see(path)) is None
        for accept in ("text/event-stream", "text/html"):
            answer = await visitor.client.get(f"{path}/live", headers={"accept": accept})
            assert answer.status_code == status
            assert "data:" not in answer.text


async def test_it_ends_with_the_session(there: Town) -> None:
    people = [await there.person() for _ in range(3)]
    path = await there.founded(*people)
    hearing = Hearing(there, f"{path}/live?after=9999", people[0])
    await hearing.begun()
    await hearing.next()
    await people[0].client.post("/sign-out")
    await proposed(people[1], path)
    assert await hearing.next() == b""
    await hearing.leave()


async def test_it_ends_with_the_membership(there: Town) -> None:
    people = [await there.person() for _ in range(4)]
    path = await there.founded(*people[:3])
    await there.join(people[0], people[3], path)
    hearing = Hearing(there, f"{path}/live?after=9999", people[3])
    await hearing.begun()
    await hearing.next()
    await people[3].send(f"{path}/people/leave", "/people/leave")
    assert await hearing.next() == b""
    assert (await people[3].client.get(f"{path}/live")).status_code == 403


async def test_a_session_has_a_few_streams_and_they_hold_nothing(there: Town) -> None:
    people = [await there.person() for _ in range(3)]
    path = await there.founded(*people)
    # More than the connections that the process has to the database.
    own = [Hearing(there, f"{path}/live", one) for one in people for _ in range(PER_SESSION)]
    for one in own:
        assert (await one.begun())[0] == 200
    one_more = Hearing(there, f"{path}/live", people[0])
    assert (await one_more.begun())[0] == 204
    await people[0].see(path)
    await own[0].leave()
    again = Hearing(there, f"{path}/live", people[0])
    assert (await again.begun())[0] == 200
    for one in (*own[1:], again):
        await one.leave()
