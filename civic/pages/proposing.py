"""Proposing something: first what kind of thing, then the words and what a decision would do.

Open proposals like the one that is being written are shown beside its title: a script asks while
somebody types, without one a button does. The title travels in the body of a request, where no log
of a proxy keeps it.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chapters.bylaws import Change
from civic.deeds import proposal as deeds
from civic.kernel.record.adoption import Adoption
from civic.kernel.refusal import Refusal
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import N_, _
from civic.kernel.web.pages import NO_STORE, render, see_other
from civic.pages import bylaw_changes, choosing, wordings
from civic.pages.about_people import (
    EXPEL,
    Choices,
    appointment_of,
    choices_of,
    fields_of,
    measure_of,
)
from civic.pages.bylaw_words import Rule
from civic.pages.chapter import Row, row_of
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
from deliberation.queries import similar
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
MEMBER: Final = Field("member", "a member", most=26)
ROLE: Final = Field("role", "an office", Kind.CHOICE, choices=tuple(ROLE_NAMES))
MONTHS: Final = Field("months", "the length of the term", Kind.NUMBER, least=1, most=12)
OPTIONS_MOST: Final = 20
PART: Final = "x-civic-part"
"""The header by which a script asks for a part of a page instead of all of it."""


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
    """Ask for the words, and for what a decision would do; first whom or what it is about."""
    asked = request.query_params
    wanted, named = asked.get("member", ""), asked.getall("rule", [])
    if not asked and kind in ("bylaws", "office", "people"):
        kept = await drafts.restored(request, blank(bylaw_changes.CHOSEN, MEMBER))
        wanted, named = kept.value("member"), list(kept.values("rule"))
    rules = bylaw_changes.chosen(named) if kind == "bylaws" else []
    async with visiting(request, chapter_id) as visit:
        people = await _choices(visit, kind, wanted)
        if kind == "bylaws" and not rules:
            return _which_bylaws(visit)
        if _asks_whom(request, kind, people):
            return await _whom(visit, kind)
    start = {"lang": usual(request), "months": "12", "member": wanted}
    if people.people and kind == "people":
        start["measure"] = EXPEL
    values = bylaw_changes.start_of(visit.chapter.bylaws, rules)
    form = blank(*_fields(visit, kind, people, rules), **start, **values)
    return _form_page(visit, kind, people, await drafts.restored(request, form), rules)


@post("/c/{chapter_id:str}/propose/{kind:str}", status_code=200)
async def propose(request: Asked, chapter_id: FromPath[str], kind: FromPath[str]) -> Page:
    """Propose something."""
    at = await acting(request, chapter_id)
    async with visiting(request, chapter_id) as visit:
        people = await _choices(visit, kind, await _sent(request, "member"))
    rules = bylaw_changes.chosen((await request.form()).getall("rule", []))
    form = await read_form(request, *_fields(visit, kind, people, rules))
    bylaws = visit.chapter.bylaws
    changes: list[Change] = []
    if kind == "bylaws":
        changes, form = bylaw_changes.changes_of(bylaws, rules, form)
    options, form = _options(form) if kind == "options" else ([], form)
    measure, form = measure_of(form) if kind == "people" and form.ok else (None, form)
    lang = lang_of(request, form)
    also, form = wordings.written(form, lang, len(options))
    if not form.ok:
        return _form_page(visit, kind, people, form, rules)
    appointment = appointment_of(form) if kind == "office" else None
    adoption = None
    if kind == "rules":
        adoption = Adoption(visit.line.rules, int(form.value("version")))
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
            rules=adoption,
            also=also,
        )
    )
    if isinstance(outcome, Refusal):
        return _form_page(visit, kind, people, form.refused(outcome), rules)
    await drafts.sent(request)
    said = _("Your proposal stands. Tell others about it: it needs their support.")
    return remembering(request, see_other(request, f"{at.path}/p/{outcome.id}", said), lang)


@post("/c/{chapter_id:str}/propose/{kind:str}/similar", status_code=200)
async def look_for_similar(request: Asked, chapter_id: FromPath[str], kind: FromPath[str]) -> Page:
    """Show open proposals like the one that is being written, beside the form as it was typed."""
    rules = bylaw_changes.chosen((await request.form()).getall("rule", []))
    async with visiting(request, chapter_id) as visit:
        people = await _choices(visit, kind, await _sent(request, "member"))
        form = await read_form(request, *_fields(visit, kind, people, rules))
        title, lang = form.value("title")[: TITLE.most], lang_of(request, form)
        found = await similar(visit.db, visit.line.log, title, lang)
    rows = [row_of(line, visit.now) for line in found]
    if PART in request.headers:
        view: dict[str, Any] = {"path": visit.path, "rows": rows, "looked": bool(title)}
        return render(request, "deliberation/similar.html", cache=NO_STORE, **view)
    # Nothing was sent to be recorded: what is missing or wrong is told when it is.
    return _form_page(visit, kind, people, msgspec.structs.replace(form, errors={}), rules, rows)


async def _sent(request: Asked, name: str) -> str:
    value = (await request.form()).get(name, "")
    return value if isinstance(value, str) else ""


def _asks_whom(request: Asked, kind: str, people: Choices) -> bool:
    """Tell whether a form has to know first which member it is about."""
    if kind == "office":
        return not people.people or "q" in request.query_params
    return kind == "people" and "q" in request.query_params


def _which_bylaws(visit: ChapterVisit) -> Page:
    return chapter_page(
        visit,
        "chapters/which_bylaws.html",
        "proposals",
        groups=bylaw_changes.offered(visit.chapter.bylaws),
        action=f"{visit.path}/propose/bylaws",
        none_chosen="go" in visit.request.query_params,
        form=blank(),
    )


async def _whom(visit: ChapterVisit, kind: str) -> Page:
    office = kind == "office"
    return chapter_page(
        visit,
        "chapters/whom.html",
        "proposals",
        heading=_("Who is to hold the office?") if office else _("Who is to be expelled?"),
        note=_("Look for the member first; then you write why."),
        search=await choosing.search(visit, visit.request.query_params.get("q", "")),
        action=f"{visit.path}/propose/{kind}",
        back=f"{visit.path}/propose" if office else f"{visit.path}/propose/people",
    )


async def _choices(visit: ChapterVisit, kind: str, wanted: str) -> Choices:
    must_be_member(visit)
    if kind not in KINDS or (kind == "rules" and not _newer(visit)):
        raise NotFoundException
    return await choices_of(visit, kind, wanted)


def _newer(visit: ChapterVisit) -> list[int]:
    """Return the versions of the rules that the chapter could adopt here."""
    return sorted(one for one in visit.node.book.shelf.versions if one > visit.line.rules)


def _fields(
    visit: ChapterVisit, kind: str, people: Choices, rules: Sequence[Rule]
) -> tuple[Field, ...]:
    words = (TITLE, TEXT, LANG, *wordings.FIELDS)
    match kind:
        case "options":
            return (*words, OPTIONS)
        case "bylaws":
            return (*words, *bylaw_changes.fields_of(rules))
        case "office":
            return (*words, ROLE, *fields_of(kind, people), MONTHS)
        case "people":
            return (*words, *fields_of(kind, people))
        case "rules":
            versions = tuple(str(one) for one in _newer(visit))
            return (*words, Field("version", _("a version"), Kind.CHOICE, choices=versions))
        case _:
            return words


def _options(form: Form) -> tuple[list[str], Form]:
    lines = [line.strip() for line in form.value("options").split("\n") if line.strip()]
    if form.ok and not 2 <= len(lines) <= OPTIONS_MOST:
        most = {"most": OPTIONS_MOST}
        form = form.with_error("options", _("Write 2 to %(most)d options, one a line") % most)
    if form.ok and len(set(lines)) != len(lines):
        form = form.with_error("options", _("Two options are the same"))
    return lines, form


def _form_page(
    visit: ChapterVisit,
    kind: str,
    people: Choices,
    form: Form,
    rules: Sequence[Rule],
    alike: Sequence[Row] | None = None,
) -> Page:
    return _page(
        visit,
        "deliberation/propose.html",
        form,
        kind=kind,
        rows=alike or (),
        looked=alike is not None,
        heading=_(KINDS[kind][0]),
        note=_(KINDS[kind][1]),
        rules=bylaw_changes.asked(visit.chapter.bylaws, rules),
        further=wordings.shown_numbers(form),
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


HANDLERS: Final = [ask_kind, ask_proposal, propose, look_for_similar]
