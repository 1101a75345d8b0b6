"""The one line that tells people, on the page after a form, what has just happened.

It travels in a signed cookie that lives a minute and is removed by the page that shows it, so that
addresses stay clean and no row is written for it.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Literal

import msgspec

Tone = Literal["good", "note", "bad"]

LIFETIME_SECONDS = 60


class Flash(msgspec.Struct, frozen=True):
    """A line to show once, and how it is meant."""

    text: str
    tone: Tone = "good"


def seal(flash: Flash, key: bytes) -> str:
    """Return the cookie value that carries a line, signed with the node's key for it."""
    payload = msgspec.json.encode(flash)
    return _text(payload) + "." + _text(_signature(payload, key))


def unseal(value: str, key: bytes) -> Flash | None:
    """Return the line in a cookie value, None when this node did not sign it."""
    try:
        payload, signature = (_bytes(part) for part in value.split("."))
        if not hmac.compare_digest(signature, _signature(payload, key)):
            return None
        return msgspec.json.decode(payload, type=Flash)
    except ValueError:
        return None


def _signature(payload: bytes, key: bytes) -> bytes:
    return hmac.digest(key, b"civic/flash/1\n" + payload, sha256)[:16]


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
