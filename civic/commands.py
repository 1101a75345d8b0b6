"""All commands of `civic`, in the order in which help lists them."""

import argparse
import sys
from collections.abc import Callable
from typing import Any, Final

import civic.imports.command
import civic.operate.replica
from civic.audit.command import add_audit_command
from civic.client.claiming import add_claim_command
from civic.client.command import add_act_command
from civic.demo import add_demo_command
from civic.operate.account import add_account_command
from civic.operate.backup import add_backup_command
from civic.operate.doctor import add_doctor_command
from civic.operate.export import add_export_command
from civic.operate.operator_sessions import add_operator_link_command
from civic.operate.place import say
from civic.operate.rebuilding import add_rebuild_command
from civic.operate.restore import add_restore_command
from civic.operate.restricted import add_papers_command
from civic.operate.upgrading import add_upgrade_command
from civic.rebuild import rebuild_views
from civic.settings import Settings
from civic.supervisor import Supervisor, SupervisorError

Subparsers = Any


def add_serve_command(commands: Subparsers) -> None:
    """`civic serve`: run the node."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "serve", help="run the node: PostgreSQL, web processes and jobs"
    )
    parser.add_argument(
        "--draft",
        action="store_true",
        help="allow founding chapters under the draft rules, which may change at any release",
    )
    parser.set_defaults(run=_serve)


def _serve(given: argparse.Namespace) -> int:
    settings = Settings.from_environment()
    if settings.demo:
        sys.stderr.write("civic: CIVIC_DEMO is for `civic demo`, which sets it by itself.\n")
        return 1
    if given.draft:
        settings = settings.with_draft()
    try:
        Supervisor(settings, rebuild=rebuild_views).run(lambda url: say(f"civic is ready on {url}"))
    except SupervisorError as error:
        sys.stderr.write(f"civic: {error}\n")
        return 1
    return 0


def add_chapter_commands(commands: Subparsers) -> None:
    """`civic chapter`: export, import, papers."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "chapter", help="move a chapter's record out of a node or into one"
    )
    kinds = parser.add_subparsers(metavar="WHAT", required=True)
    add_export_command(kinds)
    civic.operate.replica.add_import_command(kinds)
    add_papers_command(kinds)


COMMANDS: Final[tuple[Callable[[Subparsers], None], ...]] = (
    add_demo_command,
    add_serve_command,
    add_audit_command,
    add_act_command,
    add_claim_command,
    add_chapter_commands,
    civic.imports.command.add_import_command,
    add_rebuild_command,
    add_backup_command,
    add_restore_command,
    add_upgrade_command,
    add_doctor_command,
    add_operator_link_command,
    add_account_command,
)
