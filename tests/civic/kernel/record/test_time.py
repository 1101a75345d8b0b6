"""Outages: deadlines in which people act are put off once a phase."""

from typing import Any

from chapters import entries as c
from civic.kernel.record.entry import As, minute, when
from civic.kernel.record.time import OUTAGE_IMPLAUSIBLE, Outage
from tests.acts import Game, begin, bylaws_of, founding, made, propose, support, text, to_vote

HOUR = 60
DAY = 24 * HOUR


def outage(game: Game, minutes: int) -> int:
    """The node is down from the next minute on; returns when it is up again."""
    start = game.now + 1
    game.now = start + minutes
    game.node(Outage(when(start), when(game.now)))
    return game.now


def extended(game: Game) -> list[Any]:
    return [entry.body for entry in game.entries if entry.kind == "record.deadline_extended"]


def test_a_deadline_in_an_outage_is_put_off_to_a_day_after_its_end() -> None:
    game = begin(outage_grace=DAY)
    proposal = propose(game)
    game.pass_time(days=13, minutes=23 * 60)
    up = outage(game, 3 * HOUR)
    game.due()
    (one,) = extended(game)
    assert one.id == proposal
    assert one.what == "deliberation.support"
    assert minute(one.until) == up + DAY + -(up + DAY) % 10
    support(game)
    assert game.deliberation.proposals[proposal].phase == "discussion"


def test_a_deadline_outside_is_not() -> None:
    game = begin()
    proposal = propose(game)
    game.pass_time(days=13, minutes=23 * 60)
    outage(game, 59 + 1)
    game.due()
    assert extended(game) != []
    game = begin()
    proposal = propose(game)
    game.pass_time(days=13)
    outage(game, 5 * HOUR)
    game.wait(days=2)
    assert extended(game) == []
    assert game.deliberation.proposals[proposal].phase == "lapsed"


def test_once_a_phase() -> None:
    game = begin(outage_grace=DAY)
    proposal = propose(game)
    game.pass_time(days=13, minutes=23 * 60)
    outage(game, 2 * HOUR)
    game.due()
    game.pass_time(minutes=20 * HOUR)
    outage(game, 10 * HOUR)
    game.due()
    assert len(extended(game)) == 1
    assert game.deliberation.proposals[proposal].phase == "lapsed"


def test_each_phase_of_its_own() -> None:
    game = begin(outage_grace=DAY)
    propose(game)
    game.pass_time(days=13, minutes=23 * 60)
    outage(game, 2 * HOUR)
    support(game)
    game.pass_time(days=6, minutes=23 * 60)
    outage(game, 2 * HOUR)
    game.due()
    assert [one.what for one in extended(game)] == [
        "deliberation.support",
        "deliberation.discussion",
    ]


def test_a_vote_that_is_put_off_stays_open() -> None:
    game = begin(secrecy="roll_call", outage_grace=DAY)
    propose(game)
    election = to_vote(game)
    game.pass_time(days=4, minutes=23 * 60)
    outage(game, 2 * HOUR)
    game.due()
    assert game.voting.elections[election].open
    game.wait(days=2)
    assert not game.voting.elections[election].open


def test_what_needs_nobody_is_not_put_off() -> None:
    game = begin()
    game.member(c.Applied(made("new")), "new")
    game.pass_time(days=29)
    outage(game, 3 * DAY)
    game.due()
    assert game.chapter.members[made("new")].state == "left"


def test_the_forming_of_a_chapter_is_put_off() -> None:
    game = Game()
    game.do(founding(game, bylaws_of()), As.MEMBER, made("ann"), [text("chapter")])
    game.pass_time(days=29)
    outage(game, 3 * DAY)
    game.due()
    assert "chapters.dissolved" not in game.kinds()
    game.wait(days=2)
    assert game.chapter.stage == "dissolved"


def test_implausible_outages() -> None:
    game = begin()
    game.pass_time(days=1)
    for start, end in ((1, 60), (DAY, DAY - HOUR), (-60, HOUR)):
        game.next_tick()
        body = Outage(when(game.now - end), when(game.now - start))
        result = game.offer(game.act(body, As.NODE))
        assert getattr(result, "code", None) == OUTAGE_IMPLAUSIBLE, (start, end)
    # From before the last entry on.
    game.member(c.DisplayNameSet(3), "ann", "aa" * 32)
    game.next_tick()
    body = Outage(when(game.now - HOUR), when(game.now))
    assert getattr(game.offer(game.act(body, As.NODE)), "code", None) == OUTAGE_IMPLAUSIBLE


def test_an_outage_may_end_within_the_present_tick() -> None:
    game = begin()
    game.next_tick()
    game.pass_time(minutes=125)
    body = Outage(when(game.now - 100), when(game.now))
    assert game.tick < game.now
    game.node(body)
