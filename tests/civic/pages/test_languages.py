"""What people write keeps its language, a proposal may have several, clocks show two places."""

import re
from typing import Any

from sqlalchemy import select

from civic.kernel.database import reading as reading_from
from identity.tables import account
from tests.town import Town, Visitor, new_key


async def begun(vilnius: Town, **bylaws: str) -> tuple[Visitor, Visitor, Visitor, str]:
    ana, ben, eva = [await vilnius.person() for _ in range(3)]
    return ana, ben, eva, await vilnius.founded(ana, ben, eva, **bylaws)


SENT: dict[str, Any] = {
    "title": "Зала на лета",
    "text": "Наймем залу.",
    "lang": "be",
    "lang-2": "lt",
    "title-2": "Salė vasarai",
    "text-2": "Išsinuomokime salę.",
}


def reading(visitor: Visitor, language: str) -> None:
    visitor.client.cookies.set("lang", language)


async def test_words_keep_their_language_and_say_so(vilnius: Town) -> None:
    ana, ben, _eva, path = await begun(vilnius)
    form = await ana.see(f"{path}/propose/question")
    assert '<option value="en" selected dir="auto">English</option>' in form
    await ana.send(
        f"{path}/propose/question", "/propose/question", title="Зала", text="Наймем.", lang="be"
    )
    proposal = ana.path
    page = await ben.see(proposal)
    assert '<h1 dir="auto" lang="be">' in page
    assert '<div class="prose" dir="auto" lang="be">' in page
    assert ">Belarusian</span>" in page
    assert ">Belarusian</span>" in await ben.see(f"{path}/proposals")
    # What somebody wrote in last is what the next form begins with, in this browser alone.
    own = await ana.see(f"{proposal}/comment")
    assert '<option value="be" selected dir="auto">Беларуская</option>' in own
    comment = f"{proposal}/comment"
    await ben.send(comment, "/comment", words="Kas turi raktą?", lang="lt")
    assert '<div class="prose" dir="auto" lang="lt">' in await ben.see(proposal)
    reading(ben, "be-tarask")
    page = await ben.see(proposal)
    assert page.count('class="tongue"') == 1


async def test_who_reads_another_language_is_shown_theirs(vilnius: Town) -> None:
    ana, ben, eva, path = await begun(vilnius)
    await ana.send(f"{path}/propose/question", "/propose/question", **SENT)
    proposal = ana.path
    page = await ben.see(proposal)
    assert "Зала на лета" in page
    assert "binding text" in page
    assert 'hreflang="lt"' in page
    assert "Išsinuomokime" in await ben.see(f"{proposal}?in=lt")
    reading(ben, "lt")
    page = await ben.see(proposal)
    assert '<h1 dir="auto" lang="lt">Salė vasarai</h1>' in page
    assert "Наймем" not in page
    assert "Salė vasarai" in await ben.see(f"{path}/proposals")
    assert "Наймем" in await ben.see(f"{proposal}?in=be")
    for one in (ben, eva):
        await one.send(proposal, "/support")
    # A revision gives anew what it gives; the form begins with all there is.
    form = await ana.see(f"{proposal}/revise")
    assert "Salė vasarai" in form
    new = {name: text for name, text in SENT.items() if name != "lang"} | {"text-2": "Kitaip."}
    await ana.send(f"{proposal}/revise", "/revise", **new)
    page = await ben.see(proposal)
    assert "Kitaip." in page
    assert "Salė vasarai" in page
    await vilnius.pass_time(days=3)
    await vilnius.pass_time(minutes=10)
    page = await vilnius.stranger().see(proposal)
    assert "Наймем" in page
    assert "Kitaip." in await vilnius.stranger().see(f"{proposal}?in=lt")
    assert "Išsinuomokime" in await ana.see(f"{proposal}/versions/1")


async def test_a_form_says_what_is_missing_in_a_language(vilnius: Town) -> None:
    ana, _ben, _eva, path = await begun(vilnius)
    form = f"{path}/propose/options"
    more = {**SENT, "options": "Так\nНе", "lang-2": "be", "options-2": "Taip", "text-2": ""}
    page = await ana.send(form, "/propose/options", 422, **more)
    assert "It is given in this language already" in page
    assert "Give the text in this language, too" in page
    assert "Write as many options as in the binding text: 2" in page
    more |= {"lang-2": "lt", "options-2": "Taip\nNe", "text-2": "Rinkimės."}
    await ana.send(form, "/propose/options", **more)
    page = await ana.see(f"{ana.path}?in=lt")
    assert "<li" in page
    assert "Taip" in page


