"""Words are reported by members, and hidden or erased in office with a public reason."""

from typing import Any, Final, cast

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from civic.deeds import moderating as deeds
from civic.kernel.refusal import Refusal
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import N_, _
from civic.kernel.web.pages import NO_STORE, see_other
from civic.pages.matter import Matter, open_matter
from civic.pages.own_words import words_of
from civic.pages.visit import (
    Asked,
    Page,
    acting,
    must_be_member,
    outcome_of,
    visiting_matter,
)
from deliberation.moderation.rules import HIDDEN_ALREADY
from identity.step_up import must_have_stepped_up

HOW: Final = ("hide", "settled", "personal_data", "safety", "law")
"""What is done with words: hidden, or erased because it is settled or cannot wait."""
OF: Final = Field("of", "what it is about", most=26)
WHAT: Final = Field("how", "what is to be done", Kind.CHOICE, choices=HOW)
REASON: Final = Field("reason", "the reason", Kind.TEXT, most=500)
MODERATORS: Final = ("lead", "facilitator")


@get("/c/{chapter_id:str}/p/{proposal_id:str}/moderate")
async def ask_to_moderate(
    request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]
) -> Page:
    """Show what would be hidden in office, and ask for the public reason."""
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        matter = await open_matter(visit, on=request.query_params.get("of", ""))
        _organiser(matter)
    await must_have_stepped_up(request)
    of = matter.subject.id if matter.subject else proposal_id
    return _moderate_page(matter, blank(OF, WHAT, REASON, of=of, how=_offered(matter)[0]))


@post("/c/{chapter_id:str}/p/{proposal_id:str}/moderate", status_code=200)
async def moderate(request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]) -> Page:
    """Hide or erase words of others in office, with a public reason."""
    at = await acting(request, chapter_id)
    form = await read_form(request, OF, WHAT, REASON)
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        matter = await open_matter(visit, on=form.value("of"))
        office = _organiser(matter)
        words = await words_of(matter, hidden=form.value("how") != "hide")
    await must_have_stepped_up(request)
    if not form.ok:
        return _moderate_page(matter, form)
    desk, person, of, reason = at.node.desk, at.person, form.value("of"), form.value("reason")
    if form.value("how") == "hide" and not words:
        return _moderate_page(matter, form.refused(Refusal(HIDDEN_ALREADY)))
    if form.value("how") == "hide":
        work = deeds.hide(desk, person, office, of, words, reason, form.key)
        said = _("The words are hidden; your reason stands, and their author can appeal.")
    else:
        urgent = None if form.value("how") == "settled" else cast("Any", form.value("how"))
        work = deeds.erase(desk, person, office, of, words, reason, form.key, urgent)
        said = _("The words are erased; your reason stands.")
    outcome = await outcome_of(work)
    if isinstance(outcome, Refusal):
        return _moderate_page(matter, form.refused(outcome))
    return see_other(request, matter.path, said)


@get("/c/{chapter_id:str}/p/{proposal_id:str}/report")
async def ask_to_report(
    request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]
) -> Page:
    """Ask why somebody thinks that words break the rules of their community."""
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        must_be_member(visit)
        matter = await open_matter(visit, on=request.query_params.get("of", ""))
    of = matter.subject.id if matter.subject else proposal_id
    return _report_page(matter, blank(OF, REASON, of=of))


@post("/c/{chapter_id:str}/p/{proposal_id:str}/report", status_code=200)
async def report(request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]) -> Page:
    """Tell those in office of words, in private."""
    at = await acting(request, chapter_id)
    form = await read_form(request, OF, REASON)
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        matter = await open_matter(visit, on=form.value("of"))
    if not form.ok:
        return _report_page(matter, form)
    work = deeds.report(at.node.desk, at.person, form.value("of"), form.value("reason"))
    refused = await outcome_of(work)
    if isinstance(refused, Refusal):
        return _report_page(matter, form.refused(refused))
    said = _("Those in office see it now, without your name. What they do they have to say why.")
    return see_other(request, matter.path, said)


def _organiser(matter: Matter) -> str:
    must_be_member(matter.visit)
    if matter.organiser is None:
        raise NotFoundException
    return matter.organiser


def _offered(matter: Matter) -> tuple[str, ...]:
    """Return what can be done with words, as far as the page knows: what is settled is erased."""
    words = matter.subject.words if matter.subject else matter.view.text
    if words.hidden_by is None:
        return ("hide", "personal_data", "safety", "law")
    settled = any(
        note.entry == words.hidden_by and note.until is None for note in matter.view.hidden
    )
    return ("settled",) if settled else ("personal_data", "safety", "law")


_OFFERS: Final = {
    "hide": (
        N_("Hide them"),
        N_("Their author can appeal to two others in office. Nothing is lost."),
    ),
    "settled": (N_("Erase them"), N_("It is settled that they stay hidden. Gone is gone.")),
    "personal_data": (
        N_("Erase them at once: they tell of others what is theirs to tell"),
        N_("Such as an address or an illness. No appeal brings them back."),
    ),
    "safety": (
        N_("Erase them at once: they endanger somebody"),
        N_("No appeal brings them back."),
    ),
    "law": (N_("Erase them at once: they break a law"), N_("No appeal brings them back.")),
}


def _moderate_page(matter: Matter, form: Form) -> Page:
    offers = [(how, *(_(text) for text in _OFFERS[how])) for how in _offered(matter)]
    return _page(matter, "deliberation/moderate.html", form, offers=offers)


def _report_page(matter: Matter, form: Form) -> Page:
    return _page(matter, "deliberation/report.html", form)


def _page(matter: Matter, template: str, form: Form, **view: object) -> Page:
    status = 200 if form.ok else 422
    return matter.render(
        template, status=status, cache=NO_STORE, form=form, subject=matter.subject, **view
    )


HANDLERS: Final = [ask_to_moderate, moderate, ask_to_report, report]
