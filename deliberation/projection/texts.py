"""How matters begin and how their texts change, as rows."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from chapters.tables import as_json, chapter, on_tick, read_bylaws
from civic.kernel.projection import Found, Project, Recorded, Rows
from civic.kernel.record.view import concerns
from deliberation import entries as e
from deliberation.effects import gives_effects
from deliberation.languages import given
from deliberation.projection.changing import acted, mark, matter_key, words_of
from deliberation.tables import SPOKE, matter, version
from deliberation.wording import WORDED


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
        **words_of(recorded),
        **values,
        **dict.fromkeys((*counts, *ties), 0),
    )
    _add_version(rows, recorded, values["id"], 1)
    rows.then(WORDED, recorded.log, values["id"])
    mark(rows, recorded, values["id"], phase, until)
    concerns(rows, recorded, values["id"])


def _proposed(rows: Rows, recorded: Recorded) -> None:
    body: e.Proposed = recorded.entry.body
    values: dict[str, Any] = {
        "id": body.id,
        "options": body.options,
        "lang": body.lang,
        "phase": "support",
        "secrecy": body.secrecy,
        "source": None,
        **_effects(body),
    }
    rows.find(
        chapter,
        {"log": recorded.log},
        ("bylaws", "bylaws_number"),
        lambda found: _begin(rows, recorded, found, values),
    )
    rows.then(SPOKE, recorded.log, body.id, recorded.entry.by.id, recorded.index)


def _effects(body: e.Proposed | e.Revised) -> dict[str, str | None]:
    return {
        "changes": as_json(body.changes or ()),
        "appointment": None if body.appointment is None else as_json(body.appointment),
        "rules": None if body.rules is None else as_json(body.rules),
        "measure": None if body.measure is None else as_json(body.measure),
    }


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


def _add_version(rows: Rows, recorded: Recorded, matter_id: str, number: int) -> None:
    reason = given(recorded.entry.body, recorded.entry.content).reason
    rows.insert(
        version,
        log=recorded.log,
        matter=matter_id,
        number=number,
        entry=recorded.index,
        at=recorded.at,
        reason=None if reason is None else bytes.fromhex(reason),
        **words_of(recorded),
    )


def _revised(rows: Rows, recorded: Recorded) -> None:
    body: e.Revised = recorded.entry.body
    effects = _effects(body) if gives_effects(body) else {}
    rows.update(
        matter,
        matter_key(recorded, body.proposal),
        version=body.version,
        **words_of(recorded),
        **effects,
    )
    _add_version(rows, recorded, body.proposal, body.version)
    rows.then(WORDED, recorded.log, body.proposal)
    acted(rows, recorded, body.proposal)


PROJECTIONS: Final[Mapping[str, tuple[Project, ...]]] = MappingProxyType(
    {
        e.Proposed.kind: (_proposed,),
        e.Revised.kind: (_revised,),
        e.ConversationImported.kind: (_conversation_imported,),
    }
)
