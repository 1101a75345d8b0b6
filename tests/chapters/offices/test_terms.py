"""Offices: passed on, ended early, laid down, and given by rule when a lead disappears."""

from typing import Any

from chapters import entries as c
from chapters.bylaws import DAY, Change
from chapters.gate import NOT_IN_OFFICE
from chapters.offices import entries as o
from chapters.offices import terms
from chapters.offices.absence import stand_in
from civic.kernel.record.entry import As, minute, when
from deliberation import entries as d
from deliberation.effects import POINTLESS
from tests.acts import Game, begin, made, propose, text, to_vote
from voting.entries import Cast

VOTING: dict[str, Any] = {"secrecy": "roll_call", "quorum": 0}


def decided(game: Game, name: str, **effect: Any) -> None:
    propose(game, name, **effect)
    election = to_vote(game, name)
    for one, member in list(game.chapter.members.items()):
        if member.state == "active":
            game.do(Cast(election, 1), As.MEMBER, one)
    game.wait(days=5)


def leads(game: Game) -> set[str]:
    return {one.member for one in game.chapter.offices.values() if one.role == "lead"}


def acting(game: Game) -> list[str]:
    return [one.member for one in game.chapter.offices.values() if one.acting]


class TestPassingOn:
    def test_at_once(self) -> None:
        game = begin(**VOTING)
        appointment = d.Appointment("lead", made("dia"), 90 * DAY, instead=made("lead"))
        decided(game, "p", appointment=appointment)
        assert leads(game) == {made("dia")}
        ended = [one.body for one in game.entries if one.kind == "chapters.office_ended"]
        assert [(one.office, one.decision) for one in ended] == [(made("lead"), made("p"))]

    def test_when_the_term_ends(self) -> None:
        game = begin(**VOTING)
        until = game.chapter.offices[made("lead")].until
        appointment = d.Appointment("lead", made("dia"), 90 * DAY, after=made("lead"))
        decided(game, "p", appointment=appointment)
        assert leads(game) == {made("ann")}
        game.wait(until - game.now)
        assert leads(game) == {made("dia")}
        (given,) = [one.body for one in game.entries if one.kind == "chapters.office_given"]
        assert minute(given.term.until) == until + 90 * DAY
        assert game.chapter.missed_since is None

    def test_or_earlier_when_the_holder_goes(self) -> None:
        game = begin(**VOTING)
        appointment = d.Appointment("lead", made("dia"), 90 * DAY, after=made("lead"))
        decided(game, "p", appointment=appointment)
        game.office(o.OfficeResigned(), "lead")
        assert leads(game) == {made("dia")}

    def test_not_to_somebody_who_left(self) -> None:
        game = begin(**VOTING)
        appointment = d.Appointment("lead", made("dia"), 90 * DAY, after=made("lead"))
        decided(game, "p", appointment=appointment)
        game.member(c.Left(), "dia")
        game.office(o.OfficeResigned(), "lead")
        assert leads(game) == set()
        assert not game.chapter.successors

    def test_names_an_office_of_the_same_role(self) -> None:
        game = begin()
        body = d.Proposed(
            made("p"), "en", 5, 5, 0, "pseudonymous",
            appointment=d.Appointment("lead", made("dia"), 90 * DAY, after=made("facilitator")),
        )  # fmt: skip
        words = [text("a"), text("b")]
        assert game.refused(body, As.VOICE, made("v"), words) == POINTLESS


class TestAsking:
    def test_the_bylaws_bound_level_and_term(self) -> None:
        game = begin(level_office=2, office_most=300 * DAY, **VOTING)
        words = [text("a"), text("b")]

        def refused(days: int) -> str:
            body = d.Proposed(
                made("p"), "en", 5, 5, 0, "roll_call",
                appointment=d.Appointment("auditor", made("dia"), days * DAY),
            )  # fmt: skip
            return game.refused(body, As.VOICE, made("v"), words)

        assert refused(301) == terms.TERM_TOO_LONG
        assert refused(300) == terms.OFFICE_LEVEL


