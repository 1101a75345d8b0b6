"""Short-lived tokens between the services of a node: signed statements of who asks whom, once.

A token is a JWT (RFC 7519) under Ed25519 (RFC 8037), in the strict profile of RFC 8725: one fixed
algorithm, an explicit type, one issuer and one audience that must be named, five minutes at most.
The header may say nothing else, so that no key and no algorithm can be chosen by who asks.
"""

import secrets
from datetime import datetime
from typing import Any, Final

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from civic.kernel.keys import derive

TYPE: Final = "civic-service+jwt"
ALGORITHM: Final = "EdDSA"
LONGEST: Final = 300
"""Seconds that a token may live."""
SKEW: Final = 30
"""Seconds by which the clock of who made it may be ahead."""
MOST: Final = 2000
"""Longest token in characters."""


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole header: whoever adds `jwk`, `jku`, `x5u`, `crit` or anything else is refused."""

    alg: str
    typ: str
    kid: str


class Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a token says: `iss` asks `aud`, from second `iat` until second `exp`; `jti` names it."""

    iss: str
    aud: str
    iat: int
    exp: int
    jti: str


class TokenBroken(Exception):
    """A token is worth nothing here; the text says why, for logs, and quotes nothing of it."""


class Key:
    """The Ed25519 key of one service, and the id by which tokens name it."""

    def __init__(self, secret: bytes) -> None:
        """Derive the key from a node's secret, for this use alone."""
        seed = derive(secret, b"", b"civic/identity/service/1")
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public: Ed25519PublicKey = self._private.public_key()
        self.id: str = key_id(self.public.public_bytes_raw())

    def __repr__(self) -> str:
        return f"Key({self.id})"

    def token(self, issuer: str, audience: str, now: datetime, seconds: int = 60) -> str:
        """Return a token with which `issuer` asks `audience` within so many seconds."""
        if not 0 < seconds <= LONGEST:
            raise ValueError(f"a token lives 1 to {LONGEST} seconds")
        at = int(now.timestamp())
        claims = Claims(issuer, audience, at, at + seconds, secrets.token_urlsafe(16))
        return jwt.encode(
            msgspec.to_builtins(claims),
            self._private,
            algorithm=ALGORITHM,
            headers={"typ": TYPE, "kid": self.id},
        )


def key_id(public: bytes) -> str:
    """Return the id of a public key, as tokens name it: it says nothing of its owner."""
    return derive(public, b"", b"civic/identity/service-key/1", 8).hex()


def check(
    token: str, public: Ed25519PublicKey, issuer: str, audience: str, now: datetime
) -> Claims:
    """Return what a token says; raise `TokenBroken` for anything but a good one.

    That it counts once is for the caller to keep, by `jti`, where repeating it does harm.
    """
    if len(token) > MOST:
        raise TokenBroken("too long")
    try:
        header = msgspec.convert(jwt.get_unverified_header(token), Header)
        expected = Header(ALGORITHM, TYPE, key_id(public.public_bytes_raw()))
        if header != expected:
            raise TokenBroken("another type, algorithm or key")
        # The times are compared below, with the clock of the node.
        options: Any = {"verify_iat": False, "verify_exp": False, "verify_aud": False}
        decoded = jwt.decode(token, public, algorithms=[ALGORITHM], options=options)
        claims = msgspec.convert(decoded, Claims)
    except (jwt.PyJWTError, msgspec.ValidationError, ValueError, TypeError) as error:
        raise TokenBroken(type(error).__name__) from error
    if claims.iss != issuer:
        raise TokenBroken("another issuer")
    if claims.aud != audience:
        raise TokenBroken("for somebody else")
    if not 0 < claims.exp - claims.iat <= LONGEST:
        raise TokenBroken("lives too long")
    at = now.timestamp()
    if not claims.iat - SKEW <= at < claims.exp:
        raise TokenBroken("not now")
    return claims
