"""Everything that a node holds of a person in their chapters, for the copy that they can fetch.

Ids are named, keys are not: neither the seed nor anything wrapped, and nothing that would prove to
somebody else how a vote was cast.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import ARRAY, LargeBinary, Text, bindparam, select, text

from chapters.assurance.attestations import papers_of
from chapters.assurance.queries import OwnLevels, own_levels
from chapters.offices.tables import office
from chapters.papers import Tie, read_paper
from chapters.standing.papers import read_reason
from chapters.standing.tables import suspension
from chapters.tables import member
from civic import own_waiting
from civic.kernel.database import Reading, reading
from civic.kernel.record import store, ties
from civic.kernel.record.content import read_words
from civic.kernel.record.entry import Malformed, when
from civic.kernel.record.tables import paper
from civic.kernel.record.ties import Standing, Vault
from civic.kernel.web.language import N_
from civic.node import Node
from deliberation.tables import matter
from identity.own_data import Part
from identity.sessions import SignedIn
from identity.vault import Membership

_ACTS: Final = text(
    "SELECT v.index, v.kind, v.at, v.matter, e.bytes FROM view.entry v "
    "JOIN record.entry e ON e.log = v.log AND e.index = v.index "
    "WHERE v.log = :log AND v.role <> 'node' AND v.by_id = ANY(:ids) ORDER BY v.index"
).bindparams(bindparam("ids", type_=ARRAY(Text)))
_WORDS: Final = text(
    # Hidden words are still theirs who wrote them.
    "SELECT hash, coalesce(bytes, hidden) FROM record.content "
    "WHERE log = :log AND hash = ANY(:hashes)"
).bindparams(bindparam("hashes", type_=ARRAY(LargeBinary)))


class _Named(msgspec.Struct):
    content: tuple[str, ...] = ()
    body: msgspec.Raw = msgspec.Raw(b"{}")


class _Found:
    """The rows of each part, chapter by chapter."""

    def __init__(self) -> None:
        self.members: list[dict[str, Any]] = []
        self.offices: list[dict[str, Any]] = []
        self.ids: list[dict[str, Any]] = []
        self.papers: list[dict[str, Any]] = []
        self.boxes: list[dict[str, Any]] = []
        self.waiting: list[dict[str, Any]] = []
        self.invitations: list[dict[str, Any]] = []
        self.entries: list[dict[str, Any]] = []

    def parts(self) -> list[Part]:
        return [
            Part("members", N_("Who you are in your chapters"), self.members),
            Part("offices", N_("Your offices"), self.offices),
            Part(
                "ids",
                N_("Ids under which you speak, and under which you react and vote"),
                self.ids,
            ),
            Part("papers", N_("Restricted papers about you that you may read"), self.papers),
            Part(
                "boxes",
                N_("Reactions and votes that wait to be recorded together"),
                self.boxes,
            ),
            Part(
                "waiting",
                N_("Vouches and verifications that wait for others"),
                self.waiting,
            ),
            Part("invitations", N_("Your invitations"), self.invitations),
            Part("entries", N_("What you did, with your words"), self.entries),
        ]


async def of_chapters(node: Node, me: SignedIn) -> list[Part]:
    """Return what the record and the restricted papers hold of somebody's members."""
    found = _Found()
    async with reading(node.engine) as db:
        for membership in me.vault.memberships:
            head = await store.find_chapter(db, membership.chapter_id)
            if head is not None:
                await _of_chapter(db, node.book.vault, head.no, membership, found)
    return found.parts()


