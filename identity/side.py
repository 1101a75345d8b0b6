"""What the private side works with: its keys, the database, the hashing threads and the clock."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel.clock import Clock
from civic.kernel.database import Writing
from civic.kernel.keys import derive
from identity.holding import Turned, nothing
from identity.passphrase import Hasher
from identity.vault import Vault

EndOpened = Callable[[Writing, bytes, Vault], Awaitable[None]]
"""Ends what an account opened outside of this domain, given its data key and vault."""


async def nothing_opened(_unit: Writing, _data_key: bytes, _vault: Vault) -> None:
    """End nothing: where a node has no chapters."""


@dataclass(frozen=True)
class IdentityKeys:
    """Keys of the private side, all derived from one node key that lies outside the database."""

    names: bytes = field(repr=False)
    """Keys the hashes of sign-in names."""
    totp: bytes = field(repr=False)
    """Seals the shared secrets of TOTP, which the node must be able to read at sign-in."""
    tickets: bytes = field(repr=False)
    """Seals what a sign-up form carries from one page to the next."""

    passkeys: bytes = field(repr=False)
    """Wraps the data key of accounts whose passkey gives no secret of its own."""
    recovery: bytes = field(repr=False)
    """Keys the hashes of recovery codes, salts their keys, and seals what guardians are asked."""

    @classmethod
    def of(cls, node_key: bytes) -> "IdentityKeys":
        """Derive the keys from the node's 32-byte secret for the private side."""
        return cls(
            names=derive(node_key, b"", b"civic/identity/names/1"),
            totp=derive(node_key, b"", b"civic/identity/totp/1"),
            tickets=derive(node_key, b"", b"civic/identity/tickets/1"),
            passkeys=derive(node_key, b"", b"civic/identity/passkeys/1"),
            recovery=derive(node_key, b"", b"civic/identity/recovery/1"),
        )


@dataclass(frozen=True)
class Private:
    """Everything that signing up and signing in need from the process they run in."""

    engine: AsyncEngine
    keys: IdentityKeys
    hasher: Hasher
    clock: Clock
    turned: Turned = field(default_factory=lambda: Turned(nothing))
    """What became of the keys of the node's members."""
    end_opened: EndOpened = nothing_opened
    """Ends what programs reach without signing in, where somebody signs out everywhere."""
