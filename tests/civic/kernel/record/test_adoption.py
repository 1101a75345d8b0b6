"""Versions of the rules: what they must agree on, and where in a record the next takes over."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from civic.kernel.record.adoption import Adoption, RulesAdopted, arranged
from civic.kernel.record.course import RULES_UNKNOWN, Course, Decoder, RulesUnknown
from civic.kernel.record.entry import As, encode, minute
from civic.kernel.record.replay import Replay
from civic.kernel.record.rules import Part, Procedure
from civic.kernel.refusal import Refusal
from civic.procedure import DRAFT, VERSIONS
from deliberation import entries as d
from deliberation.effects import RULES, STALE_CHANGE, UNFIT_CHANGE
from deliberation.phases import WRONG_PHASE
from tests.acts import Game, begin, made, propose, support, text, to_vote
from tests.factories.later_rules import NOTICE, SECOND, THIRD, THREE, TWO, notice_of
from tests.invented import Invention
from voting import entries as v

HYPOTHESIS = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


def village(versions: Any = TWO) -> Game:
    return begin(versions=versions, secrecy="roll_call", notice_time=60)


def decide(game: Game, name: str, to: int) -> None:
    """Let the chapter decide to adopt a version."""
    propose(game, name, rules=Adoption(game.state.record.rules, to))
    vote(game, name)


def vote(game: Game, name: str) -> None:
    """Let all vote for a proposal, after the notice of whichever version, until it is decided."""
    support(game, name)
    game.wait(game.chapter.bylaws.discussion_time)
    game.wait(NOTICE * game.chapter.bylaws.notice_time)
    election = game.deliberation.proposals[made(name)].election
    assert election is not None
    for one in ("ann", "ben", "cem", "dia"):
        game.member(v.Cast(election, 1), one)
    game.wait(game.chapter.bylaws.vote_time)


def refused(game: Game, body: Any, name: str, *content: str) -> str:
    return game.refused(body, As.VOICE, made(name), content)


class TestVersions:
    def test_they_are_numbered_without_a_gap(self) -> None:
        with pytest.raises(ValueError, match="gap"):
            arranged(DRAFT, THIRD)

    def test_each_can_be_succeeded(self) -> None:
        mute = Procedure(0, (), DRAFT.parts, DRAFT.gate, DRAFT._put_off)
        with pytest.raises(ValueError, match="cannot be succeeded"):
            arranged(mute)

    def test_nobody_is_shown_what_they_were_told_to_keep(self) -> None:
        first, *others = SECOND.parts
        kinds = [replace(kind, world=not kind.world) for kind in first.kinds]
        own = [kind for name, kind in SECOND.kinds.items() if name.startswith("record.")]
        parts = (replace(first, kinds=kinds), *others)
        with pytest.raises(ValueError, match="who may read"):
            arranged(DRAFT, Procedure(1, own, parts, DRAFT.gate, DRAFT._put_off))

    def test_what_is_due_is_known_to_the_next(self) -> None:
        own = [kind for name, kind in DRAFT.kinds.items() if name.startswith("record.")]
        parts: list[Part[Any]] = [replace(part, due={}) for part in DRAFT.parts]
        with pytest.raises(ValueError, match="takes over"):
            arranged(DRAFT, Procedure(1, own, parts, DRAFT.gate, DRAFT._put_off))
        able = Procedure(1, own, parts, DRAFT.gate, DRAFT._put_off, adopt=lambda state: state)
        assert arranged(DRAFT, able)[1] is able


class TestDeciding:
    def test_a_decision_adopts_and_the_next_act_follows_the_new_rules(self) -> None:
        game = village()
        propose(game, "early")
        game.voice(d.Argued(made("a"), made("early"), "con", 4), "early author", text("a"))
        decide(game, "newer", 1)
        assert game.kinds()[-3:] == [
            "voting.result",
            "deliberation.decided",
            "record.rules_adopted",
        ]
        assert game.entries[-1].body == RulesAdopted(0, 1)
        assert game.procedure is SECOND
        propose(game, "later")
        argument = d.Argued(made("b"), made("later"), "con", 4)
        assert refused(game, argument, "later author", text("b")) == WRONG_PHASE

    def test_deadlines_are_reckoned_by_the_rules_in_force_when_they_come(self) -> None:
        game = village()
        propose(game, "both")
        decide(game, "newer", 1)
        frozen = [one for one in game.entries if one.kind == d.Frozen.kind]
        assert notice_of(frozen[0]) == 60
        support(game, "both")
        game.wait(game.chapter.bylaws.discussion_time)
        assert notice_of(game.entries[-1]) == 60 * NOTICE

    def test_what_is_due_at_once_goes_on_under_the_new_rules(self) -> None:
        """Two transitions of one minute: the first adopts, the second follows the adopted."""
        game = village()
        propose(game, "newer", rules=Adoption(0, 1))
        propose(game, "other")
        election = to_vote(game, "newer")
        for one in ("ann", "ben", "cem", "dia"):
            game.member(v.Cast(election, 1), one)
        support(game, "other")
        # Jobs that never ran: all of it is recorded in one commit, much later.
        game.wait(days=20)
        kinds = game.kinds()
        adopted = kinds.index("record.rules_adopted")
        frozen = next(one for one in game.entries[adopted:] if one.kind == d.Frozen.kind)
        opened = [one for one in game.entries if one.kind == d.DiscussionOpened.kind]
        assert frozen.body.proposal == opened[-1].body.proposal == made("other")
        ended = minute(opened[-1].body.until)
        assert minute(frozen.body.vote_from) - ended == 60 * NOTICE

    def test_two_steps_at_once_go_by_way_of_the_version_between(self) -> None:
        game = village(THREE)
        decide(game, "newer", 2)
        assert game.procedure is THIRD
        assert game.state.parts["count"].marks == []
        propose(game, "p")
        support(game, "p")
        assert game.state.parts["count"].marks == [made("p")]

    def test_what_a_version_counted_its_successor_takes_over(self) -> None:
        game = village(THREE)
        decide(game, "newer", 1)
        decide(game, "newest", 2)
        assert game.state.parts["count"].marks == ["before"]

    @pytest.mark.parametrize(
        ("rules", "code"),
        [
            (Adoption(1, 2), STALE_CHANGE),
            (Adoption(0, 0), UNFIT_CHANGE),
        ],
    )
    def test_only_a_later_version_than_that_in_force(self, rules: Adoption, code: str) -> None:
        game = village()
        body = d.Proposed(made("p"), "en", 10, 100, 0, "roll_call", rules=rules)
        assert refused(game, body, "author", text("a"), text("b")) == code

    def test_nobody_returns_to_earlier_rules(self) -> None:
        game = village()
        decide(game, "newer", 1)
        body = d.Proposed(made("p"), "en", 10, 100, 0, "roll_call", rules=Adoption(1, 0))
        assert refused(game, body, "author", text("a"), text("b")) == UNFIT_CHANGE

    def test_any_later_version_is_accepted_by_the_rules(self) -> None:
        game = village()
        propose(game, "p", rules=Adoption(0, 77))
        assert game.deliberation.proposals[made("p")].rules == Adoption(0, 77)

    def test_a_revision_may_replace_the_effect(self) -> None:
        game = village()
        matter = propose(game, "p", rules=Adoption(0, 1))
        support(game, "p")
        body = d.Revised(matter, 2, 10, 100, changes=())
        game.voice(body, "p author", text("new"), text("newer"))
        assert game.deliberation.proposals[matter].rules is None
        again = d.Revised(matter, 3, 10, 100, rules=Adoption(0, 1))
        game.voice(again, "p author", text("old"), text("older"))
        assert game.deliberation.proposals[matter].rules == Adoption(0, 1)

    def test_what_was_overtaken_returns_to_discussion(self) -> None:
        game = village(THREE)
        propose(game, "slow", rules=Adoption(0, 2))
        decide(game, "newer", 1)
        vote(game, "slow")
        kept, returned = game.entries[-2:]
        assert kept.body.field == RULES
        assert returned.kind == "deliberation.returned"
        assert game.procedure is SECOND


class TestUnknown:
    def test_the_adoption_is_recorded_and_nothing_after_it(self) -> None:
        game = village(VERSIONS)
        decide(game, "newer", 1)
        assert game.kinds()[-1] == "record.rules_adopted"
        assert game.course.missing == 1
        before = len(game.entries)
        result = game.offer(game.act(d.Supported(made("newer")), As.VOICE, made("x")))
        assert result == Refusal(RULES_UNKNOWN, {"version": 1})
        game.wait(days=400)
        assert len(game.entries) == before

    def test_a_decoder_says_from_where_on(self) -> None:
        game = village()
        decide(game, "newer", 1)
        adopted = len(game.entries)
        propose(game, "p")
        decoder = Decoder(VERSIONS, 0)
        for raw in game.raws()[:adopted]:
            decoder.decode(raw)
        with pytest.raises(RulesUnknown) as raised:
            decoder.decode(game.raws()[adopted])
        assert (raised.value.version, raised.value.index) == (1, adopted)
        with pytest.raises(RulesUnknown):
            Decoder(VERSIONS, 5)

    def test_a_decoder_may_begin_in_the_middle(self) -> None:
        game = village()
        decide(game, "newer", 1)
        propose(game, "p")
        decoder = Decoder(TWO, 0)
        for raw in game.raws()[:-1]:
            decoder.skip(raw)
        assert decoder.decode(game.raws()[-1]) == game.entries[-1]

    def test_what_was_missing_takes_over_once_it_is_there(self) -> None:
        game = village(VERSIONS)
        decide(game, "newer", 1)
        later = Course(TWO, DRAFT, DRAFT.load(DRAFT.dump(game.state)))
        later.settle()
        assert later.missing is None
        assert later.procedure is SECOND


@HYPOTHESIS
@given(st.integers(0, 2**32), st.lists(st.integers(1, 90), min_size=30, max_size=30))
def test_replay_catching_up_and_snapshots_agree_with_the_live_state(
    seed: int, sizes: list[int]
) -> None:
    life = Invention(seed)
    life.live(150)
    raws = [encode(entry) for entry in life.entries]
    live = life.course.procedure.dump(life.state)
    # An audit, in pieces that end amid acts.
    replay = Replay(THREE, 0, life.log_id)
    rest = raws
    for size in (*sizes, len(raws)):
        replay.feed(rest[:size])
        rest = rest[size:]
    replay.finish()
    assert replay.finding is None
    assert replay.index == len(raws)
    versions = [one.body.to for one in life.entries if one.kind == RulesAdopted.kind]
    assert [version for _, version in replay.adopted] == versions
    assert life.course.procedure.dump(replay.state) == live
    # Another process, which keeps a snapshot between any two acts.
    course = Course.begin(THREE, 0, life.log_id)
    for index, raw in enumerate(raws):
        course.fold(raw)
        if index + 1 == len(raws) or (life.entries[index + 1].part == 0 and index % 7 == seed % 7):
            course.settle()
            kept = course.procedure.dump(course.state)
            course = Course(THREE, course.procedure, course.procedure.load(kept))
    assert course.procedure is life.course.procedure
    assert course.procedure.dump(course.state) == live
    decoder = Decoder(THREE, 0)
    assert [decoder.decode(raw) for raw in raws] == life.entries


def test_some_invented_lives_adopt_both_versions() -> None:
    adopted = set()
    for seed in range(12):
        life = Invention(seed)
        life.live(150)
        adopted |= {one.body.to for one in life.entries if one.kind == RulesAdopted.kind}
    assert adopted == {1, 2}
