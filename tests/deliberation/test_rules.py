"""The way of a proposal, what is said about it, and what comes of it."""

from typing import Any

import pytest

from chapters import entries as c
from chapters import gate, participation
from chapters.assurance.state import of as assurance_of
from chapters.bylaws import DAY, Change
from civic.kernel.record.entry import As, Body, due_key, made_id, minute, when
from deliberation import (
    aftermath,
    authors,
    effects,
    imported,
    languages,
    phases,
    speaking,
    supporting,
    words,
)
from deliberation import entries as d
from tests.acts import Game, begin, made, propose, support, text, tie, to_vote
from voting.entries import Cast


def phase(game: Game, name: str = "p") -> str:
    return game.deliberation.proposals[made(name)].phase


def vote(game: Game, election: str, value: int = 1) -> None:
    """Everybody votes the same, and the vote closes."""
    for one, member in list(game.chapter.members.items()):
        if member.state == "active":
            game.do(Cast(election, value), As.MEMBER, one)
    game.wait(game.chapter.bylaws.vote_time)


def refused(game: Game, body: Any, name: str, *content: str) -> str:
    return game.refused(body, As.VOICE, made(name), content)


def proposed(**fields: Any) -> d.Proposed:
    return d.Proposed(
        **{
            "id": made("p"),
            "lang": "en",
            "title_length": 5,
            "text_length": 5,
            "options": 0,
            "secrecy": "roll_call",
            **fields,
        }
    )


TWO = (text("title"), text("text"))


class TestProposing:
    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"options": 1}, effects.OPTIONS),
            ({"options": 2, "changes": (Change("quorum", 200, 1),)}, effects.OPTIONS),
            (
                {"options": 2, "appointment": d.Appointment("lead", made("ann"), 60)},
                effects.OPTIONS,
            ),
            (
                {
                    "changes": (Change("quorum", 200, 1),),
                    "appointment": d.Appointment("lead", made("ann"), 60),
                },
                effects.OPTIONS,
            ),
            ({"changes": (Change("quorum", 201, 1),)}, effects.STALE_CHANGE),
            ({"changes": (Change("quorum", 200, 1001),)}, effects.UNFIT_CHANGE),
            ({"changes": (Change("vote_time", 7200, 60),)}, effects.UNFIT_CHANGE),
            (
                {"changes": (Change("quorum", 200, 1), Change("quorum", 200, 2))},
                effects.UNFIT_CHANGE,
            ),
            ({"appointment": d.Appointment("lead", made("nobody"), 60)}, gate.NOT_A_MEMBER),
            ({"secrecy": "pseudonymous"}, supporting.SECRECY),
            ({"id": made("ann")}, gate.ID_TAKEN),
            ({"id": made("lead")}, gate.ID_TAKEN),
        ],
    )
    def test_what_cannot_be(self, fields: dict[str, Any], code: str) -> None:
        game = begin(secrecy="roll_call")
        options = fields.get("options", 0)
        labels = [text(f"label {n}") for n in range(options)]
        assert refused(game, proposed(**fields), "v", *TWO, *labels) == code

    def test_texts(self) -> None:
        game = begin(secrecy="roll_call")
        for content in ((), TWO[:1], (*TWO, text("more")), (TWO[0], TWO[0])):
            assert refused(game, proposed(), "v", *content) == gate.CONTENT_MISSING
        game.voice(proposed(), "v", *TWO)
        again = proposed(id=made("q"))
        assert refused(game, again, "v2", *TWO) == gate.TEXT_TAKEN
        assert refused(game, proposed(), "v2", text("1"), text("2")) == gate.ID_TAKEN


