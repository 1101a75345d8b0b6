"""Taking part in a matter under voice and row ids: the counts that the rules can check.

Who stands behind an id is in restricted papers (chapters/papers.py); the rules see hashes and
aggregates only. Upper domains call `speak` and `record_rows` from their own rules.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from chapters.entries import TookPart
from chapters.state import NAME, ChaptersState, Participation, of
from civic.kernel import keys
from civic.kernel.record.entry import (
    Act,
    As,
    Count,
    Entry,
    Hash,
    Hex64,
    Id,
    Integer,
    When,
    key_id,
    minute,
    row_message,
)
from civic.kernel.record.rules import Decision, Kind, State
from civic.kernel.refusal import Refusal, code

MATTER_UNKNOWN: Final = code("chapters.matter_unknown", "There is no such matter.")
WRONG_TICK: Final = code("chapters.wrong_tick", "The entry names another tick than its own.")
HASHES_UNSORTED: Final = code(
    "chapters.hashes_unsorted", "Hashes or rows are not sorted or stand twice."
)
TOO_MANY_TIES: Final = code(
    "chapters.too_many_ties", "More ids took part in a matter than there are members."
)
ROW_WITHOUT_TIE: Final = code(
    "chapters.row_without_tie", "More row ids stand in a matter than papers tie to members."
)
ROW_SIGNATURE: Final = code("chapters.row_signature", "A row's signature does not verify.")
ROW_COUNT: Final = code(
    "chapters.row_count", "A signed value does not count above the one that its row had before."
)
ROW_UNSIGNED: Final = code(
    "chapters.row_unsigned", "An unsigned value would take the place of a signed one."
)

Row = tuple[Id, Integer]
RowProof = tuple[Count, Count, Hash, Hex64]
"""Position of the row, count, public key, signature over `row_message`."""


def begin_matter(state: State, matter: str, *, is_open: bool = True) -> None:
    """Let members take part in a new matter (or not, when it was imported)."""
    chapter = of(state)
    present = chapter.active + chapter.suspended
    chapter.matters[matter] = Participation(present - chapter.admitted, is_open)


def announce(state: State, matter: str) -> None:
    """Note that a vote on a matter is announced: keys that are replaced from now on count later."""
    of(state).matters[matter].announced = state.record.size


def may_speak(state: State, matter: str, voice: str) -> Refusal | None:
    """Check that one more voice does not exceed the members."""
    chapter: ChaptersState = state.parts[NAME]
    part = chapter.matters[matter]
    # Numbers first: looking an id up in a large set costs more, and is hardly ever needed.
    if len(part.voices) >= part.base + chapter.admitted and voice not in part.voices:
        return Refusal(TOO_MANY_TIES)
    return None


def speak(state: State, matter: str, voice: str) -> None:
    """Note that a voice spoke in a matter."""
    chapter: ChaptersState = state.parts[NAME]
    chapter.matters[matter].voices.add(voice)


def decide_took_part(state: State, act: Act[TookPart], now: int) -> Decision:
    """Take the hashes of ties: of this tick, sorted, no more than members."""
    chapter, body = of(state), act.body
    part = chapter.matters.get(body.matter)
    if part is None or not part.open:
        return Refusal(MATTER_UNKNOWN)
    if minute(body.tick) != now:
        return Refusal(WRONG_TICK)
    if any(a >= b for a, b in pairwise(body.hashes)):
        return Refusal(HASHES_UNSORTED)
    tied = part.voices_tied if body.of == "voice" else part.rows_tied
    if tied + len(body.hashes) > part.base + chapter.admitted:
        return Refusal(TOO_MANY_TIES)
    return ()


def apply_took_part(state: State, entry: Entry[TookPart]) -> None:
    """Count the ties."""
    body = entry.body
    part = of(state).matters[body.matter]
    if body.of == "voice":
        part.voices_tied += len(body.hashes)
    else:
        part.rows_tied += len(body.hashes)


TOOK_PART: Final = Kind(
    TookPart, apply_took_part, decide_took_part, frozenset({As.NODE}), early=True
)


def check_rows(
    state: State, matter: str, tick: When, rows: Sequence[Row], now: int
) -> Refusal | None:
    """Check what every batch of rows has in common: tick, order, and a tie for each id."""
    part = of(state).matters[matter]
    if minute(tick) != now:
        return Refusal(WRONG_TICK)
    if any(a[0] >= b[0] for a, b in pairwise(rows)):
        return Refusal(HASHES_UNSORTED)
    new = sum(row not in part.rows for row, _ in rows)
    if len(part.rows) + new > part.rows_tied:
        return Refusal(ROW_WITHOUT_TIE)
    return None


def record_rows(state: State, matter: str, rows: Iterable[Row]) -> None:
    """Note the row ids that stand in a matter."""
    of(state).matters[matter].rows.update(row for row, _ in rows)


def count_refusal(last: int, count: int) -> Refusal | None:
    """Say why a value may not follow one of its row with the count `last`, or None.

    A count of 0 stands for an unsigned value.
    """
    if not count:
        return Refusal(ROW_UNSIGNED) if last else None
    return Refusal(ROW_COUNT, {"last": last, "given": count}) if count <= last else None


def row_count(state: State, matter: str, subject: str, row: str) -> int:
    """Return the count of a row's last signed value about a subject, or 0."""
    return of(state).matters[matter].counts.get(subject, {}).get(row, 0)


def check_counts(
    state: State, matter: str, subject: str, rows: Sequence[Row], proofs: Sequence[RowProof]
) -> Refusal | None:
    """Check that signed values count on, so that none can stand in the record again later."""
    last = of(state).matters[matter].counts.get(subject, _NOTHING)
    if not proofs and not last:
        return None
    given = {}
    for position, count, *_ in proofs:
        # Where signatures are verified elsewhere, nobody has looked at the places yet.
        if position >= len(rows):
            return Refusal(HASHES_UNSORTED)
        if not count:
            return Refusal(ROW_COUNT, {"last": last.get(rows[position][0], 0), "given": 0})
        given[position] = count
    for position, (row, _) in enumerate(rows):
        refused = count_refusal(last.get(row, 0), given.get(position, 0))
        if refused is not None:
            return refused
    return None


_NOTHING: Final[Mapping[str, int]] = MappingProxyType({})


def record_counts(
    state: State, matter: str, subject: str, rows: Sequence[Row], proofs: Sequence[RowProof]
) -> None:
    """Note the counts of signed values; unsigned ones leave nothing."""
    if proofs:
        counts = of(state).matters[matter].counts.setdefault(subject, {})
        counts.update((rows[position][0], count) for position, count, *_ in proofs)


def forget_counts(state: State, matter: str, subject: str | None = None) -> None:
    """Drop the counts of a subject, or of all in a matter: values have no effect any more."""
    counts = of(state).matters[matter].counts
    if subject is None:
        counts.clear()
    else:
        counts.pop(subject, None)


def check_row_proofs(
    log_id: str, subject: str, rows: Sequence[Row], proofs: Sequence[RowProof]
) -> Refusal | None:
    """Verify the signatures that members put under their rows."""
    last = -1
    for position, count, public_key, signature in proofs:
        if not last < position < len(rows):
            return Refusal(HASHES_UNSORTED)
        last = position
        row, value = rows[position]
        public = bytes.fromhex(public_key)
        if key_id(public) != row or not keys.verify(
            public, row_message(log_id, subject, row, count, value), bytes.fromhex(signature)
        ):
            return Refusal(ROW_SIGNATURE)
    return None
