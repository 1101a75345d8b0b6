"""A node as an attacker meets it: the API and the logs, with people who hold their own keys."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar
from nacl.signing import SigningKey
from sqlalchemy.ext.asyncio import AsyncEngine

import identity.api
from civic import log_routes
from civic.api import router
from civic.authorship import is_author
from civic.beginnings import finish
from civic.kernel import keys
from civic.kernel.clock import SetClock
from civic.kernel.record.content import Words, content_hash, make_words
from civic.kernel.record.entry import Act, As, Body, By, Proof, act_key, act_message
from civic.kernel.web.asgi import protected
from civic.kernel.web.pages import Pages, Site
from civic.kernel.web.problem import exception_handlers
from civic.membership import is_member
from civic.node import open_node
from civic.projections import PROJECTIONS
from civic.settings import Settings
from identity import member_keys
from identity.web import SignInNeeded, account_links, answer_sign_in_needed
from tests.civic.api.conftest import Api
from tests.lives import START, Life, begin


def settings_of(url: str, data: Path) -> Settings:
    """Return the settings of a node of these tests."""
    return Settings(
        data=data,
        database_url=url,
        run_as=None,
        base_url="http://localhost:8000",
        host="127.0.0.1",
        port=8000,
        workers=1,
        demo=True,
    )


@pytest.fixture
async def api(database_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    """A node with nobody on it, behind its API and its logs."""
    clock, settings = SetClock(START), settings_of(database_url, tmp_path)
    pages = Pages(Site("civic", demo=True, secure=False), bytes(32), account=account_links)
    app = Litestar(
        route_handlers=[
            identity.api.router(),
            router(),
            log_routes.router(is_member, may_have_receipt=is_author),
        ],
        exception_handlers={
            **exception_handlers(pages),
            SignInNeeded: answer_sign_in_needed,
        },
        openapi_config=None,
        logging_config=None,
    )
    async with open_node(database_url, tmp_path, clock) as node:
        app.state.update({"node": node, "private": node.private})
        app.state.update({"pages": pages, "settings": settings, "finish": partial(finish, node)})
        transport = httpx.ASGITransport(protected(app, pages))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            yield Api(node, clock, http)


@pytest.fixture
async def life(database: AsyncEngine, tmp_path: Path) -> Life:
    """A constituted chapter of eight, with its read model."""
    return await begin(database, tmp_path / "keys", people=8, projections=PROJECTIONS)


@dataclass
class Words1:
    """Words and their hash."""

    raw: bytes
    digest: str


def words(text: str, salt: bytes = bytes(16)) -> Words1:
    """Return words as content."""
    raw = make_words(Words("en", text), salt)
    return Words1(raw, content_hash(raw))


@dataclass
class KeyHolder:
    """A member who signs acts alone and sends them as they stand."""

    log_id: str
    member: str
    seed: bytes

    @property
    def key(self) -> SigningKey:
        """The member key."""
        return member_keys.member_key(self.seed, self.log_id)

    def act(
        self,
        body: Body,
        idempotency: str,
        texts: tuple[Words1, ...] = (),
        *,
        key: str | None = None,
    ) -> dict[str, Any]:
        """Return the request for an act under the member's own id; `key` in place of its own."""
        by = By(As.MEMBER, self.member)
        return self._signed(by, self.key, body, idempotency, texts, key)

    def _signed(
        self,
        by: By,
        signer: SigningKey,
        body: Body,
        idempotency: str,
        texts: tuple[Words1, ...],
        key: str | None,
    ) -> dict[str, Any]:
        own = key or act_key(self.log_id, by, idempotency)
        content = tuple(one.digest for one in texts)
        message = act_message(self.log_id, body.kind, by, own, body, content)
        proof = Proof(keys.public_key(signer).hex(), keys.sign(signer, message).hex())
        act: Act[Any] = Act(body.kind, by, own, body, content, proof)
        return {
            "act": msgspec.to_builtins(act),
            "idempotency": idempotency,
            "content": {one.digest: base64.b64encode(one.raw).decode() for one in texts},
        }

    def voice_act(
        self, matter: str, body: Body, idempotency: str, texts: tuple[Words1, ...] = ()
    ) -> dict[str, Any]:
        """Return the request for an act under the member's voice in a matter, with its tie."""
        from chapters.papers import Tie, make_tie, tie_message

        signer = member_keys.voice_key(self.seed, self.log_id, matter)
        by = By(As.VOICE, member_keys.id_of_key(signer))
        tie = Tie(matter, "voice", by.id, self.member)
        signature = keys.sign(self.key, tie_message(self.log_id, tie)).hex()
        paper = make_tie(msgspec.structs.replace(tie, signature=signature))
        request = self._signed(by, signer, body, idempotency, texts, None)
        return {**request, "tie": base64.b64encode(paper).decode()}