class TestSupport:
    def test_enough_opens_the_discussion(self) -> None:
        game = begin()
        proposal = propose(game)
        game.voice(d.Supported(proposal), "a")
        assert refused(game, d.Supported(proposal), "a") == supporting.SUPPORTED_TWICE
        assert refused(game, d.SupportWithdrawn(proposal), "b") == supporting.NOT_SUPPORTED
        game.voice(d.SupportWithdrawn(proposal), "a")
        game.voice(d.Supported(proposal), "b")
        assert phase(game) == "support"
        game.voice(d.Supported(proposal), "a")
        assert phase(game) == "discussion"
        assert refused(game, d.Supported(proposal), "c") == phases.WRONG_PHASE
        assert game.deliberation.proposals[proposal].supports == set()

    def test_too_little_lapses(self) -> None:
        game = begin()
        propose(game)
        game.wait(days=14)
        assert phase(game) == "lapsed"
        levels = assurance_of(game.state).terms
        assert game.state.record.deadlines.keys() == {*game.chapter.offices, *levels}

    def test_a_share_of_the_members_rounded_up(self) -> None:
        game = begin(support_least=1, support_share=200)
        propose(game)
        game.voice(d.Supported(made("p")), "a")
        assert phase(game) == "support"
        game.voice(d.Supported(made("p")), "b")
        assert phase(game) == "discussion"

    def test_never_more_than_there_are_members(self) -> None:
        game = begin(support_least=100)
        propose(game)
        for name in ("dia", "eva", "fox", "cem"):
            game.member(c.Left(), name)
        for number in range(2):
            game.voice(d.Supported(made("p")), f"v{number}")
        assert phase(game) == "discussion"

    def test_what_is_enough_in_the_end_suffices(self) -> None:
        game = begin(support_least=1, support_share=500)
        propose(game)
        for number in range(2):
            game.voice(d.Supported(made("p")), f"v{number}")
        assert phase(game) == "support"
        for name in ("eva", "fox"):
            game.member(c.Left(), name)
        opened = game.state.record.deadlines[made("p")].minute
        game.wait(days=20)
        (until,) = [
            one.body.until for one in game.entries if one.kind == "deliberation.discussion_opened"
        ]
        assert minute(until) == opened + 7 * DAY

    def test_of_nothing(self) -> None:
        game = begin()
        assert refused(game, d.Supported(made("x")), "a") == participation.MATTER_UNKNOWN


class TestPhases:
    def test_follow_from_deadlines_however_late(self) -> None:
        game = begin(secrecy="roll_call", notice_time=DAY)
        propose(game)
        support(game)
        opened = game.now
        game.wait(days=100)
        dates = {one.kind: one.body for one in game.entries}
        assert minute(dates["deliberation.discussion_opened"].until) == opened + 7 * DAY
        assert minute(dates["deliberation.frozen"].vote_from) == opened + 8 * DAY
        assert minute(dates["deliberation.vote_called"].until) == opened + 13 * DAY
        assert minute(dates["voting.result"].closed) == opened + 13 * DAY
        assert dates["deliberation.decided"].on == dates["voting.result"].closed
        assert phase(game) == "decided"

    def test_a_tick_of_notice_at_least(self) -> None:
        game = begin(notice_time=0)
        propose(game)
        support(game)
        game.wait(days=7)
        assert phase(game) == "notice"
        game.wait(minutes=10)
        assert phase(game) == "vote"
        keys = [(one.key, one.part) for one in game.entries]
        assert len(set(keys)) == len(keys)

    def test_governed_by_the_bylaws_of_the_beginning(self) -> None:
        game = begin(secrecy="roll_call", quorum=0, vote_time=5 * DAY)
        propose(game, "old")
        propose(game, "new", changes=(Change("vote_time", 5 * DAY, 2 * DAY),))
        vote(game, to_vote(game, "new"))
        assert game.chapter.bylaws.vote_time == 2 * DAY
        support(game, "old")
        game.wait(days=8)
        called = [one for one in game.entries if one.kind == "deliberation.vote_called"][-1]
        frozen = [one for one in game.entries if one.kind == "deliberation.frozen"][-1]
        assert minute(called.body.until) == minute(frozen.body.vote_from) + 5 * DAY

    def test_nobody_can_take_the_id_of_a_coming_vote(self) -> None:
        game = begin(secrecy="roll_call", notice_time=DAY)
        propose(game)
        support(game)
        notice = game.state.record.deadlines[made("p")].minute + DAY
        foreseen = made_id(due_key(game.log_id, notice, made("p")), 0)
        game.voice(proposed(id=foreseen), "thief", text("1"), text("2"))
        game.wait(days=8)
        election = game.deliberation.proposals[made("p")].election
        assert election is not None
        assert election != foreseen
        assert game.state.record.deadlines[foreseen].what == "deliberation.support"

    def test_withdrawn(self) -> None:
        game = begin()
        proposal = propose(game)
        assert refused(game, d.Withdrawn(proposal), "x") == words.NOT_THE_AUTHOR
        game.voice(d.Withdrawn(proposal), "p author")
        assert refused(game, d.Withdrawn(proposal), "p author") == phases.WRONG_PHASE
        game.wait(days=30)
        assert game.kinds()[-1] == "deliberation.withdrawn"

    def test_not_once_it_is_frozen(self) -> None:
        game = begin()
        proposal = propose(game)
        to_vote(game)
        assert refused(game, d.Withdrawn(proposal), "p author") == phases.WRONG_PHASE


