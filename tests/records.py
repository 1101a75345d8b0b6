"""Records of given sizes, made through the book with a clock that tests move."""

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from chapters.entries import DisplayNameSet
from civic.deeds import chapter as deeds
from civic.deeds.person import Desk, Person, Texts
from civic.kernel.clock import SetClock
from civic.kernel.database import reading
from civic.kernel.record import store
from civic.kernel.record.book import Book
from civic.kernel.record.submission import Receipt
from civic.kernel.refusal import Refusal
from tests.first_day import FIRST_DAY
from tests.lives import START, good, make_book


class Record:
    """A chapter that was just founded, with one member who can make it grow."""

    def __init__(self, book: Book, clock: SetClock, chapter_id: str, founder: Person) -> None:
        self.book = book
        self.clock = clock
        self.chapter_id = chapter_id
        self.founder = founder
        self.no = founder.log
        self.log_id = founder.log_id
        self._names = 0

    async def head(self) -> store.Head:
        """Return the head row."""
        async with reading(self.book.engine) as db:
            return await store.head(db, self.no)

    async def grow_to(self, size: int) -> None:
        """Let the founder change their name until the record has so many entries."""
        missing = size - (await self.head()).size
        desk = Desk(self.book)
        first, self._names = self._names, self._names + missing
        for outcome in await asyncio.gather(
            *(self._take_name(desk, n) for n in range(first, first + missing))
        ):
            good(outcome)
        assert (await self.head()).signed_size == size

    async def _take_name(self, desk: Desk, number: int) -> Receipt | Refusal:
        """Take a name in one entry, unlike the deed, which first erases the one before."""
        texts = Texts(desk.draws(self.founder, f"name-{number}"), "lt")
        name = f"Jonas {number}"
        texts.add(name)
        body = DisplayNameSet(len(name))
        outcome: Receipt | Refusal = await desk.by_member(
            self.founder, body, f"name-{number}", texts=texts
        )
        return outcome


async def found(
    engine: AsyncEngine, keys: Path, *, visibility: str = "world", projections: Any = None
) -> Record:
    """Found a chapter: a record of one entry."""
    clock = SetClock(START)
    book = make_book(engine, keys, clock, projections)
    founding = good(
        await deeds.found(
            Desk(book),
            name="Vilnius",
            lang="en",
            template="town",
            idempotency="found",
            bylaws={**FIRST_DAY, "visibility": visibility},
        )
    )
    return Record(book, clock, founding.chapter_id, founding.founder)
