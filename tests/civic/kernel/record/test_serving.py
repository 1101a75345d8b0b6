"""Which tiles a checkpoint implies: those of its size, at every width on the way there."""

from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.record import serving, tiles
from civic.kernel.record.tiles import Tile

SIZES = st.integers(0, 70_000)


@given(size=SIZES, earlier=SIZES)
def test_all_tiles_of_every_earlier_size(size: int, earlier: int) -> None:
    size, earlier = max(size, earlier), min(size, earlier)
    for tile in (*tiles.tiles_of_size(earlier), *tiles.bundles_of_size(earlier)):
        assert serving.implies(size, tile)


@given(
    size=SIZES, tile=st.builds(Tile, st.integers(-1, 3), st.integers(0, 300), st.integers(1, 256))
)
def test_nothing_that_lies_beyond(size: int, tile: Tile) -> None:
    level = max(tile.level, 0)
    last_leaf = ((tile.number * 256 + tile.width) << (8 * level)) - 1
    assert serving.implies(size, tile) == (last_leaf < size)
