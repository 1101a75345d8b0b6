"""An authenticator in software (WebAuthn, section 6): honest unless a test has it lie."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes

from identity.ceremony import Given
from identity.passkeys import Asked

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    """Return bytes in base64url without padding."""
    return urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class SoftKey:
    """One passkey; change a field to let it lie."""

    origin: str = "http://localhost"
    party: str = "localhost"
    flags: int = USER_PRESENT | USER_VERIFIED
    count: int = 0
    secret: bytes | None = None
    """What its extension prf gives to the account, None where it has none."""
    user: bytes | None = None
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def make(self, asked: Asked, name: str = "") -> Given:
        """Answer a page that asks for a new passkey."""
        options = msgspec.json.decode(asked.public_key)
        self.user = base64url_to_bytes(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        attested = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(cose)
        data = self._data(ATTESTED) + attested
        response = {
            "clientDataJSON": text(self._client(options, "webauthn.create")),
            "attestationObject": text(
                cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
            ),
        }
        return self._given(asked, response, name)

    def prove(self, asked: Asked) -> Given:
        """Answer a page that asks for a passkey."""
        options = msgspec.json.decode(asked.public_key)
        data, client = self._data(0), self._client(options, "webauthn.get")
        signed = data + hashlib.sha256(client).digest()
        response = {
            "clientDataJSON": text(client),
            "authenticatorData": text(data),
            "signature": text(self.key.sign(signed, ec.ECDSA(SHA256()))),
        }
        if self.user is not None:
            response["userHandle"] = text(self.user)
        return self._given(asked, response, "")

    def _given(self, asked: Asked, response: dict[str, str], name: str) -> Given:
        own = text(self.id)
        credential = {"id": own, "rawId": own, "type": "public-key", "response": response}
        secret = "" if self.secret is None else text(self.secret)
        return Given(asked.ticket, credential, secret, name)

    def _data(self, more: int) -> bytes:
        party = hashlib.sha256(self.party.encode()).digest()
        return party + bytes([self.flags | more]) + self.count.to_bytes(4)

    def _client(self, options: dict[str, Any], kind: str) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(said).encode()
