import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.record.shown import Text
from civic.kernel.web.word_diff import STEPS, Run, word_diff
from civic.pages.changes import Changed, Stretch, changed, folded
from deliberation.queries import OldText, VersionLine, Wording


def text(words: str | None, lang: str = "en") -> Text:
    return Text("" if words is None else f"hash of {words}", words, lang)


def version(title: str, words: str | None, *labels: str) -> OldText:
    line = VersionLine(1, 0, 0)
    return OldText(line, text(title), text(words), tuple(text(one) for one in labels))


def test_only_what_changed_is_told_by_part_and_number() -> None:
    old = version("A garden", "Plant roses.", "In spring", "In autumn")
    new = version("A garden", "Plant trees.", "In spring", "In winter")
    assert changed(old, new) == [
        Changed("text", "en", 0, (Stretch("kept", "Plant "), Stretch("deleted", "roses"),
                                  Stretch("inserted", "trees"), Stretch("kept", "."))),
        Changed("option", "en", 2, (Stretch("kept", "In "), Stretch("deleted", "autumn"),
                                    Stretch("inserted", "winter"))),
    ]  # fmt: skip


def test_words_that_were_erased_are_compared_no_more() -> None:
    assert changed(version("A", None), version("A", "Plant trees.")) == [
        Changed("text", "en", 0, None)
    ]


def test_the_same_words_under_another_salt_have_not_changed() -> None:
    old = version("A", "Plant trees.")
    new = OldText(old.line, old.title, Text("another hash", "Plant trees.", "en"), ())
    assert changed(old, new) == []


def test_many_texts_together_take_no_longer_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven translations and twenty options in each are compared while others wait."""
    budgets: list[int] = []

    def compared(old: str, new: str, steps: int) -> list[Run]:
        budgets.append(steps)
        return word_diff(old, new, steps)

    monkeypatch.setattr("civic.pages.changes.word_diff", compared)
    labels = tuple(text(f"Option {n}") for n in range(20))
    others = tuple(text(f"Other {n}") for n in range(20))
    languages = [f"{first}a" for first in "bcdefgh"]

    def given_as(word: str, own: tuple[Text, ...]) -> OldText:
        long = text(f"{word} {'words ' * 50}{word}")
        also = tuple(Wording(lang, text(word), long, own) for lang in languages)
        return OldText(VersionLine(1, 0, 0), text(word), long, own, also)

    found = changed(given_as("Trees", labels), given_as("Roses", others))
    assert len(found) == len(budgets) == 8 * 22
    assert all(one.words for one in found)
    assert sum(budgets) < 3 * STEPS
    assert budgets[1] > 5 * budgets[2]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["kept", "deleted", "inserted"]),
            st.text(alphabet="ab \n", max_size=40).map(lambda one: one * 60),
        ),
        max_size=5,
    )
)
def test_folding_loses_no_word(runs: list[tuple[str, str]]) -> None:
    words = [Stretch(change, one) for change, one in runs]  # type: ignore[arg-type]
    shown = folded(words)
    assert [(one.change, one.text + one.hidden + one.rest) for one in shown] == runs
    assert all(one.change == "kept" for one in shown if one.hidden)


def test_words_around_changes_stay_in_sight() -> None:
    long = "word " * 1000
    first, _gone, last = folded(
        [Stretch("kept", long), Stretch("deleted", "x"), Stretch("kept", long)]
    )
    assert first.text == ""
    assert 190 < len(first.rest) < 210
    assert 190 < len(last.text) < 210
    assert last.rest == ""
