"""The machinery of the rules, with a small procedure of its own."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.record.entry import Act, As, Body, By, Entry, due_key, made_id, minute
from civic.kernel.record.rules import (
    NOT_EARLY,
    OFF_TICK,
    ONLY_FOLLOWS,
    TIME_BACK,
    WRONG_ROLE,
    Draft,
    Kind,
    Part,
    Procedure,
    RecordState,
    State,
    round_up,
    set_tick,
    tick_of,
    time_refusal,
)
from civic.kernel.refusal import Refusal
from tests.acts import made

HOUR = minute("2026-03-02T09:00Z")


class Said(Body, frozen=True):
    kind = "toy.said"
    words: tuple[str, ...] = ()


class Echoed(Body, frozen=True):
    kind = "toy.echoed"
    word: str


class Boxed(Body, frozen=True):
    kind = "toy.boxed"


class Rung(Body, frozen=True):
    kind = "toy.rung"
    id: str


class Toy(msgspec.Struct):
    heard: list[str] = []
    rung: list[str] = []


def _hear(state: State, entry: Entry[Echoed]) -> None:
    state.parts["toy"].heard.append(entry.body.word)


def _ring(state: State, entry: Entry[Rung]) -> None:
    state.parts["toy"].rung.append(entry.body.id)
    state.drop_deadline(entry.body.id)


def _follow(state: State, entry: Entry[Echoed]) -> list[Draft]:
    word = entry.body.word
    return [Draft(Echoed(f"{word}{n}")) for n in range(2)] if len(word) < 3 else []


PROCEDURE = Procedure(
    0,
    (),
    (
        Part(
            "toy",
            Toy,
            (
                Kind(
                    Said,
                    lambda state, entry: None,
                    lambda state, act, now: tuple(Draft(Echoed(word)) for word in act.body.words),
                    frozenset({As.MEMBER}),
                ),
                Kind(Echoed, _hear),
                Kind(Rung, _ring),
                Kind(
                    Boxed,
                    lambda state, entry: None,
                    lambda state, act, now: (),
                    frozenset({As.NODE}),
                    early=True,
                ),
            ),
            lambda state: (state.record.deadlines,),
            due={"toy.bell": lambda state, what_id, deadline: (Draft(Rung(what_id)),)},
            follow=((Echoed.kind, _follow),),
        ),
    ),
    lambda state, kind, act, now: None,
    lambda state, what_id, deadline: None,
)


def start() -> State:
    return PROCEDURE.initial("ab" * 32)


def said(*words: str) -> Act[Said]:
    return Act(Said.kind, By(As.MEMBER, made("ann")), "00" * 16, Said(words))


def boxed(state: State) -> Act[Boxed]:
    return Act(Boxed.kind, By(As.NODE, state.record.node), "01" * 16, Boxed())


class TestUnfolding:
    def test_first_in_first_out(self) -> None:
        result = PROCEDURE.act(start(), said("a", "b"), HOUR)
        assert not isinstance(result, Refusal)
        words = [entry.body.word for entry in result[1:]]
        assert words == ["a", "b", "a0", "a1", "b0", "b1"] + [
            f"{one}{two}{three}" for one in "ab" for two in "01" for three in "01"
        ]
        assert [entry.part for entry in result] == list(range(len(result)))
        assert {entry.key for entry in result} == {"00" * 16}
        assert {entry.by.as_ for entry in result[1:]} == {As.NODE}

    def test_refusals_of_form(self) -> None:
        state = start()
        echoed = Act(Echoed.kind, By(As.NODE, state.record.node), "00" * 16, Echoed("a"))
        assert PROCEDURE.act(state, echoed, HOUR) == Refusal(ONLY_FOLLOWS)
        role = msgspec.structs.replace(said(), by=By(As.VOICE, made("v")))
        refused = PROCEDURE.act(state, role, HOUR)
        assert isinstance(refused, Refusal)
        assert refused.code == WRONG_ROLE
        other = msgspec.structs.replace(boxed(state), by=By(As.NODE, made("other node")))
        refused = PROCEDURE.act(state, other, HOUR)
        assert isinstance(refused, Refusal)
        assert refused.code == WRONG_ROLE

    def test_early_acts_come_first_in_their_tick(self) -> None:
        state = start()
        for _ in range(2):
            assert not isinstance(PROCEDURE.act(state, boxed(state), HOUR), Refusal)
        PROCEDURE.act(state, said(), HOUR)
        assert PROCEDURE.act(state, boxed(state), HOUR) == Refusal(NOT_EARLY)
        assert not isinstance(PROCEDURE.act(state, boxed(state), HOUR + 10), Refusal)


class TestDeadlines:
    @given(st.lists(st.tuples(st.integers(0, 200), st.sampled_from("abcdefgh")), max_size=20))
    def test_in_order_of_minute_and_id_each_once(self, wanted: list[tuple[int, str]]) -> None:
        state = start()
        for after, name in wanted:
            state.set_deadline(name, HOUR + after, "toy.bell")
        expected = sorted(
            (deadline.minute, name) for name, deadline in state.record.deadlines.items()
        )
        keys = [entry.key for group in PROCEDURE.due(state, HOUR + 1000) for entry in group]
        assert state.parts["toy"].rung == [name for _, name in expected]
        assert keys == [due_key(state.record.log_id, when, name) for when, name in expected]
        assert state.record.deadlines == {}

    def test_what_is_dropped_or_replaced_does_not_happen_then(self) -> None:
        state = start()
        state.set_deadline("a", HOUR, "toy.bell")
        state.set_deadline("b", HOUR, "toy.bell")
        state.drop_deadline("a")
        state.set_deadline("b", HOUR + 20, "toy.bell")
        assert list(PROCEDURE.due(state, HOUR + 10)) == []
        assert len(list(PROCEDURE.due(state, HOUR + 20))) == 1

    def test_a_dump_keeps_them(self) -> None:
        state = start()
        state.set_deadline("a", HOUR, "toy.bell")
        again = PROCEDURE.load(PROCEDURE.dump(state))
        assert len(list(PROCEDURE.due(again, HOUR))) == 1

    def test_dumps_do_not_depend_on_the_order_of_making(self) -> None:
        one, other = start(), start()
        for name in ("a", "b"):
            one.set_deadline(name, HOUR, "toy.bell")
        for name in ("b", "a"):
            other.set_deadline(name, HOUR, "toy.bell")
        assert PROCEDURE.dump(one) == PROCEDURE.dump(other)


class TestIds:
    def test_nothing_takes_an_id_twice(self) -> None:
        state = start()
        assert state.knows(state.record.node)
        first = state.new_id("ab" * 16, 3)
        assert first == made_id("ab" * 16, 3)
        state.set_deadline(first, HOUR, "toy.bell")
        assert state.new_id("ab" * 16, 3) == made_id("ab" * 16, 4)


SIZES = st.sampled_from([1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60])


class TestTicks:
    @given(SIZES, SIZES, st.integers(0, 600), st.integers(0, 600))
    def test_rounding(self, first: int, second: int, change: int, moment: int) -> None:
        record = RecordState("ab" * 32, made("node"), 0)
        set_tick(record, HOUR - 600, first)
        set_tick(record, HOUR + change, second)
        now = HOUR + moment
        down, up = tick_of(record, now), round_up(record, now)
        assert down <= now <= up
        assert tick_of(record, down) == down
        assert tick_of(record, up) == up
        assert up in (down, now) or tick_of(record, up - 1) == down
        for full_hour in range(HOUR, HOUR + 600, 60):
            assert tick_of(record, full_hour) == full_hour

    def test_a_change_holds_from_the_next_full_hour(self) -> None:
        record = RecordState("ab" * 32, made("node"), 0)
        set_tick(record, HOUR, 1)
        assert tick_of(record, HOUR + 59) == HOUR + 50
        assert tick_of(record, HOUR + 61) == HOUR + 61

    def test_the_last_change_of_an_hour_counts(self) -> None:
        record = RecordState("ab" * 32, made("node"), 0)
        set_tick(record, HOUR, 1)
        set_tick(record, HOUR + 10, 30)
        set_tick(record, HOUR + 20, 10)
        assert record.ticks == [(0, 10)]

    def test_what_was_due_before_keeps_the_ticks_of_its_time(self) -> None:
        record = RecordState("ab" * 32, made("node"), 0)
        set_tick(record, HOUR, 60)
        assert round_up(record, HOUR + 41) == HOUR + 50
        assert round_up(record, HOUR + 61) == HOUR + 120

    def test_no_entry_between_ticks_or_before_another(self) -> None:
        record = RecordState("ab" * 32, made("node"), 0, at=HOUR)
        assert time_refusal(record, HOUR) is None
        assert time_refusal(record, HOUR - 10) == Refusal(TIME_BACK)
        assert time_refusal(record, HOUR + 5) == Refusal(OFF_TICK)

    def test_the_last_minute_stays_good_where_ticks_grew_behind_it(self) -> None:
        record = RecordState("ab" * 32, made("node"), 0, at=HOUR + 70)
        set_tick(record, HOUR, 60)
        assert time_refusal(record, HOUR + 70) is None
        assert time_refusal(record, HOUR + 80) == Refusal(OFF_TICK)


def test_a_kind_is_defined_once() -> None:
    part = PROCEDURE.parts[0]
    with pytest.raises(ValueError, match="twice"):
        Procedure(0, (), (part, part), PROCEDURE.gate, lambda state, what_id, deadline: None)