class TestEffects:
    def test_a_change_of_bylaws(self) -> None:
        game = begin(secrecy="roll_call")
        propose(game, changes=(Change("quorum", 200, 100), Change("tick", 10, 30)))
        vote(game, to_vote(game))
        assert game.kinds()[-3:] == [
            "voting.result",
            "deliberation.decided",
            "chapters.bylaws_changed",
        ]
        assert game.chapter.bylaws.quorum == 100
        assert len(game.chapter.versions) == 2

    def test_what_no_longer_fits_goes_back_and_can_be_amended(self) -> None:
        game = begin(secrecy="roll_call")
        propose(game, "first", changes=(Change("quorum", 200, 100),))
        propose(game, "second", changes=(Change("quorum", 200, 50),))
        support(game, "second")
        first = to_vote(game, "first")
        second = game.deliberation.proposals[made("second")].election
        assert second is not None
        for election in (first, second):
            for one in game.chapter.members:
                game.do(Cast(election, 1), As.MEMBER, one)
        game.wait(days=5)
        won, lost = ("first", "second") if first < second else ("second", "first")
        assert phase(game, won) == "decided"
        assert phase(game, lost) == "discussion"
        assert game.kinds()[-2:] == ["chapters.bylaws_kept", "deliberation.returned"]
        words = game.deliberation.proposals[made(lost)].words
        now = game.chapter.bylaws.quorum
        body = d.Revised(made(lost), 2, 5, 5, (Change("quorum", now + 1, 60),))
        assert refused(game, body, f"{lost} author", *words) == effects.STALE_CHANGE
        body = d.Revised(made(lost), 2, 5, 5, (Change("quorum", now, 60),))
        game.voice(body, f"{lost} author", *words)
        game.wait(days=8)
        again = game.deliberation.proposals[made(lost)].election
        assert again not in (None, first, second)
        vote(game, again or "")
        assert game.chapter.bylaws.quorum == 60

    def test_who_left_is_not_appointed(self) -> None:
        game = begin(secrecy="roll_call")
        propose(game, appointment=d.Appointment("lead", made("dia"), 60))
        election = to_vote(game)
        game.member(c.Left(), "dia")
        vote(game, election)
        assert game.kinds()[-2:] == ["chapters.bylaws_kept", "deliberation.returned"]
        assert phase(game) == "discussion"

    def test_a_rejected_proposal_has_none(self) -> None:
        game = begin(secrecy="roll_call")
        propose(game, changes=(Change("quorum", 200, 100),))
        vote(game, to_vote(game), -1)
        assert game.kinds()[-1] == "deliberation.decided"
        assert game.entries[-1].body.outcome == "rejected"
        assert game.chapter.bylaws.quorum == 200


