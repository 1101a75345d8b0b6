"""Finding proposals by their words: stems, beginnings, languages, erasure, and what is left out."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.deeds import moderating
from civic.deeds import proposal as deeds
from civic.kernel.database import reading
from civic.projections import PROJECTIONS
from civic.rebuild import differences
from deliberation.queries import matter, search, similar
from deliberation.queries.similar import beginning, words_in
from tests.lives import Life, begin, done


@pytest.fixture
async def life(database: AsyncEngine, data: Path) -> Life:
    return await begin(database, data, people=5, projections=PROJECTIONS)


async def propose(life: Life, title: str, words: str = "Let us do it.", lang: str = "en") -> str:
    outcome = await deeds.propose(
        life.desk,
        life.people[0],
        title=title,
        text=words,
        lang=lang,
        idempotency=title,
        secrecy="pseudonymous",
        options=(),
    )
    return done(outcome).id


async def like(life: Life, title: str, lang: str = "en", **more: Any) -> list[str | None]:
    async with reading(life.desk.book.engine) as db:
        return [one.title.text for one in await similar(db, life.log, title, lang, **more)]


async def found(life: Life, words: str, lang: str = "en") -> list[str | None]:
    async with reading(life.desk.book.engine) as db:
        return [one.title.text for one in await search(db, life.log, words, lang)]


async def test_titles_with_the_same_words_are_similar_the_most_alike_first(life: Life) -> None:
    await propose(life, "A garden behind the school")
    await propose(life, "Gardens behind schools and houses")
    await propose(life, "Rent the hall by the river")
    await propose(life, "A library", "With a garden, behind the school, for everybody.")
    assert await like(life, "The school garden") == [
        "Gardens behind schools and houses", "A garden behind the school", "A library",
    ]  # fmt: skip
    assert await like(life, "Halls") == ["Rent the hall by the river"]


async def test_one_word_in_common_is_not_enough_for_a_long_title(life: Life) -> None:
    await propose(life, "A bench in the old park")
    assert await like(life, "Buy new computers and chairs for the park library") == []
    assert await like(life, "And the of in") == []
    assert await like(life, "") == []


@pytest.mark.parametrize(
    ("lang", "there", "asked"),
    [
        ("be", "Новая пляцоўка для дзяцей", "Дзіцячыя пляцоўкі"),
        ("be-tarask", "Ліхтары каля школы", "Ліхтароў пры школе"),
        ("uk", "Дитячий майданчик біля школи", "Майданчики"),
        ("ru", "Детская площадка у школы", "Площадки"),
        ("pl", "Oświetlenie ulicy przy szkole", "Oświetlenia"),
        ("de", "Ein Spielplatz an der Schule", "Spielplätze"),
        ("lt", "Žaidimų aikštelė prie mokyklos", "Aikštelės"),
    ],
)
async def test_other_forms_of_a_word_are_found(
    life: Life, lang: str, there: str, asked: str
) -> None:
    await propose(life, there, "…", lang=lang)
    assert await like(life, asked, lang) == [there]
    assert await found(life, there.split()[1].upper(), lang) == [there]


async def test_a_proposal_is_found_across_languages_by_how_its_words_begin(life: Life) -> None:
    await propose(life, "Ein Solarprojekt", lang="de")
    assert await found(life, "solar", "en") == ["Ein Solarprojekt"]
    assert await found(life, "solarprojekte", "be") == ["Ein Solarprojekt"]


async def test_a_proposal_is_found_by_its_words_in_each_language_until_they_are_hidden_or_erased(
    life: Life,
) -> None:
    also = [deeds.Wording("lt", "Sodas už mokyklos", "Pasodinkime rožes.")]
    outcome = await deeds.propose(
        life.desk, life.people[0], title="A garden", text="Let us plant roses.", lang="en",
        idempotency="garden", secrecy="pseudonymous", also=also,
    )  # fmt: skip
    proposal = done(outcome).id
    sought = (("garden roses", "en"), ("sodo rožių", "lt"), ("mokykla", "lt"), ("mokyklos", "be"))
    for words, lang in sought:
        assert await found(life, words, lang) == ["A garden"], words
    assert await like(life, "Sodai už mokyklų", "lt") == ["A garden"]
    # Words of two languages are nobody's sentence.
    assert await found(life, "garden mokyklos") == []
    async with reading(life.desk.book.engine) as db:
        view = await matter(db, life.chapter_id, proposal)
    assert view is not None
    lithuanian = [view.also[0].title.hash, view.also[0].text.hash]
    office, lead = life.offices["lead"]
    hidden = moderating.hide(life.desk, lead, office, proposal, lithuanian, "An insult.", "hide")
    done(await hidden)
    assert await found(life, "mokykla", "lt") == []
    assert await found(life, "roses") == ["A garden"]
    done(await deeds.erase(life.desk, life.people[0], proposal, proposal, lithuanian, "erase"))
    assert await found(life, "mokykla", "lt") == []
    assert await differences(life.desk.book.engine) == []


async def test_only_open_proposals_are_similar_and_a_search_shows_open_ones_first(
    life: Life,
) -> None:
    over = await propose(life, "A garden for all")
    done(await deeds.withdraw(life.desk, life.people[0], over, "withdraw"))
    await propose(life, "A garden for children")
    assert await like(life, "Garden") == ["A garden for children"]
    assert await found(life, "garden") == ["A garden for children", "A garden for all"]
    assert await found(life, "garden children") == ["A garden for children"]
    assert await found(life, "garden river") == []


async def test_a_new_text_replaces_the_old_one(life: Life) -> None:
    proposal = await propose(life, "A garden", "Let us plant roses.")
    for number, one in enumerate(life.people[1:3]):
        done(await deeds.support(life.desk, one, proposal, f"support {number}"))
    words = ["An orchard", "Let us plant trees."]
    done(await deeds.revise(life.desk, life.people[0], proposal, 2, words, "en", "revise"))
    assert await found(life, "orchard trees") == ["An orchard"]
    assert await found(life, "roses") == []


async def test_erased_words_are_found_no_more_and_leave_nothing_in_the_table(life: Life) -> None:
    proposal = await propose(life, "Forsythia", "Quokka and wombat.")
    engine = life.desk.book.engine
    async with reading(engine) as db:
        view = await matter(db, life.chapter_id, proposal)
    assert view is not None
    hashes = [view.line.title.hash, view.text.hash]
    done(await deeds.erase(life.desk, life.people[0], proposal, proposal, hashes, "erase"))
    assert await found(life, "wombat") == []
    async with reading(engine) as db:
        left = await db.scalar(text("SELECT CAST(lexemes AS text) FROM view.wording"))
    assert left == ""
    assert await differences(engine) == []


async def test_words_of_one_chapter_are_not_found_in_another(life: Life) -> None:
    await propose(life, "A garden")
    async with reading(life.desk.book.engine) as db:
        assert await similar(db, life.log + 1, "A garden", "en") == []
        assert await search(db, life.log + 1, "garden", "en") == []


async def test_no_mark_means_anything_in_a_search(life: Life) -> None:
    await propose(life, "A garden")
    for typed in ("garden'", "garden:*", "!garden", "garden & | (", "\\garden", "'; --", "%_"):
        assert await found(life, typed) in (["A garden"], [])
    assert await found(life, "!garden") == ["A garden"]


@given(st.text())
def test_words_are_letters_and_digits_in_lower_case_each_once(typed: str) -> None:
    words = words_in(typed)
    assert len(set(words)) == len(words) <= 24
    for word in words:
        # Nothing that means anything in a query of full-text search.
        assert word.isalnum()
        assert word.startswith(beginning(word))
        assert len(beginning(word)) >= min(len(word), 4)
