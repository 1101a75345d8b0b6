"""One request to a receiver on this machine: exactly one connection, a status, and nothing more."""

import asyncio
import datetime
import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from civic.webhooks.sending import TRIED, Sender
from civic.webhooks.targets import Target, Unreachable, read_target
from tests.civic.webhooks.receiver import Receiver, receiving

HEADERS = {"webhook-id": "msg_1"}


def target_of(receiver: Receiver) -> Target:
    found = read_target(receiver.url, loopback=True)
    assert isinstance(found, Target)
    return found


async def test_a_body_arrives_with_its_headers() -> None:
    async with receiving() as receiver:
        assert await Sender(loopback=True).post(target_of(receiver), HEADERS, b"{}") == 204
    [(line, headers, body)] = receiver.got
    assert line == "POST /news?from=vilnius HTTP/1.1"
    assert body == b"{}"
    assert headers == {
        "host": f"localhost:{receiver.port}",
        "content-type": "application/json",
        "content-length": "2",
        "user-agent": "civic-webhooks/1",
        "connection": "close",
        "webhook-id": "msg_1",
    }


@pytest.mark.parametrize("status", [200, 301, 302, 307, 308, 410, 500, 503])
async def test_redirects_are_statuses_like_others(status: int) -> None:
    async with receiving() as other, receiving() as receiver:
        place = f"http://localhost:{other.port}/"
        receiver.raw = f"HTTP/1.1 {status} x\r\nlocation: {place}\r\n\r\n".encode()
        assert await Sender(loopback=True).post(target_of(receiver), HEADERS, b"{}") == status
    assert len(receiver.got) == 1
    assert other.got == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200\n",
        b"HTTP/1.1 abc x\r\n\r\n",
        b"x" * 100_000,
        b"HTTP/1.1 100 a\r\n\r\n" * 10_000,
        b"HTTP/1.1 103 a\r\n" + b"a: b\r\n" * 10_000,
    ],
)
async def test_what_is_no_answer_is_a_failure_and_is_not_read_at_length(raw: bytes) -> None:
    async with receiving() as receiver:
        receiver.raw = raw
        with pytest.raises(Unreachable):
            await Sender(loopback=True).post(target_of(receiver), HEADERS, b"{}")


async def test_interim_answers_are_passed_over() -> None:
    async with receiving() as receiver:
        receiver.raw = b"HTTP/1.1 103 Early\r\nlink: a\r\n\r\nHTTP/1.1 202 x\r\n\r\n"
        assert await Sender(loopback=True).post(target_of(receiver), HEADERS, b"{}") == 202


async def test_who_does_not_answer_is_not_waited_for() -> None:
    async with receiving() as receiver:
        receiver.silent = True
        started = asyncio.get_running_loop().time()
        with pytest.raises(Unreachable, match="TimeoutError"):
            await Sender(loopback=True, seconds=0.2).post(target_of(receiver), HEADERS, b"{}")
        assert asyncio.get_running_loop().time() - started < 5


async def test_who_is_not_there_is_unreachable() -> None:
    async with receiving() as receiver:
        target = target_of(receiver)
    with pytest.raises(Unreachable):
        await Sender(loopback=True).post(target, HEADERS, b"{}")


async def test_without_the_exception_nothing_reaches_this_machine() -> None:
    async with receiving() as receiver:
        for name in ("localhost", "127.0.0.1"):
            target = Target(name, receiver.port, "/", secure=False)
            with pytest.raises(Unreachable):
                await Sender().post(target, HEADERS, b"{}")
    assert receiver.got == []


def certified(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the context of a server for a name, and one of who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "both.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    trusting = ssl.create_default_context(cadata=made.public_bytes(serialization.Encoding.DER))
    return server, trusting


async def test_the_checked_address_is_connected_to_under_the_name_of_the_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is resolved once more would lead elsewhere, so it is resolved once."""
    server, trusting = certified(tmp_path, "hooks.example.org")
    asked: list[str] = []

    async def resolver(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    # The one check that keeps a receiver of a test out.
    monkeypatch.setattr("civic.webhooks.targets.is_public", lambda address: True)
    async with receiving(server) as receiver:
        sender = Sender(resolver=resolver, tls=trusting)
        target = Target("hooks.example.org", receiver.port, "/", secure=True)
        assert await sender.post(target, HEADERS, b"{}") == 204
        assert asked == ["hooks.example.org"]
        assert receiver.got[0][1]["host"] == f"hooks.example.org:{receiver.port}"
        # Another name than the certificate's, and a certificate of nobody known.
        with pytest.raises(Unreachable, match="SSL"):
            await sender.post(
                Target("other.example.org", receiver.port, "/", secure=True), HEADERS, b"{}"
            )
        with pytest.raises(Unreachable, match="SSL"):
            await Sender(resolver=resolver).post(target, HEADERS, b"{}")
    assert len(receiver.got) == 1


async def test_addresses_are_tried_in_turn_until_one_takes_a_connection() -> None:
    async def resolver(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.2", "127.0.0.3", "127.0.0.1"]

    async with receiving() as receiver:
        sender = Sender(loopback=True, resolver=resolver)
        assert await sender.post(target_of(receiver), HEADERS, b"{}") == 204
    assert len(receiver.got) == 1


async def test_what_was_sent_once_is_sent_to_no_other_address() -> None:
    async def resolver(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1", "127.0.0.1"]

    async with receiving() as receiver:
        receiver.raw = b""
        with pytest.raises(Unreachable):
            await Sender(loopback=True, resolver=resolver).post(target_of(receiver), HEADERS, b"{}")
    assert len(receiver.got) == 1


async def test_no_more_addresses_are_tried_than_a_few() -> None:
    async def resolver(_host: str, _port: int) -> Sequence[str]:
        return [*(f"127.0.0.{number}" for number in range(2, 2 + TRIED)), "127.0.0.1"]

    async with receiving() as receiver:
        with pytest.raises(Unreachable):
            await Sender(loopback=True, resolver=resolver).post(target_of(receiver), HEADERS, b"{}")
    assert receiver.got == []


async def test_a_silent_address_leaves_time_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, trusting = certified(tmp_path, "hooks.example.org")
    called: list[bytes] = []

    async def resolver(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.2", "127.0.0.1"]

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Takes the connection and answers no greeting, until the caller has had enough.
        called.append(await reader.read())
        writer.close()

    monkeypatch.setattr("civic.webhooks.targets.is_public", lambda address: True)
    async with receiving(server) as receiver:
        target = Target("hooks.example.org", receiver.port, "/", secure=True)
        async with await asyncio.start_server(silent, "127.0.0.2", receiver.port):
            sender = Sender(resolver=resolver, tls=trusting, seconds=4)
            assert await sender.post(target, HEADERS, b"{}") == 204
    assert len(called) == len(receiver.got) == 1
