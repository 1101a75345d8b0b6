"""Every refusal that the rules know has words for people."""

import re

import civic.procedure  # noqa: F401  (registers the codes of all domains)
from civic.kernel.web.problem import missing_texts
from civic.kernel.web.refusal_texts import REFUSAL_TEXTS


def test_no_refusal_is_without_words() -> None:
    assert sorted(missing_texts()) == []


def test_words_use_named_params_only() -> None:
    for code, text in REFUSAL_TEXTS.items():
        for words in (text.title, text.meaning, text.next):
            assert words, code
            assert "%" not in re.sub(r"%\([a-z_]+\)[sd]", "", words), code
