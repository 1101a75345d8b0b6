"""Tiles and entry bundles (C2SP tlog-tiles): paths, contents, and their check against a root.

A tile is 256 hashes of one level of the tree (fewer in the last, partial one); a bundle is the
entries under one tile of level 0. Tiles are a cache: nothing here trusts them, a root decides.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple

from civic.kernel.record.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    MAX_SIZE,
    Subtree,
    TreeError,
    node_hash,
    perfect_root,
    subtree_from_leaves,
)

HEIGHT = 8
WIDTH = 256
ENTRIES = -1
"""The level that stands for entry bundles instead of hashes."""

MAX_ENTRY_BYTES = 65_535
_MAX_LEVEL = 63
# Pyramids of hashes kept by `subtree_from_tiles`: 33 kB each.
_CACHED_TILES = 64

ReadTile = Callable[[int, int, int], bytes]
"""(level, index, width) -> the bytes of that hash tile, not more and not fewer hashes."""


class TileError(ValueError):
    """A path, tile or bundle that is malformed, or a tile that the tree contradicts."""


class Tile(NamedTuple):
    """The address of a tile: level (or `ENTRIES`), its number in it, and width 1 to 256."""

    level: int
    number: int
    width: int


_PATH = re.compile(
    r"tile/(?P<level>entries|[0-9]{1,2})/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """The path of a tile or bundle, such as `tile/0/x001/000.p/12`; `TileError` if it has none."""
    if not ENTRIES <= level <= _MAX_LEVEL or not 0 <= index <= MAX_SIZE or not 0 < width <= WIDTH:
        raise TileError(f"no tile has level {level}, index {index}, width {width}")
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    last = len(digits) - 3
    head = "".join(f"x{digits[i : i + 3]}/" for i in range(0, last, 3))
    name = "entries" if level == ENTRIES else level
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{name}/{head}{digits[last:]}{partial}"


def parse_path(path: str) -> Tile:
    """The tile of a path; `TileError` unless the path is exactly as `tile_path` writes it."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise TileError("not the path of a tile")
    name, width = match["level"], match["width"]
    tile = Tile(
        ENTRIES if name == "entries" else int(name),
        int(match["index"].replace("/", "").replace("x", "")),
        WIDTH if width is None else int(width),
    )
    if tile_path(*tile) != path:
        raise TileError("not the canonical path of a tile")
    return tile


def new_tiles(old: int, new: int) -> Iterator[Tile]:
    """The hash tiles of a tree of size `new` that one of size `old` did not have."""
    _check_sizes(old, new)
    level = 0
    while new:
        yield from _row(level, old, new)
        level, old, new = level + 1, old >> HEIGHT, new >> HEIGHT


def new_bundles(old: int, new: int) -> Iterator[Tile]:
    """The entry bundles of a log of size `new` that one of size `old` did not have."""
    _check_sizes(old, new)
    yield from _row(ENTRIES, old, new)


def tiles_of_size(size: int) -> Iterator[Tile]:
    """All hash tiles of a tree: level by level, the partial one last."""
    return new_tiles(0, size)


def bundles_of_size(size: int) -> Iterator[Tile]:
    """All entry bundles of a log, the partial one last."""
    return new_bundles(0, size)


def _check_sizes(old: int, new: int) -> None:
    if not 0 <= old <= new <= MAX_SIZE:
        raise TileError(f"a log does not grow from {old} to {new}")


def _row(level: int, old: int, new: int) -> Iterator[Tile]:
    for index in range(old >> HEIGHT, new >> HEIGHT):
        yield Tile(level, index, WIDTH)
    if new & (WIDTH - 1) and new != old:
        yield Tile(level, new >> HEIGHT, new & (WIDTH - 1))


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """The bundle of 1 to 256 entries, each behind its length as 2 bytes big-endian."""
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise TileError(f"an entry has at most {MAX_ENTRY_BYTES} bytes")
        parts.append(len(entry).to_bytes(2, "big"))
        parts.append(entry)
    if not 0 < len(parts) <= 2 * WIDTH:
        raise TileError(f"a bundle has 1 to {WIDTH} entries")
    return b"".join(parts)


def decode_bundle(data: bytes, width: int | None = None) -> list[bytes]:
    """The entries of a bundle; `TileError` unless it is whole and of `width` entries, if given."""
    entries: list[bytes] = []
    append = entries.append
    end = len(data)
    position = 0
    while position + 1 < end:
        start = position + 2
        position = start + (data[position] << 8 | data[position + 1])
        append(data[start:position])
    if position != end:
        raise TileError("a bundle is cut off")
    if not 0 < len(entries) <= WIDTH or (width is not None and len(entries) != width):
        raise TileError(f"a bundle of {len(entries)} entries does not belong here")
    return entries


def split_tile(data: bytes, width: int) -> list[bytes]:
    """The hashes of a tile; `TileError` unless there are exactly `width`."""
    if len(data) != width * HASH_BYTES:
        raise TileError(f"a tile of {len(data)} bytes does not have {width} hashes")
    return [data[i : i + HASH_BYTES] for i in range(0, len(data), HASH_BYTES)]


