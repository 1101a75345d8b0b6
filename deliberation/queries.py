"""What pages and the API read of matters: lists, one matter with all that belongs to it."""

from typing import Any, Final

import msgspec
from sqlalchemy import ARRAY, BigInteger, Boolean, Integer, bindparam, text
from sqlalchemy import Text as TextType

from chapters.bylaws import Bylaws, Change
from chapters.queries import (
    CHAPTER_COLUMNS,
    CHAPTER_TABLES,
    CHAPTER_WIDTH,
    ChapterLine,
    chapter_line,
)
from chapters.tables import read_bylaws
from civic.kernel.database import Reading
from civic.kernel.record.adoption import Adoption
from civic.kernel.record.shown import Text, name_of, text_of
from deliberation.entries import Appointment, Measure

PAGE: Final = 50
"""Matters on one page."""


class MatterLine(msgspec.Struct, frozen=True):
    """A matter in a list. Times are minutes; `needed` is how many supports it needs at present.

    `phase_until` and `id` are the cursor among open matters, `closed` is that among ended ones,
    `entry` that among imported ones.
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


class PhaseMark(msgspec.Struct, frozen=True):
    """A change of phase at an entry, with the deadline set then; `extended` puts one off."""

    phase: str
    at: int
    until: int | None
    entry: int


class VersionLine(msgspec.Struct, frozen=True):
    """A version of a text."""

    number: int
    at: int
    entry: int


class Task(msgspec.Struct, frozen=True):
    """A task after a decision; `done` is when it was done."""

    id: str
    matter: str
    words: Text
    at: int
    until: int
    done: int | None
    entry: int


class TaskDue(msgspec.Struct, frozen=True):
    """A task that is not done yet, with the title of its matter."""

    task: Task
    title: Text


class Card(msgspec.Struct, frozen=True):
    """An outcome card."""

    id: str
    matter: str
    result: str
    again: str
    expected: Text
    happened: Text
    at: int
    entry: int


class CardLine(msgspec.Struct, frozen=True):
    """An outcome card with the title of its matter."""

    card: Card
    title: Text


class Concerned(msgspec.Struct, frozen=True):
    """Whom a measure concerns: the member, their name, and the office it would end."""

    member: str
    name: Text | None
    role: str | None


class MatterView(msgspec.Struct, frozen=True):
    """A matter with its texts, the bylaws that govern it, its phases, tasks and outcome cards.

    `name` is the display name of the author and `member` their id, if they gave their name;
    `supported` tells whether the voice that was asked for supports it; `spoke` whether it spoke.
    """

    line: MatterLine
    chapter: ChapterLine
    log_id: str
    text: Text
    labels: tuple[Text, ...]
    changes: tuple[Change, ...]
    appointment: Appointment | None
    appointee: Text | None
    rules: Adoption | None
    measure: Measure | None
    concerned: Concerned | None
    bylaws: Bylaws
    bylaws_number: int
    voices_tied: int
    rows_tied: int
    winners: tuple[int, ...]
    kept_field: str | None
    member: str | None
    name: Text | None
    supported: bool
    spoke: bool
    timeline: tuple[PhaseMark, ...]
    versions: tuple[VersionLine, ...]
    tasks: tuple[Task, ...]
    cards: tuple[Card, ...]


class Recent(msgspec.Struct, frozen=True):
    """A recent act of a person (never the node), with the title of its matter."""

    index: int
    kind: str
    at: int
    role: str
    by_id: str
    matter: str | None
    title: Text | None


class OldText(msgspec.Struct, frozen=True):
    """One version of a proposal's text."""

    line: VersionLine
    title: Text
    text: Text
    labels: tuple[Text, ...]


_LINE = """
    m.log, m.id, m.phase, m.phase_since, m.phase_until, m.author, m.lang, m.version, m.options,
    m.secrecy, m.supports, m.support_least, m.support_share, c.active AS chapter_active, m.pro,
    m.con, m.comments, m.statements, m.voices, m.tasks, m.cards, m.election, m.outcome, m.source,
    m.created, m.ended, m.closed, m.active_at, m.entry, m.title, tn.bytes, tn.erased_by,
    (SELECT s.signed FROM view.entry s WHERE s.log = m.log AND s.index = m.entry) AS line_signed
"""
_LINE_TABLES = """
    JOIN view.chapter c ON c.log = m.log
    LEFT JOIN record.content tn ON tn.log = m.log AND tn.hash = m.title
"""
_LINE_WIDTH = 33
_OPEN = "m.phase IN ('support', 'discussion', 'notice', 'vote')"

