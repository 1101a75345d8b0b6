"""The bundle of the record that the test vectors show, and its digest."""

import hashlib

import msgspec

from civic.kernel.record import merkle, note, tiles
from civic.kernel.record.bundle import Manifest
from civic.kernel.record.content import content_hash
from civic.kernel.record.entry import (
    encode,
)
from docs.protocol.story import LOG, LOG_KEY, LOG_PUBLIC, Story


def bundle_files(story: Story) -> dict[str, bytes]:
    """The files of the story's bundle, by name."""
    raws = [encode(entry) for entry in story.entries]
    leaves = merkle.leaf_hashes(raws)
    tiling = tiles.Tiling()
    hashed = [*tiling.extend(leaves), *tiling.partials()]
    checkpoint = note.Checkpoint(note.origin(LOG), len(raws), tiling.root())
    manifest = Manifest(content_hash(raws[0]), len(raws), tiling.root().hex(), "world")
    files = {
        "log/vkey": f"{note.format_vkey(note.log_key(LOG_PUBLIC))}\n".encode(),
        "log/checkpoint": note.sign_checkpoint(checkpoint, LOG_KEY),
        "manifest.json": msgspec.json.encode(manifest) + b"\n",
    }
    for tile, raw in hashed:
        files[f"log/{tiles.tile_path(*tile)}"] = raw
    for tile in tiles.bundles_of_size(len(raws)):
        start = tile.number * tiles.WIDTH
        part = raws[start : start + tile.width]
        files[f"log/{tiles.tile_path(*tile)}"] = tiles.encode_bundle(part)
    for name, raw in story.content.items():
        files[f"content/{name}"] = raw
    return dict(sorted(files.items()))


def bundle_digest(files: dict[str, bytes]) -> str:
    """The digest of a bundle: SHA-256 over a line `<sha256> <name>` a file, sorted by name."""
    lines = (f"{content_hash(raw)} {name}\n" for name, raw in sorted(files.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
