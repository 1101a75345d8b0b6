"""Tables of the private side: what a node keeps about the people who sign in to it.

None of them holds an address, a device's description, a person's name, or a member: the list of a
person's members lies in the account's vault, which only their own secret opens. Times are days;
finer ones (a code's time step, the minute of a fresh sign-in, an attempt's window) live for minutes
and are swept.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
)

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


def _seen_by_its_person() -> tuple[Column[Any], ...]:
    """Return what tells a person which of their authenticators this is, and no more."""
    return (
        # The name they typed, sealed under the account's data key.
        Column("sealed_name", LargeBinary),
        Column("added_month", Text, nullable=False),
        Column("last_used", Date, info={"time": "day"}),
    )


account = Table(
    "account",
    private_metadata,
    # 16 random bytes in base32; never leaves the private side.
    Column("id", Text, primary_key=True),
    # 64 random bytes under which passkeys know the account (WebAuthn, section 5.4.3).
    Column("user_handle", LargeBinary, nullable=False, unique=True),
    # HMAC of the sign-in name; the name itself is in the vault.
    Column("name_hash", LargeBinary, nullable=False, unique=True),
    Column("added_month", Text, nullable=False),
    Column("vault", LargeBinary, nullable=False),
    # Random, not counted up: a count would tell how often a person took part.
    Column("vault_version", BigInteger, nullable=False, info={"time": None}),
    # The language and time zone that a person keeps for all their devices, if they do.
    Column("sealed_reader", LargeBinary),
)
"""One row for each person who can sign in."""

passphrase = Table(
    "passphrase",
    private_metadata,
    _account_key(primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("memory_kib", Integer, nullable=False, info={"time": None}),
    Column("passes", Integer, nullable=False, info={"time": None}),
    Column("lanes", Integer, nullable=False, info={"time": None}),
    Column("verifier", LargeBinary, nullable=False),
    # The account's data key under the key that the passphrase gives. Every further way to sign
    # in has a table of its own that wraps the same data key.
    Column("wrapped_key", LargeBinary, nullable=False),
    *_seen_by_its_person(),
)
"""A passphrase as a way to sign in; always together with a row of `totp`."""

totp = Table(
    "totp",
    private_metadata,
    _account_key(primary_key=True),
    Column("sealed_secret", LargeBinary, nullable=False),
    # The last 30-second step whose code was accepted; 0 once it is too old to matter.
    Column("last_step", BigInteger, nullable=False, info={"time": "second"}),
)
"""The second factor beside a passphrase (RFC 6238)."""

key_box = Table(
    "key_box",
    private_metadata,
    _account_key(primary_key=True),
    # The way of signing in whose secret opens it: `passphrase`, or `passkey:` and a local id.
    Column("method", Text, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)
"""The seed of a person's member keys, wrapped in their browser: the node cannot open it."""

passkey = Table(
    "passkey",
    private_metadata,
    # 16 random bytes in base32: no authenticator knows it.
    Column("id", Text, primary_key=True),
    _account_key(primary_key=False),
    Column("credential_id", LargeBinary, nullable=False, unique=True),
    # COSE_Key; says which algorithm the authenticator uses and nothing else of it.
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False, info={"time": None}),
    # Whether a secret of the authenticator (extension prf) wraps the key, else the node's.
    Column("by_secret", Boolean, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    *_seen_by_its_person(),
)
"""Passkeys (WebAuthn), without make, model or transport."""

session = Table(
    "session",
    private_metadata,
    # SHA-256 of the cookie's value.
    Column("id_hash", LargeBinary, primary_key=True),
    _account_key(primary_key=False),
    # The data key under a key derived from the cookie's value.
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("created", Date, nullable=False, info={"time": "day"}),
    Column("last_used", Date, nullable=False, info={"time": "day"}),
    # The name its person typed, sealed under the account's data key.
    Column("sealed_name", LargeBinary),
    # Marks of the way to sign in that opened it, and of the one that was proved in it last
    # (identity/openings.py).
    Column("opened_by", LargeBinary, nullable=False),
    Column("proved_by", LargeBinary, nullable=False),
    # Minute of the last fresh factor, cleared when it no longer counts.
    Column("step_up", BigInteger, info={"time": "minute"}),
)
"""One row for each browser or program that is signed in."""

