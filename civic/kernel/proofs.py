"""Proof of possession for HTTP requests (RFC 9449, DPoP) with Ed25519 keys, through PyJWT.

A token that is bound to a key is worth nothing to whoever finds it without the key: each request
brings a signed statement of its method, its address, the time and the token's hash. The algorithm
is fixed, the key is the one that was registered, and the address is compared with the node's own,
so that another node to which somebody shows a token cannot hand it on.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from nacl.bindings import crypto_core_ed25519_is_valid_point

SCHEME: Final = "DPoP"
TYPE: Final = "dpop+jwt"
ALGORITHM: Final = "EdDSA"
SKEW: Final = 60
"""Seconds by which the clock of who asks may differ from the node's, in both directions."""
MOST: Final = 2000
"""Longest proof in characters."""

_HEX_KEY: Final = re.compile(r"[0-9a-f]{64}")


class ProofBroken(Exception):
    """A proof does not fit the request, the token or the key; the text says which, for logs."""


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    typ: str
    alg: str
    jwk: dict[str, str]


class _Claims(msgspec.Struct, frozen=True):
    jti: str
    htm: str
    htu: str
    iat: int
    ath: str
    iss: str
    aud: str
    exp: int


def read_public_key(text: str) -> bytes | None:
    """Return the Ed25519 public key in 64 hexadecimal digits, or None where it is none.

    Points of small order are refused: for them anybody can make signatures.
    """
    if _HEX_KEY.fullmatch(text) is None:
        return None
    raw = bytes.fromhex(text)
    return raw if crypto_core_ed25519_is_valid_point(raw) else None


def token_hash(token: str) -> bytes:
    """Return the SHA-256 under which a token is kept, and which proofs name (claim `ath`)."""
    return hashlib.sha256(token.encode()).digest()


def make_proof(seed: bytes, method: str, address: str, token: str, now: datetime) -> str:
    """Return the proof for one request: a JWT to be sent in the header `DPoP` (section 4.2).

    `address` is scheme, host and path, without query and fragment. Beyond RFC 9449 the proof names
    its maker (`iss`, the public key in hexadecimal digits), the node it is for (`aud`, scheme and
    host) and its end (`exp`), as RFC 8725 asks of tokens between services.
    """
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return jwt.encode(
        {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": address,
            "iat": int(now.timestamp()),
            "ath": _text(token_hash(token)),
            "iss": key.public_key().public_bytes_raw().hex(),
            "aud": _origin(address),
            "exp": int(now.timestamp()) + SKEW,
        },
        key,
        algorithm=ALGORITHM,
        headers={"typ": TYPE, "jwk": _jwk(key.public_key().public_bytes_raw())},
    )


def check_proof(
    proof: str, public: bytes, method: str, addresses: Sequence[str], token: str, now: datetime
) -> None:
    """Check the proof of a request (section 4.3); raise `ProofBroken`.

    `addresses` are what was asked for under each address of the node: the proof names one of them.
    The proofs that were seen are not kept: what they open are reads, and within `SKEW` whoever
    could repeat one has seen its answer. docs/decisions/0018 says more.
    """
    if len(proof) > MOST:
        raise ProofBroken("too long")
    try:
        header = msgspec.convert(jwt.get_unverified_header(proof), _Header)
        if (header.typ, header.alg) != (TYPE, ALGORITHM):
            raise ProofBroken("another type or algorithm")
        if header.jwk != _jwk(public):
            raise ProofBroken("another key")
        # Times are compared below, with the clock of the node.
        unchecked: Any = {"verify_iat": False, "verify_exp": False, "verify_nbf": False}
        claims = msgspec.convert(
            jwt.decode(
                proof,
                Ed25519PublicKey.from_public_bytes(public),
                algorithms=[ALGORITHM],
                audience=[_origin(one) for one in addresses],
                issuer=public.hex(),
                options=unchecked,
            ),
            _Claims,
        )
    except (jwt.InvalidTokenError, msgspec.ValidationError, ValueError) as error:
        raise ProofBroken(type(error).__name__) from error
    if claims.htm != method or claims.htu not in addresses:
        raise ProofBroken("another request")
    if claims.aud != _origin(claims.htu):
        raise ProofBroken("another node")
    if not hmac.compare_digest(claims.ath, _text(token_hash(token))):
        raise ProofBroken("another token")
    if abs(now.timestamp() - claims.iat) > SKEW or claims.exp - claims.iat > SKEW:
        raise ProofBroken("another time")
    if now.timestamp() > claims.exp + SKEW:
        raise ProofBroken("over")


def _origin(address: str) -> str:
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def _jwk(public: bytes) -> dict[str, str]:
    # RFC 8037, section 2.
    return {"kty": "OKP", "crv": "Ed25519", "x": _text(public)}


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
