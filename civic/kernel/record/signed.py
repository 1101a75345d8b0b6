"""What an entry's proof signs, cut out of its canonical bytes without reading them as JSON.

In canonical form the fields stand in one order without spaces and the proof, of fixed length, comes
last: the bytes of body and content that `act_message` encodes stand in the entry as they are.
"""

import hashlib
import re
from typing import Final, NamedTuple

from civic.kernel.record.entry import As

_HEADER: Final = re.compile(
    rb'\{"kind":"([^"]+)","at":"[^"]+","by":\{"as":"([a-z]+)","id":"([^"]+)"\},'
    rb'"key":"([^"]+)","part":0,"body":'
)
_PROOF: Final = len(',"proof":{"public_key":"","signature":""}}') + 64 + 128
_CONTENT: Final = b',"content":['
_KEYED: Final = frozenset({As.VOICE.value.encode(), As.ROW.value.encode()})
_NO_CONTENT: Final = hashlib.sha256(b"[]").hexdigest().encode()


class SignedPart(NamedTuple):
    """A proof's key and signature, the bytes signed, and the id that must be the key's, if any."""

    public_key: bytes
    signature: bytes
    message: bytes
    own_id: str | None


def kind_of(raw: bytes) -> str:
    """Return the kind of an entry from its canonical bytes."""
    return raw[9 : raw.index(b'"', 9)].decode()


def signed_part(raw: bytes, log: bytes) -> SignedPart:
    """Return what to verify in the canonical bytes of an act's entry that carries a proof.

    `log` is the log id. No body has a field named `content`, so the last one is the entry's own.
    """
    header = _HEADER.match(raw)
    assert header is not None
    kind, role, own, key = header.groups()
    end = len(raw) - _PROOF
    start = header.end()
    cut = raw.rfind(_CONTENT, start, end)
    if cut < 0:
        body, content = raw[start:end], _NO_CONTENT
    else:
        body = raw[start:cut]
        content = hashlib.sha256(raw[cut + 11 : end]).hexdigest().encode()
    digest = hashlib.sha256(body).hexdigest().encode()
    message = b"civic/act/1\n%b\n%b\n%b:%b\n%b\n%b\n%b" % (
        log,
        kind,
        role,
        own,
        key,
        digest,
        content,
    )
    return SignedPart(
        bytes.fromhex(raw[-210:-146].decode()),
        bytes.fromhex(raw[-131:-3].decode()),
        message,
        own.decode() if role in _KEYED else None,
    )
