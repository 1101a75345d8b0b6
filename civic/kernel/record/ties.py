"""Ties and other papers at rest: sealed under the node key, found by keyed hashes only."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import (
    ARRAY,
    Integer,
    LargeBinary,
    and_,
    bindparam,
    delete,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from civic.kernel import keys
from civic.kernel.database import Reading, Writing
from civic.kernel.record import tables
from civic.kernel.record.submission import NewTie

_TIE = tables.tie.c


class Vault:
    """Seals papers and makes tags under keys derived from the node's secret for papers."""

    def __init__(self, secret: bytes) -> None:
        self._seal = keys.derive(secret, b"", b"civic/papers/seal/1")
        self._tag = keys.derive(secret, b"", b"civic/papers/tag/1")

    def id_tag(self, kind: str, own_id: str) -> bytes:
        """Return the tag under which the tie of a voice or row id is found."""
        return self._mac("id", kind, own_id)

    def member_tag(self, matter: str, kind: str, member: str) -> bytes:
        """Return the tag under which a member's tie in a matter is found."""
        return self._mac("member", matter, kind, member)

    def other_tag(self, *parts: str) -> bytes:
        """Return a tag for anything else that is kept by a keyed hash."""
        return self._mac("other", *parts)

    def seal(self, digest: bytes, paper: bytes) -> bytes:
        """Encrypt a paper, bound to its hash."""
        return keys.seal(self._seal, paper, digest)

    def open(self, digest: bytes, sealed: bytes) -> bytes:
        """Return a paper; raise `keys.SealBroken`."""
        return keys.open_sealed(self._seal, sealed, digest)

    def _mac(self, *parts: str) -> bytes:
        return hmac.digest(self._tag, "\n".join(parts).encode(), "sha256")[:16]


class Standing(NamedTuple):
    """A member's place in a matter: as a `voice` or as a `row`."""

    log: int
    matter: str
    of: str
    member: str


async def find_own(
    db: Reading, vault: Vault, standings: Sequence[Standing]
) -> dict[Standing, bytes]:
    """Return the papers of members' own ties; who has none yet is left out."""
    tags = {(one.log, vault.member_tag(*one[1:])): one for one in standings}
    rows = await db.execute(
        _FIND_OWN, {"logs": [log for log, _ in tags], "tags": [tag for _, tag in tags]}
    )
    return {tags[row[0], row[1]]: vault.open(row[2], row[3]) for row in rows}


_FIND_OWN = text(
    "SELECT t.log, t.member_tag, t.hash, t.sealed FROM unnest(:logs, :tags) AS wanted(log, tag) "
    "JOIN private.tie t ON t.log = wanted.log AND t.member_tag = wanted.tag"
).bindparams(bindparam("logs", type_=ARRAY(Integer)), bindparam("tags", type_=ARRAY(LargeBinary)))


async def find(
    db: Reading, vault: Vault, log: int, ids: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], bytes]:
    """Return the papers of ties by (`voice` or `row`, id)."""
    tags = {vault.id_tag(kind, own): (kind, own) for kind, own in ids}
    if not tags:
        return {}
    rows = await db.execute(
        select(_TIE.id_tag, _TIE.hash, _TIE.sealed).where(
            _TIE.log == log, _TIE.id_tag.in_(list(tags))
        )
    )
    return {tags[row[0]]: vault.open(row[1], row[2]) for row in rows}


async def taken(db: Reading, vault: Vault, log: int, ties: Sequence[NewTie]) -> set[NewTie]:
    """Return those new ties whose id or whose member's place in the matter is taken already."""
    if not ties:
        return set()
    tags = [(vault.id_tag(t.of, t.id), vault.member_tag(t.matter, t.of, t.member)) for t in ties]
    rows = await db.execute(
        select(_TIE.id_tag, _TIE.member_tag).where(
            and_(
                _TIE.log == log,
                or_(
                    _TIE.id_tag.in_([own for own, _ in tags]),
                    _TIE.member_tag.in_([place for _, place in tags]),
                ),
            )
        )
    )
    found = {tag for row in rows for tag in row}
    return {tie for tie, pair in zip(ties, tags, strict=True) if not found.isdisjoint(pair)}