# The limit comes before the joins: a plan that read more of a table than a page needs would not
# show in a small one.
_OPEN_MATTERS = f"""
    (SELECT {_LINE} FROM (
        SELECT * FROM view.matter m WHERE m.log = :log AND {_OPEN}
        AND (m.phase_until, m.id) > (:until, :after) ORDER BY m.phase_until, m.id LIMIT :limit
    ) AS m {_LINE_TABLES} ORDER BY m.phase_until, m.id)
"""  # noqa: S608
_ENDED_MATTERS = f"""
    (SELECT {_LINE} FROM (
        SELECT * FROM view.matter m WHERE m.log = :log AND m.closed < :closed
        ORDER BY m.closed DESC LIMIT :ended
    ) AS m {_LINE_TABLES} ORDER BY m.closed DESC)
"""  # noqa: S608
_IMPORTED_MATTERS = f"""
    (SELECT {_LINE} FROM (
        SELECT * FROM view.matter m WHERE m.log = :log AND m.phase = 'imported'
        AND m.entry < :entry ORDER BY m.entry DESC LIMIT :imported
    ) AS m {_LINE_TABLES} ORDER BY m.entry DESC)
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
    SELECT {_LINE}, counted.open FROM view.chapter c
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
_TASK = "t.id, t.matter, t.at, t.until, t.done, t.entry, t.words, w.bytes, w.erased_by"
_CARD = """
    k.id, k.matter, k.result, k.again, k.at, k.entry, k.expected, x.bytes, x.erased_by,
    k.happened, h.bytes, h.erased_by
"""
_CARD_TEXTS = """
    LEFT JOIN record.content x ON x.log = k.log AND x.hash = k.expected
    LEFT JOIN record.content h ON h.log = k.log AND h.hash = k.happened
