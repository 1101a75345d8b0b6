"""Whose member somebody else holds, they give no word about anybody, kept in private or not."""

import asyncio
from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from chapters.assurance.attestations.tables import pending
from chapters.keys.rules import possession_message
from civic.deeds import chapter as deeds
from civic.deeds import disputing, lost_keys, moderating, verifying, vouching
from civic.deeds.holding import HELD_ELSEWHERE
from civic.deeds.keys import replace_key
from civic.deeds.person import Desk, Person
from civic.kernel import keys
from civic.kernel.database import reading, writing
from civic.kernel.record import store
from civic.kernel.refusal import Refusal
from civic.projections import PROJECTIONS
from identity.member_keys import member_key
from identity.vault import Membership
from tests.acts import made
from tests.ladder import VOUCHERS, give, ladder
from tests.lives import Life, done, good, make_book

ANOTHER = bytes([77]) * 32
"""The seed of a new sheet."""


def claimed(life: Life, person: Person) -> Person:
    """Return a member as an account acts that claimed them by the key that they have now."""
    assert person.seed is not None
    key = keys.public_key(member_key(person.seed, life.log_id)).hex()
    return replace(
        person, seed=None, holds=Membership(life.chapter_id, life.log_id, person.member, key=key)
    )


async def replaced(desk: Desk, life: Life, person: Person) -> None:
    """Let a member put the key of another sheet in place of theirs."""
    key = member_key(ANOTHER, life.log_id)
    public = keys.public_key(key).hex()
    possession = keys.sign(key, possession_message(life.log_id, person.member, public)).hex()
    done(await replace_key(desk, person, public, possession, "another sheet"))


async def until_wait(engine: AsyncEngine, number: int) -> None:
    """Return when so many transactions wait for a lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(30):
        found = 0
        while found < number:
            async with reading(engine) as db:
                found = await db.scalar(waiting) or 0


async def kept(engine: AsyncEngine) -> int:
    async with reading(engine) as db:
        return await db.scalar(select(func.count()).select_from(pending)) or 0


async def test_a_word_that_comes_while_the_member_changes_hands_is_not_kept(
    database: AsyncEngine, tmp_path: Path
) -> None:
    """The key is replaced in another process, which has the record first."""
    life = await ladder(database, tmp_path / "keys")
    ann, fox = life.people[0], life.people[5]
    thief, code = claimed(life, ann), good(await vouching.show_code(life.desk, fox))
    elsewhere = Desk(make_book(database, tmp_path / "keys", life.clock, PROJECTIONS))
    async with writing(database) as db:
        await store.head(db, life.log, "exclusive")
        changing = asyncio.create_task(replaced(elsewhere, life, ann))
        await until_wait(database, 1)
        word = asyncio.create_task(vouching.vouch(life.desk, thief, code, "word"))
        await until_wait(database, 2)
    await changing
    assert await word == Refusal(HELD_ELSEWHERE)
    assert await kept(database) == 0
    own = replace(ann, seed=ANOTHER)
    assert not isinstance(await vouching.vouch(life.desk, own, code, "own"), Refusal)
    assert await kept(database) == 1


async def test_no_word_of_who_holds_the_member_no_more_is_taken(
    database: AsyncEngine, tmp_path: Path
) -> None:
    life = await ladder(database, tmp_path / "keys")
    ann, fox, gil = life.people[0], life.people[5], life.people[6]
    code = good(await vouching.show_code(life.desk, fox))
    await give(life, gil, *life.people[:VOUCHERS])
    number = done(await verifying.open_case(life.desk, gil, (), "case")).id
    thief = claimed(life, ann)
    await replaced(life.desk, life, ann)
    size, desk, other = len(await life.entries()), life.desk, made("other")
    refused = [
        await deeds.invite(desk, thief),
        await vouching.show_code(desk, thief),
        await vouching.vouch(desk, thief, code, "vouch"),
        await verifying.open_case(desk, thief, (), "own case"),
        await verifying.confirm(desk, thief, number, "document", "confirm"),
        await verifying.stand_aside(desk, thief, number),
        await disputing.challenge(desk, thief, fox.member, "Not real.", "en", "challenge"),
        await disputing.decide(desk, thief, other, "decide", upheld=True),
        await lost_keys.witness(desk, thief, other, "witness"),
        await moderating.report(desk, thief, other, "It is an insult."),
        await moderating.leave(desk, thief, other, other),
    ]
    assert refused == [Refusal(HELD_ELSEWHERE)] * len(refused)
    assert len(await life.entries()) == size
    assert await kept(database) == 0
