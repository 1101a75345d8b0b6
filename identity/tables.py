"""Tables of the private side: what a node keeps about the people who sign in to it.

None of them holds an address, a device's description, a person's name, or a member: the list of a
person's members lies in the account's vault, which only their own secret opens. Times are days;
finer ones (a code's time step, the minute of a fresh sign-in, an attempt's window) live for minutes
and are swept.
"""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Integer, LargeBinary, Table, Text

from civic.kernel.database import private_metadata


def _account_key(*, primary_key: bool) -> Column[str]:
    return Column(
        "account_id",
        Text,
        ForeignKey("private.account.id", ondelete="CASCADE"),
        nullable=False,
        primary_key=primary_key,
        index=not primary_key,
    )


account = Table(
    "account",
    private_metadata,
    # 16 random bytes in base32; never leaves the private side.
    Column("id", Text, primary_key=True),
    # HMAC of the sign-in name; the name itself is in the vault.
    Column("name_hash", LargeBinary, nullable=False, unique=True),
    Column("added_month", Text, nullable=False),
    Column("vault", LargeBinary, nullable=False),
    # Random, not counted up: a count would tell how often a person took part.
    Column("vault_version", BigInteger, nullable=False),
)
"""One row for each person who can sign in."""

passphrase = Table(
    "passphrase",
    private_metadata,
    _account_key(primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("memory_kib", Integer, nullable=False),
    Column("passes", Integer, nullable=False),
    Column("lanes", Integer, nullable=False),
    Column("verifier", LargeBinary, nullable=False),
    # The account's data key under the key that the passphrase gives. Every further way to sign
    # in has a table of its own that wraps the same data key.
    Column("wrapped_key", LargeBinary, nullable=False),
)
"""A passphrase as a way to sign in; always together with a row of `totp`."""

totp = Table(
    "totp",
    private_metadata,
    _account_key(primary_key=True),
    Column("sealed_secret", LargeBinary, nullable=False),
    # The last 30-second step whose code was accepted; 0 once it is too old to matter.
    Column("last_step", BigInteger, nullable=False),
)
"""The second factor beside a passphrase (RFC 6238)."""

session = Table(
    "session",
    private_metadata,
    # SHA-256 of the cookie's value.
    Column("id_hash", LargeBinary, primary_key=True),
    _account_key(primary_key=False),
    # The data key under a key derived from the cookie's value.
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("created", Date, nullable=False),
    Column("last_used", Date, nullable=False),
    # Minute of the last fresh factor, cleared when it no longer counts.
    Column("step_up", BigInteger),
)
"""One row for each browser or program that is signed in."""

sign_in_link = Table(
    "sign_in_link",
    private_metadata,
    Column("id_hash", LargeBinary, primary_key=True),
    _account_key(primary_key=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("last_day", Date, nullable=False),
)
"""Links that sign in once."""

attempt = Table(
    "attempt",
    private_metadata,
    Column("scope", Text, primary_key=True),
    Column("subject", LargeBinary, primary_key=True),
    # Number of the window since 1970, each as long as the scope's limit says.
    Column("window_number", BigInteger, nullable=False),
    # Minute at which the row says nothing any more.
    Column("until", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
)
"""How often something was tried lately under one name hash, account or shared lane."""
