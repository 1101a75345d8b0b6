"""How the chapters domain's entries become rows: foundings, members, names, bylaws."""

from types import MappingProxyType
from typing import Any, Final

from chapters import entries as e
from chapters.bylaws import CHARTER, changed
from chapters.tables import (
    as_json,
    bylaws_version,
    chapter,
    confirmation,
    erased,
    member,
    name_given,
    on_tick,
    read_bylaws,
)
from civic.kernel.projection import Found, Project, Recorded, Rows
from civic.kernel.record import view
from civic.kernel.record.entry import minute


def _this(recorded: Recorded) -> dict[str, int]:
    return {"log": recorded.log}


def _one(recorded: Recorded, own_id: str) -> dict[str, Any]:
    return {"log": recorded.log, "id": own_id}


def _digest(recorded: Recorded) -> bytes:
    return bytes.fromhex(recorded.entry.content[0])


def _founded(rows: Rows, recorded: Recorded) -> None:
    body: e.Founded = recorded.entry.body
    at, bylaws = recorded.at, as_json(body.bylaws)
    rows.insert(
        chapter,
        log=recorded.log,
        chapter_id=recorded.chapter_id,
        log_id=recorded.log_id,
        stage="forming",
        template=body.template,
        charter=body.charter,
        name=_digest(recorded),
        founder=body.founder,
        founded=at,
        forming_until=on_tick(at + CHARTER.forming_most, body.bylaws),
        constituted=None,
        founders=0,
        active=0,
        applied=0,
        suspended=0,
        imported=0,
        bylaws_number=1,
        bylaws=bylaws,
        stewards="[]",
        stewards_needed=0,
        rules=body.rules,
    )
    view.note_version(rows, recorded, -1, body.rules)
    rows.insert(
        bylaws_version,
        log=recorded.log,
        number=1,
        entry=recorded.index,
        at=at,
        decision=None,
        changes="[]",
        bylaws=bylaws,
    )
    _add_member(rows, recorded, body.founder, "active", body.founder_key)


def _add_member(
    rows: Rows, recorded: Recorded, own_id: str, state: str, key: str | None = None
) -> None:
    active = state == "active"
    rows.insert(
        member,
        log=recorded.log,
        id=own_id,
        state=state,
        level=0,
        key=key,
        name=None,
        founder=False,
        since=recorded.at,
        entry=recorded.index,
        admitted=recorded.index if active else None,
        ended=None,
        handed=None,
    )
    rows.add(chapter, _this(recorded), **{state: 1})


def _joined(rows: Rows, recorded: Recorded) -> None:
    body: e.Joined = recorded.entry.body
    _add_member(rows, recorded, body.member, "active", body.member_key)


def _applied(rows: Rows, recorded: Recorded) -> None:
    body: e.Applied = recorded.entry.body
    _add_member(rows, recorded, body.member, "applied", body.member_key)


def _admitted(rows: Rows, recorded: Recorded) -> None:
    rows.update(
        member,
        _one(recorded, recorded.entry.body.member),
        state="active",
        since=recorded.at,
        admitted=recorded.index,
    )
    rows.add(chapter, _this(recorded), applied=-1, active=1)


def _application_lapsed(rows: Rows, recorded: Recorded) -> None:
    rows.update(member, _one(recorded, recorded.entry.body.member), state="left", ended=recorded.at)
    rows.add(chapter, _this(recorded), applied=-1)


def _confirmed(rows: Rows, recorded: Recorded) -> None:
    for met in recorded.entry.body.met:
        rows.once(confirmation, log=recorded.log, member=recorded.entry.by.id, met=met)


def _constituted(rows: Rows, recorded: Recorded) -> None:
    body: e.Constituted = recorded.entry.body
    rows.update(
        chapter,
        _this(recorded),
        stage="active",
        forming_until=None,
        constituted=recorded.at,
        founders=len(body.founders),
    )
    for one in body.founders:
        rows.update(member, _one(recorded, one), founder=True)


def _dissolved(rows: Rows, recorded: Recorded) -> None:
    rows.update(chapter, _this(recorded), stage="dissolved", forming_until=None)


