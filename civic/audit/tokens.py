"""The file with which an auditor reads a record that is not public: a key, and the token for it.

`civic keys audit FILE` makes it with a key alone, whose public half goes to a lead of the chapter;
the token that the lead gives for it is added by `civic keys token FILE`. The file is worth what the
token is worth, so nobody else may read it.
"""

import argparse
import os
import re
import secrets
import stat
import sys
from pathlib import Path
from typing import Any, Final

import msgspec

from civic.kernel import keys
from civic.kernel.clock import SystemClock
from civic.kernel.proofs import SCHEME, make_proof
from civic.kernel.record.entry import Hash

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{16,100}")
_MOST: Final = 10_000


class TokenError(Exception):
    """A file holds no token, or cannot be made; the text says why."""


class _File(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    seed: Hash
    token: str = ""


class Token(msgspec.Struct, frozen=True):
    """What opens a record: the token of a session, or one that is bound to a key."""

    token: str
    seed: bytes | None = None

    def __repr__(self) -> str:
        return "Token(...)"

    def headers(self, address: str) -> dict[str, str]:
        """Return the headers of a GET request for an address without query."""
        if self.seed is None:
            return {"authorization": f"Bearer {self.token}"}
        proof = make_proof(self.seed, "GET", address, self.token, SystemClock().now())
        return {"authorization": f"{SCHEME} {self.token}", "dpop": proof}


def read_token(path: Path) -> Token:
    """Return the token of a file: that of a session as it is, or the JSON of `civic keys audit`.

    Raises `TokenError`, also when a file with a key is open to others.
    """
    raw = _read(path)
    if not raw.startswith(b"{"):
        try:
            return Token(raw.decode("ascii").strip())
        except UnicodeDecodeError as error:
            raise TokenError(f"{path} holds no token") from error
    file = _parsed(path, raw)
    if not file.token:
        raise TokenError(f"{path} holds a key and no token yet: civic keys token {path}")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise TokenError(f"{path} can be read by others: chmod 600 {path}")
    return Token(file.token, bytes.fromhex(file.seed))


def new_key(path: Path) -> bytes:
    """Make a file with a new key, for its owner alone, and return the public half."""
    file = _File(secrets.token_hex(keys.SEED_SIZE))
    _write(path, file)
    return keys.public_key(keys.signing_key(bytes.fromhex(file.seed)))


def add_token(path: Path, token: str) -> None:
    """Put a token into a file that has the key for it, in place of an earlier one."""
    if _TOKEN.fullmatch(token) is None:
        raise TokenError("this is no token")
    file = msgspec.structs.replace(_parsed(path, _read(path)), token=token)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    _write(beside, file)
    beside.replace(path)


def _parsed(path: Path, raw: bytes) -> _File:
    try:
        return msgspec.json.decode(raw, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TokenError(f"{path} holds no key of an auditor") from error


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MOST)
    except OSError as error:
        raise TokenError(f"{path} cannot be read: {error.strerror}") from error


def _write(path: Path, file: _File) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise TokenError(f"{path} cannot be made: {error.strerror}") from error
    with os.fdopen(handle, "wb") as opened:
        opened.write(msgspec.json.encode(file) + b"\n")
        opened.flush()
        os.fsync(opened.fileno())


def add_token_commands(kinds: Any) -> None:
    """Add `audit` and `token` to `civic keys`."""
    new: argparse.ArgumentParser = kinds.add_parser(
        "audit", help="make a key with which you read a record as an auditor"
    )
    new.add_argument("file", metavar="FILE", type=Path)
    new.set_defaults(run=_run_new)
    token: argparse.ArgumentParser = kinds.add_parser(
        "token", help="add the token that a lead gave for that key, read from standard input"
    )
    token.add_argument("file", metavar="FILE", type=Path)
    token.set_defaults(run=_run_token)


def _run_new(given: argparse.Namespace) -> int:
    try:
        public = new_key(given.file)
    except TokenError as error:
        return _fail(error)
    sys.stdout.write(
        f"{public.hex()}\n"
        "is your public key. Send it to a lead of the chapter, who gives you a token; then:\n"
        f"  civic keys token {given.file}\n"
    )
    return 0


def _run_token(given: argparse.Namespace) -> int:
    if sys.stdin.isatty():
        sys.stderr.write("Token: ")
        sys.stderr.flush()
    try:
        # Read, not given as an argument: those are seen by everybody on the machine.
        add_token(given.file, sys.stdin.readline().strip())
    except TokenError as error:
        return _fail(error)
    sys.stdout.write(f"Now you can audit: civic audit ADDRESS --token {given.file}\n")
    return 0


def _fail(error: TokenError) -> int:
    sys.stderr.write(f"civic: {error}\n")
    return 2
