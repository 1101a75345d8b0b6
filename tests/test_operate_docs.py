"""docs/operate.md names every setting and every command."""

import argparse
import re
from pathlib import Path

from civic.cli import parser

ROOT = Path(__file__).parents[1]
DOCS = (ROOT / "docs/operate.md").read_text()
# Set by tests and by the supervisor for its own children, never by an operator.
INNER = {"CIVIC_FAILPOINT"}


def test_every_setting_is_documented() -> None:
    used: set[str] = set()
    for package in ("civic", "identity", "chapters", "deliberation", "voting"):
        for path in (ROOT / package).rglob("*.py"):
            used.update(re.findall(r'"(CIVIC_[A-Z_]+)"', path.read_text()))
    documented = set(re.findall(r"^\| `(CIVIC_[A-Z_]+)` \|", DOCS, re.MULTILINE))
    assert used - INNER == documented


def choices(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    return {
        name: inner
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
        for name, inner in action.choices.items()
    }


def test_every_command_is_documented() -> None:
    for name, command in choices(parser()).items():
        for full in [f"{name} {inner}" for inner in choices(command)] or [name]:
            assert f"`civic {full}" in DOCS, full
