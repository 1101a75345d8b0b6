"""Opening, casting and counting open votes."""

import hashlib
from typing import Any

import msgspec
import pytest

from chapters import entries as c
from chapters import gate, participation
from chapters.bylaws import DAY, Change
from civic.kernel import keys
from civic.kernel.record.entry import As, minute, row_message, when
from deliberation import entries as d
from tests.acts import (
    PEOPLE,
    Game,
    begin,
    keyed,
    made,
    propose,
    public,
    seed_key,
    support,
    tie,
    to_vote,
)
from voting import entries as e
from voting import rules as r


def roll_call(**bylaws: Any) -> tuple[Game, str]:
    game = begin(secrecy="roll_call", **bylaws)
    propose(game)
    return game, to_vote(game)


def pseudonymous(**bylaws: Any) -> tuple[Game, str]:
    game = begin(secrecy="pseudonymous", **bylaws)
    propose(game)
    election = to_vote(game)
    tie(game, made("p"), "row", 6)
    return game, election


def rows(game: Game, election: str, *votes: tuple[str, int], **fields: Any) -> e.VotesRecorded:
    sorted_rows = tuple(sorted((made(row), value) for row, value in votes))
    return e.VotesRecorded(election, when(game.tick), 0, sorted_rows, **fields)


def result(game: Game) -> e.Result:
    (found,) = [one.body for one in game.entries if one.kind == e.Result.kind]
    assert isinstance(found, e.Result)
    return found


class TestOpening:
    def test_fixes_the_roll(self) -> None:
        game, election = roll_call()
        (opened,) = [one.body for one in game.entries if one.kind == e.Opened.kind]
        ids = sorted(made(name) for name in PEOPLE)
        digest = hashlib.sha256("".join(f"{one}\n" for one in ids).encode()).hexdigest()
        assert opened.roll == e.Roll(6, digest)
        assert opened.election == election
        assert game.state.record.deadlines[election].minute == minute(opened.until)

    def test_who_came_later_is_not_on_it(self) -> None:
        game, election = roll_call()
        game.member(c.Joined(made("x"), "aa" * 32), "x")
        assert game.refused(e.Cast(election, 1), own_id=made("x")) == r.NOT_ON_ROLL
        game.member(c.Left(), "dia")
        assert game.refused(e.Cast(election, 1), own_id=made("dia")) == gate.NOT_A_MEMBER

    def test_who_was_admitted_before_but_applied_long_ago_is(self) -> None:
        game = begin(secrecy="roll_call")
        game.member(c.Applied(made("x")), "x")
        propose(game)
        support(game)
        game.wait(days=7)
        game.office(c.Admitted(made("x")), "lead")
        game.wait(days=1)
        election = game.deliberation.proposals[made("p")].election
        assert election is not None
        game.member(e.Cast(election, 1), "x")

    def test_by_the_level_of_the_bylaws_that_govern_it(self) -> None:
        game = begin(secrecy="roll_call", quorum=0)
        propose(game, "old")
        propose(game, "new", changes=(Change("level_vote", 0, 1),))
        election = to_vote(game, "new")
        for name in PEOPLE:
            game.member(e.Cast(election, 1), name)
        game.wait(days=5)
        assert game.chapter.bylaws.level_vote == 1
        election = to_vote(game, "old")
        assert game.voting.elections[election].roll == 6
        game.member(e.Cast(election, 1), "ann")

    def test_with_the_quorum_and_majority_of_the_beginning(self) -> None:
        game, election = roll_call(quorum=123, majority=777)
        known = game.voting.elections[election]
        assert (known.quorum, known.majority, known.unsigned) == (123, 777, True)


