"""Passkeys against the database: what counts, what does not, and who can open the account."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from civic.kernel.clock import SetClock
from civic.kernel.database import private_metadata, reading, writing
from civic.kernel.keys import SealBroken, derive
from identity import accounts, authenticators, passkeys, sessions, signing_up, tables, vault
from identity.accounts import NewAccount
from identity.ceremony import Given, NotProved, Party
from identity.passkeys import Asked, Entered, SecretMissing
from identity.sessions import SignedIn
from identity.side import Private
from identity.tickets import TicketOver
from tests.identity.soft_key import USER_PRESENT, SoftKey

PARTY = Party("http://localhost")
SECRET = bytes(range(32))


async def newcomer(side: Private) -> NewAccount:
    account, _worked = signing_up.newcomer(side, (await signing_up.offer(side)).ticket)
    return account


async def signed_up(side: Private, key: SoftKey, name: str = "") -> Entered:
    asked = passkeys.ask_newcomer(side, PARTY, await newcomer(side), worked=False)
    return await passkeys.sign_up(side, PARTY, key.make(asked, name))


async def me_of(side: Private, token: str) -> SignedIn:
    async with reading(side.engine) as unit:
        found = await sessions.load(unit, token, side.clock.now())
    assert found is not None
    return found


async def sign_in(side: Private, key: SoftKey, party: Party = PARTY) -> Entered:
    return await passkeys.sign_in(side, party, key.prove(passkeys.ask_anybody(side, party)))


@pytest.mark.parametrize("secret", [SECRET, None])
async def test_a_passkey_signs_up_and_in_and_opens_the_vault(
    side: Private, secret: bytes | None
) -> None:
    key = SoftKey(secret=secret)
    first = await signed_up(side, key, "  the   phone ")
    again = await sign_in(side, key)
    assert again.passkey_id == first.passkey_id
    before, after = await me_of(side, first.token), await me_of(side, again.token)
    assert after.vault == before.vault
    assert after.fresh(side.clock.now())
    async with reading(side.engine) as unit:
        (own,) = await authenticators.listed(unit, after)
        count = await accounts.authenticator_count(unit, after.account_id)
    assert own == (
        first.passkey_id, "the phone", "2026-11", side.clock.now().date(), secret is not None,
    )  # fmt: skip
    assert count == 1


async def test_the_database_and_the_node_key_do_not_open_what_a_secret_wraps(
    side: Private,
) -> None:
    entered = await signed_up(side, SoftKey(secret=SECRET))
    me = await me_of(side, entered.token)
    async with reading(side.engine) as unit:
        wrapped = await unit.scalar(select(tables.passkey.c.wrapped_key))
    assert wrapped is not None
    with pytest.raises(SealBroken):
        vault.unwrap(side.keys.passkeys, wrapped, me.account_id)
    with pytest.raises(SealBroken):
        vault.unwrap(SECRET, wrapped, me.account_id)
    opening = derive(SECRET, b"", b"civic/identity/passkey/1")
    assert vault.unwrap(opening, wrapped, me.account_id) == me.data_key


async def test_a_secret_that_comes_later_takes_over(side: Private) -> None:
    key = SoftKey()
    await signed_up(side, key)
    key.secret = SECRET
    await sign_in(side, key)
    async with reading(side.engine) as unit:
        assert await unit.scalar(select(tables.passkey.c.by_secret)) is True
    key.secret = None
    with pytest.raises(SecretMissing):
        await sign_in(side, key)
    key.secret = bytes(32)
    with pytest.raises(SecretMissing):
        await sign_in(side, key)
    key.secret = SECRET
    await sign_in(side, key)


async def test_further_addresses_count_where_browsers_use_the_passkey_at_all(side: Private) -> None:
    further = ("http://localhost:81", "https://www.localhost", "http://civic.onion",
               "https://notlocalhost")  # fmt: skip
    party = Party("http://localhost", further)
    assert party.id == "localhost"
    assert party.origins == ["http://localhost", *further[:2]]
    key = SoftKey()
    first = await signed_up(side, key)
    key.origin = further[1]
    assert (await sign_in(side, key, party)).passkey_id == first.passkey_id
    key.origin = further[2]
    with pytest.raises(NotProved):
        await sign_in(side, key, party)


async def test_an_answer_counts_once(side: Private) -> None:
    key = SoftKey()
    asked = passkeys.ask_newcomer(side, PARTY, await newcomer(side), worked=False)
    made = key.make(asked)
    await passkeys.sign_up(side, PARTY, made)
    with pytest.raises(TicketOver):
        await passkeys.sign_up(side, PARTY, made)
    proof = key.prove(passkeys.ask_anybody(side, PARTY))
    found = await asyncio.gather(
        *(passkeys.sign_in(side, PARTY, proof) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(one, Entered) for one in found) == 1
    assert sum(isinstance(one, TicketOver) for one in found) == 3


async def test_a_challenge_waits_ten_minutes(side: Private, clock: SetClock) -> None:
    key = SoftKey()
    await signed_up(side, key)
    proof = key.prove(passkeys.ask_anybody(side, PARTY))
    clock.advance(timedelta(minutes=11))
    with pytest.raises(TicketOver):
        await passkeys.sign_in(side, PARTY, proof)


async def test_what_was_spent_is_forgotten_when_it_is_too_old_anyway(
    side: Private, clock: SetClock
) -> None:
    key = SoftKey()
    await signed_up(side, key)
    proof = key.prove(passkeys.ask_anybody(side, PARTY))
    await passkeys.sign_in(side, PARTY, proof)
    rows = []
    for minutes in (0, 10, 1):
        clock.advance(timedelta(minutes=minutes))
        async with writing(side.engine) as unit:
            await accounts.sweep(unit, clock.now())
            rows.append(await unit.scalar(select(func.count()).select_from(tables.spent)))
        with pytest.raises(TicketOver):
            await passkeys.sign_in(side, PARTY, proof)
    assert rows == [1, 1, 0]


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "http://localhost:81"},
        {"origin": "https://localhost"},
        {"party": "example.org"},
        {"flags": USER_PRESENT},
        {"flags": 0x04},
        {"user": bytes(64)},
        {"user": None},
        {"id": bytes(32)},
        {"key": SoftKey().key},
        {"count": 4},
        {"secret": b"short"},
    ],
)
async def test_lies_do_not_sign_in(side: Private, lie: dict[str, object]) -> None:
    key = SoftKey(count=5)
    await signed_up(side, key)
    changed = {"count": 6} | lie
    for name, value in changed.items():
        setattr(key, name, value)
    with pytest.raises(NotProved):
        await sign_in(side, key)


@pytest.mark.parametrize(
    "lie", [{"origin": "https://localhost"}, {"party": "example.org"}, {"flags": USER_PRESENT}]
)
async def test_lies_do_not_sign_up(side: Private, lie: dict[str, object]) -> None:
    key = SoftKey()
    for name, value in lie.items():
        setattr(key, name, value)
    with pytest.raises(NotProved):
        await signed_up(side, key)
    async with reading(side.engine) as unit:
        assert await unit.scalar(select(func.count()).select_from(tables.account)) == 0


async def test_a_ticket_counts_for_its_use_and_its_account(side: Private) -> None:
    one, other = SoftKey(), SoftKey()
    me = await me_of(side, (await signed_up(side, one)).token)
    they = await me_of(side, (await signed_up(side, other)).token)
    mine, anybody = await passkeys.ask_again(side, PARTY, me), passkeys.ask_anybody(side, PARTY)
    adding = await passkeys.ask_for_another(side, PARTY, me)
    for wrong in (
        passkeys.sign_in(side, PARTY, one.prove(mine)),
        passkeys.sign_in(side, PARTY, one.prove(adding)),
        passkeys.step_up(side, PARTY, me, one.prove(anybody)),
        passkeys.step_up(side, PARTY, they, other.prove(mine)),
        passkeys.step_up(side, PARTY, me, other.prove(mine)),
        passkeys.add(side, PARTY, they, SoftKey().make(adding)),
    ):
        with pytest.raises(NotProved):
            await wrong
    with pytest.raises(TicketOver):
        await passkeys.sign_up(side, PARTY, SoftKey().make(adding))
    assert (await passkeys.step_up(side, PARTY, me, one.prove(mine))) is not None


async def test_stepping_up_rotates_the_session(side: Private, clock: SetClock) -> None:
    key = SoftKey(secret=SECRET)
    entered = await signed_up(side, key)
    clock.advance(timedelta(minutes=6))
    me = await me_of(side, entered.token)
    assert not me.fresh(clock.now())
    key.user = None
    asked = await passkeys.ask_again(side, PARTY, me)
    fresh = await passkeys.step_up(side, PARTY, me, key.prove(asked))
    assert fresh is not None
    assert (await me_of(side, fresh.token)).fresh(clock.now())
    async with reading(side.engine) as unit:
        assert await sessions.load(unit, entered.token, clock.now()) is None


async def test_a_second_passkey_opens_the_same_account(side: Private) -> None:
    first, second = SoftKey(secret=SECRET), SoftKey()
    me = await me_of(side, (await signed_up(side, first)).token)
    asked = await passkeys.ask_for_another(side, PARTY, me)
    options = msgspec.json.decode(asked.public_key)
    assert len(options["excludeCredentials"]) == 1
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    own = await passkeys.add(side, PARTY, me, second.make(asked, "drawer"))
    assert second.user == first.user
    assert first.user is not None
    assert len(first.user) == 64
    entered = await sign_in(side, second)
    assert entered.passkey_id == own
    assert (await me_of(side, entered.token)).vault == me.vault
    with pytest.raises(TicketOver):
        await passkeys.add(side, PARTY, me, SoftKey().make(asked))
    twice = await passkeys.ask_for_another(side, PARTY, me)
    with pytest.raises(NotProved):
        await passkeys.add(side, PARTY, me, second.make(twice))


async def test_the_last_way_to_sign_in_stays(side: Private) -> None:
    first, second = SoftKey(), SoftKey()
    entered = await signed_up(side, first)
    me = await me_of(side, entered.token)
    asked = await passkeys.ask_for_another(side, PARTY, me)
    own = await passkeys.add(side, PARTY, me, second.make(asked))

    async def removed(authenticator: str) -> bool:
        async with writing(side.engine) as unit:
            return await authenticators.remove(unit, me, authenticator)

    stranger = await signed_up(side, SoftKey())
    assert not await removed(stranger.passkey_id)
    found = await asyncio.gather(removed(own), removed(entered.passkey_id), return_exceptions=True)
    assert sorted(type(one).__name__ for one in found) == ["LastOne", "bool"]
    async with reading(side.engine) as unit:
        assert await accounts.authenticator_count(unit, me.account_id) == 1


async def test_nothing_of_a_device_is_stored(side: Private) -> None:
    key = SoftKey(secret=SECRET)
    entered = await signed_up(side, key, "Ana's telephone")
    me = await me_of(side, entered.token)
    columns = {column.name for column in tables.passkey.columns}
    assert columns == {
        "id", "account_id", "credential_id", "public_key", "sign_count", "by_secret",
        "wrapped_key", "sealed_name", "added_month", "last_used",
    }  # fmt: skip
    stored = b""
    async with reading(side.engine) as unit:
        for table in private_metadata.sorted_tables:
            for row in await unit.execute(select(table)):
                for value in row:
                    stored += value if isinstance(value, bytes) else str(value).encode()
    assert b"telephone" not in stored
    assert SECRET not in stored
    assert me.data_key not in stored
    assert entered.token.encode() not in stored


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "rawId", "type", "response", "x"]), inner)
    ),
    max_leaves=8,
)


@given(
    credential=st.dictionaries(
        st.sampled_from(["id", "rawId", "type", "response", "clientExtensionResults"]), _JSON
    ),
    secret=st.text(max_size=50),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_malformed_answers_are_no_answers(
    side: Private, credential: dict[str, object], secret: str
) -> None:
    def sent(asked: Asked) -> Given:
        return Given(asked.ticket, credential, secret)

    with pytest.raises(NotProved):
        await passkeys.sign_in(side, PARTY, sent(passkeys.ask_anybody(side, PARTY)))
    asked = passkeys.ask_newcomer(
        side, PARTY, NewAccount("a" * 26, bytes(32), "name"), worked=False
    )
    with pytest.raises(NotProved):
        await passkeys.sign_up(side, PARTY, sent(asked))


@given(st.data())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_a_changed_answer_does_not_count(side: Private, data: st.DataObject) -> None:
    asked = passkeys.ask_newcomer(
        side, PARTY, NewAccount("a" * 26, bytes(32), "name"), worked=False
    )
    made = SoftKey().make(asked)
    field = data.draw(st.sampled_from(["clientDataJSON", "attestationObject"]))
    value = made.credential["response"][field]
    at = data.draw(st.integers(0, len(value) - 2))
    other = data.draw(st.sampled_from("AZaz09-_").filter(lambda sign: sign != value[at]))
    response = made.credential["response"] | {field: value[:at] + other + value[at + 1 :]}
    changed = msgspec.structs.replace(made, credential=made.credential | {"response": response})
    try:
        found = await passkeys.sign_up(side, PARTY, changed)
    except (NotProved, TicketOver):
        return
    # Nothing is attested, so another key or id makes another passkey, never this one.
    assert field == "attestationObject"
    assert found.passkey_id
