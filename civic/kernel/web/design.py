"""The page /design: every part of the look in every state, for whoever writes or judges a page."""

import hashlib
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from civic.kernel.web import charts
from civic.kernel.web.accents import ACCENTS, Accent
from civic.kernel.web.dates import moment
from civic.kernel.web.flash import Flash
from civic.kernel.web.forms import Field, Form, Kind, blank
from civic.kernel.web.pages import PUBLIC, ChapterFrame, Link, render

_NOW: Final = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)

_FIELDS: Final = (
    Field("title", "a title", most=120),
    Field("body", "what you propose", Kind.TEXT, most=20_000),
    Field("part", "a part of town", Kind.CHOICE, choices=("east", "west")),
    Field("secrecy", "how to vote", Kind.CHOICE, choices=("roll_call", "pseudonymous")),
    Field("groups", "who should hear of it", Kind.CHOICES, choices=("young", "old"), most=2),
    Field("agree", "I have read the bylaws", Kind.TICK),
    Field("passphrase", "your passphrase", Kind.SECRET),
    Field("seats", "the number of seats", Kind.NUMBER, least=1, most=15),
)

_WORDS: Final = """\
Our library closes at **six**, when most of us leave work. I propose that it stays open until
*nine* on two evenings a week.

### What it needs

1. Two volunteers an evening.
2. A second key, kept by the steward.

> We tried this in 2019 and forty people came on the first night.

More in [the survey](https://example.org/survey)."""


class AccentSample(msgspec.Struct, frozen=True):
    """One accent with an ornament that has it."""

    accent: Accent
    digest: str


class Sample(msgspec.Struct, frozen=True):
    """Everything that the page shows."""

    empty: Form
    wrong: Form
    fresh: Form
    words: str
    voices: tuple[str, ...]
    accents: tuple[AccentSample, ...]
    flashes: tuple[Flash, ...]


def digest_with_accent(accent: int, salt: str = "") -> str:
    """Return a hash whose accent is the one asked for, so that samples show all of them."""
    seed = hashlib.sha256(f"design {accent}{salt}".encode()).digest()
    return bytes([accent, *seed[1:]]).hex()


def _wrong_form() -> Form:
    form = blank(*_FIELDS, title="Later hours <b>for all</b>", body="", groups=("young",))
    form = form.with_error("body", "Enter what you propose")
    form = form.with_error("secrecy", "Choose how to vote")
    return form.with_error("passphrase", "Your passphrase needs at least 12 characters")


def _sample() -> Sample:
    return Sample(
        empty=blank(*_FIELDS, secrecy="roll_call"),
        wrong=_wrong_form(),
        fresh=blank(*_FIELDS),
        words=_WORDS,
        voices=tuple(
            hashlib.sha256(f"voice {number}".encode()).hexdigest()[:26] for number in range(8)
        ),
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
        "support": charts.support(27, 40),
        "supported": charts.support(41, 40),
        "quorum": charts.quorum(134, 212, 71),
        "no_quorum": charts.quorum(38, 212, 71),
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
