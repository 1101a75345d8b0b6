"""Words are hidden, appealed, judged; they come back unless two others uphold that they are not."""

from typing import Any

import pytest

from chapters import gate
from chapters.bylaws import DAY
from civic.kernel.record.entry import As
from deliberation import entries as d
from deliberation import phases, words
from deliberation.moderation import entries as m
from deliberation.moderation import rules
from tests.acts import Game, begin, made, propose, support, text, to_vote

HIDING = made("h")


def hide(game: Game, of: str, *hashes: str, own: str = "h", office: str = "facilitator") -> None:
    game.office(m.WordsHidden(made(own), of, hashes, "an insult"), office)


def argued(**bylaws: Any) -> Game:
    """A game in which `v` argued and the facilitator hid it."""
    game = begin(**bylaws)
    proposal = propose(game)
    game.voice(d.Argued(made("a"), proposal, "pro", 3), "v", text("a"))
    hide(game, made("a"), text("a"))
    return game


def appeal(game: Game, voice: str = "v") -> None:
    game.voice(m.HidingAppealed(HIDING, 4), voice, text("plea"))


def judge(game: Game, office: str, *, show: bool) -> None:
    game.office(m.HidingJudged(HIDING, show), office)


def stage(game: Game) -> str:
    return game.deliberation.moderation.hidings[HIDING].stage


def ends(game: Game) -> list[str]:
    return [one.body.why for one in game.entries if one.kind == m.HidingEnded.kind]


class TestHiding:
    def test_who_may_hide_what(self) -> None:
        game = begin()
        proposal = propose(game)
        game.voice(d.Argued(made("a"), proposal, "pro", 3), "v", text("a"))

        def refused(of: str, digest: str, office: str = "lead") -> str:
            body = m.WordsHidden(HIDING, of, (digest,), "an insult")
            return game.refused(body, As.OFFICE, made(office))

        assert refused(made("a"), text("a"), "verifier 1") == gate.NOT_IN_OFFICE
        assert refused(made("x"), text("a")) == phases.UNKNOWN_SUBJECT
        assert refused(made("a"), text("p title")) == words.OTHER_WORDS
        body = m.WordsHidden(made("ann"), made("a"), (text("a"),), "an insult")
        assert game.refused(body, As.OFFICE, made("lead")) == gate.ID_TAKEN
        hide(game, made("a"), text("a"))
        assert refused(made("a"), text("a")) == gate.ID_TAKEN
        body = m.WordsHidden(made("i"), made("a"), (text("a"),), "an insult")
        assert game.refused(body, As.OFFICE, made("lead")) == rules.HIDDEN_ALREADY

    def test_what_was_put_to_a_vote_is_not_hidden(self) -> None:
        game = begin()
        proposal = propose(game)
        to_vote(game)
        digest = game.deliberation.proposals[proposal].words[0]
        body = m.WordsHidden(HIDING, proposal, (digest,), "an insult")
        assert game.refused(body, As.OFFICE, made("lead")) == words.FROZEN_WORDS

    def test_nobody_appeals_and_it_is_settled(self) -> None:
        game = argued()
        game.wait(days=15)
        assert (stage(game), ends(game)) == ("final", ["unappealed"])
        assert text("a") in game.deliberation.moderation.hidden

    def test_who_hid_it_takes_it_back(self) -> None:
        game = argued()
        assert game.refused(m.HidingLifted(HIDING), As.OFFICE, made("lead")) == gate.NOT_IN_OFFICE
        game.office(m.HidingLifted(HIDING), "facilitator")
        assert (stage(game), ends(game)) == ("over", ["lifted"])
        assert game.refused(m.HidingLifted(HIDING), As.OFFICE, made("facilitator")) == (
            rules.HIDING_UNKNOWN
        )
        hide(game, made("a"), text("a"), own="again")


