"""The file that holds the seed of somebody's member keys."""

import os
import secrets
from pathlib import Path

from civic.kernel.keys import SEED_SIZE


class SeedError(Exception):
    """A seed file cannot be read or made; the text says why."""


def new_seed(path: Path) -> None:
    """Make a file with a new seed in hexadecimal, for its owner alone; never over another file."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise SeedError(f"{path} cannot be made: {error.strerror}.") from error
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(SEED_SIZE) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_seed(path: Path) -> bytes:
    """Return the seed of a file."""
    try:
        seed = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as error:
        raise SeedError(f"{path} holds no seed: {error}") from error
    if len(seed) != SEED_SIZE:
        raise SeedError(f"{path} holds no seed of {SEED_SIZE} bytes.")
    return seed
