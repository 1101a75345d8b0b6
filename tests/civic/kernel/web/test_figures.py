from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.web.figures import count, percent, share


def test_as_people_read_them() -> None:
    assert count(1234567) == "1,234,567"
    assert percent(Fraction(2, 3)) == "66.6%"
    assert percent(Fraction(1)) == "100.0%"
    assert share(0, 0) == 0


@given(st.fractions(min_value=0, max_value=1))
def test_a_percentage_never_exceeds_the_share(part: Fraction) -> None:
    assert Fraction(percent(part).rstrip("%")) / 100 <= part
