"""What the lead's desk asks at once: growth, the last votes, dates that come up, what waits."""

from typing import Any, Final

import msgspec
from sqlalchemy import text

from civic.kernel.database import Reading
from civic.kernel.record.shown import Text
from civic.pages.wordings import title_for_reader
from deliberation.queries import TITLE_FIELDS, titles_of

VOTES: Final = 12
"""Votes whose participation is shown."""


class Coming(msgspec.Struct, frozen=True):
    """A date of a matter that comes up: when its phase ends, or a task is due."""

    matter: str
    title: Text
    phase: str
    at: int


class Turnout(msgspec.Struct, frozen=True):
    """How many took part in a vote that is over; `quorum` per mille of the roll."""

    matter: str
    title: Text
    closed: int
    roll: int
    cast: int
    quorum: int


class Desk(msgspec.Struct, frozen=True):
    """What a desk shows beside offices and applicants. `joined` counts those of the last month.

    `disowned` are the indexes of acts whose authors say that they did not do them, newest first.
    `reports` counts words that were reported, `appeals` those that wait to be judged.
    """

    joined: int
    suspensions: int
    missed: tuple[Coming, ...]
    coming: tuple[Coming, ...]
    votes: tuple[Turnout, ...]
    disowned: tuple[int, ...]
    reports: int
    appeals: int


_DESK: Final = text(
    f"""
    SELECT
        (SELECT count(*) FROM view.member m WHERE m.log = :log AND m.admitted IS NOT NULL
            AND NOT m.founder AND m.since > :month),
        (SELECT count(*) FROM view.suspension s WHERE s.log = :log AND s.ended IS NULL),
        ARRAY(
            SELECT ROW(m.id, m.phase, m.phase_until, {TITLE_FIELDS})
            FROM view.matter m
            LEFT JOIN record.content tn ON tn.log = m.log AND tn.hash = m.title
            WHERE m.log = :log AND m.phase IN ('support', 'discussion', 'notice', 'vote')
                AND m.phase_until <= :until
            ORDER BY m.phase_until, m.id LIMIT 20
        ),
        ARRAY(
            SELECT ROW(k.matter, 'task', k.until, {TITLE_FIELDS})
            FROM view.task k JOIN view.matter m ON m.log = k.log AND m.id = k.matter
            LEFT JOIN record.content tn ON tn.log = m.log AND tn.hash = m.title
            WHERE k.log = :log AND k.done IS NULL AND k.until <= :until
            ORDER BY k.until, k.id LIMIT 20
        ),
        ARRAY(
            SELECT ROW(e.matter, e.closed, e.roll, e.votes, e.quorum, {TITLE_FIELDS})
            FROM view.election e JOIN view.matter m ON m.log = e.log AND m.id = e.matter
            LEFT JOIN record.content tn ON tn.log = m.log AND tn.hash = m.title
            WHERE e.log = :log AND e.closed IS NOT NULL
            ORDER BY e.closed DESC, e.id LIMIT :votes
        ),
        ARRAY(
            SELECT d.index FROM view.disowned d WHERE d.log = :log
            ORDER BY d.index DESC LIMIT 10
        ),
        (SELECT count(DISTINCT r.subject) FROM private.report r WHERE r.log = :log),
        (SELECT count(*) FROM view.hiding h
            WHERE h.log = :log AND h.ended IS NULL AND h.appealed IS NOT NULL)
    """  # noqa: S608
)


async def desk(db: Reading, log: int, month: int, now: int, until: int) -> Desk:
    """Return what a desk shows: those who joined after a minute, dates up to another."""
    values = {"log": log, "month": month, "until": until, "votes": VOTES}
    row = (await db.execute(_DESK, values)).one()
    dates = sorted(
        (Coming(one[0], _title(one[3:]), *one[1:3]) for one in (*row[2], *row[3])),
        key=lambda one: one.at,
    )
    return Desk(
        row[0],
        row[1],
        tuple(one for one in dates if one.at <= now),
        tuple(one for one in dates if one.at > now),
        tuple(Turnout(one[0], _title(one[5:]), *one[1:5]) for one in reversed(row[4])),
        tuple(row[5]),
        row[6],
        row[7],
    )


def _title(row: Any) -> Text:
    return title_for_reader(titles_of(row))
