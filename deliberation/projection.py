"""How the deliberation domain's entries, and those of others about its matters, become rows."""

from types import MappingProxyType
from typing import Any, Final

from chapters import entries as c
from chapters.tables import as_json, chapter, erase, on_tick, read_bylaws
from civic.kernel.projection import Found, Project, Recorded, Rows
from civic.kernel.record.entry import minute
from civic.kernel.record.view import concerns, entry
from deliberation import entries as e
from deliberation.effects import gives_effects
from deliberation.tables import (
    ABOUT,
    REACTED,
    SPOKE,
    card,
    matter,
    statement,
    support,
    task,
    timeline,
    version,
)

STEP: Final = 6
"""Bytes of a comment's path for each level: the index of the entry."""
DEEPEST: Final = 24
"""Levels of comments that a path tells apart; deeper ones stand side by side on the last."""


def _matter(recorded: Recorded, own_id: str) -> dict[str, Any]:
    return {"log": recorded.log, "id": own_id}


def _acted(rows: Rows, recorded: Recorded, matter_id: str) -> None:
    concerns(rows, recorded, matter_id)
    rows.update(matter, _matter(recorded, matter_id), active_at=recorded.at)


def _spoke(rows: Rows, recorded: Recorded, matter_id: str) -> None:
    _acted(rows, recorded, matter_id)
    rows.then(SPOKE, recorded.log, matter_id, recorded.entry.by.id, recorded.index)


def _words(recorded: Recorded) -> dict[str, bytes]:
    title, text, *labels = (bytes.fromhex(one) for one in recorded.entry.content)
    return {"title": title, "text": text, "labels": b"".join(labels)}


def _add_version(rows: Rows, recorded: Recorded, matter_id: str, number: int) -> None:
    rows.insert(
        version,
        log=recorded.log,
        matter=matter_id,
        number=number,
        entry=recorded.index,
        at=recorded.at,
        **_words(recorded),
    )


def _enter(
    rows: Rows, recorded: Recorded, matter_id: str, phase: str, until: int | None = None
) -> None:
    """Let a matter be in another phase."""
    rows.update(
        matter,
        _matter(recorded, matter_id),
        phase=phase,
        phase_since=recorded.at,
        phase_until=until,
    )
    _acted(rows, recorded, matter_id)
    _mark(rows, recorded, matter_id, phase, until)


def _mark(rows: Rows, recorded: Recorded, matter_id: str, phase: str, until: int | None) -> None:
    rows.insert(
        timeline,
        log=recorded.log,
        matter=matter_id,
        entry=recorded.index,
        phase=phase,
        at=recorded.at,
        until=until,
    )


def _end(rows: Rows, recorded: Recorded, matter_id: str, phase: str, ended: int) -> None:
    _enter(rows, recorded, matter_id, phase)
    rows.update(matter, _matter(recorded, matter_id), ended=ended, closed=recorded.index)


def _begin(rows: Rows, recorded: Recorded, found: Found, values: dict[str, Any]) -> None:
    if found is None:
        raise LookupError("a matter began before the founding")
    bylaws = read_bylaws(found["bylaws"])
    phase, at = values["phase"], recorded.at
    until = on_tick(at + bylaws.support_time, bylaws) if phase == "support" else None
    counts = ("supports", "pro", "con", "comments", "statements")
    ties = ("voices", "voices_tied", "rows_tied", "tasks", "cards")
    rows.insert(
        matter,
        log=recorded.log,
        entry=recorded.index,
        author=recorded.entry.by.id,
        version=1,
        phase_since=at,
        phase_until=until,
        bylaws_number=found["bylaws_number"],
        support_least=bylaws.support_least,
        support_share=bylaws.support_share,
        election=None,
        outcome=None,
        winners="[]",
        kept_field=None,
        created=at,
        ended=None,
        closed=None,
        active_at=at,
        **_words(recorded),
        **values,
        **dict.fromkeys((*counts, *ties), 0),
    )
    _add_version(rows, recorded, values["id"], 1)
    _mark(rows, recorded, values["id"], phase, until)
    concerns(rows, recorded, values["id"])


def _proposed(rows: Rows, recorded: Recorded) -> None:
    body: e.Proposed = recorded.entry.body
    values: dict[str, Any] = {
        "id": body.id,
        "options": body.options,
        "lang": body.lang,
        "phase": "support",
        "secrecy": body.secrecy,
        "changes": as_json(body.changes),
        "appointment": None if body.appointment is None else as_json(body.appointment),
        "rules": None if body.rules is None else as_json(body.rules),
        "measure": None if body.measure is None else as_json(body.measure),
        "source": None,
    }
    rows.find(
        chapter,
        {"log": recorded.log},
        ("bylaws", "bylaws_number"),
        lambda found: _begin(rows, recorded, found, values),
    )
    rows.then(SPOKE, recorded.log, body.id, recorded.entry.by.id, recorded.index)


