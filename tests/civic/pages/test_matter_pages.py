"""Pages around a proposal: versions and what they changed, how it came about, whose words."""

import re

from tests.civic.pages.test_budget import costs
from tests.town import Town, Visitor


async def chapter(vilnius: Town) -> tuple[str, list[Visitor]]:
    people = [await vilnius.person() for _ in range(3)]
    return await vilnius.founded(*people), people


async def proposed(by: Visitor, path: str, kind: str = "question", **fields: str) -> str:
    given = {"title": "A garden", "text": "Plant **roses** here.", "lang": "en"} | fields
    chosen = "&".join(f"rule={name}" for name in fields) if kind == "bylaws" else ""
    await by.send(f"{path}/propose/{kind}?{chosen}", f"/propose/{kind}", 200, **given)
    return by.path


async def discussed(vilnius: Town) -> tuple[str, list[Visitor]]:
    path, people = await chapter(vilnius)
    proposal = await proposed(people[0], path)
    for one in people[1:]:
        await one.send(proposal, "/support")
    return proposal, people


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


async def test_a_version_shows_word_by_word_what_it_changed(vilnius: Town) -> None:
    proposal, (ana, ben, _eva) = await discussed(vilnius)
    await ana.send(f"{proposal}/revise", "/revise", 200,
                   title="An orchard", text="Plant **trees** here <script>.")  # fmt: skip
    page = await ben.see(f"{proposal}/versions/2")
    assert "Version 2 of 2" in page
    assert re.search(r"<del>.*taken out:.*roses.*</del>", page)
    assert re.search(r"<ins>.*added:.*trees.*</ins>", page)
    assert re.search(r"<del>.*A garden", page)
    # What was typed is shown as it was typed, and nothing else comes of it.
    assert "**" in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert f'href="{proposal}/versions/1"' in page
    assert "With this text it began" in await ben.see(f"{proposal}/versions/1")
    assert f'href="{proposal}/versions/2"' in await ben.see(proposal)
    await ben.see(f"{proposal}/versions/3", 404)


async def test_a_new_text_says_why_until_its_reason_is_hidden_or_erased(vilnius: Town) -> None:
    proposal, (ana, ben, eva) = await discussed(vilnius)
    form = await ana.see(f"{proposal}/revise")
    assert "Why do you change it?" in form
    new = {"title": "An orchard", "text": "Plant trees here."}
    await ana.send(f"{proposal}/revise", "/revise", 200, **new, reason="Roses <b>die</b> in frost.")
    await ana.send(f"{proposal}/revise", "/revise", 200, **new)
    why = "Roses &lt;b&gt;die&lt;/b&gt; in frost."
    pages = (f"{proposal}/versions/2", f"{proposal}/versions/1", f"{proposal}/way", proposal)
    for page in pages:
        assert why in await ben.see(page), page
        await costs(ben, page)
    assert "Why it changed" in await ben.see(f"{proposal}/versions/2")
    assert "Why it changed" not in await ben.see(f"{proposal}/versions/3")
    moderate = f"{proposal}/moderate?of={proposal.rpartition('/')[2]}"
    await vilnius.stepped_up(ana)
    await ana.send(moderate, "/moderate", how="hide", reason="An insult.")
    for page in pages:
        seen = await ben.see(page)
        assert "die" not in seen, page
        assert "hidden" in seen, page
    await vilnius.stepped_up(ana)
    await ana.send(f"{proposal}/erase", "/erase")
    for page in pages:
        seen = await eva.see(page)
        assert "die" not in seen, page
        assert "erased" in seen, page


async def test_how_it_came_about_is_told_step_by_step_with_entries(vilnius: Town) -> None:
    path, (ana, ben, eva) = await chapter(vilnius)
    proposal = await proposed(ana, path, "bylaws", quorum="30")
    for one in (ben, eva):
        await one.send(proposal, "/support")
    await ana.send(f"{proposal}/revise", "/revise", 200, title="Quorum", text="More of us.")
    await vilnius.pass_time(days=3)
    await vilnius.pass_time(minutes=10)
    for one in (ana, ben, eva):
        await one.send(proposal, "/vote", vote="1")
    await vilnius.pass_time(days=7)
    await vilnius.pass_time(days=1)
    page = await ben.see(f"{proposal}/way")
    told = plain(page)
    order = [
        "Somebody proposed it.", "Enough members supported it", "a new text: version 2",
        "The text was fixed.", "The vote opened.", "The votes were counted. Decided: yes",
        "A decision changed the bylaws.",
    ]  # fmt: skip
    places = [told.find(one) for one in order]
    assert -1 not in places, (places, told)
    assert places == sorted(places)
    assert page.count("<circle") == len(order)
    entries = [int(one) for one in re.findall(r"/record/([0-9]+)\"", page)]
    assert len(entries) == len(order)
    assert entries == sorted(entries)
    for index in entries:
        await ben.see(f"{path}/record/{index}")


