"""Boxes: reactions and pseudonymous votes that wait to be recorded together."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from sqlalchemy import ARRAY, BigInteger, Integer, LargeBinary, Text, bindparam, text

from civic.kernel.database import Reading, Writing, fetch
from civic.kernel.record import store, ties
from civic.kernel.record.entry import Act, As, By, Proof, act_key, when
from civic.kernel.record.loaded import Loaded
from civic.kernel.record.submission import BoxPlace, BoxRow, Domain

LEAST_ROWS: Final = 5
"""Different rows that a box needs before it is recorded within the day (design, "Boxes")."""
ROWS_AN_ENTRY: Final = 1500
SIGNED_ROWS_AN_ENTRY: Final = 200
"""So many fit whatever their counts and values are."""
HASHES_AN_ENTRY: Final = 800
DAY: Final = 24 * 60


Place = tuple[str, str]
"""A subject and a row id: where a box holds one value at most."""


def promise_message(
    log_id: str, subject: str, row: str, count: int, value: int, tick: int
) -> bytes:
    """Return the bytes that the node key signs to promise that a row will be recorded."""
    named = f"{log_id}\n{subject}\n{row}\n{count}\n{value}\n{when(tick)}"
    return f"civic/promise/1\n{named}".encode()


async def put(db: Writing, log: int, rows: Mapping[Place, BoxRow]) -> set[Place]:
    """Put rows into their boxes, where later values replace earlier ones; return what was put.

    A signed value gives way to one with a higher count alone, or to itself.
    """
    sorted_rows = [row for _, row in sorted(rows.items())]
    proofs = [row.proof for row in sorted_rows]
    found = await fetch(
        db,
        _PUT,
        {
            "log": log,
            "subjects": [row.subject for row in sorted_rows],
            "rows": [row.row for row in sorted_rows],
            "values": [row.value for row in sorted_rows],
            "counts": [row.count if row.proof else None for row in sorted_rows],
            "keys": [bytes.fromhex(one.public_key) if one else None for one in proofs],
            "signatures": [bytes.fromhex(one.signature) if one else None for one in proofs],
        },
    )
    return set(rows) if len(found) == len(rows) else {(one[0], one[1]) for one in found}


_PUT = text(
    "INSERT INTO private.box AS b (log, subject, row, value, count, public_key, signature) "
    "SELECT :log, * FROM unnest(:subjects, :rows, :values, :counts, :keys, :signatures) "
    "ON CONFLICT (log, subject, row) DO UPDATE SET value = excluded.value, "
    "count = excluded.count, public_key = excluded.public_key, signature = excluded.signature "
    "WHERE b.count IS NULL OR excluded.count > b.count "
    "OR (excluded.count = b.count AND excluded.value = b.value) "
    "RETURNING subject, row"
).bindparams(
    bindparam("log", type_=Integer),
    bindparam("subjects", type_=ARRAY(Text)),
    bindparam("rows", type_=ARRAY(Text)),
    bindparam("values", type_=ARRAY(BigInteger)),
    bindparam("counts", type_=ARRAY(BigInteger)),
    bindparam("keys", type_=ARRAY(LargeBinary)),
    bindparam("signatures", type_=ARRAY(LargeBinary)),
)


async def counts(db: Reading, log: int, places: Collection[Place]) -> dict[Place, int]:
    """Return the counts of the signed values that wait at places."""
    given = {
        "log": log,
        "subjects": [subject for subject, _ in places],
        "rows": [row for _, row in places],
    }
    found = await db.execute(_COUNTS, given)
    return {(subject, row): count for subject, row, count in found}


_COUNTS = text(
    "SELECT subject, row, count FROM private.box WHERE log = :log AND count IS NOT NULL "
    "AND (subject, row) IN (SELECT * FROM unnest(:subjects, :rows))"
).bindparams(
    bindparam("subjects", type_=ARRAY(Text)),
    bindparam("rows", type_=ARRAY(Text)),
)


async def contents(db: Reading, log: int, subjects: Sequence[str]) -> list[BoxRow]:
    """Return all that waits in some of a log's boxes, sorted by subject and row."""
    rows = await db.execute(_CONTENTS, {"log": log, "subjects": subjects})
    return [
        BoxRow(
            row.subject,
            row.row,
            row.value,
            Proof(row.public_key.hex(), row.signature.hex()) if row.public_key else None,
            count=row[3] or 0,
        )
        for row in rows
    ]


