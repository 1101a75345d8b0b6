"""A chapter's entries reach a receiver once a tick, in order, at least once, for some days."""

import msgspec
import pytest
from sqlalchemy import select

from civic.kernel.clock import minute_of
from civic.kernel.database import reading, writing
from civic.kernel.record import store
from civic.webhooks import registered, signing
from civic.webhooks.delivering import WAITS, deliver, deliver_in_turn
from civic.webhooks.sending import Sender
from civic.webhooks.tables import webhook
from tests.civic.pages.test_outsiders import open_chapter, proposed
from tests.civic.webhooks.receiver import Receiver, receiving, verified
from tests.town import Town

ORIGIN = "http://localhost"
HOOK = "a" * 26


async def registered_at(
    vilnius: Town, path: str, receiver: Receiver, *, every: bool = False, since: int = 0
) -> int:
    """Register a receiver; return the number of the chapter's log."""
    async with reading(vilnius.node.engine) as db:
        head = await store.find_chapter(db, path[3:])
    assert head is not None
    async with writing(vilnius.node.engine) as db:
        assert await registered.register(db, head.no, HOOK, receiver.url, since, every=every)
    return head.no


async def told(vilnius: Town, receiver: Receiver) -> list[tuple[str, int, str]]:
    """Deliver what is due; return id, index and kind of what arrived, checked as receivers do."""
    receiver.got.clear()
    await deliver(vilnius.node, Sender(loopback=True), ORIGIN)
    secret = signing.secret_of(signing.signing_key(vilnius.node.key_files, HOOK))
    now = int(vilnius.clock.now().timestamp())
    found = []
    for _line, headers, body in receiver.got:
        event = verified(secret, headers, body, now)
        assert set(event) == {"type", "timestamp", "data"}
        data = event["data"]
        assert set(data) == {"chapter", "index", "kind", "at", "url"}
        assert data["url"] == f"{ORIGIN}/c/{data['chapter']}/record/{data['index']}"
        assert event["type"] == data["kind"]
        found.append((headers["webhook-id"], data["index"], data["kind"]))
    return found


async def state(vilnius: Town) -> dict[str, object]:
    async with reading(vilnius.node.engine) as db:
        row = (await db.execute(select(webhook))).mappings().one()
    return dict(row)


async def test_what_is_for_everybody_is_told_once_a_tick(vilnius: Town) -> None:
    path, (ana, ben, eva) = await open_chapter(vilnius, "chapter")
    async with receiving() as receiver:
        await registered_at(vilnius, path, receiver)
        assert await told(vilnius, receiver) == []
        await vilnius.pass_time(minutes=70)
        await vilnius.pass_time(minutes=10)
        first = await told(vilnius, receiver)
        kinds = [kind for _id, _index, kind in first]
        assert kinds[0] == "chapters.founded"
        assert "chapters.constituted" in kinds
        assert "chapters.member_joined" not in kinds
        assert [index for _id, index, _kind in first] == sorted({one[1] for one in first})
        assert await told(vilnius, receiver) == []

        # Nothing of this tick, and nothing that somebody said, supported or proposed.
        await vilnius.pass_time(minutes=1)
        proposal = await proposed(ana, path, "A garden")
        for visitor in (ben, eva):
            await visitor.send(proposal, "/support")
        await vilnius.pass_time(minutes=2)
        assert await told(vilnius, receiver) == []
        await vilnius.pass_time(days=4)
        await vilnius.pass_time(minutes=10)
        later = [kind for _id, _index, kind in await told(vilnius, receiver)]
        assert "voting.opened" in later
        assert not [kind for kind in later if "support" in kind or kind.endswith("proposed")]
        for _line, _headers, body in receiver.got:
            assert b"garden" not in body


async def test_of_a_public_record_every_entry_if_that_is_wanted(vilnius: Town) -> None:
    path, (ana, *_others) = await open_chapter(vilnius, "world")
    await proposed(ana, path, "A garden")
    async with receiving() as receiver:
        log = await registered_at(vilnius, path, receiver, every=True)
        await vilnius.pass_time(minutes=70)
        await vilnius.pass_time(minutes=10)
        found = await told(vilnius, receiver)
        async with reading(vilnius.node.engine) as db:
            raws = [raw async for _, raw, _ in store.entries(db, log, 0, len(found))]
    kinds = [msgspec.json.decode(raw)["kind"] for raw in raws]
    assert [(index, kind) for _id, index, kind in found] == list(enumerate(kinds))
    assert "deliberation.proposed" in kinds


