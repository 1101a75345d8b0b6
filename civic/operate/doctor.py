"""`civic doctor`: looks a node over and says in plain words what is wrong and what to do."""

import argparse
import asyncio
import sys
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel.clock import Clock, SystemClock
from civic.kernel.database import Reading, create_engine, reading
from civic.kernel.keys import KeyFiles
from civic.kernel.postgres import EmbeddedPostgres, PostgresError
from civic.kernel.record import shared_keys
from civic.operate import checks, key_checks, record_checks
from civic.operate.findings import Finding, problem, warning
from civic.operate.place import plainly, say
from civic.settings import Settings

_MARKS: Final = {"ok": "ok     ", "warning": "WARNING", "problem": "PROBLEM"}


async def examine(settings: Settings, clock: Clock) -> list[Finding]:
    """Look over folders, keys, clock, disk, database and records; nothing is changed.

    The embedded server is not started by this: without it what it holds is not looked at.
    """
    findings = [*checks.folders(settings.data), *checks.disk(settings.data)]
    url, pid = settings.database_url, None
    if url is None:
        postgres = EmbeddedPostgres(settings.data, settings.run_as)
        if not postgres.folder.exists():
            return [
                *findings,
                problem(
                    "database",
                    f"There is no embedded database in {settings.data}.",
                    "There is no node here, or CIVIC_DATA names another folder than it uses.",
                    "Set CIVIC_DATA to the node's data folder; `civic serve` makes a new node.",
                ),
            ]
        if not _alive(postgres):
            return [
                *findings,
                warning(
                    "database",
                    "The embedded database is not running.",
                    "While the node is stopped, its records cannot be looked at.",
                    "Start the node with `civic serve`, then run `civic doctor` again.",
                ),
            ]
        url, pid = postgres.url, postgres.pid
    engine = create_engine(url, size=0, patience=2)
    try:
        findings += await _in_database(engine, settings, clock, pid)
    except (DBAPIError, OSError) as error:
        findings.append(
            problem(
                "database",
                f"The database does not answer ({type(error).__name__}).",
                "Nobody can sign in, read or act while it is away.",
                "Start the database, and check CIVIC_DATABASE_URL and the network to it.",
            )
        )
    finally:
        await engine.dispose()
    return findings


def _alive(postgres: EmbeddedPostgres) -> bool:
    try:
        return postgres.alive()
    except PostgresError:
        return False


async def _in_database(
    engine: AsyncEngine, settings: Settings, clock: Clock, pid: int | None
) -> list[Finding]:
    embedded = pid is not None
    async with reading(engine) as db:
        findings = [*await checks.database(db, embedded=embedded)]
        migrated = await checks.migrations(db)
        findings += migrated
        if any(finding.level == "problem" for finding in migrated):
            return findings
        keys = KeyFiles(settings.data / "keys")
        heads = await record_checks.heads(db)
        findings += key_checks.keys(keys, heads, *await _shared(db, keys))
        findings += await checks.time(db, clock, heads)
        if pid is not None:
            findings += await checks.jumps(db, clock, pid)
        findings += record_checks.unsigned(heads)
        for head in heads:
            findings += await record_checks.tree(db, head)
        if all(finding.level == "ok" for finding in migrated):
            findings += await record_checks.rules(db)
        findings += await record_checks.waiting(db)
        findings += record_checks.copies(heads)
    return findings


async def _shared(db: Reading, keys: KeyFiles) -> tuple[Collection[str], Sequence[str]]:
    """Return which keys of logs the database holds for this machine, and which files are wrong."""
    try:
        return await shared_keys.seeds(db, keys), await shared_keys.wrong(db, keys)
    except (OSError, ValueError):
        # Said already, or about to be said, of the files themselves.
        return (), ()


def status_of(findings: Iterable[Finding]) -> int:
    """Return the exit status: 1 if there is a problem, else 0."""
    return int(any(finding.level == "problem" for finding in findings))


def show(findings: Iterable[Finding], *, colour: bool) -> str:
    """Return findings as text for people, problems last so that they stand at the prompt."""
    order = ("ok", "warning", "problem")
    colours = {"ok": "32", "warning": "33", "problem": "31"}
    lines: list[str] = []
    for finding in sorted(findings, key=lambda one: order.index(one.level)):
        mark = _MARKS[finding.level]
        if colour:
            mark = f"\x1b[{colours[finding.level]}m{mark}\x1b[0m"
        lines.append(f"{mark}  {finding.about}: {finding.what}")
        if finding.level != "ok":
            lines += [f"         {finding.why}", f"         What to do: {finding.todo}"]
    return "\n".join(lines)


def add_doctor_command(subparsers: Any) -> None:
    """Add `civic doctor`."""
    parser = subparsers.add_parser(
        "doctor", help="look over keys, clock, disk, database and records"
    )
    parser.add_argument("--json", action="store_true", help="report as JSON")
    parser.set_defaults(run=plainly(_run))


def _run(arguments: argparse.Namespace) -> int:
    findings = asyncio.run(examine(Settings.from_environment(), SystemClock()))
    if arguments.json:
        say(msgspec.json.format(msgspec.json.encode(findings), indent=2).decode())
    else:
        say(show(findings, colour=sys.stdout.isatty()))
    return status_of(findings)
