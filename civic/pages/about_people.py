"""What a proposal about people can say: who takes over an office, who goes, who comes back."""

from typing import Final, Literal, NamedTuple, cast

from chapters.entries import Role
from chapters.standing.queries import reversible
from civic.kernel.web.forms import Field, Form, Kind
from civic.kernel.web.language import N_, _
from civic.pages.bylaw_bounds import months_of
from civic.pages.choosing import named
from civic.pages.telling import role_name
from civic.pages.visit import ChapterVisit
from deliberation.entries import Appointment, Measure
from deliberation.queries import MatterView

ONE_MORE: Final = "more"
EXPEL: Final = "expel"


class Choices(NamedTuple):
    """Whom and what a form can name, as (value, words); `people` is the one who was chosen."""

    people: list[tuple[str, str]]
    places: list[tuple[str, str]]
    measures: list[tuple[str, str]]


NONE: Final = Choices([], [], [])


async def choices_of(visit: ChapterVisit, kind: str, wanted: str) -> Choices:
    """Return what a form of a kind (`office` or `people`) offers; nothing for any other kind.

    `wanted` is the id of the member whom somebody chose, empty where they chose nobody yet.
    """
    if kind not in ("office", "people"):
        return NONE
    people = await named(visit, (wanted,))
    if kind == "office":
        return Choices(people, _places(visit), [])
    undone = {
        "lift": _("End a suspension: %(name)s"),
        "readmit": _("Let somebody ask to come back: %(name)s"),
    }
    measures = [
        *(
            (f"remove {one.id}", _("End an office now: %(office)s, %(name)s") % {
                "office": role_name(one.role), "name": _name(one.name, one.member)})
            for one in visit.chapter.offices
        ),
        *((EXPEL, _("Expel %(name)s") % {"name": name}) for _own_id, name in people),
        *(
            (f"{one.do} {one.id}", undone[one.do] % {"name": _name(one.name, one.member)})
            for one in await reversible(visit.db, visit.line.log)
        ),
    ]  # fmt: skip
    return Choices(people, [], measures)


def _places(visit: ChapterVisit) -> list[tuple[str, str]]:
    """Return how an appointment can stand to the offices that are held."""
    found = [(ONE_MORE, _("One more in this office"))]
    for one in visit.chapter.offices:
        words = {"office": role_name(one.role), "name": _name(one.name, one.member)}
        found.append((f"after {one.id}", _("When the term of %(name)s (%(office)s) ends") % words))
        found.append((f"instead {one.id}", _("At once, in place of %(name)s (%(office)s)") % words))
    return found


def _name(name: object, member: str) -> str:
    text = getattr(name, "text", None)
    return text or _("Member %(id)s…") % {"id": member[:6]}


def fields_of(kind: str, choices: Choices) -> tuple[Field, ...]:
    """Return the fields of a form that name people."""
    ids = tuple(own_id for own_id, _words in choices.people)
    if kind == "office":
        places = tuple(value for value, _words in choices.places)
        return (
            Field("member", _("a member"), Kind.CHOICE, choices=ids),
            Field("place", _("when it begins"), Kind.CHOICE, required=False, choices=places),
        )
    if kind == "people":
        measures = (*(value for value, _words in choices.measures), EXPEL)
        return (
            Field("measure", _("what is to happen"), Kind.CHOICE, choices=measures),
            Field("member", _("a member"), Kind.CHOICE, required=False, choices=ids),
        )
    return ()


def appointment_of(form: Form) -> Appointment:
    """Return the appointment that a form says; the rules see whether it fits."""
    how, _space, office = form.value("place").partition(" ")
    return Appointment(
        cast("Role", form.value("role")),
        form.value("member"),
        months_of(int(form.value("months"))),
        instead=office if how == "instead" else None,
        after=office if how == "after" else None,
    )


def measure_of(form: Form) -> tuple[Measure | None, Form]:
    """Return the measure that a form says, or the form with what it lacks."""
    do, _space, of = form.value("measure").partition(" ")
    if do == EXPEL:
        of = form.value("member")
        if not of:
            return None, form.with_error("", _("Choose the member who is to be expelled"))
    return Measure(cast("Literal['remove', 'expel', 'readmit', 'lift']", do), of), form


MEASURES: Final = {
    "remove": N_("A yes ends the office as %(office)s of"),
    "expel": N_("A yes expels"),
    "readmit": N_("A yes lets somebody who was expelled ask to come back:"),
    "lift": N_("A yes ends the suspension of"),
}
"""What a decision about people would do, before the name."""


def concerned_words(matter: MatterView) -> dict[str, object] | None:
    """Return whom a measure concerns and what it does, None for other proposals."""
    if matter.measure is None:
        return None
    concerned = matter.concerned
    role = role_name(concerned.role).lower() if concerned and concerned.role else ""
    return {
        "does": _(MEASURES[matter.measure.do]) % {"office": role},
        "member": concerned.member if concerned else matter.measure.of,
        "name": concerned.name.text if concerned and concerned.name else None,
    }
