"""The doctor's look at the machine: folders, disk, clock, database."""

import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import select, text

import civic.tables  # noqa: F401
from civic.kernel import migrate
from civic.kernel.clock import Clock, minute_of
from civic.kernel.database import Reading, view_metadata
from civic.kernel.record import store, tables
from civic.kernel.record.entry import when
from civic.operate.findings import Finding, ok, problem, warning

LOW_BYTES: Final = 1 << 30
EMPTY_BYTES: Final = 1 << 27
_APART: Final = 2
_RESTART: Final = "Restart the node: it brings its database up to date when it starts."


def folders(data: Path) -> Iterator[Finding]:
    """Look at who may enter the data folder and read the keys."""
    if not data.is_dir():
        yield problem(
            "permissions",
            f"The data folder {data} is missing.",
            "Keys and the embedded database live there.",
            "Set CIVIC_DATA to the node's data folder.",
        )
        return
    before = False
    mode = data.stat().st_mode
    # 0711 is what root's nodes have: others may pass to the database's folder, not list.
    if mode & 0o066:
        before = True
        yield problem(
            "permissions",
            f"Other users of this machine may list or change {data} ({_mode(mode)}).",
            "Whoever can change the folder can put other keys in the place of the node's.",
            f"chmod 700 {data} (711 where CIVIC_RUN_AS is used)",
        )
    folder = data / "keys"
    if folder.is_dir() and folder.stat().st_mode & 0o077:
        before = True
        yield problem(
            "permissions",
            f"Other users of this machine may enter {folder} ({_mode(folder.stat().st_mode)}).",
            "The keys sign the records and open the papers that tie ids to members.",
            f"chmod 700 {folder}",
        )
    open_keys = [
        path.name
        for path in (sorted(folder.iterdir()) if folder.is_dir() else ())
        if stat.S_ISREG(path.stat().st_mode) and path.stat().st_mode & 0o177
    ]
    if open_keys:
        before = True
        yield problem(
            "permissions",
            f"Files in {folder} are open to more than reading and writing by the node's user: "
            f"{', '.join(open_keys)}.",
            "The keys sign the records and open the papers that tie ids to members.",
            f"chmod 600 {folder}/*; if others may have read them, tell the chapters.",
        )
    if not before:
        yield ok("permissions", "The data folder and the keys are closed to others.")


def _mode(mode: int) -> str:
    return f"{stat.S_IMODE(mode):04o}"


def disk(data: Path) -> Iterator[Finding]:
    """Look at the space that is left where the data folder is."""
    if not data.is_dir():
        return
    free = shutil.disk_usage(data).free
    text = f"{free / (1 << 30):.1f} GB are free where {data} is."
    why = "A full disk stops every act, and PostgreSQL with it; nothing that was recorded is lost."
    if free < EMPTY_BYTES:
        yield problem("disk", text, why, "Free space now, or move the folder to a larger disk.")
    elif free < LOW_BYTES:
        yield warning("disk", text, why, "Free space soon, or move the folder to a larger disk.")
    else:
        yield ok("disk", text)


