"""The statements of our pages as the peers send them: the same SQL, in the driver's own marks."""

from typing import Final, NamedTuple

from sqlalchemy import ARRAY, LargeBinary, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import asyncpg, psycopg

import chapters.queries
import civic.pages.queries
import deliberation.discussion
import deliberation.queries.lists
import deliberation.queries.whole
import identity.at_once
import voting.queries

SCHEMA: Final = """
    DROP SCHEMA IF EXISTS peers CASCADE;
    CREATE SCHEMA peers;
    CREATE TABLE peers.account (id text PRIMARY KEY, member text NOT NULL);
    CREATE TABLE peers.tie (
        member text NOT NULL, matter text NOT NULL, kind text NOT NULL, id text NOT NULL,
        PRIMARY KEY (member, matter, kind)
    );
"""
"""What only our node can open, in the clear: who is a member, and under which ids they speak."""

_LAST: Final = "AS turned\n"
_MEMBER: Final = """AS turned,
        (SELECT p.member FROM peers.account p WHERE p.id = s.account_id) AS member
"""
_SEALED: Final = """
            SELECT ROW(t.member_tag, t.hash, t.sealed) FROM private.tie t
            WHERE t.log = m.log AND t.member_tag = ANY(:tags)
"""
_CLEAR: Final = """
            SELECT ROW(t.kind, t.id) FROM peers.tie t
            WHERE t.member = m.id AND t.matter = :matter
"""


def _with(ours: str, *changes: tuple[str, str]) -> str:
    """Return a statement of ours with some words exchanged, each of which stands there once."""
    for before, after in changes:
        if ours.count(before) != 1:
            raise RuntimeError(f"a statement that the peers share has changed: {ours}")
        ours = ours.replace(before, after)
    return ours


def _session() -> TextClause:
    marks = (("$1", ":hashes"), ("$2", ":used_since"), ("$3", ":created_since"))
    ours = _with(identity.at_once._LOAD_MANY, (_LAST, _MEMBER), *marks)
    return text(ours).bindparams(bindparam("hashes", type_=ARRAY(LargeBinary)))


def _own() -> TextClause:
    return text(_with(civic.pages.queries._OWN.text, (_SEALED, _CLEAR)))


class Statement(NamedTuple):
    """A statement in the marks of both drivers; `names` are the parameters of asyncpg in order."""

    asyncpg: str
    names: tuple[str, ...]
    psycopg: str


def _statement(clause: TextClause) -> Statement:
    ours = clause.compile(dialect=asyncpg.dialect())  # type: ignore[no-untyped-call]
    theirs = clause.compile(dialect=psycopg.dialect())  # type: ignore[no-untyped-call]
    return Statement(ours.string, tuple(ours.positiontup or ()), theirs.string)


CLAUSES: Final[dict[str, TextClause]] = {
    "session": _session(),
    "own": _own(),
    "chapter": chapters.queries._CHAPTER,
    "matters": deliberation.queries.lists._MATTERS,
    "matter": deliberation.queries.whole._MATTER,
    "elections": voting.queries._OF_MATTER,
    "discussion": deliberation.discussion._DISCUSSION,
}
STATEMENTS: Final = {name: _statement(clause) for name, clause in CLAUSES.items()}
