"""One person, one vote and one support, whatever a member sends."""

import asyncio
import base64
from typing import Any

import msgspec
import pytest

from chapters.entries import NameGiven
from chapters.papers import Tie, make_tie, tie_message
from civic.deeds import proposal as deeds
from civic.deeds.person import Desk, Done
from civic.kernel import keys
from civic.kernel.record.entry import row_message
from civic.kernel.record.submission import Promise
from civic.kernel.refusal import Refusal
from deliberation.entries import Argued, Commented, Supported, WordsErased
from identity import member_keys
from tests.civic.api.conftest import Api, Caller, new_key
from tests.hostile.conftest import KeyHolder, words
from tests.lives import Life, done

SEEDS = (bytes(range(32)), bytes(range(1, 33)))


@pytest.fixture
async def voted(api: Api) -> tuple[Api, str, str, list[tuple[Caller, KeyHolder]]]:
    """A pseudonymous vote that is open, and two members with keys of their own."""
    await api.found(people=5)
    holders = []
    for seed in SEEDS:
        caller = await api.person(seed)
        await api.join(caller)
        me = await caller.get(f"{api.path}/members/me")
        holders.append((caller, KeyHolder(me["log_id"], me["member"], seed)))
    path = await api.propose()
    for one in api.people[1:3]:
        await one.post(f"{path}/supports")
    await api.pass_time(days=7)
    await api.pass_time(days=1)
    proposal = path.rpartition("/")[2]

    def election(state: Any) -> str:
        found: str = state.parts["deliberation"].proposals[proposal].election
        return found

    return api, proposal, await api.node.book.ask(1, election), holders


def row(
    holder: KeyHolder,
    matter: str,
    subject: str,
    value: int,
    *,
    seed: bytes | None = None,
    tie_matter: str | None = None,
    member: str | None = None,
    count: int = 1,
) -> dict[str, Any]:
    signer = member_keys.row_key(seed or holder.seed, holder.log_id, matter)
    own = member_keys.id_of_key(signer)
    message = row_message(holder.log_id, subject, own, count, value)
    tie = Tie(tie_matter or matter, "row", own, member or holder.member)
    signature = keys.sign(holder.key, tie_message(holder.log_id, tie)).hex()
    paper = make_tie(msgspec.structs.replace(tie, signature=signature))
    return {
        "subject": subject,
        "row": own,
        "count": count,
        "value": value,
        "proof": {
            "public_key": keys.public_key(signer).hex(),
            "signature": keys.sign(signer, message).hex(),
        },
        "tie": base64.b64encode(paper).decode(),
    }


async def test_rows_that_are_not_one_s_own_or_second_are_refused(
    voted: tuple[Api, str, str, list[tuple[Caller, KeyHolder]]],
) -> None:
    api, matter, election, [(caller, holder), (other_caller, other)] = voted
    rows = f"{api.path}/rows"

    async def put(by: Caller, body: dict[str, Any], status: int) -> None:
        await by.post(rows, body, key=None, status=status)

    await put(caller, row(holder, matter, election, 1), 202)
    # A second row id, with a tie that is well signed.
    await put(caller, row(holder, matter, election, 1, seed=bytes(32)), 409)
    # A tie that names another matter, or another member.
    await put(other_caller, row(other, matter, election, 1, tie_matter="x" * 26), 422)
    await put(other_caller, row(other, matter, election, 1, member=holder.member), 403)
    # The row of somebody else, as it was sent.
    await put(other_caller, row(holder, matter, election, -1), 403)
    # No such answer, and no such vote.
    await put(caller, row(holder, matter, election, 2), 422)
    await put(caller, row(holder, matter, matter, 1), 404)
    # The vote through the node is the same row, signed where it knows the seed, and counts on.
    voted_at_node = await caller.post(
        f"{api.path}/proposals/{matter}/votes", {"value": -1}, status=202
    )
    assert voted_at_node["count"] == 2
    await put(caller, row(holder, matter, election, 1), 409)
    # After the deadline.
    await api.pass_time(days=5)
    await put(caller, row(holder, matter, election, 1, count=3), 409)
    result = await api.node.book.ask(1, lambda state: state.parts["voting"].elections[election])
    assert not result.open


