"""What pages and the API read of a discussion: arguments, comments, imported statements."""

from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, Integer, LargeBinary, bindparam, text
from sqlalchemy import Text as TextType

from civic.kernel.database import Reading, fetch
from civic.kernel.record.shown import Text, name_of, text_of

PAGE: Final = 50
"""Statements of one kind on one page."""


class Statement(msgspec.Struct, frozen=True):
    """An argument (`pro`, `con`), a comment or an imported statement.

    `author` is a voice or, of an imported statement, a participant; `member` and `name` are there
    if the author gave their name. `signed` tells whether the author's own key signed it; else the
    node alone vouches for it. `disowned`: who acts under their id denies it. `mine` is the value of
    the row that was asked for, also while it waits in its box. `score` and `entry` are the cursor
    among arguments, `path` that among comments; `depth` counts the comments above in its thread.
    """

    id: str
    matter: str
    kind: str
    author: str
    parent: str
    thread: str
    path: str
    depth: int
    words: Text
    entry: int
    at: int
    day: str | None
    accepted: bool | None
    agree: int
    disagree: int
    passed: int
    score: int
    comments: int
    member: str | None
    name: Text | None
    mine: int | None
    signed: bool
    disowned: bool


class Discussion(msgspec.Struct, frozen=True):
    """The first of each kind: arguments by score, comments on the proposal in threads."""

    pro: list[Statement]
    con: list[Statement]
    statements: list[Statement]
    comments: list[Statement]


_STATEMENT = """
    SELECT s.id, s.matter, s.kind, s.author, s.parent, s.thread, encode(s.path, 'hex'), s.depth,
        s.entry, s.at, s.day, s.accepted, s.agree, s.disagree, s.passed, s.score, s.comments,
        g.member, coalesce(b.value, r.value), s.words, w.bytes, w.erased_by,
        p.name, n.bytes, n.erased_by,
        (SELECT x.signed FROM view.entry x WHERE x.log = s.log AND x.index = s.entry),
        EXISTS (SELECT FROM view.disowned o WHERE o.log = s.log AND o.index = s.entry)
    FROM {listed} AS s
    LEFT JOIN record.content w ON w.log = s.log AND w.hash = s.words
    LEFT JOIN view.name_given g ON g.log = s.log AND g.matter = s.matter AND g.voice = s.author
    LEFT JOIN view.member p ON p.log = g.log AND p.id = g.member
    LEFT JOIN record.content n ON n.log = p.log AND n.hash = p.name
    LEFT JOIN view.reaction r ON r.log = s.log AND r.subject = s.id AND r.row_id = :row
    LEFT JOIN private.box b ON b.log = s.log AND b.subject = s.id AND b.row = :row
    ORDER BY {order}
"""
_RANKED = """
    (SELECT * FROM view.statement WHERE log = :log AND matter = :matter AND kind = {kind}
    AND kind <> 'comment' AND score <= :score
    AND (score < :score OR entry > :entry)
    ORDER BY score DESC, entry LIMIT :limit)
"""
_FIRST = """
    (SELECT * FROM view.statement WHERE log = :log AND matter = :matter AND kind = {kind}
    AND kind <> 'comment' ORDER BY score DESC, entry LIMIT :limit)
"""
_THREAD = """
    (SELECT * FROM view.statement WHERE log = :log AND thread = :thread AND kind = 'comment'
    AND path > :after ORDER BY path LIMIT :limit)
"""
_ALL_FIRST = " UNION ALL ".join(
    (*(_FIRST.replace("{kind}", f"'{kind}'") for kind in ("pro", "con", "statement")), _THREAD)
)
_ROW = bindparam("row", type_=TextType)
_AFTER = bindparam("after", type_=LargeBinary)

_DISCUSSION = text(
    _STATEMENT.replace("{listed}", f"({_ALL_FIRST})").replace(
        "{order}", "CASE WHEN s.kind <> 'comment' THEN -s.score END, s.path"
    )
).bindparams(_ROW, _AFTER)
_ARGUMENTS = text(
    _STATEMENT.replace("{listed}", _RANKED.replace("{kind}", ":kind")).replace(
        "{order}", "s.score DESC, s.entry"
    )
).bindparams(_ROW, bindparam("score", type_=Integer), bindparam("entry", type_=BigInteger))
_COMMENTS = text(_STATEMENT.replace("{listed}", _THREAD).replace("{order}", "s.path")).bindparams(
    _ROW, _AFTER
)
_ONE = text(
    _STATEMENT.replace(
        "{listed}", "(SELECT * FROM view.statement WHERE log = :log AND id = :id)"
    ).replace("{order}", "s.entry")
).bindparams(_ROW)


async def discussion(
    db: Reading, log: int, matter: str, row: str | None = None, limit: int = PAGE
) -> Discussion:
    """Return the first arguments, imported statements and comments of a matter (one query)."""
    values = {"log": log, "matter": matter, "thread": matter, "after": b"", "row": row}
    found: dict[str, list[Statement]] = {"pro": [], "con": [], "statement": [], "comment": []}
    for line in await fetch(db, _DISCUSSION, {**values, "limit": limit}):
        found[line["kind"]].append(_statement(line))
    return Discussion(*found.values())


async def arguments(
    db: Reading,
    log: int,
    matter: str,
    kind: str,
    after: tuple[int, int],
    row: str | None = None,
    limit: int = PAGE,
) -> list[Statement]:
    """Return more arguments or imported statements after a cursor (`score`, `entry`)."""
    values = {"log": log, "matter": matter, "kind": kind, "row": row, "limit": limit}
    lines = await db.execute(_ARGUMENTS, {**values, "score": after[0], "entry": after[1]})
    return [_statement(line) for line in lines]


async def comments(
    db: Reading,
    log: int,
    thread: str,
    after: str = "",
    row: str | None = None,
    limit: int = PAGE,
) -> list[Statement]:
    """Return comments of a thread (on a proposal or an argument) after a cursor (`path`)."""
    values = {"log": log, "thread": thread, "after": bytes.fromhex(after), "row": row}
    return [_statement(line) for line in await db.execute(_COMMENTS, {**values, "limit": limit})]


async def statement(
    db: Reading, log: int, statement_id: str, row: str | None = None
) -> Statement | None:
    """Return one argument, comment or imported statement, or None if there is none."""
    found = (await db.execute(_ONE, {"log": log, "id": statement_id, "row": row})).one_or_none()
    return None if found is None else _statement(found)


def _statement(row: Any) -> Statement:
    words, name = text_of(*row[19:22]), name_of(*row[22:25])
    return Statement(*(*row[:8], words, *row[8:18], name, row[18], bool(row[25]), row[26]))
