"""Pauses between the starts of a process that keeps dying."""

from itertools import pairwise

import pytest

from civic.kernel import watched


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr("civic.kernel.watched.time.monotonic", lambda: now[0])
    return now


def _starts(backoff: watched.Backoff, clock: list[float], seconds: float) -> list[float]:
    starts = []
    end = clock[0] + seconds
    while clock[0] < end:
        if backoff.may_start():
            starts.append(clock[0])
        clock[0] += 0.05
    return starts


def test_pauses_grow_to_ten_seconds(clock: list[float]) -> None:
    starts = _starts(watched.Backoff(), clock, 120)
    pauses = [later - earlier for earlier, later in pairwise(starts)]
    assert pauses[0] < 0.1
    assert pauses == sorted(pauses)
    assert 9.9 < pauses[-1] < 10.1


def test_what_ran_for_a_minute_is_started_at_once(clock: list[float]) -> None:
    backoff = watched.Backoff()
    _starts(backoff, clock, 100)
    clock[0] += 61
    assert backoff.may_start()
    clock[0] += 0.05
    assert backoff.may_start()
