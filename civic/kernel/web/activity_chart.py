"""How much went on, week by week: small columns, one strip a subject, and the table beside them.

Each strip has a scale of its own, told by its largest week: what is compared is when something
happened, not how many votes one decision takes.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import msgspec

from civic.kernel.web.dates import day_in_words
from civic.kernel.web.figures import count
from civic.kernel.web.language import _

HEIGHT: Final = 24
"""Of a strip, in its own units."""
STEP: Final = 8
"""From one week to the next, in the same units; a column leaves a quarter of it free."""


class Strip(msgspec.Struct, frozen=True):
    """One subject along the weeks. `path` draws its columns (SVG 2, section 9.3)."""

    label: str
    total: str
    text: str
    """The same for who does not see it: all, and the most in a week."""
    path: str


class ActivityChart(msgspec.Struct, frozen=True):
    """Strips on one axis of weeks; `rows` are the weeks in which anything happened, latest first.

    A row is the first day of its week and a number for each strip.
    """

    strips: tuple[Strip, ...]
    rows: tuple[tuple[str, ...], ...]
    first: str
    last: str
    width: int


def activity_chart(
    start: date, subjects: Sequence[tuple[str, Sequence[int]]]
) -> ActivityChart | None:
    """Prepare weekly counts: `start` is the first day of the first week, subjects are labelled.

    All subjects have as many weeks; None where nothing happened in any of them.
    """
    if not any(any(counts) for _label, counts in subjects):
        return None
    weeks = len(subjects[0][1])
    days = [start + timedelta(weeks=week) for week in range(weeks)]
    rows = [
        (day_in_words(day), *(count(counts[week]) for _label, counts in subjects))
        for week, day in enumerate(days)
        if any(counts[week] for _label, counts in subjects)
    ]
    return ActivityChart(
        tuple(_strip(label, counts) for label, counts in subjects),
        tuple(reversed(rows)),
        day_in_words(days[0]),
        day_in_words(days[-1] + timedelta(days=6)),
        weeks * STEP,
    )


def _strip(label: str, counts: Sequence[int]) -> Strip:
    peak, total = max(counts), count(sum(counts))
    words = {"label": label, "total": total, "most": count(peak)}
    text = _("%(label)s: %(total)s, at most %(most)s in a week") % words
    columns = [
        _column(week * STEP, max(2, round(HEIGHT * number / peak)))
        for week, number in enumerate(counts)
        if number
    ]
    return Strip(label, total, text, "".join(columns))


def _column(x: int, height: int) -> str:
    return f"M{x} {HEIGHT}v-{height}h{STEP * 3 // 4}V{HEIGHT}z"
