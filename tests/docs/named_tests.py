"""Tests and places that documents name: whether they are there."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
TEST: Final = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
PLACE: Final = re.compile(r"`([\w./-]+\.(?:py|md|js|html|toml))`")


@cache
def tests_of(path: str) -> frozenset[str]:
    """Return the names of the tests in a file, those in classes too; empty without the file."""
    whole = ROOT / path
    if not whole.is_file():
        return frozenset()
    return frozenset(
        node.name
        for node in ast.walk(ast.parse(whole.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    )


def missing_tests(text: str) -> list[str]:
    """Return the tests that a text names and that do not exist."""
    found = TEST.findall(text)
    return [f"{path}::{name}" for path, name in found if name not in tests_of(path)]


def missing_places(text: str) -> list[str]:
    """Return the files that a text names and that do not exist."""
    return [path for path in PLACE.findall(text) if not (ROOT / path).is_file()]


def rows_of(text: str) -> list[list[str]]:
    """Return the cells of all rows of tables, without their headings."""
    lines = [line.strip() for line in text.splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in rows if not set("".join(row)) <= set("-: ")]
