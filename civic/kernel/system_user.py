"""Users of the operating system: whom PostgreSQL runs as when civic is started by root."""

import os
import pwd
import shutil
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

NAME = "civic"
"""The system user that is made where none is named."""


class SystemUserError(Exception):
    """No unprivileged user can be had; the text tells what to do."""


def is_root() -> bool:
    """Tell whether this process may act as any user."""
    return os.geteuid() == 0


def unprivileged_user() -> str:
    """Return the name of the system user `civic`; root makes it first if it is not there.

    It has no password, no home and no shell, and owns nothing but the database's folder. For
    demonstrations and tests; an operator names a user by CIVIC_RUN_AS.
    """
    if exists(NAME):
        return NAME
    if not is_root():
        raise SystemUserError(f"Only root can make the system user {NAME!r}.")
    for command in (
        ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME],
        ["adduser", "-S", "-D", "-H", "-s", "/sbin/nologin", NAME],  # BusyBox
    ):
        if shutil.which(command[0]) is None:
            continue
        # Another process may be making the same user, and then holds the lock on the list.
        for _ in range(50):
            subprocess.run(command, capture_output=True, check=False)
            if exists(NAME):
                return NAME
            time.sleep(0.1)
    raise SystemUserError(
        "PostgreSQL refuses to run as root and no system user could be made for it. Make one "
        "(`useradd --system civic`) and name it: CIVIC_RUN_AS=civic."
    )


def exists(name: str) -> bool:
    """Tell whether the operating system knows a user of this name."""
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def first_closed(path: Path, user: str) -> Path | None:
    """Find the first part of `path` that `user` may not enter or execute; None: it is open.

    Asked of the kernel in a process of that user, since modes alone do not tell (access lists,
    groups, mount options). Only root can ask for another user.
    """
    who = identity(user)
    parts = [*reversed(path.parents), path]
    answer = subprocess.run(
        [
            "/bin/sh",
            "-c",
            'for part; do test -x "$part" || { printf %s "$part"; exit 0; }; done',
            "sh",
            *map(str, parts),
        ],
        user=who.uid,
        group=who.gid,
        extra_groups=who.groups,
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return Path(answer) if answer else None


def make_private(folder: Path, passing: str | None) -> None:
    """Make a folder for this process's user, which the user `passing` can pass but not list.

    A folder that exists stays as it is, and so do those above it.
    """
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o711 if passing and is_root() else 0o700)


class Identity(NamedTuple):
    """What `subprocess` needs to run a command as a user; None each: as this process's own."""

    uid: int | None
    gid: int | None
    groups: list[int] | None


def identity(user: str | None) -> Identity:
    """Look up a user, with their own group and no other; None is this process's own user."""
    if user is None:
        return Identity(None, None, None)
    entry = pwd.getpwnam(user)
    return Identity(entry.pw_uid, entry.pw_gid, [])