"""
_MATTER = text(
    f"""
    SELECT {_LINE}, {CHAPTER_COLUMNS}, c.log_id, m.text, b.bytes, b.erased_by,
        ARRAY(
            SELECT ROW(label.hash, w.bytes, w.erased_by)
            FROM generate_series(1, m.options) AS n
            CROSS JOIN LATERAL (SELECT substr(m.labels, n * 32 - 31, 32) AS hash) AS label
            LEFT JOIN record.content w ON w.log = m.log AND w.hash = label.hash
            ORDER BY n
        ),
        m.changes, m.appointment, a.name, an.bytes, an.erased_by, m.rules, m.measure,
        q.id, q.name, qn.bytes, qn.erased_by, mo.role, v.bylaws, m.bylaws_number,
        m.voices_tied, m.rows_tied, m.winners, m.kept_field,
        g.member, p.name, pn.bytes, pn.erased_by, coalesce(s.active, false), o.voice IS NOT NULL,
        ARRAY(
            SELECT ROW(t.phase, t.at, t.until, t.entry) FROM view.timeline t
            WHERE t.log = m.log AND t.matter = m.id ORDER BY t.entry
        ),
        ARRAY(
            SELECT ROW(n.number, n.at, n.entry) FROM view.version n
            WHERE n.log = m.log AND n.matter = m.id ORDER BY n.number
        ),
        ARRAY(
            SELECT ROW({_TASK}) FROM view.task t
            LEFT JOIN record.content w ON w.log = t.log AND w.hash = t.words
            WHERE t.log = m.log AND t.matter = m.id ORDER BY t.until, t.entry
        ),
        ARRAY(
            SELECT ROW({_CARD}) FROM view.card k {_CARD_TEXTS}
            WHERE k.log = m.log AND k.matter = m.id ORDER BY k.entry
        )
    FROM {CHAPTER_TABLES}
    JOIN view.matter m ON m.log = c.log
    JOIN view.bylaws_version v ON v.log = m.log AND v.number = m.bylaws_number
    LEFT JOIN record.content tn ON tn.log = m.log AND tn.hash = m.title
    LEFT JOIN record.content b ON b.log = m.log AND b.hash = m.text
    LEFT JOIN view.member a ON a.log = m.log AND a.id = CAST(m.appointment AS json) ->> 'member'
    LEFT JOIN record.content an ON an.log = a.log AND an.hash = a.name
    LEFT JOIN view.office mo ON mo.log = m.log AND mo.id = CAST(m.measure AS json) ->> 'of'
    LEFT JOIN view.suspension ms ON ms.log = m.log AND ms.id = CAST(m.measure AS json) ->> 'of'
    LEFT JOIN view.member q ON q.log = m.log
        AND q.id = coalesce(mo.member, ms.member, CAST(m.measure AS json) ->> 'of')
    LEFT JOIN record.content qn ON qn.log = q.log AND qn.hash = q.name
    LEFT JOIN view.name_given g ON g.log = m.log AND g.matter = m.id AND g.voice = m.author
    LEFT JOIN view.member p ON p.log = g.log AND p.id = g.member
    LEFT JOIN record.content pn ON pn.log = p.log AND pn.hash = p.name
    LEFT JOIN view.support s ON s.log = m.log AND s.matter = m.id AND s.voice = :voice
    LEFT JOIN view.voice o ON o.log = m.log AND o.matter = m.id AND o.voice = :voice
    WHERE c.chapter_id = :chapter_id AND m.id = :id
    """  # noqa: S608
).bindparams(bindparam("voice", type_=TextType))
_VERSION = text(
    """
    SELECT n.number, n.at, n.entry, n.title, x.bytes, x.erased_by, n.text, y.bytes, y.erased_by,
        ARRAY(
            SELECT ROW(label.hash, w.bytes, w.erased_by)
            FROM generate_series(1, length(n.labels) / 32) AS i
            CROSS JOIN LATERAL (SELECT substr(n.labels, i * 32 - 31, 32) AS hash) AS label
            LEFT JOIN record.content w ON w.log = n.log AND w.hash = label.hash
            ORDER BY i
        )
    FROM view.version n
    LEFT JOIN record.content x ON x.log = n.log AND x.hash = n.title
    LEFT JOIN record.content y ON y.log = n.log AND y.hash = n.text
    WHERE n.log = :log AND n.matter = :matter AND n.number = :number
    """
)
_DUE = text(
    f"""
    SELECT {_TASK}, m.title, tn.bytes, tn.erased_by FROM (
        SELECT * FROM view.task WHERE log = :log AND done IS NULL
        ORDER BY until, id LIMIT :limit
    ) AS t
    JOIN view.matter m ON m.log = t.log AND m.id = t.matter
    LEFT JOIN record.content w ON w.log = t.log AND w.hash = t.words
    LEFT JOIN record.content tn ON tn.log = m.log AND tn.hash = m.title
    ORDER BY t.until, t.id
    """  # noqa: S608
)
_CARDS = text(
    f"""
    SELECT {_CARD}, m.title, tn.bytes, tn.erased_by FROM (
        SELECT * FROM view.card WHERE log = :log ORDER BY entry DESC LIMIT :limit
    ) AS k
    JOIN view.matter m ON m.log = k.log AND m.id = k.matter {_CARD_TEXTS}
    LEFT JOIN record.content tn ON tn.log = m.log AND tn.hash = m.title
    ORDER BY k.entry DESC
    """  # noqa: S608
)
_RECENT = text(
    """
    SELECT e.index, e.kind, e.at, e.role, e.by_id, e.matter, m.title, tn.bytes, tn.erased_by
    FROM (
        SELECT * FROM view.entry WHERE log = :log ORDER BY index DESC LIMIT :among
    ) AS e
    LEFT JOIN view.matter m ON m.log = e.log AND m.id = e.matter
    LEFT JOIN record.content tn ON tn.log = m.log AND tn.hash = m.title
    WHERE e.role <> 'node' ORDER BY e.index DESC LIMIT :limit
    """
)
_MANY = 2**62


_NETWORK = text(
    f"""
    SELECT {CHAPTER_COLUMNS} FROM {CHAPTER_TABLES}
    WHERE :all OR EXISTS (
        SELECT FROM unnest(:members) AS g JOIN view.member m ON m.id = g
        WHERE m.log = c.log AND m.state = 'active')
    ORDER BY c.founded, c.log
    """  # noqa: S608
).bindparams(bindparam("all", type_=Boolean), bindparam("members", type_=ARRAY(TextType)))


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
    db: Reading, log: int, *, limit: int = PAGE, ended: int = 10, imported: int = 5
) -> Matters:
    """Return the first matters of each sort, for the chapter's page."""
    values = {"log": log, "until": -1, "after": "", "closed": _MANY, "entry": _MANY}
    values |= {"limit": limit, "ended": ended, "imported": imported}
    found = Matters([], [], [])
    for row in await db.execute(_MATTERS, values):
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
    return [matter_line(row) for row in await db.execute(_ENDED_ONLY, values)]


