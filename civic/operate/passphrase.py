"""The passphrase of a backup: from a file or asked for, without being shown or kept."""

import getpass
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from zxcvbn import zxcvbn

from civic.operate.place import OperationError, complain

VARIABLE: Final = "CIVIC_PASSPHRASE_FILE"
_STRONG: Final = 4
_LONGEST: Final = 72

Ask = Callable[[str], str]


def ask_once(
    environment: Mapping[str, str] = os.environ,
    ask: Ask = getpass.getpass,
    *,
    what: str = "backup",
) -> str:
    """Return the passphrase of a file that exists; OperationError if it is empty."""
    given = _from_file(environment)
    return _not_empty(ask(f"Passphrase of the {what}: ") if given is None else given)


def ask_twice(environment: Mapping[str, str] = os.environ, ask: Ask = getpass.getpass) -> str:
    """Return a passphrase for a new backup, asked for twice, with a warning if it is weak."""
    passphrase = _from_file(environment)
    if passphrase is None:
        passphrase = _not_empty(ask("Passphrase for the backup: "))
        if ask("Once more: ") != passphrase:
            raise OperationError("The two passphrases differ. Nothing was written.")
    if weak(_not_empty(passphrase)):
        complain(
            "This passphrase can be guessed, and whoever guesses it has the node: its keys, and "
            "who stands behind which id. Six random words are better."
        )
    return passphrase


def weak(passphrase: str) -> bool:
    """Tell whether a passphrase could be guessed by somebody who has the file and time."""
    score: int = zxcvbn(passphrase[:_LONGEST])["score"]
    return score < _STRONG


def _from_file(environment: Mapping[str, str]) -> str | None:
    name = environment.get(VARIABLE)
    if not name:
        return None
    try:
        lines = Path(name).read_text().split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise OperationError(f"{VARIABLE} names {name}, which cannot be read.") from error
    if any(lines[1:]):
        raise OperationError(f"{name} must hold the passphrase on one line, and nothing else.")
    return lines[0].removesuffix("\r")


def _not_empty(passphrase: str) -> str:
    if not passphrase:
        raise OperationError("The passphrase is empty.")
    return passphrase
