"""Passphrases: Argon2id in a bounded pool of threads, and how strong a new one has to be.

One derivation gives two independent values: a verifier, which is stored, and a key, which is not
and which opens the account's vault. Whoever holds the database holds no key.
"""

import asyncio
import os
import secrets
import threading
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Final, TypeVar

import msgspec
from argon2.low_level import Type, hash_secret_raw
from zxcvbn import zxcvbn

from civic.kernel.keys import derive
from identity.passphrase_words import KNOWN

T = TypeVar("T")

SALT_SIZE: Final = 16
ENOUGH: Final = 3
"""The least zxcvbn score (0 to 4) of a new passphrase: about 10^8 guesses."""
OUR_WORDS: Final = (
    "civic", "chapter", "assembly", "bylaws", "charter", "citizen", "community", "council",
    "democracy", "diaspora", "election", "member", "node", "passphrase", "record", "verifier",
    "vote", "voting", "belarus", "minsk", "vilnius", "warsaw", "berlin", "zyvie",
)  # fmt: skip
"""Words that come to mind here: they make a passphrase no stronger (docs/security.md)."""
OWN_LEAST: Final = 8
"""Letters and digits that a passphrase has beside these words and those of the sign-in name."""
_SCORED: Final = 72
"""zxcvbn looks at this many characters; its time grows with the square of the length."""


class Cost(msgspec.Struct, frozen=True):
    """What one derivation costs (RFC 9106, section 3.1); stored with each verifier."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 1


class Derived(msgspec.Struct, frozen=True):
    """What a passphrase becomes."""

    verifier: bytes
    """32 bytes to store and compare."""
    key: bytes
    """32 bytes that wrap the account's data key; never stored."""

    def __repr__(self) -> str:
        return "Derived(...)"


class Strength(msgspec.Struct, frozen=True):
    """How hard a passphrase is to guess, in zxcvbn's words."""

    score: int
    warning: str
    suggestions: tuple[str, ...]

    @property
    def enough(self) -> bool:
        """Tell whether a new account may use it."""
        return self.score >= ENOUGH


class Busy(Exception):
    """More derivations wait than the node will queue; try again after `retry_after` seconds."""

    retry_after = 5


def new_salt() -> bytes:
    """Draw the salt of a new verifier."""
    return secrets.token_bytes(SALT_SIZE)


def normalise(typed: str) -> str:
    """Return a passphrase in the form that is hashed (RFC 8265, OpaqueString).

    The same keys pressed on another system must give the same bytes: every kind of space becomes a
    plain one, accents are composed. Case stays.
    """
    spaced = "".join(" " if unicodedata.category(sign) == "Zs" else sign for sign in typed)
    return unicodedata.normalize("NFC", spaced)


def strength(passphrase: str, name: str = "") -> Strength:
    """Judge a new passphrase; the words of the sign-in name make it no stronger."""
    tried = normalise(passphrase)[:_SCORED]
    if not tried:
        return Strength(0, "", ())
    known = [name, name.replace("-", " "), *name.split("-"), *OUR_WORDS]
    judged = zxcvbn(tried, user_inputs=known)
    feedback = judged["feedback"]
    score = judged["score"] if _of_ones_own(tried, known) >= OWN_LEAST else min(1, judged["score"])
    warning = feedback["warning"] if feedback["warning"] in KNOWN else ""
    return Strength(score, warning, tuple(one for one in feedback["suggestions"] if one in KNOWN))


def _of_ones_own(tried: str, known: Sequence[str]) -> int:
    """Return how many letters and digits are left without words that come to mind."""
    rest = tried.casefold()
    for word in sorted(filter(None, known), key=len, reverse=True):
        rest = rest.replace(word.casefold(), " ")
    return sum(sign.isalnum() for sign in rest)


def derive_now(passphrase: str, salt: bytes, cost: Cost) -> Derived:
    """Derive verifier and key of a passphrase; takes a tenth of a second and 64 MiB."""
    raw = hash_secret_raw(
        normalise(passphrase).encode(),
        salt,
        time_cost=cost.passes,
        memory_cost=cost.memory_kib,
        parallelism=cost.lanes,
        hash_len=32,
        type=Type.ID,
    )
    return Derived(
        verifier=derive(raw, b"", b"civic/identity/verifier/1"),
        key=derive(raw, b"", b"civic/identity/key/1"),
    )


class Hasher:
    """Derives in a few threads, so that people who sign in do not stop everybody else.

    On the event loop six sign-ins cut the whole node to one request a second. At most
    `threads + queue` derivations are under way; beyond that `Busy` is raised at once.
    """

    def __init__(
        self, cost: Cost | None = None, *, threads: int | None = None, queue: int = 32
    ) -> None:
        self.cost = cost or Cost()
        count = threads or max(1, (os.cpu_count() or 1) - 1)
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="passphrase")
        self._room = threading.BoundedSemaphore(count + queue)

    async def derive(self, passphrase: str, salt: bytes, cost: Cost | None = None) -> Derived:
        """Derive verifier and key of a passphrase; raise `Busy` when too many wait."""
        return await self.run(partial(derive_now, passphrase, salt, cost or self.cost))

    async def run(self, work: Callable[[], T]) -> T:
        """Do something else that costs as much in one of the threads; raise `Busy` likewise."""
        if not self._room.acquire(blocking=False):
            raise Busy
        try:
            future = self._pool.submit(work)
        except BaseException:
            self._room.release()
            raise
        future.add_done_callback(self._leave)
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Drop what waits and let the threads end."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _leave(self, _future: "Future[Any]") -> None:
        self._room.release()
