"""What surrounds the pages of a chapter."""

from typing import Any

from civic.kernel.web.dates import moment_of_minute
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, ChapterFrame, Link, render
from civic.pages.visit.visits import ChapterVisit, Page, Visit


def frame_of(visit: Visit, name: str, current: str = "") -> ChapterFrame:
    """Return what surrounds the pages of a chapter; `current` names the part of it."""
    path = visit.path
    parts = [("chapter", _("Overview"), path)]
    parts += [
        ("proposals", _("Proposals"), f"{path}/proposals"),
        ("people", _("People"), f"{path}/people"),
        ("record", _("Record"), f"{path}/record"),
    ]
    # How to recompute the record belongs to it: five parts fit a phone.
    current = "record" if current == "audit" else current
    if visit.person is not None and visit.own is not None and visit.own.offices:
        parts.insert(1, ("desk", _("Desk"), f"{path}/desk"))
    return ChapterFrame(
        id=visit.line.chapter_id,
        name=name,
        href=path,
        nav=tuple(Link(text, href, current=key == current) for key, text, href in parts),
        lang=visit.line.name.lang or "",
        replica_of=_("another node") if visit.line.replica else "",
        as_of=moment_of_minute(visit.line.at, visit.now).text if visit.line.replica else "",
        rules_missing=_missing_rules(visit),
        alert=_alert(visit),
        you=_you(visit, current),
    )


def _you(visit: Visit, current: str) -> Link | None:
    """Return the way to one's own place in the chapter, for members, suspended ones too."""
    if visit.own is None or (visit.person is None and not visit.suspended):
        return None
    name = visit.own.name.text if visit.own.name else None
    text = _("You: %(name)s") % {"name": name} if name else _("You here")
    return Link(text, f"{visit.path}/you", current == "you")


def _alert(visit: Visit) -> Link | None:
    if visit.known is None or visit.line.chapter_id not in visit.known.lost:
        return None
    text = _("Your member here is held by another account now.")
    return Link(text, f"{visit.path}/keys/lost")


def _missing_rules(visit: Visit) -> int | None:
    # Outsiders learn with the tick what was adopted in it.
    version = visit.line.rules
    here = version in visit.node.book.shelf.versions
    return None if here or visit.line.replica or not visit.live else version


def live_from(visit: Visit) -> str:
    """Return where a page hears that it has changed; empty for who does not see it as it is now.

    A copy changes only when somebody brings it in again.
    """
    if not visit.live or visit.line.replica:
        return ""
    return f"{visit.path}/live?after={visit.line.size}"


def chapter_page(
    visit: ChapterVisit, template: str, part: str, *, status: int = 200, **view: Any
) -> Page:
    """Return a page of a chapter that nobody but its visitor sees; `part` is where it belongs."""
    return render(
        visit.request,
        template,
        chapter=frame_of(visit, visit.line.name.text or "", part),
        status=status,
        cache=NO_STORE,
        path=visit.path,
        **view,
    )
