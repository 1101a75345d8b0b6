"""What waits or is counted privately: codes, vouches and verifications, cases, who did how often.

Who wrote a paper is sealed under the node's key; tags are keyed hashes, days are ends of days. Once
a paper is named by the record nothing here leads from it to its author any more, but a count.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from chapters.assurance.papers import CasePaper, Paper, author, read
from chapters.bylaws import DAY, YEAR
from civic.kernel.database import Reading, Writing, private_metadata
from civic.kernel.record.content import content_hash
from civic.kernel.record.tables import log as log_table
from civic.kernel.record.tables import paper as paper_table
from civic.kernel.record.ties import Vault

CODE_TIME: Final = 15
"""Minutes for which a code can be typed on another phone."""
PENDING_TIME: Final = 90 * DAY
"""Minutes for which a vouch waits for the others that are needed."""
CODE_DIGITS: Final = 8

code = Table(
    "vouch_code",
    private_metadata,
    Column("log", Integer, ForeignKey(log_table.c.no), primary_key=True),
    Column("tag", LargeBinary, primary_key=True),
    Column("member_tag", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("until", Integer, nullable=False, info={"time": "minute"}),
    UniqueConstraint("log", "member_tag"),
    comment="Codes shown by who wants to be vouched for; gone after a quarter of an hour.",
)

pending = Table(
    "attestation",
    private_metadata,
    Column("log", Integer, ForeignKey(log_table.c.no), primary_key=True),
    Column("place", LargeBinary, primary_key=True),
    Column("subject", LargeBinary, nullable=False),
    Column("by_tag", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("day", Integer, nullable=False, info={"time": "day"}),
    comment="Vouches, verifications and opinions that wait for others before the record has any.",
)
Index(None, pending.c.log, pending.c.subject)
Index(None, pending.c.log, pending.c.by_tag)

counted = Table(
    "attested",
    private_metadata,
    Column("log", Integer, ForeignKey(log_table.c.no), primary_key=True),
    Column("by_tag", LargeBinary, primary_key=True),
    Column("day", Integer, primary_key=True, info={"time": "day"}),
    Column("count", Integer, nullable=False, info={"time": None}),
    comment="How often somebody vouched, verified or challenged by the end of which day.",
)

case = Table(
    "verify_case",
    private_metadata,
    Column("log", Integer, ForeignKey(log_table.c.no), primary_key=True),
    Column("hash", LargeBinary, primary_key=True),
    Column("member_tag", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("day", Integer, nullable=False, info={"time": "day"}),
    UniqueConstraint("log", "member_tag"),
    comment="Requests to be verified that wait for two verifiers, sealed under the node key.",
)


backing = Table(
    "backing",
    private_metadata,
    Column("log", Integer, ForeignKey(log_table.c.no), primary_key=True),
    Column("of", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    comment="Who stands behind a level or a dispute, sealed under the node key while it lasts.",
)


class OpenCase(msgspec.Struct, frozen=True):
    """A case that waits: the hash of its paper, the paper, and who stood aside."""

    hash: str
    paper: CasePaper
    passed: tuple[str, ...]


def end_of_day(minute: int) -> int:
    """Return the end of the day that a minute lies in: no finer time is kept."""
    return minute - minute % DAY + DAY


def tag_of(vault: Vault, kind: str, log: int, *parts: str) -> bytes:
    """Return the tag under which something of a kind is found."""
    return vault.other_tag("assurance", kind, str(log), *parts)


async def new_code(db: Writing, vault: Vault, log: int, member: str, now: int) -> str:
    """Return a new code of a member, in place of an earlier one."""
    own = tag_of(vault, "code of", log, member)
    await db.execute(delete(code).where(code.c.log == log, code.c.member_tag == own))
    while True:
        given = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        tag = tag_of(vault, "code", log, given)
        row = insert(code).values(
            log=log,
            tag=tag,
            member_tag=own,
            sealed=vault.seal(tag, member.encode()),
            until=now + CODE_TIME,
        )
        # What somebody else is showing just now must not stand for two people.
        if (await db.execute(row.on_conflict_do_nothing())).rowcount:
            return given


async def member_of_code(db: Reading, vault: Vault, log: int, typed: str, now: int) -> str | None:
    """Return whose code this is, None if nobody's or too old."""
    tag = tag_of(vault, "code", log, "".join(one for one in typed if one.isdigit()))
    found = select(code.c.sealed).where(code.c.log == log, code.c.tag == tag, code.c.until >= now)
    sealed = await db.scalar(found)
    return None if sealed is None else vault.open(tag, sealed).decode()


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
    recorded = select(func.sum(counted.c.count)).where(
        counted.c.log == log, counted.c.by_tag == tag, counted.c.day > after
    )
    unrecorded = select(func.count()).where(pending.c.log == log, pending.c.by_tag == tag)
    total = await db.scalar(recorded) or 0
    return int(total) + ((await db.scalar(unrecorded) or 0) if waits else 0)