# Lists are arrays: a list of bind parameters ends at 32,767, a vote does not.
_CONTENTS = text(
    "SELECT subject, row, value, count, public_key, signature FROM private.box "
    "WHERE log = :log AND subject = ANY(:subjects) ORDER BY subject, row"
).bindparams(bindparam("subjects", type_=ARRAY(Text)))
_EMPTY = text("DELETE FROM private.box WHERE log = :log AND subject = ANY(:subjects)").bindparams(
    bindparam("subjects", type_=ARRAY(Text))
)
_RIPE = text(
    "SELECT subject, count(*) FROM private.box WHERE log = :log GROUP BY subject ORDER BY subject"
)


class Handover:
    """The early acts that the first commit of a tick makes of ties and boxes."""

    def __init__(
        self, loaded: Loaded, domain: Domain, vault: ties.Vault, head: store.Head, now: int
    ) -> None:
        self.loaded = loaded
        self.head = head
        self.domain = domain
        self.vault = vault
        self.now = now
        self.acts: list[Act[Any]] = []
        self.tied: list[str] = []
        self._new_day = head.handed < now // DAY

    async def collect(self, db: Writing) -> None:
        """Draw up the early acts, and take out of the boxes what they record."""
        head = self.head
        if self._new_day:
            await store.handed(db, head.no, self.now // DAY)
        for matter, hashes in (await ties.waiting_voices(db, head.no)).items():
            self._tie("voice", matter, hashes)
        places = {
            subject: place
            for subject, count in await db.execute(_RIPE, {"log": head.no})
            if (place := self._ripe(subject, count)) is not None
        }
        if not places:
            return
        rows = await contents(db, head.no, list(places))
        waiting = await ties.waiting_rows(db, self.vault, head.no, {row.row for row in rows})
        for matter, hashes in waiting.items():
            self._tie("row", matter, hashes)
        for subject, group in groupby(rows, key=lambda row: row.subject):
            self._record(places[subject], subject, list(group))
        await db.execute(_EMPTY, {"log": head.no, "subjects": list(places)})

    def _ripe(self, subject: str, count: int) -> BoxPlace | None:
        state = self.loaded.state
        place = self.domain.box_place(state, subject)
        if place is None:
            return None
        deadline = state.record.deadlines.get(place.deadline)
        due = deadline is None or deadline.minute <= self.now
        return place if due or count >= LEAST_ROWS or self._new_day else None

    def _tie(self, of: str, matter: str, hashes: Sequence[str]) -> None:
        for part in _parts(hashes, HASHES_AN_ENTRY):
            self._act(self.domain.took_part(matter, of, when(self.now), part))
        self.tied.extend(hashes)

    def _record(self, place: BoxPlace, subject: str, rows: Sequence[BoxRow]) -> None:
        signed = any(row.proof for row in rows)
        size = SIGNED_ROWS_AN_ENTRY if signed else ROWS_AN_ENTRY
        for batch, part in enumerate(_parts(rows, size)):
            proofs = [
                (position, row.count, row.proof.public_key, row.proof.signature)
                for position, row in enumerate(part)
                if row.proof
            ]
            pairs = [(row.row, row.value) for row in part]
            self._act(place.record(subject, when(self.now), batch, pairs, proofs))

    def _act(self, body: Any) -> None:
        record = self.loaded.state.record
        by = By(As.NODE, record.node)
        key = act_key(record.log_id, by, f"early/{when(self.now)}/{record.size + len(self.acts)}")
        self.acts.append(Act(body.kind, by, key, body))


def _parts(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
