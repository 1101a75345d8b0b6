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


def test_every_event_of_the_log_is_documented() -> None:
    said: set[str] = set()
    for package in ("civic", "identity", "chapters", "deliberation", "voting"):
        for path in (ROOT / package).rglob("*.py"):
            said.update(
                re.findall(
                    r"\b_?log(?:ger)?(?:\(\"civic\"\))?\.(?:debug|info|warning|error|critical)"
                    r"\(\s*\"([^\"]+)\"",
                    path.read_text().replace('logging.getLogger("civic")', "_log"),
                )
            )
    section = DOCS.partition("## What the log says")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert said == documented


def test_every_metric_is_documented() -> None:
    named = {
        name
        for path in ("civic/monitor.py", "civic/kernel/measures.py")
        for name in re.findall(r'"(civic_[a-z_]+)"', (ROOT / path).read_text())
    }
    section = DOCS.partition("## Watching a node")[2].partition("\n## ")[0]
    documented = {
        name.removesuffix("_total")
        for row in re.findall(r"^\| (`civic_[^|]+) \|", section, re.MULTILINE)
        for name in re.findall(r"`(civic_[a-z_]+)`", row)
    }
    assert named == documented
