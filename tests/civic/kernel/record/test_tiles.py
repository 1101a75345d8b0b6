from contextlib import suppress
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.record import merkle, tiles
from civic.kernel.record.merkle import EMPTY_ROOT, MAX_SIZE, TreeError
from civic.kernel.record.tiles import ENTRIES, ReadTile, Tile, TileError, Tiling

COUNT = 70_000
ENTRY = [b"entry %d" % i for i in range(COUNT)]
LEAVES = merkle.leaf_hashes(ENTRY)
STORE = dict(tiles.build_tiles(LEAVES))
SIZES = [0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, COUNT]
ROOTS = {
    1: "773885a613489e24ce2cf76199d6a423f042e4bbf12d7eecee912ef276c65701",
    2: "5a47662fd8a317d96049a3f9f47c55dc67ca66051baa3683dbb19b2fe09a07b0",
    3: "94fbd0dd836f50301692e6d0eade728ee19ec52bfff1606ed807c8575d5aaa19",
    255: "cf66793e6329dff242eb3cee0a6f36ad3e3a196dcc573a1ec775e102be863f1c",
    256: "da6596d95369f5fef322ab8e4e0da3b0b50236aa9c8a3b1d246f7411c9e2e32e",
    257: "5c1fdfe835358022f2392de478dbe053fc130cfe1d3a082879a90cf6bf14bf7e",
    65_536: "07b1a377960a4e12e3348d6e9329ae6316a95b02fb1c22e909231b3aa44861a7",
    COUNT: "a3920fba7f239a071a9bd10721f1341addefbaededb41c7e24437a9d16bdf00a",
}


def reader(store: dict[Tile, bytes]) -> ReadTile:
    return lambda level, number, width: store[Tile(level, number, width)]


def stored(size: int) -> dict[Tile, bytes]:
    return dict(tiles.build_tiles(LEAVES[:size]))


