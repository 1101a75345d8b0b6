"""Acts that make the book fail instead of refusing: they must fail alone, or be refused."""

import asyncio
import base64
from typing import Any

import pytest

from chapters.entries import DisplayNameSet
from civic.deeds import proposal as deeds
from civic.deeds.person import Outcome
from civic.kernel.database import Writing
from civic.kernel.record.entry import Act, As, By, act_key, id_of
from civic.kernel.record.rules import State
from civic.kernel.record.submission import BoxRow, Receipt, Submission
from civic.kernel.refusal import Refusal
from deliberation.entries import Proposed
from tests.civic.api.conftest import Api, new_key
from tests.hostile.conftest import words
from tests.hostile.test_keys import key_holder
from tests.lives import Life, done


async def waiting(life: Life, acts: int = 0, rows: int = 0) -> None:
    """Wait until so many acts and rows wait for the chapter."""
    queue = life.desk.book._queues[life.log]
    while len(queue.acts) < acts or len(queue.rows) < rows:  # noqa: ASYNC110
        await asyncio.sleep(0)


def poison(life: Life) -> Submission:
    """Return an act that makes whoever decides it fail."""

    async def check(db: Writing, state: State, now: int) -> Refusal | None:
        raise ZeroDivisionError

    text, by = words("Eve"), By(As.MEMBER, life.people[5].member)
    act: Act[Any] = Act(
        DisplayNameSet.kind,
        by,
        act_key(life.log_id, by, "poison"),
        DisplayNameSet(3),
        (text.digest,),
    )
    return Submission(act, {text.digest: text.raw}, check=check)


async def propose(life: Life, who: int) -> Outcome:
    """Propose something."""
    return await deeds.propose(
        life.desk,
        life.people[who],
        title="A hall",
        text="Rent one.",
        lang="en",
        idempotency="p",
        secrecy="pseudonymous",
    )


async def test_an_act_that_fails_does_not_take_others_with_it(life: Life) -> None:
    book = life.desk.book
    async with book._queues[life.log].lock:
        tasks = [asyncio.create_task(propose(life, number)) for number in range(3)]
        await waiting(life, acts=3)
        bad = asyncio.create_task(book.submit(life.log, poison(life)))
        more = asyncio.create_task(propose(life, 4))
        await waiting(life, acts=5)
    for one in (*await asyncio.gather(*tasks), await more):
        done(one)
    with pytest.raises(ZeroDivisionError):
        await bad


async def test_a_row_that_fails_does_not_take_others_with_it(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = life.desk.book
    guard, bad_row = book.domain.box_refusal, id_of(bytes(16))

    def failing(state: State, row: BoxRow, now: int) -> Refusal | None:
        if row.row == bad_row:
            raise ZeroDivisionError
        return guard(state, row, now)

    monkeypatch.setattr(book.domain, "box_refusal", failing, raising=False)
    async with book._queues[life.log].box_lock:
        good = asyncio.create_task(book.put(life.log, BoxRow("x", id_of(b"1" * 16), 1)))
        bad = asyncio.create_task(book.put(life.log, BoxRow("x", bad_row, 1)))
        await waiting(life, rows=2)
    assert isinstance(await good, Refusal)
    with pytest.raises(ZeroDivisionError):
        await bad


@pytest.mark.parametrize("count", [1, 3])
async def test_a_proposal_with_another_number_of_texts_is_refused(api: Api, count: int) -> None:
    await api.found()
    caller, holder = await key_holder(api)
    texts = tuple(words(f"Text {n}") for n in range(count))
    matter, key = id_of(b"m" * 16), new_key()
    body = Proposed(matter, "en", 6, 6, 0, "pseudonymous")
    request = holder.voice_act(matter, body, key, texts)
    answer = await caller.post(f"{api.path}/acts", request, key=None, status=422)
    assert answer["type"] == "/problems/chapters.content_missing"


async def test_a_task_may_have_any_date(api: Api) -> None:
    await api.found()
    lead = api.people[0]
    office = (await lead.get(f"{api.path}/members/me"))["offices"][0]["id"]
    path = await api.propose()
    await lead.post(f"{path}/withdrawals")
    task = {"text": "Wait", "until": "9999-12-31T23:59Z", "office": office}
    await lead.post(f"{path}/tasks", task)


async def test_extra_content_is_not_kept(api: Api) -> None:
    await api.found()
    caller, holder = await key_holder(api)
    name, other, key = words("Eve"), words("not named"), new_key()
    request = holder.act(DisplayNameSet(3), key, (name,))
    request["content"][other.digest] = base64.b64encode(other.raw).decode()
    answer = await caller.post(f"{api.path}/acts", request, key=None)
    assert answer["index"]
    found = await caller.http.get(
        f"/log/{holder.log_id}/content/{other.digest}",
        headers={"authorization": f"Bearer {caller.token}"},
    )
    assert found.status_code == 404


async def test_a_receipt_is_not_made_for_a_refused_act(life: Life) -> None:
    outcome = await life.desk.book.submit(
        life.log,
        Submission(
            Act(
                DisplayNameSet.kind,
                By(As.MEMBER, life.people[5].member),
                "0" * 32,
                DisplayNameSet(3),
            )
        ),
    )
    assert not isinstance(outcome, Receipt)
