"""Ties and other papers at rest: sealed under the node key, found by keyed hashes only."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    Integer,
    LargeBinary,
    Text,
    TextClause,
    bindparam,
    delete,
    select,
    text,
)
from sqlalchemy.types import TypeEngine

from civic.kernel import keys
from civic.kernel.database import Reading, Writing, fetch
from civic.kernel.record import tables
from civic.kernel.record.submission import NewTie

_TIE = tables.tie.c


def _statement(sql: str, *arrays: str, of: type[TypeEngine[Any]] = LargeBinary) -> TextClause:
    """Return a statement whose lists are arrays: a list of bind parameters ends at 32,767."""
    lists = (bindparam(name, type_=ARRAY(of())) for name in arrays)
    log = [bindparam("log", type_=Integer)] if ":log " in sql or ":log," in sql else []
    return text(sql).bindparams(*lists, *log)


_FIND_OWN = _statement(
    "SELECT t.log, t.member_tag, t.hash, t.sealed FROM unnest(:logs, :tags) AS wanted(log, tag) "
    "JOIN private.tie t ON t.log = wanted.log AND t.member_tag = wanted.tag",
    "tags",
).bindparams(bindparam("logs", type_=ARRAY(Integer)))
_FIND = _statement(
    "SELECT id_tag, hash, sealed FROM private.tie WHERE log = :log AND id_tag = ANY(:tags)", "tags"
)
_TAKEN = _statement(
    "SELECT id_tag, member_tag FROM private.tie "
    "WHERE log = :log AND (id_tag = ANY(:own) OR member_tag = ANY(:places))",
    "own",
    "places",
)
_ADD = _statement(
    "INSERT INTO private.tie (log, id_tag, member_tag, hash, sealed, matter, of) SELECT :log, * "
    "FROM unnest(:id_tags, :member_tags, :hashes, :sealed, :matters, :ofs) "
    "ON CONFLICT DO NOTHING RETURNING id_tag",
    "id_tags",
    "member_tags",
    "hashes",
    "sealed",
).bindparams(
    *(bindparam(name, type_=ARRAY(Text())) for name in ("matters", "ofs")),
)
_WAITING_ROWS = _statement(
    "SELECT matter, hash FROM private.tie "
    "WHERE log = :log AND id_tag = ANY(:tags) AND recorded = 0",
    "tags",
)
_MARK = _statement(
    "UPDATE private.tie SET recorded = 1 WHERE log = :log AND hash = ANY(:hashes)", "hashes"
)
_ADD_PAPERS = _statement(
    "INSERT INTO private.paper (log, hash, sealed) SELECT :log, * FROM unnest(:hashes, :sealed) "
    "ON CONFLICT DO NOTHING",
    "hashes",
    "sealed",
)
_HELD = _statement(
    "SELECT member_tag, unwanted FROM private.tie WHERE log = :log AND member_tag = ANY(:tags)",
    "tags",
)
_DISOWN = _statement(
    "UPDATE private.tie SET unwanted = 1 WHERE log = :log AND member_tag = ANY(:tags) "
    "RETURNING matter, of, recorded",
    "tags",
)
# What the record does not name yet waits: its hash must stand there before it goes.
_ERASE = _statement(
    "DELETE FROM private.tie WHERE log = :log AND unwanted = 1 AND recorded = 1 "
    "AND matter = ANY(:matters)",
    "matters",
    of=Text,
)


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


async def find(
    db: Reading, vault: Vault, log: int, ids: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], bytes]:
    """Return the papers of ties by (`voice` or `row`, id)."""
    tags = {vault.id_tag(kind, own): (kind, own) for kind, own in ids}
    if not tags:
        return {}
    rows = await fetch(db, _FIND, {"log": log, "tags": list(tags)})
    return {tags[row[0]]: vault.open(row[1], row[2]) for row in rows}


async def taken(db: Reading, vault: Vault, log: int, ties: Sequence[NewTie]) -> set[NewTie]:
    """Return those new ties whose id or whose member's place in the matter is taken already."""
    if not ties:
        return set()
    tags = [(vault.id_tag(t.of, t.id), vault.member_tag(t.matter, t.of, t.member)) for t in ties]
    own, places = ([pair[n] for pair in tags] for n in (0, 1))
    rows = await fetch(db, _TAKEN, {"log": log, "own": own, "places": places})
    found = {tag for row in rows for tag in row}
    return {tie for tie, pair in zip(ties, tags, strict=True) if not found.isdisjoint(pair)}


