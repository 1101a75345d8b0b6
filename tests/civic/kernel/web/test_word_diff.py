import random
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.web.word_diff import Run, _shortest, word_diff

_WORDS = st.lists(st.sampled_from(["one", "two", " ", "\n", ",", "three", "…", "аб"]), max_size=40)
_TEXTS = st.one_of(st.text(max_size=60), _WORDS.map("".join))


def _without(runs: list[Run], change: str) -> str:
    return "".join(run.text for run in runs if run.change != change)


@given(_TEXTS, _TEXTS, st.sampled_from([0, 3, 40, 200_000]))
def test_runs_make_both_texts_whatever_is_given_up(old: str, new: str, steps: int) -> None:
    runs = word_diff(old, new, steps)
    assert _without(runs, "deleted") == new
    assert _without(runs, "inserted") == old
    assert all(run.text for run in runs)
    for one, other in pairwise(runs):
        assert one.change != other.change
        assert (one.change, other.change) != ("inserted", "deleted")


@given(_TEXTS)
def test_nothing_changed_in_the_same_text(text: str) -> None:
    assert word_diff(text, text) == ([Run("kept", text)] if text else [])


@given(_WORDS, _WORDS)
def test_the_edit_over_words_is_a_shortest_one(old: list[str], new: list[str]) -> None:
    # Words are kept apart, so that tokens of the text are those of the lists.
    a, b = [f"<{one}>" for one in old], [f"<{one}>" for one in new]
    runs = _shortest(a, b, 10**9)
    assert runs is not None
    assert sum(run.change != "kept" for run in runs) == len(a) + len(b) - 2 * _common_length(a, b)


def _common_length(a: list[str], b: list[str]) -> int:
    """Return the length of the longest common subsequence, by the textbook."""
    lengths = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, one in enumerate(a):
        for j, other in enumerate(b):
            lengths[i + 1][j + 1] = (
                lengths[i][j] + 1 if one == other else max(lengths[i][j + 1], lengths[i + 1][j])
            )
    return lengths[-1][-1]


def test_changes_are_told_word_by_word() -> None:
    assert word_diff("Plant three old trees here.", "Plant four young trees here, soon.") == [
        Run("kept", "Plant "),
        Run("deleted", "three old"),
        Run("inserted", "four young"),
        Run("kept", " trees here"),
        Run("inserted", ", soon"),
        Run("kept", "."),
    ]


def test_markup_is_text_like_any_other() -> None:
    runs = word_diff("See [here](https://a.example)", "See <script>[here](https://b.example)")
    assert Run("inserted", "<script>") in runs


@pytest.mark.parametrize("kind", ["other words", "lines", "one letter", "shuffled"])
def test_long_texts_take_bounded_time(kind: str) -> None:
    chance = random.Random(kind)
    old = {
        "other words": " ".join(chance.choice("abcdefgh") for _ in range(10_000)),
        "lines": "\n" * 20_000,
        "one letter": "a," * 10_000,
        "shuffled": " ".join(str(n) for n in range(4_000)),
    }[kind]
    new = {
        "other words": " ".join(chance.choice("stuvwxyz") for _ in range(10_000)),
        "lines": "\n" * 10_000 + "x" + "\n" * 9_000,
        "one letter": ",a" * 10_000,
        "shuffled": " ".join(str(n) for n in chance.sample(range(4_000), 4_000)),
    }[kind]
    start = time.process_time()
    runs = word_diff(old, new)
    assert time.process_time() - start < 2
    assert _without(runs, "deleted") == new
    assert _without(runs, "inserted") == old
