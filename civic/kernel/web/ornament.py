"""Ornaments: a hash drawn as a symmetric cross-stitch pattern that two people can compare.

The drawing, so that another program can draw the same (`civic/ornament/1`)
---------------------------------------------------------------------------
Input: 32 bytes `h` and an odd number of cells `n` (9, 11, 13 or 15); let `half = (n - 1) / 2`.
Cells have coordinates `(x, y)` from `-half` to `half`, the origin in the middle.

1. A cell lies on ring `r = |x| + |y|` (0 to 2*half) at place `t = min(|x|, |y|)`; the middle of
   an edge of that ring is `m = floor(r / 2)`. Only `r` and `t` decide about a cell, so the pattern
   is its own mirror image along both axes and both diagonals.
2. Ring `r` reads two bytes: `a = h[(2r) mod 32]` and `b = h[(2r + 1) mod 32]`. The low four bits
   of `a` name the ring's stitch rule; a cell is stitched when:

   ====  ==============================  ====  ==============================
   0     never                           8     t >= m - 1
   1     always                          9     t > 0
   2     bit (t mod 8) of b is set       10    t != m
   3     t is even                       11    t mod 3 = 0
   4     t is odd                        12    t mod 3 != 0
   5     t = 0                           13    t = 0 or t = m
   6     t <= 1                          14    bit (t mod 8) of b is set
   7     t = m                           15    floor(t / 2) is even
   ====  ==============================  ====  ==============================

3. The thread of a ring is the dark one when bits 4 and 5 of `a` are both zero, else the coloured
   one. The colour is `h[0] mod 12` in the order of `accents.ACCENTS`.
4. The pattern is stitched on `n` by `n` cells; a band repeats it with a period of `n - 1` cells, so
   that neighbours share a column.

An id (26 characters) or any other text is drawn from SHA-256(`civic/ornament/1` newline text).
A pattern of 15 cells reads 30 bytes of the hash; two random hashes share one once in 2^40 (of 9
cells: once in 2^18). An ornament helps people to notice a difference and replaces no check of the
whole hash.
"""

import hashlib
from enum import IntEnum
from typing import Final

from markupsafe import Markup, escape

from civic.kernel.web.accents import ACCENTS, INK, accent_index

_UNITS: Final = 5
"""SVG units in a cell: crosses then have whole coordinates, which keeps the markup short."""

_CROSS_FROM_PIXELS: Final = 4.0
"""Below this size of a cell crosses blur, so that cells are drawn as filled squares."""


class Thread(IntEnum):
    """Which of the two threads of an ornament a cell is stitched with."""

    COLOURED = 1
    DARK = 2


def digest_of(text: str) -> bytes:
    """Return the 32 bytes from which an id or another short text is drawn."""
    return hashlib.sha256(b"civic/ornament/1\n" + text.encode()).digest()


