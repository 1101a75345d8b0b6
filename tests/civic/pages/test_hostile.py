"""Words that want to break a page, and requests that no page of ours makes."""

import re
from html.parser import HTMLParser

import pytest

from tests.town import Town, new_key

EVIL = "<script>alert(1)</script> \"' & <img src=x onerror=alert(1)>"
RIGHT_TO_LEFT = "\u202egnorw si ti"
LONG = "x" * 190
VOID = {"meta", "link", "input", "img", "br", "hr"}


class Balance(HTMLParser):
    """Notes tags closed in another order than opened, ids used twice, and what could run."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.wrong += [f"<{tag} {name}>" for name, _value in attrs if name.startswith("on")]
        self.wrong += [tag for name, _value in attrs if name == "style"]
        own = tag == "script" and (dict(attrs).get("src") or "").startswith("/static/")
        if tag in ("script", "img") and not own:
            self.wrong.append(f"<{tag}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")


def sound(page: str) -> None:
    balance = Balance()
    balance.feed(page)
    assert balance.wrong == []
    assert balance.open == []
    assert len(balance.ids) == len(set(balance.ids))


@pytest.mark.parametrize("words", [EVIL, RIGHT_TO_LEFT, LONG])
async def test_hostile_words_are_only_words(vilnius: Town, words: str) -> None:
    ana, ben, eva = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(ana, ben, eva)
    # Titles and names may not turn the direction of what stands beside them.
    line = words.replace("\u202e", "\u05d0\u05d1 ")
    await ana.send(f"{path}/you", "/people/name", name=line[:60])
    await ana.send(f"{path}/propose/question", "/propose/question",
                   title=line, text=words, lang="en")  # fmt: skip
    proposal = ana.path
    await ben.send(f"{proposal}/argue/for", "/argue/for", words=words)
    await ben.send(f"{proposal}/comment", "/comment", words=words)
    await ana.send(f"{proposal}/stand-by", "/stand-by", sure="yes")
    said = re.search(r'id="w-([a-z2-7]{26})"', await eva.see(proposal))
    assert said is not None
    moderated = f"{proposal}/moderate?of={said[1]}"
    paths = [
        "/", path, f"{path}/people", f"{path}/proposals", f"{path}/record", f"{path}/audit",
        f"{path}/record/1", f"{path}/propose/office", proposal, f"{proposal}/revise",
        f"{proposal}/entries", f"{proposal}/stand-by", f"{proposal}/w/{said[1]}",
    ]  # fmt: skip
    for one in paths:
        sound(await ana.see(one))
    sound(await ben.see(moderated))
    sound(await ben.send(moderated, "/moderate", how="hide", reason=words[:400]))
    sound(await ben.see(f"{path}/record"))
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    for one in ("/", path, proposal, f"{path}/record"):
        sound(await vilnius.stranger().see(one))


async def test_control_characters_are_refused_in_words(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people)
    page = await people[0].send(
        f"{path}/propose/question", "/propose/question", 422,
        title="A bell", text="ring \x07 ring", lang="en",
    )  # fmt: skip
    assert "invisible characters" in page


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200b", "\ufeff"])
async def test_titles_and_names_have_nothing_that_nobody_sees(vilnius: Town, sign: str) -> None:
    ana, ben, eva = [await vilnius.person() for _ in range(3)]
    founding = {"template": "circle", "visibility": "world", "understood": "yes"}
    page = await ana.send("/chapters/new", "/chapters/new", 422, name=f"Vil{sign}nius", **founding)
    assert "invisible characters" in page
    path = await vilnius.founded(ana, ben, eva)
    page = await ana.send(f"{path}/you", "/people/name", 422, name=f"An{sign}a")
    assert "invisible characters" in page
    asked = f"{path}/propose/question"
    page = await ana.send(asked, asked, 422, title=f"A{sign} bell", text="Ring.", lang="en")
    assert "A title contains invisible characters" in page
    # Options are lines of one text: there the book itself looks.
    asked = f"{path}/propose/options"
    page = await ana.send(asked, asked, 422, title="A bell", text="Ring.", lang="en",
                          options=f"Loud\nQui{sign}et")  # fmt: skip
    assert "has characters that nobody sees" in page
    # Longer texts stand in blocks of their own.
    await ana.send(asked, asked, title="A bell", text=f"Ri{sign}ng.", lang="en",
                   options="Loud\nQuiet")  # fmt: skip


async def test_joiners_stay_in_titles(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people)
    asked = f"{path}/propose/question"
    title = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \U0001f469\u200d\U0001f33e"
    assert title in await people[0].send(asked, asked, title=title, text="x", lang="en")


async def test_strangers_are_asked_to_sign_in(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people)
    out = vilnius.stranger()
    acts = ["apply", "people/invite", "people/admit", "people/name", "propose/question",
            "confirm", "constitute", "people/leave"]  # fmt: skip
    for act in acts:
        answer = await out.client.post(f"{path}/{act}", data={"key": new_key()})
        assert answer.status_code == 401, act
        assert 'action="/sign-in"' in answer.text, act


async def test_who_is_no_member_can_do_nothing(vilnius: Town) -> None:
    ana, ben, eva = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(ana, ben, eva)
    await ana.send(f"{path}/propose/question", "/propose/question",
                   title="A garden", text="Dig.", lang="en")  # fmt: skip
    proposal = ana.path
    other = await vilnius.person()
    acts = {
        "support": {}, "react": {"to": "x:agree"}, "argue/for": {"words": "x", "lang": "en"},
        "comment": {"words": "x", "lang": "en"}, "vote": {"vote": "1"}, "withdraw": {},
        "erase": {"of": "x"}, "moderate": {"of": "x", "reason": "x"}, "task": {}, "outcome": {},
        "stand-by": {"sure": "yes"}, "revise": {},
    }  # fmt: skip
    for act, fields in acts.items():
        answer = await other.client.post(f"{proposal}/{act}", data={"key": new_key(), **fields})
        assert answer.status_code == 403, act
    # Nor can a member do what belongs to others.
    for act in ("revise", "withdraw"):
        answer = await ben.client.post(
            f"{proposal}/{act}", data={"key": new_key(), "title": "Mine", "text": "x"}
        )
        assert answer.status_code in (303, 422)
    assert "A garden" in await eva.see(proposal)
    assert "Gathering support" in await eva.see(proposal)
    answer = await eva.client.post(f"{proposal}/moderate", data={"key": new_key(), "of": "x"})
    assert answer.status_code == 404


async def test_forms_without_a_key_are_refused(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people)
    answer = await people[0].client.post(f"{path}/people/leave")
    assert answer.status_code == 400


async def test_a_node_without_drafts_founds_nothing(vilnius: Town, database_url: str) -> None:
    from tests.town import settings_of, town

    data = vilnius.node.key_files.folder.parent  # the same folder of keys
    async with town(database_url, data, CIVIC_DRAFT="0") as closed:
        ana = await closed.person()
        await ana.see("/chapters/new", 404)
        assert "Found a chapter" not in await ana.see("/")
        answer = await ana.client.post("/chapters/new", data={"key": new_key()})
        assert answer.status_code == 404
    assert settings_of(database_url, data).draft


async def test_addresses_and_forms_that_name_nothing_fail_quietly(vilnius: Town) -> None:
    ana, ben, eva = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(ana, ben, eva)
    await ana.send(f"{path}/propose/question", "/propose/question",
                   title="A garden", text="Dig.", lang="en")  # fmt: skip
    proposal = ana.path
    for nothing in (
        "%00",
        "a%00",
        "é" * 26,
        "\U0001f600",
        "%0d%0aset-cookie:%20x=1",
        "z" * 26,
        "z",
        "9" * 40,
    ):
        for address in (f"{path}/p/{nothing}", f"{path}/p/{nothing}/votes",
                        f"{proposal}/w/{nothing}", f"{path}/record/{nothing}"):  # fmt: skip
            await ana.see(address, 404)
        assert (await ana.client.get(f"{path}/people?after=1.{nothing}")).status_code < 500
        for act in ("support", "support/withdraw", "argue/for", "comment"):
            answer = await ana.client.post(
                f"{path}/p/{nothing}/{act}", data={"key": new_key(), "words": "x", "lang": "en"}
            )
            assert answer.status_code < 500, (nothing, act)
    for field in ("of", "on", "words", "reason", "day"):
        for act in ("erase", "comment", "moderate", "task"):
            answer = await ana.client.post(
                f"{proposal}/{act}", data={"key": new_key(), field: "a\0b"}
            )
            assert answer.status_code == 400, (act, field)