async def open_case(
    db: Writing, vault: Vault, log: int, paper: CasePaper, digest: str, now: int
) -> None:
    """Keep a case, in place of an earlier one of the same member."""
    own = tag_of(vault, "case of", log, paper.member)
    await db.execute(delete(case).where(case.c.log == log, case.c.member_tag == own))
    raw = bytes.fromhex(digest)
    sealed = _sealed(vault, raw, paper, ())
    row = insert(case).values(log=log, hash=raw, member_tag=own, sealed=sealed, day=end_of_day(now))
    await db.execute(row)


def _sealed(vault: Vault, digest: bytes, paper: CasePaper, passed: Sequence[str]) -> bytes:
    return vault.seal(digest, msgspec.msgpack.encode((paper, tuple(passed))))


def opened_case(vault: Vault, row: Any) -> OpenCase:
    """Return a case from its hash and what is sealed of it."""
    paper, passed = msgspec.msgpack.decode(
        vault.open(row[0], row[1]), type=tuple[CasePaper, tuple[str, ...]]
    )
    return OpenCase(row[0].hex(), paper, passed)


async def case_of(db: Reading, vault: Vault, log: int, member: str) -> OpenCase | None:
    """Return the open case of a member, or None."""
    own = tag_of(vault, "case of", log, member)
    found = select(case.c.hash, case.c.sealed).where(case.c.log == log, case.c.member_tag == own)
    row = (await db.execute(found)).one_or_none()
    return None if row is None else opened_case(vault, row)


async def cases(db: Reading, vault: Vault, log: int) -> list[OpenCase]:
    """Return all open cases, in the order of their random numbers."""
    rows = await db.execute(select(case.c.hash, case.c.sealed).where(case.c.log == log))
    return sorted((opened_case(vault, row) for row in rows), key=lambda one: one.paper.case)


async def case_by_number(db: Reading, vault: Vault, log: int, number: str) -> OpenCase | None:
    """Return the open case with a number, or None."""
    known = await cases(db, vault, log)
    return next((one for one in known if one.paper.case == number), None)


async def pass_over(db: Writing, vault: Vault, log: int, known: OpenCase, verifier: str) -> None:
    """Note that a verifier stands aside in a case."""
    digest = bytes.fromhex(known.hash)
    passed = sorted({*known.passed, verifier})
    sealed = _sealed(vault, digest, known.paper, passed)
    await db.execute(
        update(case).where(case.c.log == log, case.c.hash == digest).values(sealed=sealed)
    )


async def close_case(db: Writing, log: int, digest: str) -> None:
    """Forget a case that is answered."""
    await db.execute(delete(case).where(case.c.log == log, case.c.hash == bytes.fromhex(digest)))


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


async def sweep(db: Writing, log: int, now: int, case_time: int) -> None:
    """Forget codes, vouches and cases that nobody came back to, and counts of more than a year."""
    await db.execute(delete(code).where(code.c.log == log, code.c.until < now))
    await db.execute(
        delete(pending).where(pending.c.log == log, pending.c.day <= now - PENDING_TIME)
    )
    await db.execute(delete(case).where(case.c.log == log, case.c.day <= now - case_time))
    await db.execute(delete(counted).where(counted.c.log == log, counted.c.day <= now - YEAR))
