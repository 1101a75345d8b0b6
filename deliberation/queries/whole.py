"""What pages and the API read of one matter: all that belongs to it, and its older texts."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Text as TextType
from sqlalchemy import bindparam, text

from chapters.bylaws import Bylaws, Change
from chapters.queries import (
    CHAPTER_COLUMNS,
    CHAPTER_TABLES,
    CHAPTER_WIDTH,
    ChapterLine,
    chapter_line,
)
from chapters.tables import read_bylaws
from civic.kernel.database import Reading, fetch
from civic.kernel.record.adoption import Adoption
from civic.kernel.record.shown import Text, name_of, text_of
from deliberation.entries import Appointment, Measure
from deliberation.moderation.queries import HIDDEN_NOTES, HiddenNote
from deliberation.queries.afterwards import (
    CARD_COLUMNS,
    CARD_TEXTS,
    TASK_COLUMNS,
    Card,
    Task,
    card_of,
    task_of,
)
from deliberation.queries.lists import LINE_COLUMNS, LINE_WIDTH, MatterLine, matter_line


class PhaseMark(msgspec.Struct, frozen=True):
    """A change of phase at an entry, with the deadline set then; `extended` puts one off."""

    phase: str
    at: int
    until: int | None
    entry: int


class VersionLine(msgspec.Struct, frozen=True):
    """A version of a text; `reason` is what its author gave as why it changed, if they did."""

    number: int
    at: int
    entry: int
    reason: Text | None = None


class Concerned(msgspec.Struct, frozen=True):
    """Whom a measure concerns: the member, their name, and the office it would end."""

    member: str
    name: Text | None
    role: str | None


class Wording(msgspec.Struct, frozen=True):
    """A title, a text and the labels of options in one language."""

    lang: str
    title: Text
    text: Text
    labels: tuple[Text, ...]


class MatterView(msgspec.Struct, frozen=True):
    """A matter with its texts, the bylaws that govern it, its phases, tasks and outcome cards.

    `name` is the display name of the author and `member` their id, if they gave their name;
    `supported` tells whether the voice that was asked for supports it; `spoke` whether it spoke.
    Title, text and labels are in the language that binds, `also` has those in further ones;
    `hidden` tells of words in the matter that are not shown now.
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
    also: tuple[Wording, ...] = ()
    hidden: tuple[HiddenNote, ...] = ()


class OldText(msgspec.Struct, frozen=True):
    """One version of a proposal's text."""

    line: VersionLine
    title: Text
    text: Text
    labels: tuple[Text, ...]
    also: tuple[Wording, ...] = ()


_FURTHER = """
    CASE WHEN {0}.languages <> '' THEN ARRAY(
        SELECT ROW(h.hash, w.bytes, w.erased_by)
        FROM generate_series(0, length({0}.also) / 32 - 1) AS place
        CROSS JOIN LATERAL (SELECT substr({0}.also, place * 32 + 1, 32) AS hash) AS h
        LEFT JOIN record.content w ON w.log = {0}.log AND w.hash = h.hash
        ORDER BY place
    ) END
"""
_MATTER = text(
    f"""
    SELECT {LINE_COLUMNS}, {CHAPTER_COLUMNS}, c.log_id, m.text, b.bytes, b.erased_by,
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
            SELECT ROW(n.number, n.at, n.entry, n.reason, w.bytes, w.erased_by)
            FROM view.version n
            LEFT JOIN record.content w ON w.log = n.log AND w.hash = n.reason
            WHERE n.log = m.log AND n.matter = m.id ORDER BY n.number
        ),
        ARRAY(
            SELECT ROW({TASK_COLUMNS}) FROM view.task t
            LEFT JOIN record.content w ON w.log = t.log AND w.hash = t.words
            WHERE t.log = m.log AND t.matter = m.id ORDER BY t.until, t.entry
        ),
        ARRAY(
            SELECT ROW({CARD_COLUMNS}) FROM view.card k {CARD_TEXTS}
            WHERE k.log = m.log AND k.matter = m.id ORDER BY k.entry
        ),
        {_FURTHER.format("m")}, {HIDDEN_NOTES}
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
    f"""
    SELECT n.number, n.at, n.entry, n.title, x.bytes, x.erased_by, n.text, y.bytes, y.erased_by,
        ARRAY(
            SELECT ROW(label.hash, w.bytes, w.erased_by)
            FROM generate_series(1, length(n.labels) / 32) AS i
            CROSS JOIN LATERAL (SELECT substr(n.labels, i * 32 - 31, 32) AS hash) AS label
            LEFT JOIN record.content w ON w.log = n.log AND w.hash = label.hash
            ORDER BY i
        ),
        n.languages, {_FURTHER.format("n")}, n.reason, z.bytes, z.erased_by
    FROM view.version n
    LEFT JOIN record.content x ON x.log = n.log AND x.hash = n.title
    LEFT JOIN record.content y ON y.log = n.log AND y.hash = n.text
    LEFT JOIN record.content z ON z.log = n.log AND z.hash = n.reason
    WHERE n.log = :log AND n.matter = :matter AND n.number = :number
    """  # noqa: S608
)


async def matter(
    db: Reading, chapter_id: str, matter_id: str, voice: str | None = None
) -> MatterView | None:
    """Return a matter of a chapter, and whether `voice` supports it or spoke, or None."""
    values = {"chapter_id": chapter_id, "id": matter_id, "voice": voice}
    rows = await fetch(db, _MATTER, values)
    if not rows:
        return None
    row = rows[0]
    chapter = row[LINE_WIDTH : LINE_WIDTH + CHAPTER_WIDTH]
    rest = row[LINE_WIDTH + CHAPTER_WIDTH :]
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
        tuple(VersionLine(*(*one[:3], name_of(*one[3:6]))) for one in rest[30]),
        tuple(task_of(one) for one in rest[31]),
        tuple(card_of(one) for one in rest[32]),
    )
    line = matter_line(row)
    also = _wordings(line.languages, rest[33])
    hidden = tuple(HiddenNote(*one) for one in rest[34])
    return MatterView(*(line, chapter_line(chapter), *fields, also, hidden))


def _wordings(languages: Sequence[str], texts: list[Any] | None) -> tuple[Wording, ...]:
    if texts is None:
        return ()
    size = len(texts) // len(languages)
    found = []
    for n, lang in enumerate(languages):
        title, body, *labels = (text_of(*one) for one in texts[n * size : (n + 1) * size])
        found.append(Wording(lang, title, body, tuple(labels)))
    return tuple(found)


async def version(db: Reading, log: int, matter_id: str, number: int) -> OldText | None:
    """Return one version of a proposal's text, or None if there is none of this number."""
    values = {"log": log, "matter": matter_id, "number": number}
    row = (await db.execute(_VERSION, values)).one_or_none()
    if row is None:
        return None
    labels = tuple(text_of(*label) for label in row[9])
    title, body = text_of(*row[3:6]), text_of(*row[6:9])
    line = VersionLine(*(*row[:3], name_of(*row[12:15])))
    return OldText(line, title, body, labels, _wordings(row[10].split(), row[11]))
