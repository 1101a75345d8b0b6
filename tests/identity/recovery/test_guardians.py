"""Two of three guardians help somebody back in, after 72 hours that anybody signed in can stop."""

import re
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from operator import methodcaller

import httpx
import msgspec
import pyotp
import pytest
from nacl.public import PrivateKey
from sqlalchemy import func, select

from civic.kernel.clock import SetClock
from civic.kernel.database import Writing, reading, writing
from identity import accounts, limits, names, notices, vault
from identity.pages.account import Afterwards
from identity.recovery import codes, guardians, requests, shamir, tables, way_back
from identity.recovery.guardians import NotAll
from identity.sessions import SignedIn
from identity.side import Private
from identity.tickets import TicketOver
from identity.vault import Membership, Vault
from tests.identity.recovery.test_way_back import signed_in, with_passphrase
from tests.identity.test_pages import KEY, Left, Person, application, hidden, signed_up
from tests.identity.test_passkeys import me_of
from tests.identity.test_ways import OTHER_WORDS, client, other_browser

RECOVERY = "/account/recovery"
MOST = 0.005
"""Seconds by which medians may differ."""


class Circle:
    """Somebody with three friends of their chapter, each in a browser of their own."""

    def __init__(self, side: Private, clock: SetClock) -> None:
        self.side = side
        self.clock = clock
        self.stack = AsyncExitStack()
        self.browsers: list[httpx.AsyncClient] = []
        self.people: list[Person] = []

    async def open(self) -> "Circle":
        for number in range(4):
            browser = await self.stack.enter_async_context(client(self.side))
            self.people.append(await signed_up(browser, self.clock))
            self.browsers.append(browser)
            me = await self.me(number)
            own = Membership("c" * 64, "l" * 64, f"{number}" * 26)
            async with writing(self.side.engine) as unit:
                await vault.update_vault(
                    unit, me.account_id, me.data_key, methodcaller("joined", own)
                )
        return self

    @property
    def own(self) -> httpx.AsyncClient:
        return self.browsers[0]

    async def me(self, number: int = 0) -> SignedIn:
        return await me_of(self.side, self.browsers[number].cookies["civic"])

    async def invite(self) -> None:
        chosen = [guardians.choice(f"{n}" * 26, f"Friend {n}") for n in (1, 2, 3)]
        await guardians.invite(self.side, await self.me(), chosen, "Ana from the choir")

    async def settled(self) -> "Circle":
        await self.invite()
        for number in (1, 2, 3):
            await self.answer(number, "yes")
        done = await self.own.post(f"{RECOVERY}/guardians/settle", data={"key": KEY})
        assert done.status_code == 303
        return self

    async def answer(self, number: int, agree: str) -> httpx.Response:
        page = await self.browsers[number].get(RECOVERY)
        asked = re.search(r'name="invitation" value="([0-9a-f]{32})"', page.text)
        assert asked is not None
        return await self.browsers[number].post(
            f"{RECOVERY}/guarding/answer",
            data={"key": KEY, "invitation": asked[1], "agree": agree},
        )

    async def ask(self, stranger: httpx.AsyncClient) -> list[str]:
        data = {"key": KEY, "name": self.people[0].name}
        page = await stranger.post("/recover/guardians", data=data)
        assert page.status_code == 200
        return re.findall(r"<code>([0-9A-Z-]+)</code>", page.text)

    async def help(self, number: int, code: str) -> httpx.Response:
        browser = self.browsers[number]
        me = await self.me(number)
        path = f"{RECOVERY}/guarding/{me.vault.guarding[0].invitation.hex()}"
        asked = await browser.get(path)
        if asked.status_code == 401:
            proof = self.people[number].credentials()
            step = hidden(asked) | {"passphrase": proof["passphrase"], "code": proof["code"]}
            assert (await browser.post("/account/step-up", data=step)).status_code == 303
            asked = await browser.get(path)
        return await browser.post(
            path, data=hidden(asked) | {"short_code": code.lower(), "met": "yes"}
        )


