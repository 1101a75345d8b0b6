"""What pages make a browser load before anybody clicks: the curve comes only where it is used."""

import gzip
import re
from pathlib import Path

import pytest

import civic.kernel.web
from civic.kernel.web.pages import template_folder

SCRIPTS = Path(civic.kernel.web.__file__).parent / "static" / "js"
IMPORT = re.compile(r"""^(?:import|export)\b[^;"']*?\bfrom\s*["']([^"']+)["']""", re.MULTILINE)
EVERYWHERE = "civic.js"
"""On every page."""
BYTES = 32_000


def loaded(*names: str) -> set[Path]:
    """Return all scripts that come with some scripts, without those imported later."""
    waiting = [(SCRIPTS / name).resolve() for name in names]
    found: set[Path] = set()
    while waiting:
        script = waiting.pop()
        if script not in found:
            found.add(script)
            waiting += [
                (script.parent / name).resolve() for name in IMPORT.findall(script.read_text())
            ]
    return found


def weight(scripts: set[Path]) -> int:
    return sum(len(gzip.compress(one.read_bytes(), 9)) for one in scripts)


def named_by_templates() -> list[str]:
    texts = (one.read_text() for one in template_folder().rglob("*.html"))
    names = {name for text in texts for name in re.findall(r'asset\("js/([a-z_]+\.js)"\)', text)}
    return sorted(names)


def test_templates_name_scripts() -> None:
    assert {"civic.js", "take_seed.js", "sheet.js"} <= set(named_by_templates())


@pytest.mark.parametrize("name", named_by_templates())
def test_a_page_loads_little_by_itself(name: str) -> None:
    scripts = loaded(EVERYWHERE, name)
    assert weight(scripts) < BYTES
    assert not any("curves" in one.parts for one in scripts)


@pytest.mark.parametrize("name", ["keybox.js", "drafts.js", "seed_words.js", "panic.js"])
def test_opening_a_seed_needs_no_curve(name: str) -> None:
    assert not any("curves" in one.parts for one in loaded(name))


def test_who_signs_loads_the_curve() -> None:
    assert any("curves" in one.parts for one in loaded("signing.js"))
    assert weight(loaded("signing.js")) < 135_000
