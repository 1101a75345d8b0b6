"""Web servers before civic, run from the files in deploy/ with this machine's paths in them."""

import asyncio
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.served import ROOT, free_port, until

DEPLOY = ROOT / "deploy"


@dataclass(frozen=True)
class Place:
    """Where a proxy listens (https://localhost), what it passes on to, and where its files lie."""

    port: int
    upstream: Path
    folder: Path

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @classmethod
    def at(cls, folder: Path, upstream: Path) -> "Place":
        """Make a folder with a certificate for localhost."""
        folder.mkdir(parents=True, exist_ok=True)
        place = cls(free_port(), upstream, folder)
        _certify(place.certificate)
        return place


def nginx_conf(place: Place) -> str:
    """Return deploy/nginx.conf for a place."""
    text = (DEPLOY / "nginx.conf").read_text()
    text = re.sub(r"listen \[::\].*\n", "", text)
    text = text.replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
    text = text.replace("listen 443", f"listen 127.0.0.1:{place.port}")
    text = re.sub(r"(ssl_certificate(?:_key)?) \S+;", rf"\1 {place.certificate};", text)
    text = text.replace("unix:/run/civic/web.sock", f"unix:{place.upstream}")
    text = text.replace("/run/nginx.pid", str(place.folder / "pid"))
    text = text.replace("civic.example", "localhost")
    # Its temporary files, which a package lays into /var.
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {place.folder / kind};\n" for kind in kinds)
    text = text.replace("http {\n", f"http {{\n{temporary}", 1)
    return f"user root;\n{text}" if os.geteuid() == 0 else text


def caddyfile(place: Place) -> str:
    """Return deploy/Caddyfile for a place."""
    text = (DEPLOY / "Caddyfile").read_text()
    text = text.replace("admin off", "admin off\n\tauto_https disable_redirects", 1)
    text = text.replace(
        "\n{$CIVIC_SITE:civic.example} {",
        f"\nhttps://localhost:{place.port} {{\n\ttls {place.certificate} {place.certificate}",
    )
    return text.replace("{$CIVIC_UPSTREAM:unix//run/civic/web.sock}", f"unix/{place.upstream}")


def nginx_command(place: Place, *arguments: str) -> list[str]:
    """Return the command that runs nginx with the place's file, which is written here."""
    file = place.folder / "nginx.conf"
    file.write_text(nginx_conf(place))
    return ["nginx", "-e", "stderr", "-p", str(place.folder), "-c", str(file), *arguments]


def caddy_command(place: Place, verb: str) -> list[str]:
    """Return the command that runs Caddy with the place's file, which is written here."""
    file = place.folder / "Caddyfile"
    file.write_text(caddyfile(place))
    return ["caddy", verb, "--config", str(file), "--adapter", "caddyfile"]


def environment(place: Place) -> dict[str, str]:
    """Return an environment in which a program keeps its files in the place's folder."""
    home = str(place.folder)
    return {**os.environ, "HOME": home, "XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home}


@contextmanager
def nginx(place: Place) -> Iterator[None]:
    """Run nginx."""
    with _running(nginx_command(place, "-g", "daemon off;"), place):
        yield


@contextmanager
def caddy(place: Place) -> Iterator[None]:
    """Run Caddy."""
    with _running(caddy_command(place, "run"), place):
        yield


@contextmanager
def bytes_alone(place: Place) -> Iterator[None]:
    """Run a proxy that ends TLS and passes bytes on as they are, where no web server is there."""
    place.log.touch()
    started, loop = threading.Event(), asyncio.new_event_loop()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(place.certificate)

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            there, here = await asyncio.open_unix_connection(place.upstream)
            await asyncio.gather(_pump(reader, here), _pump(there, writer))
        writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(pass_on, "127.0.0.1", place.port, ssl=context)
        started.set()
        with suppress(asyncio.CancelledError):
            await server.serve_forever()

    def run() -> None:
        asyncio.set_event_loop(loop)
        task = loop.create_task(serve())
        stop.append(lambda: loop.call_soon_threadsafe(task.cancel))
        loop.run_until_complete(task)
        rest = asyncio.all_tasks(loop)
        for one in rest:
            one.cancel()
        loop.run_until_complete(asyncio.gather(*rest, return_exceptions=True))
        loop.close()

    stop: list[Callable[[], object]] = []
    thread = threading.Thread(target=run)
    thread.start()
    assert started.wait(10)
    try:
        yield
    finally:
        stop[0]()
        thread.join(10)


PROXIES = {"nginx": nginx, "caddy": caddy, "bytes": bytes_alone}


def here() -> list[str]:
    """Return the proxies that this machine has."""
    return [name for name in PROXIES if name == "bytes" or shutil.which(name)]


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while block := await reader.read(65536):
            writer.write(block)
            await writer.drain()
    writer.close()


@contextmanager
def _running(command: list[str], place: Place) -> Iterator[None]:
    with place.log.open("ab") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env=environment(place), cwd=place.folder
        )
    try:
        until(lambda: process.poll() is not None or _listens(place.port), "listening")
        assert process.poll() is None, place.log.read_text()
        yield
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _certify(path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
