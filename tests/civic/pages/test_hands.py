"""Forms that ask what there is to sign: nothing is written, and nothing else taken than signed."""

import base64
import hashlib
import json
import re
import secrets
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

import pytest
from nacl.signing import SigningKey
from sqlalchemy import func, select

from chapters import departures
from chapters.departures import Departure
from civic import endings
from civic.deeds import departing
from civic.deeds.chapter import set_name
from civic.deeds.person import Done, Person
from civic.hands import TO_SIGN
from civic.kernel import keys
from civic.kernel.database import reading, writing
from civic.kernel.record import tables
from civic.kernel.record.entry import As, key_id
from civic.kernel.web.asgi import BODY_LIMIT
from civic.procedure import DRAFT
from identity import member_keys
from tests.town import Town, Visitor, form_of, hidden_of, new_key

STATIC = files("civic.kernel.web").joinpath("static")
ASKING = {"x-civic-sign": "prepare"}


class Signer:
    """Somebody whose browser has keys, played without one."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.seed = secrets.token_bytes(32)
        self.told: dict[str, Any] = {
            "member": None,
            "voices": {},
            "rows": {},
            "signatures": {},
            "leaving": {},
        }

    async def asks(self, path: str, **fields: Any) -> dict[str, Any]:
        """Ask what there is to sign, telling keys as long as the node wants some."""
        for _ in range(4):
            answer = await self.post(path, ASKING, **fields)
            assert answer.headers["content-type"] == TO_SIGN, answer.text[-600:]
            wanted: dict[str, Any] = answer.json()
            if not wanted["keys"]:
                return wanted
            for one in wanted["keys"]:
                self.tell(wanted["log_id"], one["of"], one["matter"])
        raise AssertionError("the node wants keys for ever")

    async def post(self, path: str, headers: dict[str, str], **fields: Any) -> Any:
        data = {**fields, "hand": json.dumps(self.told)}
        return await self.visitor.client.post(path, data=data, headers=headers)

    def key(self, log: str, of: str, matter: str) -> SigningKey:
        if of == "member":
            return member_keys.member_key(self.seed, log)
        make = member_keys.voice_key if of == "voice" else member_keys.row_key
        return make(self.seed, log, matter)

    def tell(self, log: str, of: str, matter: str) -> None:
        public = keys.public_key(self.key(log, of, matter)).hex()
        if of == "member":
            self.told["member"] = public
        else:
            self.told[f"{of}s"][matter] = public

    def sign(self, key: SigningKey, message: str) -> None:
        digest, made = signature(key, message)
        self.told["signatures"][digest] = made

    def sign_leaving(self, wanted: dict[str, Any]) -> None:
        """Sign every act by which somebody leaves a chapter."""
        log = wanted["log_id"]
        signed: dict[str, Any] = {"member": wanted["key"], "voices": {}, "signatures": {}}
        for act in wanted["acts"]:
            matter = act["matter"]
            key = self.key(log, "voice" if matter else "member", matter)
            if matter:
                signed["voices"][matter] = keys.public_key(key).hex()
            digest, made = signature(key, message_of(wanted, act))
            signed["signatures"][digest] = made
        self.told["leaving"][wanted["chapter"]] = signed

    def sign_act(self, wanted: dict[str, Any], act: dict[str, Any], key: SigningKey) -> None:
        self.sign(key, message_of(wanted, act))


def signature(key: SigningKey, message: str) -> tuple[str, str]:
    raw = message.encode()
    return hashlib.sha256(raw).hexdigest(), keys.sign(key, raw).hex()


def message_of(wanted: dict[str, Any], act: dict[str, Any]) -> str:
    body = hashlib.sha256(act["body"].encode()).hexdigest()
    content = json.dumps(act["content"], separators=(",", ":")).encode()
    listed = hashlib.sha256(content).hexdigest()
    parts = ("civic/act/1", wanted["log_id"], act["kind"], act["by"], act["key"], body, listed)
    return "\n".join(parts)


async def sizes(town: Town) -> dict[str, int]:
    async with reading(town.node.engine) as db:
        return {
            name: int(await db.scalar(select(func.count()).select_from(table)) or 0)
            for name, table in (("entry", tables.entry), ("tie", tables.tie), ("box", tables.box))
        }


async def joined(town: Town) -> tuple[Signer, list[Visitor], str]:
    """Let somebody join a chapter with a key of their own."""
    people = [await town.person() for _ in range(3)]
    path = await town.founded(*people)
    signer = Signer(await town.person())
    page = await people[0].send(f"{path}/people", "/people/invite")
    link = page.split("http://localhost")[1].split("<")[0].strip()
    fields = hidden_of(form_of(await signer.visitor.see(link), link))
    before = await sizes(town)
    wanted = await signer.asks(link, **fields)
    assert hashlib.sha256(base64.b64decode(wanted["founding"])).hexdigest() == path[3:]
    assert await sizes(town) == before
    (act,) = wanted["acts"]
    assert json.loads(act["body"])["member_key"] == signer.told["member"]
    signer.sign_act(wanted, act, signer.key(wanted["log_id"], "member", ""))
    answer = await signer.post(link, {}, **fields)
    assert answer.status_code == 303
    return signer, people, path


async def last(town: Town, path: str) -> dict[str, Any]:
    async with reading(town.node.engine) as db:
        raw = await db.scalar(
            select(tables.entry.c.bytes).order_by(tables.entry.c.index.desc()).limit(1)
        )
    found: dict[str, Any] = json.loads(raw or b"{}")
    return found


async def test_a_form_is_asked_about_and_then_signed(vilnius: Town) -> None:
    signer, people, path = await joined(vilnius)
    assert (await last(vilnius, path))["proof"]["public_key"] == signer.told["member"]
    await people[0].send(f"{path}/propose/question", "/propose/question",
                         title="A garden", text="Let us dig.", lang="en")  # fmt: skip
    matter = people[0].path.rsplit("/", 1)[1]
    comment = f"{people[0].path}/comment"
    fields = {"key": new_key(), "words": "By the river?", "lang": "en", "on": ""}
    before = await sizes(vilnius)
    wanted = await signer.asks(comment, **fields)
    again = await signer.asks(comment, **fields)
    assert wanted == again
    assert await sizes(vilnius) == before
    (act,), (tie,) = wanted["acts"], wanted["ties"]
    log = wanted["log_id"]
    voice = signer.key(log, "voice", matter)
    assert act["by"] == f"voice:{key_id(keys.public_key(voice))}"
    assert b'"text":"By the river?"' in base64.b64decode(act["texts"][0])
    parts = ("civic/tie/1", log, matter, "voice", tie["id"], tie["member"])
    signer.sign_act(wanted, act, voice)
    # Not without the tie's signature: what was to be signed is signed whole.
    assert (await signer.post(comment, {}, **fields)).status_code == 409
    signer.sign(signer.key(log, "member", ""), "\n".join(parts))
    # Not another text than the one that was signed.
    changed = {**fields, "words": "By the lake?"}
    assert (await signer.post(comment, {}, **changed)).status_code == 409
    assert await sizes(vilnius) == before
    assert (await signer.post(comment, {}, **fields)).status_code == 303
    recorded = await last(vilnius, path)
    assert recorded["kind"] == "deliberation.commented"
    assert recorded["proof"]["public_key"] == keys.public_key(voice).hex()
    assert recorded["key"] == act["key"]


async def test_leaving_is_only_asked_about(vilnius: Town) -> None:
    signer, _people, path = await joined(vilnius)
    page = await signer.visitor.see(f"{path}/people/leave")
    fields = hidden_of(form_of(page, "/people/leave"))
    before = await sizes(vilnius)
    wanted = await signer.asks(f"{path}/people/leave", **fields)
    assert [one["kind"] for one in wanted["acts"]] == ["chapters.left"]
    await vilnius.pass_time(minutes=20)
    assert await sizes(vilnius) == before
    assert "You are a member" not in await signer.visitor.see(path)
    await vilnius.stepped_up(signer.visitor)
    assert (await signer.visitor.client.get(f"{path}/people/leave")).status_code == 200


async def test_a_key_is_given_only_by_who_proved_a_factor_just_now(vilnius: Town) -> None:
    """A first one needs no signature: whoever finds an open browser could give theirs."""
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people)
    page = await people[0].see(f"{path}/keys")
    fields = hidden_of(form_of(page, f"{path}/keys")) | {
        "new_key": "0" * 64,
        "possession": "0" * 128,
    }
    before = await sizes(vilnius)
    await vilnius.pass_time(minutes=6)
    refused = await people[0].client.post(f"{path}/keys", data=fields)
    assert refused.status_code == 401
    assert "Is it you?" in refused.text
    await vilnius.stepped_up(people[0])
    unproven = await people[0].client.post(f"{path}/keys", data=fields)
    assert unproven.status_code not in (200, 401)
    assert await sizes(vilnius) == before


async def test_nobody_leaves_by_a_form_that_is_not_signed(vilnius: Town) -> None:
    """Nothing of it may be kept that the node would then do by itself."""
    signer, _people, path = await joined(vilnius)
    page = await signer.visitor.see(f"{path}/people/leave")
    fields = hidden_of(form_of(page, "/people/leave"))
    await signer.asks(f"{path}/people/leave", **fields)
    before = await sizes(vilnius)
    assert (await signer.post(f"{path}/people/leave", {}, **fields)).status_code == 409
    async with reading(vilnius.node.engine) as db:
        waiting = await db.scalar(select(func.count()).select_from(departures.departure))
    assert waiting == 0
    assert await sizes(vilnius) == before


async def goes(town: Town, signer: Signer, words: str = "keep") -> dict[str, str]:
    """Return what somebody sends to delete their account, who proved a factor just now."""
    await town.stepped_up(signer.visitor)
    page = await signer.visitor.see("/account/delete")
    fields = hidden_of(form_of(page, "/account/delete"))
    return fields | {"words": words, "sure": "yes"}


async def left_by(town: Town, member_key: str) -> list[dict[str, Any]]:
    """Return the entries that a member key signed, in whatever chapter."""
    async with reading(town.node.engine) as db:
        found = await db.scalars(select(tables.entry.c.bytes).order_by(tables.entry.c.index))
        entries = [json.loads(raw) for raw in found]
    return [one for one in entries if one.get("proof", {}).get("public_key") == member_key]


async def test_leaving_with_the_account_is_asked_about_and_signed_before(
    vilnius: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever happens to the process then, the tick loop enters what its member signed."""
    signer, _people, path = await joined(vilnius)
    fields = await goes(vilnius, signer)
    before = await sizes(vilnius)
    wanted = await signer.asks("/account/delete", **fields)
    (leaving,) = wanted["leaving"]
    assert leaving["chapter"] == path[3:]
    assert hashlib.sha256(base64.b64decode(leaving["founding"])).hexdigest() == path[3:]
    assert leaving["key"] == signer.told["member"]
    assert [one["kind"] for one in leaving["acts"]] == ["chapters.left"]
    assert await sizes(vilnius) == before
    # Unsigned, or signed with something else, nothing of the account goes.
    assert (await signer.post("/account/delete", {}, **fields)).status_code == 409
    signer.sign_leaving(leaving)
    signed = signer.told["leaving"][path[3:]]
    right = dict(signed["signatures"])
    signed["signatures"] = dict.fromkeys(right, "0" * 128)
    assert (await signer.post("/account/delete", {}, **fields)).status_code == 409
    await signer.visitor.see("/account")
    signed["signatures"] = right

    async def nothing(*given: object) -> bool:
        return False

    with monkeypatch.context() as died:
        died.setattr(endings, "depart", nothing)
        assert (await signer.post("/account/delete", {}, **fields)).status_code == 303
    assert await sizes(vilnius) == before
    await vilnius.pass_time(minutes=1)
    recorded = await last(vilnius, path)
    assert recorded["kind"] == "chapters.left"
    assert recorded["proof"]["public_key"] == signed["member"]