def _stitched(rule: int, free: int, t: int, m: int) -> bool:
    match rule:
        case 0:
            return False
        case 1:
            return True
        case 2 | 14:
            return bool(free >> (t % 8) & 1)
        case 3:
            return t % 2 == 0
        case 4:
            return t % 2 == 1
        case 5:
            return t == 0
        case 6:
            return t <= 1
        case 7:
            return t == m
        case 8:
            return t >= m - 1
        case 9:
            return t > 0
        case 10:
            return t != m
        case 11:
            return t % 3 == 0
        case 12:
            return t % 3 != 0
        case 13:
            return t in (0, m)
        case _:
            return (t // 2) % 2 == 0


def stitches(digest: bytes, cells: int = 15) -> tuple[tuple[Thread | None, ...], ...]:
    """Return the pattern row by row: the thread of each cell, None where the cloth shows.

    Raises ValueError for a digest that is not 32 bytes or a number of cells that is not 9 to 15
    and odd.
    """
    if len(digest) != 32:
        raise ValueError("an ornament is drawn from 32 bytes")
    if cells not in (9, 11, 13, 15):
        raise ValueError("an ornament has 9, 11, 13 or 15 cells a side")
    half = cells // 2
    eighth = {(x, y): _thread(digest, x, y) for x in range(half + 1) for y in range(x + 1)}
    quarter = [[eighth[max(x, y), min(x, y)] for x in range(half + 1)] for y in range(half + 1)]
    lower = [(*reversed(row[1:]), *row) for row in quarter]
    return (*reversed(lower[1:]), *lower)


def _thread(digest: bytes, x: int, y: int) -> Thread | None:
    ring = x + y
    a, b = digest[2 * ring % 32], digest[(2 * ring + 1) % 32]
    if not _stitched(a & 15, b, min(x, y), ring // 2):
        return None
    return Thread.DARK if a & 0b110000 == 0 else Thread.COLOURED


def _crosses(rows: tuple[tuple[Thread | None, ...], ...], thread: Thread) -> str:
    return "".join(
        f"M{x * _UNITS + 1} {y * _UNITS + 1}l3 3m0-3l-3 3"
        for y, row in enumerate(rows)
        for x, cell in enumerate(row)
        if cell is thread
    )


def _squares(rows: tuple[tuple[Thread | None, ...], ...], thread: Thread) -> str:
    path = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            run = 0
            while x + run < len(row) and row[x + run] is thread:
                run += 1
            if run:
                wide = run * _UNITS
                path.append(f"M{x * _UNITS} {y * _UNITS}h{wide}v{_UNITS}h-{wide}z")
            x += run or 1
    return "".join(path)


def _paths(
    rows: tuple[tuple[Thread | None, ...], ...], digest: bytes, pixels_a_cell: float
) -> Markup:
    coloured = ACCENTS[accent_index(digest)].light
    drawn = []
    for thread, colour in ((Thread.COLOURED, coloured), (Thread.DARK, INK)):
        if pixels_a_cell >= _CROSS_FROM_PIXELS:
            path, paint = _crosses(rows, thread), f'fill="none" stroke="{colour}"'
            kind = "stitch"
        else:
            path, paint = _squares(rows, thread), f'fill="{colour}"'
            kind = "fill"
        if path:
            drawn.append(f'<path class="{kind}-{thread.value}" {paint} d="{path}"/>')
    # Drawn from numbers only; the colours come from the table of accents.
    return Markup("".join(drawn))  # noqa: S704


def ornament_svg(digest: bytes, *, cells: int = 15, pixels: int = 60, label: str = "") -> Markup:
    """Draw the ornament of 32 bytes as an inline SVG of `pixels` a side.

    With a `label` it is an image with that name, without one it is decoration that screen readers
    pass over. The threads take the colours of the page through CSS classes and carry their own as
    attributes for use outside a page. Raises ValueError like `stitches`.
    """
    side = cells * _UNITS
    name = Markup('role="img" aria-label="{}"').format(label) if label else 'aria-hidden="true"'
    accent = ACCENTS[accent_index(digest)].css_class
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="ornament {}" width="{}" height="{}" '
        'viewBox="0 0 {} {}" stroke-width="2" stroke-linecap="round" {}>{}</svg>'
    ).format(
        accent,
        pixels,
        pixels,
        side,
        side,
        Markup(name),  # noqa: S704
        _paths(stitches(digest, cells), digest, pixels / cells),
    )


def ornament_band_svg(digest: bytes, *, cells: int = 13, stitch: float = 4) -> Markup:
    """Draw the ornament repeated along a band as wide as its container; decoration only.

    `stitch` is the size of a cell in pixels. Raises ValueError like `stitches`.
    """
    rows = tuple(row[:-1] for row in stitches(digest, cells))
    height, period = cells * stitch, (cells - 1) * stitch
    name = escape(f"band-{digest.hex()[:12]}-{cells}")
    accent = ACCENTS[accent_index(digest)].css_class
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="ornament-band {}" width="100%" '
        'height="{:g}" stroke-width="2" stroke-linecap="round" aria-hidden="true"><defs>'
        '<pattern id="{}" width="{:g}" height="{:g}" patternUnits="userSpaceOnUse">'
        '<g transform="scale({:g})">{}</g></pattern></defs>'
        '<rect width="100%" height="100%" fill="url(#{})"/></svg>'
    ).format(
        accent,
        height,
        name,
        period,
        height,
        stitch / _UNITS,
        _paths(rows, digest, max(stitch, _CROSS_FROM_PIXELS)),
        name,
    )
