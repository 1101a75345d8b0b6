"""How something came about, as a view model: numbered steps on three lanes, each tied to a cause.

People act on the first lane, the rules move things on along the second, and on the third stands
what took effect. The drawing is beside a list of the same steps, which has their words and links.
"""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

Lane = Literal["people", "rules", "effect"]

SHOWN: Final = 14
"""Steps that are drawn at most: so many circles fit beside each other on a phone."""

_LANES: Final[tuple[Lane, ...]] = ("people", "rules", "effect")
_LANE_HEIGHT: Final = 46
_MIDDLE: Final = 29


class Step(msgspec.Struct, frozen=True):
    """One step to draw; `after` is the place of the step that led to it, None for the first."""

    lane: Lane
    after: int | None = None
    current: bool = False


class Node(msgspec.Struct, frozen=True):
    """A step as it is drawn: a circle with its number, or with the sign of several."""

    number: str
    x: str
    y: int
    lane: Lane
    current: bool


class Link(msgspec.Struct, frozen=True):
    """A line from one step to the next."""

    x1: str
    y1: int
    x2: str
    y2: int
    lane: Lane


class Row(msgspec.Struct, frozen=True):
    """A lane as it is drawn."""

    lane: Lane
    y: int


class Provenance(msgspec.Struct, frozen=True):
    """The drawing: widths are shares of the whole, heights are pixels."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    rows: tuple[Row, ...]
    height: int
    row_height: int
    left_out: int
    """How many of the first steps are told in the list only."""


def provenance(steps: Sequence[Step]) -> Provenance:
    """Prepare the drawing of some steps in their order; the last ones of very many.

    Raises ValueError when there are none, or when one comes before that which led to it.
    """
    if not steps:
        raise ValueError("nothing comes about without a step")
    if any(one.after is not None and not 0 <= one.after < n for n, one in enumerate(steps)):
        raise ValueError("a step follows from one before it")
    left_out = max(0, len(steps) - SHOWN)
    shown = range(left_out, len(steps))
    nodes = {
        n: Node(str(n + 1), _x(n - left_out, len(shown)), _y(steps[n].lane), steps[n].lane,
                steps[n].current)
        for n in shown
    }  # fmt: skip
    links = []
    for n in shown:
        after = steps[n].after
        if after is not None and after in nodes:
            one, other = nodes[after], nodes[n]
            links.append(Link(one.x, one.y, other.x, other.y, other.lane))
    rows = tuple(Row(lane, place * _LANE_HEIGHT) for place, lane in enumerate(_LANES))
    return Provenance(
        tuple(nodes.values()),
        tuple(links),
        rows,
        _LANE_HEIGHT * len(_LANES),
        _LANE_HEIGHT,
        left_out,
    )


def _x(place: int, of: int) -> str:
    return f"{(place + 0.5) * 100 / of:.4g}%"


def _y(lane: Lane) -> int:
    return _LANES.index(lane) * _LANE_HEIGHT + _MIDDLE
