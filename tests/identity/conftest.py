"""A private side with cheap hashing and a clock that stands still."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel.clock import SetClock
from identity.passphrase import Cost, Hasher
from identity.side import IdentityKeys, Private

CHEAP = Cost(memory_kib=8, passes=1)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 11, 22, 9, 30, tzinfo=UTC))


@pytest.fixture
def keys() -> IdentityKeys:
    return IdentityKeys.of(bytes(range(32)))


@pytest.fixture
def hasher() -> Iterator[Hasher]:
    hasher = Hasher(CHEAP, threads=1)
    yield hasher
    hasher.close()


@pytest.fixture
def side(database: AsyncEngine, keys: IdentityKeys, hasher: Hasher, clock: SetClock) -> Private:
    return Private(database, keys, hasher, clock)
