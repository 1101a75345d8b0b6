"""Subscriptions of the digest by mail: an address and what it asked for, tied to no account.

One row an address. All that it says is sealed under a key outside the database; a row is found by a
keyed hash of the address, or by the hash of the secret in the links of its mails. It holds from the
click on the link in a first mail, and is erased as a whole.
"""

import hmac
import re
from datetime import date, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    LargeBinary,
    SmallInteger,
    Table,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from civic.kernel import keys
from civic.kernel.database import Reading, Writing, private_metadata
from civic.kernel.keys import KeyFiles
from civic.kernel.proofs import token_hash

KEPT: Final = 7
"""Days for which a row is kept whose link nobody followed."""
FAILURES: Final = 5
"""Days in a row on which a mail was refused, after which the subscription is erased."""
LENGTH: Final = 43
"""Characters of the secret in a link: 256 bits."""
_PADDED: Final = 512
_CONTEXT: Final = b"civic/mail/subscription/1\n"

mail_subscription = Table(
    "mail_subscription",
    private_metadata,
    Column("mark", LargeBinary, primary_key=True),
    Column("secret_hash", LargeBinary, nullable=False, unique=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("confirmed", Boolean, nullable=False, server_default="false"),
    # A mail with the link is to be sent.
    Column("wanted", Boolean, nullable=False, server_default="true"),
    # The last day on which somebody asked for the link.
    Column("asked", Date, nullable=False, info={"time": "day"}),
    # The last day, by the clock of who reads, whose digest was begun.
    Column("dealt", Date, info={"time": "day"}),
    Column("failures", SmallInteger, nullable=False, server_default="0", info={"time": None}),
    comment=(
        "Who wants the digest by mail, tied to no account and no member. `mark` is a keyed hash of "
        "the address; address, chapters, language and zone are sealed under a node key."
    ),
)

_s = mail_subscription.c
_LOCAL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_DOMAIN: Final = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}"
)


class Subscription(msgspec.Struct, frozen=True):
    """What somebody asked for, and the secret of their links."""

    address: str
    chapters: tuple[str, ...]
    language: str
    zone: str
    secret: str


class Kept(msgspec.Struct, frozen=True):
    """A row with what it seals."""

    mark: bytes
    subscription: Subscription
    confirmed: bool
    dealt: date | None
    failures: int


def read_address(typed: str) -> str | None:
    """Return an address as mail servers take it, None for what is none.

    By the pattern of HTML's e-mail fields; a domain in other letters is written in ASCII (IDNA).
    """
    local, _, domain = typed.rpartition("@")
    try:
        domain = domain.lower().encode("idna").decode("ascii")
    except UnicodeError:
        return None
    fits = _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) and len(typed) <= 254
    return f"{local}@{domain}" if fits else None


