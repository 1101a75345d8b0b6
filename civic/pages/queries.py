"""What only pages ask: who a visitor is in a chapter, and which votes they have not cast yet."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ARRAY, BigInteger, BindParameter, Integer, LargeBinary, Text, bindparam, text

from chapters.papers import Tie, read_paper
from civic.kernel.database import Reading, fetch
from civic.kernel.record import shown, ties
from civic.kernel.record.browse import (
    LINE,
    LINE_WIDTH,
    PAGE,
    EntryLine,
    EntryView,
    RawEntry,
)
from civic.kernel.record.ties import Standing, Vault
from voting.queries import ON_ROLL


class Own(msgspec.Struct, frozen=True):
    """What a visitor is in a chapter, and the ids under which they speak and react in a matter.

    `offices` are those in force, as (id, role); `since` is the minute at which they joined.
    """

    log: int
    replica: bool
    state: str
    level: int
    name: shown.Text | None
    offices: tuple[tuple[str, str], ...]
    since: int
    founder: bool
    voice: str | None = None
    row: str | None = None
    named: bool = False
    """Whether they stand by their words in the matter with their name."""

    def office(self, *roles: str) -> str | None:
        """Return the id of an office of one of these roles that the visitor holds, or None."""
        return next((own_id for own_id, role in self.offices if role in roles), None)


class OpenVote(NamedTuple):
    """An open vote, and under which row id and member id somebody votes in it (row empty: none)."""

    log: int
    election: str
    row: str
    member: str


_OWN: Final = text(
    """
    SELECT m.log, l.replica, m.state, m.level, m.name, n.bytes, n.erased_by,
        ARRAY(
            SELECT ROW(o.id, o.role) FROM view.office o
            WHERE o.log = m.log AND o.member = m.id AND o.ended IS NULL ORDER BY o.since, o.id
        ),
        ARRAY(
            SELECT ROW(t.member_tag, t.hash, t.sealed) FROM private.tie t
            WHERE t.log = m.log AND t.member_tag = ANY(:tags)
        ),
        EXISTS (
            SELECT FROM view.name_given g
            WHERE g.log = m.log AND g.matter = :matter AND g.member = m.id
        ),
        m.since, m.founder
    FROM view.chapter c
    JOIN record.log l ON l.no = c.log
    JOIN view.member m ON m.log = c.log AND m.id = :member
    LEFT JOIN record.content n ON n.log = m.log AND n.hash = m.name
    WHERE c.chapter_id = :chapter_id
    """
).bindparams(bindparam("tags", type_=ARRAY(LargeBinary)))
CAST: Final = f"""
    SELECT e.id, CASE WHEN v.election IS NOT NULL OR b.subject IS NOT NULL THEN true
        WHEN {ON_ROLL} THEN false END AS cast
    FROM unnest(:logs, :elections, :rows, :members) AS g(log, id, row, member)
    JOIN view.election e ON e.log = g.log AND e.id = g.id
    LEFT JOIN view.member p ON p.log = e.log AND p.id = g.member
    LEFT JOIN view.vote v ON v.log = e.log AND v.election = e.id
        AND v.voter = CASE WHEN e.secrecy = 'roll_call' THEN g.member ELSE g.row END
    LEFT JOIN private.box b ON b.log = e.log AND b.subject = e.id AND b.row = g.row
