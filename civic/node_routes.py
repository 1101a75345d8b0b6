"""What programs ask a node for beside its records: which log is a chapter's."""

from typing import Any

import msgspec
from litestar import Request, Router, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from civic.kernel.database import reading
from civic.kernel.record import store
from civic.membership import node_of


class LogOfChapter(msgspec.Struct, frozen=True):
    """Where the record of a chapter lies: under `/log/<log_id>/`."""

    log_id: str


@get("/c/{chapter_id:str}/log", include_in_schema=False)
async def log_of_chapter(
    request: Request[Any, Any, Any], chapter_id: FromPath[str]
) -> LogOfChapter:
    """Name the log of a chapter."""
    async with reading(node_of(request).engine) as db:
        head = await store.find_chapter(db, chapter_id)
    if head is None:
        raise NotFoundException
    return LogOfChapter(head.log_id)


node_router = Router("/", route_handlers=[log_of_chapter])