def _conversation_imported(rows: Rows, recorded: Recorded) -> None:
    body: e.ConversationImported = recorded.entry.body
    values: dict[str, Any] = {
        "id": body.id,
        "options": 0,
        "lang": body.lang,
        "phase": "imported",
        "secrecy": "roll_call",
        "changes": "[]",
        "appointment": None,
        "rules": None,
        "measure": None,
        "source": body.source,
    }
    rows.find(
        chapter,
        {"log": recorded.log},
        ("bylaws", "bylaws_number"),
        lambda found: _begin(rows, recorded, found, values),
    )


def _supported(rows: Rows, recorded: Recorded) -> None:
    _support(rows, recorded, recorded.entry.body.proposal, active=True)
    rows.then(
        SPOKE,
        recorded.log,
        recorded.entry.body.proposal,
        recorded.entry.by.id,
        recorded.index,
    )


def _support_withdrawn(rows: Rows, recorded: Recorded) -> None:
    _support(rows, recorded, recorded.entry.body.proposal, active=False)


def _support(rows: Rows, recorded: Recorded, matter_id: str, *, active: bool) -> None:
    rows.upsert(
        support,
        log=recorded.log,
        matter=matter_id,
        voice=recorded.entry.by.id,
        active=active,
        entry=recorded.index,
    )
    rows.add(matter, _matter(recorded, matter_id), supports=1 if active else -1)
    _acted(rows, recorded, matter_id)


def _discussion_opened(rows: Rows, recorded: Recorded) -> None:
    body: e.DiscussionOpened = recorded.entry.body
    _enter(rows, recorded, body.proposal, "discussion", minute(body.until))


def _lapsed(rows: Rows, recorded: Recorded) -> None:
    _end(rows, recorded, recorded.entry.body.proposal, "lapsed", recorded.at)


def _withdrawn(rows: Rows, recorded: Recorded) -> None:
    _end(rows, recorded, recorded.entry.body.proposal, "withdrawn", recorded.at)


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
    rows.add(matter, _matter(recorded, values["matter"]), **{counted: 1})


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
    _spoke(rows, recorded, body.proposal)


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
        _spoke(rows, recorded, matter_id)

    rows.find(
        statement,
        {"log": recorded.log, "id": body.on},
        ("matter", "kind", "thread", "path", "depth"),
        place,
    )


def _revised(rows: Rows, recorded: Recorded) -> None:
    body: e.Revised = recorded.entry.body
    effects: dict[str, Any] = {}
    if gives_effects(body):
        effects = {
            "changes": as_json(body.changes or ()),
            "appointment": None if body.appointment is None else as_json(body.appointment),
            "rules": None if body.rules is None else as_json(body.rules),
            "measure": None if body.measure is None else as_json(body.measure),
        }
    rows.update(
        matter,
        _matter(recorded, body.proposal),
        version=body.version,
        **_words(recorded),
        **effects,
    )
    _add_version(rows, recorded, body.proposal, body.version)
    _acted(rows, recorded, body.proposal)


def _reactions(rows: Rows, recorded: Recorded) -> None:
    body: e.ReactionsRecorded | e.ReactionsImported = recorded.entry.body
    for row, value in body.rows:
        rows.then(REACTED, recorded.log, body.subject, row, value, recorded.index)
    rows.then(ABOUT, recorded.log, recorded.index, body.subject)


def _frozen(rows: Rows, recorded: Recorded) -> None:
    body: e.Frozen = recorded.entry.body
    _enter(rows, recorded, body.proposal, "notice", minute(body.vote_from))


def _vote_called(rows: Rows, recorded: Recorded) -> None:
    body: e.VoteCalled = recorded.entry.body
    _enter(rows, recorded, body.proposal, "vote", minute(body.until))
    rows.update(matter, _matter(recorded, body.proposal), election=body.election)


def _decided(rows: Rows, recorded: Recorded) -> None:
    body: e.Decided = recorded.entry.body
    _end(rows, recorded, body.proposal, "decided", minute(body.on))
    rows.update(
        matter,
        _matter(recorded, body.proposal),
        outcome=body.outcome,
        winners=as_json(body.winners),
    )


def _returned(rows: Rows, recorded: Recorded) -> None:
    body: e.Returned = recorded.entry.body
    _enter(rows, recorded, body.proposal, "discussion", minute(body.until))
    rows.update(
        matter,
        _matter(recorded, body.proposal),
        outcome=None,
        winners="[]",
        ended=None,
        closed=None,
    )


