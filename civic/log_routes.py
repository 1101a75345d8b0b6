"""`/log/<log id>/`: checkpoint, tiles, content and proofs over HTTP, with the right caching.

Everything that the published checkpoint of a public chapter implies is a file that never changes:
any cache may keep it. What only members see is `private`, and words are kept by nobody.
"""

import asyncio
import gzip
import hashlib
from collections.abc import Awaitable, Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from litestar import Request, Response, Router, get
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel.clock import Clock, minute_of
from civic.kernel.database import Reading, reading
from civic.kernel.record import proof, serving, store
from civic.kernel.record.serving import Served, Visible
from civic.procedure import VERSIONS
from civic.ticks import present_tick
from identity.scopes import Scope, needs

FOREVER: Final = "max-age=31536000, immutable"
CHECKPOINT: Final = "public, max-age=5"
WORLD: Final = frozenset(
    name for version in VERSIONS.values() for name, kind in version.kinds.items() if kind.world
)
MEMBERS_CHECKPOINT: Final = "private, no-cache"
NO_STORE: Final = "no-store"

AnyRequest = Request[Any, Any, Any]
IsMember = Callable[[AnyRequest, store.Head], Awaitable[bool]]
"""Whether who asks is signed in as a member of the log's chapter."""
MayRead = Callable[[AnyRequest, store.Head], Awaitable[bool]]
"""Whether who asks may read the record, as of the last tick, without being a member."""
MayHaveReceipt = Callable[[AnyRequest, store.Head, int], Awaitable[bool]]
"""Whether who asks is the author of the act at this index."""
PresentTick = Callable[[Reading, store.Head, int], Awaitable[int]]
"""The minute at which the tick of a chapter began that a given minute lies in."""


async def nobody(request: AnyRequest, head: store.Head, index: int) -> bool:
    """Give receipts to nobody."""
    return False


async def members_only(request: AnyRequest, head: store.Head) -> bool:
    """Let nobody but members read what is not for the world."""
    return False


def router(
    is_member: IsMember,
    *,
    may_read: MayRead = members_only,
    may_have_receipt: MayHaveReceipt = nobody,
    present_tick: PresentTick = present_tick,
    world: Container[str] = WORLD,
) -> Router:
    """Return the routes of all logs of the node that the application keeps as `node`.

    `is_member` and then `may_read` are asked only where the answer matters, so that reading a
    public record touches no session. `world` are the kinds of entries meant for the world.
    """
    access = _Access(is_member, may_read, may_have_receipt, present_tick, world)
    return Router(
        "/log/{log_id:str}",
        route_handlers=_handlers(access),
        include_in_schema=False,
        opt=needs(Scope.READ),
    )


@dataclass(frozen=True)
class _Access:
    is_member: IsMember
    may_read: MayRead
    may_have_receipt: MayHaveReceipt
    present_tick: PresentTick
    world: Container[str]


class _Asked:
    """One request for something of one log.

    Who asks is found out by another connection, so it is never asked while this one is held:
    requests that each hold one and wait for one more could wait for each other.
    """

    def __init__(self, access: _Access, request: AnyRequest, log_id: str) -> None:
        self.access = access
        self.request = request
        self.log_id = log_id
        self._member: bool | None = None

    async def head(self, db: Reading) -> store.Head:
        head = await store.find_log(db, self.log_id)
        if head is None:
            raise NotFoundException
        return head

    async def open(self) -> store.Head:
        """Return the head of the log, if who asks may read all that is published of it."""
        async with reading(_engine(self.request)) as db:
            head = await self.head(db)
        if not await self._reads(head):
            raise PermissionDeniedException
        return head

    async def _reads(self, head: store.Head) -> bool:
        return (
            head.visibility == "world"
            or await self.member(head)
            or await self.access.may_read(self.request, head)
        )

    async def member(self, head: store.Head) -> bool:
        if self._member is None:
            self._member = await self.access.is_member(self.request, head)
        return self._member

    async def published(self, db: Reading, head: store.Head) -> Visible | None:
        now = minute_of(_clock(self.request).now())
        tick = await self.access.present_tick(db, head, now)
        return await serving.published(db, head, tick)


