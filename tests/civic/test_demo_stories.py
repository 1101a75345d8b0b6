"""The stories of the demonstration: what is promised about them, and that they fit the rules."""

from collections import Counter
from collections.abc import Iterator

import msgspec
import pytest

from chapters.bylaws import TEMPLATES, Bylaws, below_charter
from civic.demo.agenda import Agenda
from civic.demo.story import Comment, Proposal, Story, names, stories


def proposals() -> Iterator[Proposal]:
    for story in stories():
        yield from story.proposals


def said(comments: tuple[Comment, ...]) -> Iterator[Comment]:
    for one in comments:
        yield one
        yield from said(one.replies)


def test_three_chapters_with_two_hundred_members_and_thirty_one_proposals() -> None:
    assert [story.slug for story in stories()] == ["vilnius", "warsaw", "berlin"]
    assert sum(story.members for story in stories()) == 200
    assert len(list(proposals())) == 31


def test_every_way_in_which_a_proposal_can_stand_is_shown() -> None:
    ends = Counter(one.ends for one in proposals())
    assert set(ends) == {
        "support",
        "discussion",
        "notice",
        "vote",
        "accepted",
        "rejected",
        "no_quorum",
        "returned",
        "lapsed",
        "withdrawn",
    }
    assert ends["vote"] >= 3


def test_success_standstill_and_failure_are_shown() -> None:
    cards = Counter(one.card.result for one in proposals() if one.card is not None)
    assert set(cards) == {"success", "standstill", "failure"}


def test_what_else_is_promised_is_there() -> None:
    assert any(one.options for one in proposals())
    assert any(one.changes and one.ends == "accepted" for one in proposals())
    assert any(one.appointment for one in proposals())
    assert any(one.named for one in proposals())
    assert any(one.outage for one in proposals())
    assert any(one.revision for one in proposals())
    words = [one for each in proposals() for one in said((*each.arguments, *each.comments))]
    assert any(one.erased for one in words)
    assert any(one.moderated for one in words)
    tasks = [task for each in proposals() for task in each.tasks]
    assert any(task.done is None for task in tasks)
    assert any(task.done is not None for task in tasks)
    assert any(story.applicants and story.left for story in stories())


@pytest.mark.parametrize("story", stories(), ids=lambda story: story.slug)
def test_bylaws_are_possible_and_public(story: Story) -> None:
    fields = {**msgspec.to_builtins(TEMPLATES[story.template]), **story.bylaws}
    bylaws = msgspec.convert(fields, Bylaws)
    assert below_charter(bylaws) is None
    assert bylaws.visibility == "world"


def test_texts_are_written_for_one_place_each() -> None:
    texts = [one.text for one in proposals()]
    texts += [one.text for each in proposals() for one in said((*each.arguments, *each.comments))]
    assert len(set(texts)) == len(texts)
    assert min(len(text) for text in texts) > 20
    assert len({one.slug for one in proposals()}) == 31
    assert len(set(names())) == len(names()) > 60


async def test_what_comes_too_late_never_happens_and_what_is_postponed_comes_first() -> None:
    agenda, happened = Agenda([0, 10, 20]), list[str]()

    async def happen(what: str) -> None:
        happened.append(what)

    agenda.at(5, happen, "early")
    agenda.at(20, happen, "later")
    agenda.at(21, happen, "never")
    agenda.postpone(1)
    for deed in agenda.take(2):
        await deed()
    assert happened == ["early", "later"]


def test_standing_and_offices_are_shown() -> None:
    by_slug = {story.slug: story for story in stories()}
    assert by_slug["warsaw"].suspended
    assert any(one.measure is not None for one in by_slug["warsaw"].proposals)
    assert by_slug["berlin"].resigned