class MailKeys(msgspec.Struct, frozen=True):
    """The keys of subscriptions, derived from the node's key of the private side."""

    marks: bytes
    sealing: bytes

    @classmethod
    def of(cls, key_files: KeyFiles) -> "MailKeys":
        """Derive the keys."""
        secret = key_files.secret("identity")
        return cls(
            keys.derive(secret, b"", b"civic/mail/marks/1"),
            keys.derive(secret, b"", b"civic/mail/sealing/1"),
        )

    def mark(self, address: str) -> bytes:
        """Return the keyed hash by which an address is found."""
        return hmac.digest(self.marks, b"address\n" + address.lower().encode(), "sha256")

    def box(self, address: str) -> bytes:
        """Return the keyed hash of a mailbox: without what stands behind a `+`."""
        local, _, domain = address.lower().rpartition("@")
        named = f"box\n{local.partition('+')[0]}@{domain}"
        return hmac.digest(self.marks, named.encode(), "sha256")

    def seal(self, mark: bytes, subscription: Subscription) -> bytes:
        """Seal a subscription for its row; its length says little of what is in it."""
        raw = msgspec.json.encode(subscription)
        padded = raw.ljust(-(-len(raw) // _PADDED) * _PADDED)
        return keys.seal(self.sealing, padded, _CONTEXT + mark)

    def opened(self, mark: bytes, sealed: bytes) -> Subscription:
        """Open what `seal` made."""
        raw = keys.open_sealed(self.sealing, sealed, _CONTEXT + mark)
        return msgspec.json.decode(raw, type=Subscription)


_ROW: Final = (_s.mark, _s.sealed, _s.confirmed, _s.dealt, _s.failures)


def _kept(own: MailKeys, row: Any) -> Kept:
    mark, sealed, confirmed, dealt, failures = row
    return Kept(mark, own.opened(mark, sealed), confirmed, dealt, failures)


async def ask(
    db: Writing, own: MailKeys, subscription: Subscription, today: date, *, mail: bool
) -> None:
    """Keep that an address asked for a link; one that is known keeps what it has.

    `mail` says whether it may be sent one today.
    """
    mark = own.mark(subscription.address)
    row = insert(mail_subscription).values(
        mark=mark,
        secret_hash=token_hash(subscription.secret),
        sealed=own.seal(mark, subscription),
        wanted=mail,
        asked=today,
    )
    await db.execute(
        row.on_conflict_do_update(
            index_elements=["mark"],
            set_={"wanted": or_(_s.wanted, row.excluded.wanted), "asked": row.excluded.asked},
        )
    )


async def found(db: Reading, own: MailKeys, secret: str) -> Kept | None:
    """Return the subscription behind a link, None where there is none."""
    if len(secret) != LENGTH or not secret.isascii():
        return None
    rows = await db.execute(select(*_ROW).where(_s.secret_hash == token_hash(secret)))
    return next((_kept(own, row) for row in rows), None)


async def keep(db: Writing, own: MailKeys, mark: bytes, changed: Subscription, day: date) -> bool:
    """Confirm or change a subscription; False where it was erased meanwhile.

    `day` is today by its clock: its first digest comes on the next one.
    """
    done = await db.execute(
        update(mail_subscription)
        .where(_s.mark == mark)
        .values(
            sealed=own.seal(mark, changed),
            confirmed=True,
            dealt=func.coalesce(_s.dealt, day),
        )
    )
    return done.rowcount == 1


async def erase(db: Writing, secret: str) -> None:
    """Erase the subscription behind a link, if there is one."""
    await db.execute(delete(mail_subscription).where(_s.secret_hash == token_hash(secret)))


async def wanting(db: Reading, own: MailKeys, limit: int) -> list[Kept]:
    """Return subscriptions that are to get the mail with their link."""
    rows = await db.execute(select(*_ROW).where(_s.wanted).order_by(_s.mark).limit(limit))
    return [_kept(own, row) for row in rows]


async def claim_link(db: Writing, mark: bytes) -> bool:
    """Take it upon oneself to send the mail with a link; False where it is no longer wanted."""
    done = await db.execute(
        update(mail_subscription).where(_s.mark == mark, _s.wanted).values(wanted=False)
    )
    return done.rowcount == 1


async def want_again(db: Writing, mark: bytes) -> None:
    """Note that the mail with the link was not sent after all."""
    await db.execute(update(mail_subscription).where(_s.mark == mark).values(wanted=True))


async def due(db: Reading, own: MailKeys, latest: date) -> list[Kept]:
    """Return subscriptions that have had nothing of a day, `latest`, that has begun somewhere."""
    rows = await db.execute(
        select(*_ROW).where(_s.confirmed, or_(_s.dealt.is_(None), _s.dealt < latest))
    )
    return [_kept(own, row) for row in rows]


async def claim(db: Writing, mark: bytes, day: date) -> bool:
    """Take it upon oneself to send the digest of a day; False where somebody has."""
    done = await db.execute(
        update(mail_subscription)
        .where(_s.mark == mark, _s.confirmed, or_(_s.dealt.is_(None), _s.dealt < day))
        .values(dealt=day)
    )
    return done.rowcount == 1


async def give_back(db: Writing, kept: Kept, day: date) -> None:
    """Undo a claim whose mail no server took."""
    await db.execute(
        update(mail_subscription)
        .where(_s.mark == kept.mark, _s.dealt == day)
        .values(dealt=kept.dealt)
    )


async def note(db: Writing, kept: Kept, *, taken: bool) -> None:
    """Note whether a digest was taken; a subscription that failed too often is erased."""
    if taken:
        if kept.failures:
            await db.execute(
                update(mail_subscription).where(_s.mark == kept.mark).values(failures=0)
            )
    elif kept.failures + 1 >= FAILURES:
        await db.execute(delete(mail_subscription).where(_s.mark == kept.mark))
    else:
        await db.execute(
            update(mail_subscription).where(_s.mark == kept.mark).values(failures=kept.failures + 1)
        )


async def sweep(db: Writing, today: date) -> None:
    """Delete rows whose link nobody followed."""
    over = today - timedelta(days=KEPT)
    await db.execute(delete(mail_subscription).where(~_s.confirmed, _s.asked <= over))
