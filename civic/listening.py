"""The sockets that a node listens on: opened before all else, so that a mistake shows early."""

import errno
import os
import socket
import time
from contextlib import suppress
from pathlib import Path

from civic.settings import Settings, address_of

PATIENCE = 2.0
"""Seconds that processes of a supervisor that was killed get to end."""


class ListeningError(Exception):
    """An address or a path cannot be listened on; the text says which and what to do."""


def web_socket(settings: Settings) -> socket.socket:
    """Open the socket that people's requests come to."""
    if settings.socket is not None:
        return _unix(settings.socket, "CIVIC_SOCKET")
    return _tcp(settings.host, settings.port, "CIVIC_HOST and CIVIC_PORT")


def monitor_socket(settings: Settings) -> socket.socket | None:
    """Open the socket on which the node tells its operator how it fares, if there is to be one."""
    if settings.monitor is None:
        return None
    if settings.monitor.startswith("/"):
        return _unix(Path(settings.monitor), "CIVIC_MONITOR")
    return _tcp(*address_of(settings.monitor), "CIVIC_MONITOR")


def leave(listening: socket.socket) -> None:
    """Close a socket, and remove what a unix socket leaves behind."""
    name = listening.getsockname()
    listening.close()
    if isinstance(name, str) and name:
        Path(name).unlink(missing_ok=True)


def _tcp(host: str, port: int, setting: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_server((host, port), family=family, backlog=1024)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            raise ListeningError(
                f"Cannot listen on {host}, port {port}: {error.strerror}. Choose another one by "
                f"{setting}."
            ) from error


def _unix(path: Path, setting: str) -> socket.socket:
    """Open a unix socket for this user and group; who else may pass, its folder decides."""
    if _answered(path):
        raise ListeningError(f"Something listens on {path} already. Choose another {setting}.")
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o117)
    try:
        with suppress(FileNotFoundError):
            if path.is_socket():
                path.unlink()
        listening.bind(str(path))
        listening.listen(1024)
    except OSError as error:
        listening.close()
        raise ListeningError(
            f"Cannot listen on {path}: {error.strerror}. Its folder must be there and belong to "
            f"civic's user ({setting})."
        ) from error
    finally:
        os.umask(before)
    return listening


def _answered(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(PATIENCE)
        try:
            asking.connect(str(path))
        except OSError:
            return False
        return True
