"""One-time codes from a phone (TOTP, RFC 6238): six digits, each accepted once."""

import hmac
import io
from datetime import datetime
from typing import Final

import pyotp
import qrcode  # type: ignore[import-untyped]
import qrcode.image.svg  # type: ignore[import-untyped]
from sqlalchemy import update

from civic.kernel.database import Writing
from civic.kernel.keys import open_sealed, seal
from identity import tables

STEP_SECONDS: Final = 30
DRIFT: Final = 1
"""Steps by which a phone's clock may be off, each way."""


def new_secret() -> str:
    """Draw a shared secret: 160 bits as 32 base32 characters (RFC 4226, section 4)."""
    return pyotp.random_base32()


def uri(secret: str, name: str, node: str) -> str:
    """Return the `otpauth:` address that authenticator programs read."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=node)


def qr_svg(address: str) -> str:
    """Draw an address as a QR code: one SVG element without styles or scripts.

    It brings its own white ground, without which phones cannot read it on a dark page.
    """
    drawing = io.BytesIO()
    qrcode.make(address, image_factory=qrcode.image.svg.SvgPathFillImage, box_size=8).save(drawing)
    text = drawing.getvalue().decode()
    return text[text.index("<svg") :]


def step_of(moment: datetime) -> int:
    """Return the number of 30-second steps since 1970."""
    return int(moment.timestamp()) // STEP_SECONDS


def matching_step(secret: str, code: str, moment: datetime) -> int | None:
    """Return the step near a moment whose code this is, or None."""
    digits = "".join(sign for sign in code if sign.isascii() and sign.isdigit())
    clock = pyotp.TOTP(secret, interval=STEP_SECONDS)
    found = None
    # All steps are compared whatever matches, so that time tells nothing.
    for step in range(step_of(moment) - DRIFT, step_of(moment) + DRIFT + 1):
        if hmac.compare_digest(clock.at(step * STEP_SECONDS), digits):
            found = step
    return found


def seal_secret(key: bytes, secret: str, account_id: str) -> bytes:
    """Seal a shared secret for the database, bound to its account."""
    return seal(key, secret.encode(), _context(account_id))


def open_secret(key: bytes, sealed: bytes, account_id: str) -> str:
    """Return a sealed shared secret; raise `SealBroken` if it is another account's."""
    return open_sealed(key, sealed, _context(account_id)).decode()


async def claim(writing: Writing, account_id: str, step: int) -> bool:
    """Accept a step of an account once; False if it, or a later one, was accepted before.

    Two sign-ins with the same code at the same moment are decided by the row's lock.
    """
    claimed = await writing.execute(
        update(tables.totp)
        .where(tables.totp.c.account_id == account_id, tables.totp.c.last_step < step)
        .values(last_step=step)
    )
    return claimed.rowcount == 1


async def sweep(writing: Writing, now: datetime) -> None:
    """Forget steps whose codes no longer count: they would tell when somebody signed in."""
    over = step_of(now) - DRIFT
    await writing.execute(
        update(tables.totp)
        .where(tables.totp.c.last_step > 0, tables.totp.c.last_step < over)
        .values(last_step=0)
    )


def _context(account_id: str) -> bytes:
    return b"civic/identity/totp/1\n" + account_id.encode()
