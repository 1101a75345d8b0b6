"""Founding, admission, offices, names, stewards."""

import msgspec
import pytest

from chapters import admission, gate, names, stewards
from chapters import entries as c
from chapters import founding as founding_rules
from chapters.bylaws import DAY, HOUR, Change
from civic.kernel import keys
from civic.kernel.record.entry import Act, As, due_key, made_id, minute, when
from civic.kernel.refusal import Refusal
from deliberation import entries as d
from tests.acts import (
    Game,
    begin,
    bylaws_of,
    founding,
    made,
    propose,
    public,
    seed_key,
    support,
    text,
    to_vote,
)
from voting.entries import Cast

ANN, BEN, CEM = made("ann"), made("ben"), made("cem")


def forming(people: int = 3) -> Game:
    game = Game()
    game.do(founding(game, bylaws_of()), As.MEMBER, ANN, [text("chapter")])
    for name in ("ben", "cem", "dia")[: people - 1]:
        game.member(c.Joined(made(name), text(f"paper {name}")), name)
    return game


def met(game: Game, *names: str) -> None:
    for name in names:
        others = tuple(made(one) for one in names if one != name)
        game.member(c.FounderConfirmed(others), name)


def offices(game: Game) -> tuple[c.OfficeTerm, ...]:
    until = when(game.now + 300 * DAY)
    return (
        c.OfficeTerm(made("o1"), "lead", ANN, until),
        c.OfficeTerm(made("o2"), "verifier", BEN, until),
        c.OfficeTerm(made("o3"), "verifier", CEM, until),
    )


class TestFounding:
    def test_comes_first_and_once(self) -> None:
        game = Game()
        assert game.refused(c.Left(), own_id=ANN) == gate.NOT_FOUNDED
        game.do(founding(game, bylaws_of()), As.MEMBER, ANN, [text("chapter")])
        again = founding(game, bylaws_of())
        assert game.refused(again, own_id=ANN, content=[text("x")]) == gate.FOUNDED_TWICE
        assert game.chapter.stage == "forming"
        assert game.chapter.members[ANN].number == 1

    @pytest.mark.parametrize(
        "other",
        [
            {"charter": "00" * 32},
            {"template": "empire"},
            {"log_key": "00" * 32},
            {"rules": 1},
        ],
    )
    def test_names_what_it_rests_on(self, other: dict[str, str]) -> None:
        game = Game()
        body = msgspec.structs.replace(founding(game, bylaws_of()), **other)
        refused = game.refused(body, own_id=ANN, content=[text("chapter")])
        assert refused == founding_rules.WRONG_FOUNDING

    def test_keeps_the_charter(self) -> None:
        game = Game()
        body = founding(game, bylaws_of(vote_time=HOUR))
        assert game.refused(body, own_id=ANN, content=["aa" * 32]) == founding_rules.BELOW_CHARTER

    def test_by_the_founder_with_a_name_for_the_chapter(self) -> None:
        game = Game()
        body = founding(game, bylaws_of())
        assert game.refused(body, own_id=BEN, content=["aa" * 32]) == gate.NOT_A_MEMBER
        assert game.refused(body, own_id=ANN) == gate.CONTENT_MISSING

    def test_with_the_founders_own_key(self) -> None:
        game = Game()
        body = msgspec.structs.replace(founding(game, bylaws_of()), founder_key=public("ann"))
        refused = game.refused(body, own_id=ANN, content=["aa" * 32], signer="ben")
        assert refused == gate.WRONG_KEY
        game.do(body, As.MEMBER, ANN, [text("chapter")], signer="ann")


