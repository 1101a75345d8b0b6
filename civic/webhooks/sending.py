"""One request to a receiver: a POST over a connection to an address that was checked.

Written on streams instead of with an HTTP library, so that nothing can be followed, resolved again,
taken from the environment or read at length: no redirects, no proxies, no cookies, no compression.
Of the answer the status is read and nothing else.
"""

import asyncio
import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from civic.webhooks.targets import Resolve, Target, Unreachable, addresses_of, resolve

SECONDS: Final = 10
"""How long one delivery may take, from the name to the status."""
ANSWER_MOST: Final = 16_384
"""Bytes of an answer that are read at most, to find its status."""
TRIED: Final = 8
"""Addresses of a name that are tried at most, one after the other."""
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)[ \r]")


@dataclass(frozen=True)
class Sender:
    """How deliveries are made. `loopback` lets them go to this machine itself, by plain http."""

    loopback: bool = False
    resolver: Resolve = resolve
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    seconds: float = SECONDS

    async def post(self, target: Target, headers: Mapping[str, str], body: bytes) -> int:
        """Send a body as JSON and return the status of the answer.

        It is sent to one address at most, the first that takes a connection. Raises `Unreachable`
        where nothing could be sent, or nothing was answered in time.
        """
        try:
            async with asyncio.timeout(self.seconds):
                found = await addresses_of(target, self.resolver, loopback=self.loopback)
                reader, writer = await self._connected(target, found[:TRIED])
                return await _sent(reader, writer, _request(target, headers, body))
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            # Only the kind: the text could hold an address.
            raise Unreachable(type(error).__name__) from None

    async def _connected(
        self, target: Target, addresses: Sequence[str]
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the first address that takes it (RFC 8305, section 5, but in turn).

        One that is silent takes its part of the time and no more, so that there is some left for
        those behind it. What the last one failed with is raised.
        """
        *others, last = addresses
        for address in others:
            try:
                async with asyncio.timeout(self.seconds / len(addresses)):
                    return await self._connection(target, address)
            except OSError:
                continue
        return await self._connection(target, last)

    async def _connection(
        self, target: Target, address: str
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(
            address,
            target.port,
            ssl=self.tls if target.secure else None,
            server_hostname=target.host if target.secure else None,
            limit=ANSWER_MOST,
        )


async def _sent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    try:
        writer.write(request)
        await writer.drain()
        return await _status(reader)
    finally:
        # Not closed politely: a receiver that says goodbye slowly would hold us.
        writer.transport.abort()


def _request(target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    usual = target.port == (443 if target.secure else 80)
    lines = [
        f"POST {target.path} HTTP/1.1",
        f"host: {target.host}" + ("" if usual else f":{target.port}"),
        "content-type: application/json",
        f"content-length: {len(body)}",
        "user-agent: civic-webhooks/1",
        "connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body


async def _status(reader: asyncio.StreamReader) -> int:
    """Return the final status (RFC 9112, section 4); interim answers (1xx) are passed over."""
    left = ANSWER_MOST
    while left > 0:
        head = await reader.readuntil(b"\r\n")
        found = _STATUS.match(head)
        if found is None:
            raise Unreachable("no HTTP answer")
        status = int(found[1])
        if status >= 200:
            return status
        rest = head
        while rest != b"\r\n" and left > 0:
            rest = await reader.readuntil(b"\r\n")
            left -= len(rest)
        left -= len(head)
    raise Unreachable("no HTTP answer")
