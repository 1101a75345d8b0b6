"""Forms that ask what there is to sign: nothing is written, and nothing else taken than signed."""

import base64
import hashlib
import json
import secrets
from typing import Any

from nacl.signing import SigningKey
from sqlalchemy import func, select

from chapters import departures
from civic.hands import TO_SIGN
from civic.kernel import keys
from civic.kernel.database import reading, writing
from civic.kernel.record import tables
from civic.kernel.record.entry import key_id
from identity import member_keys
from tests.town import Town, Visitor, form_of, hidden_of, new_key

ASKING = {"x-civic-sign": "prepare"}


class Signer:
    """Somebody whose browser has keys, played without one."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.seed = secrets.token_bytes(32)
        self.told: dict[str, Any] = {"member": None, "voices": {}, "rows": {}, "signatures": {}}

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
        raw = message.encode()
        digest = hashlib.sha256(raw).hexdigest()
        self.told["signatures"][digest] = keys.sign(key, raw).hex()

    def sign_act(self, wanted: dict[str, Any], act: dict[str, Any], key: SigningKey) -> None:
        body = hashlib.sha256(act["body"].encode()).hexdigest()
        content = json.dumps(act["content"], separators=(",", ":")).encode()
        listed = hashlib.sha256(content).hexdigest()
        parts = ("civic/act/1", wanted["log_id"], act["kind"], act["by"], act["key"], body, listed)
        self.sign(key, "\n".join(parts))


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


async def test_asking_does_not_outlive_its_request(vilnius: Town) -> None:
    signer, _people, path = await joined(vilnius)
    await signer.asks(f"{path}/people/name", key=new_key(), name="Eva")
    async with writing(vilnius.node.engine) as db:
        await db.execute(tables.heartbeat.insert().values(one=1, minute=7))
    async with reading(vilnius.node.engine) as db:
        assert await db.scalar(select(tables.heartbeat.c.minute)) == 7