async def _of_chapter(
    db: Reading, vault: Vault, log: int, membership: Membership, found: _Found
) -> None:
    chapter, own = membership.chapter_id, membership.member_id
    column = member.c
    row = (
        await db.execute(
            select(column.state, column.level, column.since, column.name).where(
                column.log == log, column.id == own
            )
        )
    ).one_or_none()
    if row is not None:
        name = None if row.name is None else (await _words(db, log, [row.name])).get(row.name)
        found.members.append(
            {
                "chapter": chapter,
                "member": own,
                "state": row.state,
                "level": row.level,
                "since": when(row.since),
                "display_name": name,
            }
        )
    offices = (
        await db.execute(select(office).where(office.c.log == log, office.c.member == own))
    ).all()
    found.offices += [
        {"chapter": chapter, "office": one.id, "role": one.role, "since": when(one.since)}
        for one in offices
    ]
    voices, rows = await _ties(db, vault, log, chapter, own, found)
    ids = [own, *(one.id for one in offices), *voices]
    levels = await own_levels(db, vault, log, own)
    await _papers(db, vault, log, chapter, own, levels, found)
    found.boxes += await own_waiting.boxes(db, log, chapter, rows)
    found.waiting += await own_waiting.attestations(db, vault, log, chapter, own, levels)
    found.invitations += await own_waiting.invitations(db, vault, log, chapter, own)
    await _entries(db, log, chapter, ids, found)


async def _ties(
    db: Reading, vault: Vault, log: int, chapter: str, own: str, found: _Found
) -> tuple[list[str], dict[str, str]]:
    """Add the ids of the ties that are kept; return those of voices, and the matters of rows."""
    matters = (await db.scalars(select(matter.c.id).where(matter.c.log == log))).all()
    wanted = [Standing(log, one, of, own) for one in matters for of in ("voice", "row")]
    voices, rows = [], {}
    for raw in (await ties.find_own(db, vault, wanted)).values():
        tie = read_paper(raw)
        if isinstance(tie, Tie):
            found.ids.append({"chapter": chapter, "matter": tie.matter, "as": tie.of, "id": tie.id})
            if tie.of == "voice":
                voices.append(tie.id)
            else:
                rows[tie.id] = tie.matter
    return voices, rows


async def _papers(
    db: Reading,
    vault: Vault,
    log: int,
    chapter: str,
    own: str,
    levels: OwnLevels,
    found: _Found,
) -> None:
    for term in levels.terms:
        held = {"way": term.way, "count": term.count, "papers": term.papers}
        since, until = when(term.since), when(term.until)
        found.papers.append(
            {"chapter": chapter, "about": "level", **held, "since": since, "until": until}
        )
    hashes = [one for dispute in levels.disputes for one in (dispute.reasons, dispute.answer)]
    about = await papers_of(db, vault, log, [one for one in hashes if one is not None])
    for digest, said in about.items():
        content = {"about": "dispute", "paper": digest, "says": msgspec.to_builtins(said)}
        found.papers.append({"chapter": chapter, **content})
    column = suspension.c
    asked = await db.execute(
        select(column.paper, paper.c.sealed)
        .join_from(suspension, paper, (paper.c.log == column.log) & (paper.c.hash == column.paper))
        .where(column.log == log, column.member == own)
    )
    for digest, sealed in asked:
        says = msgspec.to_builtins(read_reason(vault.open(digest, sealed)))
        content = {"about": "suspension", "paper": digest.hex(), "says": says}
        found.papers.append({"chapter": chapter, **content})


async def _entries(db: Reading, log: int, chapter: str, ids: Iterable[str], found: _Found) -> None:
    rows = (await db.execute(_ACTS, {"log": log, "ids": list(ids)})).all()
    named = [msgspec.json.decode(bytes(row.bytes), type=_Named) for row in rows]
    hashes = {bytes.fromhex(one) for entry in named for one in entry.content}
    words = await _words(db, log, hashes)
    for row, entry in zip(rows, named, strict=True):
        found.entries.append(
            {
                "chapter": chapter,
                "entry": row.index,
                "kind": row.kind,
                "at": when(row.at),
                "matter": row.matter,
                "words": [words.get(bytes.fromhex(one)) for one in entry.content],
                "says": msgspec.json.decode(entry.body),
            }
        )


async def _words(db: Reading, log: int, hashes: Iterable[bytes]) -> dict[bytes, str]:
    found: dict[bytes, str] = {}
    for digest, raw in await db.execute(_WORDS, {"log": log, "hashes": list(hashes)}):
        if raw is None:
            continue
        try:
            found[digest] = read_words(raw).text
        except Malformed:
            # Evidence, such as an imported conversation, is no words of one person.
            continue
    return found