class TestCasting:
    def test_the_last_counts(self) -> None:
        game, election = roll_call()
        for value in (1, 0, -1):
            game.member(e.Cast(election, value), "ann")
        game.member(e.Cast(election, 1), "ben")
        game.wait(days=5)
        assert result(game).counts == (1, 1, 0)
        assert result(game).cast == 2
        assert game.voting.elections[election].votes == {}

    @pytest.mark.parametrize("value", [2, -2, 2**53 - 1])
    def test_answers(self, value: int) -> None:
        game, election = roll_call()
        assert game.refused(e.Cast(election, value), own_id=made("ann")) == r.VALUE

    def test_options(self) -> None:
        game = begin(secrecy="roll_call", quorum=0)
        propose(game, options=3)
        election = to_vote(game)
        for value in (-1, 8):
            assert game.refused(e.Cast(election, value), own_id=made("ann")) == r.VALUE
        game.member(e.Cast(election, 0b110), "ann")
        game.member(e.Cast(election, 0b010), "ben")
        game.wait(days=5)
        assert result(game).counts == (0, 2, 1)
        assert result(game).passed == (1,)
        assert game.entries[-1].body.winners == (1,)

    def test_only_while_it_is_open(self) -> None:
        game, election = roll_call()
        assert game.refused(e.Cast(made("x"), 1), own_id=made("ann")) == r.UNKNOWN_ELECTION
        game.pass_time(days=5)
        assert game.refused(e.Cast(election, 1), own_id=made("ann")) == r.CLOSED

    def test_signed_where_the_bylaws_ask(self) -> None:
        game = begin(secrecy="roll_call", unsigned_votes=False)
        body = c.Joined(made("x"), "aa" * 32, public("x"))
        game.do(body, As.MEMBER, made("x"), signer="x")
        propose(game)
        election = to_vote(game)
        assert game.refused(e.Cast(election, 1), own_id=made("x")) == r.UNSIGNED
        game.do(e.Cast(election, 1), As.MEMBER, made("x"), signer="x")

    def test_in_its_own_way(self) -> None:
        game, election = pseudonymous()
        assert game.refused(e.Cast(election, 1), own_id=made("ann")) == r.OTHER_SECRECY
        game, election = roll_call()
        tie(game, made("p"), "row", 1)
        assert game.refused(rows(game, election, ("r", 1)), As.NODE) == r.OTHER_SECRECY


