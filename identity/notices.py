"""Notices: what every signed-in browser has to tell its person about their account.

A change of how one signs in is told on all devices, so that whoever did not make it learns of it.
A notice stands on each page of a session until somebody there has read it.
"""

from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import delete, literal, select
from sqlalchemy.dialects.postgresql import insert

from civic.kernel.database import Reading, Writing
from civic.kernel.web.language import N_
from identity import tables

PASSKEY_ADDED: Final = "passkey_added"
PASSPHRASE_SET: Final = "passphrase_set"  # noqa: S105  (the kind of a notice)
AUTHENTICATOR_REMOVED: Final = "authenticator_removed"
NAME_SWAPPED: Final = "name_swapped"

TEXTS: Final[dict[str, str]] = {
    PASSKEY_ADDED: N_("A passkey was added to your account."),
    PASSPHRASE_SET: N_("A passphrase and a phone were set for your account."),
    AUTHENTICATOR_REMOVED: N_("A way to sign in was removed from your account."),
    NAME_SWAPPED: N_("Your account has another sign-in name."),
}
"""What each kind says; a kind without a text cannot be told."""


class Notice(NamedTuple):
    """Something that happened to an account on a day."""

    kind: str
    day: date


async def tell(
    writing: Writing, account_id: str, kind: str, now: datetime, *, but: bytes | None = None
) -> None:
    """Tell all sessions of an account, except the one with the id hash `but`, that made it so."""
    if kind not in TEXTS:
        raise KeyError(kind)
    session = tables.session.c
    told = select(session.id_hash, literal(kind), literal(now.date())).where(
        session.account_id == account_id
    )
    if but is not None:
        told = told.where(session.id_hash != but)
    adding = insert(tables.notice).from_select(["session", "kind", "day"], told)
    await writing.execute(
        adding.on_conflict_do_update(
            index_elements=["session", "kind"], set_={"day": adding.excluded.day}
        )
    )


async def untold(reading: Reading, session_hash: bytes) -> list[Notice]:
    """Return what a session has still to tell, the oldest first."""
    notice = tables.notice.c
    rows = await reading.execute(
        select(notice.kind, notice.day)
        .where(notice.session == session_hash)
        .order_by(notice.day, notice.kind)
    )
    return [Notice(*row) for row in rows]


async def seen(writing: Writing, session_hash: bytes) -> None:
    """Note that the person behind a session has read everything."""
    await writing.execute(delete(tables.notice).where(tables.notice.c.session == session_hash))
