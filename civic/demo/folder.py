"""The data folder of a demonstration: marked as one, made anew when it was left half-made."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import msgspec

from civic.kernel.postgres import EmbeddedPostgres
from civic.kernel.system_user import make_private
from civic.operate.place import OperationError

MARK: Final = "demo.json"
LOCK: Final = "demo.lock"


class Guest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account of the demonstration. Its data key lies open here: for demonstrations only."""

    who: str
    may: str
    account_id: str
    data_key: bytes

    def __repr__(self) -> str:
        return f"Guest({self.who!r})"


class Chapter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A chapter of the demonstration: its short name, its name and its id."""

    slug: str
    name: str
    id: str


class Mark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What says that a folder is a demonstration's, and how far it has come.

    `code` is the digest of the rules under which it was played.
    """

    state: Literal["seeding", "ready"]
    code: str
    chapters: tuple[Chapter, ...] = ()
    guests: tuple[Guest, ...] = ()


def read_mark(data: Path) -> Mark | None:
    """Return the mark of a folder, or None if it is no demonstration's."""
    try:
        return msgspec.json.decode((data / MARK).read_bytes(), type=Mark)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise OperationError(
            f"{data / MARK} is not one that this civic can read. Remove the folder {data} to begin "
            "a new demonstration."
        ) from error


def write_mark(data: Path, mark: Mark) -> None:
    """Mark a folder (mode 0600), in one step."""
    part = data / f".{MARK}"
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, msgspec.json.encode(mark))
        os.fsync(handle)
    finally:
        os.close(handle)
    part.rename(data / MARK)


@contextlib.contextmanager
def held(data: Path, run_as: str | None) -> Iterator[None]:
    """Make the folder if there is none and hold it, so that one `civic demo` at a time uses it.

    OperationError if it is somebody else's folder, or held.
    """
    if data.exists() and not data.is_dir():
        raise OperationError(f"{data} is no folder. Name another one by CIVIC_DATA.")
    left = {path.name for path in data.iterdir()} if data.exists() else set()
    if left - {LOCK} and MARK not in left:
        raise OperationError(
            f"{data} is no demonstration's folder, so nothing in it is touched. Name another one: "
            "CIVIC_DATA=FOLDER civic demo"
        )
    make_private(data, run_as)
    lock = os.open(data / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OperationError(
            f"Another `civic demo` uses {data} already. Visit that one or end it (Ctrl-C), or make "
            "a second one beside it: CIVIC_DATA=FOLDER CIVIC_PORT=8001 civic demo"
        ) from error
    else:
        yield
    finally:
        os.close(lock)


def clear(data: Path) -> None:
    """Remove what a demonstration left half-made; the folder must be marked and held."""
    if EmbeddedPostgres(data).alive():
        raise OperationError(f"A PostgreSQL server still runs in {data}. Try again when it ended.")
    for path in data.iterdir():
        if path.name in (LOCK, MARK):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
