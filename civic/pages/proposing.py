"""Proposing something: first what kind of thing, then the words and what a decision would do."""

from typing import Any, Final

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chapters.bylaws import Bylaws, Change
from civic.deeds import proposal as deeds
from civic.kernel.record.adoption import Adoption
from civic.kernel.refusal import Refusal
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import N_, _
from civic.kernel.web.pages import see_other
from civic.pages import bylaw_words
from civic.pages.about_people import Choices, appointment_of, choices_of, fields_of, measure_of
from civic.pages.bylaw_bounds import beyond_charter, bound_in_words
from civic.pages.bylaw_words import RULES, WrittenWrong
from civic.pages.telling import ROLE_NAMES
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
from civic.pages.writing import LANG, lang_of, remembering, usual
from identity import drafts

KINDS: Final = {
    "question": (N_("Something to be done or agreed"), N_("Members vote yes or no.")),
    "options": (N_("A choice between options"), N_("Members approve of as many as they like.")),
    "bylaws": (N_("A change of the bylaws"), N_("A yes changes them by itself.")),
    "office": (N_("An appointment to an office"), N_("A yes gives the office by itself.")),
    "people": (
        N_("Ending an office or a membership"),
        N_("Removing somebody from office, expelling, letting somebody back: a yes does it."),
    ),
    "rules": (
        N_("Newer rules for the chapter's record"),
        N_("With a yes the record goes on under a newer version of the rules, for good."),
    ),
}
TITLE: Final = Field("title", "a title", least=3, most=200)
TEXT: Final = Field("text", "what you propose", Kind.TEXT, most=20_000)
OPTIONS: Final = Field("options", "the options", Kind.TEXT, most=4000)
ROLE: Final = Field("role", "an office", Kind.CHOICE, choices=tuple(ROLE_NAMES))
MONTHS: Final = Field("months", "the length of the term", Kind.NUMBER, least=1, most=12)
OPTIONS_MOST: Final = 20