def naive_tiles(size: int) -> set[Tile]:
    found = set()
    for level in range(8):
        full, width = divmod(size // 256**level, 256)
        found |= {Tile(level, number, 256) for number in range(full)}
        found |= {Tile(level, full, width)} if width else set()
    return found


class TestPaths:
    @pytest.mark.parametrize(
        ("tile", "path"),
        [
            (Tile(0, 0, 256), "tile/0/000"),
            (Tile(0, 255, 256), "tile/0/255"),
            (Tile(0, 1000, 12), "tile/0/x001/000.p/12"),
            (Tile(3, 1_234_067, 256), "tile/3/x001/x234/067"),
            (Tile(63, 5, 255), "tile/63/005.p/255"),
            (Tile(ENTRIES, 0, 256), "tile/entries/000"),
            (Tile(ENTRIES, 273, 112), "tile/entries/273.p/112"),
            (Tile(0, MAX_SIZE, 1), "tile/0/x009/x223/x372/x036/x854/x775/807.p/1"),
        ],
    )
    def test_known(self, tile: Tile, path: str) -> None:
        assert tiles.tile_path(*tile) == path
        assert tiles.parse_path(path) == tile

    @pytest.mark.parametrize(
        "path",
        """tile tile/0 tile/0/ tile/0/0 tile/0/00 tile/0/0000 tile/0/001/000 tile/0/x001
        tile/0/x000/001 tile/0/x000/x001/000 tile/0/X001/000 tile/00/000 tile/01/000 tile/64/000
        tile/-1/000 tile/+1/000 tile/0/000.p/0 tile/0/000.p/01 tile/0/000.p/256 tile/0/000.p/
        tile/0/000.p tile/0/000/12 tile/0/000.p/12/ /tile/0/000 tile//0/000 tile/0/000/
        tile/0/../000 tile/0/٠٠٠ tile/٠/000 tile/data/000 tile/8/0/000 tile/entries/0
        tile/0/x009/x223/x372/x036/x854/x775/808 tile/0/x001/x001/x001/x001/x001/x001/x001/001
        """.split(),  # noqa: SIM905
    )
    def test_refused(self, path: str) -> None:
        with pytest.raises(TileError):
            tiles.parse_path(path)

    @pytest.mark.parametrize("path", ["", "tile/0/000\n", "tile/0/000 ", " tile/0/000"])
    def test_refused_for_its_spaces(self, path: str) -> None:
        with pytest.raises(TileError):
            tiles.parse_path(path)

    @pytest.mark.parametrize(
        "tile", [(-2, 0, 1), (64, 0, 1), (0, -1, 1), (0, MAX_SIZE + 1, 1), (0, 0, 0), (0, 0, 257)]
    )
    def test_no_path(self, tile: tuple[int, int, int]) -> None:
        with pytest.raises(TileError):
            tiles.tile_path(*tile)

    @given(st.integers(-1, 63), st.integers(0, MAX_SIZE), st.integers(1, 256))
    def test_are_read_as_written(self, level: int, number: int, width: int) -> None:
        path = tiles.tile_path(level, number, width)
        assert tiles.parse_path(path) == (level, number, width)

    @given(
        st.text(max_size=40)
        | st.from_regex(r"tile/(entries|[0-9]+)(/x?[0-9]{1,3})+(\.p/[0-9]+)?", fullmatch=True)
    )
    def test_junk_has_one_spelling_or_none(self, path: str) -> None:
        with suppress(TileError):
            assert tiles.tile_path(*tiles.parse_path(path)) == path


class TestTilesOfSize:
    @pytest.mark.parametrize("size", SIZES)
    def test_every_tile_once(self, size: int) -> None:
        listed = list(tiles.tiles_of_size(size))
        assert len(listed) == len(set(listed))
        assert set(listed) == naive_tiles(size) == set(stored(size))

    @pytest.mark.parametrize(
        ("size", "paths"),
        [
            (0, []),
            (1, ["tile/0/000.p/1"]),
            (256, ["tile/0/000", "tile/1/000.p/1"]),
            (257, ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"]),
        ],
    )
    def test_small(self, size: int, paths: list[str]) -> None:
        assert [tiles.tile_path(*tile) for tile in tiles.tiles_of_size(size)] == paths

    def test_large(self) -> None:
        at_65536 = [tile for tile in tiles.tiles_of_size(65_536) if tile.level]
        assert at_65536 == [Tile(1, 0, 256), Tile(2, 0, 1)]
        at_70000 = [tile for tile in tiles.tiles_of_size(COUNT) if tile.level or tile.number > 272]
        assert at_70000 == [Tile(0, 273, 112), Tile(1, 0, 256), Tile(1, 1, 17), Tile(2, 0, 1)]

    @given(st.integers(0, 140_000), st.integers(0, 3_000))
    def test_growth(self, old: int, step: int) -> None:
        grown = list(tiles.new_tiles(old, old + step))
        assert len(grown) == len(set(grown))
        assert set(grown) == naive_tiles(old + step) - naive_tiles(old)
        bundles = list(tiles.new_bundles(old, old + step))
        assert [tile[1:] for tile in bundles] == [tile[1:] for tile in grown if not tile.level]
        assert all(tile.level == ENTRIES for tile in bundles)

    def test_the_largest_log_is_listed_lazily(self) -> None:
        assert next(tiles.tiles_of_size(MAX_SIZE)) == (0, 0, 256)
        assert list(tiles.bundles_of_size(257)) == [(ENTRIES, 0, 256), (ENTRIES, 1, 1)]

    @pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3), (0, MAX_SIZE + 1)])
    def test_impossible_growth(self, old: int, new: int) -> None:
        with pytest.raises(TileError):
            list(tiles.new_tiles(old, new))
        with pytest.raises(TileError):
            list(tiles.new_bundles(old, new))


class TestBundles:
    def test_known(self) -> None:
        assert tiles.encode_bundle(ENTRY[:1]).hex() == "0007656e7472792030"
        data = tiles.encode_bundle(ENTRY[:256])
        assert len(data) == 2706
        assert sha256(data).hexdigest() == (
            "c378282cb2167eb29f7e0c483ef2ce284728c12286469737cf8c3dc71e412ff1"
        )
        assert tiles.decode_bundle(data, 256) == ENTRY[:256]

    def test_limits(self) -> None:
        largest = b"e" * 65_535
        assert tiles.decode_bundle(tiles.encode_bundle([largest, b""])) == [largest, b""]
        for entries in ([largest + b"e"], [], ENTRY[:257]):
            with pytest.raises(TileError):
                tiles.encode_bundle(entries)

    def test_width_must_agree(self) -> None:
        data = tiles.encode_bundle(ENTRY[:3])
        for width in (0, 2, 4, 256):
            with pytest.raises(TileError):
                tiles.decode_bundle(data, width)

    @given(st.lists(st.binary(max_size=300), min_size=1, max_size=256), st.data())
    def test_are_read_as_written(self, entries: list[bytes], data: st.DataObject) -> None:
        bundle = tiles.encode_bundle(entries)
        assert tiles.decode_bundle(bundle, len(entries)) == entries
        cut = data.draw(st.integers(0, len(bundle) - 1))
        with pytest.raises(TileError):
            tiles.decode_bundle(bundle[:cut], len(entries))

    @given(st.binary(max_size=400))
    def test_junk_has_one_reading_or_none(self, junk: bytes) -> None:
        with suppress(TileError):
            assert tiles.encode_bundle(tiles.decode_bundle(junk)) == junk

    @pytest.mark.parametrize("data", [b"", b"\0", b"\0\1", b"\0\1ab", b"\0\0" * 257])
    def test_malformed(self, data: bytes) -> None:
        with pytest.raises(TileError):
            tiles.decode_bundle(data)


