"""What a member says and wants in a matter: support, arguments, comments, reactions, votes."""

from typing import Any, Final, Literal, cast

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from civic.deeds import proposal as deeds
from civic.kernel.record.submission import Promise
from civic.kernel.refusal import Refusal
from civic.kernel.web.dates import moment_of_minute
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, see_other
from civic.pages.matter import Matter, open_matter, show
from civic.pages.visit import (
    Acting,
    Asked,
    Page,
    acting,
    answered,
    must_be_member,
    outcome_of,
    refused_line,
    visiting_matter,
)
from civic.pages.writing import LANG, lang_of, remembering, usual
from identity import drafts

WORDS: Final = Field("words", "what you want to say", Kind.TEXT, most=5000)
ON: Final = Field("on", "what you reply to", required=False, most=26)
TO: Final = Field("to", "what you react to", most=32)
_VALUES: Final = {"agree": 1, "disagree": -1, "pass": 0}
_SIDES: Final = {"for": "pro", "against": "con"}


@post("/c/{chapter_id:str}/p/{proposal_id:str}/support")
async def support(request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]) -> Page:
    """Support a proposal."""
    at = await acting(request, chapter_id)
    form = await read_form(request)
    outcome = await outcome_of(deeds.support(at.node.desk, at.person, proposal_id, form.key))
    said = _("You support this proposal. Nobody sees that it was you.")
    return answered(request, outcome, _page_of(at, proposal_id), said)


@post("/c/{chapter_id:str}/p/{proposal_id:str}/support/withdraw")
async def withdraw_support(
    request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]
) -> Page:
    """Take support back."""
    at = await acting(request, chapter_id)
    form = await read_form(request)
    outcome = await outcome_of(
        deeds.withdraw_support(at.node.desk, at.person, proposal_id, form.key)
    )
    said = _("You no longer support this proposal.")
    return answered(request, outcome, _page_of(at, proposal_id), said)


@get("/c/{chapter_id:str}/p/{proposal_id:str}/argue/{side:str}")
async def ask_argument(
    request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str], side: FromPath[str]
) -> Page:
    """Ask for an argument for or against."""
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        must_be_member(visit)
        matter = await open_matter(visit)
    form = await drafts.restored(request, blank(WORDS, LANG, lang=usual(request)))
    return _argument_page(matter, side, form)


@post("/c/{chapter_id:str}/p/{proposal_id:str}/argue/{side:str}", status_code=200)
async def argue(
    request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str], side: FromPath[str]
) -> Page:
    """Give an argument."""
    at = await acting(request, chapter_id)
    form = await read_form(request, WORDS, LANG)
    lang = lang_of(request, form)
    if form.ok:
        outcome = await outcome_of(
            deeds.argue(
                at.node.desk,
                at.person,
                proposal_id,
                _side(side),
                form.value("words"),
                lang,
                form.key,
            )
        )
        if not isinstance(outcome, Refusal):
            back = f"{_page_of(at, proposal_id)}#w-{outcome.id}"
            await drafts.sent(request)
            answer = see_other(request, back, _("Thank you. Your argument stands."))
            return remembering(request, answer, lang)
        form = form.refused(outcome)
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        matter = await open_matter(visit)
    return _argument_page(matter, side, form)


@get("/c/{chapter_id:str}/p/{proposal_id:str}/comment")
async def ask_comment(
    request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]
) -> Page:
    """Ask for a comment on the proposal, or on what `on` in the address names."""
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        must_be_member(visit)
        matter = await open_matter(visit, on=request.query_params.get("on", ""))
    on = matter.subject.id if matter.subject else ""
    form = blank(WORDS, LANG, ON, lang=usual(request), on=on)
    return _comment_page(matter, await drafts.restored(request, form, on))


@post("/c/{chapter_id:str}/p/{proposal_id:str}/comment", status_code=200)
async def comment(request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]) -> Page:
    """Comment on the proposal, an argument or another comment."""
    at = await acting(request, chapter_id)
    form = await read_form(request, WORDS, LANG, ON)
    on, lang = form.value("on") or proposal_id, lang_of(request, form)
    if form.ok:
        outcome = await outcome_of(
            deeds.comment(
                at.node.desk,
                at.person,
                proposal_id,
                on,
                form.value("words"),
                lang,
                form.key,
            )
        )
        if not isinstance(outcome, Refusal):
            back = f"{_page_of(at, proposal_id)}#w-{outcome.id}"
            await drafts.sent(request, form.value("on"))
            answer = see_other(request, back, _("Thank you. Your comment stands."))
            return remembering(request, answer, lang)
        form = form.refused(outcome)
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        matter = await open_matter(visit, on=form.value("on"))
    return _comment_page(matter, form)


