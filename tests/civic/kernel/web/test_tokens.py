"""The colours of the style sheet: enough contrast by day and by night, in every accent."""

import re
from importlib.resources import files

import pytest

from civic.kernel.web.accents import ACCENTS, INK

CSS = files("civic.kernel.web").joinpath("static/civic.css").read_text()
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