class TestAppeals:
    def test_only_the_author_once_and_in_time(self) -> None:
        game = argued()
        body = m.HidingAppealed(HIDING, 4)
        content = (text("plea"),)
        assert game.refused(body, As.VOICE, made("x"), content) == words.NOT_THE_AUTHOR
        other = m.HidingAppealed(made("x"), 4)
        assert game.refused(other, As.VOICE, made("v"), content) == rules.HIDING_UNKNOWN
        assert game.refused(body, As.VOICE, made("v")) == gate.CONTENT_MISSING
        appeal(game)
        assert game.refused(body, As.VOICE, made("v"), (text("b"),)) == rules.NO_APPEAL
        game = argued()
        game.wait(days=15)
        assert game.refused(body, As.VOICE, made("v"), content) == rules.NO_APPEAL

    def test_two_others_bring_the_words_back_for_good(self) -> None:
        game = argued()
        appeal(game)
        judge(game, "lead", show=True)
        assert stage(game) == "appealed"
        judge(game, "verifier 2", show=True)
        assert (stage(game), ends(game)) == ("over", ["overturned"])
        assert game.entries[-1].body.shown == (text("a"),)
        assert game.deliberation.moderation.hidden == {}
        body = m.WordsHidden(made("i"), made("a"), (text("a"),), "an insult")
        assert game.refused(body, As.OFFICE, made("lead")) == rules.CLEARED

    def test_two_others_uphold_it(self) -> None:
        game = argued()
        appeal(game)
        judge(game, "lead", show=False)
        judge(game, "verifier 2", show=False)
        assert (stage(game), ends(game)) == ("final", ["upheld"])
        game.wait(days=30)
        assert ends(game) == ["upheld"]

    @pytest.mark.parametrize("judgements", [(), (("lead", False),), (("lead", True),)])
    def test_without_two_of_one_mind_the_words_come_back(
        self, judgements: tuple[tuple[str, bool], ...]
    ) -> None:
        game = argued()
        game.wait(days=13)
        appeal(game)
        for office, show in judgements:
            judge(game, office, show=show)
        game.wait(days=6)
        assert stage(game) == "appealed"
        game.wait(days=2)
        assert (stage(game), ends(game)) == ("over", ["unanswered"])

    def test_nobody_judges_their_own_deed_or_twice(self) -> None:
        game = argued()
        body = m.HidingJudged(HIDING, show=True)
        assert game.refused(body, As.OFFICE, made("lead")) == rules.HIDING_UNKNOWN
        appeal(game)
        for office in ("facilitator", "verifier 1"):
            assert game.refused(body, As.OFFICE, made(office)) == rules.OWN_CASE
        judge(game, "lead", show=True)
        assert game.refused(body, As.OFFICE, made("lead")) == rules.OWN_CASE

    def test_who_takes_it_back_while_it_is_judged_does_not_hide_it_anew(self) -> None:
        game = argued()
        appeal(game)
        game.wait(days=6)
        game.office(m.HidingLifted(HIDING), "facilitator")
        assert ends(game) == ["lifted"]
        body = m.WordsHidden(made("i"), made("a"), (text("a"),), "an insult")
        for office in ("facilitator", "lead"):
            assert game.refused(body, As.OFFICE, made(office)) == rules.CLEARED

    @pytest.mark.parametrize("show", [False, True])
    def test_what_the_author_says_stays_while_it_is_judged(self, show: bool) -> None:
        game = argued()
        appeal(game)
        plea = d.WordsErased(HIDING, (text("plea"),), "an insult")
        for office in ("facilitator", "lead"):
            assert game.refused(plea, As.OFFICE, made(office)) == rules.HIDE_FIRST
        judge(game, "lead", show=show)
        judge(game, "verifier 2", show=show)
        if show:
            assert game.refused(plea, As.OFFICE, made("facilitator")) == rules.HIDE_FIRST
        else:
            game.office(plea, "lead")

    def test_what_cannot_wait_goes_with_what_the_author_said_of_it(self) -> None:
        game = argued()
        appeal(game)
        game.office(d.WordsErased(HIDING, (text("plea"),), "an address", "safety"), "lead")
        game = argued()
        appeal(game)
        game.office(d.WordsErased(made("a"), (text("a"),), "an address", "personal_data"), "lead")
        game.office(d.WordsErased(HIDING, (text("plea"),), "the same"), "lead")