class TestWorkedLog:
    @pytest.mark.parametrize(
        ("path", "size", "digest"),
        [
            (
                "tile/0/000",
                8192,
                "b0f6ca2ff42508faf8c6bb4ea8bb9c74243b19d4174fdc4fd17bdad9099e605e",
            ),
            (
                "tile/0/273.p/112",
                3584,
                "e31da4e768fc0d0f1f1f0046a1c4b68d71326b04a07951a7d3dcefef0de9b8cd",
            ),
            (
                "tile/1/000",
                8192,
                "44f879be76da41edaf37c0d67303fbd25f2ea44be93285b320561fbaaaaabbfa",
            ),
            (
                "tile/1/001.p/17",
                544,
                "5a8eb2fe63c90ddf7fd813d165c04fa79d6eca48534b61bd312fcd2d1cf0aef3",
            ),
            (
                "tile/2/000.p/1",
                32,
                "7e27fb89709243536fe26030f273fc9f7a73443f5e7ec296b3053aa520623e76",
            ),
        ],
    )
    def test_tiles(self, path: str, size: int, digest: str) -> None:
        data = STORE[tiles.parse_path(path)]
        assert (len(data), sha256(data).hexdigest()) == (size, digest)

    @pytest.mark.parametrize(("size", "root"), ROOTS.items())
    def test_roots(self, size: int, root: str) -> None:
        tiling = Tiling()
        tiling.extend(LEAVES[:size])
        assert tiling.root().hex() == root
        subtree = tiles.subtree_from_tiles(reader(stored(size)), size)
        assert merkle.root_of(size, subtree).hex() == root

    def test_consistency_over_a_full_tile(self) -> None:
        subtree = tiles.subtree_from_tiles(reader(STORE), COUNT)
        assert [each.hex() for each in merkle.consistency_path(256, 257, subtree)] == [
            "a1c877a824d2533efbee1960b7f2fe4224450f69c3b0e3d3e9cacc759ce2cef3"
        ]
        assert merkle.leaf_hash(b"entry 1").hex() == (
            "2dfb36c6f66cac361429cf46df868ab8242d3a6441f1099c8fb3f98ec5d108a4"
        )


