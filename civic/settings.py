"""What an operator can set, by environment variables."""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit


class SettingError(Exception):
    """A setting makes no sense; the text names it and says what it may be."""


@dataclass(frozen=True)
class Settings:
    """The settings of one node; secret is only what the URLs of database and mail hold."""

    data: Path
    """CIVIC_DATA: the folder of keys, restricted content and the embedded database."""
    database_url: str | None
    """CIVIC_DATABASE_URL: a PostgreSQL of the operator's; None runs the embedded one."""
    run_as: str | None
    """CIVIC_RUN_AS: whom the embedded PostgreSQL runs as when civic is started by root."""
    base_url: str
    """CIVIC_URL: the address people use, without a path."""
    host: str
    """CIVIC_HOST: the address the server listens on."""
    port: int
    """CIVIC_PORT: the port it listens on."""
    workers: int
    """CIVIC_WORKERS: the number of web processes."""
    demo: bool
    """CIVIC_DEMO: a demonstration by `civic demo`, on this machine only; pages say so."""
    draft: bool = False
    """CIVIC_DRAFT: chapters may be founded under the draft rules, which may still change."""
    socket: Path | None = None
    """CIVIC_SOCKET: a unix socket to listen on instead of an address."""
    monitor: str | None = None
    """CIVIC_MONITOR: where the node tells how it fares, `address:port` or a unix socket's path."""
    also_urls: tuple[str, ...] = ()
    """CIVIC_ALSO_URLS: further addresses of the same node, such as an onion service's."""
    webhooks: str = "off"
    """CIVIC_WEBHOOKS: whether the node calls receivers that leads name (`on`); the address of the
    machine shows to them. `loopback` is for demonstrations: receivers on this machine, by http."""
    smtp_url: str | None = field(default=None, repr=False)
    """CIVIC_SMTP_URL: the server that takes the node's mails; without it the node sends none."""
    mail_from: str = ""
    """CIVIC_MAIL_FROM: the address from which they come."""
    mail_subject: str = ""
    """CIVIC_MAIL_SUBJECT: what stands above all of them; empty takes a neutral text."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """All addresses under which the node is met (scheme, host and port), the main one first."""
        return self.base_url, *self.also_urls

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; SettingError if one of them makes no sense."""
        given = {name: value for name, value in environment.items() if value != ""}
        settings = cls(
            data=Path(given.get("CIVIC_DATA", "civic-data")).absolute(),
            database_url=_database_url(given.get("CIVIC_DATABASE_URL")),
            run_as=given.get("CIVIC_RUN_AS"),
            base_url=_address("CIVIC_URL", given.get("CIVIC_URL", "http://localhost:8000")),
            host=given.get("CIVIC_HOST", "127.0.0.1"),
            port=_number(given, "CIVIC_PORT", 8000, 0, 65535),
            workers=_number(given, "CIVIC_WORKERS", max(2, os.cpu_count() or 2), 1, 256),
            demo=_yes(given, "CIVIC_DEMO"),
            draft=_yes(given, "CIVIC_DRAFT"),
            socket=_path(given, "CIVIC_SOCKET"),
            monitor=_monitor(given.get("CIVIC_MONITOR")),
            also_urls=tuple(
                _address("CIVIC_ALSO_URLS", one)
                for one in given.get("CIVIC_ALSO_URLS", "").replace(",", " ").split()
            ),
            webhooks=given.get("CIVIC_WEBHOOKS", "off"),
            smtp_url=_smtp_url(given.get("CIVIC_SMTP_URL")),
            mail_from=_mail_from(given),
            mail_subject=_mail_subject(given.get("CIVIC_MAIL_SUBJECT", "")),
        )
        if settings.webhooks not in ("off", "on", "loopback"):
            raise SettingError(f"CIVIC_WEBHOOKS={settings.webhooks}: it must be off or on.")
        if settings.webhooks == "loopback" and not settings.demo:
            raise SettingError(
                "CIVIC_WEBHOOKS=loopback: calls of this machine are for demonstrations alone."
            )
        if settings.demo and settings.host not in LOOPBACK:
            raise SettingError(
                f"CIVIC_HOST={settings.host}: a demonstration is for this machine alone "
                f"({', '.join(LOOPBACK)})."
            )
        return settings

    def with_draft(self) -> "Settings":
        """Return the same settings, with the draft rules allowed."""
        return replace(self, draft=True)

    def to_environment(self) -> dict[str, str]:
        """Write the settings so that a child process reads the same ones."""
        written = {
            "CIVIC_DATA": str(self.data),
            "CIVIC_DATABASE_URL": self.database_url,
            "CIVIC_RUN_AS": self.run_as,
            "CIVIC_URL": self.base_url,
            "CIVIC_HOST": self.host,
            "CIVIC_PORT": str(self.port),
            "CIVIC_WORKERS": str(self.workers),
            "CIVIC_DEMO": "1" if self.demo else None,
            "CIVIC_DRAFT": "1" if self.draft else None,
            "CIVIC_SOCKET": str(self.socket) if self.socket else None,
            "CIVIC_MONITOR": self.monitor,
            "CIVIC_ALSO_URLS": " ".join(self.also_urls) or None,
            "CIVIC_WEBHOOKS": None if self.webhooks == "off" else self.webhooks,
            "CIVIC_SMTP_URL": self.smtp_url,
            "CIVIC_MAIL_FROM": self.mail_from or None,
            "CIVIC_MAIL_SUBJECT": self.mail_subject or None,
        }
        return {name: value for name, value in written.items() if value is not None}


LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""Addresses that no other machine can reach."""
SOCKET_BYTES = 100
"""How long the path of a unix socket may be."""


def _database_url(value: str | None) -> str | None:
    if value is None:
        return None
    kind, _, rest = value.partition("://")
    if kind not in ("postgresql", "postgres", "postgresql+asyncpg") or not rest:
        raise SettingError("CIVIC_DATABASE_URL must look like postgresql://user@host/database.")
    return f"postgresql+asyncpg://{rest}"


def _address(name: str, value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        raise SettingError(f"{name}={value}: it must look like https://civic.example.")
    return f"{parts.scheme}://{parts.netloc}"


def _number(given: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    value = given.get(name, str(default))
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise SettingError(f"{name}={value}: it must be a whole number from {least} to {most}.")
    return int(value)


def _path(given: Mapping[str, str], name: str) -> Path | None:
    value = given.get(name)
    if value is None:
        return None
    if not value.startswith("/"):
        raise SettingError(f"{name}={value}: it must be an absolute path.")
    if len(os.fsencode(value)) > SOCKET_BYTES:
        raise SettingError(f"{name}={value}: a socket's path has at most {SOCKET_BYTES} bytes.")
    return Path(value)


def _monitor(value: str | None) -> str | None:
    if value is None or value.startswith("/"):
        return value and str(_path({"CIVIC_MONITOR": value}, "CIVIC_MONITOR"))
    host, port = address_of(value)
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        address = None
    if address is None or address.is_unspecified or not address.is_private or not 0 < port < 65536:
        raise SettingError(
            f"CIVIC_MONITOR={value}: it must look like 127.0.0.1:9464, with a private address, or "
            "be the path of a socket."
        )
    return value


def address_of(value: str) -> tuple[str, int]:
    """Return the host and port of `127.0.0.1:9464` or `[::1]:9464`; port 0 if there is none."""
    host, _, port = value.rpartition(":")
    number = int(port) if port.isascii() and port.isdigit() else 0
    return host.removeprefix("[").removesuffix("]"), number


def _smtp_url(value: str | None) -> str | None:
    try:
        parts = urlsplit(value or "smtp://localhost")
        good = parts.scheme in ("smtp", "smtps") and parts.hostname and not parts.path.strip("/")
        port = parts.port
    except ValueError:
        good = port = None
    if not good or port == 0:
        # The value may hold a passphrase.
        raise SettingError(
            "CIVIC_SMTP_URL must look like smtps://user:passphrase@mail.example:465."
        )
    return value


def _mail_from(given: Mapping[str, str]) -> str:
    value = given.get("CIVIC_MAIL_FROM", "")
    if (value or "CIVIC_SMTP_URL" in given) and not _ADDRESS.fullmatch(value):
        raise SettingError(f"CIVIC_MAIL_FROM={value}: it must look like notes@example.org.")
    return value


def _mail_subject(value: str) -> str:
    if len(value) > 60 or not (value.isprintable() or not value):
        raise SettingError("CIVIC_MAIL_SUBJECT: it must be one line of at most 60 characters.")
    return value


_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")


def _yes(given: Mapping[str, str], name: str) -> bool:
    value = given.get(name, "0")
    if value not in ("0", "1"):
        raise SettingError(f"{name}={value}: it must be 0 or 1.")
    return value == "1"
