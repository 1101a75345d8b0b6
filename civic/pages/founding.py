"""Founding a chapter, and what its founders do until it is constituted."""

from typing import Any, Final, cast

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chapters import queries
from chapters.bylaws import CHARTER, DAY, TEMPLATES, Value
from chapters.entries import Role
from chapters.queries import MemberLine
from civic import beginnings
from civic.deeds import chapter as deeds
from civic.hands import hand_of
from civic.kernel.refusal import Refusal
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import N_, _
from civic.kernel.web.pages import NO_STORE, render, see_other
from civic.membership import node_of
from civic.pages import bylaw_words
from civic.pages.bylaw_bounds import beyond_charter, bound_in_words, differing
from civic.pages.bylaw_words import RULES, WrittenWrong, in_words
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
from identity.web import must_be_signed_in

TEMPLATE_NAMES: Final = {
    "circle": (N_("Circle"), N_("Three or more people who know each other. They join by "
                                "invitation, vote by name, and decide with two thirds.")),
    "town": (N_("Town chapter"), N_("Five founders, and people of one place who do not all know "
                                    "each other. Members vouch for each other before they vote; "
                                    "a fifth of them is enough.")),
    "diaspora": (N_("Large diaspora"), N_("Seven founders, and many people far apart. Verifiers "
                                          "see each member before they vote; three in ten must "
                                          "take part.")),
}  # fmt: skip
NAME: Final = Field("name", "the chapter's name", least=2, most=80)
TEMPLATE: Final = Field(
    "template", "what kind of chapter it is", Kind.CHOICE, choices=tuple(TEMPLATES)
)
VISIBILITY: Final = Field(
    "visibility", "who reads the record", Kind.CHOICE, choices=("chapter", "network", "world")
)
UNDERSTOOD: Final = Field("understood", "I know that the rules are a draft", Kind.TICK)
_OWN: Final = tuple(rule for rule in RULES if rule.field != "visibility")
"""The bylaws that a founder may set otherwise than the template."""
_FIELDS: Final = (
    NAME, TEMPLATE, VISIBILITY, UNDERSTOOD,
    *(Field(rule.field, rule.field, required=False, most=40) for rule in _OWN),
)  # fmt: skip
_TERM_MOST: Final = CHARTER.term_most // DAY // 31


@get("/chapters/new")
async def ask_founding(request: Asked) -> Page:
    """Ask what is needed to found a chapter."""
    _allowed(request)
    await must_be_signed_in(request)
    return _founding_page(request, blank(*_FIELDS, template="circle", visibility="chapter"))


@post("/chapters/new", status_code=200)
async def found(request: Asked) -> Page:
    """Found a chapter, once however often the form is sent."""
    _allowed(request)
    known = await must_be_signed_in(request)
    form = await read_form(request, *_FIELDS)
    bylaws, form = _own_bylaws(form)
    if not form.ok:
        return _founding_page(request, form)
    node = node_of(request)
    outcome = await outcome_of(
        beginnings.found(
            node,
            known,
            name=form.value("name"),
            lang="en",
            template=form.value("template"),
            idempotency=form.key,
            bylaws={"visibility": form.value("visibility"), **bylaws},
            hand=await hand_of(request),
        )
    )
    if isinstance(outcome, Refusal):
        return _founding_page(request, form.refused(outcome))
    said = _("The chapter is founded. Now invite the other founders.")
    return see_other(request, f"/c/{outcome.chapter_id}", said)


def _own_bylaws(form: Form) -> tuple[dict[str, Value], Form]:
    """Return the bylaws that the founder set otherwise; what was left empty is the template's."""
    own: dict[str, Value] = {}
    for rule in _OWN:
        text = form.value(rule.field)
        if not text:
            continue
        try:
            own[rule.field] = bylaw_words.read(rule.field, text)
        except WrittenWrong as wrong:
            form = form.with_error(rule.field, f"{_(rule.name)}: {wrong}")
            continue
        if beyond := beyond_charter(rule.field, own[rule.field]):
            form = form.with_error(rule.field, f"{_(rule.name)}: {beyond}")
    return own, form


def _allowed(request: Asked) -> None:
    # The rules may still change, and what was founded under them could not be checked any more.
    settings = request.app.state["settings"]
    if not (settings.demo or settings.draft):
        raise NotFoundException


def _founding_page(request: Asked, form: Form) -> Page:
    templates = [
        (name, _(words[0]), _(words[1]), in_words(TEMPLATES[name]))
        for name, words in TEMPLATE_NAMES.items()
    ]
    return render(
        request,
        "chapters/found.html",
        status=200 if form.ok else 422,
        cache=NO_STORE,
        form=form,
        templates=templates,
        founders={name: TEMPLATES[name].founders for name in TEMPLATES},
        columns=[(_("Bylaw"), "text"), *((title, "text") for _name, title, *_rest in templates)],
        compared=[(name, *values) for _field, name, values in differing(tuple(TEMPLATE_NAMES))],
        own=[
            (
                rule,
                _(rule.name),
                bound_in_words(rule.field),
                bylaw_words.unit_in_words(rule),
                [("", _("as in the template")), *bylaw_words.options_of(rule)]
                if rule.choices
                else [],
            )
            for rule in _OWN
        ],
        changed=any(form.value(rule.field) for rule in _OWN),
    )


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


_OFFICES: Final = ("lead", "facilitator", "verifier", "second")


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


def name_of(member: MemberLine) -> str:
    """Return how a member is called in a list: their name, else the beginning of their id."""
    return (member.name.text if member.name else None) or _("Member %(id)s…") % {
        "id": member.id[:6]
    }


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


HANDLERS: Final = [
    ask_founding, found, ask_confirmation, confirm, ask_constitution, constitute,
]  # fmt: skip
