"""Founding a chapter, with the bylaws that it begins with."""

from typing import Final

from litestar import get, post
from litestar.exceptions import NotFoundException

from chapters.bylaws import TEMPLATES, Value
from civic import beginnings
from civic.hands import hand_of
from civic.kernel.refusal import Refusal
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import N_, _
from civic.kernel.web.pages import NO_STORE, render, see_other
from civic.membership import node_of
from civic.pages import bylaw_words
from civic.pages.bylaw_bounds import beyond_charter, bound_in_words, differing
from civic.pages.bylaw_plainly import in_plain_words
from civic.pages.bylaw_words import RULES, WrittenWrong
from civic.pages.visit import (
    Asked,
    Page,
    outcome_of,
)
from civic.pages.writing import LANG, lang_of, usual
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
    NAME, LANG, TEMPLATE, VISIBILITY, UNDERSTOOD,
    *(Field(rule.field, rule.field, required=False, most=40) for rule in _OWN),
)  # fmt: skip


@get("/chapters/new")
async def ask_founding(request: Asked) -> Page:
    """Ask what is needed to found a chapter."""
    _allowed(request)
    await must_be_signed_in(request)
    start = {"lang": usual(request), "template": "circle", "visibility": "chapter"}
    return _founding_page(request, blank(*_FIELDS, **start))


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
            lang=lang_of(request, form),
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
        (name, _(words[0]), _(words[1]), in_plain_words(TEMPLATES[name]))
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
                [("", _("as in the template")), *options]
                if (options := bylaw_words.options_of(rule))
                else [],
            )
            for rule in _OWN
        ],
        changed=any(form.value(rule.field) for rule in _OWN),
    )


HANDLERS: Final = [ask_founding, found]
