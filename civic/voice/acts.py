"""What somebody did, newest first, with how each of it stands now: two queries a page."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ARRAY, BigInteger, Boolean, Integer, Text, bindparam, text

from civic.kernel.database import Reading
from civic.kernel.record import shown
from civic.kernel.record.browse import LINE, LINE_WIDTH, EntryLine, RawEntry
from civic.voice.places import Ids, Place
from deliberation.queries import MatterLine
from deliberation.queries.lists import LINE_COLUMNS, matter_line
from deliberation.queries.lists import LINE_WIDTH as MATTER_WIDTH

PAGE: Final = 20
"""Acts on one page."""

Key = tuple[int, int, int]
"""Where an act stands among all: its minute, log and index, by which pages go on."""
LATEST: Final[Key] = (2**31 - 1, 2**31 - 1, 2**62)


class Done(msgspec.Struct, frozen=True):
    """One act. `what` is an act with an entry of its own, or a vote or reaction under a row id.

    What waits in a box (`waits`) has no entry yet, and nobody knows when it was put there.
    `subject` is the vote or statement that a row is about, `value` what it says.
    """

    log: int
    what: str
    row: RawEntry | None
    signed: bool | None
    subject: str = ""
    value: int = 0
    waits: bool = False

    @property
    def key(self) -> Key:
        """Where it stands among all acts; what waits comes first."""
        if self.row is None:
            return LATEST
        return self.row.line.at, self.log, self.row.line.index


class Said(msgspec.Struct, frozen=True):
    """A statement that an act made or is about, and how others answered it."""

    id: str
    kind: str
    words: shown.Text
    agree: int
    disagree: int
    passed: int
    answers: int


class Ballot(msgspec.Struct, frozen=True):
    """A vote that an act is about; `latest` is the entry of the voter's vote that counts."""

    id: str
    options: int
    until: int
    counts: tuple[int, ...] | None
    cast: int | None
    passed: tuple[int, ...] | None
    value: int | None
    latest: int | None


class Hiding(msgspec.Struct, frozen=True):
    """Hidden words that an act is about: until when it is open, and how it was settled."""

    id: str
    until: int | None
    appealed: bool
    why: str | None


class Stands(msgspec.Struct, frozen=True):
    """How things stand now about an act: its matter, what was said, vote, task or hidden words.

    `disowned` is the entry in which who did it says that they did not; `counted` the last count of
    the matter's vote; `done` and `due` are minutes of a task.
    """

    matter: MatterLine | None = None
    said: Said | None = None
    ballot: Ballot | None = None
    counted: tuple[int, ...] | None = None
    disowned: int | None = None
    due: int | None = None
    done: int | None = None
    hiding: Hiding | None = None


class _About(msgspec.Struct):
    """What the body of an entry may name, whatever its kind."""

    id: str = ""
    of: str = ""
    on: str = ""
    task: str = ""
    election: str = ""
    hiding: str = ""


class _Entry(msgspec.Struct):
    body: _About


