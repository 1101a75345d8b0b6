"""A chapter with 1,000 proposals, one of them with 200 comments, and members who are signed in.

Everything comes about through the book. Who they are is then written once more for the peers, in
the clear, since only our own node can open what it sealed.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import asyncpg
import msgspec
from sqlalchemy.engine import make_url

from bench.peers.statements import SCHEMA
from bench.stage import SUPPORT_TIME, constituted, done, signed_in
from civic.deeds import proposal as deeds
from civic.deeds.person import Person
from civic.kernel.clock import SetClock, SystemClock
from civic.kernel.database import reading
from civic.kernel.refusal import Refusal
from civic.node import Node, open_node
from civic.pages.queries import own
from identity.sessions import load

T = TypeVar("T")

PROPOSALS = 1_000
OPEN = 20
COMMENTS = 200
ARGUMENTS = 15
"""Of each side."""
READERS = 16
AT_ONCE = 50
_TEXT = (
    "the square in front of the library should stay open in the evening because people who work "
    "late have nowhere else to meet and the lamps are there already so that it costs no more than "
    "the cleaning which two of us have offered to do once a week until the end of the year"
)
_WORDS = _TEXT.split()


class PagesStage(msgspec.Struct):
    """The pages to fetch and the cookies of those who fetch them."""

    list_path: str
    proposal_path: str
    cookies: list[str]


def words(number: int, length: int) -> str:
    """Return a sentence of so many words, another one for each number."""
    rotated = [_WORDS[(number * 7 + at) % len(_WORDS)] for at in range(length)]
    return " ".join(rotated).capitalize() + "."


async def set_pages(url: str, data: Path) -> PagesStage:
    """Make the chapter on a migrated database."""
    now = SystemClock().now().replace(second=0, microsecond=0)
    clock = SetClock(now - timedelta(days=12))
    async with open_node(url, data, clock) as node:
        log, chapter, everyone = await constituted(node, clock, READERS + 4)
        await _propose(node, everyone, range(OPEN, PROPOSALS), spoken=60)
        clock.advance(timedelta(minutes=SUPPORT_TIME, hours=1))
        await node.book.tick(log)
        clock.set(now - timedelta(days=1))
        open_ones = await _propose(node, everyone, range(OPEN), spoken=OPEN)
        await _discuss(node, clock, everyone, open_ones[0])
        clock.set(now - timedelta(hours=1))
        await node.book.tick(log)
        readers = everyone[:READERS]
        tokens = [(await signed_in(node, chapter, one)).token for one in readers]
        await _tell_peers(node, url, chapter, open_ones[0], readers, tokens)
    path = f"/c/{chapter}"
    return PagesStage(f"{path}/proposals", f"{path}/p/{open_ones[0]}", tokens)


async def _propose(
    node: Node, everyone: Sequence[Person], numbers: range, *, spoken: int
) -> list[str]:
    """Propose something for each number; about the last ones something is said."""
    made: list[str] = []
    for some in _parts(numbers):
        outcomes = await together(
            deeds.propose(
                node.desk,
                everyone[number % len(everyone)],
                title=words(number, 5 + number % 6)[:-1],
                text="\n\n".join(words(number + part, 40) for part in range(3)),
                lang="en",
                idempotency=f"propose {number}",
                secrecy="pseudonymous",
            )
            for number in some
        )
        made += [done(one).id for one in outcomes]
    for number, proposal in enumerate(made[-spoken:]):
        for said in range(number % 4):
            person = everyone[(number + said) % len(everyone)]
            done(await deeds.support(node.desk, person, proposal, f"support {proposal}"))
            done(
                await deeds.argue(
                    node.desk, person, proposal, "pro", words(said, 12), "en", f"argue {proposal}"
                )
            )
    return made


async def _discuss(node: Node, clock: SetClock, everyone: Sequence[Person], proposal: str) -> None:
    """Let everybody support a proposal, then argue, react and comment, also in threads."""
    desk = node.desk
    for outcome in await together(
        deeds.support(desk, one, proposal, f"all support {proposal}") for one in everyone
    ):
        if not isinstance(outcome, Refusal):
            done(outcome)
    clock.advance(timedelta(hours=1))
    arguments = await together(
        deeds.argue(
            desk,
            everyone[number % len(everyone)],
            proposal,
            "pro" if number % 2 else "con",
            words(number, 20 + number),
            "en",
            f"discuss {number}",
        )
        for number in range(2 * ARGUMENTS)
    )
    said = [done(one).id for one in arguments]
    for number, person in enumerate(everyone):
        for subject in said[number % 5 :: 5]:
            kept = await deeds.fill_box(desk, person, proposal, subject, number % 3 - 1)
            if isinstance(kept, Refusal):
                raise TypeError(f"not kept: {kept}")
    above = proposal
    for some in _parts(range(COMMENTS)):
        outcomes = await together(
            deeds.comment(
                desk,
                everyone[number * 3 % len(everyone)],
                proposal,
                above if number % 4 == 3 else proposal,
                words(number, 15 + number % 40),
                "en",
                f"comment {number}",
            )
            for number in some
        )
        above = done(outcomes[0]).id


async def _tell_peers(
    node: Node, url: str, chapter: str, proposal: str, readers: Sequence[Person], tokens: list[str]
) -> None:
    accounts, ties = [], []
    async with reading(node.engine) as db:
        for person, token in zip(readers, tokens, strict=True):
            session = await load(db, token, SystemClock().now())
            assert session is not None
            accounts.append((session.account_id, person.member))
            known = await own(db, node.book.vault, chapter, person.member, proposal)
            assert known is not None
            for kind, own_id in (("voice", known.voice), ("row", known.row)):
                if own_id is not None:
                    ties.append((person.member, proposal, kind, own_id))
    address = make_url(url)
    peers = await asyncpg.connect(
        user="civic", database=address.database, host=str(address.query["host"])
    )
    try:
        await peers.execute(SCHEMA)
        await peers.copy_records_to_table("account", schema_name="peers", records=accounts)
        await peers.copy_records_to_table("tie", schema_name="peers", records=ties)
        await peers.execute("ANALYZE")
    finally:
        await peers.close()


async def together(work: Iterable[Awaitable[T]]) -> list[T]:
    """Await what goes into shared transactions."""
    return await asyncio.gather(*work)


def _parts(numbers: range) -> Iterator[range]:
    for first in range(0, len(numbers), AT_ONCE):
        yield numbers[first : first + AT_ONCE]
