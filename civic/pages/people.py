"""The people of a chapter: members, applicants, and one's own membership."""

from typing import Final
from urllib.parse import urlencode

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chapters import queries
from chapters.invitations import VALID
from civic.deeds import chapter as deeds
from civic.kernel.refusal import Refusal
from civic.kernel.web.forms import Field, Form, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, ChapterFrame, render, see_other
from civic.pages.chapter import seen_chapter, votes_from
from civic.pages.people_queries import PAGE, Wanted, listed
from civic.pages.telling import role_name
from civic.pages.visit import (
    Asked,
    ChapterVisit,
    Page,
    acting,
    answered,
    frame_of,
    must_be_member,
    outcome_of,
    refused_line,
    visiting,
)
from civic.pages.you import name_form
from identity.step_up import must_have_stepped_up

MEMBER: Final = Field("member", "the applicant", most=26)
LOOKED_FOR: Final = Field("name_or_id", "a name", required=False, most=60)
ROLES: Final = ("lead", "facilitator", "verifier", "trustee", "auditor", "steward")
LEVELS: Final = range(4)
APPLICANTS_SHOWN: Final = 100


@get("/c/{chapter_id:str}/people")
async def people(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Show how many members there are; to members, who they are."""
    async with visiting(request, chapter_id) as visit:
        if visit.person is None:
            return await _outside(visit)
        return await _people_page(visit, name_form(visit))


@post("/c/{chapter_id:str}/people/invite", status_code=200)
async def invite(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Make an invitation and show its link, once."""
    await acting(request, chapter_id)
    await read_form(request)
    async with visiting(request, chapter_id) as visit:
        person = must_be_member(visit)
    secret = await deeds.invite(visit.node.desk, person)
    if isinstance(secret, Refusal):
        refused = _("Now people do not join this chapter by an invitation of yours.")
        if secret.code == deeds.INVITATIONS_OPEN:
            refused = refused_line(secret)
        return see_other(request, f"{visit.path}/people", refused, "bad")
    base = request.app.state["settings"].base_url
    return render(
        request,
        "chapters/invited.html",
        chapter=_frame(visit),
        cache=NO_STORE,
        link=f"{base}{visit.path}/join/{secret}",
        days=VALID // (24 * 60),
        path=visit.path,
    )


@post("/c/{chapter_id:str}/people/admit")
async def admit(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Admit an applicant, as a lead."""
    await must_have_stepped_up(request)
    at = await acting(request, chapter_id)
    form = await read_form(request, MEMBER)
    office = at.own.office("lead") or ""
    outcome = await outcome_of(
        deeds.admit(at.node.desk, at.person, office, form.value("member"), form.key)
    )
    return answered(request, outcome, f"{at.path}/people", _("One more member. Welcome them!"))


async def _outside(visit: ChapterVisit) -> Page:
    page = await seen_chapter(visit)
    if page is None:
        raise NotFoundException
    return render(
        visit.request,
        "chapters/people_outside.html",
        chapter=frame_of(visit, page.name, "people"),
        cache=NO_STORE,
        view=page.view,
        path=visit.path,
        applied=visit.own is not None and visit.own.state == "applied",
        stands=visit.own.state if visit.own is not None else "",
        signed_in=visit.known is not None,
        replica=visit.line.replica,
    )


async def _people_page(visit: ChapterVisit, form: Form) -> Page:
    person = must_be_member(visit)
    after = _cursor(visit.request.query_params.get("after", ""))
    wanted = _wanted(visit.request)
    members = await listed(visit.db, visit.line.log, wanted, after)
    applicants = (
        await queries.members(visit.db, visit.line.log, "applied", limit=APPLICANTS_SHOWN)
        if visit.chapter.applied
        else []
    )
    last = members[-1] if len(members) == PAGE else None
    asked = _asked(wanted)
    more = urlencode([*asked, ("after", f"{last.entry}.{last.id}")]) if last else ""
    return render(
        visit.request,
        "chapters/people.html",
        chapter=_frame(visit),
        status=200 if form.ok else 422,
        cache=NO_STORE,
        view=visit.chapter,
        path=visit.path,
        form=form,
        me=person.member,
        own=visit.own,
        members=members,
        applicants=applicants,
        may_invite=_may_invite(visit),
        votes_from=votes_from(visit),
        may_challenge=visit.own is not None
        and (visit.own.level > 1 or visit.own.office("verifier") is not None),
        verifies=visit.own is not None and visit.own.office("verifier") is not None,
        may_suspend=visit.own is not None
        and visit.own.office("lead", "facilitator", "verifier") is not None,
        wanted=wanted,
        looking=blank(LOOKED_FOR, name_or_id=wanted.typed, role=wanted.role,
                      level="" if wanted.level is None else str(wanted.level)),
        roles=[("", _("any or none")), ("any", _("any office")),
               *((role, role_name(role)) for role in ROLES)],
        levels=[("", _("any")), *((str(n), _("level %(n)s") % {"n": n}) for n in LEVELS)],
        next=f"{visit.path}/people?{more}" if last else "",
        previous=f"{visit.path}/people?{urlencode(asked)}".rstrip("?") if after else "",
        leads=any(one.role == "lead" and one.member == person.member
                  for one in visit.chapter.offices),
        now=visit.now,
    )  # fmt: skip


def _wanted(request: Asked) -> Wanted:
    """Return who is looked for, as the address says; what it says wrongly asks nothing."""
    typed = " ".join(request.query_params.get("name_or_id", "").split())[:60]
    role, level = (request.query_params.get(name, "") for name in ("role", "level"))
    return Wanted(
        typed,
        role if role in ("any", *ROLES) else "",
        int(level) if level in {str(one) for one in LEVELS} else None,
    )


def _asked(wanted: Wanted) -> list[tuple[str, str]]:
    """Return what an address says to ask the same again."""
    level = "" if wanted.level is None else str(wanted.level)
    given = (("name_or_id", wanted.typed), ("role", wanted.role), ("level", level))
    return [(name, value) for name, value in given if value]


def _may_invite(visit: ChapterVisit) -> bool:
    if visit.line.stage == "forming":
        return visit.person is not None and visit.person.member == visit.chapter.founder
    return visit.chapter.bylaws.admission != "lead"


def _cursor(text: str) -> tuple[int, str] | None:
    entry, _dot, own_id = text.partition(".")
    plain = entry.isascii() and entry.isdigit() and len(entry) < 16
    return (int(entry), own_id[:26]) if plain else None


def _frame(visit: ChapterVisit) -> ChapterFrame:
    return frame_of(visit, visit.chapter.line.name.text or "", "people")


HANDLERS: Final = [people, invite, admit]
