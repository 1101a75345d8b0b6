"""One's own level: how it stands, a code to be vouched for, what is stored about it."""

from typing import Any, Final

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chapters.assurance import attestations, checks
from chapters.assurance.attestations import CODE_TIME
from chapters.assurance.disputes import can_be_heard
from chapters.assurance.papers import Answer, Reasons
from chapters.assurance.queries import Dispute, OwnLevels, own_levels
from chapters.assurance.state import of
from civic.deeds import disputing, vouching
from civic.deeds.attesting import state_of
from civic.deeds.vouching import RENEWAL_TIME
from civic.kernel.database import reading
from civic.kernel.refusal import Refusal
from civic.kernel.web.dates import moment_of_minute
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import N_, _, pgettext
from civic.kernel.web.pages import see_other
from civic.pages.visit import (
    Asked,
    ChapterVisit,
    Page,
    acting,
    acting_as,
    answered,
    chapter_page,
    must_be_member,
    outcome_of,
    refused_line,
    visiting,
)
from civic.pages.writing import LANG, lang_of, remembering, usual
from identity.accounts import authenticator_count
from identity.step_up import must_have_stepped_up

TEXT: Final = Field("text", "your words", Kind.TEXT, most=2000)
AUTHENTICATORS: Final = 2
"""Ways to sign in that an account has before others vouch for it."""

WAYS: Final = {
    "vouches": N_("vouched for by members"),
    "founding": N_("founded the chapter and met all other founders"),
    "document": N_("seen by two verifiers, document in hand"),
    "video": N_("seen by two verifiers, by video"),
}


