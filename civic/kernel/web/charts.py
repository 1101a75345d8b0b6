"""Charts as view models: every length and sentence ready, each chart also told in words or a table.

A chart is drawn as SVG by `templates/ui/charts.html`; lengths are percentages of its width, so that
one drawing fits a phone and a screen, and the text stays text beside it.
"""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Final, Literal

import msgspec

from civic.kernel.web.dates import Moment, moment
from civic.kernel.web.figures import count, percents, share
from civic.kernel.web.language import _, ngettext

BarTone = Literal["yes", "no", "abstain", "option"]
PhaseState = Literal["past", "current", "coming"]

_LEAST_SEGMENT: Final = Fraction(6, 100)
"""A phase is never drawn narrower than this part of the timeline, so that it can be seen."""


class Bar(msgspec.Struct, frozen=True):
    """One option of a result."""

    label: str
    count: str
    share: str
    width: str
    tone: BarTone
    chosen: bool


class Bars(msgspec.Struct, frozen=True):
    """The result of a vote or poll: options with their counts and shares of one whole."""

    caption: str
    rows: tuple[Bar, ...]
    mark: str
    """Where the threshold stands, as a width; empty without one."""
    mark_text: str


class Meter(msgspec.Struct, frozen=True):
    """How far something has come towards what it needs."""

    label: str
    text: str
    width: str
    mark: str
    mark_text: str
    reached: bool


class Phase(msgspec.Struct, frozen=True):
    """One phase of a matter; `ends` is None while nobody knows."""

    name: str
    starts: datetime
    ends: datetime | None
    note: str = ""


class Segment(msgspec.Struct, frozen=True):
    """One phase as it is drawn and told."""

    name: str
    note: str
    x: str
    width: str
    state: PhaseState
    starts: Moment
    ends: Moment | None


class Timeline(msgspec.Struct, frozen=True):
    """The phases of a matter along time."""

    segments: tuple[Segment, ...]
    now_x: str
    """Where now stands; empty before the first phase begins and after the last has ended."""
    text: str


class Stretch(msgspec.Struct, frozen=True):
    """A stretch of time as it is drawn on its scale."""

    x: str
    width: str


class Scale(msgspec.Struct, frozen=True):
    """Stretches of time, each with words of its own beside it, all on one scale of minutes."""

    start: int
    end: int
    now_x: str
    rows: tuple[Stretch, ...]


class Column(msgspec.Struct, frozen=True):
    """One column of a sparkline, in its own units."""

    x: int
    y: int
    height: int


class Sparkline(msgspec.Struct, frozen=True):
    """Activity over equal spans of time, told by one sentence."""

    columns: tuple[Column, ...]
    view_width: int
    text: str


def _width(part: Fraction) -> str:
    return f"{float(max(Fraction(0), min(part, Fraction(1))) * 100):.4g}%"


def bars(
    caption: str,
    options: Sequence[tuple[str, int, BarTone]],
    *,
    whole: int | None = None,
    threshold: Fraction | None = None,
    threshold_text: str = "",
    chosen: str | None = None,
) -> Bars:
    """Prepare a result: options as (label, count, tone).

    Shares are parts of `whole`, by default of the sum of all counts; `threshold` draws a line with
    its text; `chosen` is the label of the option that won.
    """
    base = sum(number for _label, number, _tone in options) if whole is None else whole
    shares = percents([number for _label, number, _tone in options], whole, threshold)
    rows = tuple(
        Bar(
            label=label,
            count=count(number),
            share=shown,
            width=_width(share(number, base)),
            tone=tone,
            chosen=label == chosen,
        )
        for (label, number, tone), shown in zip(options, shares, strict=True)
    )
    mark = "" if threshold is None else _width(threshold)
    return Bars(caption, rows, mark, threshold_text)


def support(have: int, need: int) -> Meter:
    """Prepare how many supports a proposal has of those it needs."""
    missing = max(0, need - have)
    text = _("%(have)s of %(need)s supports") % {"have": count(have), "need": count(need)}
    rest = (
        ngettext("%(n)s more is needed", "%(n)s more are needed", missing) % {"n": count(missing)}
        if missing
        else _("enough to go on")
    )
    width = _width(share(have, need)) if need else "100%"
    return Meter(_("Support"), f"{text}, {rest}", width, "", "", reached=not missing)


