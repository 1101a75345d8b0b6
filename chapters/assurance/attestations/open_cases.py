"""Requests to be verified that wait for two verifiers."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    delete,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from chapters.assurance.attestations.tables import case, end_of_day, tag_of
from chapters.assurance.papers import CasePaper
from civic.kernel.database import Reading, Writing
from civic.kernel.record.ties import Vault


class OpenCase(msgspec.Struct, frozen=True):
    """A case that waits: the hash of its paper, the paper, and who stood aside."""

    hash: str
    paper: CasePaper
    passed: tuple[str, ...]


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