class TestForming:
    def test_little_can_be_done(self) -> None:
        game = forming()
        body = d.Proposed(made("p"), "en", 5, 5, 0, "pseudonymous")
        assert game.refused(body, As.VOICE, made("v"), ["aa" * 32] * 2) == gate.STILL_FORMING
        assert game.refused(c.Applied(made("x")), own_id=made("x")) == gate.STILL_FORMING

    def test_founders_have_all_met(self) -> None:
        game = forming()
        body = c.Constituted((ANN, BEN, CEM), offices(game))
        assert game.refused(body, own_id=ANN) == founding_rules.FOUNDERS_DIFFER
        game.member(c.FounderConfirmed((BEN, CEM)), "ann")
        game.member(c.FounderConfirmed((ANN,)), "ben")
        game.member(c.FounderConfirmed((ANN, BEN)), "cem")
        assert game.refused(body, own_id=ANN) == founding_rules.FOUNDERS_DIFFER
        game.member(c.FounderConfirmed((CEM,)), "ben")
        game.member(body, "ann")
        assert game.chapter.stage == "active"
        assert game.refused(c.FounderConfirmed(()), own_id=ANN) == founding_rules.NOT_FORMING
        assert game.refused(body, own_id=ANN) == founding_rules.NOT_FORMING

    @pytest.mark.parametrize(
        ("founders", "by"),
        [
            ((ANN, BEN), ANN),
            ((ANN, BEN, BEN), ANN),
            ((ANN, BEN, made("nobody")), ANN),
            ((ANN, BEN, CEM), made("dia")),
        ],
    )
    def test_founders_are_enough_and_themselves(self, founders: tuple[str, ...], by: str) -> None:
        game = forming(4)
        met(game, "ann", "ben", "cem")
        body = c.Constituted(founders, offices(game))
        assert game.refused(body, own_id=by) == founding_rules.FOUNDERS_DIFFER

    def test_only_members_are_met(self) -> None:
        game = forming()
        body = c.FounderConfirmed((made("nobody"),))
        assert game.refused(body, own_id=ANN) == gate.NOT_A_MEMBER

    def test_who_leaves_is_no_founder(self) -> None:
        game = forming()
        met(game, "ann", "ben", "cem")
        game.member(c.Left(), "cem")
        body = c.Constituted((ANN, BEN, CEM), offices(game))
        assert game.refused(body, own_id=ANN) == founding_rules.FOUNDERS_DIFFER

    @pytest.mark.parametrize(
        "change",
        [
            lambda all_, now: all_[1:],
            lambda all_, now: all_[:2],
            lambda all_, now: (*all_, msgspec.structs.replace(all_[0], member=made("dia"))),
            lambda all_, now: (*all_, all_[0]),
            lambda all_, now: (msgspec.structs.replace(all_[0], until=when(now)), *all_[1:]),
            lambda all_, now: (
                msgspec.structs.replace(all_[0], until=when(now + 366 * DAY + 1)),
                *all_[1:],
            ),
            lambda all_, now: (all_[0], all_[1], msgspec.structs.replace(all_[2], member=BEN)),
        ],
    )
    def test_first_offices(self, change: object) -> None:
        game = forming(4)
        met(game, "ann", "ben", "cem")
        terms = change(offices(game), game.tick)  # type: ignore[operator]
        body = c.Constituted((ANN, BEN, CEM), terms)
        assert game.refused(body, own_id=ANN) == founding_rules.FIRST_OFFICES

    def test_offices_have_ids_of_their_own(self) -> None:
        game = forming()
        met(game, "ann", "ben", "cem")
        first, *rest = offices(game)
        terms = (msgspec.structs.replace(first, id=BEN), *rest)
        body = c.Constituted((ANN, BEN, CEM), terms)
        assert game.refused(body, own_id=ANN) == gate.ID_TAKEN

    def test_dissolved_after_thirty_days(self) -> None:
        game = forming()
        game.member(c.DisplayNameSet(3), "ann", text("Ann"))
        game.wait(days=29)
        assert game.chapter.stage == "forming"
        game.wait(days=1)
        assert game.kinds()[-1] == "chapters.dissolved"
        body = c.Joined(made("x"), text("x"))
        assert game.refused(body, own_id=made("x")) == gate.DISSOLVED
        # Names can still go.
        game.member(c.DisplayNameErased(text("Ann")), "ann")
        game.member(c.Left(), "ann")