def _forming_extended(rows: Rows, recorded: Recorded) -> None:
    body = recorded.entry.body
    if body.what == "chapters.forming":
        rows.update(chapter, _this(recorded), forming_until=minute(body.until))


def _name_set(rows: Rows, recorded: Recorded) -> None:
    rows.update(member, _one(recorded, recorded.entry.by.id), name=_digest(recorded))


def _name_erased(rows: Rows, recorded: Recorded) -> None:
    rows.update(member, _one(recorded, recorded.entry.by.id), name=None)
    erase(rows, recorded, recorded.entry.body.words)


def erase(rows: Rows, recorded: Recorded, words: str, reason: str | None = None) -> None:
    """Note words that an entry erases; the first entry that does is the one that did."""
    rows.once(
        erased,
        log=recorded.log,
        hash=bytes.fromhex(words),
        entry=recorded.index,
        role=recorded.entry.by.as_.value,
        reason=reason,
    )


def _name_given(rows: Rows, recorded: Recorded) -> None:
    body: e.NameGiven = recorded.entry.body
    rows.upsert(
        name_given,
        log=recorded.log,
        matter=body.matter,
        voice=body.voice,
        member=recorded.entry.by.id,
        entry=recorded.index,
    )
    view.concerns(rows, recorded, body.matter)


def _took_part(rows: Rows, recorded: Recorded) -> None:
    view.concerns(rows, recorded, recorded.entry.body.matter)


def _bylaws_changed(rows: Rows, recorded: Recorded) -> None:
    body: e.BylawsChanged = recorded.entry.body

    def change(found: Found) -> None:
        if found is None:
            raise LookupError("bylaws were changed before the founding")
        bylaws = as_json(changed(read_bylaws(found["bylaws"]), body.changes))
        number = found["bylaws_number"] + 1
        rows.update(chapter, _this(recorded), bylaws=bylaws, bylaws_number=number)
        rows.insert(
            bylaws_version,
            log=recorded.log,
            number=number,
            entry=recorded.index,
            at=recorded.at,
            decision=body.decision,
            changes=as_json(body.changes),
            bylaws=bylaws,
        )

    rows.find(chapter, _this(recorded), ("bylaws", "bylaws_number"), change)
    view.concerns(rows, recorded, body.decision)


def _bylaws_kept(rows: Rows, recorded: Recorded) -> None:
    view.concerns(rows, recorded, recorded.entry.body.decision)


def _stewards(rows: Rows, recorded: Recorded) -> None:
    body: e.StewardsNamed = recorded.entry.body
    rows.update(
        chapter, _this(recorded), stewards=as_json(body.keys), stewards_needed=body.threshold
    )


def _rules_adopted(rows: Rows, recorded: Recorded) -> None:
    rows.update(chapter, _this(recorded), rules=recorded.entry.body.to)


def _imported(rows: Rows, recorded: Recorded) -> None:
    for own_id in recorded.entry.body.members:
        _add_member(rows, recorded, own_id, "imported")


PROJECTIONS: Final = MappingProxyType[str, tuple[Project, ...]](
    {
        e.Founded.kind: (_founded,),
        e.Joined.kind: (_joined,),
        e.Applied.kind: (_applied,),
        e.Admitted.kind: (_admitted,),
        e.ApplicationLapsed.kind: (_application_lapsed,),
        e.FounderConfirmed.kind: (_confirmed,),
        e.Constituted.kind: (_constituted,),
        e.Dissolved.kind: (_dissolved,),
        e.DisplayNameSet.kind: (_name_set,),
        e.DisplayNameErased.kind: (_name_erased,),
        e.NameGiven.kind: (_name_given,),
        e.TookPart.kind: (_took_part,),
        e.BylawsChanged.kind: (_bylaws_changed,),
        e.BylawsKept.kind: (_bylaws_kept,),
        e.StewardsNamed.kind: (_stewards,),
        e.MembersImported.kind: (_imported,),
        "record.deadline_extended": (_forming_extended,),
        "record.rules_adopted": (_rules_adopted,),
    }
)
