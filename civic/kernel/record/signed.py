"""What an entry's proof signs, cut out of its canonical bytes without reading them as JSON.

In canonical form the fields stand in one order without spaces and the proof, of fixed length, comes
last: the bytes of body and content that `act_message` encodes stand in the entry as they are.
"""

import hashlib
from binascii import unhexlify
from typing import Final

from civic.kernel.record.entry import As

# Where things stand in the header: of what is before the body only kind and role vary in length.
_KIND: Final = len('{"kind":"')
_ROLE: Final = len('","at":"2026-03-02T09:00Z","by":{"as":"')
_ID: Final = len('","id":"')
_KEY: Final = _ID + 26 + len('"},"key":"')
_BODY: Final = _KEY + 32 + len('","part":0,"body":')
_PROOF: Final = len(',"proof":{"public_key":"","signature":""}}') + 64 + 128
_CONTENT: Final = b',"content":['
_sha256 = hashlib.sha256
_KEYED: Final = frozenset({As.VOICE.value.encode(), As.ROW.value.encode()})
_NO_CONTENT: Final = hashlib.sha256(b"[]").hexdigest().encode()


SignedPart = tuple[bytes, bytes, bytes | None]
"""A proof's key, its signature with the bytes signed behind it, and the id that must be the key's,
if any."""


def kind_of(raw: bytes) -> bytes:
    """Return the kind of an entry from its canonical bytes."""
    return raw[_KIND : raw.index(b'"', _KIND)]


def signed_part(raw: bytes, log: bytes) -> SignedPart:
    """Return what to verify in the canonical bytes of an act's entry that carries a proof.

    `log` is the log id. No body has a field named `content`, so the last one is the entry's own.
    """
    kind_end = raw.index(b'"', _KIND)
    role_end = raw.index(b'"', kind_end + _ROLE)
    role = raw[kind_end + _ROLE : role_end]
    own = raw[role_end + _ID : role_end + _ID + 26]
    start, end = role_end + _BODY, len(raw) - _PROOF
    cut = raw.rfind(_CONTENT, start, end)
    if cut < 0:
        body, content = raw[start:end], _NO_CONTENT
    else:
        body = raw[start:cut]
        content = _sha256(raw[cut + 11 : end]).hexdigest().encode()
    signed = b"%bcivic/act/1\n%b\n%b\n%b:%b\n%b\n%b\n%b" % (
        unhexlify(raw[-131:-3]),
        log,
        raw[_KIND:kind_end],
        role,
        own,
        raw[role_end + _KEY : role_end + _KEY + 32],
        _sha256(body).hexdigest().encode(),
        content,
    )
    return unhexlify(raw[-210:-146]), signed, own if role in _KEYED else None
