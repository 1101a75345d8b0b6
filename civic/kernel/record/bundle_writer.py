"""Writes bundles, as `bundle` reads them: a directory, or a zip of it."""

import zipfile
from pathlib import Path
from typing import Self

import msgspec

from civic.kernel.record.bundle import CHECKPOINT, MANIFEST, VKEY, Manifest
from civic.kernel.record.tiles import ENTRIES, Tile, tile_path


class BundleWriter:
    """Writes a bundle to a directory, or to a zip if the path ends in `.zip`.

    The order is free; use it as a context manager. Nothing that stands already is overwritten.
    """

    def __init__(self, path: Path) -> None:
        self._root = path
        self._zip: zipfile.ZipFile | None = None
        if path.suffix == ".zip":
            self._zip = zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._zip is not None:
            self._zip.close()

    def _write(self, name: str, raw: bytes) -> None:
        if self._zip is not None:
            # A fixed date: the same record gives the same zip.
            self._zip.writestr(zipfile.ZipInfo(name), raw, zipfile.ZIP_DEFLATED)
            return
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(raw)

    def log(self, vkey: str, checkpoint: bytes) -> None:
        """Write the log's key and its signed checkpoint."""
        self._write(VKEY, f"{vkey}\n".encode("ascii"))
        self._write(CHECKPOINT, checkpoint)

    def tile(self, tile: Tile, raw: bytes) -> None:
        """Write a hash tile, or with level `ENTRIES` an entry bundle."""
        self._write(f"log/{tile_path(*tile)}", raw)

    def entries(self, index: int, width: int, raw: bytes) -> None:
        """Write an entry bundle."""
        self.tile(Tile(ENTRIES, index, width), raw)

    def content(self, digest: str, raw: bytes) -> None:
        """Write content under its hash."""
        self._write(f"content/{digest}", raw)

    def manifest(self, manifest: Manifest) -> None:
        """Write the manifest."""
        self._write(MANIFEST, msgspec.json.encode(manifest) + b"\n")
