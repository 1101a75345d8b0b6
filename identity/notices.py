"""Notices: what every signed-in browser has to tell its person about their account.

A change of how one signs in is told on all devices, so that whoever did not make it learns of it.
A notice stands on each page of a session until somebody there has read it.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from civic.kernel.database import Writing
from civic.kernel.web.language import N_, _
from identity import tables

PASSKEY_ADDED: Final = "passkey_added"
PASSPHRASE_SET: Final = "passphrase_set"  # noqa: S105  (the kind of a notice)
AUTHENTICATOR_REMOVED: Final = "authenticator_removed"
NAME_SWAPPED: Final = "name_swapped"
TOKEN_MADE: Final = "token_made"  # noqa: S105
EXPORT_ASKED: Final = "export_asked"
EXPORT_READY: Final = "export_ready"
EXPORTED: Final = "exported"
SHEET_MADE: Final = "sheet_made"
GUARDIANS_SET: Final = "guardians_set"
RECOVERED: Final = "recovered"
RECOVERY_ASKED: Final = "recovery_asked"
RECOVERY_AGREED: Final = "recovery_agreed"
TRIED: Final = "tried"

TRIED_LEAST: Final = 3
"""After so many tries that failed within the window of the limit, a sign-in is told everywhere."""
KEPT_DAYS: Final = 30
"""How long what ended all sessions is told to those that begin."""

TEXTS: Final[dict[str, str]] = {
    PASSKEY_ADDED: N_("A passkey was added to your account."),
    PASSPHRASE_SET: N_("A passphrase and a phone were set for your account."),
    AUTHENTICATOR_REMOVED: N_(
        "A way to sign in was removed from your account; what it had opened is signed out."
    ),
    NAME_SWAPPED: N_("Your account has another sign-in name."),
    TOKEN_MADE: N_("A token was made with which a program can act for you."),
    EXPORT_ASKED: N_(
        "A copy of all your data was asked for. If that was not you, cancel it on the page of your "
        "account, and sign out everywhere."
    ),
    EXPORT_READY: N_("The copy of all your data can be fetched now."),
    EXPORTED: N_("The copy of all your data was fetched."),
    SHEET_MADE: N_("A new recovery sheet was made for your account; the old one is worthless."),
    GUARDIANS_SET: N_("Guardians were set for your account, or removed."),
    RECOVERED: N_("Your account was recovered: it has a new way to sign in."),
    TRIED: N_(
        "Before the last sign-in somebody tried several times with a wrong passphrase or code. If "
        "it was not you, swap your sign-in name on the page of your account."
    ),
    RECOVERY_ASKED: N_(
        "Somebody asks to be let into your account with the help of your guardians. If it is not "
        "you, stop it on the page of your account."
    ),
    RECOVERY_AGREED: N_(
        "Two of your guardians have agreed that somebody be let into your account, 72 hours from "
        "then. If it is not you, stop it on the page of your account."
    ),
}
"""What each kind says; a kind without a text cannot be told."""


async def tell(
    writing: Writing, account_id: str, kind: str, now: datetime, *, but: bytes | None = None
) -> None:
    """Tell all sessions of an account, except the one with the id hash `but`, that made it so.

    Where there is no other, those that begin within a month are told: whoever took over the only
    one has nobody to hide from otherwise.
    """
    if kind not in TEXTS:
        raise KeyError(kind)
    session = tables.session.c
    everywhere = select(session.id_hash, literal(kind), literal(now.date())).where(
        session.account_id == account_id
    )
    if but is not None:
        everywhere = everywhere.where(session.id_hash != but)
    adding = insert(tables.notice).from_select(["session", "kind", "day"], everywhere)
    told_now = await writing.execute(
        adding.on_conflict_do_update(
            index_elements=["session", "kind"], set_={"day": adding.excluded.day}
        )
    )
    if but is not None and told_now.rowcount == 0:
        await tell_later(writing, account_id, kind, now)


async def tell_later(writing: Writing, account_id: str, kind: str, now: datetime) -> None:
    """Tell all sessions of an account that begin within a month; of no account, nobody."""
    account = tables.account.c
    own = select(account.id, literal(kind), literal(now.date())).where(account.id == account_id)
    adding = insert(tables.later_notice).from_select(["account_id", "kind", "day"], own)
    await writing.execute(
        adding.on_conflict_do_update(
            index_elements=["account_id", "kind"], set_={"day": adding.excluded.day}
        )
    )


async def keep_unread(writing: Writing, ending: ColumnElement[bool]) -> None:
    """Keep for sessions to come what sessions that end now have not told yet.

    Whoever changed how one signs in could otherwise end the sessions that would tell of it.
    `ending` says which rows of `private.session` end.
    """
    notice, session, later = tables.notice.c, tables.session.c, tables.later_notice
    unread = (
        select(session.account_id, notice.kind, func.max(notice.day))
        .join_from(tables.notice, tables.session, notice.session == session.id_hash)
        .where(ending)
        .group_by(session.account_id, notice.kind)
        .order_by(session.account_id, notice.kind)
    )
    adding = insert(later).from_select(["account_id", "kind", "day"], unread)
    await writing.execute(
        adding.on_conflict_do_update(
            index_elements=["account_id", "kind"],
            set_={"day": func.greatest(later.c.day, adding.excluded.day)},
        )
    )


async def greet(writing: Writing, account_id: str, session_hash: bytes) -> None:
    """Give a session that begins what was kept for it."""
    later = tables.later_notice.c
    kept = select(literal(session_hash), later.kind, later.day).where(
        later.account_id == account_id
    )
    await writing.execute(insert(tables.notice).from_select(["session", "kind", "day"], kept))


async def sweep(writing: Writing, now: datetime) -> None:
    """Forget what was kept for sessions to come and is a month old."""
    oldest = now.date() - timedelta(days=KEPT_DAYS)
    await writing.execute(delete(tables.later_notice).where(tables.later_notice.c.day < oldest))


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