def subtree_from_tiles(read_tile: ReadTile, size: int) -> Subtree:
    """A `Subtree` of the tree of `size` that reads hash tiles, each at the width that tree has.

    The hashes are as good as the tiles: paths made from them prove themselves when they are
    checked against a signed root. It keeps the last tiles that it read.
    """

    @lru_cache(maxsize=_CACHED_TILES)
    def pyramid(level: int, index: int) -> Subtree:
        width = min(WIDTH, (size >> (HEIGHT * level)) - index * WIDTH)
        return subtree_from_leaves(split_tile(read_tile(level, index, width), width))

    def subtree(level: int, index: int) -> bytes:
        if level < 0 or index < 0 or (index + 1) << level > size:
            raise TreeError(f"no complete subtree at level {level}, index {index}")
        tile_level, inner = divmod(level, HEIGHT)
        slot = index << inner
        return pyramid(tile_level, slot >> HEIGHT)(inner, (slot & (WIDTH - 1)) >> inner)

    return subtree


class Tiling:
    """A tree that grows and gives its tiles: `size`, and the unfinished tile of each level."""

    __slots__ = ("_rows", "size")

    def __init__(self) -> None:
        self.size = 0
        self._rows: list[list[bytes]] = []

    @classmethod
    def resume(cls, size: int, read_tile: ReadTile) -> "Tiling":
        """Goes on from a stored tree by reading its partial tiles; compare `root` before use."""
        _check_sizes(0, size)
        tiling = cls()
        tiling.size = size
        count, level = size, 0
        while count:
            width = count & (WIDTH - 1)
            tile = read_tile(level, count >> HEIGHT, width) if width else b""
            tiling._rows.append(split_tile(tile, width))
            count, level = count >> HEIGHT, level + 1
        return tiling

    def extend(self, leaves: Iterable[bytes]) -> list[tuple[Tile, bytes]]:
        """Appends leaf hashes; the full tiles that this completed, in the order of completion."""
        finished: list[tuple[Tile, bytes]] = []
        iterator = iter(leaves)
        rows = self._rows
        while True:
            row = rows[0] if rows else []
            before = len(row)
            row.extend(islice(iterator, WIDTH - before))
            if len(row) == before:
                return finished
            if set(map(len, islice(row, before, None))) != {HASH_BYTES}:
                del row[before:]
                raise TileError(f"a leaf hash has {HASH_BYTES} bytes")
            if not rows:
                rows.append(row)
            self.size += len(row) - before
            if len(row) == WIDTH:
                self._finish(0, finished)

    def _finish(self, level: int, finished: list[tuple[Tile, bytes]]) -> None:
        rows = self._rows
        row = rows[level]
        index = (self.size >> (HEIGHT * (level + 1))) - 1
        finished.append((Tile(level, index, WIDTH), b"".join(row)))
        if level + 1 == len(rows):
            rows.append([])
        rows[level + 1].append(perfect_root(row))
        row.clear()
        if len(rows[level + 1]) == WIDTH:
            self._finish(level + 1, finished)

    def partials(self) -> list[tuple[Tile, bytes]]:
        """The partial tiles at the present size, lowest level first."""
        return [
            (Tile(level, self.size >> (HEIGHT * (level + 1)), len(row)), b"".join(row))
            for level, row in enumerate(self._rows)
            if row
        ]

    def root(self) -> bytes:
        """The root hash at the present size."""
        root: bytes | None = None
        for row in self._rows:
            end = len(row)
            # The smallest complete subtree stands last: bits of the width, lowest first.
            while end:
                start = end & (end - 1)
                peak = perfect_root(row[start:end])
                root = peak if root is None else node_hash(peak, root)
                end = start
        return EMPTY_ROOT if root is None else root


def build_tiles(leaves: Iterable[bytes]) -> Iterator[tuple[Tile, bytes]]:
    """All hash tiles of the tree over leaf hashes, as they are finished, partial ones last."""
    tiling = Tiling()
    iterator = iter(leaves)
    while chunk := list(islice(iterator, WIDTH)):
        yield from tiling.extend(chunk)
    yield from tiling.partials()


def check_tiles(leaves: Iterable[bytes], read_tile: ReadTile) -> bytes:
    """Rebuilds the tree from leaf hashes, compares every stored hash tile, returns the root.

    `TileError` names the first tile that differs. This is the check to use where the entries are
    at hand; the root is still to be compared with the signed one.
    """
    return _rebuild(leaves, read_tile, lowest=0)


def authenticate_tiles(size: int, root: bytes, read_tile: ReadTile) -> None:
    """Checks every hash tile of a tree against its root; `TileError` where one does not fit.

    The leaf hashes are read from level 0, every other tile is rebuilt from the one below and
    compared, and the whole must have `root`.
    """
    leaves = chain.from_iterable(
        split_tile(read_tile(0, tile.number, tile.width), tile.width)
        for tile in bundles_of_size(size)
    )
    if _rebuild(leaves, read_tile, lowest=1) != root:
        raise TileError("the tiles do not make the signed root")


def _rebuild(leaves: Iterable[bytes], read_tile: ReadTile, *, lowest: int) -> bytes:
    tiling = Tiling()
    iterator = iter(leaves)
    while chunk := list(islice(iterator, WIDTH)):
        _compare(tiling.extend(chunk), read_tile, lowest)
    _compare(tiling.partials(), read_tile, lowest)
    return tiling.root()


def _compare(tiles: list[tuple[Tile, bytes]], read_tile: ReadTile, lowest: int) -> None:
    for tile, data in tiles:
        if tile.level >= lowest and read_tile(*tile) != data:
            raise TileError(f"{tile_path(*tile)} does not fit the tiles or entries below it")
