"""Sessions of requests that come at the same moment, loaded in one round trip."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel.together import Together
from identity.sessions import IDLE_DAYS, LONGEST_DAYS, SignedIn, id_hash

# What `sessions.load` asks, for many sessions and straight to the driver.
_LOAD_MANY: Final = """
    SELECT s.id_hash, s.account_id, s.wrapped_key, s.last_used, s.step_up, s.proved_by, a.vault,
        a.sealed_reader,
        EXISTS (SELECT FROM private.intent i WHERE i.account_id = a.id) AS unfinished,
        (SELECT array_agg(n.kind || ' ' || n.day ORDER BY n.kind)
            FROM private.notice n WHERE n.session = s.id_hash) AS notices,
        (SELECT coalesce(sum(l.turned), 0)::bigint FROM record.log l) AS turned
    FROM private.session s JOIN private.account a ON a.id = s.account_id
    WHERE s.id_hash = ANY($1) AND s.last_used >= $2 AND s.created >= $3
"""


async def load_at_once(engine: AsyncEngine, token: str | None, now: datetime) -> SignedIn | None:
    """Do what `sessions.load` does, but outside a transaction, for all requests of one moment.

    Every request of somebody who is signed in begins with this. Spoken straight to the driver it
    takes a third of the processor time that it takes inside a unit of work (90 instead of 265
    microseconds), and one round trip instead of three; requests that come while one round trip is
    under way share the next.
    """
    if token is None:
        return None
    loading = _loading.get(engine.sync_engine)
    if loading is None:
        # It holds the engine weakly too: what it asks is given the engine of who asks.
        loading = _loading[engine.sync_engine] = Together(_fetch)
    row = await loading.get(_Wanted(engine, token, now.date()))
    return None if row is None else SignedIn(token, row)


class _Wanted(NamedTuple):
    """A session that is looked for on a day."""

    engine: AsyncEngine
    token: str
    today: date


_loading: Final[WeakKeyDictionary[Any, Together["_Wanted", Any]]] = WeakKeyDictionary()


async def _fetch(wanted: Sequence[_Wanted]) -> dict[_Wanted, Any]:
    engine, _, today = wanted[0]
    hashes = {one: id_hash(one.token) for one in wanted}
    async with engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        rows = await driver.fetch(
            _LOAD_MANY,
            list(set(hashes.values())),
            today - timedelta(days=IDLE_DAYS),
            today - timedelta(days=LONGEST_DAYS),
        )
    found = {row["id_hash"]: row for row in rows}
    return {one: found[own] for one, own in hashes.items() if own in found}