"""  # noqa: S608
"""Which votes somebody has cast, asked by log, election, row id and member id; null: not theirs."""
ASKED: Final[tuple[BindParameter[Any], ...]] = (
    bindparam("logs", type_=ARRAY(Integer)),
    *(bindparam(name, type_=ARRAY(Text)) for name in ("elections", "rows", "members")),
)
"""The parameters of `CAST`; `asked_of` gives their values."""
_CAST: Final = text(CAST).bindparams(*ASKED)


_TITLES: Final = text(
    "SELECT m.id, m.title, c.bytes, c.erased_by FROM view.matter m "
    "LEFT JOIN record.content c ON c.log = m.log AND c.hash = m.title "
    "WHERE m.log = :log AND m.id = ANY(:ids)"
).bindparams(bindparam("ids", type_=ARRAY(Text)))
_CHAPTERS: Final = text(
    "SELECT c.chapter_id, c.name, n.bytes, n.erased_by FROM view.chapter c "
    "JOIN view.member m ON m.log = c.log AND m.id = ANY(:members) AND m.state = 'active' "
    "LEFT JOIN record.content n ON n.log = c.log AND n.hash = c.name "
    "WHERE c.chapter_id = ANY(:chapters) ORDER BY c.chapter_id"
).bindparams(*(bindparam(name, type_=ARRAY(Text)) for name in ("members", "chapters")))
_FOR_WORLD: Final = text(
    f"""
    SELECT {LINE}, e.bytes
    FROM view.entry v JOIN record.entry e ON e.log = v.log AND e.index = v.index
    WHERE v.log = :log AND v.index < :before AND v.kind = ANY(:kinds)
        AND (:matter = '' OR v.matter = :matter)
    ORDER BY v.index DESC LIMIT :limit
    """  # noqa: S608
).bindparams(bindparam("kinds", type_=ARRAY(Text)), bindparam("before", type_=BigInteger))

_MATTERS_AFTER: Final = text(
    "SELECT m.id, m.title, c.bytes, c.erased_by FROM view.matter m "
    "LEFT JOIN record.content c ON c.log = m.log AND c.hash = m.title "
    "WHERE m.log = :log AND m.id > :after AND m.phase <> 'imported' ORDER BY m.id LIMIT :limit"
)
_SPOKEN: Final = text(
    f"""
    SELECT {LINE}, e.bytes
    FROM view.entry v JOIN record.entry e ON e.log = v.log AND e.index = v.index
    WHERE v.log = :log AND v.matter = ANY(:matters) AND v.role = 'voice'
    ORDER BY v.index LIMIT :limit
    """  # noqa: S608
).bindparams(bindparam("matters", type_=ARRAY(Text)))
_ROWS_OF: Final = text(
    """
    SELECT n.matter, v.entry, v.voter, 'vote' FROM view.election n
    JOIN view.vote v ON v.log = n.log AND v.election = n.id
    WHERE n.log = :log AND n.matter = ANY(:matters) AND n.secrecy <> 'roll_call'
        AND n.closed_entry IS NOT NULL
    UNION ALL
    SELECT s.matter, r.entry, r.row_id, 'reaction' FROM view.statement s
    JOIN view.reaction r ON r.log = s.log AND r.subject = s.id
    WHERE s.log = :log AND s.matter = ANY(:matters)
    ORDER BY 2, 3 LIMIT :limit
    """
).bindparams(bindparam("matters", type_=ARRAY(Text)))
_DISOWNED: Final = text(
    "SELECT d.entry FROM view.disowned d WHERE d.log = :log AND d.index = :index"
).bindparams(bindparam("index", type_=BigInteger))
MANY: Final = 20_000
"""Acts or rows that are sent at once at most."""


_ENTRY: Final = text(
    f"""
    SELECT {LINE}, e.bytes, e.leaf,
        (SELECT d.entry FROM view.disowned d WHERE d.log = v.log AND d.index = v.index)
    FROM view.entry v JOIN record.entry e ON e.log = v.log AND e.index = v.index
    WHERE v.log = :log AND v.index = :index
    """  # noqa: S608
).bindparams(bindparam("index", type_=BigInteger))


async def entry(db: Reading, log: int, index: int) -> tuple[EntryView, int | None] | None:
    """Return one entry and the one in which who acted in it says that they did not, or None."""
    row = (await db.execute(_ENTRY, {"log": log, "index": index})).one_or_none()
    if row is None:
        return None
    return EntryView(EntryLine(*row[:LINE_WIDTH]), row[LINE_WIDTH], row[LINE_WIDTH + 1]), row[-1]


async def disowned(db: Reading, log: int, index: int) -> int | None:
    """Return the entry in which who acted in an entry says that they did not, or None."""
    found = await db.scalar(_DISOWNED, {"log": log, "index": index})
    return None if found is None else int(found)


async def matters_after(db: Reading, log: int, after: str, limit: int) -> dict[str, str | None]:
    """Return titles of matters in which members took part, by id and in order, behind one."""
    rows = await db.execute(_MATTERS_AFTER, {"log": log, "after": after, "limit": limit})
    return {row[0]: shown.text_of(*row[1:4]).text for row in rows}


async def spoken(db: Reading, log: int, matters: Sequence[str]) -> list[RawEntry]:
    """Return what was said in some matters under voice ids, oldest first."""
    values = {"log": log, "matters": list(matters), "limit": MANY}
    rows = await db.execute(_SPOKEN, values)
    return [RawEntry(EntryLine(*row[:LINE_WIDTH]), row[LINE_WIDTH]) for row in rows]


async def rows_of(db: Reading, log: int, matters: Sequence[str]) -> list[tuple[str, int, str, str]]:
    """Return what counts under row ids in some matters: matter, entry, row id, vote or reaction."""
    values = {"log": log, "matters": list(matters), "limit": MANY}
    return [(row[0], row[1], row[2], row[3]) for row in await db.execute(_ROWS_OF, values)]


async def titles(db: Reading, log: int, ids: Sequence[str]) -> dict[str, str | None]:
    """Return the titles of matters by id, None where one was erased."""
    rows = await db.execute(_TITLES, {"log": log, "ids": list(ids)})
    return {row[0]: shown.text_of(*row[1:4]).text for row in rows}


async def chapters_of(db: Reading, members: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """Return id and name of chapters where somebody is a present member.

    `members` are their member ids by chapter id.
    """
    values = {"chapters": list(members), "members": list(members.values())}
    rows = await db.execute(_CHAPTERS, values)
    return [(row[0], shown.text_of(*row[1:4]).text) for row in rows]


async def entries_for_world(
    db: Reading, log: int, kinds: Sequence[str], before: int, matter: str = "", limit: int = PAGE
) -> list[RawEntry]:
    """Return the entries of some kinds (and one matter, if one is named) before an index."""
    values: dict[str, object] = {"log": log, "before": before, "limit": limit}
    values |= {"kinds": list(kinds), "matter": matter}
    rows = await db.execute(_FOR_WORLD, values)
    return [RawEntry(EntryLine(*row[:LINE_WIDTH]), row[LINE_WIDTH]) for row in rows]


async def own(
    db: Reading, vault: Vault, chapter_id: str, member: str, matter: str = ""
) -> Own | None:
    """Return what somebody is in a chapter (and their ids in a matter), None for a stranger."""
    voice = vault.member_tag(matter, "voice", member)
    row = vault.member_tag(matter, "row", member)
    values = {"chapter_id": chapter_id, "member": member, "matter": matter,
              "tags": [voice, row] if matter else []}  # fmt: skip
    rows = await fetch(db, _OWN, values)
    if not rows:
        return None
    found = rows[0]
    ids = {tag: _tied(vault.open(digest, sealed)) for tag, digest, sealed in found[8]}
    return Own(
        found[0],
        bool(found[1]),
        found[2],
        found[3],
        shown.name_of(*found[4:7]),
        tuple((one[0], one[1]) for one in found[7]),
        found[10],
        bool(found[11]),
        ids.get(voice),
        ids.get(row),
        bool(found[9]),
    )


async def own_ids(db: Reading, vault: Vault, standings: Sequence[Standing]) -> dict[Standing, str]:
    """Return the voice and row ids that members have; who has none yet is left out."""
    papers = await ties.find_own(db, vault, standings)
    return {standing: _tied(raw) for standing, raw in papers.items()}


async def voted(db: Reading, asked: Sequence[OpenVote]) -> dict[str, bool | None]:
    """Tell for each open vote whether somebody has voted; None: they are not on its roll."""
    return {row[0]: row[1] for row in await db.execute(_CAST, asked_of(asked))}


def asked_of(votes: Sequence[OpenVote]) -> dict[str, object]:
    """Return open votes as the parameters of a statement with `CAST` in it."""
    logs, elections, rows, members = zip(*votes, strict=True) if votes else ((), (), (), ())
    return {
        "logs": list(logs),
        "elections": list(elections),
        "rows": list(rows),
        "members": list(members),
    }


def _tied(raw: bytes) -> str:
    tie = read_paper(raw)
    if not isinstance(tie, Tie):
        raise TypeError("the paper is no tie")
    return tie.id