@get("/c/{chapter_id:str}/propose")
async def ask_kind(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Ask what kind of thing somebody wants to propose."""
    async with visiting(request, chapter_id) as visit:
        must_be_member(visit)
    return _page(
        visit,
        "deliberation/propose_kind.html",
        blank(),
        kinds=[
            (name, _(words[0]), _(words[1]))
            for name, words in KINDS.items()
            if name != "rules" or _newer(visit)
        ],
    )


@get("/c/{chapter_id:str}/propose/{kind:str}")
async def ask_proposal(request: Asked, chapter_id: FromPath[str], kind: FromPath[str]) -> Page:
    """Ask for the words, and for what a decision would do."""
    async with visiting(request, chapter_id) as visit:
        people = await _choices(visit, kind)
    values = {rule.field: _now(visit.chapter.bylaws, rule.field) for rule in RULES}
    fields = _fields(visit, kind, people)
    start = {"lang": usual(request), "months": "12"} | (values if kind == "bylaws" else {})
    form = await drafts.restored(request, blank(*fields, **start))
    return _form_page(visit, kind, people, form)


@post("/c/{chapter_id:str}/propose/{kind:str}", status_code=200)
async def propose(request: Asked, chapter_id: FromPath[str], kind: FromPath[str]) -> Page:
    """Propose something."""
    at = await acting(request, chapter_id)
    async with visiting(request, chapter_id) as visit:
        people = await _choices(visit, kind)
    form = await read_form(request, *_fields(visit, kind, people))
    bylaws = visit.chapter.bylaws
    changes, form = _changes(bylaws, form) if kind == "bylaws" else ([], form)
    options, form = _options(form) if kind == "options" else ([], form)
    measure, form = measure_of(form) if kind == "people" and form.ok else (None, form)
    if not form.ok:
        return _form_page(visit, kind, people, form)
    appointment = appointment_of(form) if kind == "office" else None
    rules = None
    if kind == "rules":
        rules = Adoption(visit.line.rules, int(form.value("version")))
    lang = lang_of(request, form)
    outcome = await outcome_of(
        deeds.propose(
            at.node.desk,
            at.person,
            title=form.value("title"),
            text=form.value("text"),
            lang=lang,
            idempotency=form.key,
            secrecy=bylaws.secrecy,
            options=options,
            changes=changes,
            appointment=appointment,
            measure=measure,
            rules=rules,
        )
    )
    if isinstance(outcome, Refusal):
        return _form_page(visit, kind, people, form.refused(outcome))
    await drafts.sent(request)
    said = _("Your proposal stands. Tell others about it: it needs their support.")
    return remembering(request, see_other(request, f"{at.path}/p/{outcome.id}", said), lang)


async def _choices(visit: ChapterVisit, kind: str) -> Choices:
    must_be_member(visit)
    if kind not in KINDS or (kind == "rules" and not _newer(visit)):
        raise NotFoundException
    return await choices_of(visit, kind)


def _newer(visit: ChapterVisit) -> list[int]:
    """Return the versions of the rules that the chapter could adopt here."""
    return sorted(one for one in visit.node.book.shelf.versions if one > visit.line.rules)


def _fields(visit: ChapterVisit, kind: str, people: Choices) -> tuple[Field, ...]:
    words = (TITLE, TEXT, LANG)
    match kind:
        case "options":
            return (*words, OPTIONS)
        case "bylaws":
            return (*words, *(Field(rule.field, _(rule.name), required=False, most=40)
                              for rule in RULES))  # fmt: skip
        case "office":
            return (*words, ROLE, *fields_of(kind, people), MONTHS)
        case "people":
            return (*words, *fields_of(kind, people))
        case "rules":
            versions = tuple(str(one) for one in _newer(visit))
            return (*words, Field("version", _("a version"), Kind.CHOICE, choices=versions))
        case _:
            return words


def _now(bylaws: Bylaws, field: str) -> str:
    return bylaw_words.written(field, getattr(bylaws, field))


def _changes(bylaws: Bylaws, form: Form) -> tuple[list[Change], Form]:
    """Return the bylaws whose value in the form differs from that in force."""
    changes = []
    for rule in RULES:
        text = form.value(rule.field)
        before = getattr(bylaws, rule.field)
        if not text or text == _now(bylaws, rule.field):
            continue
        try:
            after = bylaw_words.read(rule.field, text)
        except WrittenWrong as wrong:
            form = form.with_error(rule.field, f"{_(rule.name)}: {wrong}")
            continue
        if beyond := beyond_charter(rule.field, after):
            form = form.with_error(rule.field, f"{_(rule.name)}: {beyond}")
            continue
        if after != before:
            changes.append(Change(rule.field, before, after))
    if form.ok and not changes:
        form = form.with_error("", _("Change at least one of the bylaws"))
    return changes, form


def _options(form: Form) -> tuple[list[str], Form]:
    lines = [line.strip() for line in form.value("options").split("\n") if line.strip()]
    if form.ok and not 2 <= len(lines) <= OPTIONS_MOST:
        most = {"most": OPTIONS_MOST}
        form = form.with_error("options", _("Write 2 to %(most)d options, one a line") % most)
    if form.ok and len(set(lines)) != len(lines):
        form = form.with_error("options", _("Two options are the same"))
    return lines, form


def _form_page(visit: ChapterVisit, kind: str, people: Choices, form: Form) -> Page:
    bylaws = visit.chapter.bylaws
    rules = [
        (
            rule,
            _(rule.name),
            _(rule.hint) if rule.hint else "",
            bylaw_words.value_in_words(rule.field, getattr(bylaws, rule.field)),
            bound_in_words(rule.field),
            bylaw_words.unit_in_words(rule),
            bylaw_words.options_of(rule),
        )
        for rule in RULES
    ]
    return _page(
        visit,
        "deliberation/propose.html",
        form,
        kind=kind,
        heading=_(KINDS[kind][0]),
        note=_(KINDS[kind][1]),
        rules=rules,
        people=people.people,
        places=people.places,
        measures=people.measures,
        versions=[(str(one), _("Version %(n)d") % {"n": one}) for one in _newer(visit)],
        roles=[(role, _(name)) for role, name in ROLE_NAMES.items()],
    )


def _page(visit: ChapterVisit, template: str, form: Form, **view: Any) -> Page:
    return chapter_page(
        visit,
        template,
        "proposals",
        status=200 if form.ok else 422,
        view=visit.chapter,
        bylaws=visit.chapter.bylaws,
        form=form,
        **view,
    )


HANDLERS: Final = [ask_kind, ask_proposal, propose]
