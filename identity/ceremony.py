"""The ceremonies of passkeys (WebAuthn level 3): what is asked of a browser, and what it answers.

Nothing here knows accounts or the database. Credentials are discoverable, the authenticator
verifies its user, no attestation is asked for.
"""

from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
import webauthn
from cryptography.exceptions import InvalidSignature
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

MINUTES: Final = 10
"""How long a challenge waits for its answer."""
_SECRET_SIZE: Final = 32
_LARGEST: Final = 20_000


class Party(msgspec.Struct, frozen=True):
    """For whom a passkey holds: the address of the node and its host (WebAuthn, section 4).

    `also` are further addresses of the node. Browsers use a passkey at those whose host is that of
    the main one or lies below it, so that answers come from these alone.
    """

    origin: str
    also: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The relying party's id."""
        return urlsplit(self.origin).hostname or "localhost"

    @property
    def origins(self) -> list[str]:
        """The addresses from which an answer may come."""
        return [self.origin, *(one for one in self.also if self._holds_at(one))]

    def _holds_at(self, address: str) -> bool:
        host = urlsplit(address).hostname or ""
        return host == self.id or host.endswith(f".{self.id}")


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the browser sends back."""

    ticket: str
    credential: dict[str, Any]
    """The JSON form of its PublicKeyCredential, without the results of extensions."""
    secret: str = ""
    """The first output of the extension prf in base64url, empty where there is none."""
    name: str = ""
    """The name that the person gave a new passkey."""

    def __repr__(self) -> str:
        return "Given(...)"


class NotProved(Exception):
    """The answer is not that of a passkey that counts here; nobody is told why."""


class Made(msgspec.Struct, frozen=True):
    """A passkey that was just made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


_REFUSED: Final = (WebAuthnException, InvalidSignature, ValueError, KeyError, TypeError)
"""What the library raises for answers that are wrong or malformed."""


def made(party: Party, given: Given, challenge: bytes) -> Made:
    """Return the passkey that a browser says it made; raise `NotProved` for anything else."""
    try:
        verified = webauthn.verify_registration_response(
            credential=_small(given.credential),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origins,
            require_user_verification=True,
        )
    except _REFUSED as error:
        raise NotProved from error
    return Made(verified.credential_id, verified.credential_public_key, verified.sign_count)


def creation_options(
    party: Party, challenge: bytes, handle: bytes, name: str, known: list[bytes]
) -> msgspec.Raw:
    """Return what the browser needs to make a passkey; authenticators of `known` say so."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.id,
        user_name=name,
        user_display_name=name,
        user_id=handle,
        challenge=challenge,
        timeout=MINUTES * 60_000,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return msgspec.Raw(webauthn.options_to_json(options).encode())


def proved(party: Party, given: Given, challenge: bytes, public_key: bytes, sign_count: int) -> int:
    """Return the new count of a passkey that answered; raise `NotProved` if it did not."""
    try:
        verified = webauthn.verify_authentication_response(
            credential=_small(given.credential),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origins,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except _REFUSED as error:
        raise NotProved from error
    return verified.new_sign_count


def request_options(party: Party, challenge: bytes, known: list[bytes]) -> msgspec.Raw:
    """Return what the browser needs to ask for a passkey: any one if `known` is empty."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known] or None,
        user_verification=UserVerificationRequirement.REQUIRED,
        timeout=MINUTES * 60_000,
    )
    return msgspec.Raw(webauthn.options_to_json(options).encode())


def credential_id(given: Given) -> bytes:
    """Return the id under which an authenticator knows the passkey that answered."""
    return _bytes(given.credential.get("id"))


def user_handle(given: Given) -> bytes | None:
    """Return the user whom the authenticator names, None if it names nobody."""
    response = given.credential.get("response")
    handle = response.get("userHandle") if isinstance(response, dict) else None
    return None if handle is None else _bytes(handle)


def secret_of(given: Given) -> bytes | None:
    """Return the authenticator's secret for the node, None where there is none."""
    if not given.secret:
        return None
    secret = _bytes(given.secret)
    if len(secret) != _SECRET_SIZE:
        raise NotProved
    return secret


def _bytes(value: object) -> bytes:
    if not isinstance(value, str):
        raise NotProved
    try:
        return base64url_to_bytes(value)
    except ValueError as error:
        raise NotProved from error


def _small(credential: dict[str, Any]) -> dict[str, Any]:
    """Return a credential that is small enough to be one."""
    if len(msgspec.json.encode(credential)) > _LARGEST:
        raise NotProved
    return credential
