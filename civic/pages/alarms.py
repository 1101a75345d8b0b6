"""Alarms for verifiers and leads: reasons to look, never reasons to exclude."""

from typing import Final

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chapters.alarms import queries
from chapters.alarms.growth import MONTH, growth
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, render
from civic.pages.visit import Asked, Page, frame_of, must_be_member, visiting


@get("/c/{chapter_id:str}/alarms")
async def show(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Show how the chapter grew, and whom few paths of vouches reach."""
    async with visiting(request, chapter_id) as visit:
        must_be_member(visit)
        if visit.own is None or visit.own.office("verifier", "lead") is None:
            raise NotFoundException
        log = visit.line.log
        found = await queries.alarms(visit.db, visit.node.book.vault, log, visit.now - MONTH)
        looked = found.looked
        few = await queries.reached(visit.db, log, looked.members) if looked else []
    return render(
        request,
        "chapters/alarms.html",
        chapter=frame_of(visit, visit.line.name.text or _("An erased title"), "desk"),
        cache=NO_STORE,
        path=visit.path,
        grown=growth(found.joined, visit.line.active),
        day=looked.day.isoformat() if looked else "",
        few=few,
        now=visit.now,
    )


HANDLERS: Final = [show]
