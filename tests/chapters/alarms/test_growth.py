"""Unusual growth: who counts, and from how many on it is shown."""

import pytest

from chapters import entries as c
from chapters.alarms.growth import growth, growth_of
from tests.acts import begin, made, text
from tests.dishonest.case import village


@pytest.mark.parametrize(
    ("joined", "members", "alarming"),
    [(30, 35, False), (31, 35, True), (40, 500, False), (46, 500, True), (0, 0, False)],
)
def test_thirty_or_a_tenth_of_those_before(joined: int, members: int, alarming: bool) -> None:
    assert growth(joined, members).alarming is alarming


def test_founders_and_applicants_do_not_count() -> None:
    game = begin()
    game.member(c.Applied(made("x")), "x")
    assert growth_of(game.chapter, game.now).joined == 3
    game.wait(days=31)
    assert growth_of(game.chapter, game.now).joined == 0


def test_the_audit_says_so() -> None:
    record = village()
    for number in range(31):
        record.join(f"newcomer {number}", "ann")
    notices = record.audit(papers=record.papers).notices
    assert any("people joined within the last 30 days" in one for one in notices)


def test_a_join_takes_its_paper() -> None:
    game = begin()
    before = growth_of(game.chapter, game.now).joined
    game.member(c.Joined(made("y"), text("paper y")), "y")
    assert growth_of(game.chapter, game.now).joined == before + 1
