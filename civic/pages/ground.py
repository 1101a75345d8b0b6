"""On whose ground a problem is told: the chapter that surrounds it, and the ways on from there."""

import re
from typing import Any, Final

from litestar import Request
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, NotFoundException
from litestar.types import Scope
from sqlalchemy.exc import SQLAlchemyError

from civic import publication
from civic.deeds.hand import SignatureNeeded
from civic.kernel.record.course import RulesUnknown
from civic.kernel.web.language import _
from civic.kernel.web.pages import Link
from civic.kernel.web.problem import GROUND, Ground, Refused, wants_program_form
from civic.page_views import ChapterPage
from civic.pages.visit import Asked, ChapterVisit, frame_of, visiting
from identity.step_up import StepUpNeeded
from identity.web import SignInNeeded, signed_in

_CHAPTER: Final = re.compile(r"/c/([0-9a-f]{64})(?:/|$)")
_TOLD: Final = (Refused, RulesUnknown, HTTPException)
_ANSWERED: Final = (SignInNeeded, StepUpNeeded, SignatureNeeded)
"""What has pages of its own."""


async def stand_on(exception: Exception, scope: Scope) -> None:
    """Note for the page of a problem who reads it, and in which chapter it arose.

    To be registered as a hook behind exceptions. It asks nothing for programs, and nothing where
    the node itself failed.
    """
    if scope["type"] != ScopeType.HTTP or not isinstance(exception, _TOLD):
        return
    status: Any = getattr(exception, "status", None) or getattr(exception, "status_code", 409)
    if isinstance(exception, _ANSWERED) or status >= 500:
        return
    request: Asked = Request(scope)
    bearer = "authorization" in request.headers
    if bearer or wants_program_form(scope["path"], request.headers.get("accept", "")):
        return
    try:
        await signed_in(request)
        found = _CHAPTER.match(scope["path"])
        if found is not None:
            scope["state"][GROUND] = await _ground(request, found[1], status)
    except (SQLAlchemyError, OSError, TimeoutError, *_TOLD):
        # The problem is told without: what this meets is no problem of who asked.
        return


async def _ground(request: Asked, chapter_id: str, status: int) -> Ground | None:
    try:
        async with visiting(request, chapter_id) as visit:
            name = await _name(visit)
    except NotFoundException:
        return None
    if name is None:
        return None
    return Ground(frame_of(visit, name), _ways(visit, name, status))


async def _name(visit: ChapterVisit) -> str | None:
    """Return the chapter's name as the visitor may know it, None before outsiders know any."""
    if visit.live:
        return visit.line.name.text or ""
    page: ChapterPage | None = await publication.page_of(
        visit.db, visit.line.log, visit.published(publication.CHAPTER), ChapterPage, visit.now
    )
    return None if page is None else page.name


def _ways(visit: ChapterVisit, name: str, status: int) -> tuple[Link, ...]:
    """Return where to go from a problem; whoever may ask to join finds how."""
    chapter = Link(_("To %(chapter)s") % {"chapter": name or _("the chapter")}, visit.path)
    if status != 403 or visit.person is not None or visit.line.replica:
        return (chapter,)
    if visit.own is not None and visit.own.state in ("suspended", "left", "expelled"):
        standing = Link(_("How you stand here, and what you can do"), f"{visit.path}/standing")
        return standing, chapter
    open_to = visit.line.stage == "active" and visit.chapter.bylaws.admission != "invitation"
    if visit.own is None and visit.known is not None and open_to:
        return Link(_("Ask to join"), f"{visit.path}/apply", deed=True), chapter
    return (chapter,)
