"""The colours of the style sheet: enough contrast by day and by night, in every accent."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

import civic
from civic.kernel.web.accents import ACCENTS, INK
from civic.kernel.web.pages import template_folder

CSS = files("civic.kernel.web").joinpath("static/civic.css").read_text()
MODULES = Path(civic.__file__).parent
LIGHT, DARK = CSS.split("@media screen and (prefers-color-scheme: dark)", 1)
DARK = DARK.split("\n}\n", 1)[0]


def tokens(sheet: str, selector: str) -> dict[str, str]:
    block = re.search(rf"{re.escape(selector)} \{{(.*?)\}}", sheet, re.DOTALL)
    assert block is not None, selector
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block[1]))


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("sheet", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_legible(sheet: str) -> None:
    t = tokens(sheet, ":root")
    for ground in ("paper", "card"):
        for text in ("ink", "quiet", "good", "bad", "warn"):
            assert contrast(t[text], t[ground]) >= 4.5, (text, ground)
        for edge in ("edge", "focus", "neutral"):
            assert contrast(t[edge], t[ground]) >= 3, (edge, ground)
    for tone in ("good", "bad", "warn"):
        assert contrast(t[tone], t[f"{tone}-tint"]) >= 4.5, tone
        assert contrast(t["ink"], t[f"{tone}-tint"]) >= 4.5, tone
    assert contrast(t["ink"], t["ground"]) >= 4.5
    assert contrast(t["bad"], t["on-accent"]) >= 4.5


@pytest.mark.parametrize("number", range(12))
@pytest.mark.parametrize("sheet", [LIGHT, DARK], ids=["light", "dark"])
def test_every_accent_is_legible(sheet: str, number: int) -> None:
    t = tokens(sheet, ":root") | tokens(sheet, f".accent-{number}")
    for ground in ("paper", "card", "tint", "on-accent"):
        assert contrast(t["accent"], t[ground]) >= 4.5, ground
    assert contrast(t["ink"], t["tint"]) >= 4.5
    assert contrast(t["accent"], t["ground"]) >= 3


def test_the_table_of_accents_is_the_style_sheet() -> None:
    for number, accent in enumerate(ACCENTS):
        assert accent.css_class == f"accent-{number}"
        assert tokens(LIGHT, f".accent-{number}")["accent"] == accent.light
    assert tokens(LIGHT, ":root")["ink"] == INK


def test_distances_lie_on_a_grid() -> None:
    """Between parts 8 px or a multiple of it, 4 px within a part: nothing in between."""
    distance = re.compile(r"(?:margin|padding|gap)[a-z-]*: ([^;}]+)")
    for told in distance.findall(CSS):
        for rem in re.findall(r"(?<![\w.])([0-9.]+)rem", told):
            assert float(rem) * 4 % 1 == 0, told


def test_every_class_of_the_style_sheet_is_used() -> None:
    """What the style sheet gives a look is on some page: nothing is kept for nobody."""
    named = set(re.findall(r"\.([a-z][a-z0-9-]*)", re.sub(r"/\*.*?\*/|\{[^{}]*\}", "", CSS)))
    sources = "\n".join(
        path.read_text()
        for folder, pattern in ((template_folder(), "*.html"), (MODULES, "*.py"), (MODULES, "*.js"))
        for path in folder.rglob(pattern)
    )
    parts = set(re.findall(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*-?", sources))
    unused = {
        one
        for one in named
        # Some are put together where they are used: `depth-` and a number.
        if one not in parts
        and re.sub(r"-[0-9]+$", "", one) not in parts
        and not any(one.startswith(part) for part in parts if part[-1] == "-")
    }
    assert unused == set()