notice = Table(
    "notice",
    private_metadata,
    Column(
        "session",
        LargeBinary,
        ForeignKey("private.session.id_hash", ondelete="CASCADE", onupdate="CASCADE"),
        primary_key=True,
    ),
    Column("kind", Text, primary_key=True),
    Column("day", Date, nullable=False, info={"time": "day"}),
)
"""What each session still has to tell its person about their account."""

later_notice = Table(
    "later_notice",
    private_metadata,
    _account_key(primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("day", Date, nullable=False, info={"time": "day"}),
)
"""What sessions that begin within a month have to tell: those that stood before ended untold."""

sign_in_link = Table(
    "sign_in_link",
    private_metadata,
    Column("id_hash", LargeBinary, primary_key=True),
    _account_key(primary_key=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("last_day", Date, nullable=False, info={"time": "day"}),
)
"""Links that sign in once."""

intent = Table(
    "intent",
    private_metadata,
    _account_key(primary_key=True),
    # HMAC under the account's data key of what is begun.
    Column("key", LargeBinary, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("day", Date, nullable=False, info={"time": "day"}),
)
"""Memberships whose act may be recorded but is not in the vault yet; sealed like the vault."""

access_token = Table(
    "access_token",
    private_metadata,
    # SHA-256 of the token.
    Column("id_hash", LargeBinary, primary_key=True),
    _account_key(primary_key=False),
    # The data key under a key derived from the token.
    Column("wrapped_key", LargeBinary, nullable=False),
    # What it may do: names of identity/scopes.py, a space between them.
    Column("scopes", Text, nullable=False),
    # Mark of the way that was proved before it was made (identity/openings.py).
    Column("made_by", LargeBinary, nullable=False),
    Column("last_day", Date, nullable=False, info={"time": "day"}),
    *_seen_by_its_person(),
)
"""Tokens for programs, each with what it may do and until when."""

known_browser = Table(
    "known_browser",
    private_metadata,
    # SHA-256 of the value that the browser keeps.
    Column("id_hash", LargeBinary, primary_key=True),
    _account_key(primary_key=False),
    Column("last_day", Date, nullable=False, info={"time": "day"}),
)
"""Browsers in which somebody signed in with a passphrase before; what they keep opens nothing."""

export_request = Table(
    "export_request",
    private_metadata,
    _account_key(primary_key=True),
    Column("ready_day", Date, nullable=False, info={"time": "day"}),
    # Whether all devices have been told that it is ready.
    Column("told", Boolean, nullable=False),
)
"""Who asked for all their data; nothing is gathered before they come for it."""

draft = Table(
    "draft",
    private_metadata,
    _account_key(primary_key=True),
    # HMAC under the account's data key of the form that it belongs to.
    Column("key", LargeBinary, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("last_day", Date, nullable=False, info={"time": "day"}),
)
"""Half-written texts that people chose to keep here, sealed under their own data key."""

attempt = Table(
    "attempt",
    private_metadata,
    Column("scope", Text, primary_key=True),
    Column("subject", LargeBinary, primary_key=True),
    # Number of the window since 1970, each as long as the scope's limit says.
    Column("window_number", BigInteger, nullable=False, info={"time": "minute"}),
    # Minute at which the row says nothing any more.
    Column("until", BigInteger, nullable=False, info={"time": "minute"}),
    Column("count", Integer, nullable=False, info={"time": None}),
)
"""How often something was tried lately under one name hash, account or shared lane."""

spent = Table(
    "spent",
    private_metadata,
    # SHA-256 of a challenge that was answered.
    Column("hash", LargeBinary, primary_key=True),
    # Minute from which on its ticket is too old anyway.
    Column("until", BigInteger, nullable=False, info={"time": "minute"}),
)
"""Challenges that were answered, each of which counts once; rows live for minutes."""

lane = Table(
    "lane",
    private_metadata,
    Column("name", Text, primary_key=True),
    # Second since 1970 at which the lane is free again; the row goes when it is over.
    Column("free_from", BigInteger, nullable=False, info={"time": "second"}),
)
"""Lanes that all share; one row for a whole lane, whoever waits in it."""
