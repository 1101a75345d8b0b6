"""What a chapter's page shows beside its proposals, in one query: tasks, checkpoint, activity.

And, for a member, in which of the open votes they have voted.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import msgspec
from sqlalchemy import BigInteger, Integer, bindparam, text

from chapters.bylaws import DAY
from chapters.queries import ChapterLine
from civic.kernel.database import Reading
from civic.kernel.record import note
from civic.pages.queries import ASKED, CAST, OpenVote, asked_of
from deliberation.queries import TaskDue
from deliberation.queries.afterwards import DUE_COLUMNS, DUE_TASKS, task_due

WEEK: Final = 7 * DAY
WEEKS: Final = 26
"""Weeks of activity, half a year."""
TASKS: Final = 10
_MONDAY: Final = 4 * DAY
"""The first Monday, in minutes since 1970-01-01, a Thursday."""
_EPOCH: Final = date(1970, 1, 1)


class Activity(msgspec.Struct, frozen=True):
    """What happened in each week from a minute on: who joined, proposals, votes, decisions.

    Votes count where the vote closed: when each was cast, nobody needs to know.
    """

    start: int
    joined: list[int]
    proposed: list[int]
    cast: list[int]
    decided: list[int]


class Overview(msgspec.Struct, frozen=True):
    """What stands beside a chapter's proposals; `voted` tells by election, for who asked."""

    tasks: list[TaskDue]
    root: str
    activity: Activity
    voted: dict[str, bool | None]


_VOTED = CAST.replace("SELECT e.id,", "SELECT ROW(e.id,", 1).replace("END AS cast", "END)", 1)
_OVERVIEW: Final = text(
    f"""
    WITH since AS (
        SELECT coalesce((
            SELECT k.size FROM record.checkpoint k WHERE k.log = :log AND k.at < :start
            ORDER BY k.at DESC, k.size DESC LIMIT 1
        ), 0) AS entry
    )
    SELECT (SELECT k.note FROM record.checkpoint k WHERE k.log = :log AND k.size = :size), ARRAY(
        SELECT ROW({DUE_COLUMNS}) {DUE_TASKS}
    ), ARRAY(
        SELECT ROW('joined', g.week, count(*)) FROM (
            SELECT (m.since - :start) / :week AS week FROM view.member m
            WHERE m.log = :log AND m.since >= :start AND m.state <> 'applied'
                AND (m.founder OR m.admitted IS NOT NULL)
        ) AS g GROUP BY g.week
    ), ARRAY(
        SELECT ROW(g.phase, g.week, count(*)) FROM (
            SELECT t.phase, (t.at - :start) / :week AS week FROM view.timeline t
            WHERE t.log = :log AND t.entry >= (SELECT entry FROM since) AND t.at >= :start
                AND t.phase IN ('support', 'decided')
        ) AS g GROUP BY g.phase, g.week
    ), ARRAY(
        SELECT ROW('cast', g.week, CAST(sum(g.votes) AS bigint)) FROM (
            SELECT (e.closed - :start) / :week AS week, e.votes FROM view.election e
            WHERE e.log = :log AND e.closed >= :start
        ) AS g GROUP BY g.week
    ), ARRAY({_VOTED})
    """  # noqa: S608
).bindparams(
    *ASKED,
    *(bindparam(name, type_=Integer) for name in ("start", "week")),
    bindparam("size", type_=BigInteger),
)


async def overview(
    db: Reading, line: ChapterLine, signed_size: int, votes: Sequence[OpenVote] = ()
) -> Overview:
    """Return what stands beside a chapter's proposals, as of its last entry.

    `votes` are open ones, of who asks.
    """
    start = monday(line.at) - (WEEKS - 1) * WEEK
    values: dict[str, object] = {"log": line.log, "size": signed_size, "tasks": TASKS}
    values |= {"start": start, "week": WEEK, **asked_of(votes)}
    row = (await db.execute(_OVERVIEW, values)).one()
    weeks: dict[str, list[int]] = {
        name: [0] * WEEKS for name in ("joined", "support", "cast", "decided")
    }
    for name, week, number in (*row[2], *row[3], *row[4]):
        # An entry of a clock that ran ahead lies in the last week at the latest.
        weeks[name][min(week, WEEKS - 1)] += number or 0
    return Overview(
        [task_due(one) for one in row[1]],
        root_of(row[0]),
        Activity(start, weeks["joined"], weeks["support"], weeks["cast"], weeks["decided"]),
        {one[0]: one[1] for one in row[5]},
    )


def root_of(signed: bytes | None) -> str:
    """Return the root of a signed checkpoint in hex, empty where there is none."""
    return "" if signed is None else note.parse_checkpoint(note.parse_note(signed).text).root.hex()


def monday(minute: int) -> int:
    """Return the start of the week (UTC) that a minute lies in."""
    return minute - (minute - _MONDAY) % WEEK


def weeks_until(activity: Activity, founded: int, now: int) -> tuple[date, list[list[int]]]:
    """Return the first day and the weeks of an activity up to now, from the founding at most.

    What was read weeks ago is followed by weeks in which nothing happened.
    """
    first = max(monday(founded), monday(now) - (WEEKS - 1) * WEEK)
    # Some weeks at least, so that a young chapter's columns are columns.
    first = min(first, monday(now) - 7 * WEEK)
    number = (monday(now) - first) // WEEK + 1
    behind = (first - activity.start) // WEEK
    series = []
    for counts in (activity.joined, activity.proposed, activity.cast, activity.decided):
        known = {place - behind: counted for place, counted in enumerate(counts)}
        series.append([known.get(week, 0) for week in range(number)])
    return _EPOCH + timedelta(days=first // DAY), series
