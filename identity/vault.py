"""The vault: what ties an account to its members, readable only with the person's own secret.

Each account has a random data key. The database holds it only wrapped: under a key from each way to
sign in, and, while somebody is signed in, under a key derived from the cookie's value. So a dump of
the database, even together with the node key, links no account to a member.
"""

import secrets
from collections.abc import Callable, Collection
from typing import Final

import msgspec
from sqlalchemy import select, update

from civic.kernel.database import Reading, Writing
from civic.kernel.keys import derive, open_sealed, seal
from identity import tables

KEY_SIZE: Final = 32
AWAITED_MOST: Final = 5
"""Members of one chapter whom a person waits to be given at most."""
_BLOCK: Final = 1024
_TRIES: Final = 8


class VaultBusy(Exception):
    """Others changed this vault again and again meanwhile; the request can be repeated."""


class Membership(msgspec.Struct, frozen=True, omit_defaults=True):
    """One chapter in which the person is a member."""

    chapter_id: str
    log_id: str
    """Log id of the chapter's first log, which keys and proofs name."""
    member_id: str
    change: str = ""
    """The change of key by which the account came to hold the member, empty for none.

    Only the last one counts that the record has: see `identity.holding`.
    """
    key: str = ""
    """The member key (hex) that a claim rests on, empty where the account rests on no key."""


class Guardian(msgspec.Struct, frozen=True):
    """A member who can help to bring the account back, or was asked to."""

    member_id: str
    name: str
    """As the person knew them when they chose them."""
    invitation: bytes
    """Id of the invitation that carried the question and the answer."""


class Guarding(msgspec.Struct, frozen=True):
    """Somebody whom the person helps back into their account."""

    invitation: bytes
    who: str
    """What that somebody wrote of themselves."""
    key: bytes
    """X25519 private key that opens the person's share."""

    def __repr__(self) -> str:
        return "Guarding(...)"