@get("/c/{chapter_id:str}/levels")
async def show(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Show somebody their own level and the next step."""
    async with visiting(request, chapter_id) as visit:
        person = must_be_member(visit)
        vault, log = visit.node.book.vault, visit.line.log
        own = await own_levels(visit.db, vault, log, person.member)
        dispute = own.dispute
        reasons = await _reasons(visit, dispute)
    waits = dispute is not None and await _waits(visit, dispute)
    bylaws = visit.chapter.bylaws
    level = visit.own.level if visit.own else 0
    renewable = (
        own.vouched is None or own.vouched.review or (own.vouched.until - visit.now <= RENEWAL_TIME)
    )
    seen = own.seen
    second = renewable and await ways_of(request, visit) < AUTHENTICATORS
    full = seen is not None and seen.way != "video"
    verifiers = {one.member for one in visit.chapter.offices if one.role == "verifier"}
    return level_page(
        visit,
        "own",
        level=level,
        headline=_headline(level, own),
        until=_until(level, own),
        review=own.vouched is not None and own.vouched.review,
        waiting=own.waiting,
        needed=bylaws.vouches,
        needs_second=second,
        may_show=renewable and not second,
        may_ask=level > 0 and (not full or _ends_soon(own, visit.now)),
        may_vouch=full,
        case=own.case,
        verifier=person.member in verifiers,
        lot=len(verifiers) >= checks.LOT_FROM,
        dispute=dispute,
        dispute_words=_dispute_words(dispute, waits=waits),
        dispute_ends=_dispute_ends(dispute, waits=waits),
        reasons=reasons,
        bylaws=bylaws,
        offices=bool(visit.own and visit.own.offices) and bylaws.level_office > 0,
    )


def _ends_soon(own: OwnLevels, now: int) -> bool:
    return own.seen is not None and own.seen.until - now <= RENEWAL_TIME


def _headline(level: int, own: OwnLevels) -> str:
    if level == 0:
        return _("Nobody has said yet that they met you.")
    if own.seen is None:
        return _("Members who met you have vouched for you.")
    return {
        "founding": _("You founded the chapter, and all founders met each other."),
        "document": _("Two verifiers have seen you, document in hand."),
        "video": _("Two verifiers have seen you by video."),
    }[own.seen.way]


def _until(level: int, own: OwnLevels) -> int | None:
    held = own.seen or own.vouched
    return None if level == 0 or held is None else held.until


async def _waits(visit: ChapterVisit, dispute: Dispute) -> bool:
    """Tell whether an appeal waits for verifiers who could hear it."""
    if dispute.stage != "appealed":
        return False
    state = await state_of(visit.node.desk, visit.line.log)
    known = of(state).challenges.get(dispute.id)
    return known is not None and not (known.heard and can_be_heard(state, known))


def _dispute_words(dispute: Dispute | None, *, waits: bool) -> str:
    if dispute is None:
        return ""
    if waits:
        return _(
            "You appealed. The chapter may not have two other verifiers who can hear it yet: your "
            "appeal waits until it has, and your level stays."
        )
    return {
        "open": _("Somebody says that it is not right. Two verifiers decide; it stays meanwhile."),
        "upheld": _(
            "Two verifiers decided that it ends. You can appeal, to two others, until then; where "
            "the chapter has no two others yet, the appeal waits for them and your level stays."
        ),
        "appealed": _("You appealed. Two other verifiers can overturn the decision."),
        "lost": _("It has ended."),
    }[dispute.stage]


def _dispute_ends(dispute: Dispute | None, *, waits: bool) -> str:
    if dispute is not None and dispute.stage == "open":
        return _("To be decided")
    return _("Looked at again") if waits else _("It ends")


async def _reasons(visit: ChapterVisit, dispute: Dispute | None) -> Reasons | None:
    if dispute is None:
        return None
    return (await words_of(visit, dispute))[0]


async def words_of(visit: ChapterVisit, dispute: Dispute) -> tuple[Reasons | None, Answer | None]:
    """Return the reasons of a challenge and the member's answer, where they are not erased."""
    wanted = [one for one in (dispute.reasons, dispute.answer) if one is not None]
    vault = visit.node.book.vault
    found = list((await attestations.papers_of(visit.db, vault, visit.line.log, wanted)).values())
    reasons = next((one for one in found if isinstance(one, Reasons)), None)
    answer = next((one for one in found if isinstance(one, Answer)), None)
    return reasons, answer


async def ways_of(request: Asked, visit: ChapterVisit) -> int:
    """Return how many ways to sign in the visitor's account has."""
    assert visit.known is not None
    async with reading(visit.node.engine) as db:
        return await authenticator_count(db, visit.known.account_id)


@post("/c/{chapter_id:str}/levels/code", status_code=200)
async def code(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Show a code that others type who vouch for this person."""
    at = await acting(request, chapter_id)
    await read_form(request)
    async with visiting(request, chapter_id) as visit:
        must_be_member(visit)
    if await ways_of(request, visit) < AUTHENTICATORS:
        said = _("First add a second way to sign in to your account.")
        return see_other(request, f"{at.path}/levels", said, "bad")
    shown = await vouching.show_code(at.node.desk, at.person)
    if isinstance(shown, Refusal):
        return see_other(request, f"{at.path}/levels", refused_line(shown), "bad")
    return level_page(visit, "code", code=shown, minutes=CODE_TIME, me=at.person.member)


@get("/c/{chapter_id:str}/levels/stored")
async def stored(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Show somebody what is stored about their level, and who can read it."""
    async with visiting(request, chapter_id) as visit:
        person = must_be_member(visit)
        vault, log = visit.node.book.vault, visit.line.log
        own = await own_levels(visit.db, vault, log, person.member)
    rows = [
        (
            _("Level 1") if one.way == "vouches" else _("Level 2"),
            _(WAYS[one.way]),
            moment_of_minute(one.until, visit.now).day,
            str(one.papers),
        )
        for one in own.terms
    ]
    return level_page(
        visit,
        "stored",
        rows=rows,
        readers=_readers(visit),
        held=sum(one.papers for one in own.terms),
        waiting=own.waiting,
        case=own.case,
        disputes=own.disputes,
        level=visit.own.level if visit.own else 0,
    )


def _readers(visit: ChapterVisit) -> str:
    return {
        "world": _(
            "Your level, until when, how it was reached and how many vouched. This chapter's "
            "record is open: everybody can read that, but not who you are."
        ),
        "network": _(
            "Your level, until when, how it was reached and how many vouched. Members of this "
            "chapter and of its network can read that, but not who you are."
        ),
        "chapter": _(
            "Your level, until when, how it was reached and how many vouched. Members of this "
            "chapter can read that, but not who you are."
        ),
    }[visit.line.visibility]


@get("/c/{chapter_id:str}/levels/renounce")
async def ask_to_renounce(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Say what giving up a level means."""
    async with visiting(request, chapter_id) as visit:
        must_be_member(visit)
    await must_have_stepped_up(request)
    return level_page(visit, "renounce", form=blank())


@post("/c/{chapter_id:str}/levels/renounce")
async def renounce(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Give up one's level."""
    await must_have_stepped_up(request)
    at = await acting(request, chapter_id)
    form = await read_form(request)
    outcome = await outcome_of(vouching.renounce(at.node.desk, at.person, form.key))
    said = _("You are at level 0; the papers are erased within minutes.")
    return answered(request, outcome, f"{at.path}/levels", said)


@get("/c/{chapter_id:str}/levels/appeal")
async def ask_to_appeal(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Ask what somebody answers whose level is to end."""
    async with visiting(request, chapter_id) as visit:
        person = must_be_member(visit)
        vault = visit.node.book.vault
        own = await own_levels(visit.db, vault, visit.line.log, person.member)
    if own.dispute is None or own.dispute.stage != "upheld":
        raise NotFoundException
    return _appeal_page(visit, blank(TEXT, LANG, lang=usual(request)))


@post("/c/{chapter_id:str}/levels/appeal", status_code=200)
async def appeal(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Appeal to two other verifiers."""
    at = await acting_as(request, chapter_id, "active", "suspended")
    form = await read_form(request, TEXT, LANG)
    lang = lang_of(request, form)
    async with visiting(request, chapter_id) as visit:
        vault = visit.node.book.vault
        own = await own_levels(visit.db, vault, visit.line.log, at.person.member)
    if form.ok and own.dispute is not None:
        outcome = await outcome_of(
            disputing.appeal(
                at.node.desk,
                at.person,
                own.dispute.id,
                form.value("text"),
                lang,
                form.key,
            )
        )
        if not isinstance(outcome, Refusal):
            said = _("You appealed. Two other verifiers decide.")
            return remembering(request, see_other(request, f"{at.path}/levels", said), lang)
        form = form.refused(outcome)
    return _appeal_page(visit, form)


def _appeal_page(visit: ChapterVisit, form: Form) -> Page:
    return words_page(
        visit,
        form,
        title=_("Appeal"),
        lead=_(
            "Two verifiers who had no part in the decision read this and decide. If the chapter "
            "has no two others yet, the appeal waits for them and your level stays."
        ),
        points=(),
        action=f"{visit.path}/levels/appeal",
        label=_("Why should your level stay?"),
        hint=_("You and the verifiers who decide can read it. It is erased afterwards."),
        button=pgettext("button", "Appeal"),
        tone="primary",
        back=f"{visit.path}/levels",
    )


def words_page(visit: ChapterVisit, form: Form, **view: Any) -> Page:
    """Answer with a page that asks for reasons or an answer."""
    return level_page(visit, "words", status=200 if form.ok else 422, form=form, **view)


def level_page(visit: ChapterVisit, template: str, status: int = 200, **view: Any) -> Page:
    """Answer with one of the pages of levels."""
    return chapter_page(
        visit,
        f"chapters/levels/{template}.html",
        "people",
        status=status,
        now=visit.now,
        **view,
    )


HANDLERS: Final = [show, code, stored, ask_to_renounce, renounce, ask_to_appeal, appeal]