@post("/c/{chapter_id:str}/p/{proposal_id:str}/react")
async def react(request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]) -> Page:
    """Agree, disagree or pass: `to` names what and how, as `<id>:agree`."""
    at = await acting(request, chapter_id)
    form = await read_form(request, TO)
    subject, _colon, word = form.value("to").partition(":")
    if word not in _VALUES:
        raise NotFoundException
    outcome = await outcome_of(
        deeds.fill_box(at.node.desk, at.person, proposal_id, subject, _VALUES[word])
    )
    back = f"{_page_of(at, proposal_id)}#w-{subject}"
    said = _("Kept. It will be recorded together with others by %(when)s.")
    return _promised(at, outcome, back, said)


@post("/c/{chapter_id:str}/p/{proposal_id:str}/vote", status_code=200)
async def vote(request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]) -> Page:
    """Vote: by name in a roll call, else under a row id through the box of the vote."""
    at = await acting(request, chapter_id)
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        options, election_id = visit.matter.line.options, visit.matter.line.election
        secrecy = visit.matter.line.secrecy
    form = await read_form(request, *vote_fields(options))
    if election_id is None:
        raise NotFoundException
    if not form.ok:
        return await show(request, chapter_id, proposal_id, vote=form, status=422)
    value = vote_value(form, options)
    back = _page_of(at, proposal_id)
    if secrecy == "roll_call":
        outcome = await outcome_of(
            deeds.cast(at.node.desk, at.person, election_id, value, form.key)
        )
        said = _("Your vote is recorded under your member id. Until the vote closes you can "
                 "change it.")  # fmt: skip
        return answered(request, outcome, back, said)
    outcome = await outcome_of(
        deeds.fill_box(at.node.desk, at.person, proposal_id, election_id, value)
    )
    said = _("Your vote is kept. It will be recorded together with others by %(when)s; until the "
             "vote closes you can change it.")  # fmt: skip
    return _promised(at, outcome, back, said)


def vote_fields(options: int) -> tuple[Field, ...]:
    """Return the fields of a vote: one answer of three, or any of the options."""
    if options:
        numbers = tuple(str(number) for number in range(options))
        return (Field("vote", "options", Kind.CHOICES, required=False, choices=numbers,
                      most=options),)  # fmt: skip
    return (Field("vote", "yes, no or abstain", Kind.CHOICE, choices=("1", "-1", "0")),)


def vote_value(form: Form, options: int) -> int:
    """Return the value of a vote as the record keeps it."""
    if options:
        return sum(1 << int(number) for number in form.values("vote"))
    return int(form.value("vote"))


def _promised(at: Acting, outcome: Any, back: str, said: str) -> Page:
    if isinstance(outcome, Promise):
        when = moment_of_minute(outcome.tick, at.now).text
        return see_other(at.request, back, said % {"when": when})
    return see_other(at.request, back, refused_line(outcome), "bad")


def _side(side: str) -> Literal["pro", "con"]:
    if side not in _SIDES:
        raise NotFoundException
    return cast("Literal['pro', 'con']", _SIDES[side])


def _page_of(at: Acting, proposal_id: str) -> str:
    return f"{at.path}/p/{proposal_id}"


def _argument_page(matter: Matter, side: str, form: Form) -> Page:
    return matter.render(
        "deliberation/argue.html",
        status=200 if form.ok else 422,
        cache=NO_STORE,
        form=form,
        side=_side(side),
        action=f"{matter.path}/argue/{side}",
    )


def _comment_page(matter: Matter, form: Form) -> Page:
    return matter.render(
        "deliberation/comment.html",
        status=200 if form.ok else 422,
        cache=NO_STORE,
        form=form,
        subject=matter.subject,
        action=f"{matter.path}/comment",
    )


HANDLERS: Final = [
    support, withdraw_support, ask_argument, argue, ask_comment, comment, react, vote,
]  # fmt: skip