class TestRows:
    def test_the_last_counts(self) -> None:
        game, election = pseudonymous()
        game.node(rows(game, election, ("r1", 1), ("r2", -1)))
        game.next_tick()
        game.node(rows(game, election, ("r2", 1)))
        game.wait(days=5)
        assert result(game).counts == (2, 0, 0)

    def test_answers(self) -> None:
        game, election = pseudonymous()
        assert game.refused(rows(game, election, ("r1", 2)), As.NODE) == r.VALUE
        assert game.refused(rows(game, made("x"), ("r1", 1)), As.NODE) == r.UNKNOWN_ELECTION

    def test_no_more_than_the_roll(self) -> None:
        game = begin(secrecy="pseudonymous")
        propose(game)
        election = to_vote(game)
        game.member(c.Joined(made("x"), "aa" * 32), "x")
        tie(game, made("p"), "row", 7)
        seven = rows(game, election, *((f"r{n}", 1) for n in range(7)))
        assert game.refused(seven, As.NODE) == r.MORE_THAN_ROLL
        game.node(rows(game, election, *((f"r{n}", 1) for n in range(6))))
        one = rows(game, election, ("r6", 1))
        assert game.refused(one, As.NODE) == r.MORE_THAN_ROLL
        game.next_tick()
        game.node(rows(game, election, *((f"r{n}", -1) for n in range(6))))
        game.wait(days=5)
        assert result(game).counts == (0, 6, 0)

    def test_no_more_than_ties(self) -> None:
        game = begin(secrecy="pseudonymous")
        propose(game)
        election = to_vote(game)
        game.next_tick()
        one = rows(game, election, ("r", 1))
        assert game.refused(one, As.NODE) == participation.ROW_WITHOUT_TIE

    def test_at_the_close_before_it_and_after_it_without_effect(self) -> None:
        game, election = pseudonymous(quorum=0)
        deadline = game.state.record.deadlines[election].minute
        game.now = deadline
        game.node(rows(game, election, ("r1", 1)))
        game.due()
        assert result(game).counts == (1, 0, 0)
        game.next_tick()
        game.node(rows(game, election, ("r1", -1), ("r2", -1)))
        assert game.voting.elections[election].votes == {}
        assert game.deliberation.proposals[made("p")].phase == "decided"

    def test_signed_where_the_bylaws_ask(self) -> None:
        game, election = pseudonymous(unsigned_votes=False)
        row = keyed("x")
        unsigned = e.VotesRecorded(election, when(game.tick), 0, ((row, 1),))
        assert game.refused(unsigned, As.NODE) == r.UNSIGNED
        message = row_message(game.log_id, election, row, 1, 1)
        proof = (0, 1, public("x"), keys.sign(seed_key("x"), message).hex())
        bad = msgspec.structs.replace(unsigned, proofs=((0, 1, public("y"), proof[3]),))
        assert game.refused(bad, As.NODE) == participation.ROW_SIGNATURE
        signed = msgspec.structs.replace(unsigned, proofs=(proof,))
        game.node(signed)
        assert game.chapter.matters[made("p")].counts == {election: {row: 1}}
        game.next_tick()
        again = msgspec.structs.replace(signed, tick=when(game.tick))
        assert game.refused(again, As.NODE) == participation.ROW_COUNT
        game.wait(days=5)
        assert game.chapter.matters[made("p")].counts == {}
        # After the close it stands without effect.
        game.next_tick()
        game.node(msgspec.structs.replace(signed, tick=when(game.tick)))
        assert game.chapter.matters[made("p")].counts == {}

    def test_what_the_shell_asks(self) -> None:
        game, election = pseudonymous(unsigned_votes=False)

        def code(subject: str, value: int, *, signed: bool = True) -> str | None:
            refusal = r.vote_refusal(game.state, subject, value, signed=signed)
            return None if refusal is None else refusal.code

        assert code(election, 1) is None
        assert code(election, 1, signed=False) == r.UNSIGNED
        assert code(election, 2) == r.VALUE
        assert code(made("x"), 1) == r.UNKNOWN_ELECTION
        game.wait(days=5)
        assert code(election, 1) == r.CLOSED
        other, election = roll_call()
        refusal = r.vote_refusal(other.state, election, 1, signed=True)
        assert refusal is not None
        assert refusal.code == r.OTHER_SECRECY


class TestDeciding:
    @pytest.mark.parametrize(
        ("yes", "no", "quorum", "outcome"),
        [
            (2, 0, 500, "no_quorum"),
            (3, 0, 500, "accepted"),
            (2, 2, 500, "rejected"),
            (0, 0, 0, "rejected"),
            (0, 0, 1, "no_quorum"),
        ],
    )
    def test_outcomes(self, yes: int, no: int, quorum: int, outcome: str) -> None:
        game, election = roll_call(quorum=quorum)
        for name, value in zip(PEOPLE, [1] * yes + [-1] * no, strict=False):
            game.member(e.Cast(election, value), name)
        game.wait(days=5)
        decided = game.entries[-1].body
        assert isinstance(decided, d.Decided)
        assert decided.outcome == outcome
        assert decided.winners == ()

    def test_what_was_voted_stands_when_a_member_leaves(self) -> None:
        game, election = roll_call(quorum=500)
        for name in ("dia", "eva", "fox"):
            game.member(e.Cast(election, 1), name)
            game.member(c.Left(), name)
        game.wait(days=5)
        assert result(game).cast == 3
        assert result(game).quorate

    def test_nobody_left(self) -> None:
        game = begin(secrecy="roll_call")
        propose(game)
        support(game)
        for name in PEOPLE:
            game.member(c.Left(), name)
        game.wait(days=30)
        assert result(game).cast == 0
        assert game.entries[-1].body.outcome == "rejected"
        assert game.chapter.bylaws.vote_time == 5 * DAY
