"""Disputes go on when their member goes, and an appeal waits for verifiers who could hear it."""

from typing import Any

import pytest

from chapters import entries as c
from chapters.assurance import entries as e
from chapters.assurance.disputes import can_be_heard, review_until
from chapters.assurance.state import Challenge, of
from chapters.bylaws import DAY
from chapters.offices.terms import give
from chapters.standing import entries as s
from civic.kernel.record.entry import when
from civic.kernel.record.rules import Draft
from tests.acts import Game, begin, made, text

OWN = made("challenge")


def pair(what: str) -> Any:
    return tuple(sorted(text(f"{what} {n}") for n in range(2)))


def disputed(name: str = "dia", *verifiers: str) -> Game:
    """Dia is at level 1 and challenged; ben, cem and others are verifiers."""
    game = begin(vouches=2, appeal_time=7 * DAY)
    until = when(game.tick + 200 * DAY)
    for one in verifiers:
        give(game.state, c.OfficeTerm(made(one), "verifier", made(one), until), game.tick)
    for one in ("dia", "eva"):
        game.node(e.Vouched(made(f"vouched {one}"), made(one), until, pair(one)))
    game.node(e.Challenged(OWN, made(name), text("why")))
    return game


def upheld(game: Game, upheld: bool = True) -> None:
    game.node(e.ChallengeDecided(OWN, upheld, pair(f"decided {game.tick} {upheld}")))


def appealed(game: Game, name: str = "dia") -> None:
    game.member(e.ChallengeAppealed(OWN, text("answer")), name)


def stage(game: Game) -> str:
    return of(game.state).challenges[OWN].stage


class TestGoing:
    @pytest.mark.parametrize("decided", [False, True])
    def test_who_leaves_hides_nobody_who_vouched(self, decided: bool) -> None:
        game = disputed()
        if decided:
            upheld(game)
        game.member(c.Left(), "dia")
        assert stage(game) == ("upheld" if decided else "open")
        if not decided:
            upheld(game)
        game.wait(days=8)
        assert stage(game) == "lost"
        assert of(game.state).challenges[OWN].vouched == made("vouched dia")
        until = review_until(game.state, game.tick)
        game.node(e.VouchesReviewed(OWN, until, (made("eva"),)))
        standing = of(game.state).standing[made("eva")]
        assert standing.vouched is not None
        assert standing.vouched.review
        assert of(game.state).challenges == {}

    def test_nor_who_is_expelled_with_other_vouches_by_then(self) -> None:
        game = disputed()
        until = when(game.tick + 100 * DAY)
        game.node(e.Vouched(made("later"), made("dia"), until, pair("later")))
        upheld(game)
        body = s.Expelled(made("decision"), when(game.tick), made("dia"))
        game.entries += game.procedure.unfold(game.state, None, [Draft(body)], "0" * 32, game.tick)
        game.wait(days=8)
        assert (stage(game), of(game.state).challenges[OWN].vouched) == ("lost", made("later"))

    def test_an_undecided_challenge_still_lapses(self) -> None:
        game = disputed()
        game.member(c.Left(), "dia")
        game.wait(days=8)
        assert of(game.state).challenges == {}
        assert of(game.state).disputed == {}

    def test_who_gives_up_a_level_hides_nobody_either(self) -> None:
        game = disputed("ann")
        game.member(e.LevelRenounced(), "ann")
        known = of(game.state).challenges[OWN]
        assert (known.seen != "", known.checked) == (True, False)


class TestAppeal:
    def test_waits_while_there_are_two_verifiers_alone(self) -> None:
        game = disputed()
        upheld(game)
        appealed(game)
        for _ in range(3):
            game.wait(days=7)
            assert game.kinds()[-1] == "chapters.challenge_prolonged"
            assert game.chapter.members[made("dia")].level == 1
        upheld(game, upheld=False)
        assert of(game.state).challenges == {}
        assert game.chapter.members[made("dia")].level == 1

    def test_has_its_time_once_others_are_there(self) -> None:
        game = disputed()
        upheld(game)
        appealed(game)
        game.wait(days=6)
        until = when(game.tick + 200 * DAY)
        for one in ("eva", "fox"):
            give(game.state, c.OfficeTerm(made(one), "verifier", made(one), until), game.tick)
        # They came the day before: the appeal gets a whole time more, and ends then.
        game.wait(days=2)
        assert stage(game) == "appealed"
        game.wait(days=7)
        assert stage(game) == "lost"

    def test_of_four_verifiers_two_are_others(self) -> None:
        game = disputed("dia", "eva", "fox")
        upheld(game)
        appealed(game)
        game.wait(days=8)
        assert stage(game) == "lost"

    def test_what_is_prolonged_stands_with_its_new_time(self) -> None:
        game = disputed()
        upheld(game)
        appealed(game)
        deadline = game.state.record.deadlines[OWN].minute
        game.wait(days=30)
        bodies = [one.body for one in game.entries if one.kind == "chapters.challenge_prolonged"]
        assert [one.until for one in bodies] == [
            when(deadline + n * 7 * DAY) for n in range(1, len(bodies) + 1)
        ]
        assert len(bodies) == 4


@pytest.mark.parametrize(
    ("before", "now", "checked", "heard"),
    [
        ("ab", "ab", False, False),
        ("abc", "abc", False, False),
        ("abcd", "abcd", False, True),
        ("abcd", "abcd", True, False),
        ("abcdef", "abcdef", True, True),
        ("ab", "cd", False, True),
        ("ab", "abc", False, False),
        ("ab", "abcd", True, True),
        ("abcd", "cd", False, False),
    ],
)
def test_who_could_hear_an_appeal(before: str, now: str, checked: bool, heard: bool) -> None:
    game = begin(("ann", "ben", "cem", "a", "b", "c", "d", "e", "f", "m"))
    for own in ("verifier 1", "verifier 2"):
        game.chapter.offices.pop(made(own))
    for one in now:
        term = c.OfficeTerm(made(f"v {one}"), "verifier", made(one), when(game.tick + DAY))
        give(game.state, term, game.tick)
    known = Challenge(made("m"), "appealed", checked=checked)
    known.verifiers = tuple(sorted(made(one) for one in before))
    assert can_be_heard(game.state, known) is heard
