"""What pages and the API read of many matters: the lists of a chapter, what all decide next."""

from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ARRAY, BigInteger, Boolean, Integer, bindparam, text
from sqlalchemy import Text as TextType

from chapters.queries import CHAPTER_COLUMNS, CHAPTER_TABLES, ChapterLine, chapter_line
from civic.kernel.database import Reading, fetch
from civic.kernel.record.shown import Text, text_of

PAGE: Final = 50
"""Matters on one page."""


class MatterLine(msgspec.Struct, frozen=True):
    """A matter in a list. Times are minutes; `needed` is how many supports it needs at present.

    `phase_until` and `id` are the cursor among open matters, `closed` is that among ended ones,
    `entry` that among imported ones. `title` is in `lang`, which binds; `titles` are those in the
    further `languages`.
    """

    log: int
    id: str
    title: Text
    phase: str
    phase_since: int
    phase_until: int | None
    author: str
    lang: str
    version: int
    options: int
    secrecy: str
    supports: int
    needed: int
    pro: int
    con: int
    comments: int
    statements: int
    voices: int
    tasks: int
    cards: int
    election: str | None
    outcome: str | None
    source: str | None
    created: int
    ended: int | None
    closed: int | None
    active_at: int
    entry: int
    signed: bool
    """Whether the author's own key signed the proposal; else the node alone vouches for it."""
    languages: tuple[str, ...] = ()
    titles: tuple[Text, ...] = ()


class Matters(msgspec.Struct, frozen=True):
    """The matters of a chapter: open ones by deadline, ended and imported ones newest first."""

    open: list[MatterLine]
    ended: list[MatterLine]
    imported: list[MatterLine]


class Deciding(msgspec.Struct, frozen=True):
    """A chapter and what it decides next."""

    chapter: ChapterLine
    open_count: int
    matters: list[MatterLine]


_FURTHER_TITLES = """
    CASE WHEN m.languages <> '' THEN ARRAY(
        SELECT w.bytes FROM generate_series(0, length(m.also) / 32 - 1, m.options + 2) AS n
        LEFT JOIN record.content w ON w.log = m.log AND w.hash = substr(m.also, n * 32 + 1, 32)
        ORDER BY n
    ) END
"""
FURTHER = f"m.languages, m.also AS also_hashes, {_FURTHER_TITLES} AS titles"
"""The further languages of a proposal (`m`) and its titles in them, for `further_titles`."""
TITLE_FIELDS = f"""
    m.lang, m.options, m.title, tn.bytes, tn.erased_by, m.languages, m.also, {_FURTHER_TITLES}
"""
"""The title of a proposal (`m`, its content `tn`) in all its languages, for `titles_of`."""
LINE_COLUMNS = f"""
    m.log, m.id, m.phase, m.phase_since, m.phase_until, m.author, m.lang, m.version, m.options,
    m.secrecy, m.supports, m.support_least, m.support_share, c.active AS chapter_active, m.pro,
    m.con, m.comments, m.statements, m.voices, m.tasks, m.cards, m.election, m.outcome, m.source,
    m.created, m.ended, m.closed, m.active_at, m.entry, m.title, tn.bytes, tn.erased_by,
    (SELECT s.signed FROM view.entry s WHERE s.log = m.log AND s.index = m.entry) AS line_signed,
    {FURTHER},
    CASE WHEN tn.erased_by >= 0 THEN (
        SELECT ROW(y.at, x.role, x.reason) FROM view.erased x
        JOIN view.entry y ON y.log = x.log AND y.index = x.entry
        WHERE x.log = m.log AND x.hash = m.title
    ) END AS title_erased
"""  # noqa: S608
LINE_TABLES = """
    JOIN view.chapter c ON c.log = m.log
    LEFT JOIN record.content tn ON tn.log = m.log AND tn.hash = m.title
"""
LINE_WIDTH = 37
_OPEN = "m.phase IN ('support', 'discussion', 'notice', 'vote')"

# The limit comes before the joins: a plan that read more of a table than a page needs would not
# show in a small one.
_OPEN_MATTERS = f"""
    (SELECT {LINE_COLUMNS} FROM (
        SELECT * FROM view.matter m WHERE m.log = :log AND {_OPEN}
        AND (m.phase_until, m.id) > (:until, :after) ORDER BY m.phase_until, m.id LIMIT :limit
    ) AS m {LINE_TABLES} ORDER BY m.phase_until, m.id)
"""  # noqa: S608
_ENDED_MATTERS = f"""
    (SELECT {LINE_COLUMNS} FROM (
        SELECT * FROM view.matter m WHERE m.log = :log AND m.closed < :closed
        ORDER BY m.closed DESC LIMIT :ended OFFSET :skipped
    ) AS m {LINE_TABLES} ORDER BY m.closed DESC)
"""  # noqa: S608
_IMPORTED_MATTERS = f"""
    (SELECT {LINE_COLUMNS} FROM (
        SELECT * FROM view.matter m WHERE m.log = :log AND m.phase = 'imported'
        AND m.entry < :entry ORDER BY m.entry DESC LIMIT :imported
    ) AS m {LINE_TABLES} ORDER BY m.entry DESC)
"""  # noqa: S608
_CURSORS = (
    bindparam("until", type_=Integer),
    bindparam("closed", type_=BigInteger),
    bindparam("entry", type_=BigInteger),
)
_MATTERS = text(
    f"{_OPEN_MATTERS} UNION ALL {_ENDED_MATTERS} UNION ALL {_IMPORTED_MATTERS}"
).bindparams(*_CURSORS)
_OPEN_ONLY = text(_OPEN_MATTERS).bindparams(_CURSORS[0])
_ENDED_ONLY = text(_ENDED_MATTERS).bindparams(_CURSORS[1])
_IMPORTED_ONLY = text(_IMPORTED_MATTERS).bindparams(_CURSORS[2])
_DECIDING = text(
    f"""
    SELECT {LINE_COLUMNS}, counted.open FROM view.chapter c
    CROSS JOIN LATERAL (
        SELECT count(*) AS open FROM view.matter m WHERE m.log = c.log AND {_OPEN}
    ) AS counted
    CROSS JOIN LATERAL (
        SELECT * FROM view.matter m WHERE m.log = c.log AND {_OPEN}
        ORDER BY m.phase_until, m.id LIMIT :each
    ) AS m
    LEFT JOIN record.content tn ON tn.log = m.log AND tn.hash = m.title
    ORDER BY m.log, m.phase_until, m.id
    """  # noqa: S608
)
_NETWORK = text(
    f"""
    SELECT {CHAPTER_COLUMNS} FROM {CHAPTER_TABLES}
    WHERE :all OR EXISTS (
        SELECT FROM unnest(:members) AS g JOIN view.member m ON m.id = g
        WHERE m.log = c.log AND m.state = 'active')
    ORDER BY c.founded, c.log
    """  # noqa: S608
).bindparams(bindparam("all", type_=Boolean), bindparam("members", type_=ARRAY(TextType)))
_MANY = 2**62


