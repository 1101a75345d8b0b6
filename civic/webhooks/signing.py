"""Signatures of deliveries, by Standard Webhooks 1.0.0 (standardwebhooks.com), symmetric (`v1`)."""

import base64
import hashlib
import hmac
from typing import Final

from civic.kernel.keys import KeyFiles, derive

PREFIX: Final = "whsec_"


def signing_key(files: KeyFiles, own_id: str) -> bytes:
    """Return the 32 bytes under which deliveries of a webhook are signed.

    Derived from a key of the node, so that the database holds none, and all machines of a node
    have the same.
    """
    return derive(files.secret("papers"), b"", b"civic/webhook/1\n" + own_id.encode())


def secret_of(key: bytes) -> str:
    """Return a key as receivers enter it: `whsec_` and base64."""
    return PREFIX + base64.b64encode(key).decode()


def delivery_id(own_id: str, index: int) -> str:
    """Return the id of one event at one webhook, the same however often it is sent."""
    digest = hashlib.sha256(f"civic/webhook/delivery/1\n{own_id}\n{index}".encode()).hexdigest()
    return f"msg_{digest[:32]}"


def headers(key: bytes, message: str, seconds: int, body: bytes) -> dict[str, str]:
    """Return the headers of a delivery: id, time (Unix seconds), signature over both and body."""
    signed = f"{message}.{seconds}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    return {
        "webhook-id": message,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{signature}",
    }