class TestSubtreeFromTiles:
    memory = staticmethod(merkle.subtree_from_leaves(LEAVES))

    @pytest.mark.parametrize("size", SIZES[1:])
    def test_makes_the_paths_of_the_tree(self, size: int) -> None:
        subtree = tiles.subtree_from_tiles(reader(stored(size)), size)
        root = merkle.root_of(size, self.memory)
        assert merkle.root_of(size, subtree) == root
        for index in {0, 1, 255, 256, 257, size // 2, size - 1} & set(range(size)):
            path = merkle.inclusion_path(index, size, subtree)
            assert path == merkle.inclusion_path(index, size, self.memory)
            assert merkle.verify_inclusion(index, size, LEAVES[index], path, root)
            growth = merkle.consistency_path(index + 1, size, subtree)
            old_root = merkle.root_of(index + 1, self.memory)
            assert merkle.verify_consistency(index + 1, size, old_root, root, growth)

    def test_reads_only_tiles_that_the_tree_has(self) -> None:
        asked = set()

        def read(level: int, number: int, width: int) -> bytes:
            asked.add(Tile(level, number, width))
            return STORE[Tile(level, number, width)]

        subtree = tiles.subtree_from_tiles(read, COUNT)
        for index in range(0, COUNT, 997):
            merkle.inclusion_path(index, COUNT, subtree)
        assert asked <= naive_tiles(COUNT)

    def test_refuses_what_is_not_complete(self) -> None:
        subtree = tiles.subtree_from_tiles(reader(stored(257)), 257)
        for level, index in ((0, 257), (8, 1), (9, 0), (16, 0), (-1, 0), (0, -1)):
            with pytest.raises(TreeError):
                subtree(level, index)

    def test_refuses_tiles_of_another_width(self) -> None:
        subtree = tiles.subtree_from_tiles(lambda level, number, width: bytes(32), 257)
        with pytest.raises(TileError):
            subtree(0, 3)


class TestTiling:
    @given(st.lists(st.integers(0, 700), max_size=8))
    def test_is_the_tree_however_it_grows(self, steps: list[int]) -> None:
        store: dict[Tile, bytes] = {}
        tiling, size = Tiling(), 0
        for step in steps:
            full = tiling.extend(LEAVES[size : size + step])
            partial = tiling.partials()
            added = dict([*full, *partial])
            assert {tile for tile, _ in full} | {tile for tile, _ in partial} >= set(
                tiles.new_tiles(size, size + step)
            )
            size += step
            store |= added
            assert tiling.size == size
            assert tiling.root() == merkle.root_of(size, merkle.subtree_from_leaves(LEAVES[:size]))
            tiling = Tiling.resume(size, reader(store))
        assert stored(size).items() <= store.items()

    def test_resumes_at_full_tiles(self) -> None:
        for size in SIZES:
            tiling = Tiling.resume(size, reader(stored(size)))
            assert tiling.partials() == [
                (tile, data) for tile, data in stored(size).items() if tile.width < 256
            ]
            full = tiling.extend(LEAVES[size : size + 300])
            assert tiling.size == min(size + 300, COUNT)
            assert tiling.root() == merkle.root_of(
                tiling.size, merkle.subtree_from_leaves(LEAVES[: tiling.size])
            )
            assert all(STORE[tile] == data for tile, data in full)

    def test_takes_leaf_hashes_only(self) -> None:
        tiling = Tiling()
        with pytest.raises(TileError):
            tiling.extend([*LEAVES[:3], b"an entry"])
        assert (tiling.size, tiling.partials(), tiling.root()) == (0, [], EMPTY_ROOT)
        tiling.extend(LEAVES[:256])
        assert tiling.root().hex() == ROOTS[256]


class TestAuthentication:
    size = 513
    good = stored(size)
    root = merkle.root_of(size, merkle.subtree_from_leaves(LEAVES))

    def test_whole_log(self) -> None:
        tiles.authenticate_tiles(COUNT, bytes.fromhex(ROOTS[COUNT]), reader(STORE))
        assert tiles.check_tiles(LEAVES, reader(STORE)).hex() == ROOTS[COUNT]

    @pytest.mark.parametrize("size", SIZES)
    def test_sizes(self, size: int) -> None:
        root = merkle.root_of(size, merkle.subtree_from_leaves(LEAVES))
        tiles.authenticate_tiles(size, root, reader(stored(size)))
        assert tiles.check_tiles(LEAVES[:size], reader(stored(size))) == root
        with pytest.raises(TileError):
            tiles.authenticate_tiles(size, bytes(32), reader(stored(size)))

    @given(st.data())
    def test_every_byte_of_every_tile_counts(self, data: st.DataObject) -> None:
        tile = data.draw(st.sampled_from(sorted(self.good)))
        changed = bytearray(self.good[tile])
        changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
        read = reader(self.good | {tile: bytes(changed)})
        with pytest.raises(TileError):
            tiles.authenticate_tiles(self.size, self.root, read)
        with pytest.raises(TileError, match=tiles.tile_path(*tile)):
            tiles.check_tiles(LEAVES[: self.size], read)

    def test_a_tile_changed_together_with_its_parent(self) -> None:
        forged = dict(tiles.build_tiles([*LEAVES[:2], LEAVES[0], *LEAVES[3 : self.size]]))
        with pytest.raises(TileError, match="root"):
            tiles.authenticate_tiles(self.size, self.root, reader(forged))

    def test_short_and_long_tiles(self) -> None:
        for tile, data in self.good.items():
            for wrong in (data[:-1], data + b"\0", data + bytes(32), b""):
                read = reader(self.good | {tile: wrong})
                with pytest.raises(TileError):
                    tiles.authenticate_tiles(self.size, self.root, read)
