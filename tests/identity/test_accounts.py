from datetime import timedelta

import pyotp
import pytest
from argon2 import low_level
from sqlalchemy import Date, DateTime, LargeBinary, Text, event, select, text

from civic.kernel.clock import SetClock
from civic.kernel.database import private_metadata, reading, writing
from identity import accounts, limits, links, notices, passphrase, sessions, signing_up, tables
from identity.passphrase import Cost, Hasher
from identity.side import IdentityKeys, Private
from identity.trying import NOTHING

WORDS = "a kettle sings behind seven doors"


class Person:
    """Somebody who signed up, with what they remember and their phone."""

    def __init__(self, name: str, secret: str, token: str, clock: SetClock) -> None:
        self.name = name
        self.token = token
        self.clock = clock
        self._phone = pyotp.TOTP(secret)

    def code(self) -> str:
        return self._phone.at(self.clock.now())

    def next_code(self) -> str:
        self.clock.advance(timedelta(seconds=30))
        return self.code()


@pytest.fixture
async def person(side: Private, clock: SetClock) -> Person:
    offer = await signing_up.offer(side)
    enrolment = await signing_up.enrol(side, offer.ticket, WORDS)
    code = pyotp.TOTP(enrolment.secret).at(clock.now())
    token = await signing_up.confirm(side, enrolment.ticket, code)
    return Person(enrolment.name, enrolment.secret, token, clock)


async def test_name_passphrase_and_code_sign_in(side: Private, person: Person) -> None:
    spoken = person.name.upper().replace("-", " ")
    token = await accounts.sign_in(side, spoken, WORDS, person.next_code())
    assert token is not None
    assert token != person.token
    async with reading(side.engine) as unit:
        found = await sessions.load(unit, token, side.clock.now())
        first = await sessions.load(unit, person.token, side.clock.now())
    assert found is not None
    assert first is not None
    assert found.account_id == first.account_id
    assert found.vault == first.vault
    assert found.vault.name == person.name
    assert found.fresh(side.clock.now())


async def test_each_part_is_needed(side: Private, person: Person) -> None:
    code = person.next_code()
    assert await accounts.sign_in(side, person.name, WORDS + "x", code) is None
    assert await accounts.sign_in(side, person.name + "x-y", WORDS, code) is None
    assert await accounts.sign_in(side, person.name, WORDS, f"{(int(code) + 1) % 10**6:06}") is None
    assert await accounts.sign_in(side, person.name, WORDS, "") is None
    assert await accounts.sign_in(side, "", WORDS, code) is None
    assert await accounts.sign_in(side, person.name, WORDS, code) is not None


async def test_a_code_works_once_also_the_one_of_the_sign_up(side: Private, person: Person) -> None:
    assert await accounts.sign_in(side, person.name, WORDS, person.code()) is None
    code = person.next_code()
    assert await accounts.sign_in(side, person.name, WORDS, code) is not None
    assert await accounts.sign_in(side, person.name, WORDS, code) is None


async def test_signing_in_again_ends_the_browsers_session(side: Private, person: Person) -> None:
    entered = await accounts.sign_in_here(
        side, person.name, WORDS, person.next_code(), NOTHING, replaces=person.token
    )
    assert entered is not None
    async with reading(side.engine) as unit:
        assert await sessions.load(unit, person.token, side.clock.now()) is None
        assert await sessions.load(unit, entered.token, side.clock.now()) is not None


