"""Pages of the private side: signing up, signing in, and looking after an account."""

from litestar import Router

from civic.kernel.database import Writing
from identity.pages import (
    account,
    authenticators,
    devices,
    entrance,
    keys,
    newcomers,
    panic,
    passkeys,
    recovering,
    recovery,
    stepping_up,
    tokens,
)
from identity.vault import Vault


async def _nothing() -> None:
    """Do nothing."""


async def _alone(_writing: Writing, _vault: Vault, _erase: bool) -> account.Afterwards:
    """Let nothing go with an account: for a node without chapters."""
    return _nothing


def router(departing: account.Departing = _alone) -> Router:
    """Return all pages of the private side; none of them is part of the API's description."""
    handlers = [
        *newcomers.handlers(),
        *entrance.handlers(),
        *passkeys.handlers(),
        *account.handlers(departing),
        *authenticators.handlers(),
        *devices.handlers(),
        *stepping_up.handlers(),
        *keys.handlers(),
        *recovery.handlers(),
        *recovering.handlers(),
        *tokens.handlers(),
        *panic.handlers(),
    ]
    return Router(path="/", route_handlers=handlers, include_in_schema=False)
