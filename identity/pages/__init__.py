"""Pages of the private side: signing up, signing in, and looking after an account."""

from collections.abc import Sequence

from litestar import Router

from civic.kernel.database import Writing
from identity.own_data import Part
from identity.pages import (
    account,
    authenticators,
    devices,
    drafts,
    entrance,
    exporting,
    guardians,
    keys,
    newcomers,
    panic,
    passkeys,
    recovering,
    recovery,
    stepping_up,
    tokens,
)
from identity.sessions import SignedIn
from identity.vault import Vault


async def _nothing() -> None:
    """Do nothing."""


async def _gone(_writing: Writing, _vault: Vault) -> account.Afterwards:
    """Keep nothing."""
    return _nothing


async def _alone(_request: account.Asked, _vault: Vault, _key: str, _erase: bool) -> account.Going:
    """Let nothing go with an account: for a node without chapters."""
    return _gone


async def _nowhere(_me: SignedIn) -> Sequence[Part]:
    """Hold nothing of anybody but their account: for a node without chapters."""
    return ()


def router(
    departing: account.Departing = _alone,
    gathering: exporting.Gathering = _nowhere,
    *,
    links: bool = True,
) -> Router:
    """Return all pages of the private side; none of them is part of the API's description.

    `links` adds those on which a link signs in: no node has them but a demonstration.
    """
    handlers = [
        *newcomers.handlers(),
        *entrance.handlers(),
        *(entrance.link_handlers() if links else ()),
        *passkeys.handlers(),
        *account.handlers(departing),
        *authenticators.handlers(),
        *devices.handlers(),
        *stepping_up.handlers(),
        *keys.handlers(),
        *recovery.handlers(),
        *recovering.handlers(),
        *guardians.handlers(),
        *tokens.handlers(),
        *panic.handlers(),
        *drafts.handlers(),
        *exporting.handlers(gathering),
    ]
    return Router(path="/", route_handlers=handlers, include_in_schema=False)