class Vault(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the node knows of a person only while they are signed in."""

    name: str
    """The sign-in name; the database has only its hash."""
    memberships: tuple[Membership, ...] = ()
    seed: bytes | None = None
    """The seed of the member keys, for people of a demonstration alone: others keep their own."""
    guardians: tuple[Guardian, ...] = ()
    """Who holds a share that helps to open the account."""
    asked: tuple[Guardian, ...] = ()
    """Who was asked to, until all have agreed."""
    guarding: tuple[Guarding, ...] = ()
    awaited: tuple[Membership, ...] = ()
    """Members whom the person asked to be given, each once the record has its change of key."""

    def __repr__(self) -> str:
        return "Vault(...)"

    def membership(self, chapter_id: str) -> Membership | None:
        """Return the person's membership in a chapter, if there is one."""
        return next((m for m in self.memberships if m.chapter_id == chapter_id), None)

    def joined(self, membership: Membership) -> "Vault":
        """Return this vault with a membership added, in place of an earlier one there."""
        before = self.left(membership.chapter_id)
        same = tuple(m for m in self.awaited if m.member_id == membership.member_id)
        return msgspec.structs.replace(
            before,
            memberships=(*before.memberships, membership),
            awaited=(*before.awaited, *same),
        )

    def left(self, chapter_id: str) -> "Vault":
        """Return this vault without the membership in a chapter."""
        others = tuple(m for m in self.memberships if m.chapter_id != chapter_id)
        awaited = tuple(m for m in self.awaited if m.chapter_id != chapter_id)
        return msgspec.structs.replace(self, memberships=others, awaited=awaited)

    def awaiting(self, membership: Membership, lasting: Collection[str] = ()) -> "Vault":
        """Return this vault with a member added whom the person asked to be given.

        `lasting` are the changes that were announced or took effect: they stay, however much is
        asked for after them.
        """
        there = [m for m in self.awaited if m.chapter_id == membership.chapter_id]
        elsewhere = tuple(m for m in self.awaited if m.chapter_id != membership.chapter_id)
        # Of what was asked long ago nothing comes any more: requests last a fortnight.
        idle = [m for m in there if m.change not in lasting][: 1 - AWAITED_MOST]
        kept = (*(m for m in there if m not in idle), membership)
        return msgspec.structs.replace(self, awaited=elsewhere + kept)

    def rekeyed(self, chapter_id: str, key: str) -> "Vault":
        """Return this vault where a claim in a chapter rests on the key that follows its own."""
        memberships = tuple(
            msgspec.structs.replace(m, key=key) if m.chapter_id == chapter_id and m.key else m
            for m in self.memberships
        )
        return msgspec.structs.replace(self, memberships=memberships)


def new_key() -> bytes:
    """Draw the data key of a new account."""
    return secrets.token_bytes(KEY_SIZE)


def new_version() -> int:
    """Draw the version of a vault that was just written."""
    return secrets.randbits(63)


def wrap(key: bytes, data_key: bytes, account_id: str) -> bytes:
    """Wrap an account's data key under a 32-byte key."""
    return seal(key, data_key, _context("wrap", account_id))


def unwrap(key: bytes, wrapped: bytes, account_id: str) -> bytes:
    """Return a wrapped data key; raise `SealBroken` if the key does not fit."""
    return open_sealed(key, wrapped, _context("wrap", account_id))


def bearer_key(secret: str) -> bytes:
    """Derive the key that wraps a data key from the secret of a cookie, token or link."""
    return derive(secret.encode(), b"", b"civic/identity/bearer/1")


def seal_vault(data_key: bytes, vault: Vault, account_id: str) -> bytes:
    """Return a vault's bytes for the database, padded so that their number says little."""
    packed = msgspec.msgpack.encode(vault)
    framed = len(packed).to_bytes(4, "big") + packed
    return seal(data_key, framed + bytes(-len(framed) % _BLOCK), _context("vault", account_id))


def open_vault(data_key: bytes, sealed: bytes, account_id: str) -> Vault:
    """Return a vault; raise `SealBroken` if the key or the account does not fit."""
    framed = open_sealed(data_key, sealed, _context("vault", account_id))
    size = int.from_bytes(framed[:4], "big")
    return msgspec.msgpack.decode(framed[4 : 4 + size], type=Vault)


async def read_vault(reading: Reading, account_id: str, data_key: bytes) -> Vault:
    """Read and open an account's vault."""
    sealed = await reading.scalar(
        select(tables.account.c.vault).where(tables.account.c.id == account_id)
    )
    if sealed is None:
        raise LookupError("no such account")
    return open_vault(data_key, sealed, account_id)


async def lock_vault(writing: Writing, account_id: str, data_key: bytes) -> Vault:
    """Read and open an account's vault and keep others from changing the account until the end.

    Raises LookupError if the account is gone.
    """
    account = tables.account.c
    sealed = await writing.scalar(
        select(account.vault).where(account.id == account_id).with_for_update()
    )
    if sealed is None:
        raise LookupError("no such account")
    return open_vault(data_key, sealed, account_id)


async def update_vault(
    writing: Writing, account_id: str, data_key: bytes, change: Callable[[Vault], Vault]
) -> Vault:
    """Replace an account's vault by what `change` makes of it; return the new one.

    `change` is called again when somebody else wrote meanwhile, so it must have no effect of its
    own. Raises `VaultBusy` after eight tries.
    """
    account = tables.account
    for _ in range(_TRIES):
        row = (
            await writing.execute(
                select(account.c.vault, account.c.vault_version).where(account.c.id == account_id)
            )
        ).one_or_none()
        if row is None:
            raise LookupError("no such account")
        before = open_vault(data_key, row.vault, account_id)
        after = change(before)
        if after == before:
            return before
        written = await writing.execute(
            update(account)
            .where(account.c.id == account_id, account.c.vault_version == row.vault_version)
            .values(vault=seal_vault(data_key, after, account_id), vault_version=new_version())
        )
        if written.rowcount == 1:
            return after
    raise VaultBusy


def _context(use: str, account_id: str) -> bytes:
    return f"civic/identity/{use}/1\n{account_id}".encode()