class Alone(Left):
    """An account with which nothing else goes, among others that stay."""

    async def _going(self, unit: Writing, vault: Vault) -> Afterwards:
        return self._afterwards


@pytest.fixture
async def circle(side: Private, clock: SetClock) -> AsyncIterator[Circle]:
    made = Circle(side, clock)
    async with made.stack:
        yield await made.open()


@pytest.fixture
async def stranger(side: Private) -> AsyncIterator[httpx.AsyncClient]:
    async with client(side) as one:
        yield one


async def back(stranger: httpx.AsyncClient, code: str) -> httpx.Response:
    return await stranger.post("/recover/guardians/back", data={"key": KEY, "long_code": code})


async def test_two_of_three_help_after_72_hours(
    circle: Circle, stranger: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await circle.settled()
    own = await circle.me()
    async with await other_browser(circle.own, side) as other:
        short, long = await circle.ask(stranger)
        told = (await other.get("/account")).text
        assert notices.TEXTS[notices.RECOVERY_ASKED] in told
        assert "It is not me: stop it" in told
        assert (await back(stranger, long)).status_code == 422
        assert (await circle.help(1, short)).headers["location"] == RECOVERY
        assert (await circle.help(1, short)).headers["location"] == RECOVERY
        clock.advance(timedelta(hours=100))
        assert (await back(stranger, long)).status_code == 422
        await circle.help(3, short)
        assert notices.TEXTS[notices.RECOVERY_AGREED] in (await other.get("/account")).text
        clock.advance(timedelta(hours=71, minutes=59))
        assert (await back(stranger, long)).status_code == 422
        clock.advance(timedelta(minutes=1))
        assert (await back(stranger, short)).status_code == 422
        page = await back(stranger, long.lower())
        assert "Set a new way to sign in" in page.text
        await with_passphrase(stranger, page, clock)
        assert not await signed_in(circle.own)
        assert not await signed_in(other)
    mine = await me_of(side, stranger.cookies["civic"])
    assert (mine.account_id, mine.vault) == (own.account_id, own.vault)
    assert (await back(stranger, long)).status_code == 422
    async with reading(side.engine) as unit:
        assert await unit.scalar(select(func.count()).select_from(tables.request)) == 0


async def test_who_is_signed_in_and_proves_it_stops_it(
    circle: Circle, stranger: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await circle.settled()
    short, long = await circle.ask(stranger)
    await circle.help(1, short)
    await circle.help(2, short)
    clock.advance(timedelta(hours=72))
    page = await back(stranger, long)
    async with await other_browser(circle.own, side) as thief:
        # Who has a cookie alone must not keep out a person who has lost everything else.
        clock.advance(timedelta(minutes=10))
        refused = await thief.post(f"{RECOVERY}/stop", data={"key": KEY})
        assert refused.status_code == 401
        assert "stop it now" in (await thief.get("/account")).text
    async with await other_browser(circle.own, side) as other:
        stopped = await other.post(f"{RECOVERY}/stop", data={"key": KEY})
        assert stopped.headers["location"] == "/account"
        assert "stop it" not in (await other.get("/account")).text.replace("stop it on", "")
    assert (await back(stranger, long)).status_code == 422
    step = await way_back.begin_passphrase(side, hidden(page)["ticket"], OTHER_WORDS)
    code = pyotp.TOTP(step.secret).at(clock.now())
    with pytest.raises(TicketOver):
        await way_back.confirm_passphrase(side, step.ticket, code)
    assert await signed_in(circle.own)


async def test_the_wrong_code_or_guardian_helps_nobody(
    circle: Circle, stranger: httpx.AsyncClient
) -> None:
    await circle.settled()
    short, long = await circle.ask(stranger)
    for code in (codes.draw(codes.SHORT), long, "x"):
        assert (await circle.help(1, code)).status_code == 422
    me = await circle.me(1)
    path = f"{RECOVERY}/guarding/{me.vault.guarding[0].invitation.hex()}"
    assert (await circle.browsers[2].get(path)).status_code == 404
    unsure = await circle.browsers[1].post(path, data={"key": KEY, "short_code": short})
    assert unsure.status_code == 422
    ended = await circle.browsers[1].post(f"{path}/end", data={"key": KEY})
    assert ended.status_code == 303
    assert (await circle.browsers[1].get(path)).status_code == 404


async def test_somebody_elses_guardian_cannot_help(
    circle: Circle, stranger: httpx.AsyncClient, side: Private
) -> None:
    """A key of another person's share opens none of these."""
    await circle.settled()
    short, _long = await circle.ask(stranger)
    me = await circle.me(1)
    forged = vault.Guarding(b"x" * 16, "Ana", bytes(PrivateKey.generate()))
    async with writing(side.engine) as unit:
        await vault.update_vault(
            unit, me.account_id, me.data_key, lambda held: _guarding(held, forged)
        )
    assert await requests.agree(side, await circle.me(1), b"x" * 16, short) is None


def _guarding(held: vault.Vault, one: vault.Guarding) -> vault.Vault:
    return msgspec.structs.replace(held, guarding=(one,))


async def test_all_three_have_to_agree(circle: Circle, side: Private, clock: SetClock) -> None:
    await circle.invite()
    page = (await circle.own.get(RECOVERY)).text
    assert page.count("has not answered") == 3
    await circle.answer(1, "yes")
    await circle.answer(2, "no")
    page = (await circle.own.get(RECOVERY)).text
    assert "agreed" in page
    assert "does not want to" in page
    assert "Finish" not in page
    with pytest.raises(NotAll):
        await guardians.settle(side, await circle.me())
    async with reading(side.engine) as unit:
        assert await unit.scalar(select(func.count()).select_from(tables.guarded)) == 0
    with pytest.raises(ValueError, match="three different"):
        one = guardians.choice("1" * 26, "One")
        await guardians.invite(side, await circle.me(), [one, one, one], "Ana")
    clock.advance(timedelta(days=guardians.ANSWER_DAYS + 1))
    async with writing(side.engine) as unit:
        await requests.sweep(unit, clock.now())
        assert await unit.scalar(select(func.count()).select_from(tables.invitation)) == 0


async def test_new_guardians_take_the_place_of_the_old_and_none_can_be_had(
    circle: Circle, stranger: httpx.AsyncClient, side: Private
) -> None:
    await circle.settled()
    old = (await circle.me(1)).vault.guarding[0]
    short, _long = await circle.ask(stranger)
    await circle.settled()
    assert await requests.agree(side, await circle.me(1), old.invitation, short) is None
    async with reading(side.engine) as unit:
        shares = (await unit.execute(select(tables.guarded.c.shares))).scalar_one()
        assert await unit.scalar(select(func.count()).select_from(tables.invitation)) == 0
    assert guardians.open_share(old.key, shares) is None
    assert (await circle.own.post(f"{RECOVERY}/guardians/drop", data={"key": KEY})).is_redirect
    async with reading(side.engine) as unit:
        assert await unit.scalar(select(func.count()).select_from(tables.guarded)) == 0
    assert (await circle.me()).vault.guardians == ()


async def test_questions_go_with_the_account(circle: Circle, side: Private) -> None:
    """They hold what the person wrote of themselves, under a node key."""
    await circle.invite()
    cookies = {"civic": circle.own.cookies["civic"]}
    transport = application(side, Alone())
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost", cookies=cookies
    ) as own:
        gone = {"key": KEY, "words": "keep", "sure": "yes"}
        assert (await own.post("/account/delete", data=gone)).status_code == 303
    async with reading(side.engine) as unit:
        assert await unit.scalar(select(func.count()).select_from(tables.invitation)) == 0


async def test_a_dump_with_the_nodes_keys_opens_no_share(
    circle: Circle, stranger: httpx.AsyncClient, side: Private
) -> None:
    await circle.settled()
    short, _long = await circle.ask(stranger)
    await circle.help(1, short)
    await circle.help(2, short)
    ids = [(await circle.me(n)).account_id for n in range(4)]
    members = [f"{n}" * 26 for n in range(4)]
    async with reading(side.engine) as unit:
        dump = b""
        for table in (tables.guarded, tables.request, tables.invitation):
            for row in await unit.execute(select(table)):
                dump += b"|".join(str(v).encode() if not isinstance(v, bytes) else v for v in row)
        guarded = (await unit.execute(select(tables.guarded))).one()
    assert ids[0].encode() in dump
    assert not any(one.encode() in dump for one in ids[1:] + members)
    for key in (side.keys.recovery, side.keys.tickets, side.keys.passkeys, side.keys.names):
        assert guardians.open_share(key, guarded.shares) is None
    own = [(await circle.me(n)).vault.guarding[0].key for n in (1, 2, 3)]
    opened = [guardians.open_share(key, guarded.shares) for key in own]
    shares = [share for share in opened if share is not None]
    me = await circle.me()
    for one, other in ((0, 1), (0, 2), (2, 1)):
        key = guardians.open_data_key(shares[one], shares[other], guarded[1], me.account_id)
        assert key == me.data_key
    assert {share[0] for share in shares} == set(range(1, shamir.SHARES + 1))


async def test_unknown_names_get_the_same_answer(
    circle: Circle, stranger: httpx.AsyncClient, side: Private, clock: SetClock
) -> None:
    """A name with guardians, one without, and one of nobody: page, later answer, and rows."""
    await circle.settled()
    async with reading(side.engine) as unit:
        unknown = await accounts.free_name(unit, side.keys)
    pages, later = set(), set()
    for name in (circle.people[0].name, circle.people[1].name, unknown, "x"):
        page = await stranger.post("/recover/guardians", data={"key": KEY, "name": name})
        given = re.findall(r"<code>([0-9A-Z-]+)</code>", page.text)
        assert [len(code) for code in given] == [9, 29]
        pages.add(re.sub("|".join([*given, "[0-9a-f]{32}"]), "", page.text))
        answer = await back(stranger, given[1])
        later.add(re.sub("|".join([given[1], "[0-9a-f]{32}"]), "", answer.text))
    assert (len(pages), len(later)) == (1, 1)
    async with writing(side.engine) as unit:
        await requests.sweep(unit, clock.now())
        assert await unit.scalar(select(func.count()).select_from(tables.request)) == 1
    clock.advance(timedelta(days=requests.OPEN_DAYS + 1))
    async with writing(side.engine) as unit:
        await requests.sweep(unit, clock.now())
        assert await unit.scalar(select(func.count()).select_from(tables.request)) == 0


async def test_unknown_names_take_the_same_time(circle: Circle, side: Private) -> None:
    await circle.settled()
    async with reading(side.engine) as unit:
        unknown = await accounts.free_name(unit, side.keys)
    known = circle.people[0].name
    differences = []
    for turn in range(60):
        spent = {}
        for name in (known, unknown) if turn % 2 else (unknown, known):
            hashed = names.name_hash(side.keys.names, name)
            async with writing(side.engine) as unit:
                await limits.forget(unit, limits.ASK_GUARDIANS, hashed)
            begun = time.perf_counter()
            await requests.ask(side, name)
            spent[name] = time.perf_counter() - begun
        differences.append(spent[known] - spent[unknown])
    assert abs(statistics.median(differences)) < MOST


async def test_asking_is_limited(side: Private) -> None:
    for _ in range(limits.ASK_GUARDIANS.count):
        await requests.ask(side, "one-two-three-four")
    with pytest.raises(limits.Limited):
        await requests.ask(side, "one-two-three-four")
