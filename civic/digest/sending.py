"""Mails handed to the operator's server over SMTP (RFC 5321), and whether it took them.

What matters is whether a mail may be sent again: yes where the server said that it took none, no
where the connection broke while it had the text.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib
import msgspec

from civic.settings import LOOPBACK

PATIENCE: Final = 30.0
"""Seconds for which an answer of the server is waited for."""


class Outcome(StrEnum):
    """What became of a mail."""

    TAKEN = "taken"
    LATER = "later"
    """The server did not take it, and may later."""
    REFUSED = "refused"
    """The server takes none for this address."""
    UNKNOWN = "unknown"
    """It may have been taken, or its text is refused: it must not be sent again."""


class ServerFailed(Exception):
    """The mail server is not there, or takes no mail from this node."""


class Server(msgspec.Struct, frozen=True):
    """A mail server, from a URL `smtps://user:passphrase@host:465` or `smtp://host:587`."""

    host: str
    port: int
    tls: bool
    """TLS from the first byte on; else STARTTLS is demanded, unless the server is this machine."""
    user: str | None
    passphrase: str | None

    @classmethod
    def of(cls, url: str) -> "Server":
        """Read a URL of a setting."""
        parts = urlsplit(url)
        tls = parts.scheme == "smtps"
        return cls(
            parts.hostname or "",
            parts.port or (465 if tls else 587),
            tls,
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
        )


class Post:
    """A connection to a mail server."""

    def __init__(self, client: aiosmtplib.SMTP, sender: str) -> None:
        self._client = client
        self._sender = sender

    async def hand_over(self, address: str, mail: bytes) -> Outcome:
        """Hand over one mail; raise `ServerFailed` where it was surely not taken, nor others are.

        After `UNKNOWN` the connection may be gone, and the next call says so.
        """
        try:
            await self._client.mail(self._sender)
            await self._client.rcpt(address)
        except aiosmtplib.SMTPRecipientRefused as error:
            await self._begin_anew()
            return _of_refusal(error)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise ServerFailed from error
        try:
            await self._client.data(mail)
        except aiosmtplib.SMTPDataError as error:
            await self._begin_anew()
            return Outcome.LATER if error.code < 500 else Outcome.UNKNOWN
        except (aiosmtplib.SMTPException, OSError):
            return Outcome.UNKNOWN
        return Outcome.TAKEN

    async def _begin_anew(self) -> None:
        try:
            await self._client.rset()
        except (aiosmtplib.SMTPException, OSError):
            # The next mail finds out.
            return


def _of_refusal(error: aiosmtplib.SMTPRecipientRefused) -> Outcome:
    if error.code < 500:
        return Outcome.LATER
    # A matter of policy (RFC 3463): it says nothing of whether the mailbox is there.
    return Outcome.UNKNOWN if error.message.startswith("5.7.") else Outcome.REFUSED


@asynccontextmanager
async def connected(
    server: Server, sender: str, trusted: ssl.SSLContext | None = None
) -> AsyncIterator[Post]:
    """Connect to a mail server; raise `ServerFailed` where that cannot be.

    `sender` is the plain address to which failures are told; the node calls itself by its domain,
    not by the name of its machine. `trusted` stands in for the system's certificates.
    """
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user,
        password=server.passphrase,
        local_hostname=sender.rpartition("@")[2],
        timeout=PATIENCE,
        use_tls=server.tls,
        start_tls=not server.tls and server.host not in LOOPBACK,
        tls_context=trusted or ssl.create_default_context(),
    )
    try:
        await client.connect()
    except (aiosmtplib.SMTPException, OSError) as error:
        raise ServerFailed from error
    try:
        yield Post(client, sender)
    finally:
        try:
            await client.quit()
        except (aiosmtplib.SMTPException, OSError):
            client.close()