def _bylaws_kept(rows: Rows, recorded: Recorded) -> None:
    body: c.BylawsKept = recorded.entry.body
    rows.update(matter, _matter(recorded, body.decision), kept_field=body.field)


def _took_part(rows: Rows, recorded: Recorded) -> None:
    body: c.TookPart = recorded.entry.body
    column = "voices_tied" if body.of == "voice" else "rows_tied"
    rows.add(matter, _matter(recorded, body.matter), **{column: len(body.hashes)})


def _rules_adopted(rows: Rows, recorded: Recorded) -> None:
    def place(found: Found) -> None:
        if found is not None and found["matter"] is not None:
            concerns(rows, recorded, found["matter"])

    # It names no matter itself, and stands behind the decision that it follows from.
    before = {"log": recorded.log, "index": recorded.index - 1}
    rows.find(entry, before, ("matter",), place)


def _extended(rows: Rows, recorded: Recorded) -> None:
    body = recorded.entry.body
    if body.what.startswith("deliberation."):
        extend(rows, recorded, body.id, minute(body.until))


def extend(rows: Rows, recorded: Recorded, matter_id: str, until: int) -> None:
    """Put off the end of a matter's phase."""
    rows.update(matter, _matter(recorded, matter_id), phase_until=until)
    _mark(rows, recorded, matter_id, "extended", until)
    concerns(rows, recorded, matter_id)


def _words_erased(rows: Rows, recorded: Recorded) -> None:
    body: e.WordsErased = recorded.entry.body
    for words in body.words:
        erase(rows, recorded, words, body.reason)
    rows.then(ABOUT, recorded.log, recorded.index, body.of)


def _task_set(rows: Rows, recorded: Recorded) -> None:
    body: e.TaskSet = recorded.entry.body
    rows.insert(
        task,
        log=recorded.log,
        id=body.id,
        matter=body.proposal,
        words=bytes.fromhex(recorded.entry.content[0]),
        office=recorded.entry.by.id,
        entry=recorded.index,
        at=recorded.at,
        until=minute(body.until),
        done=None,
    )
    rows.add(matter, _matter(recorded, body.proposal), tasks=1)
    _acted(rows, recorded, body.proposal)


def _task_done(rows: Rows, recorded: Recorded) -> None:
    body: e.TaskDone = recorded.entry.body
    rows.update(task, {"log": recorded.log, "id": body.task}, done=recorded.at)
    rows.then(ABOUT, recorded.log, recorded.index, body.task)


def _outcome_recorded(rows: Rows, recorded: Recorded) -> None:
    body: e.OutcomeRecorded = recorded.entry.body
    expected, happened = (bytes.fromhex(one) for one in recorded.entry.content)
    rows.insert(
        card,
        log=recorded.log,
        id=body.id,
        matter=body.proposal,
        result=body.result,
        again=body.again,
        expected=expected,
        happened=happened,
        office=recorded.entry.by.id,
        entry=recorded.index,
        at=recorded.at,
    )
    rows.add(matter, _matter(recorded, body.proposal), cards=1)
    _acted(rows, recorded, body.proposal)


PROJECTIONS: Final = MappingProxyType[str, tuple[Project, ...]](
    {
        e.Proposed.kind: (_proposed,),
        e.Supported.kind: (_supported,),
        e.SupportWithdrawn.kind: (_support_withdrawn,),
        e.DiscussionOpened.kind: (_discussion_opened,),
        e.Lapsed.kind: (_lapsed,),
        e.Argued.kind: (_argued,),
        e.Commented.kind: (_commented,),
        e.Revised.kind: (_revised,),
        e.Withdrawn.kind: (_withdrawn,),
        e.ReactionsRecorded.kind: (_reactions,),
        e.Frozen.kind: (_frozen,),
        e.VoteCalled.kind: (_vote_called,),
        e.Decided.kind: (_decided,),
        e.Returned.kind: (_returned,),
        e.WordsErased.kind: (_words_erased,),
        e.TaskSet.kind: (_task_set,),
        e.TaskDone.kind: (_task_done,),
        e.OutcomeRecorded.kind: (_outcome_recorded,),
        e.ConversationImported.kind: (_conversation_imported,),
        e.StatementImported.kind: (_statement_imported,),
        e.ReactionsImported.kind: (_reactions,),
        c.TookPart.kind: (_took_part,),
        c.BylawsKept.kind: (_bylaws_kept,),
        "record.deadline_extended": (_extended,),
        "record.rules_adopted": (_rules_adopted,),
    }
)
