"""The page /design: every part of the look in every state, for whoever writes or judges a page.

A macro of templates/ui that is not shown there fails a test.
"""

import hashlib
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from civic.kernel.web import charts
from civic.kernel.web.accents import ACCENTS, Accent
from civic.kernel.web.activity_chart import activity_chart
from civic.kernel.web.dates import moment
from civic.kernel.web.flash import Flash
from civic.kernel.web.forms import Field, Form, Kind, blank
from civic.kernel.web.pages import PUBLIC, ChapterFrame, Link, render
from civic.kernel.web.provenance_chart import Step, provenance

_NOW: Final = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


class State(msgspec.Struct, frozen=True):
    """A state in which each part of a form is shown."""

    name: str
    label: str
    hint: str = ""
    disabled: bool = False


_LONG: Final = (
    "A long text, as people write one who have much to say and little time to shorten it, with a "
    "word such as Rechtsschutzversicherungsgesellschaften that breaks where it must"
)
_STATES: Final = (
    State("plain", "As it comes"),
    State("hint", "With a hint", "One line that a neighbour understands"),
    State("wrong", "With an error", "What was wrong stands below"),
    State("disabled", "Disabled", disabled=True),
    State("long", _LONG, _LONG),
)
_PARTS: Final = {
    "line": Kind.LINE,
    "text": Kind.TEXT,
    "select": Kind.CHOICE,
    "radios": Kind.CHOICE,
    "boxes": Kind.CHOICES,
    "tick": Kind.TICK,
}

_WORDS: Final = """\
Our library closes at **six**, when most of us leave work. I propose that it stays open until
*nine* on two evenings a week.

# What it needs

1. Two volunteers an evening.
2. A second key, kept by the steward.

> We tried this in 2019 and forty people came on the first night.

More in [the survey](https://example.org/survey)."""


_VOICES: Final = tuple(
    hashlib.sha256(f"voice {number}".encode()).hexdigest()[:26] for number in range(4)
)


class AccentSample(msgspec.Struct, frozen=True):
    """One accent with an ornament that has it."""

    accent: Accent
    digest: str


class Sample(msgspec.Struct, frozen=True):
    """Everything that the page shows."""

    form: Form
    states: tuple[State, ...]
    long: str
    words: str
    people: tuple[tuple[str, str], ...]
    voices: tuple[str, ...]
    accents: tuple[AccentSample, ...]
    flashes: tuple[Flash, ...]


def digest_with_accent(accent: int, salt: str = "") -> str:
    """Return a hash whose accent is the one asked for, so that samples show all of them."""
    seed = hashlib.sha256(f"design {accent}{salt}".encode()).digest()
    return bytes([accent, *seed[1:]]).hex()


def _form() -> Form:
    """Return a form that has each part in each state."""
    own = {f"{part}_{state.name}": kind for part, kind in _PARTS.items() for state in _STATES}
    fields = [Field(name, name, kind, choices=("east", "west")) for name, kind in own.items()]
    form = blank(
        *fields,
        Field("passphrase", "a passphrase", Kind.SECRET),
        Field("seats", "the number of seats", Kind.NUMBER),
        line_wrong="Later hours <b>for all</b>",
        line_long=_LONG,
        line_disabled="Nobody can change this",
        text_long=_LONG,
        select_long="west",
        radios_hint="east",
        boxes_hint=("east", "west"),
        tick_hint="yes",
        seats="3",
    )
    for part in _PARTS:
        form = form.with_error(f"{part}_wrong", f"What is wrong with this: {part}")
    return form


def _sample() -> Sample:
    return Sample(
        form=_form(),
        states=_STATES,
        long=_LONG,
        words=_WORDS,
        people=tuple(zip(_VOICES, ("Ana Example", "Anton", _LONG), strict=False)),
        voices=_VOICES,
        accents=tuple(
            AccentSample(accent, digest_with_accent(number))
            for number, accent in enumerate(ACCENTS)
        ),
        flashes=(
            Flash("Your support is recorded.", "good"),
            Flash("You have already supported this proposal.", "note"),
            Flash("The vote has closed; nothing was recorded.", "bad"),
        ),
    )


