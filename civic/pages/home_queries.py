"""What the start page asks of a reader's own chapters, all at once."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import ARRAY, Integer, Text, bindparam, text

from chapters.queries import CHAPTER_COLUMNS, CHAPTER_WIDTH, ChapterLine, chapter_line
from chapters.tables import read_bylaws
from civic.kernel.database import Reading
from civic.kernel.record.shown import Text as Words
from civic.kernel.record.shown import text_of
from civic.pages.wordings import title_for_reader
from deliberation.queries import TITLE_FIELDS, MatterLine, titles_of
from deliberation.queries.lists import LINE_COLUMNS, LINE_TABLES, matter_line

EACH: Final = 12
"""Open matters of each chapter that are looked at: votes, then what closes soonest."""
NEWS: Final = 12
"""What changed in each chapter, the latest."""
_AMONG: Final = 80
"""The latest changes of phase among which news are looked for."""


class Held(msgspec.Struct, frozen=True):
    """An office that the reader holds, until a minute."""

    id: str
    role: str
    until: int


class Due(msgspec.Struct, frozen=True):
    """A task that an office of the reader set and that is due, or a decision without a card.

    `until` is the day it is due, or the minute of the decision.
    """

    matter: str
    words: Words
    until: int


class Pending(msgspec.Struct, frozen=True):
    """A suspension that is not over, as far as it may wait for somebody in office.

    `asked_by` and `agreed_by` are members, `asked_as` the office of the first; `judged` tells
    whether the reader has judged the appeal.
    """

    asked_by: str
    asked_as: str
    agreed_by: str | None
    begun: int | None
    appealed: int | None
    judged: bool


class Hidden(msgspec.Struct, frozen=True):
    """Words that an office hid, while that is not settled: what voice wrote them, in what matter.

    `until` ends the time to appeal or, when `appealed`, to judge; `judges` tells whether the reader
    is one of those who can.
    """

    id: str
    matter: str
    author: str
    until: int
    appealed: bool
    judges: bool


class Changed(msgspec.Struct, frozen=True):
    """What changed in a matter: it came (`support`), was decided or lapsed, or has a `card`.

    `state` is the outcome of a decision or the result that a card tells.
    """

    at: int
    matter: str
    what: str
    state: str | None
    options: int
    title: Words


class OwnChapter(msgspec.Struct, frozen=True):
    """One chapter in which the reader has a place, with what may wait for them there.

    Times are minutes. `cases` are the tags of members who ask to be verified, `lost_keys` requests
    for members whose key is lost, as tag and sealed bytes; `disputes` counts levels of others that
    verifiers decide about; `hidden` are words whose hiding is not settled; `levels` are the
    reader's own terms as (way, until), `challenge` how a dispute about their level stands,
    `suspended` until when they are suspended and whether they appealed. What only members may see
    is empty for all others.
    """

    chapter: ChapterLine
    me: str
    state: str
    forming_until: int | None
    founders_needed: int
    confirmed: bool
    applied: int
    offices: tuple[Held, ...]
    pending: tuple[Pending, ...]
    cases: tuple[bytes, ...]
    lost_keys: tuple[tuple[bytes, bytes], ...]
    disputes: int
    hidden: tuple[Hidden, ...]
    levels: tuple[tuple[str, int], ...]
    challenge: tuple[str, int | None] | None
    suspended: tuple[int, bool] | None
    tasks: tuple[Due, ...]
    cards: tuple[Due, ...]
    open_count: int
    matters: tuple[MatterLine, ...]
    changed: tuple[Changed, ...]

    def holds(self, *roles: str) -> bool:
        """Tell whether the reader holds an office of one of these roles."""
        return any(one.role in roles for one in self.offices)


_OPEN = "mm.log = me.log AND mm.phase IN ('support', 'discussion', 'notice', 'vote')"
_HELD = """
    EXISTS (SELECT FROM view.office o WHERE o.log = me.log AND o.member = me.id
        AND o.ended IS NULL AND o.role = ANY(:{roles}))
