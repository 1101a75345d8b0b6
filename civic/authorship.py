"""Whose act an entry is: asked when somebody wants the receipt of one."""

from typing import Any

from litestar import Request
from sqlalchemy import select

from chapters.offices.tables import office
from chapters.papers import Tie, read_paper
from civic.deeds.person import Person
from civic.kernel.database import Reading, reading
from civic.kernel.record import store, ties, view
from civic.kernel.record.ties import Standing, Vault
from civic.membership import node_of, person_of


async def is_author(request: Request[Any, Any, Any], head: store.Head, index: int) -> bool:
    """Tell whether the member behind a request made the act that opens at entry `index`."""
    person = await person_of(request, head)
    if person is None:
        return False
    node = node_of(request)
    async with reading(node.engine) as db:
        return await made_by(db, node.book.vault, person, index)


async def made_by(db: Reading, vault: Vault, person: Person, index: int) -> bool:
    """Tell whether a person made the act that opens at entry `index` of their chapter's record.

    Under their own id, under their voice in the matter, or in an office that they hold or held.
    What follows from an act, and what the node does by itself, is nobody's.
    """
    column = view.entry.c
    row = (
        await db.execute(
            select(column.role, column.by_id, column.matter).where(
                column.log == person.log, column.index == index, column.act == index
            )
        )
    ).one_or_none()
    if row is None:
        return False
    role, by_id, matter = row
    if role == "member":
        return bool(by_id == person.member)
    if role == "voice" and matter is not None:
        standing = Standing(person.log, matter, "voice", person.member)
        raw = (await ties.find_own(db, vault, [standing])).get(standing)
        paper = None if raw is None else read_paper(raw)
        return isinstance(paper, Tie) and paper.id == by_id
    if role == "office":
        holder = await db.scalar(
            select(office.c.member).where(office.c.log == person.log, office.c.id == by_id)
        )
        return bool(holder == person.member)
    return False
