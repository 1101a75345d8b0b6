"""Chapters whose people climb the ladder of assurance, through the desk."""

from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from chapters.assurance import attestations
from chapters.bylaws import DAY
from chapters.state import of as chapter_of
from civic.deeds import chapter as deeds
from civic.deeds import verifying, vouching
from civic.deeds.person import Desk, Person
from civic.kernel import keys
from civic.kernel.clock import SetClock, minute_of
from civic.kernel.database import reading
from civic.kernel.record import store, ties
from civic.kernel.record.rules import State
from civic.projections import PROJECTIONS
from tests.factories.records import audit_files, seal
from tests.first_day import FIRST_DAY
from tests.lives import START, Life, done, good, make_book

VOUCHERS = 3
"""The first founders hold no office of a verifier, so that others are independent of them."""


async def ladder(
    database: AsyncEngine, folder: Path, *, verifiers: int = 2, others: int = 4, **bylaws: Any
) -> Life:
    """A chapter of three founders who vouch, some who verify, and others at level 0."""
    clock = SetClock(START)
    desk = Desk(make_book(database, folder, clock, PROJECTIONS))
    fields = {**FIRST_DAY, "visibility": "world", **bylaws}
    founding = good(
        await deeds.found(
            desk,
            name="Vilnius",
            lang="en",
            template="town",
            idempotency="found",
            bylaws=fields,
            seed=bytes([1]) * 32,
        )
    )
    people: list[Person] = [founding.founder]
    async with reading(database) as db:
        head = await store.head(db, people[0].log)
    founders = VOUCHERS + verifiers
    for number in range(1, founders + others):
        secret = good(await deeds.invite(desk, people[0]))
        # Every second one has keys of their own.
        seed = bytes([number]) * 32 if number % 2 else None
        person, outcome = await deeds.join(desk, head, secret, f"join {number}", seed)
        done(outcome)
        people.append(person)
        if number == founders - 1:
            await _constitute(desk, people, minute_of(clock.now()) + 360 * DAY)
    return Life(desk, clock, founding.chapter_id, head.no, head.log_id, people)


async def _constitute(desk: Desk, founders: list[Person], until: int) -> None:
    ids = [one.member for one in founders]
    for one in founders:
        met = [other for other in ids if other != one.member]
        done(await deeds.confirm(desk, one, met, f"confirm {one.member}"))
    offices: list[Any] = [("lead", ids[0], until)]
    offices += [("verifier", own, until) for own in ids[VOUCHERS:]]
    done(await deeds.constitute(desk, founders[0], ids, offices, "constitute"))


async def state_of(life: Life) -> State:
    """What the rules know now."""
    return await life.desk.book.ask(life.log, lambda known: known)


async def level(life: Life, person: Person) -> int:
    """The level of somebody now."""
    return chapter_of(await state_of(life)).members[person.member].level


async def give(life: Life, person: Person, *vouchers: Person) -> Any:
    """Let some vouch for somebody; return what came of the last vouch."""
    given: Any = None
    for one in vouchers:
        code = good(await vouching.show_code(life.desk, person))
        given = await vouching.vouch(life.desk, one, code, f"{one.member}{code}")
    return given


async def see(life: Life, person: Person, *verifiers: Person, way: Any = "document") -> Any:
    """Open a case and let verifiers confirm it; return what came of the last one."""
    asked = await verifying.open_case(life.desk, person, (), f"case {life.clock.now()}")
    number = done(asked).id
    given: Any = None
    for one in verifiers:
        given = await verifying.confirm(life.desk, one, number, way, f"{number}{one.member}")
    return given


async def open_cases(life: Life) -> list[attestations.OpenCase]:
    """The cases that wait."""
    async with reading(life.desk.book.engine) as db:
        return await attestations.cases(db, life.desk.book.vault, life.log)


async def papers_of(life: Life) -> dict[str, bytes]:
    """The restricted papers that the node still has."""
    async with reading(life.desk.book.engine) as db:
        return await ties.all_papers(db, life.desk.book.vault, life.log)


async def audited(life: Life, *, restricted: bool = True) -> Any:
    """Audit the record, with the papers that the node still has or without."""
    papers = await papers_of(life) if restricted else None
    key = keys.signing_key(life.desk.book.key_files.secret(f"log-{life.log_id}"))
    files = seal(await life.entries(), visibility="world", key=key)
    return audit_files(files, papers=papers)
