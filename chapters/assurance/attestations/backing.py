"""Who stands behind a level or a dispute, and their papers, while both last."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import (
    select,
)
from sqlalchemy.dialects.postgresql import insert

from chapters.assurance.attestations.tables import backing, tag_of
from chapters.assurance.papers import Paper, read
from civic.kernel.database import Reading, Writing
from civic.kernel.record.tables import paper as paper_table
from civic.kernel.record.ties import Vault


async def back(db: Writing, vault: Vault, log: int, of: str, authors: Sequence[str]) -> None:
    """Keep who stands behind a term or a dispute."""
    place = tag_of(vault, "backing", log, of)
    sealed = vault.seal(place, msgspec.msgpack.encode(list(authors)))
    row = insert(backing).values(log=log, of=of, sealed=sealed)
    await db.execute(
        row.on_conflict_do_update(index_elements=["log", "of"], set_={"sealed": sealed})
    )


async def backers(
    db: Reading, vault: Vault, log: int, of: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Return who stands behind terms or disputes, where it was not erased."""
    found = select(backing.c.of, backing.c.sealed).where(
        backing.c.log == log, backing.c.of.in_(list(of))
    )
    return {
        row[0]: msgspec.msgpack.decode(
            vault.open(tag_of(vault, "backing", log, row[0]), row[1]), type=tuple[str, ...]
        )
        for row in await db.execute(found)
    }


async def papers_of(db: Reading, vault: Vault, log: int, hashes: Iterable[str]) -> dict[str, Paper]:
    """Return papers of assurance by hash, those that were not erased."""
    wanted = [bytes.fromhex(one) for one in hashes]
    found = select(paper_table.c.hash, paper_table.c.sealed).where(
        paper_table.c.log == log, paper_table.c.hash.in_(wanted)
    )
    return {row[0].hex(): read(vault.open(row[0], row[1])) for row in await db.execute(found)}
