"""Signing out everywhere: all that is open ends, whatever opened it."""

from civic.kernel.database import Writing
from identity import exports, sessions
from identity.side import Private
from identity.vault import read_vault


async def end_all(
    unit: Writing, side: Private, account_id: str, data_key: bytes, *, but: bytes | None = None
) -> None:
    """End sessions, tokens, unused links, the waiting copy, and secret addresses.

    `but` is the id hash of a session that goes on.
    """
    await sessions.end_all(unit, account_id, but=but)
    await exports.cancel(unit, account_id)
    await side.end_opened(unit, data_key, await read_vault(unit, account_id, data_key))
