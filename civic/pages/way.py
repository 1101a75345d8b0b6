"""How a proposal came about and what came of it: each step with its entry in the record."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

import msgspec
from litestar import get
from litestar.params import FromPath

from civic.erasures import with_erasures
from civic.kernel.record import browse
from civic.kernel.record.shown import Text
from civic.kernel.web import provenance_chart
from civic.kernel.web.figures import count
from civic.kernel.web.language import _, ngettext
from civic.kernel.web.pages import NO_STORE
from civic.kernel.web.provenance_chart import Lane
from civic.pages import phases
from civic.pages.matter import Matter, seen_matter
from civic.pages.record import WORLD, told
from civic.pages.visit import Asked, MatterVisit, Page, visiting_matter
from deliberation.queries import MatterView

Kind = Literal["proposed", "revised", "phase", "extended", "effect", "task", "done", "outcome"]

_EACH_MOST: Final = 3
"""New texts, and tasks, that are steps of their own; more are told together."""
_ENDS: Final = ("decided", "lapsed", "withdrawn")


class Step(msgspec.Struct, frozen=True):
    """One step: what happened, in words, at which minute, and the entry that says so.

    `phase` is that which began with it, for steps of that kind. `read` tells whether who asks may
    read the entry. `reason` is why its author gave a new text, if they said.
    """

    kind: Kind
    phase: str | None
    at: int
    entry: int
    words: str
    read: bool
    reason: Text | None = None


async def way_of(visit: MatterVisit, matter: MatterView) -> list[Step]:
    """Return the steps of a matter in the order of the record (three queries at most)."""
    decided = [mark.entry for mark in matter.timeline if mark.phase == "decided"]
    steps = [*_texts(matter), *_phases(matter), *_afterwards(matter)]
    if decided:
        steps += await _effects(visit, matter, decided[-1])
    if not visit.reads_all:
        steps = [msgspec.structs.replace(one, read=_for_world(one), reason=None) for one in steps]
    steps = await with_erasures(visit.db, visit.line.log, steps)
    return sorted(steps, key=lambda one: one.entry)


_MARKED: Final = {
    "discussion": "deliberation.discussion_opened",
    "notice": "deliberation.frozen",
    "vote": "deliberation.vote_called",
    "decided": "deliberation.decided",
}
"""Entries that begin phases."""


def _for_world(step: Step) -> bool:
    """Tell whether the entry of a step is meant for the world, in a chapter that is not public."""
    return step.kind == "effect" or _MARKED.get(step.phase or "") in WORLD


def _texts(matter: MatterView) -> list[Step]:
    line = matter.line
    if line.phase == "imported":
        words = _("A conversation held elsewhere was brought in.")
    else:
        words = _("Somebody proposed it.")
    steps = [Step("proposed", None, line.created, line.entry, words, read=True)]
    later = [one for one in matter.versions if one.number > 1]
    if len(later) > _EACH_MOST:
        last = later[-1]
        words = ngettext(
            "The author gave it %(n)s new text.", "The author gave it %(n)s new texts.", len(later)
        ) % {"n": count(len(later))}
        return [*steps, Step("revised", None, last.at, last.entry, words, read=True)]
    return steps + [
        Step("revised", None, one.at, one.entry,
             _("The author gave it a new text: version %(n)d.") % {"n": one.number}, read=True,
             reason=one.reason)
        for one in later
    ]  # fmt: skip


def _phases(matter: MatterView) -> list[Step]:
    steps = []
    returned = False
    for mark in matter.timeline:
        if mark.entry == matter.line.entry or mark.phase not in (*phases.PHASES, "extended"):
            continue
        again = returned and mark.phase == "discussion"
        returned = returned or mark.phase == "decided"
        words = _phase_words(matter, mark.phase, again=again)
        kind: Kind = "extended" if mark.phase == "extended" else "phase"
        steps.append(Step(kind, mark.phase, mark.at, mark.entry, words, read=True))
    return steps


def _phase_words(matter: MatterView, phase: str, *, again: bool) -> str:
    line = matter.line
    match phase:
        case "discussion" if again:
            return _("It could not take effect, and was discussed again.")
        case "discussion":
            return _("Enough members supported it, so the discussion began.")
        case "notice":
            said = phases.said_of(line)
            words = [_("The text was fixed.")]
            if said:
                words.append(_("Said about it: %(said)s.") % {"said": said})
            return " ".join(words)
        case "vote":
            return _("The vote opened.")
        case "decided":
            result = phases.badge_of(line)[0] if line.phase == "decided" else _("Decided: yes")
            return _("The votes were counted. %(result)s") % {"result": result}
        case "lapsed":
            return _("It did not find enough support in time.")
        case "withdrawn":
            return _("Its author withdrew it, or its words were erased.")
        case "extended":
            return _("A deadline was put off because the node was down.")
        case _:
            return _(phases.PHASES[phase])


def _afterwards(matter: MatterView) -> list[Step]:
    steps = []
    tasks = sorted(matter.tasks, key=lambda one: one.entry)
    if len(tasks) > _EACH_MOST:
        done = sum(one.done is not None for one in tasks)
        words = _("%(n)s tasks were set, %(done)s of them are done.") % {
            "n": count(len(tasks)),
            "done": count(done),
        }
        steps.append(Step("task", None, tasks[0].at, tasks[0].entry, words, read=True))
    else:
        for task in tasks:
            words = _("Task: %(task)s") % {"task": task.words.text or _("An erased task")}
            if task.done is not None:
                words += f" ({_('done')})"
            steps.append(Step("task", None, task.at, task.entry, words, read=True))
    for card in matter.cards:
        words = {
            "success": _("An outcome card was recorded: success."),
            "standstill": _("An outcome card was recorded: standstill."),
            "failure": _("An outcome card was recorded: failure."),
        }[card.result]
        steps.append(Step("outcome", None, card.at, card.entry, words, read=True))
    return steps


async def _effects(visit: MatterVisit, matter: MatterView, decided: int) -> list[Step]:
    """Return what the decision did by itself: the entries behind it in the same act."""
    log, marks = visit.line.log, {mark.entry for mark in matter.timeline}
    entry = await browse.entry(visit.db, log, decided)
    if entry is None:
        return []
    behind = [
        told(one)
        for one in await browse.act(visit.db, log, entry.line.act)
        if one.line.index > decided and one.line.index not in marks
    ]
    return [
        Step("effect", None, one.at, one.index, one.words, visit.reads_all or one.kind in WORLD)
        for one in behind
        if visit.reads_all or one.kind in WORLD
    ]


def drawn(steps: Sequence[Step]) -> provenance_chart.Provenance:
    """Return the drawing of some steps: effects, tasks and cards follow from the decision."""
    shown: list[provenance_chart.Step] = []
    course: int | None = None
    decided: int | None = None
    for place, one in enumerate(steps):
        lane = _lane(one)
        after = decided if lane == "effect" and decided is not None else course
        current = place == len(steps) - 1
        shown.append(provenance_chart.Step(lane, after, current))
        if lane != "effect":
            course = place
        if one.phase in _ENDS:
            decided = place
    return provenance_chart.provenance(shown)


def _lane(step: Step) -> Lane:
    match step.kind:
        case "proposed" | "revised":
            return "people"
        case "phase" if step.phase == "withdrawn":
            return "people"
        case "phase" | "extended":
            return "rules"
        case _:
            return "effect"


@get("/c/{chapter_id:str}/p/{proposal_id:str}/way")
async def way(request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]) -> Page:
    """Show how a proposal came about, as a picture and step by step."""
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        matter = await seen_matter(visit)
        steps = await way_of(visit, matter)
    return Matter(replace(visit, matter=matter), None).render(
        "deliberation/way.html",
        cache=NO_STORE,
        steps=steps,
        drawing=drawn(steps),
        record=f"{visit.path}/record",
    )


HANDLERS: Final = [way]
