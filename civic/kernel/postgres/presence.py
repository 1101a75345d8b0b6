"""What runs on a data folder of PostgreSQL, and whether it takes connections."""

import contextlib
import os
import socket
import struct
from pathlib import Path
from typing import NamedTuple

from civic.kernel.postgres.errors import PostgresError

SOCKET = ".s.PGSQL.5432"
"""Name of the socket; the number is only a name, no port is opened."""

_PROTOCOL = 3 << 16
_STARTING = b"57P03"
_PROC = Path("/proc")


class Postmaster(NamedTuple):
    """The main process of a running server and the folder of its socket, once it is known."""

    pid: int
    socket_folder: Path | None


def postmaster(folder: Path) -> Postmaster | None:
    """Find the server that runs on `folder`; None if none does, whatever files one left there."""
    try:
        lines = (folder / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except PermissionError as error:
        raise PostgresError(f"{folder} belongs to another user.") from error
    except (FileNotFoundError, ValueError, IndexError):
        return None
    if not _is_server(pid, folder):
        return None
    return Postmaster(pid, Path(lines[4]) if len(lines) > 4 and lines[4] else None)


def processes(folder: Path) -> list[int]:
    """List the processes that work in `folder`; empty where the system does not show them."""
    if not (_PROC / "self").exists():
        return []
    return [
        int(entry.name)
        for entry in _PROC.iterdir()
        if entry.name.isdigit() and _works_in(int(entry.name), folder)
    ]


def answers(socket_folder: Path) -> bool:
    """Tell whether a server takes connections at the socket in this folder, by making one."""
    words = b"user\0civic\0database\0civic\0\0"
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(str(socket_folder / SOCKET))
        connection.sendall(struct.pack("!II", len(words) + 8, _PROTOCOL) + words)
        answer = connection.recv(1024)
        connection.sendall(b"X\0\0\0\x04")
        # An error other than "starting up" comes from a server that is there.
        return bool(answer) and not (answer.startswith(b"E") and _STARTING in answer)
    return False


def _is_server(pid: int, folder: Path) -> bool:
    if (_PROC / "self").exists():
        # After a crash the number may have gone to any other process.
        return _works_in(pid, folder)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _works_in(pid: int, folder: Path) -> bool:
    # A zombie has no folder any more, and others' processes may not be looked at.
    with contextlib.suppress(OSError):
        return (_PROC / str(pid) / "cwd").readlink() == folder
    return False
