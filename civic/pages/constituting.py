"""What founders do until their chapter is constituted: confirm whom they met, give offices."""

from typing import Any, Final, cast

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chapters import queries
from chapters.bylaws import CHARTER, DAY
from chapters.entries import Role
from chapters.queries import MemberLine
from civic.deeds import chapter as deeds
from civic.kernel.refusal import Refusal
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import see_other
from civic.pages.telling import name_of
from civic.pages.visit import (
    Asked,
    ChapterVisit,
    Page,
    acting,
    chapter_page,
    must_be_member,
    outcome_of,
    visiting,
)
from identity.step_up import must_have_stepped_up

_TERM_MOST: Final = CHARTER.term_most // DAY // 31
_OFFICES: Final = ("lead", "facilitator", "verifier", "second")


@get("/c/{chapter_id:str}/confirm")
async def ask_confirmation(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Say what confirming means, and ask whom the founder has met."""
    await must_have_stepped_up(request)
    async with visiting(request, chapter_id) as visit:
        others = await _others(visit)
        met = await queries.confirmations(visit.db, visit.line.log)
    mine = must_be_member(visit).member
    already = tuple(one.met for one in met if one.member == mine)
    return _confirmation_page(visit, others, blank(_met_field(others), met=already))


@post("/c/{chapter_id:str}/confirm", status_code=200)
async def confirm(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Confirm having met others."""
    await must_have_stepped_up(request)
    at = await acting(request, chapter_id)
    async with visiting(request, chapter_id) as visit:
        others = await _others(visit)
    form = await read_form(request, _met_field(others))
    if form.ok:
        outcome = await outcome_of(
            deeds.confirm(at.node.desk, at.person, form.values("met"), form.key)
        )
        if not isinstance(outcome, Refusal):
            return see_other(request, at.path, _("Your confirmation stands in the record."))
        form = form.refused(outcome)
    return _confirmation_page(visit, others, form)


async def _others(visit: ChapterVisit) -> list[MemberLine]:
    me = must_be_member(visit).member
    if visit.line.stage != "forming":
        raise NotFoundException
    members = await queries.members(visit.db, visit.line.log)
    return [one for one in members if one.id != me]


def _met_field(others: list[MemberLine]) -> Field:
    ids = tuple(one.id for one in others)
    return Field("met", _("whom you have met"), Kind.CHOICES, choices=ids, least=1, most=60)


def _confirmation_page(visit: ChapterVisit, others: list[MemberLine], form: Form) -> Page:
    return _page(
        visit,
        "chapters/confirm.html",
        form,
        options=[(one.id, name_of(one), "") for one in others],
    )


@get("/c/{chapter_id:str}/constitute")
async def ask_constitution(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Ask who are the founders and who holds the first offices."""
    await must_have_stepped_up(request)
    async with visiting(request, chapter_id) as visit:
        people = await _founders(visit)
    ids = [one.id for one in people]
    picked = dict(zip(_OFFICES, (ids * 3)[: len(_OFFICES)], strict=True)) if ids else {}
    if len(ids) > 2:
        picked |= {"lead": ids[0], "facilitator": ids[1], "verifier": ids[1], "second": ids[2]}
    form = blank(*_constitution_fields(ids), founders=tuple(ids), months="12", **picked)
    return _constitution_page(visit, people, form)


@post("/c/{chapter_id:str}/constitute", status_code=200)
async def constitute(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Constitute the chapter with its first offices."""
    await must_have_stepped_up(request)
    at = await acting(request, chapter_id)
    async with visiting(request, chapter_id) as visit:
        people = await _founders(visit)
    form = await read_form(request, *_constitution_fields([one.id for one in people]))
    if form.ok and form.value("verifier") == form.value("second"):
        form = form.with_error("second", _("The two verifiers are two different people"))
    if form.ok:
        # From the start of a day, so that the form means the same when it is sent again, signed;
        # and a day less than the months may have, so that the longest term is never exceeded.
        until = at.now - at.now % DAY + int(form.value("months")) * 365 * DAY // 12
        offices = [
            (cast("Role", "verifier" if name == "second" else name), form.value(name), until)
            for name in _OFFICES
        ]
        outcome = await outcome_of(
            deeds.constitute(at.node.desk, at.person, form.values("founders"), offices, form.key)
        )
        if not isinstance(outcome, Refusal):
            return see_other(request, at.path, _("The chapter is constituted. Congratulations!"))
        form = form.refused(outcome)
    return _constitution_page(visit, people, form)


async def _founders(visit: ChapterVisit) -> list[MemberLine]:
    must_be_member(visit)
    if visit.line.stage != "forming":
        raise NotFoundException
    return await queries.members(visit.db, visit.line.log)


def _constitution_fields(ids: list[str]) -> tuple[Field, ...]:
    choices = tuple(ids)
    months = tuple(str(n) for n in range(1, _TERM_MOST + 2))
    return (
        Field("founders", _("the founders"), Kind.CHOICES, choices=choices, least=1, most=60),
        Field("lead", _("a lead"), Kind.CHOICE, choices=choices),
        Field("facilitator", _("a facilitator"), Kind.CHOICE, choices=choices),
        Field("verifier", _("a verifier"), Kind.CHOICE, choices=choices),
        Field("second", _("a second verifier"), Kind.CHOICE, choices=choices),
        Field("months", _("the length of the first terms"), Kind.CHOICE, choices=months),
    )


def _constitution_page(visit: ChapterVisit, people: list[MemberLine], form: Form) -> Page:
    return _page(
        visit,
        "chapters/constitute.html",
        form,
        people=[(one.id, name_of(one)) for one in people],
        options=[(one.id, name_of(one), "") for one in people],
        months=[str(n) for n in (3, 6, 9, 12)],
    )


def _page(visit: ChapterVisit, template: str, form: Form, **view: Any) -> Page:
    return chapter_page(
        visit,
        template,
        "chapter",
        status=200 if form.ok else 422,
        view=visit.chapter,
        form=form,
        **view,
    )


HANDLERS: Final = [ask_confirmation, confirm, ask_constitution, constitute]
