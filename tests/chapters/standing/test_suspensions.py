"""Suspending, appealing, leaving and coming back, expelling: by whom, how long, and what then."""

from typing import Any

import pytest

from chapters import admission, gate
from chapters import entries as c
from chapters.bylaws import DAY
from chapters.keys.entries import ActDisowned
from chapters.offices.terms import TERM_TOO_LONG, give
from chapters.standing import entries as s
from chapters.standing import expulsion
from chapters.standing import suspensions as rules
from civic.kernel.record.entry import As, when
from deliberation import entries as d
from tests.acts import Game, begin, made, propose, support, text, to_vote
from voting.entries import Cast
from voting.rules import NOT_ON_ROLL

DIA, OWN = made("dia"), made("s")


def asked(game: Game, name: str = "dia", days: int = 30, own: str = "s") -> s.SuspensionAsked:
    until = when(game.tick + days * DAY)
    return s.SuspensionAsked(made(own), made(name), until, text(f"why {own}"))


def suspend(game: Game, name: str = "dia", days: int = 30, own: str = "s") -> None:
    game.office(asked(game, name, days, own), "lead")
    game.office(s.Suspended(made(own)), "verifier 2")


def appeal(game: Game) -> None:
    game.member(s.Appealed(OWN, text("appeal")), "dia")


def ended(game: Game) -> list[str]:
    return [one.body.why for one in game.entries if one.kind == "chapters.suspension_ended"]


def decided(game: Game, name: str, **effect: Any) -> None:
    """A roll-call vote in which all vote yes."""
    propose(game, name, **effect)
    election = to_vote(game, name)
    for one, member in list(game.chapter.members.items()):
        if member.state == "active":
            game.do(Cast(election, 1), As.MEMBER, one)
    game.wait(days=7)


class TestFourEyes:
    def test_a_lead_and_another_office(self) -> None:
        game = begin()
        game.office(asked(game), "lead")
        assert game.chapter.members[DIA].state == "active"
        game.office(s.Suspended(OWN), "facilitator")
        assert (game.chapter.active, game.chapter.suspended) == (5, 1)

    def test_the_other_may_ask_and_the_lead_agree(self) -> None:
        game = begin()
        game.office(asked(game), "verifier 1")
        game.office(s.Suspended(OWN), "lead")
        assert game.chapter.members[DIA].state == "suspended"

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("lead", "lead"),
            ("facilitator", "verifier 1"),
            ("facilitator", "verifier 2"),
        ],
    )
    def test_not_one_person_and_not_without_a_lead(self, first: str, second: str) -> None:
        game = begin()
        game.office(asked(game), first)
        assert game.refused(s.Suspended(OWN), As.OFFICE, made(second)) == rules.FOUR_EYES

    def test_nobody_agrees_within_a_week(self) -> None:
        game = begin()
        game.office(asked(game), "lead")
        game.wait(days=7)
        assert game.kinds()[-1] == "chapters.suspension_request_lapsed"
        refused = game.refused(s.Suspended(OWN), As.OFFICE, made("facilitator"))
        assert refused == rules.SUSPENSION_UNKNOWN

    def test_a_lead_who_does_not_agree_says_so_and_is_not_missed(self) -> None:
        # Else a facilitator would lead a month after a request that no lead wants to grant.
        game = begin()
        game.office(asked(game), "facilitator")
        waited_for = game.chapter.missed_since
        assert waited_for is not None
        refused = game.refused(s.SuspensionLifted(OWN), As.OFFICE, made("verifier 2"))
        assert refused == gate.NOT_IN_OFFICE
        game.office(s.SuspensionLifted(OWN), "lead")
        assert game.chapter.missed_since is None
        assert not game.chapter.standing.suspensions
        game.wait(days=60)
        assert not any(one.acting for one in game.chapter.offices.values())

    def test_a_lead_alone_ends_no_suspension_of_others(self) -> None:
        game = begin()
        term = c.OfficeTerm(made("second lead"), "lead", made("ben"), when(game.tick + 90 * DAY))
        _give(game, term)
        suspend(game)
        refused = game.refused(s.SuspensionLifted(OWN), As.OFFICE, made("second lead"))
        assert refused == gate.NOT_IN_OFFICE

    def test_not_who_holds_an_office(self) -> None:
        game = begin()
        refused = game.refused(asked(game, "cem"), As.OFFICE, made("lead"))
        assert refused == rules.HOLDS_OFFICE

    @pytest.mark.parametrize("days", [0, 91])
    def test_for_a_term(self, days: int) -> None:
        game = begin()
        assert game.refused(asked(game, days=days), As.OFFICE, made("lead")) == TERM_TOO_LONG

    def test_few_at_once_and_not_again_soon(self) -> None:
        game = begin()
        suspend(game, days=2)
        more = asked(game, "eva", own="t")
        assert game.refused(more, As.OFFICE, made("lead")) == rules.TOO_MANY_SUSPENDED
        game.wait(days=3)
        again = asked(game, own="u")
        assert game.refused(again, As.OFFICE, made("lead")) == rules.SUSPENDED_LATELY
        game.office(asked(game, "eva", own="v"), "lead")
        game.wait(days=90)
        game.office(asked(game, own="w"), "lead")