"""
_OWN: Final = text(
    f"""
    SELECT {CHAPTER_COLUMNS}, me.id, me.state, c.forming_until, c.bylaws,
        EXISTS (SELECT FROM view.confirmation f WHERE f.log = me.log AND f.member = me.id),
        c.applied, ARRAY(
            SELECT ROW(o.id, o.role, o.until) FROM view.office o
            WHERE o.log = me.log AND o.member = me.id AND o.ended IS NULL ORDER BY o.since, o.id
        ), ARRAY(
            SELECT ROW(a.member, a.role, g.member, s.begun, s.appealed, EXISTS (
                SELECT FROM view.judgement j
                JOIN view.office own ON own.log = j.log AND own.id = j.office
                WHERE j.log = s.log AND j.suspension = s.id AND own.member = me.id
            ))
            FROM view.suspension s
            JOIN view.office a ON a.log = s.log AND a.id = s.asked_by
            LEFT JOIN view.office g ON g.log = s.log AND g.id = s.agreed_by
            WHERE s.log = me.log AND s.ended IS NULL AND {_HELD.format(roles="suspending")}
            ORDER BY s.asked, s.id LIMIT 20
        ), ARRAY(
            SELECT v.member_tag FROM private.verify_case v
            WHERE v.log = me.log AND v.day > :cases AND {_HELD.format(roles="verifying")}
            ORDER BY v.day, v.hash LIMIT 50
        ), ARRAY(
            SELECT ROW(q.tag, q.sealed) FROM private.key_request q
            WHERE q.log = me.log AND {_HELD.format(roles="verifying")}
        ), (
            SELECT count(*) FROM view.dispute d
            WHERE d.log = me.log AND d.ended IS NULL AND d.stage IN ('open', 'appealed')
                AND d.member <> me.id AND {_HELD.format(roles="verifying")}
        ), ARRAY(
            SELECT ROW(h.id, h.matter, h.author, h.until, h.appealed IS NOT NULL,
                h.appealed IS NOT NULL AND o.member <> me.id AND {_HELD.format(roles="suspending")}
                AND NOT EXISTS (
                    SELECT FROM view.hiding_judgement j
                    JOIN view.office own ON own.log = j.log AND own.id = j.office
                    WHERE j.log = h.log AND j.hiding = h.id AND own.member = me.id
                ))
            FROM (
                SELECT * FROM view.hiding hh WHERE hh.log = me.log AND hh.ended IS NULL
                ORDER BY hh.until, hh.id LIMIT 100
            ) AS h
            JOIN view.office o ON o.log = h.log AND o.id = h.office
            ORDER BY h.until, h.id
        ), ARRAY(
            SELECT ROW(t.way, t.until) FROM view.level_term t
            WHERE t.log = me.log AND t.member = me.id AND t.ended IS NULL ORDER BY t.since, t.id
        ), ARRAY(
            SELECT ROW(d.stage, d.until) FROM view.dispute d
            WHERE d.log = me.log AND d.member = me.id AND d.ended IS NULL LIMIT 1
        ), ARRAY(
            SELECT ROW(s.until, s.appealed IS NOT NULL) FROM view.suspension s
            WHERE s.log = me.log AND s.member = me.id AND s.begun IS NOT NULL
                AND s.ended IS NULL LIMIT 1
        ), ARRAY(
            SELECT ROW(t.matter, t.words, w.bytes, w.erased_by, t.until)
            FROM view.task t
            JOIN view.office o ON o.log = t.log AND o.id = t.office
                AND o.member = me.id AND o.ended IS NULL
            LEFT JOIN record.content w ON w.log = t.log AND w.hash = t.words
            WHERE t.log = me.log AND t.done IS NULL AND t.until <= :tasks
            ORDER BY t.until, t.id LIMIT 5
        ), ARRAY(
            SELECT ROW(m.id, m.ended, {TITLE_FIELDS})
            FROM (
                SELECT * FROM view.matter mm WHERE mm.log = me.log AND mm.closed IS NOT NULL
                ORDER BY mm.closed DESC LIMIT 50
            ) AS m
            LEFT JOIN record.content tn ON tn.log = m.log AND tn.hash = m.title
            WHERE m.outcome = 'accepted' AND m.cards = 0 AND m.ended BETWEEN :first AND :card
                AND m.changes = '[]' AND m.appointment IS NULL AND m.measure IS NULL
                AND m.rules IS NULL AND {_HELD.format(roles="organising")}
                AND NOT EXISTS (SELECT FROM view.task t
                    WHERE t.log = m.log AND t.matter = m.id AND t.done IS NULL)
            ORDER BY m.ended LIMIT 3
        ), (
            SELECT count(*) FROM view.matter mm WHERE {_OPEN}
        ), CASE WHEN me.state = 'active' THEN ARRAY(
            SELECT ROW(d.*) FROM (
                SELECT {LINE_COLUMNS} FROM (
                    SELECT * FROM view.matter mm WHERE {_OPEN}
                    ORDER BY mm.phase <> 'vote', mm.phase_until, mm.id LIMIT :each
                ) AS m {LINE_TABLES}
            ) AS d ORDER BY d.phase <> 'vote', d.phase_until, d.id
        ) END, CASE WHEN me.state = 'active' THEN ARRAY(
            SELECT ROW(t.at, t.matter, t.phase, m.outcome, m.options, {TITLE_FIELDS})
            FROM (
                SELECT * FROM view.timeline tt WHERE tt.log = me.log ORDER BY tt.entry DESC
                LIMIT :among
            ) AS t
            JOIN view.matter m ON m.log = t.log AND m.id = t.matter
            LEFT JOIN record.content tn ON tn.log = m.log AND tn.hash = m.title
            WHERE t.at >= :since AND t.phase IN ('support', 'decided', 'lapsed')
            ORDER BY t.entry DESC LIMIT :news
        ) END, CASE WHEN me.state = 'active' THEN ARRAY(
            SELECT ROW(k.at, k.matter, 'card', k.result, 0, {TITLE_FIELDS})
            FROM (
                SELECT * FROM view.card kk WHERE kk.log = me.log ORDER BY kk.entry DESC LIMIT :news
            ) AS k
            JOIN view.matter m ON m.log = k.log AND m.id = k.matter
            LEFT JOIN record.content tn ON tn.log = m.log AND tn.hash = m.title
            WHERE k.at >= :since ORDER BY k.entry DESC
        ) END
    FROM unnest(:chapters, :members) AS g(chapter, member)
    JOIN view.chapter c ON c.chapter_id = g.chapter
    JOIN record.log l ON l.no = c.log AND l.replica = 0
    JOIN view.member me ON me.log = c.log AND me.id = g.member
    LEFT JOIN record.content cn ON cn.log = c.log AND cn.hash = c.name
    ORDER BY c.founded, c.log
    """  # noqa: S608
).bindparams(
    *(
        bindparam(name, type_=ARRAY(Text))
        for name in ("chapters", "members", "suspending", "verifying", "organising")
    ),
    *(bindparam(name, type_=Integer) for name in ("tasks", "first", "card", "since", "cases")),
)
SUSPENDING: Final = ("lead", "facilitator", "verifier")
"""Offices that ask for suspensions, agree to them, and judge appeals, those for words too."""
ORGANISING: Final = ("lead", "facilitator")
"""Offices that set tasks and tell what came of decisions."""


class Asked(msgspec.Struct, frozen=True):
    """Up to which minutes things are looked for: tasks due, decisions old enough, news, cases."""

    tasks: int
    first: int
    card: int
    since: int
    cases: int


async def own_chapters(
    db: Reading, memberships: Mapping[str, str], asked: Asked
) -> list[OwnChapter]:
    """Return the chapters in which somebody has a place; `memberships` are member ids by chapter.

    Copies of chapters are left out: nobody acts there.
    """
    values: dict[str, Any] = {
        "chapters": list(memberships),
        "members": list(memberships.values()),
        "suspending": list(SUSPENDING),
        "verifying": ["verifier"],
        "organising": list(ORGANISING),
        "each": EACH,
        "news": NEWS,
        "among": _AMONG,
        **msgspec.structs.asdict(asked),
    }
    return [_own(row) for row in await db.execute(_OWN, values)]


def _own(row: Any) -> OwnChapter:
    me, state, forming_until, bylaws, confirmed, applied, *lists = row[CHAPTER_WIDTH:]
    offices, pending, cases, lost_keys, disputes, hidden, *rest = lists
    levels, challenge, suspended, tasks, cards, count, matters, news, told = rest
    changed = [Changed(*(*one[:5], _title(one[5:]))) for one in (*(news or ()), *(told or ()))]
    changed.sort(key=lambda one: one.at, reverse=True)
    return OwnChapter(
        chapter_line(row),
        me,
        state,
        forming_until,
        read_bylaws(bylaws).founders,
        confirmed,
        applied,
        tuple(Held(*one) for one in offices),
        tuple(Pending(*one) for one in pending),
        tuple(cases),
        tuple((one[0], one[1]) for one in lost_keys),
        disputes,
        tuple(Hidden(*one) for one in hidden),
        tuple((one[0], one[1]) for one in levels),
        (challenge[0][0], challenge[0][1]) if challenge else None,
        (suspended[0][0], suspended[0][1]) if suspended else None,
        tuple(Due(one[0], text_of(*one[1:4]), one[4]) for one in tasks),
        tuple(Due(one[0], _title(one[2:]), one[1]) for one in cards),
        count,
        tuple(matter_line(one) for one in matters or ()),
        tuple(changed),
    )


def _title(row: Any) -> Words:
    return title_for_reader(titles_of(row))
