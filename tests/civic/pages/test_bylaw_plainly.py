"""Bylaws as people read them: by subject, in round words, with the exact value beside them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.bylaws import DAY, TEMPLATES, YEAR, Bylaws
from civic.pages.bylaw_plainly import GROUPS, by_subject, plainly
from civic.pages.bylaw_words import RULES


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("level2_time", 732 * DAY, "about 2 years"),
        ("level1_time", 366 * DAY, "about 1 year"),
        ("office_most", 365 * DAY, "about 1 year"),
        ("office_most", 548 * DAY, "about 18 months"),
        ("suspension_most", 90 * DAY, "about 3 months"),
        ("lead_absence", 30 * DAY, "about 1 month"),
        ("support_time", 14 * DAY, "2 weeks"),
        ("discussion_time", 10 * DAY, "10 days"),
        ("notice_time", 0, "none"),
        ("vote_time", 36 * 60, "36 hours"),
        ("level_vote", 1, "level 1: others have met you"),
        ("quorum", 200, "one in five of the members on the roll"),
        ("quorum", 215, "21.5% of the members on the roll"),
        ("majority", 500, "more than half of yes and no together"),
        ("unsigned_votes", True, "yes"),
        ("founders", 3, "3"),
        ("tick", 10, "10 minutes"),
    ],
)
def test_a_value_is_told_as_a_neighbour_would(field: str, value: int, words: str) -> None:
    assert plainly(field, value) == words


@given(st.integers(0, 5 * YEAR))
def test_every_length_is_told_and_round_words_are_near_it(minutes: int) -> None:
    words = plainly("level2_time", minutes)
    number = int(words.split()[-2]) if words != "none" else 0
    sizes = {"minute": 1, "hour": 60, "day": DAY, "week": 7 * DAY, "month": 30.44 * DAY,
             "year": 365.25 * DAY, "none": 1}  # fmt: skip
    told = number * sizes[words.split()[-1].rstrip("s") if words != "none" else "none"]
    assert abs(told - minutes) <= 32 * DAY


def test_every_bylaw_has_one_subject() -> None:
    named = [field for _heading, fields in GROUPS for field in fields]
    assert len(named) == len(set(named))
    assert set(named) == {rule.field for rule in RULES} == set(Bylaws.__struct_fields__)


@pytest.mark.parametrize("bylaws", TEMPLATES.values(), ids=TEMPLATES)
def test_round_words_stand_beside_the_exact_value(bylaws: Bylaws) -> None:
    told = [one for _heading, of_one in by_subject(bylaws) for one in of_one]
    assert {one.line.field for one in told} == set(Bylaws.__struct_fields__)
    for one in told:
        assert one.exact == ("" if one.plain == one.line.value else one.line.value)
        assert not one.plain.startswith("about") or one.exact.endswith("days")
