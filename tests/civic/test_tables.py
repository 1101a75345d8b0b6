"""Every table is known to migrations and rebuilds."""

import re
from pathlib import Path

from civic import tables

ROOT = Path(__file__).parents[2]
PACKAGES = ("civic", "identity", "chapters", "deliberation", "voting")


def test_every_module_that_defines_a_table_is_listed() -> None:
    """A module missing here is added to MODULES in civic/tables.py."""
    defining = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"\bTable\(\s*\"\w+\",\s*\w+_metadata", path.read_text())
    }
    assert defining == {module.__name__ for module in tables.MODULES}
