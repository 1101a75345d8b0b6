"""The demonstration: three chapters, played through the rules, served on this machine."""

import argparse
from pathlib import Path
from typing import Any


def add_demo_command(commands: Any) -> None:
    """`civic demo`: show a small network."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "demo", help="show a small network with invented people on this machine"
    )
    parser.add_argument(
        "--no-serve", action="store_true", help="end once the demonstration is made"
    )
    parser.add_argument(
        "--export", type=Path, metavar="DIR", help="write each chapter's bundle to DIR/CHAPTER/"
    )
    parser.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> int:
    from civic.demo.command import run

    return run(given)
