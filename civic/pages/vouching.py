"""Vouching for people one has met, and challenging a level that is not right."""

from typing import Final

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chapters import queries
from chapters.assurance import attestations
from chapters.bylaws import YEAR
from civic.deeds import disputing, vouching
from civic.deeds.attesting import Given
from civic.kernel.database import reading
from civic.kernel.refusal import Refusal
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import _, ngettext
from civic.kernel.web.pages import see_other
from civic.node import Node
from civic.pages.levels import TEXT, level_page, words_page
from civic.pages.visit import (
    Acting,
    Asked,
    ChapterVisit,
    Page,
    acting,
    must_be_member,
    outcome_of,
    visiting,
)
from civic.pages.writing import LANG, lang_of, remembering, usual
from identity import limits
from identity.step_up import must_have_stepped_up
from identity.web import limits_as_problems

CODE: Final = Field("code", "the code", most=20)
MET: Final = Field("met", "that you have met this person", Kind.TICK)
CODES: Final = limits.Limit("vouch_code", 20, 15)
"""Codes that one account can try, so that nobody finds one that is shown elsewhere."""


@get("/c/{chapter_id:str}/levels/vouch")
async def ask(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Ask for the code on the other person's phone."""
    async with visiting(request, chapter_id) as visit:
        must_be_member(visit)
    await must_have_stepped_up(request)
    return await _vouch_page(visit, blank(CODE))


@post("/c/{chapter_id:str}/levels/vouch", status_code=200)
async def vouch(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Show whose code it is; once that is confirmed, vouch for them."""
    known = await must_have_stepped_up(request)
    at = await acting(request, chapter_id)
    form = await read_form(request, CODE)
    async with visiting(request, chapter_id) as visit:
        must_be_member(visit)
    if not form.ok:
        return await _vouch_page(visit, form)
    with limits_as_problems():
        await take_try(visit.node, known.account_id)
    found = await vouching.member_of_code(at.node.desk, at.person, form.value("code"))
    if isinstance(found, Refusal):
        return await _vouch_page(visit, form.refused(found))
    if "met" not in (await request.form()):
        # The first time: who stands there is shown before anybody vouches.
        first = "asked" not in (await request.form())
        asked = form if first else form.with_error("met", _("Tick the box if it is so"))
        return await _vouch_page(visit, asked, found)
    return await _vouched(at, visit, form, found)


async def take_try(node: Node, account_id: str) -> None:
    """Count that an account tries a code; raise `limits.Limited` when it has tried too many."""
    await limits.take(node.engine, CODES, account_id.encode(), node.clock.now())


async def _vouched(at: Acting, visit: ChapterVisit, form: Form, found: str) -> Page:
    given = await outcome_of(vouching.vouch(at.node.desk, at.person, form.value("code"), form.key))
    if isinstance(given, Refusal):
        return await _vouch_page(visit, form.refused(given), found)
    assert isinstance(given, Given)
    said = _("You vouched for them, and they are at level 1 now.")
    if not given.recorded:
        text = ngettext(
            "You vouched for them. %(n)d more person has to.",
            "You vouched for them. %(n)d more people have to.",
            given.needed - given.there,
        )
        said = text % {"n": given.needed - given.there}
    return see_other(visit.request, f"{at.path}/levels", said)


async def _vouch_page(visit: ChapterVisit, form: Form, found: str | None = None) -> Page:
    person, log = must_be_member(visit), visit.line.log
    async with reading(visit.node.engine) as db:
        given = await attestations.done(
            db, visit.node.book.vault, log, "vouch", person.member, visit.now - YEAR, waits=True
        )
        member = None if found is None else await queries.member(db, log, found)
    return level_page(
        visit,
        "vouch",
        status=200 if form.ok else 422,
        form=form,
        found=found,
        name=member.name.text if member and member.name else None,
        left=max(0, visit.chapter.bylaws.vouch_budget - given),
    )


@get("/c/{chapter_id:str}/people/{member_id:str}/challenge")
async def ask_challenge(
    request: Asked, chapter_id: FromPath[str], member_id: FromPath[str]
) -> Page:
    """Say what challenging a level means, and ask for the reasons."""
    async with visiting(request, chapter_id) as visit:
        name = await _name(visit, member_id)
    await must_have_stepped_up(request)
    return _challenge_page(visit, member_id, name, blank(TEXT, LANG, lang=usual(request)))


@post("/c/{chapter_id:str}/people/{member_id:str}/challenge", status_code=200)
async def challenge(request: Asked, chapter_id: FromPath[str], member_id: FromPath[str]) -> Page:
    """Challenge a member's level."""
    await must_have_stepped_up(request)
    at = await acting(request, chapter_id)
    form = await read_form(request, TEXT, LANG)
    lang = lang_of(request, form)
    async with visiting(request, chapter_id) as visit:
        name = await _name(visit, member_id)
    if form.ok:
        outcome = await outcome_of(
            disputing.challenge(
                at.node.desk, at.person, member_id, form.value("text"), lang, form.key
            )
        )
        if not isinstance(outcome, Refusal):
            said = _("Two verifiers decide. Nobody else learns that it was you.")
            return remembering(request, see_other(request, f"{at.path}/people", said), lang)
        form = form.refused(outcome)
    return _challenge_page(visit, member_id, name, form)


async def _name(visit: ChapterVisit, member_id: str) -> str:
    must_be_member(visit)
    member = await queries.member(visit.db, visit.line.log, member_id[:26])
    if member is None or member.state != "active":
        raise NotFoundException
    shown = member.name.text if member.name else None
    return shown or _("Member %(id)s…") % {"id": member.id[:6]}


def _challenge_page(visit: ChapterVisit, member_id: str, name: str, form: Form) -> Page:
    return words_page(
        visit,
        form,
        title=_("Challenge the level of %(name)s") % {"name": name},
        lead=_("If you believe that this is not one real person, or a member twice."),
        points=(
            _("Two verifiers decide who had no part in it; until then the level stays."),
            _("The member reads your reasons, not your name, and can appeal to two others."),
            _("You can challenge three levels a year."),
        ),
        action=f"{visit.path}/people/{member_id}/challenge",
        label=_("What have you seen?"),
        hint=_("Write what you know yourself. It is erased 30 days after the end."),
        button=_("Challenge"),
        tone="danger",
        back=f"{visit.path}/people",
    )


HANDLERS: Final = [ask, vouch, ask_challenge, challenge]
