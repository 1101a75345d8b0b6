"""Mails leave over TLS that is checked, or not at all."""

import datetime
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from civic.digest import sending
from civic.digest.sending import Outcome, Server, ServerFailed, connected
from tests.civic.digest.mailbox import PASSPHRASE, mail_server

MAIL = b"From: notes@example.org\r\nTo: a@example.net\r\nSubject: x\r\n\r\n.line\r\n"
USER = f"node:{PASSPHRASE.decode().replace(' ', '%20')}@"


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate for 127.0.0.1: for the server, and for who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    chain, secret = tmp_path / "cert.pem", tmp_path / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, secret)
    return server, ssl.create_default_context(cafile=str(chain))


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_mail_leaves_over_tls(
    tls: tuple[ssl.SSLContext, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    # As if the server were another machine.
    monkeypatch.setattr(sending, "LOOPBACK", ())
    async with mail_server(tls[0], at_once=at_once, sign_in=not at_once) as box:
        # The server of these tests lets people sign in behind STARTTLS alone.
        server = Server.of(
            f"smtps://127.0.0.1:{box.port}" if at_once else f"smtp://{USER}127.0.0.1:{box.port}"
        )
        async with connected(server, "notes@example.org", tls[1]) as post:
            assert await post.hand_over("a@example.net", MAIL) is Outcome.TAKEN
        assert [one["To"] for one in box.mails] == ["a@example.net"]
        assert box.raw[0].endswith(b"\r\n\r\n.line\r\n")
        # A certificate that nobody knows, or a wrong passphrase, ends it before anything is told.
        with pytest.raises(ServerFailed):
            async with connected(server, "notes@example.org"):
                pass
        assert len(box.mails) == 1
        if at_once:
            return
        wrong = Server.of(f"smtp://node:guess@127.0.0.1:{box.port}")
        with pytest.raises(ServerFailed):
            async with connected(wrong, "notes@example.org", tls[1]):
                pass
        assert len(box.mails) == 1


async def test_a_server_elsewhere_without_tls_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "LOOPBACK", ())
    async with mail_server() as box:
        server = Server.of(f"smtp://{USER}127.0.0.1:{box.port}")
        with pytest.raises(ServerFailed):
            async with connected(server, "notes@example.org"):
                pass
        assert box.greeted == []


async def test_what_a_server_says_of_the_text() -> None:
    async with mail_server() as box:
        server = Server.of(f"smtp://127.0.0.1:{box.port}")
        async with connected(server, "notes@example.org") as post:
            box.end = "451 4.3.0 later"
            assert await post.hand_over("a@example.net", MAIL) is Outcome.LATER
            box.end = "554 5.6.0 not this"
            assert await post.hand_over("a@example.net", MAIL) is Outcome.UNKNOWN
            box.end, box.recipient = "250 OK", "550 5.1.1 nobody"
            assert await post.hand_over("a@example.net", MAIL) is Outcome.REFUSED
            box.recipient = "550 5.7.1 relaying denied"
            assert await post.hand_over("a@example.net", MAIL) is Outcome.UNKNOWN
            box.recipient = "250 OK"
            assert await post.hand_over("a@example.net", MAIL) is Outcome.TAKEN
            box.breaks = True
            assert await post.hand_over("a@example.net", MAIL) is Outcome.UNKNOWN
            with pytest.raises(ServerFailed):
                await post.hand_over("a@example.net", MAIL)


def test_a_server_is_read_from_its_url() -> None:
    assert Server.of("smtps://a%40b:c%3Ad@mail.example") == Server(
        "mail.example", 465, True, "a@b", "c:d"
    )
    assert Server.of("smtp://localhost") == Server("localhost", 587, False, None, None)
