"""How what people say about matters, and what becomes of it, turns into rows."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from chapters.projection import erase
from civic.kernel.projection import Found, Project, Recorded, Rows
from civic.kernel.record.view import concerns
from deliberation import entries as e
from deliberation.projection.changing import matter_key, spoke
from deliberation.tables import ABOUT, REACTED, matter, statement
from deliberation.wording import WORDED

STEP: Final = 6
"""Bytes of a comment's path for each level: the index of the entry."""
DEEPEST: Final = 24
"""Levels of comments that a path tells apart; deeper ones stand side by side on the last."""


def _say(rows: Rows, recorded: Recorded, **values: Any) -> None:
    """Add a statement of any kind, and count it in its matter."""
    rows.insert(
        statement,
        **{
            "log": recorded.log,
            "author": recorded.entry.by.id,
            "words": bytes.fromhex(recorded.entry.content[0]),
            "entry": recorded.index,
            "at": recorded.at,
            **values,
        },
    )
    counted = {"comment": "comments", "statement": "statements"}.get(values["kind"], values["kind"])
    rows.add(matter, matter_key(recorded, values["matter"]), **{counted: 1})


def _step(recorded: Recorded) -> bytes:
    return recorded.index.to_bytes(STEP, "big")


def _argued(rows: Rows, recorded: Recorded) -> None:
    body: e.Argued = recorded.entry.body
    _say(
        rows,
        recorded,
        id=body.id,
        matter=body.proposal,
        kind=body.side,
        parent=body.proposal,
        thread=body.proposal,
        path=_step(recorded),
        depth=0,
    )
    spoke(rows, recorded, body.proposal)


def _statement_imported(rows: Rows, recorded: Recorded) -> None:
    body: e.StatementImported = recorded.entry.body
    _say(
        rows,
        recorded,
        id=body.id,
        matter=body.proposal,
        kind="statement",
        author=body.member,
        parent=body.proposal,
        thread=body.proposal,
        path=_step(recorded),
        depth=0,
        day=body.day,
        accepted=body.accepted,
    )
    concerns(rows, recorded, body.proposal)


def _commented(rows: Rows, recorded: Recorded) -> None:
    body: e.Commented = recorded.entry.body

    def place(found: Found) -> None:
        matter_id = body.on if found is None else found["matter"]
        thread, path, depth = body.on, _step(recorded), 0
        if found is not None and found["kind"] == "comment":
            thread, depth = found["thread"], min(found["depth"] + 1, DEEPEST - 1)
            path = found["path"][: STEP * depth] + path
        _say(
            rows,
            recorded,
            id=body.id,
            matter=matter_id,
            kind="comment",
            parent=body.on,
            thread=thread,
            path=path,
            depth=depth,
        )
        if thread != matter_id:
            rows.add(statement, {"log": recorded.log, "id": thread}, comments=1)
        spoke(rows, recorded, matter_id)

    rows.find(
        statement,
        {"log": recorded.log, "id": body.on},
        ("matter", "kind", "thread", "path", "depth"),
        place,
    )


def _reactions(rows: Rows, recorded: Recorded) -> None:
    body: e.ReactionsRecorded | e.ReactionsImported = recorded.entry.body
    for row, value in body.rows:
        rows.then(REACTED, recorded.log, body.subject, row, value, recorded.index)
    rows.then(ABOUT, recorded.log, recorded.index, body.subject)


def _words_erased(rows: Rows, recorded: Recorded) -> None:
    body: e.WordsErased = recorded.entry.body
    for words in body.words:
        erase(rows, recorded, words, body.reason)
    rows.then(ABOUT, recorded.log, recorded.index, body.of)
    rows.then(WORDED, recorded.log, body.of)


PROJECTIONS: Final[Mapping[str, tuple[Project, ...]]] = MappingProxyType(
    {
        e.Argued.kind: (_argued,),
        e.Commented.kind: (_commented,),
        e.ReactionsRecorded.kind: (_reactions,),
        e.WordsErased.kind: (_words_erased,),
        e.StatementImported.kind: (_statement_imported,),
        e.ReactionsImported.kind: (_reactions,),
    }
)
