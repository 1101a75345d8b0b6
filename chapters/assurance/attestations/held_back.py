"""Vouches, verifications and opinions that wait for others, and how often somebody gave any."""

from collections.abc import Collection, Iterable

from sqlalchemy import (
    delete,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from chapters.assurance.attestations.tables import counted, end_of_day, pending, tag_of
from chapters.assurance.papers import author, read
from civic.kernel.database import Reading, Writing
from civic.kernel.record.content import content_hash
from civic.kernel.record.ties import Vault


async def keep(
    db: Writing, vault: Vault, log: int, kind: str, subject: str, raw: bytes, now: int
) -> bool:
    """Keep a paper until the others are there; tell whether it is its author's first."""
    by = author(read(raw))
    digest = bytes.fromhex(content_hash(raw))
    kept = await db.execute(
        insert(pending)
        .values(
            log=log,
            place=tag_of(vault, kind, log, subject, by),
            subject=tag_of(vault, kind, log, subject),
            by_tag=tag_of(vault, "by", log, kind, by),
            kind=kind,
            hash=digest,
            sealed=vault.seal(digest, raw),
            day=end_of_day(now),
        )
        .on_conflict_do_nothing()
    )
    return bool(kept.rowcount)


async def waiting(db: Reading, vault: Vault, log: int, kind: str, subject: str) -> dict[str, bytes]:
    """Return the papers that wait about something, by hash and in that order."""
    found = select(pending.c.hash, pending.c.sealed).where(
        pending.c.log == log, pending.c.subject == tag_of(vault, kind, log, subject)
    )
    rows = {row[0].hex(): vault.open(row[0], row[1]) for row in await db.execute(found)}
    return dict(sorted(rows.items()))


async def all_waiting(db: Reading, vault: Vault, log: int, kind: str) -> list[bytes]:
    """Return all papers of a kind that wait, in no order that tells anything."""
    found = select(pending.c.hash, pending.c.sealed).where(
        pending.c.log == log, pending.c.kind == kind
    )
    rows = sorted((row[0], row[1]) for row in await db.execute(found))
    return [vault.open(digest, sealed) for digest, sealed in rows]


async def drop(db: Writing, log: int, hashes: Iterable[str]) -> None:
    """Forget papers that waited."""
    wanted = [bytes.fromhex(one) for one in hashes]
    await db.execute(delete(pending).where(pending.c.log == log, pending.c.hash.in_(wanted)))


async def end(
    db: Writing, vault: Vault, log: int, kind: str, subject: str, authors: Collection[str], now: int
) -> None:
    """Forget what waited about something that is done, and count what its authors did."""
    await db.execute(
        delete(pending).where(
            pending.c.log == log, pending.c.subject == tag_of(vault, kind, log, subject)
        )
    )
    for by in authors:
        await note(db, vault, log, kind, by, now)


async def note(db: Writing, vault: Vault, log: int, kind: str, by: str, now: int) -> None:
    """Count that somebody did something on this day."""
    row = insert(counted).values(
        log=log, by_tag=tag_of(vault, "by", log, kind, by), day=end_of_day(now), count=1
    )
    await db.execute(
        row.on_conflict_do_update(
            index_elements=["log", "by_tag", "day"], set_={"count": counted.c.count + 1}
        )
    )


async def done(
    db: Reading, vault: Vault, log: int, kind: str, by: str, after: int, *, waits: bool = False
) -> int:
    """Return how often somebody did something after a minute, with what waits if asked for."""
    tag = tag_of(vault, "by", log, kind, by)
    recorded = (
        select(func.coalesce(func.sum(counted.c.count), 0))
        .where(counted.c.log == log, counted.c.by_tag == tag, counted.c.day > after)
        .scalar_subquery()
    )
    unrecorded = (
        select(func.count()).where(pending.c.log == log, pending.c.by_tag == tag).scalar_subquery()
    )
    return int(await db.scalar(select(recorded + unrecorded if waits else recorded)) or 0)