async def test_words_that_go_later_are_signed_by_their_voice(
    vilnius: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departing.depart, "__defaults__", (lambda: True,))
    signer, people, path = await joined(vilnius)
    await people[0].send(f"{path}/propose/question", "/propose/question",
                         title="A garden", text="Let us dig.", lang="en")  # fmt: skip
    matter, comment = people[0].path.rsplit("/", 1)[1], f"{people[0].path}/comment"
    said = {"key": new_key(), "words": "By the river?", "lang": "en", "on": ""}
    wanted = await signer.asks(comment, **said)
    log, (tie,) = wanted["log_id"], wanted["ties"]
    voice = signer.key(log, "voice", matter)
    parts = ("civic/tie/1", log, matter, "voice", tie["id"], tie["member"])
    signer.sign_act(wanted, wanted["acts"][0], voice)
    signer.sign(signer.key(log, "member", ""), "\n".join(parts))
    assert (await signer.post(comment, {}, **said)).status_code == 303
    fields = await goes(vilnius, signer, "erase")
    (leaving,) = (await signer.asks("/account/delete", **fields))["leaving"]
    assert [one["kind"] for one in leaving["acts"]] == [
        "chapters.left",
        "deliberation.words_erased",
    ]
    going = Departure(1, log, tie["member"], words=True, ties=True)
    found = await departing.acts_of(vilnius.node.desk, going, 1)
    assert found is not None
    assert [one.kind for one in found[1]] == ["chapters.left"]
    signer.sign_leaving(leaving)
    assert (await signer.post("/account/delete", {}, **fields)).status_code == 303
    await vilnius.pass_time(minutes=1)
    erased = await left_by(vilnius, keys.public_key(voice).hex())
    assert [one["kind"] for one in erased] == [
        "deliberation.commented",
        "deliberation.words_erased",
    ]


