"""A real mail server on this machine that keeps what it takes, or says no as it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

PASSPHRASE = b"four words of the node"


@dataclass
class Mailbox:
    """What arrived; `recipient` and `end` are what it answers to addresses and to texts."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    envelopes: list[tuple[str, str]] = field(default_factory=list)
    greeted: list[str] = field(default_factory=list)
    recipient: str = "250 OK"
    end: str = "250 OK"
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    breaks: bool = False
    """Whether it takes the text and breaks off before it says so."""

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        self.greeted.append(str(session.host_name))
        if self.recipient[0] == "2":
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.end[0] == "2":
            content = envelope.content
            assert isinstance(content, bytes)
            self.raw.append(content)
            parsed = message_from_bytes(content, policy=policy.default)
            assert isinstance(parsed, EmailMessage)
            self.mails.append(parsed)
            self.arrived.set()
            self.envelopes += [(str(envelope.mail_from), one) for one in envelope.rcpt_tos]
        if self.breaks:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return self.end

    def taken(self) -> list[EmailMessage]:
        """Return what arrived since the last call."""
        found, self.mails = self.mails, []
        return found


def _authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    good = isinstance(data, LoginPassword) and data.password == PASSPHRASE
    return AuthResult(success=good, handled=False)


@asynccontextmanager
async def mail_server(
    certificate: ssl.SSLContext | None = None, *, at_once: bool = False, sign_in: bool = False
) -> AsyncIterator[Mailbox]:
    """Serve a mailbox; with a certificate by STARTTLS, or by TLS `at_once`."""
    box = Mailbox()

    def protocol() -> SMTP:
        more: dict[str, Any] = {}
        if certificate is not None and not at_once:
            more = {"tls_context": certificate, "require_starttls": True}
        if sign_in:
            more |= {"authenticator": _authenticate, "auth_required": True}
        return SMTP(box, hostname="mail.test", ident="test", **more)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        protocol, "127.0.0.1", 0, ssl=certificate if at_once else None
    )
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
