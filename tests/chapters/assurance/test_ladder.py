"""No order of vouches, cases, disputes, offices that end and time leads to an impossible state.

Everything is done in two games at once: in one time passes only when somebody acts, in the other
every tick. Both come to the same.
"""

from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from chapters import entries as c
from chapters.assurance import entries as e
from chapters.assurance import terms
from chapters.assurance.disputes import on_vouches_alone, review_until
from chapters.assurance.state import AssuranceState, full_level, of, verifiers_of
from chapters.bylaws import DAY, YEAR
from chapters.offices.absence import leads, stand_in
from chapters.state import level_before
from civic.kernel.record.entry import As, Body, when
from civic.kernel.record.rules import tick_size
from civic.kernel.refusal import Refusal
from tests.acts import Game, begin, made, text
from tests.civic.test_procedure_life import timeless, told

PEOPLE = ("ann", "ben", "cem", "dia", "eva", "fox", "gil")
WHO = st.sampled_from(PEOPLE)


class Ladder(RuleBasedStateMachine):
    """A chapter of seven whose levels come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.made = 0

    @initialize(budget=st.integers(1, 3), quota=st.integers(1, 3), office=st.integers(0, 2))
    def found(self, budget: int, quota: int, office: int) -> None:
        bylaws: dict[str, Any] = {
            "level_office": office,
            "vouches": 2, "vouch_budget": budget, "verify_quota": quota,
            "level1_time": 60 * DAY, "level2_time": 90 * DAY, "appeal_time": 7 * DAY,
        }  # fmt: skip
        self.lazy, self.eager = (begin(PEOPLE, **bylaws) for _ in range(2))

    def new(self, what: str) -> str:
        self.made += 1
        return made(f"{what} {self.made}")

    def hashes(self, count: int) -> Any:
        self.made += 1
        return tuple(sorted(text(f"{self.made} {n}") for n in range(count)))

    @property
    def known(self) -> AssuranceState:
        return of(self.lazy.state)

    def both(self, body: Body, as_: As = As.NODE, own: str = "") -> bool:
        """Do the same in both games; tell whether it was accepted."""
        results = []
        for game in (self.lazy, self.eager):
            game.acts = self.made
            results.append(game.offer(game.act(body, as_, own)))
        refused = [isinstance(one, Refusal) for one in results]
        assert refused[0] == refused[1], results
        if refused[0]:
            assert results[0] == results[1]
        return not refused[0]

    @rule(hours=st.integers(1, 24 * 20))
    def wait(self, hours: int) -> None:
        end = self.lazy.now + hours * 60
        self.lazy.now = end
        step = tick_size(self.eager.state.record, self.eager.tick) * 60
        while self.eager.now < end:
            self.eager.now = min(end, self.eager.now + step)
            self.eager.due()

    @rule(name=WHO, count=st.integers(1, 3), days=st.integers(-1, 70))
    def vouch(self, name: str, count: int, days: int) -> None:
        before = terms.within(self.known.given, self.lazy.tick - YEAR)
        until = when(self.lazy.tick + days * DAY)
        if self.both(e.Vouched(self.new("term"), made(name), until, self.hashes(count))):
            assert count >= 2
            assert 0 < days <= 60
            budget = self.lazy.chapter.bylaws.vouch_budget
            assert before + count <= budget * (self.known.vouchers + len(self.known.ceased))

    @rule()
    def open_case(self) -> None:
        self.both(e.CaseOpened(text(self.new("case"))))

    @rule(name=WHO, way=st.sampled_from(["document", "video"]), days=st.integers(1, 100),
          pick=st.integers(0, 9), appointed=st.booleans())  # fmt: skip
    def verify(self, name: str, way: Any, days: int, pick: int, appointed: bool) -> None:
        cases = sorted(self.known.cases) or [text("none")]
        member = self.lazy.chapter.members[made(name)]
        level = member.level
        until = when(self.lazy.tick + days * DAY)
        body = e.Verified(
            self.new("seen"), made(name), cases[pick % len(cases)], way, until, appointed,
            self.hashes(2),
        )  # fmt: skip
        if self.both(body):
            assert level > 0
            assert not appointed
            assert member.level == 2

    @rule(name=WHO)
    def renounce(self, name: str) -> None:
        if self.both(e.LevelRenounced(), As.MEMBER, made(name)):
            assert self.lazy.chapter.members[made(name)].level == 0

    @rule(name=WHO)
    def challenge(self, name: str) -> None:
        self.both(e.Challenged(self.new("challenge"), made(name), text(self.new("why"))))

    @precondition(lambda self: self.known.challenges)
    @rule(pick=st.integers(0, 9), upheld=st.booleans())
    def decide(self, pick: int, upheld: bool) -> None:
        own = sorted(self.known.challenges)[pick % len(self.known.challenges)]
        was = self.known.challenges[own].stage
        if self.both(e.ChallengeDecided(own, upheld, self.hashes(2))):
            assert was in ("open", "appealed")
            left = self.known.challenges.get(own)
            if not upheld:
                assert left is None
            else:
                assert left is not None
                assert left.stage == ("upheld" if was == "open" else "lost")

    @precondition(lambda self: self.known.challenges)
    @rule(pick=st.integers(0, 9))
    def appeal(self, pick: int) -> None:
        own = sorted(self.known.challenges)[pick % len(self.known.challenges)]
        was = self.known.challenges[own]
        stage, member = was.stage, was.member
        appealed = self.both(e.ChallengeAppealed(own, text(self.new("x"))), As.MEMBER, member)
        assert not appealed or stage == "upheld"

    @precondition(lambda self: any(one.stage == "lost" for one in self.known.challenges.values()))
    @rule(count=st.integers(0, 3))
    def review(self, count: int) -> None:
        lost = [own for own, one in self.known.challenges.items() if one.stage == "lost"]
        alone = sorted(one for one, has in self.known.standing.items() if on_vouches_alone(has))
        until = review_until(self.lazy.state, self.lazy.tick)
        self.both(e.VouchesReviewed(lost[0], until, tuple(alone[:count])))

    @precondition(lambda self: self.lazy.chapter.active > 4)
    @rule(name=st.sampled_from(PEOPLE[3:]))
    def leave(self, name: str) -> None:
        self.both(c.Left(), As.MEMBER, made(name))

    @invariant()
    def sound(self) -> None:
        if not hasattr(self, "lazy"):
            return
        for game in (self.lazy, self.eager):
            check(game)

    def teardown(self) -> None:
        if not hasattr(self, "lazy"):
            return
        self.wait(24 * 20)
        for game in (self.lazy, self.eager):
            game.due()
        assert timeless(self.lazy.state) == timeless(self.eager.state)
        assert told(self.lazy, early=False) == told(self.eager, early=False)


def check(game: Game) -> None:
    """Nothing contradicts anything else."""
    own, chapter, deadlines = of(game.state), game.chapter, game.state.record.deadlines
    held = {}
    vouchers = 0
    for member_id, member in chapter.members.items():
        standing = own.standing.get(member_id)
        vouched = standing.vouched if standing else None
        seen = standing.seen if standing else None
        for one in (vouched, seen):
            if one is not None:
                held[one.id] = member_id
                assert deadlines[one.id].what == terms.EXPIRY
        assert member.level == (2 if seen else 1 if vouched else 0)
        assert 0 <= full_level(member) <= member.level
        if seen is None or seen.way != "video":
            assert full_level(member) == member.level
        else:
            assert full_level(member) <= 1
        if member.state != "active":
            assert member.level == 0
        # The last of all levels is the one that holds.
        assert (member.levels[-1][1] if member.levels else 0) == member.level
        vouchers += full_level(member) >= 2
    assert own.terms == held
    assert own.vouchers == vouchers
    assert own.ceased == sorted(own.ceased)
    assert len(own.given) <= len(game.entries)
    running = {one for one, each in own.challenges.items() if each.stage != "lost"}
    assert len({own.challenges[one].member for one in running}) == len(running)
    assert own.disputed == {own.challenges[one].member: one for one in running}
    for own_id in running:
        assert deadlines[own_id].what in ("chapters.challenge", "chapters.fall")
    assert own.waiting == sorted(own.waiting, key=lambda one: one[0])
    assert own.cases.keys() <= {paper for _, paper in own.waiting}
    # There is always a lead, or somebody who steps in.
    assert leads(chapter) or stand_in(chapter) is None or chapter.missed_since is not None
    assert set(verifiers_of(chapter)) <= set(chapter.members)
    dumped = game.procedure.dump(game.state)
    assert game.procedure.dump(game.procedure.load(dumped)) == dumped


Ladder.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestLadder = Ladder.TestCase


def test_levels_are_told_with_the_entry_that_brought_them() -> None:
    game = begin()
    member = game.chapter.members[made("ann")]
    assert [level for _, level in member.levels] == [2]
    index = member.levels[0][0]
    assert game.entries[index].kind == "chapters.founders_seen"
    game.node(_vouches(game, "dia"))
    dia = game.chapter.members[made("dia")]
    assert dia.levels == ((len(game.entries) - 1, 1),)
    game.member(e.LevelRenounced(), "dia")
    assert [level for _, level in dia.levels] == [1, 0]


def _vouches(game: Game, name: str) -> e.Vouched:
    papers = tuple(sorted(text(f"vouch {n}") for n in range(3)))
    return e.Vouched(made("term"), made(name), when(game.tick + DAY), papers)


def test_a_roll_keeps_the_levels_of_its_opening() -> None:
    game = begin()
    game.node(_vouches(game, "dia"))
    dia = game.chapter.members[made("dia")]
    index = dia.levels[0][0]
    game.wait(days=2)
    assert dia.level == 0
    assert [level_before(dia, at) for at in (index, index + 1, len(game.entries))] == [0, 1, 0]


def test_ids_of_founders_terms_are_distinct_and_due_once() -> None:
    game = begin()
    body = next(one.body for one in game.entries if one.kind == "chapters.founders_seen")
    assert len({one.id for one in body.terms}) == 3
    game.wait(days=3 * 366)
    assert game.kinds().count("chapters.level_expired") == 3
    assert msgspec.json.encode(of(game.state).standing) == b"{}"
