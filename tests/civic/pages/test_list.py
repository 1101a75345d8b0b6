"""The list of a chapter's proposals, page by page."""

import re

import pytest

from civic.pages import chapter
from tests.town import Town


async def test_every_ended_proposal_is_on_one_page_of_the_list(
    vilnius: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chapter, "PAGE", 2)
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people, template="town")
    ana = people[0]
    for number in range(6):
        await ana.send(f"{path}/propose/question", "/propose/question",
                       title=f"Proposal {number}", text="So be it.", lang="en")  # fmt: skip
        if number < 5:
            await ana.send(f"{ana.path}/withdraw", "/withdraw")
    pages = [await ana.see(f"{path}/proposals?from={start}") for start in (0, 2, 4)]
    listed = [re.findall(r">Proposal (\d)</a>", page) for page in pages]
    assert listed == [["5", "4", "3"], ["2", "1"], ["0"]]
    assert [re.findall(r'rel="(prev|next)" href="[^"]*from=(\d+)"', page) for page in pages] == [
        [("next", "2")],
        [("prev", "0"), ("next", "4")],
        [("prev", "2")],
    ]
    # Who does not see the chapter as it is now sees the same, a tick later.
    await vilnius.pass_time(minutes=60)
    await vilnius.pass_time(minutes=60)
    stranger = vilnius.stranger()
    seen = [await stranger.see(f"{path}/proposals?from={start}") for start in (0, 2, 4)]
    assert [re.findall(r">Proposal (\d)</a>", page) for page in seen] == listed
