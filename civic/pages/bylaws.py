"""The bylaws of a chapter in words: beside the charter, beside others, and how they came to be."""

from typing import Final, NamedTuple

from litestar import get
from litestar.params import FromPath

from chapters import queries
from chapters.bylaws import CHARTER, TEMPLATES, Bylaws
from chapters.queries import BylawsVersion
from civic.kernel.web.language import _
from civic.pages.bylaw_plainly import by_subject
from civic.pages.bylaw_words import changes_in_words
from civic.pages.founding import TEMPLATE_NAMES
from civic.pages.queries import titles
from civic.pages.visit import Asked, ChapterVisit, Page, chapter_page, visiting


class Step(NamedTuple):
    """A version in the history: what changed, and by which decision."""

    number: int
    at: int
    changes: list[tuple[str, str, str]]
    decision: str
    title: str


@get("/c/{chapter_id:str}/bylaws")
async def show(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Show the bylaws in words, what the charter asks, differences, and the history."""
    async with visiting(request, chapter_id) as visit:
        versions = _seen(visit, await queries.bylaws_versions(visit.db, visit.line.log))
        decisions = [one.decision for one in versions if one.decision is not None]
        named = await titles(visit.db, visit.line.log, decisions) if decisions else {}
    now = versions[0].bylaws if versions else visit.chapter.bylaws
    against = request.query_params.get("against", "")
    other, said = _other(against, versions)
    groups = by_subject(now, other)
    return chapter_page(
        visit,
        "chapters/bylaws.html",
        "bylaws",
        number=versions[0].number if versions else 1,
        groups=groups,
        other=said,
        against=against if other is not None else "",
        differences=sum(one.line.differs for _heading, told in groups for one in told),
        choices=[
            *((f"v{one.number}", _("version %(n)d") % {"n": one.number}) for one in versions[1:]),
            *(
                (name, _("the template “%(name)s”") % {"name": _(TEMPLATE_NAMES[name][0])})
                for name in TEMPLATES
            ),
        ],
        history=[_step(visit, one, named) for one in versions],
        began_as=_(TEMPLATE_NAMES[visit.line.template][0])
        if visit.line.template in TEMPLATE_NAMES
        else visit.line.template,
        charter=CHARTER.name,
        member=visit.person is not None,
        now=visit.now,
    )


def _seen(visit: ChapterVisit, versions: list[BylawsVersion]) -> list[BylawsVersion]:
    """Return the versions that the visitor may know: outsiders those of the last tick."""
    if visit.live:
        return versions
    tick = visit.now - visit.now % visit.chapter.bylaws.tick
    return [one for one in versions if one.at < tick]


def _other(against: str, versions: list[BylawsVersion]) -> tuple[Bylaws | None, str]:
    if against in TEMPLATES:
        words = _("the template “%(name)s”") % {"name": _(TEMPLATE_NAMES[against][0])}
        return TEMPLATES[against], words
    for one in versions:
        if against == f"v{one.number}":
            return one.bylaws, _("version %(n)d") % {"n": one.number}
    return None, ""


def _step(visit: ChapterVisit, one: BylawsVersion, named: dict[str, str | None]) -> Step:
    decision, title = "", ""
    if one.decision is not None:
        decision = f"{visit.path}/p/{one.decision}"
        title = named.get(one.decision) or _("An erased title")
    return Step(one.number, one.at, changes_in_words(one.changes), decision, title)


HANDLERS: Final = [show]