_about: Final = msgspec.json.Decoder(_Entry)
_ROWS = "unnest(:row_logs, :row_matters, :row_ids) AS g(log, matter, row)"
_ACTS: Final = text(
    f"""
    WITH mine AS (
        SELECT 'act' AS what, v.log, v.index, v.at, '' AS subject, CAST(0 AS bigint) AS value,
            v.signed
        FROM unnest(:logs) AS g(log) CROSS JOIN LATERAL (
            SELECT * FROM view.entry e
            WHERE e.log = g.log AND e.by_id = ANY(:ids) AND e.role <> 'node'
                AND (e.at, e.log, e.index) < (:at, :log, :index)
            ORDER BY e.index DESC LIMIT :limit
        ) AS v
        UNION ALL
        SELECT 'vote', w.log, w.entry, t.at, w.election, w.value, w.signed
        FROM {_ROWS}
        JOIN view.election n ON n.log = g.log AND n.matter = g.matter AND n.secrecy <> 'roll_call'
        JOIN view.vote w ON w.log = n.log AND w.election = n.id AND w.voter = g.row
        JOIN view.entry t ON t.log = w.log AND t.index = w.entry
        UNION ALL
        SELECT 'reaction', r.log, r.entry, t.at, r.subject, r.value, NULL
        FROM {_ROWS}
        JOIN view.reaction r ON r.log = g.log AND r.row_id = g.row
        JOIN view.entry t ON t.log = r.log AND t.index = r.entry
    ), chosen AS (
        SELECT * FROM mine WHERE (at, log, index) < (:at, :log, :index)
        ORDER BY at DESC, log DESC, index DESC LIMIT :limit
    )
    SELECT false AS waits, o.what, o.log, o.subject, o.value, o.signed, {LINE}, e.bytes
    FROM chosen o
    JOIN view.entry v ON v.log = o.log AND v.index = o.index
    JOIN record.entry e ON e.log = o.log AND e.index = o.index
    UNION ALL (
        SELECT true, CASE WHEN n.id IS NULL THEN 'reaction' ELSE 'vote' END, b.log, b.subject,
            b.value, b.count IS NOT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, g.matter, NULL,
            NULL
        FROM {_ROWS}
        JOIN private.box b ON b.log = g.log AND b.row = g.row
        LEFT JOIN view.election n ON n.log = b.log AND n.id = b.subject
        WHERE :first ORDER BY b.log, b.subject LIMIT :limit
    )
    """  # noqa: S608
).bindparams(
    *(bindparam(name, type_=ARRAY(Integer)) for name in ("logs", "row_logs")),
    *(bindparam(name, type_=ARRAY(Text)) for name in ("ids", "row_matters", "row_ids")),
    *(bindparam(name, type_=Integer) for name in ("at", "log")),
    bindparam("index", type_=BigInteger),
    bindparam("first", type_=Boolean),
)
_STANDS: Final = text(
    f"""
    SELECT {LINE_COLUMNS}, g.n, s.id, s.kind, s.words, w.bytes, w.erased_by, s.agree, s.disagree,
        s.passed, CASE WHEN s.kind = 'comment' THEN (
            SELECT count(*) FROM view.statement r
            WHERE r.log = s.log AND r.thread = s.thread AND r.kind = 'comment'
                AND r.path > s.path AND r.path < s.path || CAST('\\xffffffffffff' AS bytea)
                AND r.parent = s.id
        ) ELSE s.comments END,
        b.id, b.options, b.until, b.counts, b.votes, b.passed, x.value, x.entry, k.counts,
        (SELECT d.entry FROM view.disowned d WHERE d.log = g.log AND d.index = g.index),
        t.until, t.done, h.id, h.until, h.appealed IS NOT NULL, h.why
    FROM unnest(:ns, :logs, :indexes, :matters, :statements, :elections, :voters, :tasks, :hidings)
        AS g(n, log, index, matter, statement, election, voter, task, hiding)
    LEFT JOIN view.statement s ON s.log = g.log AND s.id = g.statement
    LEFT JOIN record.content w ON w.log = s.log AND w.hash = s.words
    LEFT JOIN view.election b ON b.log = g.log AND b.id = g.election
    LEFT JOIN view.vote x ON x.log = b.log AND x.election = b.id AND x.voter = g.voter
    LEFT JOIN view.hiding h ON h.log = g.log AND h.id = g.hiding
    LEFT JOIN view.task t ON t.log = g.log AND t.id = g.task
    LEFT JOIN view.matter m ON m.log = g.log AND m.id = coalesce(s.matter, b.matter, g.matter)
    LEFT JOIN view.election k ON k.log = m.log AND k.id = m.election
    LEFT JOIN view.chapter c ON c.log = m.log
    LEFT JOIN record.content tn ON tn.log = m.log AND tn.hash = m.title
    """  # noqa: S608
).bindparams(
    *(bindparam(name, type_=ARRAY(Integer)) for name in ("ns", "logs")),
    bindparam("indexes", type_=ARRAY(BigInteger)),
    *(
        bindparam(name, type_=ARRAY(Text))
        for name in ("matters", "statements", "elections", "voters", "tasks", "hidings")
    ),
)


