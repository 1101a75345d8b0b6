"""Tables of recovery: codes of sheets, shares that guardians open, requests that wait.

A dump ties an account to nothing but the fact that it can be recovered. Who guards whom stands in
the vaults of both and, until it is settled, in an invitation under a node key outside the database.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, Date, ForeignKey, LargeBinary, Table, Text

from civic.kernel.database import private_metadata


def _account_key(**more: Any) -> Column[str]:
    return Column("account_id", Text, ForeignKey("private.account.id", ondelete="CASCADE"), **more)


code = Table(
    "recovery_code",
    private_metadata,
    # HMAC of the code under a node key.
    Column("code_hash", LargeBinary, primary_key=True),
    _account_key(nullable=False, index=True),
    # The data key under a key that only the code gives.
    Column("wrapped_key", LargeBinary, nullable=False),
)
"""Codes of recovery sheets that were confirmed and not used; a code is deleted when it is used."""

guarded = Table(
    "guarded",
    private_metadata,
    _account_key(primary_key=True),
    # The data key under a key of which two of three shares are needed.
    Column("wrapped_key", LargeBinary, nullable=False),
    # Three shares of equal size, each sealed to a key that lies in a guardian's vault.
    Column("shares", LargeBinary, nullable=False),
)
"""Accounts that guardians can help to open; which guardians, no row says."""

invitation = Table(
    "guardian_invitation",
    private_metadata,
    # 16 random bytes that the vault of the inviting person names.
    Column("id", LargeBinary, primary_key=True),
    # HMAC under a node key of the member who is asked; nothing once they have answered.
    Column("mailbox", LargeBinary, index=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("until", Date, nullable=False, info={"time": "day"}),
)
"""Members asked to be guardians, until all three have answered and the shares are made."""

request = Table(
    "recovery_request",
    private_metadata,
    # HMAC of the short code that guardians are told.
    Column("code_hash", LargeBinary, primary_key=True),
    # HMAC of the long code with which the person comes back.
    Column("own_hash", LargeBinary, nullable=False, unique=True),
    # Nobody, where the name is unknown: such rows live for a minute and keep the answers alike.
    _account_key(nullable=True, index=True),
    # X25519 key to which shares are sealed; its private half follows from the long code.
    Column("public_key", LargeBinary, nullable=False),
    Column("first", LargeBinary),
    Column("second", LargeBinary),
    # Minute from which on the person may set new factors; set by the second guardian.
    Column("ready", BigInteger, info={"time": "minute"}),
    Column("until", Date, nullable=False, info={"time": "day"}),
)
"""Requests to be let in with the help of guardians."""