async def test_what_one_form_signs_of_leaving_fits_into_one_request(
    vilnius: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much somebody said in however many chapters."""
    signed = {"0" * 64: "0" * 128, "a" * 26: "0" * 64}
    size = len(urlencode({"hand": json.dumps(signed, separators=(",", ":"))}))
    assert endings.SIGNED_IN_ALL * size < BODY_LIMIT
    shares: list[int] = []
    whole = endings.departure

    async def noted(*given: Any, **more: Any) -> Departure | None:
        shares.append(more["most"])
        return await whole(*given, **more)

    monkeypatch.setattr(endings, "departure", noted)
    signer, _people, path = await joined(vilnius)
    await vilnius.founded(signer.visitor, await vilnius.person(), await vilnius.person())
    fields = await goes(vilnius, signer, "erase")
    wanted = await signer.asks("/account/delete", **fields)
    assert path[3:] in [one["chapter"] for one in wanted["leaving"]]
    assert len(shares) == 2
    assert sum(shares) <= endings.SIGNED_IN_ALL


async def test_what_was_signed_and_can_no_longer_be_recorded_is_done_all_the_same(
    vilnius: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their name changed in between, in another browser: the node says so for them."""
    signer, _people, path = await joined(vilnius)
    fields = await goes(vilnius, signer)
    (leaving,) = (await signer.asks("/account/delete", **fields))["leaving"]
    signer.sign_leaving(leaving)

    async def nothing(*given: object) -> bool:
        return False

    with monkeypatch.context() as died:
        died.setattr(endings, "depart", nothing)
        assert (await signer.post("/account/delete", {}, **fields)).status_code == 303
    log, member = leaving["log_id"], leaving["acts"][0]["by"].removeprefix("member:")
    person = Person(1, log, member)
    assert isinstance(await set_name(vilnius.node.desk, person, "Eva", "en", "name"), Done)
    await vilnius.pass_time(minutes=1)
    recorded = await last(vilnius, path)
    assert recorded["kind"] == "chapters.left"
    assert "proof" not in recorded


async def test_who_moves_signs_in_both_chapters(vilnius: Town) -> None:
    signer, _people, path = await joined(vilnius)
    others = [await vilnius.person() for _ in range(3)]
    there = await vilnius.founded(*others)
    page = await others[0].send(f"{there}/people", "/people/invite")
    link = page.split("http://localhost")[1].split("<")[0].strip()
    fields = hidden_of(form_of(await signer.visitor.see(link), link)) | {"leaves": path[3:]}
    before, signer.told["member"] = await sizes(vilnius), None
    wanted = await signer.asks(link, **fields)
    (act,), (leaving,) = wanted["acts"], wanted["leaving"]
    assert (act["kind"], leaving["acts"][0]["kind"]) == ("chapters.joined", "chapters.left")
    assert wanted["log_id"] != leaving["log_id"]
    signer.sign_act(wanted, act, signer.key(wanted["log_id"], "member", ""))
    # Not the one without the other.
    assert (await signer.post(link, {}, **fields)).status_code == 409
    assert await sizes(vilnius) == before
    signer.sign_leaving(leaving)
    assert (await signer.post(link, {}, **fields)).status_code == 303
    await vilnius.pass_time(minutes=1)
    made = [one["kind"] for one in await left_by(vilnius, leaving["key"])]
    assert made == ["chapters.joined", "chapters.left"]
    await signer.visitor.see(f"{path}/standing", 404)


async def test_who_has_no_key_there_is_told_so(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people)
    signer = Signer(people[0])
    wanted = await signer.asks(f"{path}/people/name", key=new_key(), name="Ana")
    assert wanted["unsignable"] == "no_key"
    other, _people, there = await joined(vilnius)
    other.seed = secrets.token_bytes(32)
    other.told["member"] = None
    wanted = await other.asks(f"{there}/people/name", key=new_key(), name="Eva")
    assert wanted["unsignable"] == "other_key"


async def test_what_no_browser_says_is_refused(vilnius: Town) -> None:
    signer, _people, path = await joined(vilnius)
    for told in ("", "[]", '{"member": "x"}', '{"seed": "00"}', '{"voices": {"x": "y"}}'):
        data = {"key": new_key(), "name": "Eva", "hand": told}
        answer = await signer.visitor.client.post(f"{path}/people/name", data=data)
        assert answer.status_code == 400, told


def test_browsers_sign_each_kind_of_act_that_people_make() -> None:
    """What no form of the list makes goes unsigned, whatever keys its person has."""
    script = STATIC.joinpath("js/forms.js").read_text(encoding="utf-8")
    listed, said = script.split("const ACTS = {")
    people = {As.MEMBER, As.OFFICE, As.VOICE, As.ROW}
    made = {name for name, kind in DRAFT.kinds.items() if kind.decide and kind.by & people}
    # No page names stewards: their keys approve it away from any node, and a program hands it in.
    made.remove("chapters.stewards_named")
    assert len(made) > 30
    assert made <= set(re.findall(r'"([a-z]+\.[a-z_]+)"', listed))
    assert made <= set(re.findall(r'^  "([a-z]+\.[a-z_]+)": ', said, re.MULTILINE))


async def test_asking_does_not_outlive_its_request(vilnius: Town) -> None:
    signer, _people, path = await joined(vilnius)
    await signer.asks(f"{path}/people/name", key=new_key(), name="Eva")
    async with writing(vilnius.node.engine) as db:
        await db.execute(tables.heartbeat.insert().values(one=1, minute=7))
    async with reading(vilnius.node.engine) as db:
        assert await db.scalar(select(tables.heartbeat.c.minute)) == 7
