"""Chromium's virtual authenticator: a passkey's other half, without a finger or a face."""

from typing import Any

from playwright.sync_api import Page


class Authenticator:
    """A phone that holds passkeys and verifies its user, with or without secrets (prf)."""

    def __init__(self, page: Page, *, secrets: bool = True) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        options: dict[str, Any] = {
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
            "hasPrf": secrets,
        }
        made = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id = made["authenticatorId"]

    def credentials(self) -> list[dict[str, Any]]:
        """Return the passkeys that it holds."""
        found = self._session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(found["credentials"])

    def verify(self, works: bool) -> None:
        """Let its user be recognised from now on, or not."""
        self._session.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": works}
        )

    def take_away(self) -> None:
        """Lose it."""
        self._session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.id})
