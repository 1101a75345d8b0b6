"""A proposal's page, and what the pages of the acts on one share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from civic import publication
from civic.erasures import with_erasures
from civic.kernel.web import charts
from civic.kernel.web.forms import Field, Form, Kind, blank
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, Link, render
from civic.kernel.web.summary import summary
from civic.page_views import FIXED, ProposalPage, proposal_for_world, read_proposal_page
from civic.pages import about_people, phases, wordings
from civic.pages.bylaw_words import changes_in_words, spell_minutes, spell_permille
from civic.pages.signed import signing_of, signing_of_all
from civic.pages.telling import role_name
from civic.pages.visit import Asked, MatterVisit, Page, frame_of, live_from, visiting_matter
from deliberation import discussion
from deliberation.discussion import Statement
from deliberation.moderation.queries import HiddenNote
from deliberation.queries import MatterLine, MatterView

SHOWN: Final = 15
"""Arguments of each side, and comments, on the page of a proposal; further ones are a link away."""
_ASKING: Final = ("support", "vote")
"""Phases in which the page asks for an answer to the text: there a summary stands beside it."""


@dataclass(frozen=True)
class Matter:
    """A matter for the pages on which members act, with what the act is about."""

    visit: MatterVisit
    subject: Statement | None

    @property
    def view(self) -> MatterView:
        """The matter as it is now."""
        return self.visit.matter

    @property
    def line(self) -> MatterLine:
        """The matter in short."""
        return self.visit.matter.line

    @property
    def path(self) -> str:
        """The path of the matter's page."""
        return self.visit.matter_path

    @property
    def own_voice(self) -> str | None:
        """The voice under which the visitor spoke in the matter."""
        return self.visit.own.voice if self.visit.own else None

    @property
    def organiser(self) -> str | None:
        """The office in which the visitor may organise, if they hold one."""
        return self.visit.own.office("lead", "facilitator") if self.visit.own else None

    def render(self, template: str, *, status: int = 200, cache: str, **view: object) -> Page:
        """Answer with a page of this matter."""
        return render(
            self.visit.request,
            template,
            chapter=frame_of(self.visit, self.visit.line.name.text or "", "proposals"),
            status=status,
            cache=cache,
            m=self.view,
            title=title_of(self.line),
            path=self.path,
            now=self.visit.now,
            crumbs=crumbs(self.visit, title_of(self.line), self.path),
            **view,
        )


async def open_matter(visit: MatterVisit, *, on: str = "") -> Matter:
    """Return a matter that somebody acts on, with the argument or comment that `on` names.

    Raises NotFoundException where nothing of that id belongs to the matter.
    """
    if not on or on == visit.matter.line.id:
        return Matter(visit, None)
    found = await discussion.statement(visit.db, visit.line.log, on[:26])
    if found is None or found.matter != visit.matter.line.id:
        raise NotFoundException
    return Matter(visit, found)


def title_of(line: MatterLine) -> str:
    """Return the title of a matter, or that it was erased."""
    if line.title.hidden_by is not None:
        return wordings.title_words(line.title)
    return wordings.title_words(wordings.line_for_reader(line).title)


def crumbs(visit: Any, title: str, path: str) -> tuple[Link, ...]:
    """Return where a page of a matter stands."""
    return (
        Link(visit.line.name.text or "", visit.path),
        Link(_("Proposals"), f"{visit.path}/proposals"),
        Link(title if len(title) < 60 else f"{title[:57]}…", path),
    )


@get("/c/{chapter_id:str}/p/{proposal_id:str}")
async def proposal(request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]) -> Page:
    """Show a proposal: how it stands, its text, what is said, what one can do."""
    return await show(request, chapter_id, proposal_id)


async def show(
    request: Asked,
    chapter_id: str,
    proposal_id: str,
    *,
    vote: Form | None = None,
    status: int = 200,
) -> Page:
    """Answer with a proposal's page; `vote` is a vote's form that was filled in wrong."""
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        page = await seen_page(visit)
    own = visit.own if visit.person else None
    wanted = request.query_params.get(wordings.ASKED, "")
    matter, languages = wordings.for_reader(page.matter, wanted)
    line, election = matter.line, next(iter(page.elections), None)
    open_vote = election if election is not None and election.is_open else None
    votes = election is not None and open_vote is not None and election.on_roll
    form = vote or (_vote_form(line.options, election.mine) if votes and election else None)
    title = title_of(line)
    mine = own.voice if own else None
    return render(
        request,
        "deliberation/proposal.html",
        chapter=frame_of(visit, page.name, "proposals"),
        status=status,
        # Words may be erased: nobody keeps them.
        cache=NO_STORE,
        # A form that was sent is at an address of its own.
        live=live_from(visit) if vote is None else "",
        m=matter,
        languages=languages,
        line=line,
        title=title,
        path=visit.matter_path,
        chapter_path=visit.path,
        now=visit.now,
        crumbs=crumbs(visit, title, visit.matter_path),
        standing=phases.standing(matter, page.elections, visit.now),
        timeline=phases.timeline(matter, visit.now),
        support=charts.support(line.supports, line.needed) if line.phase == "support" else None,
        changes=changes_in_words(matter.changes),
        office=_office_words(matter),
        concerned=about_people.concerned_words(matter),
        facts=_facts(matter, election),
        election=election,
        results=[
            (one, phases.bars(matter, one), phases.turnout(one))
            for one in page.elections
            if one.counts is not None
        ],
        turnout=phases.turnout(open_vote) if open_vote else None,
        form=form,
        said=page.said,
        signing=signing_of(page.said, SHOWN),
        summary=summary(matter.text.text) if matter.text.text and line.phase in _ASKING else None,
        member=visit.person is not None,
        reads_all=visit.reads_all,
        can=_can(visit, page),
        mine=mine,
        named=own is not None and own.named,
        is_author=mine is not None and mine == line.author,
        supports=matter.supported,
        hidden=notes_of(matter),
        organises=bool(own and own.office("lead", "facilitator")),
        applied=visit.own is not None and visit.own.state == "applied",
        signed_in=visit.known is not None,
    )


