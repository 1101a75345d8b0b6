"""The two pages in FastAPI: async SQLAlchemy or asyncpg, Jinja, uvicorn on uvloop and httptools."""

import contextlib
import gc
import hashlib
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import asyncpg
import uvicorn
from fastapi import Cookie, Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from starlette.middleware.gzip import GZipMiddleware

from bench.peers import discussed, views
from bench.peers.environment import environment
from bench.peers.statements import CLAUSES, STATEMENTS
from civic.kernel.database import PLANNED_ONCE

URL: Final = os.environ["PEER_URL"]
RAW: Final = os.environ.get("PEER_DRIVER") == "asyncpg"
CONNECTIONS: Final = 8
templates = Jinja2Templates(env=environment())
engine = create_async_engine(
    make_url(URL).update_query_dict({"prepared_statement_cache_size": "500"}),
    connect_args={"server_settings": PLANNED_ONCE},
    pool_size=CONNECTIONS,
    max_overflow=0,
)


class _Core:
    """Asks through SQLAlchemy, as most FastAPI services do."""

    def __init__(self, db: AsyncConnection) -> None:
        self._db = db

    async def rows(self, name: str, **values: Any) -> Sequence[Any]:
        """Return the rows of a statement."""
        return (await self._db.execute(CLAUSES[name], values)).all()


class _Driver:
    """Asks the driver itself."""

    def __init__(self, db: Any) -> None:
        self._db = db

    async def rows(self, name: str, **values: Any) -> Sequence[Any]:
        """Return the rows of a statement."""
        asked = STATEMENTS[name]
        rows: Sequence[Any] = await self._db.fetch(
            asked.asyncpg, *(values[one] for one in asked.names)
        )
        return rows


Asking = _Core | _Driver


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Hold connections open."""
    host = make_url(URL).query["host"]
    app.state.pool = (
        await asyncpg.create_pool(
            user="civic",
            database="civic",
            host=host,
            server_settings=PLANNED_ONCE,
            min_size=CONNECTIONS,
            max_size=CONNECTIONS,
        )
        if RAW
        else None
    )
    yield
    await engine.dispose()


async def asking(request: Request) -> AsyncIterator[Asking]:
    """Give a connection for the length of a request."""
    pool = request.app.state.pool
    if pool is None:
        async with engine.connect() as db:
            yield _Core(db)
    else:
        async with pool.acquire() as db:
            yield _Driver(db)


Db = Annotated[Asking, Depends(asking)]


async def signed_in(db: Db, civic: Annotated[str | None, Cookie()] = None) -> str:
    """Return the member behind a session's cookie, or answer 401."""
    if civic is not None:
        today = datetime.now(UTC).date()
        found = await db.rows(
            "session",
            hashes=[hashlib.sha256(civic.encode()).digest()],
            used_since=today - timedelta(days=14),
            created_since=today - timedelta(days=90),
        )
        if found:
            return str(found[0][-1])
    raise HTTPException(401)


Member = Annotated[str, Depends(signed_in)]


async def _visitor(db: Asking, chapter_id: str, member: str, matter: str) -> views.Visitor:
    found = await db.rows("own", chapter_id=chapter_id, member=member, matter=matter)
    if not found:
        raise HTTPException(403)
    return views.visitor(member, found[0])


async def proposals(request: Request, chapter_id: str, db: Db, member: Member) -> Any:
    """Show the proposals of a chapter."""
    who = await _visitor(db, chapter_id, member, "")
    chapter = await db.rows("chapter", chapter_id=chapter_id)
    if not chapter:
        raise HTTPException(404)
    rows = await db.rows("matters", **views.matters_values(chapter[0][0]))
    view = views.proposals(request.url.path, who, chapter[0], rows, int(time.time()) // 60)
    return _page(request, "proposals.html", view)


async def proposal(
    request: Request, chapter_id: str, proposal_id: str, db: Db, member: Member
) -> Any:
    """Show a proposal."""
    who = await _visitor(db, chapter_id, member, proposal_id)
    matter = await db.rows("matter", chapter_id=chapter_id, id=proposal_id, voice=who.voice)
    if not matter:
        raise HTTPException(404)
    log = matter[0][0]
    await db.rows("elections", log=log, matter=proposal_id, member=member, row=who.row)
    said = await db.rows("discussion", **discussed.discussion_values(log, proposal_id, who.row))
    view = discussed.proposal(request.url.path, who, matter[0], said, int(time.time()) // 60)
    return _page(request, "proposal.html", view)


def _page(request: Request, template: str, view: dict[str, Any]) -> Any:
    return templates.TemplateResponse(
        request, template, view, headers={"cache-control": "no-store", **views.HEADERS}
    )


def application() -> FastAPI:
    """Return the application."""
    app = FastAPI(openapi_url=None, lifespan=lifespan)
    app.add_middleware(GZipMiddleware, minimum_size=500, compresslevel=views.PACKED)
    for path, handler in (
        ("/c/{chapter_id}/proposals", proposals),
        ("/c/{chapter_id}/p/{proposal_id}", proposal),
    ):
        app.add_api_route(path, handler, response_class=HTMLResponse, response_model=None)
    return app


class _Server(uvicorn.Server):
    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        # As our own processes do.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 50, 100)


def main() -> None:
    """Serve on the port given."""
    config = uvicorn.Config(
        application(),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
    )
    _Server(config).run()


if __name__ == "__main__":
    main()