async def test_a_failed_delivery_is_repeated_under_its_id_and_later_ones_wait(
    vilnius: Town,
) -> None:
    path, _people = await open_chapter(vilnius, "world")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    async with receiving() as receiver:
        await registered_at(vilnius, path, receiver)
        receiver.status = 500
        [first] = await told(vilnius, receiver)
        # Not before its time.
        assert await told(vilnius, receiver) == []
        await vilnius.pass_time(minutes=WAITS[0])
        assert await told(vilnius, receiver) == [first]
        assert (await state(vilnius))["failures"] == 2
        receiver.status = 200
        await vilnius.pass_time(minutes=WAITS[1])
        again = await told(vilnius, receiver)
        assert again[0] == first
        assert len(again) > 1
        assert len({own for own, _index, _kind in again}) == len(again)
    assert (await state(vilnius))["failures"] == 0


async def test_a_receiver_that_fails_for_days_is_ended_and_can_be_tried_again(
    vilnius: Town,
) -> None:
    path, (ana, *_others) = await open_chapter(vilnius, "world")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    async with receiving() as receiver:
        await registered_at(vilnius, path, receiver)
        receiver.status = 503
        tries, begun = 0, minute_of(vilnius.clock.now())
        while (await state(vilnius))["ended"] is None:
            tries += len(await told(vilnius, receiver))
            for wait in WAITS[tries - 1 : tries]:
                await vilnius.pass_time(minutes=wait)
        assert tries == len(WAITS) + 1
        assert minute_of(vilnius.clock.now()) - begun == sum(WAITS) > 3 * 24 * 60
        assert (await state(vilnius))["ended"] == registered.FAILED
        await vilnius.pass_time(days=1)
        assert await told(vilnius, receiver) == []
        assert "A webhook has ended" in await ana.see(f"{path}/desk")

        await vilnius.stepped_up(ana)
        assert "ended: it failed for three days" in await ana.see(f"{path}/webhooks")
        receiver.status = 204
        page = await ana.send(f"{path}/webhooks", "/webhooks/resume")
        assert "It is tried again" in page
        assert "A webhook has ended" not in await ana.see(f"{path}/desk")
        again = await told(vilnius, receiver)
        assert again[0][1] == 0


@pytest.mark.parametrize(("status", "ended"), [(410, "gone"), (404, None), (302, None)])
async def test_who_says_that_it_is_gone_is_called_no_more(
    vilnius: Town, status: int, ended: str | None
) -> None:
    path, _people = await open_chapter(vilnius, "world")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    async with receiving() as receiver:
        await registered_at(vilnius, path, receiver)
        receiver.status = status
        assert len(await told(vilnius, receiver)) == 1
    found = await state(vilnius)
    assert found["ended"] == ended
    assert found["failures"] == 1


async def test_one_that_died_between_sending_and_noting_sends_again_the_same(
    vilnius: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _people = await open_chapter(vilnius, "world")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)

    class DiedError(Exception):
        pass

    async def die(*_values: object, **_more: object) -> None:
        raise DiedError

    async with receiving() as receiver:
        await registered_at(vilnius, path, receiver)
        with monkeypatch.context() as patch:
            patch.setattr("civic.webhooks.delivering._note", die)
            with pytest.raises(ExceptionGroup):
                await deliver(vilnius.node, Sender(loopback=True), ORIGIN)
        sent = [headers["webhook-id"] for _line, headers, _body in receiver.got]
        assert [own for own, _index, _kind in await told(vilnius, receiver)][:1] == sent


async def test_a_node_that_allows_no_loopback_sends_nothing_to_it(vilnius: Town) -> None:
    path, _people = await open_chapter(vilnius, "world")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    async with receiving() as receiver:
        await registered_at(vilnius, path, receiver)
        assert await deliver_in_turn(vilnius.node, Sender(), ORIGIN)
    assert receiver.got == []
    assert (await state(vilnius))["failures"] == 1