async def imported_matters(
    db: Reading, log: int, before: int | None = None, limit: int = PAGE
) -> list[MatterLine]:
    """Return imported conversations, newest first, before a cursor (`entry`)."""
    values = {"log": log, "entry": _MANY if before is None else before, "imported": limit}
    return [matter_line(row) for row in await db.execute(_IMPORTED_ONLY, values)]


async def matter(
    db: Reading, chapter_id: str, matter_id: str, voice: str | None = None
) -> MatterView | None:
    """Return a matter of a chapter, and whether `voice` supports it or spoke, or None."""
    values = {"chapter_id": chapter_id, "id": matter_id, "voice": voice}
    row = (await db.execute(_MATTER, values)).one_or_none()
    if row is None:
        return None
    chapter = row[_LINE_WIDTH : _LINE_WIDTH + CHAPTER_WIDTH]
    rest = row[_LINE_WIDTH + CHAPTER_WIDTH :]
    appointment = rest[6] and msgspec.json.decode(rest[6], type=Appointment)
    fields = (
        rest[0],
        text_of(*rest[1:4]),
        tuple(text_of(*label) for label in rest[4]),
        msgspec.json.decode(rest[5], type=tuple[Change, ...]),
        appointment,
        name_of(*rest[7:10]),
        rest[10] and msgspec.json.decode(rest[10], type=Adoption),
        rest[11] and msgspec.json.decode(rest[11], type=Measure),
        rest[12] and Concerned(rest[12], name_of(*rest[13:16]), rest[16]),
        read_bylaws(rest[17]),
        *rest[18:21],
        msgspec.json.decode(rest[21], type=tuple[int, ...]),
        *rest[22:24],
        name_of(*rest[24:27]),
        *rest[27:29],
        tuple(PhaseMark(*one) for one in rest[29]),
        tuple(VersionLine(*one) for one in rest[30]),
        tuple(_task(one) for one in rest[31]),
        tuple(_card(one) for one in rest[32]),
    )
    return MatterView(matter_line(row), chapter_line(chapter), *fields)


async def version(db: Reading, log: int, matter_id: str, number: int) -> OldText | None:
    """Return one version of a proposal's text, or None if there is none of this number."""
    values = {"log": log, "matter": matter_id, "number": number}
    row = (await db.execute(_VERSION, values)).one_or_none()
    if row is None:
        return None
    labels = tuple(text_of(*label) for label in row[9])
    return OldText(VersionLine(*row[:3]), text_of(*row[3:6]), text_of(*row[6:9]), labels)


async def tasks_due(db: Reading, log: int, limit: int = 10) -> list[TaskDue]:
    """Return the tasks that are not done, the earliest first."""
    rows = await db.execute(_DUE, {"log": log, "limit": limit})
    return [TaskDue(_task(row), text_of(*row[9:12])) for row in rows]


async def cards(db: Reading, log: int, limit: int = 10) -> list[CardLine]:
    """Return the latest outcome cards."""
    rows = await db.execute(_CARDS, {"log": log, "limit": limit})
    return [CardLine(_card(row), text_of(*row[12:15])) for row in rows]


async def recent(db: Reading, log: int, limit: int = 12, among: int = 300) -> list[Recent]:
    """Return what people did last, looking at the last `among` entries only."""
    rows = await db.execute(_RECENT, {"log": log, "limit": limit, "among": among})
    found = []
    for row in rows:
        fields = (*row[:6], name_of(*row[6:9]))
        found.append(Recent(*fields))
    return found


def matter_line(row: Any) -> MatterLine:
    """Return the matter of a row that begins with the columns of a line."""
    least, share, active = row[11:14]
    # As in the rules (deliberation.state.support_needed).
    needed = max(1, min(active, max(least, -(-share * active // 1000))))
    title = text_of(*row[29:32])
    return MatterLine(*(*row[:2], title, *row[2:11], needed, *row[14:29], bool(row[32])))


def _task(row: Any) -> Task:
    own_id, matter_id, at, until, done, entry = row[:6]
    return Task(own_id, matter_id, text_of(*row[6:9]), at, until, done, entry)


def _card(row: Any) -> Card:
    expected, happened = text_of(*row[6:9]), text_of(*row[9:12])
    return Card(*(*row[:4], expected, happened, *row[4:6]))