class TestRevising:
    def test_by_the_author_during_the_discussion(self) -> None:
        game = begin()
        proposal = propose(game)
        new = (text("new title"), text("new text"))
        body = d.Revised(proposal, 2, 5, 5)
        assert refused(game, body, "p author", *new) == phases.WRONG_PHASE
        support(game)
        assert refused(game, body, "x", *new) == words.NOT_THE_AUTHOR
        assert refused(game, d.Revised(proposal, 3, 5, 5), "p author", *new) == authors.VERSION
        game.voice(body, "p author", *new)
        game.wait(days=7)
        frozen = game.entries[-1]
        assert frozen.kind == "deliberation.frozen"
        assert frozen.content == new
        assert frozen.body.version == 2

    def test_may_keep_a_text_in_force_but_no_other(self) -> None:
        game = begin()
        proposal = propose(game)
        support(game)
        old_title, old_text = game.deliberation.proposals[proposal].words
        game.voice(d.Revised(proposal, 2, 5, 5), "p author", old_title, text("new"))
        body = d.Revised(proposal, 3, 5, 5)
        assert refused(game, body, "p author", old_title, old_text) == gate.TEXT_TAKEN

    def test_leaves_effects_as_they_are_unless_named(self) -> None:
        game = begin()
        changes = (Change("quorum", 200, 100),)
        proposal = propose(game, changes=changes)
        support(game)
        game.voice(d.Revised(proposal, 2, 5, 5), "p author", text("1"), text("2"))
        assert game.deliberation.proposals[proposal].changes == changes
        body = d.Revised(proposal, 3, 5, 5, ())
        game.voice(body, "p author", text("3"), text("4"))
        assert game.deliberation.proposals[proposal].changes == ()
        body = d.Revised(proposal, 4, 5, 5, None, d.Appointment("lead", made("ann"), 60))
        game.voice(body, "p author", text("5"), text("6"))
        assert game.deliberation.proposals[proposal].appointment is not None

    def test_says_why_behind_the_texts(self) -> None:
        game = begin()
        proposal = propose(game)
        support(game)
        new, body = (text("1"), text("2")), d.Revised(proposal, 2, 5, 5, reason_length=3)
        for content in (new, (*new, text("why"), text("more")), (*new, text("2"))):
            assert refused(game, body, "p author", *content) == gate.CONTENT_MISSING
        # A reason is new: a text in force would be named twice over.
        assert refused(game, body, "p author", *new, text("p title")) == gate.TEXT_TAKEN
        plain = d.Revised(proposal, 2, 5, 5)
        assert refused(game, plain, "p author", *new, text("why")) == gate.CONTENT_MISSING
        game.voice(body, "p author", *new, text("why"))
        known = game.deliberation.proposals[proposal]
        assert (known.words, text("why") in known.older_words) == (new, True)
        # Why is told beside a text and not put to a vote with it, and can be erased by itself.
        game.voice(d.WordsErased(proposal, (text("why"),)), "p author")
        assert phase(game) == "discussion"
        game.wait(days=7)
        assert game.entries[-1].content == new

    def test_says_why_in_several_languages_once(self) -> None:
        game = begin()
        propose(game)
        support(game)
        body = d.Revised(made("p"), 2, 5, 5, also=wordings("be"), reason_length=3)
        new = tuple(text(f"new {n}") for n in range(4))
        assert refused(game, body, "p author", *new) == gate.CONTENT_MISSING
        game.voice(body, "p author", *new, text("why"))
        assert game.deliberation.proposals[made("p")].words == new


def wordings(*tags: str) -> tuple[d.Wording, ...]:
    return tuple(d.Wording(tag, 5, 5) for tag in tags)


class TestInSeveralLanguages:
    CONTENT = tuple(text(f"{lang} {n}") for lang in ("be", "ru", "lt") for n in range(4))

    def begin(self) -> Game:
        game = begin(secrecy="roll_call")
        body = proposed(lang="be", options=2, also=wordings("ru", "lt"))
        game.voice(body, "p author", *self.CONTENT)
        return game

    @pytest.mark.parametrize(
        "tags", [("be",), ("ru", "ru"), ("ru", "lt", "be"), ("de-at", "de-AT")]
    )
    def test_each_stands_there_once(self, tags: tuple[str, ...]) -> None:
        game = begin(secrecy="roll_call")
        also = tuple(d.Wording(tag, 5, 5) for tag in tags)
        body = proposed(lang="be", also=also)
        content = [text(f"{n}") for n in range(2 + 2 * len(tags))]
        assert refused(game, body, "p author", *content) == languages.LANGUAGE_TWICE

    @pytest.mark.parametrize("given", [2, 8, 11, 13])
    def test_each_has_all_texts(self, given: int) -> None:
        game = begin(secrecy="roll_call")
        body = proposed(lang="be", options=2, also=wordings("ru", "lt"))
        content = [text(f"{n}") for n in range(given)]
        assert refused(game, body, "p author", *content) == gate.CONTENT_MISSING

    def test_all_are_frozen_and_one_binds(self) -> None:
        game = self.begin()
        support(game)
        game.wait(days=7)
        frozen = game.entries[-1]
        assert frozen.content == self.CONTENT
        assert (frozen.body.binding, frozen.body.also) == ("be", ("ru", "lt"))

    def test_a_revision_says_anew_in_which(self) -> None:
        game = self.begin()
        support(game)
        new = tuple(text(f"new {n}") for n in range(8))
        again = d.Revised(made("p"), 2, 5, 5, also=wordings("be"))
        assert refused(game, again, "p author", *new) == languages.LANGUAGE_TWICE
        game.voice(d.Revised(made("p"), 2, 5, 5, also=wordings("de")), "p author", *new)
        game.voice(d.Revised(made("p"), 3, 5, 5), "p author", *new[:4])
        game.wait(days=7)
        frozen = game.entries[-1]
        assert frozen.content == new[:4]
        assert (frozen.body.binding, frozen.body.also) == (None, ())

    def test_who_erases_one_of_them_withdraws_the_proposal(self) -> None:
        game = self.begin()
        game.voice(d.WordsErased(made("p"), self.CONTENT[-1:]), "p author")
        assert phase(game) == "withdrawn"