async def add(db: Writing, vault: Vault, log: int, ties: Sequence[NewTie]) -> set[NewTie]:
    """Keep new ties; return those that could not be kept because their place was taken."""
    if not ties:
        return set()
    by_tag = {vault.id_tag(t.of, t.id): t for t in ties}
    papers = [(hashlib.sha256(tie.paper).digest(), tie.paper) for tie in by_tag.values()]
    values = {
        "log": log,
        "id_tags": list(by_tag),
        "member_tags": [vault.member_tag(t.matter, t.of, t.member) for t in by_tag.values()],
        "hashes": [digest for digest, _ in papers],
        "sealed": [vault.seal(digest, paper) for digest, paper in papers],
        "matters": [tie.matter for tie in by_tag.values()],
        "ofs": [tie.of for tie in by_tag.values()],
    }
    kept_tags = {row[0] for row in await fetch(db, _ADD, values)}
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
    rows = await db.execute(_WAITING_ROWS, {"log": log, "tags": tags})
    return _grouped((row[0], row[1]) for row in rows)


async def mark_recorded(db: Writing, log: int, hashes: Iterable[str]) -> None:
    """Note that ties are in the record."""
    wanted = [bytes.fromhex(one) for one in hashes]
    await db.execute(_MARK, {"log": log, "hashes": wanted})


class Held(NamedTuple):
    """That a member has a tie in a matter, as `voice` or `row`, and whether they want it erased."""

    matter: str
    of: str
    unwanted: bool


class Disowned(NamedTuple):
    """A tie that its member wants erased, and whether its hash stands in the record."""

    matter: str
    of: str
    recorded: bool


async def held(
    db: Reading, vault: Vault, log: int, member: str, matters: Iterable[str]
) -> list[Held]:
    """Return which ties a member has in some matters, sorted."""
    tags = _places(vault, member, matters)
    rows = await db.execute(_HELD, {"log": log, "tags": list(tags)})
    return sorted(Held(*tags[row[0]], bool(row[1])) for row in rows)


async def disown(
    db: Writing, vault: Vault, log: int, member: str, matters: Iterable[str]
) -> list[Disowned]:
    """Note that a member wants their ties in some matters erased; return which those are."""
    tags = list(_places(vault, member, matters))
    rows = await db.execute(_DISOWN, {"log": log, "tags": tags})
    return sorted(Disowned(row[0], row[1], bool(row[2])) for row in rows)


async def unwanted(db: Reading, log: int) -> list[str]:
    """Return the matters in which a tie waits to be erased, sorted."""
    rows = await db.scalars(
        select(_TIE.matter).where(_TIE.log == log, _TIE.unwanted == 1).distinct()
    )
    return sorted(rows)


async def erase(db: Writing, log: int, matters: Sequence[str]) -> int:
    """Delete the unwanted ties of matters that have ended; return how many.

    Only what the record names already: it must not name a paper that was gone before. The caller
    holds the head row, so that no act rests on what goes.
    """
    done = await db.execute(_ERASE, {"log": log, "matters": list(matters)})
    return int(done.rowcount)


def _places(vault: Vault, member: str, matters: Iterable[str]) -> dict[bytes, tuple[str, str]]:
    return {
        vault.member_tag(matter, of, member): (matter, of)
        for matter in matters
        for of in ("voice", "row")
    }


async def add_papers(db: Writing, vault: Vault, log: int, papers: Mapping[str, bytes]) -> None:
    """Keep other restricted papers under their hashes."""
    if papers:
        hashes = [bytes.fromhex(digest) for digest in papers]
        sealed = [vault.seal(key, raw) for key, raw in zip(hashes, papers.values(), strict=True)]
        await fetch(db, _ADD_PAPERS, {"log": log, "hashes": hashes, "sealed": sealed})


async def papers(
    db: Reading, vault: Vault, log: int, hashes: Iterable[bytes]
) -> dict[bytes, bytes]:
    """Return restricted papers (other than ties) by hash; those that were erased are left out."""
    paper = tables.paper.c
    rows = await db.execute(
        select(paper.hash, paper.sealed).where(paper.log == log, paper.hash.in_(list(hashes)))
    )
    return {row[0]: vault.open(row[0], row[1]) for row in rows}


async def erase_papers(db: Writing, log: int, hashes: Iterable[str]) -> None:
    """Delete restricted papers (other than ties) that an entry erases."""
    wanted = [bytes.fromhex(one) for one in hashes]
    paper = tables.paper.c
    await db.execute(delete(tables.paper).where(paper.log == log, paper.hash.in_(wanted)))


async def all_papers(db: Reading, vault: Vault, log: int) -> dict[str, bytes]:
    """Return every restricted paper of a log by hash, for readers whom the bylaws name."""
    found: dict[str, bytes] = {}
    for table in (tables.tie, tables.paper):
        rows = await db.execute(select(table.c.hash, table.c.sealed).where(table.c.log == log))
        found.update({row[0].hex(): vault.open(row[0], row[1]) for row in rows})
    return found


def _grouped(rows: Iterable[tuple[str, bytes]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for matter, digest in rows:
        grouped.setdefault(matter, []).append(digest.hex())
    return {matter: sorted(hashes) for matter, hashes in sorted(grouped.items())}
