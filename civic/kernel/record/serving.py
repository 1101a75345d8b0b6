"""What a node serves of a log under `/log/<log id>/` (C2SP tlog-tiles, tlog-proof), as bytes.

Who asks decides which checkpoint they see, and the checkpoint what else there is for them: nobody
is given a tile, an entry or a proof that the checkpoint they may see does not imply.
"""

from collections.abc import Container
from typing import Final, NamedTuple

from civic.kernel.database import Reading
from civic.kernel.record import note, proof, store, tiles
from civic.kernel.record.content import WORDS_TYPE, unsalted
from civic.kernel.record.entry import Malformed
from civic.kernel.record.shown import hidden_by

TEXT: Final = "text/plain; charset=utf-8"
BYTES: Final = "application/octet-stream"


class Served(NamedTuple):
    """What is sent: the bytes, their media type, and whether they stay the same for ever."""

    body: bytes
    media_type: str
    immutable: bool


class Erased(NamedTuple):
    """Words that were erased, or are `hidden`; `entry` is the index of the entry that says so."""

    entry: int
    hidden: bool = False


class Visible(NamedTuple):
    """The checkpoint that a reader may see: the size of the tree, and the signed note."""

    size: int
    note: bytes


def latest(head: store.Head) -> Visible | None:
    """Return the latest signed checkpoint, for members; None before the first signature."""
    return None if head.signed_note is None else Visible(head.signed_size, head.signed_note)


async def published(db: Reading, head: store.Head, tick: int) -> Visible | None:
    """Return the checkpoint that outsiders see; `tick` is the minute at which this tick began.

    It moves once a tick, so that who watches the network cannot match persons with entries.
    """
    found = await store.published(db, head.no, tick)
    return None if found is None else Visible(*found)


def checkpoint(visible: Visible) -> Served:
    """Return the checkpoint itself."""
    return Served(visible.note, TEXT, immutable=False)


def vkey(head: store.Head) -> Served:
    """Return the key that signs the log's checkpoints, as one line."""
    line = note.format_vkey(note.log_key(head.public_key)) + "\n"
    return Served(line.encode("ascii"), TEXT, immutable=True)


def implies(size: int, tile: tiles.Tile) -> bool:
    """Tell whether a tree of `size` has all that a tile or entry bundle of this width holds.

    A partial tile stays available at every width once the tree reached it, also when the full
    one exists: it costs nothing to make, and old checkpoints keep pointing to it.
    """
    level = max(tile.level, 0)
    return tile.number * tiles.WIDTH + tile.width <= size >> (tiles.HEIGHT * level)


async def tile(db: Reading, head: store.Head, size: int, path: str) -> Served | None:
    """Return the hash tile or entry bundle of a path for who sees a tree of `size`, or None."""
    try:
        wanted = tiles.parse_path(path)
    except tiles.TileError:
        return None
    if not implies(size, wanted):
        return None
    return Served(await tile_bytes(db, head.no, wanted), BYTES, immutable=True)


async def tile_bytes(db: Reading, no: int, wanted: tiles.Tile) -> bytes:
    """Return a hash tile or entry bundle that the log has."""
    level, number, width = wanted
    if level != tiles.ENTRIES:
        return await store.hash_tile(db, no, level, number, width)
    start = number * tiles.WIDTH
    return tiles.encode_bundle(
        [raw async for _, raw, _ in store.entries(db, no, start, start + width)]
    )


async def content(db: Reading, head: store.Head, digest: str) -> Served | Erased | None:
    """Return words or evidence by hexadecimal hash; words can be erased, so they never last."""
    if len(digest) != 64 or not set(digest) <= _HEX:
        return None
    found = await store.content(db, head.no, digest)
    if found is None:
        return None
    raw, erased_by = found
    if raw is None and erased_by is not None and erased_by < 0:
        return Erased(hidden_by(erased_by), hidden=True)
    if raw is None:
        return Erased(erased_by or 0)
    return Served(raw, BYTES, immutable=not _are_words(raw))


_HEX: Final = frozenset("0123456789abcdef")


def _are_words(raw: bytes) -> bool:
    # Frozen words are evidence too but keep the form of words: they are just not cached.
    try:
        return unsalted(raw)[0] == WORDS_TYPE
    except Malformed:
        return False


async def open_proof(
    db: Reading, head: store.Head, visible: Visible, index: int, world: Container[str]
) -> Served | None:
    """Return entry `index` with its proof, if its kind is one of those meant for the world."""
    if not 0 <= index < visible.size:
        return None
    async for _, raw, _ in store.entries(db, head.no, index, index + 1):
        if _kind(raw) in world:
            return await _proof(db, head, visible, index, raw)
    return None


def _kind(raw: bytes) -> str:
    # Canonical entries begin with their kind.
    return raw[len(b'{"kind":"') :].partition(b'"')[0].decode("ascii", "replace")


async def receipt(db: Reading, head: store.Head, index: int) -> Served | None:
    """Return the proof of entry `index` on the checkpoint of its own commit.

    For the author of the act alone: that checkpoint may be one that outsiders never see.
    """
    found = await store.checkpoint_covering(db, head.no, index) if index >= 0 else None
    return None if found is None else await _proof(db, head, Visible(*found), index, None)


async def _proof(
    db: Reading, head: store.Head, visible: Visible, index: int, extra: bytes | None
) -> Served:
    subtree = await store.subtrees_for(db, head.no, visible.size, index)
    made = proof.make_proof(index, visible.size, subtree, visible.note, extra)
    return Served(proof.format_proof(made), TEXT, immutable=extra is None)