async def add(db: Writing, vault: Vault, log: int, ties: Sequence[NewTie]) -> set[NewTie]:
    """Keep new ties; return those that could not be kept because their place was taken."""
    if not ties:
        return set()
    by_tag = {vault.id_tag(t.of, t.id): t for t in ties}
    rows = []
    for id_tag, tie in by_tag.items():
        digest = hashlib.sha256(tie.paper).digest()
        rows.append(
            {
                "log": log,
                "id_tag": id_tag,
                "member_tag": vault.member_tag(tie.matter, tie.of, tie.member),
                "hash": digest,
                "sealed": vault.seal(digest, tie.paper),
                "matter": tie.matter,
                "of": tie.of,
            }
        )
    kept = await db.scalars(
        insert(tables.tie).values(rows).on_conflict_do_nothing().returning(_TIE.id_tag)
    )
    kept_tags = set(kept)
    return {tie for tag, tie in by_tag.items() if tag not in kept_tags}


async def waiting_voices(db: Reading, log: int) -> dict[str, list[str]]:
    """Return the hashes of voice ties that are not in the record yet, sorted, by matter."""
    rows = await db.execute(
        select(_TIE.matter, _TIE.hash).where(
            _TIE.log == log, _TIE.of == "voice", _TIE.recorded == 0
        )
    )
    return _grouped((row[0], row[1]) for row in rows)


async def waiting_rows(
    db: Reading, vault: Vault, log: int, row_ids: Iterable[str]
) -> dict[str, list[str]]:
    """Return the hashes of the ties of row ids that are not in the record yet, by matter."""
    tags = [vault.id_tag("row", row) for row in row_ids]
    rows = await db.execute(
        select(_TIE.matter, _TIE.hash).where(
            _TIE.log == log, _TIE.id_tag.in_(tags), _TIE.recorded == 0
        )
    )
    return _grouped((row[0], row[1]) for row in rows)


async def mark_recorded(db: Writing, log: int, hashes: Iterable[str]) -> None:
    """Note that ties are in the record."""
    wanted = [bytes.fromhex(one) for one in hashes]
    await db.execute(
        update(tables.tie).where(_TIE.log == log, _TIE.hash.in_(wanted)).values(recorded=1)
    )


async def add_papers(db: Writing, vault: Vault, log: int, papers: Mapping[str, bytes]) -> None:
    """Keep other restricted papers under their hashes."""
    for digest, raw in papers.items():
        key = bytes.fromhex(digest)
        await db.execute(
            insert(tables.paper)
            .values(log=log, hash=key, sealed=vault.seal(key, raw))
            .on_conflict_do_nothing()
        )


async def all_papers(db: Reading, vault: Vault, log: int) -> dict[str, bytes]:
    """Return every restricted paper of a log by hash, for readers whom the bylaws name."""
    found: dict[str, bytes] = {}
    for table in (tables.tie, tables.paper):
        rows = await db.execute(select(table.c.hash, table.c.sealed).where(table.c.log == log))
        found.update({row[0].hex(): vault.open(row[0], row[1]) for row in rows})
    return found


async def erase_papers(db: Writing, log: int, hashes: Iterable[str]) -> None:
    """Erase papers for good; what they showed can be shown no more."""
    wanted = [bytes.fromhex(one) for one in hashes]
    for table in (tables.tie, tables.paper):
        await db.execute(delete(table).where(table.c.log == log, table.c.hash.in_(wanted)))


def _grouped(rows: Iterable[tuple[str, bytes]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for matter, digest in rows:
        grouped.setdefault(matter, []).append(digest.hex())
    return {matter: sorted(hashes) for matter, hashes in sorted(grouped.items())}