async def test_two_tabs_and_two_processes_make_one_vote_and_one_voice(life: Life) -> None:
    proposal = done(
        await deeds.propose(
            life.desk,
            life.people[0],
            title="A hall",
            text="Rent one.",
            lang="en",
            idempotency="p",
            secrecy="pseudonymous",
        )
    ).id
    person, other = life.people[1], Desk(life.desk.book)
    outcomes = await asyncio.gather(
        deeds.support(life.desk, person, proposal, "one"),
        deeds.support(other, person, proposal, "two"),
        deeds.support(life.desk, person, proposal, "three"),
    )
    assert sum(isinstance(one, Done) for one in outcomes) == 1
    argued = await deeds.argue(life.desk, person, proposal, "pro", "Yes", "en", "a")
    argument = done(argued).id
    promises = await asyncio.gather(
        deeds.fill_box(life.desk, person, proposal, argument, 1),
        deeds.fill_box(other, person, proposal, argument, -1),
    )
    assert all(isinstance(one, Promise) for one in promises)
    assert len({one.row for one in promises if isinstance(one, Promise)}) == 1
    stranger = await deeds.fill_box(life.desk, person, "no-such-matter", argument, 1)
    assert isinstance(stranger, Refusal)


async def test_nobody_acts_for_another(
    voted: tuple[Api, str, str, list[tuple[Caller, KeyHolder]]],
) -> None:
    api, matter, _election, [(caller, holder), (other_caller, other)] = voted
    acts = f"{api.path}/acts"
    text, key = words("Mine"), new_key()
    said = holder.voice_act(matter, Commented("a" * 26, matter, 4), key, (text,))
    await other_caller.post(acts, said, key=None, status=403)
    comment = (await caller.post(acts, said, key=None))["id"]
    voice = member_keys.id_of_key(member_keys.voice_key(holder.seed, holder.log_id, matter))
    # Another's voice gets nobody's name but its own.
    name = other.act(NameGiven(matter, voice), new_key())
    await other_caller.post(acts, name, key=None, status=403)
    # Others' words stay; so do words brought again by somebody else.
    key = new_key()
    erase = other.voice_act(matter, WordsErased(comment, (text.digest,)), key)
    await other_caller.post(acts, erase, key=None, status=403)
    again = other.voice_act(matter, Commented("b" + "a" * 25, matter, 4), new_key(), (text,))
    await other_caller.post(acts, again, key=None, status=409)
    # Kinds that are not a member's.
    for kind, body in (
        ("record.outage", {"from": "2026-03-01T00:00Z", "to": "2026-03-02T00:00Z"}),
        ("chapters.took_part", {"matter": matter, "of": "row", "tick": "2026-03-02T09:00Z",
                                "hashes": ["0" * 64]}),
        ("voting.result", {"election": "x", "closed": "2026-03-02T09:00Z", "counts": [],
                           "cast": 0, "quorate": True, "passed": [0]}),
    ):  # fmt: skip
        forged = holder.act(NameGiven(matter, voice), key := new_key())
        forged["act"] |= {"kind": kind, "body": body}
        answer = await caller.post(acts, forged, key=None, status=422)
        assert answer["type"].startswith("/problems/record.")
    # Too late for arguments and support.
    late = holder.voice_act(matter, Argued("c" + "a" * 25, matter, "pro", 4), new_key(), (text,))
    await caller.post(acts, late, key=None, status=409)
    await caller.post(acts, holder.voice_act(matter, Supported(matter), new_key()), key=None,
                      status=409)  # fmt: skip
