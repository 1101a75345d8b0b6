"""What changed between two texts, word by word, in bounded time.

The shortest edit by Myers' greedy algorithm (E. W. Myers, "An O(ND) Difference Algorithm and Its
Variations", Algorithmica 1, 1986) over words, spaces and marks. Where that takes more than a number
of steps, whole lines are compared instead, and where even those differ too much, the text between
the common beginning and end counts as replaced. Whatever is returned, what was kept and inserted
makes the new text, what was kept and deleted the old one.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

Change = Literal["kept", "deleted", "inserted"]

STEPS: Final = 100_000
"""Comparisons after which a finer comparison is given up: some 50 ms."""

_TOKEN: Final = re.compile(r"\w+|\s+|[^\w\s]")
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")


class Run(NamedTuple):
    """A stretch of text that was kept, deleted or inserted."""

    change: Change
    text: str


def word_diff(old: str, new: str, steps: int = STEPS) -> list[Run]:
    """Return what became of a text: runs in order, none empty, no two alike beside each other.

    Before what was inserted in one place stands what was deleted there.
    """
    for pattern in (_TOKEN, _LINE):
        runs = _compared(pattern.findall(old), pattern.findall(new), steps)
        if runs is not None:
            return list(_merged(runs))
    return list(_merged(_around(old, new)))


def _compared(old: Sequence[str], new: Sequence[str], steps: int) -> list[Run] | None:
    """Return the runs between two sequences, None where it takes too many steps."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    inner = _shortest(old[head : len(old) - tail], new[head : len(new) - tail], steps)
    if inner is None:
        return None
    kept = [Run("kept", one) for one in old[:head]]
    return [*kept, *inner, *(Run("kept", one) for one in old[len(old) - tail :])]


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """Return how much two sequences begin with in common."""
    n = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        n += 1
    return n


def _shortest(old: Sequence[str], new: Sequence[str], steps: int) -> list[Run] | None:
    """Return a shortest edit (Myers), None where it takes more than so many steps.

    Row d holds how far in `old` one gets with d edits, on each diagonal from -d to d by twos.
    """
    n, m = len(old), len(new)
    rows: list[list[int]] = []
    for edits in range(n + m + 1):
        row = [0] * (edits + 1)
        before = rows[-1] if rows else row
        for place in range(edits + 1):
            if edits == 0:
                x = 0
            elif _is_down(before, place, edits):
                x = before[place]
            else:
                x = before[place - 1] + 1
            y = x - (2 * place - edits)
            start = x
            while x < n and y < m and old[x] == new[y]:
                x, y = x + 1, y + 1
            steps -= 1 + x - start
            row[place] = x
            if x >= n and y >= m:
                return _walked(old, new, rows, edits)
        if steps < 0:
            return None
        rows.append(row)
    raise AssertionError("an edit of all is always found")


def _is_down(before: Sequence[int], place: int, edits: int) -> bool:
    """Tell whether a diagonal is reached by an insertion rather than by a deletion."""
    return place == 0 or (place != edits and before[place - 1] < before[place])


def _walked(
    old: Sequence[str], new: Sequence[str], rows: Sequence[Sequence[int]], last: int
) -> list[Run]:
    """Return the runs of the way that was found, from its end back to its beginning."""
    x, y = len(old), len(new)
    runs: list[Run] = []
    for edits in range(last, 0, -1):
        before, place = rows[edits - 1], (x - y + edits) // 2
        down = _is_down(before, place, edits)
        from_x = before[place] if down else before[place - 1]
        while x > (from_x if down else from_x + 1):
            x, y = x - 1, y - 1
            runs.append(Run("kept", old[x]))
        if down:
            y -= 1
            runs.append(Run("inserted", new[y]))
        else:
            x -= 1
            runs.append(Run("deleted", old[x]))
    runs += [Run("kept", one) for one in old[:x][::-1]]
    return runs[::-1]


def _around(old: str, new: str) -> list[Run]:
    """Return the common beginning and end of two texts, by lines, and what is between."""
    lines, others = _LINE.findall(old), _LINE.findall(new)
    head = _common(lines, others)
    tail = _common(lines[head:][::-1], others[head:][::-1])
    return [
        Run("kept", "".join(lines[:head])),
        Run("deleted", "".join(lines[head : len(lines) - tail])),
        Run("inserted", "".join(others[head : len(others) - tail])),
        Run("kept", "".join(lines[len(lines) - tail :])),
    ]


def _merged(runs: Sequence[Run]) -> Iterator[Run]:
    """Put runs together: what changed in one place is one deletion and one insertion.

    A space that was kept between two changes counts as changed: nobody reads word by word.
    """
    deleted: list[str] = []
    inserted: list[str] = []
    kept: list[str] = []
    for change, text in runs:
        if change == "kept":
            kept.append(text)
            continue
        between = "".join(kept)
        if deleted or inserted:
            if between.isspace() and "\n" not in between and deleted and inserted:
                deleted.append(between)
                inserted.append(between)
                between = ""
            elif between:
                yield from _changed(deleted, inserted)
                deleted, inserted = [], []
        if between:
            yield Run("kept", between)
        kept = []
        (deleted if change == "deleted" else inserted).append(text)
    yield from _changed(deleted, inserted)
    if rest := "".join(kept):
        yield Run("kept", rest)


def _changed(deleted: Sequence[str], inserted: Sequence[str]) -> Iterator[Run]:
    if gone := "".join(deleted):
        yield Run("deleted", gone)
    if come := "".join(inserted):
        yield Run("inserted", come)
