"""How a visitor stands with a chapter: refused, suspended, gone; what they can do about it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chapters.standing.papers import Reason, read_reason
from chapters.standing.queries import SuspensionLine, refusal_of, suspensions
from civic.deeds import standing as deeds
from civic.kernel.database import Reading
from civic.kernel.record import ties
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import N_, _
from civic.node import Node
from civic.pages.visit import (
    Asked,
    ChapterVisit,
    Page,
    acting_as,
    answered,
    chapter_page,
    outcome_of,
    visiting,
)
from civic.pages.writing import LANG, lang_of, remembering, usual

APPEAL: Final = Field("appeal", "why you appeal", Kind.TEXT, most=2000)
PAPER: Final = Field("paper", "what is to be erased", most=64)
ENDS: Final = {
    "term": N_("its term was over"),
    "appeal": N_("two others in office lifted it"),
    "unanswered": N_("nobody upheld it in time"),
    "decision": N_("members lifted it by a vote"),
    "lifted": N_("it was taken back"),
    "left": N_("the member left"),
    "expelled": N_("the member was expelled"),
    "lapsed": N_("nobody agreed to it"),
}
"""Why a suspension ended, within a sentence."""


async def words_of(
    node: Node, db: Reading, log: int, papers: Iterable[bytes | None]
) -> Mapping[bytes | None, Reason]:
    """Return what reasons say, by the hash of their paper; those that were erased are left out."""
    wanted = [one for one in papers if one is not None]
    found = await ties.papers(db, node.book.vault, log, wanted) if wanted else {}
    return {digest: read_reason(raw) for digest, raw in found.items()}


@get("/c/{chapter_id:str}/standing")
async def standing(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Tell somebody how they stand, and what they can do."""
    async with visiting(request, chapter_id) as visit:
        return await _page(visit, blank(APPEAL, LANG, lang=usual(request)))


@post("/c/{chapter_id:str}/standing/appeal", status_code=200)
async def appeal(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Appeal against one's suspension."""
    at = await acting_as(request, chapter_id, "suspended")
    form = await read_form(request, APPEAL, LANG)
    lang = lang_of(request, form)
    async with visiting(request, chapter_id) as visit:
        open_one = await _in_force(visit)
        if open_one is None:
            raise NotFoundException
        if not form.ok:
            return await _page(visit, form)
    outcome = await outcome_of(
        deeds.appeal(at.node.desk, at.person, open_one.id, form.value("appeal"), lang, form.key)
    )
    said = _("You have appealed. Two others in office have a week to judge it.")
    return remembering(request, answered(request, outcome, f"{at.path}/standing", said), lang)


@post("/c/{chapter_id:str}/standing/return")
async def come_back(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Ask to come back under the id that one had."""
    at = await acting_as(request, chapter_id, "left", "expelled")
    form = await read_form(request)
    outcome = await outcome_of(deeds.come_back(at.node.desk, at.person, form.key))
    said = _("You have asked to come back. A lead answers within a month; look in again.")
    return answered(request, outcome, f"{at.path}/standing", said)


@post("/c/{chapter_id:str}/standing/erase")
async def erase(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Have a reason erased that concerns oneself."""
    at = await acting_as(request, chapter_id, "active", "suspended", "left", "expelled")
    form = await read_form(request, PAPER)
    outcome = await outcome_of(
        deeds.erase_reason(at.node.desk, at.person, form.value("paper"), form.key)
    )
    return answered(request, outcome, f"{at.path}/standing", _("The reason is erased."))


async def _in_force(visit: ChapterVisit) -> SuspensionLine | None:
    found = await suspensions(visit.db, visit.line.log, _own_id(visit), limit=1)
    return next((one for one in found if one.begun is not None and one.ended is None), None)


def _own_id(visit: ChapterVisit) -> str:
    known = visit.known
    membership = None if known is None else known.vault.membership(visit.line.chapter_id)
    if membership is None:
        raise NotFoundException
    return membership.member_id


async def _page(visit: ChapterVisit, form: Form) -> Page:
    if visit.own is None:
        raise NotFoundException
    log, node, own_id = visit.line.log, visit.node, _own_id(visit)
    found = await suspensions(visit.db, log, own_id, limit=5)
    refused = await refusal_of(visit.db, log, own_id)
    shown = [one for one in found[:2] if one.begun is not None]
    papers = [paper for one in shown for paper in (one.paper, one.appeal)]
    words = await words_of(node, visit.db, log, [*papers, refused.paper if refused else None])
    lines: list[dict[str, Any]] = [
        {
            "line": one,
            "reason": words.get(one.paper),
            "appeal": words.get(one.appeal),
            "ended": _(ENDS[one.why]) if one.why else "",
        }
        for one in shown
    ]
    return chapter_page(
        visit,
        "chapters/standing.html",
        "people",
        status=200 if form.ok else 422,
        form=form,
        state=visit.own.state,
        lines=lines,
        refused=refused,
        reason=words.get(refused.paper) if refused else None,
        appeal_until=_appeal_until(visit, found),
        now=visit.now,
    )


def _appeal_until(visit: ChapterVisit, found: list[SuspensionLine]) -> int | None:
    """Return until when the suspension in force can be appealed, None when it cannot any more."""
    for one in found:
        if one.begun is not None and one.ended is None and one.appealed is None:
            until = one.begun + visit.chapter.bylaws.appeal_time
            return until if until >= visit.now else None
    return None


HANDLERS: Final = [standing, appeal, come_back, erase]