async def test_author_and_office_erase_all_languages(vilnius: Town) -> None:
    ana, ben, _eva, path = await begun(vilnius)
    await ana.send(f"{path}/propose/question", "/propose/question", **SENT)
    proposal = ana.path
    await ana.send(f"{proposal}/erase", "/erase")
    for language in ("be", "lt"):
        page = await ben.see(f"{proposal}?in={language}")
        assert "Their author had these words erased on" in page
        assert "Salė" not in page


async def test_a_deadline_shows_the_clock_of_the_chapter(vilnius: Town) -> None:
    ana, ben, _eva, path = await begun(vilnius, zone="Europe/Vilnius")
    await ana.send(f"{path}/propose/question", "/propose/question", **SENT)
    page = await ana.see(ana.path)
    assert re.search(r"\d\d:\d\d UTC; Vilnius: \d\d:\d\d UTC\+2", page)
    ben.client.cookies.set("zone", "Europe/Vilnius")
    page = await ben.see(ana.path)
    assert "UTC+2" in page
    assert "Vilnius:" not in page
    assert "Europe/Vilnius" in await ben.see(f"{path}/bylaws")
    form = await ben.see(f"{path}/propose/bylaws?rule=zone")
    assert '<option value="Europe/Vilnius" selected dir="auto">' in form
    page = await ben.send(
        f"{path}/propose/bylaws?rule=zone", "/propose/bylaws", 422,
        title="Another clock", text="We moved.", lang="en", zone="Mars/Phobos",
    )  # fmt: skip
    assert "Choose one of the values" in page
    await ben.send(
        f"{path}/propose/bylaws?rule=zone", "/propose/bylaws",
        title="Another clock", text="We moved.", lang="en", zone="Europe/Berlin",
    )  # fmt: skip
    assert "Europe/Berlin" in await ana.see(ben.path)


async def test_repeated_forms_count_once(vilnius: Town) -> None:
    ana, _ben, _eva, path = await begun(vilnius)
    sent = {"key": new_key(), **SENT}
    for _ in range(2):
        answer = await ana.client.post(f"{path}/propose/question", data=sent)
        assert answer.status_code == 303
    assert (await ana.see(f"{path}/proposals")).count("Зала на лета") == 1


async def kept(vilnius: Town) -> list[bytes | None]:
    async with reading_from(vilnius.node.engine) as db:
        return list(await db.scalars(select(account.c.sealed_reader)))


async def test_what_an_account_keeps_follows_its_person(vilnius: Town) -> None:
    ana = await vilnius.person()
    assert "Keep both with my account" not in await vilnius.stranger().see("/language")
    choice = {"language": "lt", "zone": "Europe/Vilnius", "of-account": "asked"}
    await ana.client.post("/language", data=choice)
    assert await kept(vilnius) == [None]
    await ana.client.post("/language", data={**choice, "account": "yes"})
    (sealed,) = await kept(vilnius)
    assert sealed is not None
    assert b"Vilnius" not in sealed
    # Another browser of theirs has chosen nothing, and asks for another language.
    other = vilnius.stranger()
    other.client.cookies.set("civic", ana.client.cookies["civic"])
    other.client.headers["accept-language"] = "de"
    assert '<html lang="lt">' in await other.see("/account")
    assert "<option selected>Europe/Vilnius</option>" in await other.see("/language")
    assert '<html lang="de">' in await seen_by_a_stranger(vilnius, "de")
    # Whatever they choose on any page is what they see from then on, everywhere.
    await other.client.post("/language", data={"language": "pl"})
    assert '<html lang="pl">' in await ana.see("/account")
    (changed,) = await kept(vilnius)
    assert changed is not None
    assert len(changed) == len(sealed)
    await ana.client.post("/language", data=choice)
    assert await kept(vilnius) == [None]
    # Forgotten by the account, it is what each browser was told itself.
    assert '<html lang="pl">' in await other.see("/account")
    assert '<html lang="lt">' in await ana.see("/account")


async def seen_by_a_stranger(vilnius: Town, language: str) -> str:
    stranger = vilnius.stranger()
    stranger.client.headers["accept-language"] = language
    return await stranger.see("/")


async def test_who_is_signed_out_keeps_nothing_with_an_account(vilnius: Town) -> None:
    stranger = vilnius.stranger()
    sent = {"language": "lt", "of-account": "asked", "account": "yes"}
    answer = await stranger.client.post("/language", data=sent)
    assert answer.status_code == 303
    assert "with your account" not in await stranger.see("/")