async def test_forms_of_authors_are_refused_to_others_before_they_fill_them_in(
    vilnius: Town,
) -> None:
    proposal, (ana, ben, _eva) = await discussed(vilnius)
    for form in ("revise", "withdraw", "erase"):
        page = await ben.see(f"{proposal}/{form}", 403)
        assert "Only the author can do this" in page
        assert f'action="{proposal}/{form}"' not in page
        assert f'action="{proposal}/{form}"' in await ana.see(f"{proposal}/{form}")
    await ana.send(f"{proposal}/argue/for", "/argue/for", words="Bees like it.")
    said = re.search(r'id="w-([a-z2-7]{26})"', await ben.see(proposal))
    assert said is not None
    await ben.see(f"{proposal}/erase?of={said[1]}", 403)
    await ana.see(f"{proposal}/erase?of={said[1]}")


async def test_a_voter_reads_in_short_what_is_voted_on_before_the_ballot(vilnius: Town) -> None:
    path, (ana, ben, eva) = await chapter(vilnius)
    proposal = await proposed(ana, path, text="Let us plant roses. " * 40)
    for one in (ben, eva):
        await one.send(proposal, "/support")
    await vilnius.pass_time(days=3)
    await vilnius.pass_time(minutes=10)
    page = await ben.see(proposal)
    short, ballot = page.find('class="in-short"'), page.find('name="vote"')
    quorum, text = page.find("quorum:"), page.find('id="text"')
    assert 0 < short < ballot < quorum < text
    assert 'href="#text"' in page


async def test_options_stand_in_a_legend_with_their_counts_and_votes_name_numbers(
    vilnius: Town,
) -> None:
    path, (ana, ben, eva) = await chapter(vilnius)
    proposal = await proposed(ana, path, "options", options="Roses\nTulips, many\nNothing")
    for one in (ben, eva):
        await one.send(proposal, "/support")
    await vilnius.pass_time(days=3)
    await vilnius.pass_time(minutes=10)
    for one, chosen in ((ana, ["0", "1"]), (ben, ["1"]), (eva, ["1"])):
        await one.send(proposal, "/vote", 200, vote=chosen)
    await vilnius.pass_time(days=7)
    await vilnius.pass_time(days=1)
    page = await ben.see(f"{proposal}/votes")
    assert re.search(r"Tulips, many</span>: <strong>3</strong>", page)
    assert page.count("<td>2</td>") == 2
    assert page.count("<td>1, 2</td>") == 1


async def test_one_sentence_tells_what_is_signed(vilnius: Town) -> None:
    proposal, (ana, ben, _eva) = await discussed(vilnius)
    await ana.send(f"{proposal}/argue/for", "/argue/for", words="Bees like it.")
    page = await ben.see(proposal)
    assert "None of it is signed with the own keys of those who said it" in page
    assert ">unsigned<" not in page
    assert "In the record" in page
    assert not re.search(r">#[0-9]+<", page)


async def test_erased_words_say_who_had_them_erased_and_when(vilnius: Town) -> None:
    proposal, (ana, ben, _eva) = await discussed(vilnius)
    await ana.send(f"{proposal}/argue/for", "/argue/for", words="Bees like it.")
    await ben.send(f"{proposal}/comment", "/comment", words="So do wasps.")
    said = re.search(r'id="w-([a-z2-7]{26})"', await ana.see(proposal))
    assert said is not None
    await ana.send(f"{proposal}/erase?of={said[1]}", "/erase")
    told = r"Their author had these words erased on [^<]*2026"
    for page in (proposal, f"{proposal}/said/for", f"{proposal}/w/{said[1]}"):
        assert re.search(told, await ben.see(page)), page
    answer = await ben.client.get(f"/api/v1/chapters/{proposal[3:67]}/proposals/{proposal[-26:]}")
    words = answer.json()["said"]["pro"][0]["words"]
    assert words["text"] is None
    assert words["erasure"]["role"] == "voice"
    assert words["erasure"]["reason"] is None
    # Outsiders of a public record read the same, once the tick is over.
    await vilnius.pass_time(minutes=60)
    await vilnius.pass_time(minutes=60)
    assert re.search(told, await vilnius.stranger().see(proposal))


async def test_lists_say_who_had_a_title_erased_and_name_hidden_ones_so(vilnius: Town) -> None:
    path, (ana, ben, eva) = await chapter(vilnius)
    erased, hidden = [await proposed(ana, path, title=title) for title in ("Tomatoes", "Onions")]
    await ana.send(f"{erased}/erase", "/erase")
    moderate = f"{hidden}/moderate?of={hidden.rpartition('/')[2]}"
    await vilnius.stepped_up(ana)
    await ana.send(moderate, "/moderate", how="hide", reason="Not of this chapter.")
    for page in (path, f"{path}/proposals"):
        seen = await ben.see(page)
        assert "Tomatoes" not in seen
        assert "Onions" not in seen
        assert "A hidden title" in seen, page
        assert re.search(r"An erased title.*Their author had these words erased on", seen, re.S)
        await costs(ben, page)
    listed = await eva.client.get(f"/api/v1/chapters/{path[3:]}/proposals?state=ended")
    assert listed.json()[0]["title"]["erasure"]["role"] == "voice"
    assert "A hidden title" in await eva.see("/")


async def test_erased_versions_are_compared_no_more(vilnius: Town) -> None:
    proposal, (ana, ben, _eva) = await discussed(vilnius)
    await ana.send(f"{proposal}/revise", "/revise", 200, title="An orchard", text="Plant trees.")
    await ana.send(f"{proposal}/erase", "/erase")
    page = await ben.see(f"{proposal}/versions/2")
    assert "What changed can no longer be shown" in page
    assert "orchard" not in page
    assert "roses" not in page
