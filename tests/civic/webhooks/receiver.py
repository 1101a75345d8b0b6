"""A receiver on this machine, which checks signatures as the specification tells receivers to."""

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


class NotSigned(Exception):
    """A delivery is not by whom it says it is."""


def verified(secret: str, headers: dict[str, str], body: bytes, now: int) -> Any:
    """Check a delivery and return its body.

    Written from Standard Webhooks 1.0.0, "Verifying webhook authenticity", and nothing else.
    """
    prefix, _, encoded = secret.partition("_")
    assert prefix == "whsec"
    key = base64.b64decode(encoded, validate=True)
    assert 24 <= len(key) <= 64
    own, at = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(now - int(at)) > 300:
        raise NotSigned("too old")
    message = own.encode() + b"." + at.encode() + b"." + body
    expected = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
    for signature in headers["webhook-signature"].split(" "):
        version, _, value = signature.partition(",")
        if version == "v1" and hmac.compare_digest(value, expected):
            return json.loads(body)
    raise NotSigned("no signature fits")


@dataclass
class Receiver:
    """What arrives, and how it is answered: with a status, or with bytes as they are."""

    port: int = 0
    status: int = 204
    raw: bytes | None = None
    silent: bool = False
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    """Request line, headers and body of each request."""

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/news?from=vilnius"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.split(": ", 1) for line in head[1:] if line)
            body = await reader.readexactly(int(headers["content-length"]))
            self.got.append((head[0], headers, body))
            if self.silent:
                # Until the caller has had enough.
                await reader.read()
                return
            plain = f"HTTP/1.1 {self.status} x\r\ncontent-length: 0\r\n\r\n"
            writer.write(plain.encode() if self.raw is None else self.raw)
            await writer.drain()
        except (OSError, EOFError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def receiving(
    tls: ssl.SSLContext | None = None, made: Receiver | None = None
) -> AsyncIterator[Receiver]:
    """Open a receiver on a free port of this machine."""
    receiver = made or Receiver()
    server = await asyncio.start_server(receiver.answer, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver
