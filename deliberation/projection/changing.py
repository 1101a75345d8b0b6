"""How a matter's rows change with its entries: its phase, who acted in it, its words."""

from typing import Any

from civic.kernel.projection import Recorded, Rows
from civic.kernel.record.view import concerns
from deliberation.entries import Wording
from deliberation.languages import given
from deliberation.tables import SPOKE, matter, timeline


def matter_key(recorded: Recorded, own_id: str) -> dict[str, Any]:
    """Return the key of a matter's row."""
    return {"log": recorded.log, "id": own_id}


def acted(rows: Rows, recorded: Recorded, matter_id: str) -> None:
    """Note that an entry acted in a matter."""
    concerns(rows, recorded, matter_id)
    rows.update(matter, matter_key(recorded, matter_id), active_at=recorded.at)


def spoke(rows: Rows, recorded: Recorded, matter_id: str) -> None:
    """Note that a voice acted in a matter."""
    acted(rows, recorded, matter_id)
    rows.then(SPOKE, recorded.log, matter_id, recorded.entry.by.id, recorded.index)


def words_of(recorded: Recorded) -> dict[str, Any]:
    """Return the columns of an entry's title, text and labels, and of those in other languages."""
    entry = recorded.entry
    further: tuple[Wording, ...] = getattr(entry.body, "also", ())
    hashes = [bytes.fromhex(one) for one in given(entry.body, entry.content).texts]
    size = len(hashes) // (1 + len(further))
    return {
        "title": hashes[0],
        "text": hashes[1],
        "labels": b"".join(hashes[2:size]),
        "languages": " ".join(one.lang for one in further),
        "also": b"".join(hashes[size:]),
    }


def enter(
    rows: Rows, recorded: Recorded, matter_id: str, phase: str, until: int | None = None
) -> None:
    """Let a matter be in another phase."""
    rows.update(
        matter,
        matter_key(recorded, matter_id),
        phase=phase,
        phase_since=recorded.at,
        phase_until=until,
    )
    acted(rows, recorded, matter_id)
    mark(rows, recorded, matter_id, phase, until)


def mark(rows: Rows, recorded: Recorded, matter_id: str, phase: str, until: int | None) -> None:
    """Note a change of phase in a matter's timeline."""
    rows.insert(
        timeline,
        log=recorded.log,
        matter=matter_id,
        entry=recorded.index,
        phase=phase,
        at=recorded.at,
        until=until,
    )


def end(rows: Rows, recorded: Recorded, matter_id: str, phase: str, ended: int) -> None:
    """Let a matter end in a phase, at a minute."""
    enter(rows, recorded, matter_id, phase)
    rows.update(matter, matter_key(recorded, matter_id), ended=ended, closed=recorded.index)


def extend(rows: Rows, recorded: Recorded, matter_id: str, until: int) -> None:
    """Put off the end of a matter's phase."""
    rows.update(matter, matter_key(recorded, matter_id), phase_until=until)
    mark(rows, recorded, matter_id, "extended", until)
    concerns(rows, recorded, matter_id)
