"""All commands of `civic`, in the order in which help lists them."""

import argparse
import sys
from collections.abc import Callable
from typing import Any, Final

from civic.audit_command import add_audit_command
from civic.client.command import add_act_command
from civic.demo import add_demo_command
from civic.imports.command import add_import_command
from civic.operate.commands import add_operate_commands
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
    parser.set_defaults(run=serve)


def serve(given: argparse.Namespace) -> int:
    """Serve until asked to end."""
    from civic.rebuild import rebuild_views

    settings = Settings.from_environment()
    if given.draft:
        settings = settings.with_draft()
    try:
        Supervisor(settings, rebuild=rebuild_views).run(
            lambda url: print(f"civic is ready on {url}", flush=True)  # noqa: T201
        )
    except SupervisorError as error:
        sys.stderr.write(f"civic: {error}\n")
        return 1
    return 0


COMMANDS: Final[tuple[Callable[[Subparsers], None], ...]] = (
    add_demo_command,
    add_serve_command,
    add_audit_command,
    add_act_command,
    add_import_command,
    add_operate_commands,
)
