"""Erasing what ties a person to what they did in a matter.

While a matter runs, its ties are what keeps anybody from a second voice; once it has ended they
serve nobody but readers of papers. So a tie may be erased from then on, and whoever leaves before
says so now: the tie is marked, without a time, and goes when its matter has ended.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import select

from civic.deeds.person import Desk, Person
from civic.kernel.database import Reading, reading, writing
from civic.kernel.record import store, ties
from civic.kernel.record.entry import As
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal, code
from deliberation.matters import has_ended
from deliberation.phases import OVER
from deliberation.state import of as deliberation_of
from deliberation.tables import matter as matter_table

TIE_NEEDED: Final = code(
    "request.tie_needed", "What ties a member to a matter is needed until the matter has ended."
)


class Erased(NamedTuple):
    """How many ties are gone, and how many will be once the record allows it."""

    now: int
    later: int


class OwnTie(NamedTuple):
    """That a tie names a person in a matter, as `voice` or `row`.

    It can be erased once the matter has `ended`; `unwanted` says that it will be.
    """

    matter: str
    of: str
    ended: bool
    unwanted: bool


async def own_ties(db: Reading, vault: ties.Vault, log: int, member: str) -> list[OwnTie]:
    """Return what ties a member to matters of a chapter, as the read model knows these."""
    column = matter_table.c
    rows = await db.execute(
        select(column.id, column.phase).where(column.log == log, column.phase != "imported")
    )
    phases = {row[0]: row[1] for row in rows}
    found = await ties.held(db, vault, log, member, phases)
    return [OwnTie(one.matter, one.of, phases[one.matter] in OVER, one.unwanted) for one in found]


async def erase_ties(desk: Desk, person: Person, matter: str | None = None) -> Erased | Refusal:
    """Erase what ties a person to one matter, or to all that have ended."""
    ended = await desk.book.ask(person.log, _ended)
    if matter is not None and matter not in ended:
        return Refusal(TIE_NEEDED)
    return await _disown(desk, person, ended if matter is None else [matter], ended)


async def disown(desk: Desk, person: Person, matters: Sequence[str]) -> Erased:
    """Erase what ties a person to some matters, where one still runs at its end.

    For those who have left: nobody gets a voice there any more as this member.
    """
    return await _disown(desk, person, matters, await desk.book.ask(person.log, _ended))


async def erase_unwanted(desk: Desk, log: int) -> int:
    """Erase the marked ties of matters that have ended meanwhile; return how many."""
    async with reading(desk.book.engine) as db:
        marked = await ties.unwanted(db, log)
    if not marked:
        return 0
    ended = await desk.book.ask(
        log, lambda state: [matter for matter in marked if has_ended(state, matter)]
    )
    if not ended:
        return 0
    async with writing(desk.book.engine) as change:
        await store.head(change, log, "exclusive")
        return await ties.erase(change, log, ended)


def _ended(state: State) -> list[str]:
    return [one for one in deliberation_of(state).proposals if has_ended(state, one)]


async def _disown(
    desk: Desk, person: Person, matters: Sequence[str], ended: Sequence[str]
) -> Erased:
    over = set(ended)
    async with writing(desk.book.engine) as db:
        await store.head(db, person.log, "exclusive")
        marked = await ties.disown(db, desk.book.vault, person.log, person.member, matters)
        gone = [one for one in marked if one.recorded and one.matter in over]
        await ties.erase(db, person.log, sorted({one.matter for one in gone}))
    for one in marked:
        desk.forget_id(person, one.matter, As(one.of))
    return Erased(len(gone), len(marked) - len(gone))
