"""Small lives of chapters, played through the desk with a clock that tests move."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from chapters.bylaws import DAY
from civic.deeds import chapter as chapter_deeds
from civic.deeds.person import Desk, Done, Person
from civic.kernel.clock import SetClock, minute_of
from civic.kernel.database import reading
from civic.kernel.keys import KeyFiles
from civic.kernel.record import store
from civic.kernel.record.book import Book
from civic.kernel.record.loaded import Shelf
from civic.kernel.record.rules import Procedure
from civic.kernel.record.timekeeper import Timekeeper
from civic.kernel.refusal import Refusal
from civic.procedure import VERSIONS
from civic.shell import Chapters
from tests.first_day import FIRST_DAY

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def make_book(
    engine: AsyncEngine,
    keys: Path,
    clock: SetClock,
    projections: Any = None,
    versions: Mapping[int, Procedure] = VERSIONS,
) -> Book:
    """Return a book over a test's database; `versions` are the rules that its program has."""
    return Book(
        engine,
        Shelf(versions, b"test"),
        Chapters(versions),
        projections if projections is not None else {},
        Timekeeper(clock),
        KeyFiles(keys),
    )


@dataclass
class Life:
    """A constituted chapter and its people."""

    desk: Desk
    clock: SetClock
    chapter_id: str
    log: int
    log_id: str
    people: list[Person]
    offices: dict[str, tuple[str, Person]] = field(default_factory=dict)

    async def pass_time(self, *, minutes: int = 0, days: int = 0) -> None:
        """Move the clock and let the book record what is due."""
        self.clock.advance(timedelta(minutes=minutes, days=days))
        await self.desk.book.tick(self.log)

    async def entries(self) -> list[bytes]:
        """Return all entries of the record."""
        async with reading(self.desk.book.engine) as db:
            head = await store.head(db, self.log)
            return [raw async for _, raw, _ in store.entries(db, self.log, 0, head.size)]


def good(outcome: Any) -> Any:
    """Return an outcome that must not be a refusal."""
    if isinstance(outcome, Refusal):
        raise AssertionError(f"refused: {outcome.code} {outcome.params}")
    return outcome


def done(outcome: Any) -> Done:
    """Return an accepted deed."""
    result = good(outcome)
    assert isinstance(result, Done)
    return result


async def begin(
    engine: AsyncEngine,
    keys: Path,
    *,
    people: int = 5,
    template: str = "town",
    bylaws: dict[str, Any] | None = None,
    seeds: Sequence[bytes] = (),
    projections: Any = None,
) -> Life:
    """Found and constitute a chapter of some people, the first three its founders."""
    clock = SetClock(START)
    book = make_book(engine, keys, clock, projections)
    desk = Desk(book)

    def seed(number: int) -> bytes | None:
        return seeds[number] if number < len(seeds) else None

    founding = good(
        await chapter_deeds.found(
            desk,
            name="Vilnius",
            lang="en",
            template=template,
            idempotency="found",
            bylaws={
                **FIRST_DAY,
                "support_least": 2,
                "support_share": 0,
                "visibility": "world",
                **(bylaws or {}),
            },
            seed=seed(0),
        )
    )
    everyone = [founding.founder]
    async with reading(engine) as db:
        head = await store.head(db, founding.founder.log)
    for number in range(1, people):
        secret = good(await chapter_deeds.invite(desk, founding.founder))
        person, outcome = await chapter_deeds.join(
            desk, head, secret, f"join-{number}", seed(number)
        )
        done(outcome)
        everyone.append(person)
        if number == 2:
            await _constitute(desk, everyone, clock)
    life = Life(desk, clock, founding.chapter_id, head.no, head.log_id, everyone)
    roles = ("lead", "verifier", "verifier", "facilitator")
    async with reading(engine) as db:
        state = (await book.shelf.current(db, await store.head(db, head.no))).state
    from chapters.state import of

    for office_id, office in of(state).offices.items():
        holder = next(one for one in everyone if one.member == office.member)
        life.offices.setdefault(office.role, (office_id, holder))
    assert set(life.offices) == set(roles)
    return life


async def _constitute(desk: Desk, founders: list[Person], clock: SetClock) -> None:
    ids = [one.member for one in founders]
    for one in founders:
        others = [other for other in ids if other != one.member]
        done(await chapter_deeds.confirm(desk, one, others, f"confirm-{one.member}"))
    until = minute_of(clock.now()) + 300 * DAY
    offices: list[Any] = [
        ("lead", ids[0], until),
        ("facilitator", ids[1], until),
        ("verifier", ids[1], until),
        ("verifier", ids[2], until),
    ]
    done(await chapter_deeds.constitute(desk, founders[0], ids, offices, "constitute"))
