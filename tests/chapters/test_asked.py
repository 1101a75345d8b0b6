"""Which level is asked: never one that too few have, so that no chapter dies of expiry."""

import pytest

from chapters.bylaws import YEAR
from chapters.state import ChaptersState, Member, asked, eligible
from chapters.state import of as chapter_of
from civic.procedure import DRAFT
from deliberation import entries as d
from tests.acts import begin, made, propose, to_vote


def having(*levels: int) -> ChaptersState:
    chapter = chapter_of(DRAFT.initial("00" * 32))
    chapter.members = {
        f"m{number}": Member("active", number=number, level=level)
        for number, level in enumerate(levels)
    }
    return chapter


@pytest.mark.parametrize(
    ("levels", "expected"),
    [((2, 2, 2, 0), 2), ((2, 2, 1, 0), 1), ((2, 2, 0, 0), 0), ((1, 1, 1), 1), ((), 0)],
)
def test_at_least_three_have_it(levels: tuple[int, ...], expected: int) -> None:
    assert asked(having(*levels), 2) == expected
    assert asked(having(*levels), 0) == 0


def test_who_left_or_joined_late_does_not_count() -> None:
    chapter = chapter_of(DRAFT.initial("00" * 32))
    chapter.members = {
        "a": Member("active", level=2),
        "b": Member("active", level=2),
        "c": Member("left", level=2),
        "d": Member("active", level=2, since=9),
    }
    assert asked(chapter, 2) == 2
    assert asked(chapter, 2, 8) == 0
    assert eligible(chapter, asked(chapter, 2, 8), 8) == ["a", "b"]


def test_levels_by_video_count_for_no_office() -> None:
    chapter = chapter_of(DRAFT.initial("00" * 32))
    chapter.members = {name: Member("active", level=2, full=1) for name in "abc"}
    assert asked(chapter, 2) == 2
    assert asked(chapter, 2, full=True) == 1


def test_a_chapter_whose_levels_expired_still_decides() -> None:
    game = begin(level_vote=1, level_propose=1, level_office=2)
    game.wait(2 * YEAR + 60)
    assert {member.level for member in game.chapter.members.values()} == {0}
    assert not game.chapter.offices
    propose(game, "again", appointment=d.Appointment("verifier", made("ben"), YEAR // 2))
    to_vote(game, "again")
    (opened,) = [one.body for one in game.entries if one.kind == "voting.opened"]
    assert (opened.level, opened.roll.count) == (0, 6)
