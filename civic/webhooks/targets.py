"""Which addresses the node may call: public ones by https, and none in its own network.

A lead names the address, and the node's machine makes the request. It could reach what nobody
outside can: other services of the machine, its network, the cloud's metadata. So a name is resolved
first, each address that it has must be one of the public Internet, and exactly that address is
connected to, so that a name which changes in between changes nothing.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

import msgspec

from civic.kernel.refusal import Refusal, code

BAD_ADDRESS: Final = code(
    "request.webhook_address",
    "A webhook needs an address that begins with https://, with the name of a public server.",
)
MOST: Final = 300
"""Longest address in characters."""
SECURE_PORT: Final = 443

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a name and port."""

_NAME: Final = re.compile(
    r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
_PATH: Final = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@/%?-]*")
# Names that mean nothing on the public Internet (RFC 6761, 6762, 7686, 8375).
_OWN_NAMES: Final = (".localhost", ".local", ".internal", ".home.arpa", ".onion")
# By the registries of special-purpose addresses (RFC 6890 and after). Written out here, since what
# a library calls private has changed between versions.
_CLOSED_4: Final = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
            "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
            "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
# Public addresses at which clouds answer their own machines.
_METADATA_4: Final = (ipaddress.IPv4Network("168.63.129.16/32"),)
# Of IPv6 only global unicast is open, without what translates to IPv4 or is for documentation:
# mapped, translated (64:ff9b::/96), unique local and link-local addresses lie outside of it.
_OPEN_6: Final = ipaddress.IPv6Network("2000::/3")
_CLOSED_6: Final = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
        ),
    )
)  # fmt: skip


class Target(msgspec.Struct, frozen=True):
    """Where a request goes. `path` begins with a slash and may have a query."""

    host: str
    port: int
    path: str
    secure: bool


class Unreachable(Exception):
    """A target has no address that may be called; nothing was sent."""


def read_target(url: str, *, loopback: bool = False) -> Target | Refusal:
    """Return what an address names, or why it cannot be called.

    Only https on port 443 with the name of a server: no number, no credentials, no fragment.
    `loopback` is for demonstrations and tests: then it may also be http on this machine itself.
    """
    bad = Refusal(BAD_ADDRESS)
    if len(url) > MOST:
        return bad
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return bad
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    clean = "@" not in parts.netloc and not parts.fragment and _PATH.fullmatch(path)
    if not clean:
        return bad
    if loopback and parts.scheme == "http" and host in ("localhost", "127.0.0.1"):
        return Target(host, port or 80, path, secure=False)
    if parts.scheme != "https" or port not in (None, SECURE_PORT):
        return bad
    if _NAME.fullmatch(host) is None or host.endswith(_OWN_NAMES):
        return bad
    return Target(host, SECURE_PORT, path, secure=True)


def is_public(address: str) -> bool:
    """Tell whether an address belongs to the public Internet; False for what is no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return not any(found in one for one in (*_CLOSED_4, *_METADATA_4))
    # One with a zone (`%eth0`) is of this machine's links.
    return (
        found.scope_id is None and found in _OPEN_6 and not any(found in one for one in _CLOSED_6)
    )


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a name, as the machine resolves it."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unreachable("the name has no address") from error
    return list(dict.fromkeys(str(one[4][0]) for one in found))


async def addresses_of(
    target: Target, resolver: Resolve = resolve, *, loopback: bool = False
) -> list[str]:
    """Return the addresses that may be connected to; raise `Unreachable` if one of them may not be.

    One that is not public among others is refused with them: such a name means no good.
    """
    found = list(await resolver(target.host, target.port))
    if loopback and not target.secure:
        ok = all(ipaddress.ip_address(one).is_loopback for one in found)
    else:
        ok = all(map(is_public, found))
    if not found or not ok:
        raise Unreachable("the name leads into a network that is not public")
    return found
