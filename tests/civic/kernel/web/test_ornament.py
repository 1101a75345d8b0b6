import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.web.accents import ACCENTS, accent_class
from civic.kernel.web.ornament import (
    Thread,
    digest_of,
    ornament_band_svg,
    ornament_svg,
    stitches,
)

digests = st.binary(min_size=32, max_size=32)
sizes = st.sampled_from([9, 11, 13, 15])


@given(digests, sizes)
def test_symmetric_along_axes_and_diagonals(digest: bytes, cells: int) -> None:
    rows = stitches(digest, cells)
    assert len(rows) == cells
    assert rows == rows[::-1]
    assert rows == tuple(row[::-1] for row in rows)
    assert rows == tuple(zip(*rows, strict=True))


@given(digests, sizes)
def test_a_smaller_pattern_is_the_middle_of_a_larger(digest: bytes, cells: int) -> None:
    margin = (15 - cells) // 2
    middle = tuple(row[margin : 15 - margin] for row in stitches(digest)[margin : 15 - margin])
    assert stitches(digest, cells) == middle


def test_drawn_as_specified() -> None:
    """A vector for other programs: dots are cloth, o the coloured and # the dark thread."""
    signs = {None: ".", Thread.COLOURED: "o", Thread.DARK: "#"}
    drawn = ["".join(signs[cell] for cell in row) for row in stitches(digest_of("civic"), 9)]
    assert drawn == VECTOR


VECTOR = [
    "ooo.o.ooo",
    "ooo.o.ooo",
    "oo.ooo.oo",
    "..o...o..",
    "ooo.o.ooo",
    "..o...o..",
    "oo.ooo.oo",
    "ooo.o.ooo",
    "ooo.o.ooo",
]


def test_the_same_hash_gives_the_same_drawing_and_another_another() -> None:
    one, two = (hashlib.sha256(text).digest() for text in (b"one", b"two"))
    assert ornament_svg(one) == ornament_svg(one)
    assert ornament_svg(one) != ornament_svg(two)
    assert ornament_band_svg(one) != ornament_band_svg(two)


def test_most_patterns_differ() -> None:
    hashes = [digest_of(str(number)) for number in range(2000)]
    assert len({stitches(digest, 15) for digest in hashes}) == 2000
    assert len({stitches(digest, 9) for digest in hashes}) > 1980


def test_crosses_when_large_squares_when_small() -> None:
    digest = digest_of("x")
    assert "l3 3m0-3l-3 3" in ornament_svg(digest, cells=15, pixels=60)
    assert "l3 3m0-3l-3 3" not in ornament_svg(digest, cells=9, pixels=27)
    assert len(ornament_svg(digest, cells=9, pixels=27)) < 1500


def test_a_label_is_told_and_escaped() -> None:
    svg = ornament_svg(digest_of("x"), label='a "b"')
    assert 'role="img" aria-label="a &#34;b&#34;"' in svg
    assert 'aria-hidden="true"' in ornament_svg(digest_of("x"))


def test_colours_come_from_the_accent() -> None:
    digest = bytes([19, *range(31)])
    assert ACCENTS[7].light in ornament_svg(digest)
    assert accent_class(digest.hex()) == "accent-7"
    assert "style" not in re.sub(r"https?://\S+", "", ornament_svg(digest))


@pytest.mark.parametrize("cells", [8, 10, 7, 17])
def test_other_sizes_are_refused(cells: int) -> None:
    with pytest.raises(ValueError, match="cells a side"):
        stitches(bytes(32), cells)


def test_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        stitches(bytes(16))
