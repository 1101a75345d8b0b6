"""Every refusal that the rules know has words for people."""

import re
from pathlib import Path

import civic.procedure  # noqa: F401  (registers the codes of all domains)
from civic import refusal_texts
from civic.kernel.web.problem import missing_texts
from civic.refusal_texts import REFUSAL_TEXTS

ROOT = Path(__file__).parents[2]
PACKAGES = ("civic", "identity", "chapters", "deliberation", "voting")


def test_no_refusal_is_without_words() -> None:
    assert sorted(missing_texts()) == []


def test_words_use_named_params_only() -> None:
    for code, text in REFUSAL_TEXTS.items():
        for words in (text.title, text.meaning, text.next):
            assert words, code
            assert "%" not in re.sub(r"%\([a-z_]+\)[sd]", "", words), code


def test_every_module_of_words_is_listed_and_no_code_has_two() -> None:
    """A module missing here is added to MODULES in civic/refusal_texts.py."""
    holding = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"^REFUSAL_TEXTS: Final = \{$", path.read_text(), re.MULTILINE)
    }
    assert holding == {module.__name__ for module in refusal_texts.MODULES}
    assert len(REFUSAL_TEXTS) == sum(len(one.REFUSAL_TEXTS) for one in refusal_texts.MODULES)