def _handlers(access: _Access) -> list[HTTPRouteHandler]:
    @get("/checkpoint")
    async def checkpoint(request: AnyRequest, log_id: FromPath[str]) -> Response[bytes]:
        """Return the signed head: of the last tick, for members of this moment."""
        asked = _Asked(access, request, log_id)
        async with reading(_engine(request)) as db:
            head = await asked.head(db)
            visible = await asked.published(db, head)
        member = await asked.member(head)
        if member:
            visible = serving.latest(head)
        if visible is None:
            raise NotFoundException
        cache = MEMBERS_CHECKPOINT if member else CHECKPOINT
        return await _respond(request, serving.checkpoint(visible), cache, by_session=True)

    @get("/vkey")
    async def vkey(request: AnyRequest, log_id: FromPath[str]) -> Response[bytes]:
        """Return the key of the log."""
        async with reading(_engine(request)) as db:
            head = await _Asked(access, request, log_id).head(db)
        return await _respond(request, serving.vkey(head), f"public, {FOREVER}")

    @get("/tile/{rest:path}")
    async def tile(
        request: AnyRequest, log_id: FromPath[str], rest: FromPath[str]
    ) -> Response[bytes]:
        """Return a hash tile or an entry bundle."""
        path = request.scope["path"].removeprefix(f"/log/{log_id}/")
        asked = _Asked(access, request, log_id)
        head = await asked.open()
        share = "public" if head.visibility == "world" else "private"
        async with reading(_engine(request)) as db:
            visible = await asked.published(db, head)
            size = visible.size if visible else 0
            served = await serving.tile(db, head, size, path)
        if served is None and await asked.member(head):
            # Not published yet: no shared cache may hand it to outsiders.
            share = "private"
            async with reading(_engine(request)) as db:
                served = await serving.tile(db, head, head.signed_size, path)
        if served is None:
            raise NotFoundException
        bundle = path.startswith("tile/entries/")
        return await _respond(request, served, f"{share}, {FOREVER}", compress=bundle)

    @get("/content/{digest:str}")
    async def content(
        request: AnyRequest, log_id: FromPath[str], digest: FromPath[str]
    ) -> Response[bytes]:
        """Return words (kept by no cache) or evidence."""
        asked = _Asked(access, request, log_id)
        head = await asked.open()
        async with reading(_engine(request)) as db:
            served = await serving.content(db, head, digest)
            visible = await asked.published(db, head)
        if served is None:
            raise NotFoundException
        if isinstance(served, serving.Erased):
            # Erasure takes effect at once; when it was made, outsiders learn with the tick.
            known = visible is not None and served.entry < visible.size
            entry = served.entry if known or await asked.member(head) else None
            return _gone(entry, hidden=served.hidden)
        share = "public" if head.visibility == "world" else "private"
        cache = f"{share}, {FOREVER}" if served.immutable else NO_STORE
        return await _respond(request, served, cache)

    @get("/open/{name:str}")
    async def open_proof(
        request: AnyRequest, log_id: FromPath[str], name: FromPath[str]
    ) -> Response[bytes]:
        """Return an entry meant for the world with the proof that it stands in the record."""
        index = _index(name)
        asked = _Asked(access, request, log_id)
        async with reading(_engine(request)) as db:
            head = await asked.head(db)
            visible = await asked.published(db, head)
            served = visible and await serving.open_proof(db, head, visible, index, access.world)
        if not served:
            raise NotFoundException
        return await _respond(request, served, CHECKPOINT)

    @get("/receipt/{name:str}")
    async def receipt(
        request: AnyRequest, log_id: FromPath[str], name: FromPath[str]
    ) -> Response[bytes]:
        """Return the proof of an act for its author."""
        index = _index(name)
        async with reading(_engine(request)) as db:
            head = await _Asked(access, request, log_id).head(db)
        if not await access.may_have_receipt(request, head, index):
            raise PermissionDeniedException
        async with reading(_engine(request)) as db:
            served = await serving.receipt(db, head, index)
        if served is None:
            raise NotFoundException
        return await _respond(request, served, NO_STORE)

    return [checkpoint, vkey, tile, content, open_proof, receipt]


def _engine(request: AnyRequest) -> AsyncEngine:
    engine: AsyncEngine = request.app.state["node"].engine
    return engine


def _clock(request: AnyRequest) -> Clock:
    clock: Clock = request.app.state["node"].clock
    return clock


def _index(name: str) -> int:
    digits = name.removesuffix(proof.FILE_SUFFIX)
    plain = digits.isascii() and digits.isdigit() and len(digits) < 19
    if digits == name or not plain or str(int(digits)) != digits:
        raise NotFoundException
    return int(digits)


async def _respond(
    request: AnyRequest,
    served: Served,
    cache: str,
    *,
    compress: bool = False,
    by_session: bool = False,
) -> Response[bytes]:
    body = served.body
    # Litestar adds the charset to text types by itself.
    media_type = served.media_type.partition(";")[0]
    headers = {"cache-control": cache}
    vary = [name for name, used in (("cookie", by_session), ("accept-encoding", compress)) if used]
    if vary:
        headers["vary"] = ", ".join(vary)
    if cache != NO_STORE:
        headers["etag"] = etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if _matches(request.headers.get("if-none-match", ""), etag):
            return Response(b"", status_code=304, headers=headers, media_type=media_type)
    if compress and _takes_gzip(request.headers):
        # A level and a time that are fixed: every process makes the same bytes.
        body = await asyncio.to_thread(gzip.compress, body, 6, mtime=0)
        headers["content-encoding"] = "gzip"
        headers["etag"] = f"W/{headers['etag']}"
    return Response(body, headers=headers, media_type=media_type)


def _matches(given: str, etag: str) -> bool:
    return any(one.strip().removeprefix("W/") in (etag, "*") for one in given.split(","))


def _takes_gzip(headers: Mapping[str, str]) -> bool:
    for one in headers.get("accept-encoding", "").split(","):
        name, _, weight = one.strip().partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _gone(entry: int | None, *, hidden: bool) -> Response[bytes]:
    problem: dict[str, Any] = {
        "type": "/problems/web.hidden" if hidden else "/problems/web.gone",
        "title": "These words are hidden" if hidden else "These words were erased",
        "status": 410,
    }
    if entry is not None:
        problem["params"] = {"entry": entry}
    return Response(
        msgspec.json.encode(problem),
        status_code=410,
        headers={"cache-control": NO_STORE},
        media_type="application/problem+json",
    )
