"""Offices end with the level that they ask for, and a chapter can always act."""

from typing import Any

from chapters import entries as c
from chapters.assurance import entries as e
from chapters.assurance.state import verifiers_of
from chapters.bylaws import DAY
from chapters.offices.absence import leads
from chapters.offices.terms import OFFICE_LEVEL, give, holder_refusal
from civic.kernel.record.entry import when
from civic.kernel.refusal import Refusal
from tests.acts import Game, begin, made, text

OFFICES = {made(one) for one in ("lead", "facilitator", "verifier 1", "verifier 2")}


def chapter(level: int = 2, **bylaws: Any) -> Game:
    """Ann, ben and cem are at level 2 for 60 days; offices last 300."""
    return begin(level_office=level, level2_time=60 * DAY, vouches=2, **bylaws)


def raised(
    game: Game, *names: str, days: int = 60, way: Any = "document", vouched: int = 300
) -> None:
    """Bring some to level 2 for some days; their vouches hold for others."""
    for name in names:
        papers: Any = tuple(sorted(text(f"{name} {n} {game.tick}") for n in range(2)))
        own = f"{name} {game.tick}"
        until = when(game.tick + vouched * DAY)
        if game.chapter.members[made(name)].level == 0:
            game.node(e.Vouched(made(f"vouched {own}"), made(name), until, papers))
        game.node(e.CaseOpened(text(f"case {own}")))
        until = when(game.tick + days * DAY)
        seen = e.Verified(
            made(f"seen {own}"), made(name), text(f"case {own}"), way, until, False, papers
        )
        game.node(seen)


def ended(game: Game) -> set[str]:
    return {one.body.office for one in game.entries if one.kind == "chapters.office_ended"}


class TestGivenUp:
    def test_the_office_ends_with_it(self) -> None:
        game = chapter()
        entries = game.member(e.LevelRenounced(), "ben")
        assert [one.kind for one in entries[1:]] == ["chapters.office_ended"] * 2
        assert [one.body.office for one in entries[1:]] == sorted(
            (made("facilitator"), made("verifier 1"))
        )
        assert {one.body.on for one in entries[1:]} == {entries[0].at}

    def test_unless_the_office_asks_for_none(self) -> None:
        game = chapter(level=0)
        game.member(e.LevelRenounced(), "ben")
        assert ended(game) == set()

    def test_another_office_holder_leads_after_a_while(self) -> None:
        game = chapter(lead_absence=20 * DAY)
        game.member(e.LevelRenounced(), "ann")
        assert leads(game.chapter) == set()
        game.wait(days=20)
        assert leads(game.chapter) == {made("ben")}


class TestLost:
    def test_the_office_ends_with_it_even_that_of_a_verifier(self) -> None:
        game = chapter(appeal_time=7 * DAY)
        game.node(e.Challenged(made("x"), made("ben"), text("why")))
        papers: Any = tuple(sorted((text("a"), text("b"))))
        game.node(e.ChallengeDecided(made("x"), True, papers))
        assert ended(game) == set()
        game.wait(days=7)
        assert ended(game) == {made("facilitator"), made("verifier 1")}
        (lost,) = [one.body for one in game.entries if one.kind == "chapters.level_lost"]
        on = [one.body.on for one in game.entries if one.kind == "chapters.office_ended"]
        assert on == [lost.on] * 2


class TestRunOut:
    def test_nothing_is_asked_that_nobody_has_any_more(self) -> None:
        game = chapter()
        game.wait(days=61)
        assert {one.level for one in game.chapter.members.values()} == {0}
        assert ended(game) == set()

    def test_others_go_on_and_verifiers_stay_until_there_are_two(self) -> None:
        game = chapter()
        game.wait(days=10)
        raised(game, "dia", "eva", "fox")
        game.wait(days=51)
        assert ended(game) == {made("lead"), made("facilitator")}
        assert verifiers_of(game.chapter) == tuple(sorted((made("ben"), made("cem"))))

    def test_with_two_verifiers_who_renewed_the_others_go(self) -> None:
        game = chapter()
        game.wait(days=10)
        raised(game, "dia", "eva", "fox")
        for name in ("dia", "eva"):
            until = when(game.tick + 200 * DAY)
            term = c.OfficeTerm(made(f"verifier {name}"), "verifier", made(name), until)
            give(game.state, term, game.tick)
        game.wait(days=51)
        assert ended(game) == OFFICES

    def test_who_renews_in_time_stays(self) -> None:
        game = chapter()
        game.wait(days=10)
        raised(game, "ann", "ben", "cem", "dia")
        game.wait(days=55)
        assert ended(game) == set()

    def test_video_alone_keeps_no_office(self) -> None:
        game = chapter(level=1)
        raised(game, "dia", days=50, way="video", vouched=30)
        term = c.OfficeTerm(made("auditor"), "auditor", made("dia"), when(game.tick + 100 * DAY))
        give(game.state, term, game.tick)
        game.wait(days=29)
        assert made("auditor") in game.chapter.offices
        game.wait(days=2)
        dia = game.chapter.members[made("dia")]
        assert (dia.level, dia.full) == (2, 0)
        assert ended(game) == {made("auditor")}

    def test_back_by_video_is_not_enough(self) -> None:
        game = chapter()
        raised(game, "dia", days=31)
        game.wait(days=32)
        raised(game, "dia", days=50, way="video")
        dia = game.chapter.members[made("dia")]
        assert (dia.level, dia.full) == (2, 1)
        assert holder_refusal(game.chapter, made("dia")) == Refusal(OFFICE_LEVEL, {"needed": 2})