async def test_an_unknown_name_costs_the_same(
    side: Private, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same statements and the same Argon2id work, whether or not an account has the name."""
    done: list[object] = []
    real = low_level.hash_secret_raw

    def counted(*given: object, **options: object) -> bytes:
        done.append((options["time_cost"], options["memory_cost"], options["parallelism"]))
        return real(*given, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(passphrase, "hash_secret_raw", counted)

    @event.listens_for(side.engine.sync_engine, "before_cursor_execute")
    def _statement(_c: object, _cursor: object, statement: str, *_: object) -> None:
        done.append(statement)

    async with writing(side.engine) as unit:
        bare = await accounts.create_bare(unit, side.keys, side.clock.now())
    costs = []
    for name, typed, code in (
        (person.name, "wrong", person.next_code()),
        (person.name, WORDS, "000000"),
        (bare.name, WORDS, "000000"),
        ("acorn-acorn-acorn-acorn", WORDS, "000000"),
        ("", "", ""),
    ):
        done.clear()
        assert await accounts.sign_in(side, name, typed, code) is None
        costs.append(list(done))
    assert all(cost == costs[0] for cost in costs)
    assert len([step for step in costs[0] if isinstance(step, tuple)]) == 1


@pytest.mark.parametrize("known", [True, False])
async def test_the_limit_holds_before_any_hashing(
    side: Private, person: Person, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    name = person.name if known else "acorn-acorn-acorn-acorn"
    for _ in range(limits.SIGN_IN.count):
        assert await accounts.sign_in(side, name, "wrong", "000000") is None

    def never(*_: object) -> None:
        raise AssertionError

    with monkeypatch.context() as patched:
        patched.setattr(passphrase, "derive_now", never)
        with pytest.raises(limits.Limited):
            await accounts.sign_in(side, name, WORDS, person.next_code())
    person.clock.advance(timedelta(minutes=15))
    signed_in = await accounts.sign_in(side, name, WORDS, person.code())
    assert (signed_in is not None) is known


async def test_success_wipes_the_failures(side: Private, person: Person) -> None:
    for _ in range(2):
        for _ in range(limits.SIGN_IN.count - 1):
            assert await accounts.sign_in(side, person.name, "wrong", "000000") is None
        assert await accounts.sign_in(side, person.name, WORDS, person.next_code()) is not None


async def test_tries_that_failed_are_told(side: Private, person: Person) -> None:
    """On all devices, the one that has just signed in among them, and not for a slip or two."""

    async def told(wrong: int) -> list[tuple[str, ...]]:
        for _ in range(wrong):
            assert await accounts.sign_in(side, person.name, "wrong", "000000") is None
        token = await accounts.sign_in(side, person.name, WORDS, person.next_code())
        async with reading(side.engine) as unit:
            found = [await sessions.load(unit, one, side.clock.now()) for one in (token, first)]
        return [one.notices for one in found if one is not None]

    first = person.token
    assert await told(notices.TRIED_LEAST - 1) == [(), ()]
    for noted in await told(notices.TRIED_LEAST):
        assert [one.split()[0] for one in noted] == [notices.TRIED]


async def test_older_costs_stay_good(side: Private, person: Person, keys: IdentityKeys) -> None:
    dearer = Hasher(Cost(memory_kib=16, passes=2), threads=1)
    later = Private(side.engine, keys, dearer, side.clock)
    assert await accounts.sign_in(later, person.name, WORDS, person.next_code()) is not None
    dearer.close()


async def test_swapping_the_name(side: Private, person: Person) -> None:
    async with writing(side.engine) as unit:
        signed_in = await sessions.load(unit, person.token, side.clock.now())
        assert signed_in is not None
        name = await accounts.swap_name(unit, side.keys, signed_in)
        again = await sessions.load(unit, person.token, side.clock.now())
        assert again is not None
        assert again.vault.name == name
    assert name != person.name
    assert await accounts.sign_in(side, person.name, WORDS, person.next_code()) is None
    assert await accounts.sign_in(side, name, WORDS, person.code()) is not None


async def test_deleting_leaves_nothing(side: Private, person: Person) -> None:
    async with writing(side.engine) as unit:
        signed_in = await sessions.load(unit, person.token, side.clock.now())
        assert signed_in is not None
        now = side.clock.now()
        await links.issue(unit, signed_in.account_id, signed_in.data_key, now)
        await accounts.delete_account(unit, signed_in.account_id)
        for table in (tables.account, tables.passphrase, tables.totp, tables.session):
            assert (await unit.execute(select(table))).all() == []
        assert (await unit.execute(select(tables.sign_in_link))).all() == []
    assert await accounts.sign_in(side, person.name, WORDS, person.next_code()) is None


async def test_a_dump_opens_nothing(side: Private, person: Person) -> None:
    """Neither the database nor the database with the node's keys ties an account to a member."""
    async with reading(side.engine) as unit:
        signed_in = await sessions.load(unit, person.token, side.clock.now())
        dump = b""
        for table in private_metadata.sorted_tables:
            for row in await unit.execute(select(table)):
                dump += b"".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
    assert signed_in is not None
    for secret in (person.name, person.token, WORDS):
        assert secret.encode() not in dump
    assert signed_in.data_key not in dump


async def test_sweeping_leaves_no_fine_time(side: Private, person: Person) -> None:
    await accounts.sign_in(side, person.name, "wrong", "000000")
    async with writing(side.engine) as unit:
        await accounts.sweep(unit, side.clock.now() + timedelta(minutes=15))
        assert (await unit.execute(select(tables.attempt))).all() == []
        assert await unit.scalar(select(tables.session.c.step_up)) is None
        assert await unit.scalar(select(tables.totp.c.last_step)) == 0


def test_no_column_for_times_finer_than_a_day_but_the_swept_ones() -> None:
    own = [table for table in private_metadata.sorted_tables if table.name in _OWN]
    columns = {f"{table.name}.{column.name}": column for table in own for column in table.columns}
    plain = {
        name
        for name, column in columns.items()
        if not isinstance(column.type, Text | LargeBinary | Date)
    }
    assert not any(isinstance(column.type, DateTime) for column in columns.values())
    swept = {"session.step_up", "totp.last_step", "attempt.until", "attempt.window_number"}
    counts = {"passphrase.memory_kib", "passphrase.passes", "passphrase.lanes", "attempt.count"}
    assert plain == swept | counts | {"account.vault_version"}


_OWN = {"account", "passphrase", "totp", "session", "sign_in_link", "intent", "attempt"}


async def test_the_tables_are_in_the_private_schema(side: Private) -> None:
    async with reading(side.engine) as unit:
        found = await unit.execute(
            text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'private'")
        )
        assert set(found.scalars()) >= _OWN
