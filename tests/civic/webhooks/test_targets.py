"""What may be called: the table of addresses that lead into private networks, and names."""

import ipaddress
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.refusal import Refusal
from civic.webhooks.targets import Target, Unreachable, addresses_of, is_public, read_target

CLOSED = {
    "this machine": ["127.0.0.1", "127.8.9.10", "::1"],
    "no address": ["0.0.0.0", "0.1.2.3", "::", "nothing", "", "127.1", "0x7f.0.0.1", "2130706433"],
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
    "carrier-grade NAT": ["100.64.0.1", "100.127.255.254"],
    "link-local": ["169.254.0.1", "fe80::1", "fe80::1%eth0", "febf::1"],
    "metadata of clouds": [
        "169.254.169.254", "169.254.170.2", "fd00:ec2::254", "100.100.100.200",
        "192.0.0.192", "168.63.129.16",
    ],
    "unique local": ["fc00::1", "fd12:3456:789a::1"],
    "site-local, once": ["fec0::1"],
    "IPv4 in IPv6": [
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::7f00:1", "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::a00:1",
        "2002:7f00:1::", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
    "documentation and tests": [
        "192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "2001:db8::1", "3fff::1",
        "2001:2::1",
    ],
    "many, and for later": ["224.0.0.1", "239.1.1.1", "255.255.255.255", "240.0.0.1", "ff02::1"],
    "other special purposes": ["192.0.0.8", "192.88.99.1", "2001:20::1", "5f00::1", "100::1"],
}  # fmt: skip
OPEN = ["8.8.8.8", "93.184.215.14", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"]


@pytest.mark.parametrize("address", [one for many in CLOSED.values() for one in many])
def test_closed(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OPEN)
def test_open(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses())
def test_what_a_library_calls_private_is_never_open(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if not address.is_global or address.is_multicast:
        assert not is_public(str(address))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org", Target("example.org", 443, "/", secure=True)),
        ("https://Example.ORG:443/a?b=c", Target("example.org", 443, "/a?b=c", secure=True)),
        ("https://xn--e1afmkfd.xn--p1ai/", Target("xn--e1afmkfd.xn--p1ai", 443, "/", secure=True)),
    ],
)
def test_good_addresses(url: str, expected: Target) -> None:
    assert read_target(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "", "example.org", "http://example.org/", "ftp://example.org/", "https://", "https:///a",
        "https://example.org:8443/", "https://example.org:80/", "https://example.org:x/",
        "https://user@example.org/", "https://user:word@example.org/", "https://example.org/#a",
        "https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/",
        "https://localhost/", "https://printer/", "https://a.localhost/", "https://db.internal/",
        "https://nas.local/", "https://x.home.arpa/", "https://abc.onion/", "https://example.org./",
        "https://example.org/a b", "https://example.org/\r\nhost: x", "https://exa mple.org/",
        "https://exämple.org/", "https://example.org\\@127.0.0.1/", "https://-a.org/",
        "https://example.org/" + "a" * 300, "http://localhost:8080/", "http://127.0.0.1/",
    ],
)  # fmt: skip
def test_bad_addresses(url: str) -> None:
    found = read_target(url)
    assert isinstance(found, Refusal)
    assert found.code == "request.webhook_address"


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.org/{text}"):
        found = read_target(url)
        assert isinstance(found, Refusal) or (found.port == 443 and found.path.isascii())


def test_loopback_is_allowed_for_tests_alone_and_nothing_else_then() -> None:
    assert read_target("http://localhost:81/a", loopback=True) == Target(
        "localhost", 81, "/a", secure=False
    )
    for url in ("http://example.org/", "http://10.0.0.1/", "https://localhost:81/"):
        assert isinstance(read_target(url, loopback=True), Refusal)


@pytest.mark.parametrize(
    ("found", "good"),
    [
        (["8.8.8.8"], True),
        (["8.8.8.8", "2606:4700::1111"], True),
        ([], False),
        (["10.0.0.1"], False),
        # One bad address among good ones is a name that means no good.
        (["8.8.8.8", "169.254.169.254"], False),
        (["8.8.8.8", "::ffff:10.0.0.1"], False),
    ],
)
async def test_all_addresses_of_a_name_must_be_public(found: list[str], good: bool) -> None:
    async def resolver(_host: str, _port: int) -> Sequence[str]:
        return found

    target = Target("example.org", 443, "/", secure=True)
    if good:
        assert await addresses_of(target, resolver) == found
    else:
        with pytest.raises(Unreachable):
            await addresses_of(target, resolver)


async def test_the_exception_for_tests_holds_for_this_machine_alone() -> None:
    async def resolver(_host: str, _port: int) -> Sequence[str]:
        return ["10.0.0.1"]

    for secure in (False, True):
        with pytest.raises(Unreachable):
            await addresses_of(Target("localhost", 80, "/", secure), resolver, loopback=True)
    with pytest.raises(Unreachable):
        await addresses_of(Target("localhost", 80, "/", secure=False))