def quorum(took_part: int, roll: int, need: int) -> Meter:
    """Prepare how many of a fixed roll took part, with a mark where the quorum stands."""
    words = {"part": count(took_part), "roll": count(roll), "need": count(need)}
    (turnout,) = percents([took_part], roll, share(need, roll))
    text = _("%(part)s of %(roll)s members took part") % words + f" ({turnout})"
    return Meter(
        label=_("Quorum"),
        text=text,
        width=_width(share(took_part, roll)),
        mark=_width(share(need, roll)),
        mark_text=_("quorum: %(need)s") % words,
        reached=took_part >= need,
    )


def timeline(phases: Sequence[Phase], now: datetime) -> Timeline:
    """Prepare the phases of a matter, in order; a phase without end is drawn at the least width.

    Raises ValueError when there are none.
    """
    if not phases:
        raise ValueError("a timeline has at least one phase")
    seconds = [max(0.0, (p.ends - p.starts).total_seconds()) if p.ends else 0.0 for p in phases]
    widths = _segment_widths([Fraction(int(value)) for value in seconds])
    segments, x, now_x = [], Fraction(0), ""
    for phase, width, length in zip(phases, widths, seconds, strict=True):
        state = _phase_state(phase, now)
        if state == "current":
            gone = Fraction(int((now - phase.starts).total_seconds()))
            part = gone / Fraction(int(length)) if length else Fraction(1, 2)
            now_x = _width(x + width * min(part, Fraction(1)))
        segments.append(
            Segment(
                name=phase.name,
                note=phase.note,
                x=_width(x),
                width=_width(width),
                state=state,
                starts=moment(phase.starts, now),
                ends=moment(phase.ends, now) if phase.ends else None,
            )
        )
        x += width
    return Timeline(tuple(segments), now_x, _timeline_text(segments))


def _segment_widths(lengths: Sequence[Fraction]) -> list[Fraction]:
    """Share the width by length, but give each phase the least width first."""
    least = min(_LEAST_SEGMENT, Fraction(1, len(lengths)))
    rest, total = 1 - least * len(lengths), sum(lengths, Fraction(0))
    even = Fraction(1, len(lengths))
    return [least + rest * (length / total if total else even) for length in lengths]


def _phase_state(phase: Phase, now: datetime) -> PhaseState:
    if now < phase.starts:
        return "coming"
    return "past" if phase.ends is not None and phase.ends <= now else "current"


def _timeline_text(segments: Sequence[Segment]) -> str:
    for number, segment in enumerate(segments, start=1):
        if segment.state == "current":
            return _("Phase %(number)d of %(of)d: %(name)s") % {
                "number": number,
                "of": len(segments),
                "name": segment.name,
            }
    return _("All phases have ended") if segments[-1].state == "past" else _("Not yet begun")


def scale(spans: Sequence[tuple[int, int]], now: int) -> Scale:
    """Put stretches of time, as minutes from and to, on one scale that holds them all and `now`.

    None is drawn narrower than a hundredth of the scale, so that it can be seen.
    """
    start = min((since for since, _until in spans), default=now)
    end = max((until for _since, until in spans), default=now)
    start, end = min(start, now), max(end, now, start + 1)
    whole, least = end - start, Fraction(1, 100)
    rows = tuple(
        Stretch(
            _width(min(share(since - start, whole), 1 - least)),
            _width(max(share(until - since, whole), least)),
        )
        for since, until in spans
    )
    return Scale(start, end, _width(share(now - start, whole)), rows)


def sparkline(counts: Sequence[int], text: str) -> Sparkline:
    """Prepare activity as columns of equal spans; `text` says it in one sentence.

    Columns are 4 units apart and at most 24 high; a span with any activity is at least 2 high.
    """
    peak = max(counts, default=0)
    columns = []
    for place, number in enumerate(counts):
        height = max(2, round(24 * number / peak)) if number else 1
        columns.append(Column(x=place * 4, y=24 - height, height=height))
    return Sparkline(tuple(columns), max(1, len(counts) * 4 - 1), text)
