"""Names that people give their own browsers and authenticators: only they can read them."""

from typing import Final, Literal

from civic.kernel.keys import open_sealed, seal

LONGEST: Final = 60
"""Characters of such a name."""
_ROOM: Final = 256

Named = Literal["authenticator", "device", "token"]
"""What has such a name; the name of one is none for another."""


def seal_name(data_key: bytes, name: str, account_id: str, named: Named) -> bytes | None:
    """Seal a name under the account's data key, None for an empty one; its length does not show."""
    if not name:
        return None
    return seal(data_key, name.encode().ljust(_ROOM, b"\0"), _context(account_id, named))


def open_name(data_key: bytes, sealed: bytes | None, account_id: str, named: Named) -> str:
    """Return a sealed name, empty for none; raise `SealBroken` if key or kind does not fit."""
    if sealed is None:
        return ""
    return open_sealed(data_key, sealed, _context(account_id, named)).rstrip(b"\0").decode()


def _context(account_id: str, named: Named) -> bytes:
    # Each use its own: whoever can write the database could else put the name of one for another.
    return f"civic/identity/own-name/{named}/1\n{account_id}".encode()