class TestSuspended:
    def test_still_says_what_they_did_not_do(self) -> None:
        game = begin()
        propose(game)
        voice = game.entries[-1].by.id
        index = len(game.entries) - 1
        suspend(game)
        game.member(ActDisowned(1), "dia")
        game.do(ActDisowned(index, made("p")), As.VOICE, voice)
        assert game.kinds().count("chapters.act_disowned") == 2

    def test_can_leave_or_appeal_and_nothing_else(self) -> None:
        game = begin()
        suspend(game)
        refused = game.refused(c.DisplayNameSet(3), own_id=DIA, content=[text("Dia")])
        assert refused == gate.IS_SUSPENDED
        game.member(c.Left(), "dia")
        assert (game.chapter.active, game.chapter.suspended) == (5, 0)
        assert ended(game) == ["left"]

    def test_ends_by_itself(self) -> None:
        game = begin()
        suspend(game, days=30)
        game.wait(days=29)
        assert game.chapter.members[DIA].state == "suspended"
        game.wait(days=2)
        assert ended(game) == ["term"]
        assert (game.chapter.active, game.chapter.suspended) == (6, 0)
        game.member(c.DisplayNameSet(3), "dia", text("Dia"))

    def test_is_on_no_roll_that_was_made_meanwhile(self) -> None:
        game = begin(secrecy="roll_call", quorum=0)
        propose(game)
        support(game)
        suspend(game, days=9)
        game.wait(days=8)
        game.wait(minutes=20)
        election = game.deliberation.proposals[made("p")].election or ""
        assert game.voting.elections[election].roll == 5
        game.wait(days=1)
        assert game.chapter.members[DIA].state == "active"
        assert game.refused(Cast(election, 1), own_id=DIA) == NOT_ON_ROLL

    def test_has_the_vote_back_that_was_theirs(self) -> None:
        game = begin(secrecy="roll_call", quorum=0)
        propose(game)
        election = to_vote(game)
        suspend(game)
        assert game.refused(Cast(election, 1), own_id=DIA) == gate.IS_SUSPENDED
        game.office(s.SuspensionLifted(OWN), "lead")
        game.member(Cast(election, 1), "dia")


class TestAppeal:
    def test_ends_it_when_nobody_upholds_it(self) -> None:
        game = begin()
        suspend(game)
        appeal(game)
        game.wait(days=7)
        assert ended(game) == ["unanswered"]

    def test_is_judged_by_two_others(self) -> None:
        game = begin()
        for name, role in (("eva", "auditor"), ("fox", "trustee")):
            term = c.OfficeTerm(made(name + " office"), role, made(name), when(game.now + 99 * DAY))  # type: ignore[arg-type]
            _give(game, term)
        suspend(game)
        appeal(game)
        for office in ("lead", "verifier 2"):
            refused = game.refused(s.AppealJudged(OWN, False), As.OFFICE, made(office))
            assert refused == rules.PARTIAL
        game.office(s.AppealJudged(OWN, False), "eva office")
        assert game.refused(s.AppealJudged(OWN, False), As.OFFICE, made("eva office"))
        game.office(s.AppealJudged(OWN, False), "fox office")
        game.wait(days=20)
        assert ended(game) == []
        refused = game.refused(s.AppealJudged(OWN, True), As.OFFICE, made("facilitator"))
        assert refused == rules.SUSPENSION_UNKNOWN
        game.wait(days=20)
        assert ended(game) == ["term"]

    def test_is_lifted_by_two_others(self) -> None:
        game = begin()
        term = c.OfficeTerm(made("eva office"), "auditor", made("eva"), when(game.now + 99 * DAY))
        _give(game, term)
        suspend(game)
        appeal(game)
        game.office(s.AppealJudged(OWN, True), "facilitator")
        assert ended(game) == []
        game.office(s.AppealJudged(OWN, True), "eva office")
        assert ended(game) == ["appeal"]

    def test_once_and_in_time(self) -> None:
        game = begin()
        suspend(game)
        appeal(game)
        again = s.Appealed(OWN, text("again"))
        assert game.refused(again, own_id=DIA) == rules.NO_APPEAL
        late = begin()
        suspend(late)
        late.wait(days=15)
        assert late.refused(s.Appealed(OWN, text("appeal")), own_id=DIA) == rules.NO_APPEAL

    def test_by_a_vote(self) -> None:
        game = begin(secrecy="roll_call", quorum=0)
        suspend(game, days=60)
        decided(game, "lift", measure=d.Measure("lift", OWN))
        assert ended(game) == ["decision"]


