"""Bundles: a whole record as files, in a directory or in a zip of it (docs/protocol/record.md).

`log/checkpoint`, `log/vkey` (one line), `log/tile/...`, `content/<sha256>`, `manifest.json`. Under
`log/` stands what the checkpoint implies and nothing else. A reader trusts nothing: names and sizes
are checked before bytes are read, whether the bytes are right is for the audit to say.
"""

import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal, Protocol, Self

import msgspec

from civic.kernel.record.content import MAX_CONTENT
from civic.kernel.record.entry import Count, Hash
from civic.kernel.record.merkle import HASH_BYTES
from civic.kernel.record.note import MAX_NOTE_BYTES
from civic.kernel.record.tiles import (
    MAX_ENTRY_BYTES,
    WIDTH,
    Tile,
    bundles_of_size,
    tile_path,
    tiles_of_size,
)

CHECKPOINT: Final = "log/checkpoint"
VKEY: Final = "log/vkey"
MANIFEST: Final = "manifest.json"

_MAX_VKEY: Final = 1_000
_MAX_MANIFEST: Final = 64_000
_MAX_BUNDLE: Final = WIDTH * (2 + MAX_ENTRY_BYTES)
_CONTENT: Final = re.compile(r"content/([0-9a-f]{64})")


class BundleError(ValueError):
    """A bundle that cannot be read at all; the message says why."""


class Manifest(msgspec.Struct, frozen=True):
    """What a bundle says it is: chapter id, size and root of its log, and who may read it."""

    chapter: Hash
    size: Count
    root: Hash
    visibility: Literal["chapter", "network", "world"]


class Source(Protocol):
    """Where an audit reads a record from: a bundle, or a node.

    Reads give None for what is not there and raise `BundleError` for what cannot be read.
    `complete` says that all files can be listed and a manifest belongs to them: a bundle.
    """

    complete: bool

    def checkpoint(self) -> bytes | None:
        """Return the signed checkpoint."""
        ...

    def vkey(self) -> str | None:
        """Return the log's key as it says, `name+id+base64`."""
        ...

    def manifest(self) -> Manifest | None:
        """Return the manifest."""
        ...

    def bundles(self, size: int) -> Iterator[bytes | None]:
        """Return the entry bundles of a log of `size`, in order."""
        ...

    def tiles(self, tiles: Iterable[Tile]) -> Iterator[bytes | None]:
        """Return hash tiles, in the order asked for."""
        ...

    def content(self, digests: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """Return content by hash, with the hash, in any order."""
        ...

    def content_names(self) -> Iterable[str]:
        """Return the hashes of all content that is there."""
        ...

    def foreign(self, size: int) -> Iterator[str]:
        """Return the names of files under `log/` that a log of `size` does not have."""
        ...


class Files(Protocol):
    """Files by their names, relative, with slashes."""

    def names(self) -> Iterator[str]:
        """Return all names, in any order."""
        ...

    def read(self, name: str, most: int) -> bytes | None:
        """Return a file, or None; `BundleError` if it is longer than `most` bytes."""
        ...


class Folder:
    """The files of a directory."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def names(self) -> Iterator[str]:
        """Return all names, in any order."""
        for folder, _, files in os.walk(self._root):
            inner = Path(folder).relative_to(self._root)
            for name in files:
                yield (inner / name).as_posix()

    def read(self, name: str, most: int) -> bytes | None:
        """Return a file, or None; `BundleError` if it is longer than `most` bytes."""
        try:
            with (self._root / name).open("rb") as file:
                raw = file.read(most + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise BundleError(f"{name} cannot be read: {error.strerror}") from error
        if len(raw) > most:
            raise BundleError(f"{name} is longer than {most} bytes")
        return raw


class Zip:
    """The files of a zip."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise BundleError(f"{path.name} is no zip that can be read: {error}") from error
        self._infos: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            if info.filename in self._infos:
                self._zip.close()
                raise BundleError(f"{info.filename} stands twice in the zip")
            self._infos[info.filename] = info

    def names(self) -> Iterator[str]:
        """Return all names, in any order."""
        return (name for name, info in self._infos.items() if not info.is_dir())

    def read(self, name: str, most: int) -> bytes | None:
        """Return a file, or None; `BundleError` if it is longer than `most` bytes or damaged."""
        info = self._infos.get(name)
        if info is None:
            return None
        try:
            with self._zip.open(info) as file:
                raw = file.read(most + 1)
        except (
            OSError,
            EOFError,
            zipfile.BadZipFile,
            zlib.error,
            RuntimeError,
            NotImplementedError,
        ) as error:
            raise BundleError(f"{name} cannot be read from the zip: {error}") from error
        if len(raw) > most:
            raise BundleError(f"{name} is longer than {most} bytes")
        return raw

    def close(self) -> None:
        """Close the file."""
        self._zip.close()


class Bundle:
    """A bundle to read; a `Source`. Use it as a context manager."""

    complete = True

    def __init__(self, files: Files) -> None:
        self._files = files

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the bundle in a directory or zip; `BundleError` if there is none."""
        if path.is_dir():
            files: Files = Folder(path)
        elif path.is_file():
            files = Zip(path)
        else:
            raise BundleError(f"{path} is neither a directory nor a file")
        return cls(files)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if isinstance(self._files, Zip):
            self._files.close()

    def checkpoint(self) -> bytes | None:
        """Return the signed checkpoint."""
        return self._files.read(CHECKPOINT, MAX_NOTE_BYTES)

    def vkey(self) -> str | None:
        """Return the log's key, `name+id+base64`; `BundleError` unless the file is one line."""
        raw = self._files.read(VKEY, _MAX_VKEY)
        if raw is None:
            return None
        try:
            text = raw.decode("ascii")
        except UnicodeDecodeError as error:
            raise BundleError("log/vkey is not text") from error
        if not text.endswith("\n") or text.count("\n") != 1:
            raise BundleError("log/vkey is not one line")
        return text[:-1]

    def manifest(self) -> Manifest | None:
        """Return the manifest; `BundleError` if it is malformed."""
        raw = self._files.read(MANIFEST, _MAX_MANIFEST)
        if raw is None:
            return None
        try:
            return msgspec.json.decode(raw, type=Manifest)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BundleError(f"manifest.json is malformed: {error}") from error

    def bundles(self, size: int) -> Iterator[bytes | None]:
        """Return the entry bundles of a log of `size`, in order."""
        for tile in bundles_of_size(size):
            yield self._files.read(f"log/{tile_path(*tile)}", _MAX_BUNDLE)

    def tiles(self, tiles: Iterable[Tile]) -> Iterator[bytes | None]:
        """Return hash tiles, in the order asked for."""
        for tile in tiles:
            yield self._files.read(f"log/{tile_path(*tile)}", WIDTH * HASH_BYTES)

    def content(self, digests: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """Return content by hash, with the hash."""
        for digest in digests:
            yield digest, self._files.read(f"content/{digest}", MAX_CONTENT)

    def content_names(self) -> Iterator[str]:
        """Return the hashes of all content that is there."""
        for name in self._files.names():
            match = _CONTENT.fullmatch(name)
            if match is not None:
                yield match[1]

    def foreign(self, size: int) -> Iterator[str]:
        """Return the files under `log/` that a log of `size` does not have, sorted."""
        known = {CHECKPOINT, VKEY}
        known.update(f"log/{tile_path(*tile)}" for tile in tiles_of_size(size))
        known.update(f"log/{tile_path(*tile)}" for tile in bundles_of_size(size))
        yield from sorted(
            name for name in self._files.names() if name.startswith("log/") and name not in known
        )