class TestAdmission:
    def test_by_invitation(self) -> None:
        game = begin(admission="invitation")
        game.member(c.Joined(made("x"), text("x")), "x")
        assert game.chapter.members[made("x")].number == 7
        assert game.refused(c.Applied(made("y")), own_id=made("y")) == admission.ADMISSION_CLOSED

    def test_by_the_lead(self) -> None:
        game = begin(admission="lead")
        refused = game.refused(c.Joined(made("x"), text("x")), own_id=made("x"))
        assert refused == admission.ADMISSION_CLOSED
        game.member(c.Applied(made("x")), "x")
        assert game.refused(c.Left(), own_id=made("x")) == gate.NOT_A_MEMBER
        admit = c.Admitted(made("x"))
        assert game.refused(admit, As.OFFICE, made("facilitator")) == gate.NOT_IN_OFFICE
        assert game.refused(admit, As.OFFICE, made("none")) == gate.NOT_IN_OFFICE
        game.office(admit, "lead")
        assert game.chapter.members[made("x")].state == "active"
        assert game.refused(admit, As.OFFICE, made("lead")) == admission.NOT_APPLIED
        game.wait(days=31)
        assert "chapters.application_lapsed" not in game.kinds()

    def test_an_application_lapses(self) -> None:
        game = begin()
        game.member(c.Applied(made("x")), "x")
        game.wait(days=30)
        assert "chapters.application_lapsed" in game.kinds()[-2:]
        admit = c.Admitted(made("x"))
        assert game.refused(admit, As.OFFICE, made("lead")) == admission.NOT_APPLIED
        assert game.refused(c.Applied(made("x")), own_id=made("x")) == gate.ID_TAKEN

    def test_bylaws_that_close_the_door_close_it_for_applicants(self) -> None:
        game = begin(admission="either", secrecy="roll_call", quorum=0)
        game.member(c.Applied(made("x")), "x")
        carried(game, changes=(Change("admission", "either", "invitation"),))
        admit = c.Admitted(made("x"))
        assert game.refused(admit, As.OFFICE, made("lead")) == admission.ADMISSION_CLOSED

    def test_ids_are_new(self) -> None:
        game = begin()
        proposal = propose(game)
        for taken in (ANN, made("lead"), proposal, game.state.record.node):
            body = c.Joined(taken, text("x"))
            assert game.refused(body, own_id=taken) == gate.ID_TAKEN
        assert game.refused(c.Joined(made("x"), text("x")), own_id=ANN) == gate.NOT_A_MEMBER

    def test_whose_key_signs(self) -> None:
        game = begin()
        body = c.Joined(made("x"), text("x"), public("x"))
        assert game.refused(body, own_id=made("x"), signer="y") == gate.WRONG_KEY
        game.do(body, As.MEMBER, made("x"), signer="x")
        assert game.refused(c.Left(), own_id=made("x"), signer="y") == gate.WRONG_KEY
        assert game.refused(c.Left(), own_id=ANN, signer="y") == gate.WRONG_KEY
        game.do(c.Left(), As.MEMBER, made("x"), signer="x")


def carried(game: Game, **fields: object) -> str:
    """A proposal that everybody accepted; returns its election."""
    name = f"carried {len(game.entries)}"
    propose(game, name, **fields)
    election = to_vote(game, name)
    for one, member in list(game.chapter.members.items()):
        if member.state == "active":
            game.do(Cast(election, 1), As.MEMBER, one)
    game.wait(days=7)
    return election