class TestSaying:
    def test_arguments_until_the_text_is_frozen_comments_until_it_is_decided(self) -> None:
        game = begin(secrecy="roll_call")
        proposal = propose(game)
        game.voice(d.Argued(made("a"), proposal, "con", 3), "v", text("a"))
        game.voice(d.Commented(made("c1"), proposal, 3), "v", text("c1"))
        game.voice(d.Commented(made("c2"), made("a"), 3), "v", text("c2"))
        game.voice(d.Commented(made("c3"), made("c2"), 3), "v", text("c3"))
        election = to_vote(game)
        body: Body = d.Argued(made("b"), proposal, "con", 3)
        assert refused(game, body, "v", text("b")) == phases.WRONG_PHASE
        game.voice(d.Commented(made("c4"), made("c3"), 3), "v", text("c4"))
        vote(game, election)
        body = d.Commented(made("c5"), made("c4"), 3)
        assert refused(game, body, "v", text("c5")) == phases.WRONG_PHASE

    def test_on_what_is_known_under_an_id_that_is_not(self) -> None:
        game = begin()
        proposal = propose(game)
        body: Body = d.Commented(made("c"), made("x"), 3)
        assert refused(game, body, "v", text("c")) == phases.UNKNOWN_SUBJECT
        body = d.Commented(proposal, proposal, 3)
        assert refused(game, body, "v", text("c")) == gate.ID_TAKEN
        body = d.Argued(made("ann"), proposal, "pro", 3)
        assert refused(game, body, "v", text("c")) == gate.ID_TAKEN

    def test_others_words_are_not_repeated_by_their_hash(self) -> None:
        game = begin()
        proposal = propose(game)
        body = d.Commented(made("c"), proposal, 3)
        words = game.deliberation.proposals[proposal].words[0]
        assert refused(game, body, "v", words) == gate.TEXT_TAKEN


class TestReactions:
    def test_values(self) -> None:
        game = begin()
        proposal = propose(game)
        game.voice(d.Argued(made("a"), proposal, "pro", 3), "v", text("a"))
        tie(game, proposal, "row", 1)
        for subject, value, code in (
            (made("a"), 2, phases.REACTION_VALUE),
            (proposal, 1, phases.UNKNOWN_SUBJECT),
            (made("x"), 1, phases.UNKNOWN_SUBJECT),
        ):
            body = d.ReactionsRecorded(subject, when(game.tick), 0, ((made("r"), value),))
            assert game.refused(body, As.NODE) == code
        game.node(d.ReactionsRecorded(made("a"), when(game.tick), 0, ((made("r"), -1),)))

    def test_late_rows_are_recorded(self) -> None:
        game = begin()
        proposal = propose(game)
        game.voice(d.Argued(made("a"), proposal, "pro", 3), "v", text("a"))
        game.wait(days=15)
        assert phase(game) == "lapsed"
        tie(game, proposal, "row", 1)
        game.node(d.ReactionsRecorded(made("a"), when(game.tick), 0, ((made("r"), -1),)))

    def test_what_the_shell_asks(self) -> None:
        game = begin()
        proposal = propose(game)
        game.voice(d.Argued(made("a"), proposal, "pro", 3), "v", text("a"))
        deadline = game.state.record.deadlines[proposal].minute

        def code(subject: str, value: int, now: int) -> str | None:
            refusal = speaking.reaction_refusal(game.state, subject, value, now)
            return None if refusal is None else refusal.code

        assert code(made("a"), 1, deadline - 10) is None
        assert code(made("a"), 1, deadline) == phases.WRONG_PHASE
        assert code(made("a"), 2, deadline - 10) == phases.REACTION_VALUE
        assert code(proposal, 1, deadline - 10) == phases.UNKNOWN_SUBJECT


