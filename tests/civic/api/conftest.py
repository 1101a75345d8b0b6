"""A node behind its API, with a clock that tests move, and people who are signed in."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import update

import identity.api
from chapters.bylaws import DAY
from civic.api import router
from civic.beginnings import finish
from civic.kernel.clock import SetClock, minute_of
from civic.kernel.database import writing
from civic.kernel.record.entry import when
from civic.kernel.web.asgi import protected
from civic.kernel.web.pages import Pages, Site
from civic.kernel.web.problem import exception_handlers
from civic.node import Node, open_node
from civic.settings import Settings
from identity import accounts, sessions
from identity.tables import session
from identity.vault import Vault, update_vault
from identity.web import SignInNeeded, account_links, answer_sign_in_needed
from tests.civic.api.conforming import conforms
from tests.first_day import FIRST_DAY
from tests.lives import START

_keys = itertools.count()


def new_key() -> str:
    """Return an idempotency key that no other act of these tests has."""
    return f"key-of-a-test-{next(_keys):06}"


@dataclass
class Caller:
    """Somebody who is signed in, as a client of the API."""

    http: httpx.AsyncClient
    token: str
    account: accounts.NewAccount

    async def post(
        self, path: str, body: Any = None, *, key: str | None = "", status: int = 201
    ) -> Any:
        """Post to a path below the API's root; an empty key stands for a new one."""
        return await self.send("POST", path, body, key=key, status=status)

    async def get(self, path: str, *, status: int = 200) -> Any:
        """Get a path below the API's root."""
        return await self.send("GET", path, key=None, status=status)

    async def send(
        self, method: str, path: str, body: Any = None, *, key: str | None = "", status: int = 201
    ) -> Any:
        """Send a request and return its JSON; fails unless the status is the one expected."""
        headers = {"authorization": f"Bearer {self.token}"}
        if key is not None:
            headers["idempotency-key"] = key or new_key()
        answer = await self.http.request(method, f"/api/v1{path}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        # What a test breaks on purpose is no answer that a program could prepare for.
        if status < 500:
            conforms(answer)
        return answer.json() if answer.content else None


@dataclass
class Api:
    """The node, its clock, and its people."""

    node: Node
    clock: SetClock
    http: httpx.AsyncClient
    chapter: str = ""
    people: list[Caller] = field(default_factory=list)
    members: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The path of the chapter."""
        return f"/chapters/{self.chapter}"

    async def person(self, seed: bytes | None = None) -> Caller:
        """Sign in somebody new, who may have trusted the node with the seed of their keys."""
        async with writing(self.node.engine) as db:
            now = self.clock.now()
            account = await accounts.create_bare(db, self.node.private.keys, now)
            token = await sessions.start(
                db, account.account_id, account.data_key, now, fresh=True, by="passphrase"
            )
            if seed is not None:
                await update_vault(
                    db,
                    account.account_id,
                    account.data_key,
                    lambda vault: Vault(vault.name, vault.memberships, seed),
                )
        return Caller(self.http, token, account)

    async def found(self, people: int = 5, **bylaws: Any) -> None:
        """Found and constitute a chapter; the first three are its founders."""
        self.people = [await self.person() for _ in range(people)]
        first = self.people[0]
        founded = await first.post(
            "/chapters",
            {
                "name": "Vilnius",
                "template": "town",
                "bylaws": {
                    **FIRST_DAY,
                    "support_least": 2,
                    "support_share": 0,
                    "visibility": "world",
                    **bylaws,
                },
            },
        )
        self.chapter, self.members = founded["id"], [founded["member"]]
        for other in self.people[1:3]:
            await self.join(other)
        for number, one in enumerate(self.people[:3]):
            met = [other for i, other in enumerate(self.members) if i != number]
            await one.post(f"{self.path}/confirmations", {"met": met})
        until = when(minute_of(self.clock.now()) + 300 * DAY)
        roles = (("lead", 0), ("verifier", 1), ("verifier", 2))
        offices = [{"role": role, "member": self.members[n], "until": until} for role, n in roles]
        body = {"founders": self.members, "offices": offices}
        await first.post(f"{self.path}/constitution", body)
        for other in self.people[3:]:
            await self.join(other)

    async def join(self, other: Caller) -> None:
        """Let somebody join by an invitation of the founder."""
        invited = await self.people[0].post(f"{self.path}/invitations", key=None)
        joined = await other.post(f"{self.path}/members", {"invitation": invited["secret"]})
        self.members.append(joined["id"])

    async def propose(self, **more: Any) -> str:
        """Let the first person propose something; return its path."""
        body = {
            "title": "A hall",
            "text": "Let us rent one.",
            "secrecy": "pseudonymous",
            **more,
        }
        proposed = await self.people[0].post(f"{self.path}/proposals", body)
        return f"{self.path}/proposals/{proposed['id']}"

    async def stepped_up(self, one: Caller) -> None:
        """Let somebody have proved a factor just now."""
        async with writing(self.node.engine) as db:
            await db.execute(
                update(session)
                .where(session.c.id_hash == sessions.id_hash(one.token))
                .values(step_up=minute_of(self.clock.now()))
            )

    async def pass_time(self, **time: int) -> None:
        """Move the clock and let every record see it."""
        self.clock.advance(timedelta(**time))
        await self.node.book.tick(1)


@asynccontextmanager
async def serve(url: str, data: Path, clock: SetClock, **more: Any) -> AsyncIterator[Api]:
    """Serve the API of a node on a migrated database."""
    settings = Settings(
        data=data,
        database_url=url,
        run_as=None,
        base_url="http://localhost:8000",
        host="127.0.0.1",
        port=8000,
        workers=1,
        **{"demo": True, **more},
    )
    pages = Pages(Site("civic", demo=True, secure=False), bytes(32), account=account_links)
    app = Litestar(
        route_handlers=[identity.api.router(), router()],
        exception_handlers={
            **exception_handlers(pages),
            SignInNeeded: answer_sign_in_needed,
        },
        openapi_config=None,
        logging_config=None,
    )
    async with open_node(url, data, clock) as node:
        app.state.update({"node": node, "private": node.private})
        app.state.update({"pages": pages, "settings": settings, "finish": partial(finish, node)})
        transport = httpx.ASGITransport(protected(app, pages))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            yield Api(node, clock, http)


@pytest.fixture
async def api(database_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    """A node with nobody on it."""
    async with serve(database_url, tmp_path, SetClock(START)) as served:
        yield served