class TestOffices:
    def test_end_with_their_terms(self) -> None:
        game = begin()
        game.wait(days=299)
        assert len(game.chapter.offices) == 4
        game.wait(days=1)
        assert game.chapter.offices == {}
        ended = [one.body.office for one in game.entries if one.kind == "chapters.office_ended"]
        assert ended == sorted(ended)

    def test_end_with_their_holders_leaving(self) -> None:
        game = begin()
        game.member(c.Left(), "ben")
        assert game.kinds()[-3:] == [
            "chapters.left",
            "chapters.office_ended",
            "chapters.office_ended",
        ]
        assert {one.member for one in game.chapter.offices.values()} == {ANN, CEM}
        refused = game.refused(c.Admitted(made("x")), As.OFFICE, made("facilitator"))
        assert refused == gate.NOT_IN_OFFICE
        game.wait(days=400)
        ended = [one.body.office for one in game.entries if one.kind == "chapters.office_ended"]
        assert len(ended) == len(set(ended)) == 4

    def test_are_given_by_decision_for_a_term_from_it(self) -> None:
        game = begin(secrecy="roll_call", quorum=0)
        appointment = d.Appointment("lead", made("dia"), 30 * DAY)
        election = carried(game, appointment=appointment)
        (given,) = [one for one in game.entries if one.kind == "chapters.office_given"]
        (result,) = [one for one in game.entries if one.kind == "voting.result"]
        assert result.body.election == election
        closed = minute(result.body.closed)
        assert minute(given.body.term.until) == closed + 30 * DAY
        game.member(c.Applied(made("x")), "x")
        game.do(c.Admitted(made("x")), As.OFFICE, given.body.term.id)
        game.wait(days=30)
        assert given.body.term.id not in game.chapter.offices

    def test_nobody_can_take_the_id_of_a_coming_office(self) -> None:
        game = begin(secrecy="roll_call", quorum=0)
        name = "p"
        propose(game, name, appointment=d.Appointment("lead", made("dia"), 30 * DAY))
        election = to_vote(game, name)
        deadline = game.state.record.deadlines[election].minute
        key = due_key(game.log_id, deadline, election)
        foreseen = made_id(key, 1)
        game.do(c.Applied(foreseen), As.MEMBER, foreseen)
        for one in list(game.chapter.members):
            if game.chapter.members[one].state == "active":
                game.do(Cast(election, 1), As.MEMBER, one)
        game.wait(days=7)
        (given,) = [one for one in game.entries if one.kind == "chapters.office_given"]
        assert given.body.term.id != foreseen
        assert given.body.term.id in game.chapter.offices


class TestNames:
    def test_set_replaced_erased(self) -> None:
        game = begin()
        game.member(c.DisplayNameSet(3), "ann", text("Ann"))
        assert game.refused(c.DisplayNameErased(text("x")), own_id=ANN) == names.NAME_UNKNOWN
        assert game.refused(c.DisplayNameErased(text("Ann")), own_id=BEN) == names.NAME_UNKNOWN
        game.member(c.DisplayNameErased(text("Ann")), "ann")
        assert game.chapter.members[ANN].name is None

    def test_a_text_belongs_to_one_act(self) -> None:
        game = begin()
        game.member(c.DisplayNameSet(3), "ann", text("Ann"))
        game.member(c.DisplayNameErased(text("Ann")), "ann")
        refused = game.refused(c.DisplayNameSet(3), own_id=BEN, content=[text("Ann")])
        assert refused == gate.TEXT_TAKEN

    def test_acts_without_texts_bring_none(self) -> None:
        game = begin()
        refused = game.refused(c.Left(), own_id=ANN, content=[text("x")])
        assert refused == gate.CONTENT_MISSING

    def test_given_to_a_voice(self) -> None:
        game = begin()
        proposal = propose(game)
        voice = made("p author")
        game.member(c.NameGiven(proposal, voice), "dia")
        for matter, other in ((proposal, made("x")), (made("x"), voice)):
            refused = game.refused(c.NameGiven(matter, other), own_id=ANN)
            assert refused == names.VOICE_UNKNOWN


def named(
    game: Game, number: int, names: tuple[str, ...], approving: tuple[str, ...]
) -> Act[c.StewardsNamed]:
    body = c.StewardsNamed(number, tuple(public(one) for one in names), 2)
    message = stewards.steward_message(game.log_id, body)
    approvals = tuple(
        c.Approval(public(one), keys.sign(seed_key(one), message).hex()) for one in approving
    )
    return game.act(msgspec.structs.replace(body, approvals=approvals), As.OFFICE, made("lead"))


