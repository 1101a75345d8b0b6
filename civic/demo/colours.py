"""Chapters of the demonstration that are told apart at a glance: accents far from each other.

The accent of a chapter follows from its id, the hash of its first entry, and is nobody's choice.
Whoever founds one draws random bytes for that entry, though, and may draw again: here until the
accent that comes of it lies away from those of the chapters before.
"""

import hashlib
import secrets
from typing import Any, Final

import msgspec

from chapters.entries import Founded
from civic.deeds.hand import Key, proof
from civic.deeds.person import Desk, Person
from civic.kernel.clock import minute_of
from civic.kernel.record.book import Book
from civic.kernel.record.entry import (
    Body,
    By,
    Entry,
    act_key,
    act_message,
    encode,
    when,
)
from civic.kernel.record.rules import FIRST_TICK
from civic.kernel.web.accents import ACCENTS, accent_index

APART: Final = 3
"""How many hues of the twelve lie at least between one chapter's accent and another's."""
_ROOM: Final = 3
"""So many accents always find room on the circle, wherever the first ones lie."""


class ColouringDesk(Desk):
    """A desk whose chapters get accents that are easy to tell apart, as long as there are such."""

    def __init__(self, book: Book) -> None:
        super().__init__(book)
        self._taken: list[int] = []

    async def hand_in(
        self,
        person: Person,
        by: By,
        key: Key | None,
        body: Body,
        idempotency: str,
        **more: Any,
    ) -> Any:
        """Hand in an act; a founding with random bytes that give the chapter its own colour."""
        if isinstance(body, Founded):
            content = more["texts"].hashes
            accent = self._accent(person, by, key, body, idempotency, content)
            while not self._free(accent):
                body = msgspec.structs.replace(body, random=secrets.token_hex(32))
                accent = self._accent(person, by, key, body, idempotency, content)
            self._taken.append(accent)
        return await super().hand_in(person, by, key, body, idempotency, **more)

    def _free(self, accent: int) -> bool:
        apart = [abs(accent - one) for one in self._taken]
        if len(apart) >= _ROOM:
            return True
        return all(min(d, len(ACCENTS) - d) >= APART for d in apart)

    def _accent(
        self,
        person: Person,
        by: By,
        key: Key | None,
        body: Founded,
        idempotency: str,
        content: tuple[str, ...],
    ) -> int:
        """Return the accent of the chapter whose first entry this act would be."""
        act = act_key(person.log_id, by, idempotency)
        message = act_message(person.log_id, body.kind, by, act, body, content)
        signed = None if key is None else proof(key, message)
        now = minute_of(self.book.timekeeper.clock.now())
        at = when(now - now % FIRST_TICK)
        entry = Entry(body.kind, at, by, act, 0, body, content, signed)
        return accent_index(hashlib.sha256(encode(entry)).digest())
