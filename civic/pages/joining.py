"""Coming into a chapter: with an invitation, or by asking a lead."""

from collections.abc import Awaitable
from typing import Final

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chapters import invitations
from civic import beginnings
from civic.deeds import chapter as deeds
from civic.deeds.person import Outcome, Person
from civic.hands import hand_of
from civic.kernel.database import reading
from civic.kernel.refusal import Refusal
from civic.kernel.web.forms import Field, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, render, see_other
from civic.membership import joining_key
from civic.pages.bylaw_plainly import in_plain_words
from civic.pages.queries import chapters_of
from civic.pages.visit import (
    Asked,
    ChapterVisit,
    Page,
    outcome_of,
    refused_line,
    visiting,
)
from identity.web import must_be_signed_in

LEAVES: Final = Field("leaves", "the chapter you leave", required=False, most=64)


@get("/c/{chapter_id:str}/join/{secret:str}")
async def ask_to_join(request: Asked, chapter_id: FromPath[str], secret: FromPath[str]) -> Page:
    """Show somebody with an invitation what they would join."""
    async with visiting(request, chapter_id) as visit:
        vault = visit.node.book.vault
        found = await invitations.find(visit.db, vault, visit.line.log, secret)
    if visit.line.replica:
        raise NotFoundException
    if visit.person is not None:
        return see_other(request, visit.path, _("You are a member of this chapter already."),
                         "note")  # fmt: skip
    good = found is not None and found.used is None and found.until >= visit.now
    others = await _others(visit) if good and visit.known is not None else []
    return render(
        request,
        "chapters/join.html",
        chapter=None,
        status=200 if good else 404,
        cache=NO_STORE,
        view=visit.chapter,
        name=visit.line.name.text or "",
        path=visit.path,
        secret=secret,
        good=good,
        signed_in=visit.known is not None,
        bylaws=in_plain_words(visit.chapter.bylaws),
        form=blank(),
        others=others,
    )


async def _others(visit: ChapterVisit) -> list[tuple[str, str]]:
    """Return the other chapters in which the visitor is a member, as choices."""
    known = visit.known
    members = {one.chapter_id: one.member_id for one in known.vault.memberships} if known else {}
    members.pop(visit.line.chapter_id, None)
    if not members:
        return []
    async with reading(visit.node.engine) as db:
        found = await chapters_of(db, members)
    return [(chapter_id, name or chapter_id[:8]) for chapter_id, name in found]


@post("/c/{chapter_id:str}/join/{secret:str}")
async def join(request: Asked, chapter_id: FromPath[str], secret: FromPath[str]) -> Page:
    """Join with an invitation."""
    known = await must_be_signed_in(request)
    form = await read_form(request, LEAVES)
    async with visiting(request, chapter_id) as visit:
        pass
    if visit.person is not None:
        return see_other(request, visit.path, _("You are a member of this chapter already."),
                         "note")  # fmt: skip
    if visit.own is not None and visit.own.state in ("suspended", "expelled"):
        # Under another id they would have a second voice, and what was decided would mean nothing.
        return see_other(request, f"{visit.path}/standing")
    key = joining_key(known, secret)
    node, place = visit.node, Place(visit)
    own_id = deeds.joining_id(node.desk, place, secret, key)
    hand = await hand_of(request)

    def work() -> Awaitable[tuple[Person, Outcome]]:
        return deeds.join(node.desk, place, secret, key, known.vault.seed, hand)

    leaves = form.value("leaves")
    outcome = await outcome_of(
        beginnings.enter(node, known, place, chapter_id, own_id, key, work, leaves, hand)
    )
    if isinstance(outcome, Refusal):
        return see_other(request, "/", refused_line(outcome), "bad")
    said = _("Welcome. You are a member now: choose the name that other members see.")
    if leaves:
        said += " " + _("You leave the other chapter within some minutes.")
    return see_other(request, f"{visit.path}/people", said)


@post("/c/{chapter_id:str}/apply")
async def apply(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Ask a lead to be admitted."""
    known = await must_be_signed_in(request)
    form = await read_form(request)
    async with visiting(request, chapter_id) as visit:
        pass
    if visit.own is not None and visit.own.state in ("active", "applied"):
        return see_other(request, visit.path, _("You have asked already."), "note")
    if visit.own is not None and visit.own.state in ("suspended", "expelled"):
        return see_other(request, f"{visit.path}/standing")
    node, place = visit.node, Place(visit)
    own_id = deeds.applying_id(node.desk, place, form.key)
    hand = await hand_of(request)

    def work() -> Awaitable[tuple[Person, Outcome]]:
        return deeds.apply_for(node.desk, place, form.key, known.vault.seed, hand)

    outcome = await outcome_of(
        beginnings.enter(node, known, place, chapter_id, own_id, form.key, work)
    )
    if isinstance(outcome, Refusal):
        return see_other(request, visit.path, refused_line(outcome), "bad")
    said = _("You have asked to join. A lead answers within a month; look in again.")
    return see_other(request, visit.path, said)


class Place:
    """Where the record of a visited chapter lies, for deeds of people who are no members yet."""

    def __init__(self, visit: ChapterVisit) -> None:
        self.no = visit.line.log
        self.log_id = visit.chapter.log_id


HANDLERS: Final = [ask_to_join, join, apply]
