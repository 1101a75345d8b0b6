import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voting.counting.majority import count_approval, count_yes_no, quorate

SHARES = st.integers(0, 1000)
YES_NO = st.lists(st.sampled_from([-1, 0, 1]), max_size=40)
APPROVALS = st.lists(st.integers(0, 15), max_size=40)


class TestQuorum:
    @given(st.integers(0, 3000), st.integers(0, 3000), SHARES)
    def test_exact(self, cast: int, roll: int, quorum: int) -> None:
        assert quorate(cast, roll, quorum) == (cast >= Fraction(quorum * roll, 1000))

    @pytest.mark.parametrize(
        ("cast", "roll", "quorum", "enough"),
        [(20, 100, 200, True), (19, 100, 200, False), (0, 0, 1000, True), (0, 9, 0, True)],
    )
    def test_at_the_boundary(self, cast: int, roll: int, quorum: int, enough: bool) -> None:
        assert quorate(cast, roll, quorum) is enough


class TestYesNo:
    @given(YES_NO, st.integers(0, 60), SHARES, SHARES, st.randoms())
    def test_who_voted_what_is_no_matter(
        self, values: list[int], roll: int, quorum: int, majority: int, rng: random.Random
    ) -> None:
        shuffled = values[:]
        rng.shuffle(shuffled)
        one = count_yes_no(values, roll, quorum, majority)
        assert one == count_yes_no(shuffled, roll, quorum, majority)
        assert sum(one.counts) == one.cast == len(values)

    @given(YES_NO, st.integers(0, 60), SHARES, SHARES)
    def test_exact(self, values: list[int], roll: int, quorum: int, majority: int) -> None:
        outcome = count_yes_no(values, roll, quorum, majority)
        yes, no, _ = outcome.counts
        above = yes + no > 0 and Fraction(yes, yes + no) > Fraction(majority, 1000)
        assert bool(outcome.passed) == (outcome.quorate and above)

    @given(YES_NO, st.integers(0, 60), SHARES, SHARES)
    def test_one_more_yes_never_harms(
        self, values: list[int], roll: int, quorum: int, majority: int
    ) -> None:
        before = count_yes_no(values, roll, quorum, majority)
        after = count_yes_no([*values, 1], roll, quorum, majority)
        assert not before.passed or after.passed

    @pytest.mark.parametrize(
        ("yes", "no", "majority", "passed"),
        [
            (1, 1, 500, False),
            (2, 1, 500, True),
            (2, 1, 666, True),
            (2, 1, 667, False),
            (333, 167, 666, False),
            (334, 166, 666, True),
            (1, 0, 999, True),
            (0, 0, 0, False),
            (10**15 + 1, 10**15, 500, True),
        ],
    )
    def test_at_the_boundary(self, yes: int, no: int, majority: int, passed: bool) -> None:
        if yes < 10**6:
            outcome = count_yes_no([1] * yes + [-1] * no, yes + no, 0, majority)
            assert bool(outcome.passed) is passed
        assert (yes * 1000 > majority * (yes + no)) is passed

    def test_abstentions_count_for_the_quorum_only(self) -> None:
        outcome = count_yes_no([1, 0, 0, 0], 4, 1000, 500)
        assert outcome.quorate
        assert outcome.passed == (0,)
        assert outcome.counts == (1, 0, 3)

    def test_nobody(self) -> None:
        outcome = count_yes_no([], 0, 500, 500)
        assert outcome.quorate
        assert outcome.passed == ()


class TestApproval:
    @given(APPROVALS, st.integers(0, 60), SHARES, SHARES, st.randoms())
    def test_who_voted_what_is_no_matter(
        self, values: list[int], roll: int, quorum: int, majority: int, rng: random.Random
    ) -> None:
        shuffled = values[:]
        rng.shuffle(shuffled)
        one = count_approval(values, 4, roll, quorum, majority)
        assert one == count_approval(shuffled, 4, roll, quorum, majority)
        assert one.cast == len(values)

    @given(APPROVALS, SHARES, st.permutations(range(4)))
    def test_options_are_treated_alike(
        self, values: list[int], majority: int, order: list[int]
    ) -> None:
        moved = [
            sum((value >> old & 1) << new for new, old in enumerate(order)) for value in values
        ]
        one = count_approval(values, 4, len(values), 0, majority)
        other = count_approval(moved, 4, len(values), 0, majority)
        assert other.counts == tuple(one.counts[old] for old in order)
        assert {order[new] for new in other.passed} == set(one.passed)

    @given(APPROVALS, SHARES)
    def test_exact(self, values: list[int], majority: int) -> None:
        outcome = count_approval(values, 4, len(values), 0, majority)
        best = max(outcome.counts)
        above = bool(values) and Fraction(best, len(values)) > Fraction(majority, 1000)
        expected = (
            {n for n, count in enumerate(outcome.counts) if count == best} if above else set()
        )
        assert set(outcome.passed) == expected

    def test_equals_all_pass(self) -> None:
        assert count_approval([0b011, 0b011, 0b100], 3, 3, 0, 500).passed == (0, 1)

    def test_an_empty_ballot_is_cast(self) -> None:
        outcome = count_approval([0, 0, 1], 2, 3, 1000, 500)
        assert outcome.cast == 3
        assert outcome.passed == ()
