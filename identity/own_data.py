"""Everything that the private side holds of a person, for the copy that they can fetch.

Neither keys nor what opens them: no seed, no verifier, no secret of a phone, no hash of a token.
"""

from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any, Final

import msgspec
from sqlalchemy import select

from civic.kernel import sealed_file
from civic.kernel.database import Reading
from civic.kernel.sealed_file import Opener, Sealer
from civic.kernel.web.language import N_
from identity import (
    access_tokens,
    authenticators,
    browsers,
    devices,
    drafts,
    intents,
    own_reader,
    scopes,
    tables,
)
from identity.sessions import SignedIn

JSON: Final = "account.json"
PAGE: Final = "account.html"
FILES: Final = frozenset({JSON, PAGE})
"""What a copy holds, by name."""


class Part(msgspec.Struct, frozen=True):
    """Some of what is held: `key` names it in the JSON, `title` on the page."""

    key: str
    title: str
    rows: Sequence[dict[str, Any]]


async def of_account(unit: Reading, me: SignedIn, now: datetime) -> list[Part]:
    """Return what the private side holds of an account, names opened with the session's key."""
    vault = me.vault
    month = await unit.scalar(
        select(tables.account.c.added_month).where(tables.account.c.id == me.account_id)
    )
    ways = await authenticators.listed(unit, me)
    kept = own_reader.kept_by(me)
    unfinished = await intents.unfinished(unit, me.account_id, me.data_key)
    return [
        Part("account", N_("Your account"), [{"sign_in_name": vault.name, "added_month": month}]),
        Part(
            "reader",
            N_("Language and time zone"),
            [{"language": kept.language, "zone": kept.zone}] if kept else [],
        ),
        Part(
            "authenticators",
            N_("How you sign in"),
            [
                {
                    "kind": "passkey" if one.is_passkey else "passphrase and phone",
                    "name": one.name,
                    "added_month": one.added_month,
                    "last_used": _day(one.last_used),
                }
                for one in ways
            ],
        ),
        Part(
            "sessions",
            N_("Where you are signed in"),
            [
                {
                    "name": one.name,
                    "since": _day(one.created),
                    "last_used": _day(one.last_used),
                }
                for one in await devices.listed(unit, me)
            ],
        ),
        Part(
            "browsers",
            N_("Browsers that are known here"),
            [{"last_day": _day(day)} for day in await browsers.last_days(unit, me.account_id)],
        ),
        Part(
            "tokens",
            N_("Tokens for programs"),
            [
                {
                    "name": one.name,
                    "scopes": scopes.written(one.scopes),
                    "added_month": one.added_month,
                    "last_used": _day(one.last_used),
                    "last_day": _day(one.last_day),
                }
                for one in await access_tokens.held(unit, me, now)
            ],
        ),
        Part(
            "memberships",
            N_("Your memberships, as your vault keeps them"),
            [
                {"chapter": one.chapter_id, "log": one.log_id, "member": one.member_id}
                for one in vault.memberships
            ],
        ),
        Part(
            "guardians",
            N_("Your guardians"),
            [{"member": one.member_id, "name": one.name} for one in vault.guardians],
        ),
        Part(
            "guardians_asked",
            N_("Whom you asked to be your guardians"),
            [{"member": one.member_id, "name": one.name} for one in vault.asked],
        ),
        Part(
            "guarding",
            N_("Whom you help back into their account"),
            [{"who": one.who} for one in vault.guarding],
        ),
        Part(
            "begun",
            N_("Memberships that were begun and not finished"),
            [
                {"log": one.log_id, "member": one.member_id, "day": _day(day)}
                for _key, one, day in unfinished
            ],
        ),
        Part(
            "drafts",
            N_("Drafts kept on the node"),
            [
                {"form": one.to, "last_day": _day(one.last_day), "fields": dict(one.fields)}
                for one in await drafts.listed(unit, me)
            ],
        ),
    ]


def as_json(parts: Sequence[Part], today: date) -> bytes:
    """Write the copy for programs: a list of rows under the key of each part."""
    whole = {"format": sealed_file.ACCOUNT, "day": today.isoformat()}
    return msgspec.json.format(
        msgspec.json.encode(whole | {part.key: part.rows for part in parts}), indent=1
    )


def seal_copy(passphrase: str, files: dict[str, bytes], **cost: int) -> bytes:
    """Return the files of a copy, encrypted under a passphrase (civic/kernel/sealed_file.py)."""
    file = BytesIO()
    sealer = Sealer(file, passphrase, kind=sealed_file.ACCOUNT, **cost)
    for name, content in files.items():
        write = sealed_file.write_section(sealer, name)
        for start in range(0, len(content), sealed_file.CHUNK):
            write(content[start : start + sealed_file.CHUNK])
        write(b"")
    sealed_file.write_section(sealer, "")
    sealer.finish()
    return file.getvalue()


def open_copy(sealed: bytes, passphrase: str) -> dict[str, bytes]:
    """Return the files of a copy; raise `SealedFileError` for anything but a whole one."""
    opener = Opener(BytesIO(sealed), passphrase, kind=sealed_file.ACCOUNT)
    files: dict[str, bytes] = {}
    while name := sealed_file.read_name(opener):
        if name not in FILES:
            raise sealed_file.SealedFileError(f"The file holds something unknown: {name}.")
        blocks = []
        while block := sealed_file.read_block(opener):
            blocks.append(block)
        files[name] = b"".join(blocks)
    opener.finish()
    return files


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