async def time(db: Reading, clock: Clock, heads: Sequence[store.Head]) -> list[Finding]:
    """Hold the clock against the last entries, the last heartbeat and the database's clock."""
    now = minute_of(clock.now())
    last = max((head.at for head in heads), default=0)
    beat = await db.scalar(select(tables.heartbeat.c.minute)) or 0
    findings: list[Finding] = []
    latest = max(last, beat)
    if now + _APART < latest:
        findings.append(
            problem(
                "clock",
                f"The clock says {when(now)}, but the node was at work at {when(latest)}.",
                "While the clock is behind the last entry, no act is accepted.",
                "Set the clock right (install chrony or systemd-timesyncd), then restart the node.",
            )
        )
    elsewhere = await db.scalar(text("SELECT extract(epoch FROM clock_timestamp())::bigint"))
    if abs(int(elsewhere or 0) // 60 - now) > _APART:
        findings.append(
            warning(
                "clock",
                "The clocks of this machine and of the database differ by minutes.",
                "One of them is wrong. Entries are dated by this machine's.",
                "Let both machines ask the same time servers.",
            )
        )
    return findings or [ok("clock", f"The clock says {when(now)}, after all that was recorded.")]


def _age(pid: int) -> float | None:
    """Seconds since a process began, by the clock that nobody sets; None where it is not shown."""
    try:
        began = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
        uptime = Path("/proc/uptime").read_text().split()[0]
    except (OSError, IndexError):
        return None
    return float(uptime) - int(began) / os.sysconf("SC_CLK_TCK")


async def jumps(db: Reading, clock: Clock, pid: int) -> list[Finding]:
    """Hold the clock against the time since start-up, over the life of the database's process.

    Where the system does not show that time, nothing is said.
    """
    steady = _age(pid)
    started = await db.scalar(text("SELECT pg_postmaster_start_time()"))
    if started is None or steady is None:
        return []
    jump = round(((clock.now() - started).total_seconds() - steady) / 60)
    if abs(jump) <= _APART:
        return []
    way = "forward" if jump > 0 else "back"
    return [
        warning(
            "clock",
            f"The clock was moved {way} by {abs(jump)} minutes since the node was started.",
            "Entries may bear wrong times, and above an hour the node accepts no acts.",
            "Check the clock; if it is right now, restart the node to confirm it.",
        )
    ]


_SETTINGS: Final = {
    "fsync": "Acts that people were told are recorded can be lost when the power fails.",
    "full_page_writes": "A power failure can leave half-written pages that nobody can read.",
    "synchronous_commit": "Acts that people were told are recorded can be lost in a crash.",
}


async def database(db: Reading, *, embedded: bool) -> list[Finding]:
    """Look at the server's version and whether it writes to disk what it says it has."""
    version = int(await db.scalar(text("SELECT current_setting('server_version_num')")) or 0)
    name = await db.scalar(text("SELECT current_setting('server_version')"))
    findings: list[Finding] = []
    if version < 150000:
        findings.append(
            problem(
                "database",
                f"PostgreSQL {name} is older than civic is tested with (15).",
                "It may refuse statements that civic uses, and gets no more corrections.",
                "Upgrade PostgreSQL, or let civic run its own (unset CIVIC_DATABASE_URL after a "
                "backup, then restore it).",
            )
        )
    for setting, why in _SETTINGS.items():
        value = await db.scalar(text("SELECT current_setting(:name)"), {"name": setting})
        if value == "off":
            findings.append(
                problem(
                    "database",
                    f"{setting} is off.",
                    why,
                    "Remove the setting from where it was made; civic's own server has it on."
                    if embedded
                    else f"Set {setting} = on in postgresql.conf, for the database and the role.",
                )
            )
    return findings or [ok("database", f"PostgreSQL {name} answers and writes safely to disk.")]


async def migrations(db: Reading) -> list[Finding]:
    """Look whether the schemas are those of this program."""
    from alembic.script import ScriptDirectory

    newest = ScriptDirectory.from_config(migrate.configuration()).get_current_head()
    exists = await db.scalar(text("SELECT to_regclass('private.alembic_version') IS NOT NULL"))
    current = None
    if exists:
        current = await db.scalar(text("SELECT version_num FROM private.alembic_version"))
    if current != newest:
        return [
            problem(
                "database",
                f"The database is at migration {current or 'none'}, this program at {newest}.",
                "Program and database do not fit together.",
                f"{_RESTART} If the database is the newer one, install the newer civic.",
            )
        ]
    noted = await db.scalar(
        text("SELECT obj_description(oid) FROM pg_namespace WHERE nspname = :schema"),
        {"schema": view_metadata.schema},
    )
    if noted != migrate.view_digest():
        return [
            warning(
                "database",
                "The tables that pages read were made by another version of civic.",
                "Pages may fail or show old numbers until they are rebuilt from the record.",
                _RESTART,
            )
        ]
    return [ok("database", f"The database is at migration {current}, its tables are current.")]