def _day(number: float) -> datetime:
    return _NOW + timedelta(days=number)


def _charts() -> dict[str, object]:
    phases = (
        charts.Phase("Gathering support", _day(-12), _day(-8), "41 of 40 supports"),
        charts.Phase("Discussion", _day(-8), _day(3.375), "48 comments, 12 arguments"),
        charts.Phase("Final text", _day(3.375), _day(5.375)),
        charts.Phase("Vote", _day(5.375), _day(12.375)),
    )
    ended = tuple(
        charts.Phase(
            phase.name,
            phase.starts - timedelta(days=40),
            phase.ends - timedelta(days=40) if phase.ends else None,
        )
        for phase in phases
    )
    return {
        "timeline": charts.timeline(phases, _NOW),
        "ended": charts.timeline(ended, _NOW),
        "carried": charts.bars(
            "Shall the library open until nine on two evenings a week?",
            [("Yes", 86, "yes"), ("No", 37, "no")],
            threshold=Fraction(2, 3),
            threshold_text="needed: more than two thirds of yes and no; 11 abstained",
            chosen="Yes",
        ),
        "options": charts.bars(
            "Which evenings? (approval)",
            [("Tuesday", 74, "option"), ("Wednesday", 41, "option"), ("Thursday", 102, "option")],
            whole=134,
            chosen="Thursday",
        ),
        "nothing": charts.bars("No vote has been cast", [("Yes", 0, "yes"), ("No", 0, "no")]),
        "scale": charts.scale([(0, 400)], 300),
        "support": charts.support(27, 40),
        "supported": charts.support(41, 40),
        "quorum": charts.quorum(134, 212, 71),
        "no_quorum": charts.quorum(38, 212, 71),
        "activity": activity_chart(
            date(2026, 9, 7),
            [("Proposals", (1, 0, 2, 0, 0, 4, 1, 0)), ("Votes", (0, 0, 0, 86, 0, 0, 134, 0))],
        ),
        "provenance": provenance(
            [Step("people"), Step("people", 0), Step("rules", 1), Step("effect", 2, current=True)]
        ),
        "sparkline": charts.sparkline(
            [0, 1, 4, 9, 6, 3, 0, 0, 2, 7, 12, 8, 5, 1],
            "58 contributions in two weeks, most of them on Wed 18 Nov",
        ),
    }


def _chapter(accent: int) -> ChapterFrame:
    nav = ("Overview", "Proposals", "Votes", "Members", "Record")
    return ChapterFrame(
        id=digest_with_accent(accent),
        name="Riverside library circle",
        href="/design",
        nav=tuple(Link(text, "/design", current=text == "Proposals") for text in nav),
        replica_of="node.example.org" if accent == 11 else "",
    )


def _page(request: Request[Any, Any, Any], accent: int) -> Response[bytes]:
    return render(
        request,
        "design.html",
        chapter=_chapter(accent),
        cache=PUBLIC,
        sample=_sample(),
        closes=moment(_day(3.375), _NOW),
        opened=moment(_day(-12), _NOW),
        chart=_charts(),
        crumbs=(Link("Riverside", "/design"), Link("Proposals", "/design"), Link("P-14", "/")),
    )


@get("/design", include_in_schema=False, sync_to_thread=False)
def design(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Show every part of the look in the default accent."""
    return _page(request, 0)


@get("/design/{accent:int}", include_in_schema=False, sync_to_thread=False)
def design_in(request: Request[Any, Any, Any], accent: FromPath[int]) -> Response[bytes]:
    """Show every part of the look in one of the twelve accents (a replica in the last)."""
    return _page(request, accent % len(ACCENTS))
