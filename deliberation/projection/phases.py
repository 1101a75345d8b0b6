"""How matters find support and go through their phases, as rows."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from chapters import entries as c
from chapters.tables import as_json
from civic.kernel.projection import Found, Project, Recorded, Rows
from civic.kernel.record.entry import minute
from civic.kernel.record.view import concerns, entry
from deliberation import entries as e
from deliberation.moderation.rules import WHAT
from deliberation.projection.changing import acted, end, enter, extend, matter_key
from deliberation.tables import SPOKE, matter, support


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
    rows.add(matter, matter_key(recorded, matter_id), supports=1 if active else -1)
    acted(rows, recorded, matter_id)


def _discussion_opened(rows: Rows, recorded: Recorded) -> None:
    body: e.DiscussionOpened = recorded.entry.body
    enter(rows, recorded, body.proposal, "discussion", minute(body.until))


def _lapsed(rows: Rows, recorded: Recorded) -> None:
    end(rows, recorded, recorded.entry.body.proposal, "lapsed", recorded.at)


def _withdrawn(rows: Rows, recorded: Recorded) -> None:
    end(rows, recorded, recorded.entry.body.proposal, "withdrawn", recorded.at)


def _frozen(rows: Rows, recorded: Recorded) -> None:
    body: e.Frozen = recorded.entry.body
    enter(rows, recorded, body.proposal, "notice", minute(body.vote_from))


def _vote_called(rows: Rows, recorded: Recorded) -> None:
    body: e.VoteCalled = recorded.entry.body
    enter(rows, recorded, body.proposal, "vote", minute(body.until))
    rows.update(matter, matter_key(recorded, body.proposal), election=body.election)


def _decided(rows: Rows, recorded: Recorded) -> None:
    body: e.Decided = recorded.entry.body
    end(rows, recorded, body.proposal, "decided", minute(body.on))
    rows.update(
        matter,
        matter_key(recorded, body.proposal),
        outcome=body.outcome,
        winners=as_json(body.winners),
    )


def _returned(rows: Rows, recorded: Recorded) -> None:
    body: e.Returned = recorded.entry.body
    enter(rows, recorded, body.proposal, "discussion", minute(body.until))
    rows.update(
        matter,
        matter_key(recorded, body.proposal),
        outcome=None,
        winners="[]",
        ended=None,
        closed=None,
    )


def _bylaws_kept(rows: Rows, recorded: Recorded) -> None:
    body: c.BylawsKept = recorded.entry.body
    rows.update(matter, matter_key(recorded, body.decision), kept_field=body.field)


def _took_part(rows: Rows, recorded: Recorded) -> None:
    body: c.TookPart = recorded.entry.body
    column = "voices_tied" if body.of == "voice" else "rows_tied"
    rows.add(matter, matter_key(recorded, body.matter), **{column: len(body.hashes)})


def _rules_adopted(rows: Rows, recorded: Recorded) -> None:
    def place(found: Found) -> None:
        if found is not None and found["matter"] is not None:
            concerns(rows, recorded, found["matter"])

    # It names no matter itself, and stands behind the decision that it follows from.
    before = {"log": recorded.log, "index": recorded.index - 1}
    rows.find(entry, before, ("matter",), place)


def _extended(rows: Rows, recorded: Recorded) -> None:
    body = recorded.entry.body
    if body.what.startswith("deliberation.") and body.what != WHAT:
        extend(rows, recorded, body.id, minute(body.until))


PROJECTIONS: Final[Mapping[str, tuple[Project, ...]]] = MappingProxyType(
    {
        e.Supported.kind: (_supported,),
        e.SupportWithdrawn.kind: (_support_withdrawn,),
        e.DiscussionOpened.kind: (_discussion_opened,),
        e.Lapsed.kind: (_lapsed,),
        e.Withdrawn.kind: (_withdrawn,),
        e.Frozen.kind: (_frozen,),
        e.VoteCalled.kind: (_vote_called,),
        e.Decided.kind: (_decided,),
        e.Returned.kind: (_returned,),
        c.TookPart.kind: (_took_part,),
        c.BylawsKept.kind: (_bylaws_kept,),
        "record.deadline_extended": (_extended,),
        "record.rules_adopted": (_rules_adopted,),
    }
)