async def network(db: Reading, each: int = 3, of: list[str] | None = None) -> list[Deciding]:
    """Return all chapters on this node with what each decides next (two queries).

    `of` are ids of members: then it is the chapters in which one of them is present.
    """
    values = {"all": of is None, "members": of or []}
    chapters = [chapter_line(row) for row in await db.execute(_NETWORK, values)]
    matters: dict[int, list[MatterLine]] = {}
    counts: dict[int, int] = {}
    for row in await db.execute(_DECIDING, {"each": each}):
        matters.setdefault(row.log, []).append(matter_line(row))
        counts[row.log] = row.open
    return [Deciding(one, counts.get(one.log, 0), matters.get(one.log, [])) for one in chapters]


async def matters(
    db: Reading,
    log: int,
    *,
    limit: int = PAGE,
    ended: int = 10,
    imported: int = 5,
    skipped: int = 0,
) -> Matters:
    """Return the first matters of each sort, of ended ones those behind some (`skipped`)."""
    values = {"log": log, "until": -1, "after": "", "closed": _MANY, "entry": _MANY}
    values |= {"limit": limit, "ended": ended, "imported": imported, "skipped": skipped}
    found = Matters([], [], [])
    for row in await fetch(db, _MATTERS, values):
        line = matter_line(row)
        sort = {"imported": found.imported}.get(line.phase)
        if sort is None:
            sort = found.open if line.closed is None else found.ended
        sort.append(line)
    return found


async def open_matters(
    db: Reading, log: int, after: tuple[int, str] | None = None, limit: int = PAGE
) -> list[MatterLine]:
    """Return open matters by deadline, after a cursor (`phase_until`, `id`)."""
    until, own_id = after or (-1, "")
    values = {"log": log, "until": until, "after": own_id, "limit": limit}
    return [matter_line(row) for row in await db.execute(_OPEN_ONLY, values)]


async def ended_matters(
    db: Reading, log: int, before: int | None = None, limit: int = PAGE
) -> list[MatterLine]:
    """Return decided, lapsed and withdrawn matters, newest first, before a cursor (`closed`)."""
    values = {"log": log, "closed": _MANY if before is None else before, "ended": limit}
    values |= {"skipped": 0}
    return [matter_line(row) for row in await db.execute(_ENDED_ONLY, values)]


async def imported_matters(
    db: Reading, log: int, before: int | None = None, limit: int = PAGE
) -> list[MatterLine]:
    """Return imported conversations, newest first, before a cursor (`entry`)."""
    values = {"log": log, "entry": _MANY if before is None else before, "imported": limit}
    return [matter_line(row) for row in await db.execute(_IMPORTED_ONLY, values)]


def matter_line(row: Any) -> MatterLine:
    """Return the matter of a row that begins with the columns of a line."""
    least, share, active = row[11:14]
    # As in the rules (deliberation.state.support_needed).
    needed = max(1, min(active, max(least, -(-share * active // 1000))))
    title = text_of(row[29], row[30], row[31], row[36])
    fields: Any = (*row[:2], title, *row[2:11], needed, *row[14:29], bool(row[32]))
    return MatterLine(*(*fields, *further_titles(row[8], *row[33:36])))


class Titles(NamedTuple):
    """A title in the language that binds, first, and in all others in which it is there."""

    languages: tuple[str, ...]
    titles: tuple[Text, ...]


def titles_of(row: Any) -> Titles:
    """Return the title of a row that is `TITLE_FIELDS`."""
    languages, titles = further_titles(row[1], *row[5:8])
    return Titles((row[0], *languages), (text_of(*row[2:5]), *titles))


def further_titles(
    options: int, languages: str, hashes: bytes, titles: list[bytes | None] | None
) -> tuple[tuple[str, ...], tuple[Text, ...]]:
    """Return the further languages of a proposal, and its titles in them."""
    if titles is None:
        return (), ()
    step = (options + 2) * 32
    found = (text_of(hashes[n * step : n * step + 32], raw, None) for n, raw in enumerate(titles))
    return tuple(languages.split()), tuple(found)