async def acts(
    db: Reading, places: Sequence[Place], ids: Ids, before: Key | None = None, limit: int = PAGE
) -> list[Done]:
    """Return what was done under some ids before a key, newest first; first what still waits."""
    if not places:
        return []
    at, log, index = LATEST if before is None else before
    values: dict[str, Any] = {
        "logs": [place.log for place in places],
        "ids": list(ids.named),
        "row_logs": [row.log for row in ids.rows],
        "row_matters": [row.matter for row in ids.rows],
        "row_ids": [row.id for row in ids.rows],
        "at": at,
        "log": log,
        "index": index,
        "limit": limit,
        "first": before is None,
    }
    found = [_done(row) for row in await db.execute(_ACTS, values)]
    return sorted(found, key=lambda one: (one.waits, one.key), reverse=True)


def _done(row: Any) -> Done:
    waits, what, log, subject, value, signed = row[:6]
    line = None if waits else RawEntry(EntryLine(*row[6 : 6 + LINE_WIDTH]), row[6 + LINE_WIDTH])
    return Done(log, what, line, signed, subject, value, waits)


async def stand(
    db: Reading, places: Sequence[Place], ids: Ids, found: Sequence[Done]
) -> list[Stands]:
    """Return how things stand about acts, in their order."""
    members = {place.log: place.member for place in places}
    rows = {(row.log, row.matter): row.id for row in ids.rows}
    wanted = [_wanted(n, one, members, rows) for n, one in enumerate(found)]
    if not wanted:
        return []
    names = ("ns", "logs", "indexes", "matters", "statements", "elections", "voters", "tasks",
             "hidings")  # fmt: skip
    values = dict(zip(names, (list(column) for column in zip(*wanted, strict=True)), strict=True))
    stands = [Stands() for _ in found]
    for row in await db.execute(_STANDS, values):
        stands[row[MATTER_WIDTH]] = _stands(row)
    return stands


def _wanted(
    n: int, one: Done, members: dict[int, str], rows: dict[tuple[int, str], str]
) -> tuple[Any, ...]:
    if one.row is None or one.what != "act":
        index = -1 if one.row is None else one.row.line.index
        matter = "" if one.row is None else one.row.line.matter or ""
        vote, said = (one.subject, "") if one.what == "vote" else ("", one.subject)
        row = rows.get((one.log, matter), "")
        return n, one.log, index, matter, said, vote, row, "", ""
    line, about = one.row.line, _about.decode(one.row.raw).body
    said = about.id if line.kind in _MADE else about.of or about.on
    task = about.id or about.task if line.kind in _TASKS else ""
    hiding = about.hiding or (about.id if line.kind in _HIDES else "")
    voter = members[one.log]
    return n, one.log, line.index, line.matter or "", said, about.election, voter, task, hiding


_HIDES: Final = frozenset({"deliberation.words_hidden"})
_MADE: Final = frozenset({"deliberation.argued", "deliberation.commented"})
_TASKS: Final = frozenset({"deliberation.task_set", "deliberation.task_done"})


def _stands(row: Any) -> Stands:
    rest = row[MATTER_WIDTH + 1 :]
    said = None
    if rest[0] is not None:
        said = Said(rest[0], rest[1], shown.text_of(*rest[2:5]), *rest[5:9])
    ballot = None
    if rest[9] is not None:
        ballot = Ballot(
            *(*rest[9:12], _numbers(rest[12]), rest[13], _numbers(rest[14]), *rest[15:17])
        )
    matter = None if row[1] is None else matter_line(row)
    hiding = None if rest[21] is None else Hiding(*rest[21:25])
    return Stands(*(matter, said, ballot, _numbers(rest[17]), *rest[18:21], hiding))


def _numbers(column: str | None) -> tuple[int, ...] | None:
    return None if column is None else msgspec.json.decode(column, type=tuple[int, ...])
