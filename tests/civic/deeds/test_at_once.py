"""What one person does twice at the same moment: one voice in a matter, whatever comes first."""

import asyncio
from pathlib import Path

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.deeds import proposal as deeds
from civic.deeds.hand import Key
from civic.deeds.person import Desk, Done, Person
from civic.kernel.record.book import Book
from civic.kernel.record.entry import As, By
from civic.kernel.record.submission import NewTie
from tests.lives import Life, begin, done


async def proposed(life: Life) -> str:
    outcome = await deeds.propose(
        life.desk,
        life.people[0],
        title="A hall",
        text="Let us rent one.",
        lang="en",
        idempotency="p",
        secrecy="pseudonymous",
    )
    return done(outcome).id


async def voices(life: Life) -> set[str]:
    entries = [msgspec.json.decode(raw) for raw in await life.entries()]
    return {entry["by"]["id"] for entry in entries if entry["kind"] == "deliberation.commented"}


async def test_a_person_who_speaks_twice_at_once_gets_one_voice(
    database: AsyncEngine, tmp_path: Path
) -> None:
    life = await begin(database, tmp_path / "keys")
    proposal = await proposed(life)
    outcomes = await asyncio.gather(
        *(
            deeds.comment(life.desk, life.people[1], proposal, proposal, text, "en", text)
            for text in ("one", "two")
        )
    )
    assert all(isinstance(outcome, Done) for outcome in outcomes)
    assert len(await voices(life)) == 1


class OneId(Desk):
    """A desk that makes a person's id in a matter once and hands in all acts under it."""

    def __init__(self, book: Book) -> None:
        super().__init__(book)
        self.made: dict[str, tuple[By, NewTie | None, Key | None]] = {}

    async def own_id(
        self, person: Person, matter: str, role: As
    ) -> tuple[By, NewTie | None, Key | None]:
        return self.made.setdefault(person.member, self.new_id(person, matter, role))


async def test_a_new_voice_may_speak_twice_in_one_group(
    database: AsyncEngine, tmp_path: Path
) -> None:
    life = await begin(database, tmp_path / "keys")
    proposal = await proposed(life)
    desk = OneId(life.desk.book)
    outcomes = await asyncio.gather(
        *(
            deeds.comment(desk, life.people[1], proposal, proposal, text, "en", text)
            for text in ("one", "two")
        )
    )
    assert all(isinstance(outcome, Done) for outcome in outcomes)
    assert len(await voices(life)) == 1
