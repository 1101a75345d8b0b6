"""Notices: what every signed-in browser has to tell its person about their account.

A change of how one signs in is told on all devices, so that whoever did not make it learns of it.
A notice stands on each page of a session until somebody there has read it.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, literal, select
from sqlalchemy.dialects.postgresql import insert

from civic.kernel.database import Writing
from civic.kernel.web.language import N_, _
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


async def tell(
    writing: Writing, account_id: str, kind: str, now: datetime, *, but: bytes | None = None
) -> None:
    """Tell all sessions of an account, except the one with the id hash `but`, that made it so."""
    if kind not in TEXTS:
        raise KeyError(kind)
    session = tables.session.c
    everywhere = select(session.id_hash, literal(kind), literal(now.date())).where(
        session.account_id == account_id
    )
    if but is not None:
        everywhere = everywhere.where(session.id_hash != but)
    adding = insert(tables.notice).from_select(["session", "kind", "day"], everywhere)
    await writing.execute(
        adding.on_conflict_do_update(
            index_elements=["session", "kind"], set_={"day": adding.excluded.day}
        )
    )


def told(notices: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a session has to tell in its reader's language, each with its day."""
    lines = []
    for notice in notices:
        kind, _space, day = notice.partition(" ")
        lines.append(_("%(day)s: %(text)s") % {"day": day, "text": _(TEXTS[kind])})
    return tuple(lines)


async def seen(writing: Writing, session_hash: bytes) -> None:
    """Note that the person behind a session has read everything."""
    await writing.execute(delete(tables.notice).where(tables.notice.c.session == session_hash))
