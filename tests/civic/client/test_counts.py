"""How `civic act` counts: upwards, whatever a node says, and never as far as it might want."""

from pathlib import Path

import pytest

from civic.client.checking import NotProven
from civic.client.counts import FARTHEST, Counts


def test_they_only_rise(tmp_path: Path) -> None:
    counts = Counts(tmp_path / "seed")
    assert [counts.next("a"), counts.next("a"), counts.next("b")] == [1, 2, 1]
    assert counts.next("a", told=1) == 3
    assert Counts(tmp_path / "seed").next("a", told=9) == 10
    assert (tmp_path / "seed.counts").stat().st_mode & 0o777 == 0o600


def test_nobody_uses_them_up(tmp_path: Path) -> None:
    counts = Counts(tmp_path / "seed")
    with pytest.raises(NotProven, match="answers were signed"):
        counts.next("a", told=FARTHEST + 1)
    assert counts.next("a") == 1


def test_a_file_that_tells_nothing_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "seed.counts").write_text("{")
    with pytest.raises(NotProven, match="does not hold"):
        Counts(tmp_path / "seed").next("a")
