"""The command line: `civic COMMAND`."""

import argparse
import sys
from collections.abc import Sequence

import civic
from civic.commands import COMMANDS
from civic.settings import SettingError


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each sets `run`, called with the parsed arguments."""
    top = argparse.ArgumentParser(
        prog="civic", description="A people governs itself without a centre."
    )
    top.add_argument("--version", action="version", version=f"civic {civic.__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in COMMANDS:
        add(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    given = parser().parse_args(arguments)
    try:
        status: int = given.run(given)
    except SettingError as error:
        sys.stderr.write(f"civic: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("civic: interrupted\n")
        return 130
    return status


if __name__ == "__main__":
    sys.exit(main())