class TestErasing:
    def test_an_office_hides_before_it_erases(self) -> None:
        game = argued()
        body = d.WordsErased(made("a"), (text("a"),), "an insult")
        assert game.refused(body, As.OFFICE, made("lead")) == rules.HIDE_FIRST
        game.wait(days=15)
        game.office(body, "lead")
        assert (stage(game), ends(game)) == ("over", ["unappealed", "erased"])

    def test_at_once_for_a_need(self) -> None:
        game = argued()
        appeal(game)
        body = d.WordsErased(made("a"), (text("a"),), "an address", "personal_data")
        game.office(body, "lead")
        assert ends(game) == ["erased"]
        game.wait(days=30)
        assert ends(game) == ["erased"]

    def test_authors_erase_their_hidden_words_and_their_appeal(self) -> None:
        game = argued()
        appeal(game)
        plea = d.WordsErased(HIDING, (text("plea"),))
        assert game.refused(plea, As.VOICE, made("x")) == words.NOT_THE_AUTHOR
        game.voice(plea, "v")
        game.voice(d.WordsErased(made("a"), (text("a"),)), "v")
        assert ends(game) == ["erased"]


class TestProposals:
    def hidden(self) -> tuple[Game, str, tuple[str, ...]]:
        game = begin()
        proposal = propose(game)
        support(game)
        hashes = game.deliberation.proposals[proposal].words
        game.wait(days=1)
        hide(game, proposal, *hashes)
        return game, proposal, hashes

    def test_it_is_not_frozen_before_it_is_settled(self) -> None:
        game, proposal, _hashes = self.hidden()
        game.wait(days=13)
        assert game.deliberation.proposals[proposal].phase == "discussion"
        assert m.PutOff.kind in game.kinds()
        game.wait(days=2)
        assert (ends(game), game.deliberation.proposals[proposal].phase) == (
            ["unappealed"],
            "withdrawn",
        )

    def test_it_goes_on_when_its_words_come_back(self) -> None:
        game, proposal, _hashes = self.hidden()
        appeal(game, "p author")
        game.wait(days=12)
        assert ends(game) == ["unanswered"]
        assert game.deliberation.proposals[proposal].phase in ("discussion", "notice", "vote")
        game.wait(days=30)
        assert game.deliberation.proposals[proposal].phase == "decided"

    def test_another_text_takes_the_place_of_hidden_words(self) -> None:
        game, proposal, hashes = self.hidden()
        body = d.Revised(proposal, 2, 5, 5)
        game.voice(body, "p author", text("new title"), text("new text"))
        game.wait(days=30)
        assert game.deliberation.proposals[proposal].phase == "decided"
        assert m.PutOff.kind not in game.kinds()
        assert set(hashes) <= game.deliberation.moderation.hidden.keys()

    def test_a_hidden_reason_keeps_no_text_from_the_vote(self) -> None:
        game = begin()
        proposal = propose(game)
        for number in range(2):
            game.voice(d.Supported(proposal), f"supporter {number}")
        body = d.Revised(proposal, 2, 5, 5, reason_length=3)
        game.voice(body, "p author", text("1"), text("2"), text("why"))
        hide(game, proposal, text("why"))
        game.wait(days=7)
        assert m.PutOff.kind not in game.kinds()
        game.wait(days=30)
        assert game.deliberation.proposals[proposal].phase == "decided"

    def test_it_does_not_lapse_meanwhile(self) -> None:
        game = begin()
        proposal = propose(game)
        game.wait(days=13)
        hide(game, proposal, *game.deliberation.proposals[proposal].words)
        game.wait(days=4)
        assert game.deliberation.proposals[proposal].phase == "support"
        deadline = game.state.record.deadlines[proposal]
        assert deadline.minute > game.state.record.deadlines[HIDING].minute
        assert deadline.minute <= game.now + 12 * DAY
