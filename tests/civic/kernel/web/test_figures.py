from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.web.figures import count, per_mille, percent, percents, share
from civic.kernel.web.language import Reader, reading_as


def test_as_people_read_them() -> None:
    assert count(1234567) == "1,234,567"
    assert percent(Fraction(2, 3)) == "66.6%"
    assert percent(Fraction(1)) == "100.0%"
    assert share(0, 0) == 0
    assert (per_mille(500), per_mille(666), per_mille(5)) == ("50%", "66.6%", "0.5%")
    with reading_as(Reader("be")):
        assert (per_mille(500), per_mille(666)) == (
            "50\N{NO-BREAK SPACE}%",
            "66,6\N{NO-BREAK SPACE}%",
        )


@given(st.fractions(min_value=0, max_value=1))
def test_a_percentage_never_exceeds_the_share(part: Fraction) -> None:
    assert Fraction(percent(part).rstrip("%")) / 100 <= part


def test_rounded_parts_of_a_whole_come_to_a_hundred_per_cent() -> None:
    assert percents([1, 2]) == ("33.3%", "66.7%")
    assert percents([43, 1]) == ("97.7%", "2.3%")
    assert percents([1, 2, 4]) == ("14.3%", "28.6%", "57.1%")
    assert percents([0, 0]) == ("0.0%", "0.0%")


def test_equal_parts_look_alike_even_if_the_sum_does_not_fit() -> None:
    assert percents([1, 1, 1]) == ("33.3%", "33.3%", "33.3%")


def test_approvals_of_each_option_are_rounded_by_themselves() -> None:
    assert percents([2, 1, 3], 3) == ("66.7%", "33.3%", "100.0%")


def test_near_a_threshold_as_many_decimals_are_shown_as_it_takes() -> None:
    half = Fraction(1, 2)
    assert percents([50, 50], None, half) == ("50.0%", "50.0%")
    assert percents([4999, 5001], None, half) == ("49.99%", "50.01%")
    assert percents([500_001, 499_999], None, half) == ("50.0001%", "49.9999%")
    assert percents([2, 1], None, Fraction(667, 1000)) == ("66.67%", "33.33%")


@given(
    st.lists(st.integers(0, 10**5), min_size=1, max_size=6),
    st.fractions(min_value=0, max_value=1, max_denominator=1000),
)
def test_what_is_shown_adds_up_and_stands_on_its_side_of_the_threshold(
    parts: list[int], threshold: Fraction
) -> None:
    whole = sum(parts)
    shown = [Fraction(one.rstrip("%")) / 100 for one in percents(parts, None, threshold)]
    if whole and len(set(parts)) == len(parts):
        assert sum(shown) == 1
    for part, one in zip(parts, shown, strict=True):
        exact = share(part, whole)
        assert abs(one - exact) <= Fraction(1, 1000)
        if exact != threshold:
            assert (one > threshold, one < threshold) == (exact > threshold, exact < threshold)
