"""`civic rebuild`: the tables that pages read, made anew from the record or held against it."""

import argparse
from typing import Any

from civic.operate.place import OperationError, in_database, plainly, say
from civic.operate.progress import bar
from civic.rebuild import Difference, RulesMissing, differences, rebuild
from civic.settings import Settings


def add_rebuild_command(subparsers: Any) -> None:
    """Add `civic rebuild`."""
    parser = subparsers.add_parser(
        "rebuild", help="make the tables that pages read anew from the record"
    )
    parser.add_argument(
        "--check", action="store_true", help="change nothing, only compare them with the record"
    )
    parser.set_defaults(run=plainly(_run))


def _run(arguments: argparse.Namespace) -> int:
    settings = Settings.from_environment()
    try:
        if arguments.check:
            return _report(in_database(settings, differences))
        count = in_database(settings, lambda engine: rebuild(engine, bar("Rebuilding")))
    except RulesMissing as missing:
        raise OperationError(str(missing)) from missing
    say(f"The tables were made anew from {count:,} entries.")
    return 0


def _report(found: list[Difference]) -> int:
    for one in found:
        say(f"{one.table}: {one.missing:,} rows are missing, {one.extra:,} too many: {one.example}")
    say(
        "Run `civic rebuild` to make them anew."
        if found
        else "All tables say exactly what the record says."
    )
    return int(bool(found))
