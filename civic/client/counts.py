"""How often a seed's rows signed values: each signed value counts on (record.md, section 3).

Kept in a file beside the seed, since a node that says it knows a lower count is not believed.
"""

import os
from pathlib import Path
from typing import Final

import msgspec

from civic.client.checking import NotProven

FARTHEST: Final = 1_000_000
"""How far above the last count of one's own a node's may lie: one that says more uses them up."""


class Counts:
    """The last counts of a seed's rows by subject, kept in a file of its own."""

    def __init__(self, seed: Path) -> None:
        self._path = seed.with_name(f"{seed.name}.counts")

    def next(self, subject: str, told: int = 0) -> int:
        """Return the count of the next value about a subject, and keep it.

        `told` is the last count that the node knows. NotProven if it lies too far ahead, or if the
        file cannot be read or written: a value signed twice with one count can be replaced.
        """
        known = self._read()
        last = known.get(subject, 0)
        if told > last + FARTHEST:
            raise NotProven(f"The node says that {told} answers were signed here; {last} were.")
        known[subject] = max(last, told) + 1
        self._write(known)
        return known[subject]

    def _read(self) -> dict[str, int]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, int])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            raise NotProven(f"{self._path} does not hold what was signed: {error}") from error

    def _write(self, known: dict[str, int]) -> None:
        beside = self._path.with_name(f"{self._path.name}.new")
        try:
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.encode(known) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
        except OSError as error:
            raise NotProven(f"{self._path} cannot be written: {error.strerror}.") from error
