import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[\[<>=;~ ]", one)[0] for one in wanted}
    page = (ROOT / "docs" / "decisions" / "0001-dependencies.md").read_text()
    rows = re.findall(r"^\| ([a-z0-9, -]+) \|", page, flags=re.MULTILINE)
    listed = {name for row in rows for name in row.split(", ")} - {"package"}
    assert listed == names


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_fits_on_a_page_and_says_what_it_costs(path: Path) -> None:
    text = path.read_text()
    number = int(path.name[:4])
    assert text.startswith(f"# {number}. ")
    assert "**Decided:**" in text
    assert len(text.splitlines()) <= 60
