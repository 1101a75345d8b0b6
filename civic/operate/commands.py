"""The operator's commands, with one way to say that something cannot be done."""

import argparse
from collections.abc import Callable
from typing import Any

from civic.kernel.migrate import MigrationError
from civic.kernel.postgres import PostgresError
from civic.operate.backup import add_backup_command
from civic.operate.doctor import add_doctor_command
from civic.operate.export import add_export_command
from civic.operate.place import OperationError, complain
from civic.operate.rebuilding import add_rebuild_command
from civic.operate.replica import add_import_command
from civic.operate.restore import add_restore_command
from civic.operate.restricted import add_papers_command
from civic.operate.sealed_file import SealedFileError

Run = Callable[[argparse.Namespace], int]


def add_operate_commands(commands: Any) -> None:
    """Add `chapter export|import|papers`, `rebuild`, `backup`, `restore` and `doctor`."""
    chapter = commands.add_parser("chapter", help="export, copy or open up a chapter's record")
    inner = chapter.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (add_export_command, add_import_command, add_papers_command):
        add(_Plain(inner))
    for add in (add_rebuild_command, add_backup_command, add_restore_command, add_doctor_command):
        add(_Plain(commands))


class _Plain:
    """Subparsers whose commands say in one sentence why they cannot do what was asked."""

    def __init__(self, commands: Any) -> None:
        self._commands = commands

    def add_parser(self, name: str, **options: Any) -> "_PlainParser":
        """Add a command."""
        return _PlainParser(self._commands.add_parser(name, **options))


class _PlainParser:
    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self.add_argument = parser.add_argument
        self._parser = parser

    def set_defaults(self, *, run: Run) -> None:
        """Name what runs the command."""
        self._parser.set_defaults(run=plainly(run))


def plainly(run: Run) -> Run:
    """Return a command that ends with status 1 and a sentence where it cannot be done."""

    def guarded(arguments: argparse.Namespace) -> int:
        try:
            return run(arguments)
        except (OperationError, SealedFileError, PostgresError, MigrationError) as error:
            complain(f"civic: {error}")
            return 1

    return guarded