class TestErasing:
    def test_by_the_author_or_by_an_office_with_a_reason(self) -> None:
        game = begin()
        proposal = propose(game)
        game.voice(d.Argued(made("a"), proposal, "pro", 3), "v", text("a"))
        body = d.WordsErased(made("a"), (text("a"),))
        assert refused(game, body, "x") == words.NOT_THE_AUTHOR
        assert game.refused(body, As.OFFICE, made("lead")) == authors.REASON_NEEDED
        with_reason = d.WordsErased(made("a"), (text("a"),), "an insult", "safety")
        refused_ = game.refused(with_reason, As.OFFICE, made("verifier 1"))
        assert refused_ == gate.NOT_IN_OFFICE
        game.office(with_reason, "facilitator")
        game.voice(body, "v")

    def test_only_what_belongs_to_it(self) -> None:
        game = begin()
        proposal = propose(game)
        game.voice(d.Argued(made("a"), proposal, "pro", 3), "v", text("a"))
        body = d.WordsErased(made("a"), (text("p title"),))
        assert refused(game, body, "v") == words.OTHER_WORDS
        body = d.WordsErased(made("x"), (text("a"),))
        assert refused(game, body, "v") == phases.UNKNOWN_SUBJECT

    def test_a_proposal_without_its_words_is_withdrawn(self) -> None:
        game = begin()
        proposal = propose(game)
        support(game)
        game.voice(d.Revised(proposal, 2, 5, 5), "p author", text("1"), text("2"))
        game.voice(d.WordsErased(proposal, (text("p title"),)), "p author")
        assert phase(game) == "discussion"
        game.office(d.WordsErased(proposal, (text("1"),), "an insult", "safety"), "lead")
        assert game.kinds()[-2:] == ["deliberation.words_erased", "deliberation.withdrawn"]
        assert phase(game) == "withdrawn"
        game.wait(days=30)
        assert game.kinds()[-1] == "deliberation.withdrawn"

    def test_what_was_put_to_a_vote_stays(self) -> None:
        game = begin(secrecy="roll_call")
        proposal = propose(game, appointment=d.Appointment("lead", made("dia"), 60))
        body = d.WordsErased(proposal, (text("p title"),))
        election = to_vote(game)
        assert refused(game, body, "p author") == words.FROZEN_WORDS
        game.member(c.Left(), "dia")
        vote(game, election)
        assert phase(game) == "discussion"
        assert refused(game, body, "p author") == words.FROZEN_WORDS
        game.voice(d.Revised(proposal, 2, 5, 5), "p author", text("1"), text("2"))
        assert refused(game, body, "p author") == words.FROZEN_WORDS
        game.voice(d.Withdrawn(proposal), "p author")
        assert refused(game, body, "p author") == words.FROZEN_WORDS
        game.voice(d.WordsErased(proposal, (text("1"),)), "p author")

    def test_nobody_speaks_as_an_office_or_a_participant(self) -> None:
        game = over()
        body: Body = d.TaskSet(made("t"), made("p"), when(game.now + 60), 5)
        game.office(body, "lead", text("t"))
        body = d.WordsErased(made("t"), (text("t"),))
        assert game.refused(body, As.VOICE, made("lead")) == words.NOT_THE_AUTHOR

    def test_cards(self) -> None:
        game = over()
        body = d.OutcomeRecorded(made("k"), made("p"), "failure", "no", 5, 5)
        game.office(body, "lead", text("1"), text("2"))
        erased = d.WordsErased(made("k"), (text("2"),), "a name")
        assert refused(game, erased, "v") == words.NOT_THE_AUTHOR
        game.office(erased, "lead")


def over() -> Game:
    """A chapter with a proposal that lapsed."""
    game = begin()
    propose(game)
    game.wait(days=14)
    return game


