"""Acts and rows that members signed themselves: taken as they are, or refused."""

import base64
from typing import Any

import msgspec
import pytest

from chapters.papers import Tie, make_tie
from civic.client.making import Signer, make_act, make_row, sign_act
from civic.kernel import keys
from civic.kernel.record.entry import Act
from civic.procedure import VERSIONS
from identity import member_keys
from tests.civic.api.conftest import Api, Caller, new_key


class Keyed:
    """A member who keeps their keys, on a node that has a proposal."""

    def __init__(self, api: Api, path: str, caller: Caller, signer: Signer) -> None:
        self.api, self.path, self.caller, self.signer = api, path, caller, signer

    @property
    def matter(self) -> str:
        return self.path.rpartition("/")[2]

    def made(self, kind: str, *texts: str, **body: Any) -> dict[str, Any]:
        """Return the request for an act."""
        office = body.pop("office", None)
        _, request = make_act(
            self.signer,
            kind,
            body,
            texts,
            "en",
            matter=self.matter,
            office=office,
            idempotency=new_key(),
            rules=0,
        )
        sent: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(request))
        return sent

    async def send(self, request: Any, status: int = 201) -> Any:
        return await self.caller.post(f"{self.api.path}/acts", request, status=status)


@pytest.fixture
async def keyed(api: Api) -> Keyed:
    await api.found()
    path, caller = await api.propose(), await api.person()
    secret = (await api.people[0].post(f"{api.path}/invitations"))["secret"]
    seed, key = bytes(range(32)), new_key()
    log_id = (await api.people[0].get(f"{api.path}/members/me"))["log_id"]
    own = member_keys.member_key(seed, log_id)
    joining: dict[str, Any] = {"invitation": secret, "member_key": keys.public_key(own).hex()}
    asked = await caller.post(f"{api.path}/members", joining, key=key, status=200)
    act: Act[Any] = VERSIONS[0].codec.decode_act(
        "chapters.joined", msgspec.json.encode(asked["act"])
    )
    bad = {**joining, "signature": "0" * 128}
    problem = await caller.post(f"{api.path}/members", bad, key=key, status=422)
    assert problem["type"] == "/problems/record.bad_signature"
    proof = sign_act(log_id, act, own).proof
    assert proof is not None
    good = {**joining, "signature": proof.signature}
    joined = await caller.post(f"{api.path}/members", good, key=key)
    myself = await caller.get(f"{api.path}/members/me")
    assert (myself["member"], myself["key"]) == (joined["id"], joining["member_key"])
    return Keyed(api, path, caller, Signer(seed, log_id, joined["id"]))


async def test_an_act_is_taken_once_with_its_words(keyed: Keyed) -> None:
    request = keyed.made("deliberation.commented", "I think so too.")
    first = await keyed.send(request)
    assert await keyed.send(request) == {**first, "repeated": True}
    seen = await keyed.caller.get(keyed.path)
    assert seen["said"]["comments"][0]["words"]["text"] == "I think so too."
    await keyed.send(keyed.made("chapters.display_name_set", "Ona"))
    await keyed.send(keyed.made("deliberation.supported"))
    voice = request["act"]["by"]["id"]
    await keyed.send(keyed.made("chapters.name_given", matter=keyed.matter, voice=voice))


async def test_a_founder_who_signs_proves_a_factor_too(keyed: Keyed) -> None:
    signed = keyed.made("chapters.founder_confirmed", met=[keyed.api.members[1]])
    problem = await keyed.send(signed, 409)
    assert problem["type"] == "/problems/chapters.not_forming"
    await keyed.api.pass_time(hours=1)
    problem = await keyed.send(signed, 401)
    assert problem["type"] == "/problems/request.step_up_needed"


async def test_rows_are_taken_from_their_own_member_only(keyed: Keyed) -> None:
    argument = await keyed.api.people[0].post(
        f"{keyed.path}/arguments", {"side": "pro", "text": "Yes!"}
    )
    row: dict[str, Any] = msgspec.json.decode(
        msgspec.json.encode(make_row(keyed.signer, keyed.matter, argument["id"], 1, 1))
    )
    path = f"{keyed.api.path}/rows"
    await keyed.api.people[1].post(path, row, status=403)
    await keyed.caller.post(path, {**row, "value": -1}, status=422)
    await keyed.caller.post(path, {**row, "tie": None}, status=409)
    assert (await keyed.caller.post(path, row, status=202))["value"] == 1
    await keyed.api.people[1].post(path, row, status=403)