class TestComingBack:
    def test_under_the_same_id_through_a_lead(self) -> None:
        game = begin(admission="invitation")
        game.member(c.Left(), "dia")
        game.member(s.Reapplied(), "dia")
        game.office(c.Admitted(DIA), "lead")
        member = game.chapter.members[DIA]
        assert (member.state, member.number) == ("active", 7)

    def test_gives_no_second_vote(self) -> None:
        game = begin(secrecy="roll_call", quorum=0)
        propose(game)
        election = to_vote(game)
        game.member(Cast(election, -1), "dia")
        game.member(c.Left(), "dia")
        game.member(s.Reapplied(), "dia")
        game.office(c.Admitted(DIA), "lead")
        assert game.refused(Cast(election, 1), own_id=DIA) == NOT_ON_ROLL
        assert list(game.voting.elections[election].votes.values()) == [-1]

    def test_not_while_the_suspension_would_last(self) -> None:
        game = begin()
        suspend(game, days=30)
        game.member(c.Left(), "dia")
        assert game.refused(s.Reapplied(), own_id=DIA) == admission.NOT_YET_BACK
        game.wait(days=31)
        game.member(s.Reapplied(), "dia")

    def test_only_who_was_a_member(self) -> None:
        game = begin()
        assert game.refused(s.Reapplied(), own_id=DIA) == admission.NOT_YET_BACK
        game.member(c.Applied(made("x")), "x")
        game.office(s.ApplicationRefused(made("x"), text("no")), "lead")
        assert game.refused(s.Reapplied(), own_id=made("x")) == admission.NOT_YET_BACK

    def test_an_expelled_member_by_a_vote(self) -> None:
        game = begin(secrecy="roll_call", quorum=0)
        decided(game, "expel", measure=d.Measure("expel", DIA))
        assert game.chapter.members[DIA].state == "expelled"
        assert game.refused(c.Left(), own_id=DIA) == gate.NOT_A_MEMBER
        assert game.refused(s.Reapplied(), own_id=DIA) == admission.NOT_YET_BACK
        decided(game, "readmit", measure=d.Measure("readmit", DIA))
        game.member(s.Reapplied(), "dia")
        game.office(c.Admitted(DIA), "lead")

    def test_expulsion_ends_offices_and_suspensions(self) -> None:
        game = begin(secrecy="roll_call", quorum=0)
        decided(game, "expel", measure=d.Measure("expel", made("cem")))
        assert made("verifier 2") not in game.chapter.offices
        other = begin(secrecy="roll_call", quorum=0)
        suspend(other, days=60)
        decided(other, "expel", measure=d.Measure("expel", DIA))
        assert ended(other) == ["expelled"]
        assert (other.chapter.active, other.chapter.suspended) == (5, 0)


class TestReasons:
    def test_are_erased_by_whom_they_concern_or_a_lead(self) -> None:
        game = begin()
        suspend(game)
        appeal(game)
        body = s.ReasonErased(text("why s"))
        assert game.refused(body, own_id=made("eva")) == expulsion.REASON_UNKNOWN
        assert game.refused(body, As.OFFICE, made("facilitator")) == gate.NOT_IN_OFFICE
        game.member(body, "dia")
        assert game.refused(body, own_id=DIA) == expulsion.REASON_UNKNOWN
        game.office(s.ReasonErased(text("appeal")), "lead")

    def test_belong_to_one_act(self) -> None:
        game = begin()
        suspend(game)
        game.member(c.Applied(made("x")), "x")
        body = s.ApplicationRefused(made("x"), text("why s"))
        assert game.refused(body, As.OFFICE, made("lead")) == gate.TEXT_TAKEN


def _give(game: Game, term: c.OfficeTerm) -> None:
    """Give an office past the rules' decisions, which other tests are about."""
    give(game.state, term, game.now)