class TestEnding:
    def test_by_a_vote(self) -> None:
        game = begin(**VOTING)
        decided(game, "p", measure=d.Measure("remove", made("facilitator")))
        assert made("facilitator") not in game.chapter.offices
        ended = next(one for one in game.entries if one.kind == "chapters.office_ended")
        assert ended.body.decision == made("p")

    def test_a_vote_overtaken_by_a_resignation_does_nothing(self) -> None:
        game = begin(**VOTING)
        propose(game, "p", measure=d.Measure("remove", made("facilitator")))
        election = to_vote(game, "p")
        game.do(Cast(election, 1), As.MEMBER, made("dia"))
        game.office(o.OfficeResigned(), "facilitator")
        game.wait(days=5)
        assert game.kinds()[-1] == "deliberation.decided"

    def test_who_laid_down_an_office_holds_none(self) -> None:
        game = begin()
        game.office(o.OfficeResigned(), "lead")
        refused = game.refused(o.OfficeResigned(), As.OFFICE, made("lead"))
        assert refused == NOT_IN_OFFICE


class TestMissing:
    def test_a_lead_with_nothing_to_do_is_not_missed(self) -> None:
        game = begin()
        game.wait(days=200)
        assert acting(game) == []

    def test_a_silent_lead_is_replaced_while_somebody_waits(self) -> None:
        game = begin(lead_absence=20 * DAY)
        game.wait(days=50)
        game.member(c.Applied(made("x")), "x")
        game.wait(days=19)
        assert acting(game) == []
        game.wait(days=1)
        assert acting(game) == [made("ben")]
        own = next(one for one, office in game.chapter.offices.items() if office.acting)
        game.do(c.Admitted(made("x")), As.OFFICE, own)
        assert game.chapter.missed_since is None

    def test_an_act_of_office_begins_the_time_anew(self) -> None:
        game = begin(lead_absence=20 * DAY)
        for name in ("x", "y"):
            game.member(c.Applied(made(name)), name)
        game.wait(days=19)
        game.office(c.Admitted(made("x")), "lead")
        game.wait(days=5)
        assert acting(game) == []
        assert game.chapter.missed_since is not None

    def test_an_answer_to_all_ends_it(self) -> None:
        game = begin(lead_absence=20 * DAY)
        game.member(c.Applied(made("x")), "x")
        game.office(c.Admitted(made("x")), "lead")
        game.wait(days=100)
        assert acting(game) == []

    def test_an_application_that_lapses_is_no_answer(self) -> None:
        game = begin(lead_absence=60 * DAY)
        game.member(c.Applied(made("x")), "x")
        game.wait(days=61)
        assert acting(game) == [made("ben")]

    def test_a_vacant_office_is_filled_by_the_facilitator_then_by_verifiers(self) -> None:
        game = begin()
        game.office(o.OfficeResigned(), "lead")
        game.wait(days=30)
        assert acting(game) == [made("ben")]
        game.member(c.Left(), "ben")
        game.wait(days=30)
        assert acting(game) == [made("cem")]

    def test_until_a_vote_appoints_a_lead(self) -> None:
        game = begin(**VOTING)
        game.office(o.OfficeResigned(), "lead")
        game.wait(days=30)
        decided(game, "p", appointment=d.Appointment("lead", made("dia"), 90 * DAY))
        assert acting(game) == []
        assert leads(game) == {made("dia")}

    def test_nobody_steps_in_where_nobody_holds_an_office(self) -> None:
        game = begin(**VOTING)
        for name in ("ben", "cem"):
            game.member(c.Left(), name)
        game.office(o.OfficeResigned(), "lead")
        assert stand_in(game.chapter) is None
        game.wait(days=90)
        assert acting(game) == []
        # A vote still appoints; and as soon as there is somebody, they step in.
        decided(game, "p", appointment=d.Appointment("facilitator", made("dia"), 90 * DAY))
        game.wait(minutes=20)
        assert acting(game) == [made("dia")]

    def test_other_bylaws_move_it(self) -> None:
        game = begin(lead_absence=60 * DAY, **VOTING)
        game.office(o.OfficeResigned(), "lead")
        game.wait(days=20)
        change = Change("lead_absence", 60 * DAY, 14 * DAY)
        decided(game, "p", changes=(change,))
        game.wait(minutes=20)
        assert acting(game) == [made("ben")]


class TestWaitingToVote:
    def test_new_members_wait_and_founders_do_not(self) -> None:
        game = begin(vote_wait=30 * DAY, **VOTING)
        propose(game)
        election = to_vote(game)
        assert game.voting.elections[election].roll == 3
        assert game.refused(Cast(election, 1), own_id=made("dia")) == "voting.not_on_roll"
        game.member(Cast(election, 1), "ann")
        game.wait(days=30)
        propose(game, "q")
        second = to_vote(game, "q")
        assert game.voting.elections[second].roll == 6
        opened = next(one.body for one in game.entries if one.kind == "voting.opened")
        assert opened.joined_by < when(game.now - 30 * DAY)
