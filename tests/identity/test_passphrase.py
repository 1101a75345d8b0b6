import asyncio
import threading

import pytest
from argon2.low_level import Type, hash_secret_raw
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from civic.kernel.keys import derive
from identity import passphrase
from identity.passphrase import Busy, Cost, Hasher

CHEAP = Cost(memory_kib=8, passes=1)
SALT = bytes(16)


def test_cost_of_a_real_passphrase() -> None:
    assert Cost() == Cost(memory_kib=65536, passes=3, lanes=1)


async def test_verifier_and_key_come_from_one_derivation(hasher: Hasher) -> None:
    derived = await hasher.derive("several plain words", SALT)
    raw = hash_secret_raw(b"several plain words", SALT, 1, 8, 1, 32, Type.ID)
    assert derived.verifier == derive(raw, b"", b"civic/identity/verifier/1")
    assert derived.key == derive(raw, b"", b"civic/identity/key/1")
    assert derived.key.hex() not in repr(derived)


async def test_salt_cost_and_words_matter(hasher: Hasher) -> None:
    first = await hasher.derive("words", SALT)
    assert first == await hasher.derive("words", SALT)
    assert first != await hasher.derive("words", bytes(15) + b"1")
    assert first != await hasher.derive("words", SALT, Cost(memory_kib=16, passes=1))
    assert first != await hasher.derive("Words", SALT)


@pytest.mark.parametrize(
    ("one", "other"),
    [("кава\u00a0і хлеб", "кава і хлеб"), ("cafe\u0301", "caf\u00e9"), ("a\u3000b", "a b")],
)
def test_the_same_keys_on_another_system_give_the_same(one: str, other: str) -> None:
    assert passphrase.normalise(one) == passphrase.normalise(other)


def test_strength_and_its_reasons() -> None:
    weak = passphrase.strength("password1")
    assert not weak.enough
    assert weak.suggestions
    assert passphrase.strength("a kettle sings behind seven doors").enough
    assert not passphrase.strength("").enough
    assert passphrase.strength("x9!" * 400).score >= 0


def test_passwords_from_breaches_are_refused() -> None:
    """The commonest of the list, the rarest, and the longest; as they stand and backwards."""
    breached = FREQUENCY_LISTS["passwords"]
    assert len(breached) == 30_000
    chosen = {*breached[:100], *breached[-100:], *sorted(breached, key=len)[-100:]}
    for one in sorted(chosen):
        for typed in (one, one.capitalize(), one[::-1]):
            assert not passphrase.strength(typed).enough, typed


def test_the_sign_in_name_is_no_passphrase() -> None:
    name = "acorn-violin-harbor-tulip"
    assert passphrase.strength(name).score > passphrase.strength(name, name).score
    assert not passphrase.strength(name, name).enough


async def test_beyond_the_queue_it_says_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    real = passphrase.derive_now

    def slow(typed: str, salt: bytes, cost: Cost) -> passphrase.Derived:
        gate.wait(10)
        return real(typed, salt, cost)

    monkeypatch.setattr(passphrase, "derive_now", slow)
    hasher = Hasher(CHEAP, threads=1, queue=2)
    waiting = [asyncio.create_task(hasher.derive(str(number), SALT)) for number in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Busy) as refused:
        await hasher.derive("one too many", SALT)
    assert refused.value.retry_after > 0
    gate.set()
    assert len({derived.verifier for derived in await asyncio.gather(*waiting)}) == 3
    await hasher.derive("there is room again", SALT)
    hasher.close()


async def test_who_gives_up_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    monkeypatch.setattr(passphrase, "derive_now", lambda *_: gate.wait(10))
    hasher = Hasher(CHEAP, threads=1, queue=1)
    running = asyncio.create_task(hasher.derive("1", SALT))
    queued = asyncio.create_task(hasher.derive("2", SALT))
    await asyncio.sleep(0)
    queued.cancel()
    with pytest.raises(asyncio.CancelledError):
        await queued
    again = asyncio.create_task(hasher.derive("3", SALT))
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(running, again)
    hasher.close()


def test_words_of_this_place_are_no_passphrase() -> None:
    assert passphrase.strength("correcthorsebattery").enough
    for weak in ("civic-chapter-vote", "Vilnius2026", "CivicPassphrase1", "belarus-democracy"):
        assert not passphrase.strength(weak).enough, weak