async def seen_page(visit: MatterVisit) -> ProposalPage:
    """Return the page as the visitor may see it: live, or as of the last tick.

    Raises NotFoundException where nothing of it is shown to outsiders.
    """
    if visit.live:
        own = visit.own
        page: ProposalPage | None = await read_proposal_page(
            visit.db,
            visit.matter,
            visit.person.member if visit.person else None,
            own.row if own else None,
            SHOWN,
        )
        if page is not None and not visit.reads_all:
            page = proposal_for_world(page)
    else:
        page = await publication.page_of(
            visit.db,
            visit.line.log,
            visit.published(publication.name_of_proposal(visit.matter.line.id)),
            ProposalPage,
            visit.now,
        )
    if page is None:
        raise NotFoundException
    return await with_erasures(visit.db, visit.line.log, page)


async def seen_matter(visit: MatterVisit) -> MatterView:
    """Return the matter as the visitor may see it, without votes and what was said about it."""
    if not visit.live:
        return (await seen_page(visit)).matter
    if not visit.reads_all and visit.matter.line.phase not in FIXED:
        raise NotFoundException
    return visit.matter


def notes_of(matter: MatterView) -> dict[int, HiddenNote]:
    """Return what stands in place of hidden words, by the entry that hid them."""
    return {note.entry: note for note in matter.hidden}


def here(
    visit: MatterVisit, page: ProposalPage | None, listed: Sequence[Statement]
) -> dict[str, Any]:
    """Return what the macro for one statement needs to know, to show some of them."""
    return {
        "signing": signing_of_all(listed),
        "can": _can(visit, page),
        "mine": visit.own.voice if visit.own and visit.person else None,
        "organises": bool(visit.person and visit.own and visit.own.office("lead", "facilitator")),
        "chapter_path": visit.path,
        "hidden": notes_of(visit.matter if page is None else page.matter),
    }


def _can(visit: MatterVisit, page: ProposalPage | None) -> dict[str, bool]:
    """Return what a visitor can do now, by act."""
    phase = visit.matter.line.phase
    member = visit.person is not None
    return {
        "support": member and phase == "support",
        "argue": member and phase in ("support", "discussion"),
        "comment": member and phase in ("support", "discussion", "notice", "vote"),
        "react": member and phase in ("support", "discussion", "notice", "vote"),
        "revise": member and phase == "discussion",
        "withdraw": member and phase in ("support", "discussion"),
        "report": member,
        "follow_up": member and phase in ("decided", "lapsed", "withdrawn"),
    }


def _vote_form(options: int, mine: int | None) -> Form:
    field = Field("vote", _("an answer"), Kind.CHOICES if options else Kind.CHOICE, required=False)
    if mine is None:
        return blank(field)
    if options:
        return blank(field, vote=tuple(str(n) for n in range(options) if mine >> n & 1))
    return blank(field, vote=str(mine))


def _office_words(matter: MatterView) -> dict[str, object] | None:
    given = matter.appointment
    if given is None:
        return None
    name = matter.appointee.text if matter.appointee else None
    return {
        "office": role_name(given.office),
        "member": given.member,
        "name": name,
        "term": spell_minutes(given.term),
    }


def _facts(matter: MatterView, election: Any) -> Sequence[tuple[str, str]]:
    """Return what governs a proposal to its end, in pairs."""
    line, bylaws = matter.line, matter.bylaws
    if line.phase == "imported":
        return [(_("Source"), line.source or "")]
    cast = (
        _("by name: readers of the record see who voted how")
        if line.secrecy == "roll_call"
        else _("under row ids: people see the votes, not whose they are")
    )
    kind = ngettext_options(line.options) if line.options else _("yes, no or abstain")
    facts = [
        (_("The question"), kind),
        (_("Votes are cast"), cast),
        (_("Majority"), _("more than %(share)s") % {"share": spell_permille(bylaws.majority)}),
        (_("Quorum"), _("%(share)s of the roll") % {"share": spell_permille(bylaws.quorum)}),
    ]
    if election is not None:
        facts.append((_("On the roll"), str(election.roll)))
    return facts


def ngettext_options(options: int) -> str:
    """Say that a vote is on several options."""
    return _("%(n)d options, each may be approved") % {"n": options}


HANDLERS: Final = [proposal]