async def test_rows_count_on_in_the_box_and_in_the_record(keyed: Keyed) -> None:
    argument = (
        await keyed.api.people[0].post(f"{keyed.path}/arguments", {"side": "pro", "text": "Yes!"})
    )["id"]
    path = f"{keyed.api.path}/rows"

    async def put(count: int, value: int, status: int = 202) -> Any:
        row = make_row(keyed.signer, keyed.matter, argument, count, value)
        sent = msgspec.json.decode(msgspec.json.encode(row))
        return await keyed.caller.post(path, sent, status=status)

    async def unsigned() -> None:
        given = {"subject": argument, "value": 1}
        problem = await keyed.caller.post(f"{keyed.path}/reactions", given, status=409)
        assert problem["type"] == "/problems/chapters.row_unsigned"

    async def refused(count: int, last: int) -> None:
        problem = await put(count, 1, 409)
        assert problem["type"] == "/problems/chapters.row_count"
        assert problem["params"] == {"last": last, "given": count}

    assert (await put(2, 1))["count"] == 2
    # A repeated request is the same row; another value needs a higher count.
    assert (await put(2, 1))["count"] == 2
    assert (await put(3, -1))["value"] == -1
    await refused(3, 3)
    await refused(2, 3)
    await unsigned()
    await keyed.api.pass_time(days=1)
    await refused(3, 3)
    await refused(0, 3)
    await unsigned()
    assert (await put(4, 0))["count"] == 4


async def test_nobody_acts_as_somebody_else(keyed: Keyed) -> None:
    request = keyed.made("deliberation.commented", "Mine.")
    other = keyed.api.people[1]
    problem = await other.post(f"{keyed.api.path}/acts", request, status=403)
    assert problem["type"] == "/problems/papers.other_voice"
    await keyed.send(request)
    problem = await other.post(f"{keyed.api.path}/acts", request, status=403)
    assert problem["type"] == "/problems/papers.other_voice"
    left = keyed.made("chapters.left")
    problem = await other.post(f"{keyed.api.path}/acts", left, status=403)
    assert problem["type"] == "/problems/chapters.not_a_member"
    offices = (await keyed.api.people[0].get(f"{keyed.api.path}/members/me"))["offices"]
    moderated = keyed.made(
        "deliberation.words_erased",
        of=keyed.matter,
        words=["0" * 64],
        reason="Because.",
        office=offices[0]["id"],
    )
    problem = await keyed.send(moderated, 403)
    assert problem["type"] == "/problems/chapters.not_in_office"
    stranger = await keyed.api.person()
    await stranger.post(f"{keyed.api.path}/acts", left, status=403)
    # Another's voice, to which a member would give their name.
    comment = await keyed.api.people[2].post(f"{keyed.path}/comments", {"text": "Hers."})
    seen = await keyed.caller.get(keyed.path)
    author = next(one["author"] for one in seen["said"]["comments"] if one["id"] == comment["id"])
    given = keyed.made("chapters.name_given", matter=keyed.matter, voice=author)
    problem = await keyed.send(given, 403)
    assert problem["type"] == "/problems/papers.other_voice"


async def test_what_does_not_fit_is_refused(keyed: Keyed) -> None:
    async def refused(request: dict[str, Any], code: str, status: int = 422) -> None:
        assert (await keyed.send(request, status))["type"] == f"/problems/{code}"

    request = keyed.made("deliberation.commented", "Mine.")
    digest, blob = next(iter(request["content"].items()))
    await refused({**request, "content": {}}, "request.words_differ")
    other = base64.b64encode(base64.b64decode(blob) + b" ").decode()
    await refused({**request, "content": {digest: other}}, "request.words_differ")
    await refused(keyed.made("deliberation.commented", "Mine.", length=4), "request.words_differ")
    await refused(_changed(request, proof=None), "request.not_signed")
    await refused(_changed(request, kind="deliberation.unheard"), "record.malformed")
    await refused(_changed(request, key="0" * 32), "record.malformed")
    await refused({**request, "idempotency": new_key()}, "record.malformed")
    await refused(_changed(request, by={"as": "node", "id": "a" * 26}), "record.malformed")
    await refused({"act": 1, "idempotency": new_key()}, "record.malformed")
    await refused({"act": request["act"]}, "web.invalid")
    await refused({**request, "tie": None}, "papers.missing", 409)
    await refused({**request, "tie": "AAAA"}, "papers.broken")
    voice = request["act"]["by"]["id"]
    unsigned = Tie(keyed.matter, "voice", voice, keyed.signer.member)
    tie = base64.b64encode(make_tie(unsigned)).decode()
    await refused({**request, "tie": tie}, "papers.signature")
    forged = msgspec.structs.replace(unsigned, signature="0" * 128)
    tie = base64.b64encode(make_tie(forged)).decode()
    await refused({**request, "tie": tie}, "papers.signature")
    await keyed.send(request)


def _changed(request: dict[str, Any], **act: Any) -> dict[str, Any]:
    changed = {name: value for name, value in {**request["act"], **act}.items() if value}
    return {**request, "act": changed}
