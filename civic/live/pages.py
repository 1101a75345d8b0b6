"""The address at which a member's browser hears that a chapter's record has grown."""

from typing import Any, Final

from litestar import Response, Router, get
from litestar.params import FromPath
from litestar.response import Stream as Streaming

from civic.kernel.web.pages import NO_STORE
from civic.kernel.web.problem import Busy
from civic.live.streams import Full, Streams, event_of
from civic.live.watching import Watching
from civic.pages.visit import Asked, must_be_present, visiting
from identity.web import must_be_signed_in

STREAM: Final = "text/event-stream"
UNCOMPRESSED: Final = "^/c/[0-9a-f]{64}/live$"
"""Paths whose answers are not compressed: each event goes out by itself."""
PAUSE: Final = 60
"""Seconds after which to come again where a process has no room."""

_HEADERS: Final = {"cache-control": NO_STORE, "x-accel-buffering": "no"}


@get("/c/{chapter_id:str}/live")
async def live(request: Asked, chapter_id: FromPath[str]) -> Response[Any]:
    """Tell who sees a chapter as it is now each time its record has grown: its size, no more.

    Everybody else sees the chapter move once a tick, so there is nothing to tell them meanwhile.
    Who does not ask for a stream of events is told the size once.
    """
    known = await must_be_signed_in(request)
    async with visiting(request, chapter_id) as visit:
        person = must_be_present(visit)
        size = visit.chapter.signed_size
        who = Watching(visit.line.log, person.member, known.id_hash, known.turned)
    # From here on nothing of the database is held.
    if STREAM not in request.headers.get("accept", ""):
        return Response(event_of(size), media_type=STREAM, headers=_HEADERS)
    streams: Streams = request.app.state["streams"]
    try:
        stream = streams.open(who, _seen(request), size)
    except Full as full:
        if full.own:
            # To a browser this means not to come again by itself.
            return Response(b"", status_code=204, headers=_HEADERS)
        raise Busy(PAUSE) from full
    return Streaming(streams.chunks(stream), media_type=STREAM, headers=_HEADERS)


def _seen(request: Asked) -> int:
    """Return the size that a browser knows of: by the last event, else by the page it shows."""
    for text in (request.headers.get("last-event-id", ""), request.query_params.get("after", "")):
        if text.isascii() and text.isdigit() and len(text) < 16:
            return int(text)
    return 0


def router() -> Router:
    """Return the address of all chapters' streams."""
    return Router("/", route_handlers=[live], include_in_schema=False)