class TestAfterwards:
    def test_tasks(self) -> None:
        game = over()
        body = d.TaskSet(made("t"), made("p"), when(game.now + 60), 5)
        past = d.TaskSet(made("t"), made("p"), when(game.tick), 5)
        lead = made("lead")
        verifier = made("verifier 1")
        assert game.refused(body, As.OFFICE, verifier, [text("t")]) == gate.NOT_IN_OFFICE
        assert game.refused(past, As.OFFICE, lead, [text("t")]) == aftermath.IN_THE_PAST
        assert game.refused(body, As.OFFICE, lead) == gate.CONTENT_MISSING
        game.office(body, "lead", text("t"))
        assert game.refused(body, As.OFFICE, lead, [text("u")]) == gate.ID_TAKEN
        done = d.TaskDone(made("t"))
        assert game.refused(d.TaskDone(made("p")), As.OFFICE, lead) == phases.UNKNOWN_SUBJECT
        assert game.refused(done, As.OFFICE, verifier) == gate.NOT_IN_OFFICE
        game.office(done, "facilitator")
        assert game.refused(done, As.OFFICE, lead) == aftermath.TASK_DONE
        comment = d.Commented(made("c"), made("t"), 3)
        assert refused(game, comment, "v", text("c")) == phases.UNKNOWN_SUBJECT

    def test_not_before_the_end(self) -> None:
        game = begin()
        propose(game)
        body = d.OutcomeRecorded(made("k"), made("p"), "success", "yes", 5, 5)
        words = [text("1"), text("2")]
        assert game.refused(body, As.OFFICE, made("lead"), words) == aftermath.NOT_OVER
        other = d.OutcomeRecorded(made("k"), made("x"), "success", "yes", 5, 5)
        refused_ = game.refused(other, As.OFFICE, made("lead"), words)
        assert refused_ == participation.MATTER_UNKNOWN

    def test_cards(self) -> None:
        game = over()
        body = d.OutcomeRecorded(made("k"), made("p"), "standstill", "with_changes", 5, 5)
        game.office(body, "lead", text("1"), text("2"))
        words = [text("3"), text("4")]
        assert game.refused(body, As.OFFICE, made("lead"), words) == gate.ID_TAKEN


class TestImported:
    def imported(self) -> Game:
        game = begin()
        game.node(c.MembersImported("elsewhere", 0, (made("g"),)))
        conversation = d.ConversationImported(made("old"), "elsewhere", "en", 5, 5)
        game.node(conversation, text("1"), text("2"))
        game.node(self.statement(), text("s"))
        return game

    def statement(self, **fields: Any) -> d.StatementImported:
        whole = {
            "id": made("s"),
            "proposal": made("old"),
            "member": made("g"),
            "day": "2015-09-01",
            "accepted": True,
            "length": 5,
        }
        return d.StatementImported(**{**whole, **fields})

    def test_is_read_only(self) -> None:
        game = self.imported()
        body: Body
        for body in (
            d.Supported(made("old")),
            d.Withdrawn(made("old")),
        ):
            assert refused(game, body, "v") == phases.WRONG_PHASE
        body = d.Commented(made("c"), made("s"), 3)
        assert refused(game, body, "v", text("c")) == phases.WRONG_PHASE
        game.next_tick()
        body = d.ReactionsRecorded(made("s"), when(game.tick), 0, ((made("r"), 1),))
        assert game.refused(body, As.NODE) == phases.WRONG_PHASE

    def test_statements_are_of_its_people(self) -> None:
        game = self.imported()
        for fields, code in (
            ({"member": made("ann"), "id": made("t")}, imported.NOT_IMPORTED),
            ({"member": made("x"), "id": made("t")}, imported.NOT_IMPORTED),
            ({"proposal": made("x"), "id": made("t")}, participation.MATTER_UNKNOWN),
            ({}, gate.ID_TAKEN),
        ):
            body = self.statement(**fields)
            assert game.refused(body, As.NODE, content=[text("t")]) == code

    def test_reactions_are_of_its_people(self) -> None:
        game = self.imported()

        def code(subject: str, *rows: tuple[str, int]) -> str:
            body = d.ReactionsImported(subject, "2015-09-01", 0, rows)
            return game.refused(body, As.NODE)

        assert code(made("x"), (made("g"), 1)) == phases.UNKNOWN_SUBJECT
        assert code(made("s"), (made("ann"), 1)) == imported.NOT_IMPORTED
        assert code(made("s"), (made("g"), 2)) == phases.REACTION_VALUE
        game.node(d.ReactionsImported(made("s"), "2015-09-01", 0, ((made("g"), -1),)))

    def test_an_office_may_erase(self) -> None:
        game = self.imported()
        body = d.WordsErased(made("s"), (text("s"),))
        assert game.refused(body, As.VOICE, made("g")) == words.NOT_THE_AUTHOR
        game.office(d.WordsErased(made("s"), (text("s"),), "a name", "personal_data"), "lead")

    def test_ids_are_new(self) -> None:
        game = self.imported()
        body = d.ConversationImported(made("old"), "elsewhere", "en", 5, 5)
        words = [text("3"), text("4")]
        assert game.refused(body, As.NODE, content=words) == gate.ID_TAKEN
