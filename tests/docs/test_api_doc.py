"""Every call of the API stands in docs/api.md, and nothing else."""

import re
from pathlib import Path

import identity.api
from civic.api import router

DOC = Path(__file__).parents[2] / "docs" / "api.md"


def calls() -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for one in (router(), identity.api.router()):
        for route in one.routes:
            for method in route.methods - {"OPTIONS"}:
                path = re.sub(r"\{[a-z_]+(:\w+)?\}", "{}", route.path)
                found.add((method, path.removeprefix("/api/v1")))
    return found


def documented() -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    below = ""
    for line in DOC.read_text().splitlines():
        if line.startswith("## "):
            below = ""
        if line.startswith("Below `"):
            below = line.split("`")[1]
        if line.startswith("|"):
            for method, path in re.findall(r"`(GET|POST|DELETE) ([^ `?]+)", line):
                whole = (below + path).rstrip("/")
                found.add((method, re.sub(r"\{[a-z]+\}", "{}", whole)))
    return found


def test_every_call_is_described() -> None:
    assert documented() == calls()