class TestStewards:
    def test_the_old_approve_the_new(self) -> None:
        game = begin()
        assert not isinstance(game.offer(named(game, 1, ("s1", "s2", "s3"), ())), Refusal)
        for approving in ((), ("s1",), ("s1", "s1"), ("s1", "x")):
            result = game.offer(named(game, 2, ("s2", "s3", "s4"), approving))
            assert result == Refusal(stewards.STEWARDS_UNMET)
        assert not isinstance(game.offer(named(game, 2, ("s2", "s3"), ("s1", "s3"))), Refusal)

    def test_an_approval_counts_once(self) -> None:
        game = begin()
        game.offer(named(game, 1, ("s1", "s2"), ()))
        old = named(game, 2, ("s1", "s2", "s3"), ("s1", "s2"))
        assert not isinstance(game.offer(old), Refusal)
        game.offer(named(game, 3, ("s1", "s2"), ("s1", "s2")))
        again = game.act(old.body, As.OFFICE, made("lead"))
        assert game.offer(again) == Refusal(stewards.STEWARDS_UNMET)

    def test_signatures_are_checked_before(self) -> None:
        game = begin()
        act = named(game, 1, ("s1", "s2"), ("s1",))
        other = msgspec.structs.replace(act.body, threshold=1)
        refused = game.procedure.prepare(game.log_id, msgspec.structs.replace(act, body=other))
        assert refused == Refusal(stewards.STEWARDS_UNMET)

    def test_a_threshold_that_can_be_met(self) -> None:
        game = begin()
        for keys_, threshold in ((("aa" * 32,), 2), (("aa" * 32,) * 2, 2)):
            body = c.StewardsNamed(1, keys_, threshold)
            assert game.refused(body, As.OFFICE, made("lead")) == stewards.STEWARDS_UNMET

    def test_by_a_lead(self) -> None:
        game = begin()
        body = c.StewardsNamed(1, ("aa" * 32,), 1)
        assert game.refused(body, As.OFFICE, made("facilitator")) == gate.NOT_IN_OFFICE


class TestImported:
    def test_people_without_a_vote(self) -> None:
        game = begin()
        game.node(c.MembersImported("elsewhere", 0, (made("g1"), made("g2"))))
        assert game.chapter.imported == 2
        assert game.chapter.active == 6
        assert game.refused(c.Left(), own_id=made("g1")) == gate.NOT_A_MEMBER

    @pytest.mark.parametrize("ids", [(made("g"), made("g")), (made("g"), ANN)])
    def test_are_new(self, ids: tuple[str, ...]) -> None:
        game = begin()
        body = c.MembersImported("elsewhere", 0, ids)
        assert game.refused(body, As.NODE) == gate.ID_TAKEN


def test_the_node_signs_no_proof() -> None:
    game = begin()
    body = c.MembersImported("elsewhere", 0, (made("g"),))
    assert game.refused(body, As.NODE, signer="node") == gate.WRONG_KEY


def test_members_who_left_do_nothing() -> None:
    game = begin()
    game.member(c.Left(), "dia")
    assert game.chapter.active == 5
    assert game.refused(c.Left(), own_id=made("dia")) == gate.NOT_A_MEMBER


class TestTicks:
    def test_a_changed_tick_holds_from_the_next_full_hour_after_the_decision(self) -> None:
        game = begin(secrecy="roll_call", quorum=0)
        carried(game, changes=(Change("tick", 10, 60),))
        (changed,) = [one for one in game.entries if one.kind == "chapters.bylaws_changed"]
        decided = minute(changed.body.on)
        assert game.state.record.ticks[-1] == (decided - decided % 60 + 60, 60)
        support(game, _proposed(game))
        deadline = game.state.record.deadlines[made("hourly")].minute
        assert deadline % 60 == 0


def _proposed(game: Game) -> str:
    propose(game, "hourly")
    return "hourly"
