from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.web.summary import MOST, Summary, summary


def test_a_short_text_is_its_own_summary() -> None:
    assert summary("Let us plant a garden.") == Summary("Let us plant a garden.", whole=True)


def test_marks_headings_code_and_addresses_are_left_out() -> None:
    text = (
        "# Why\n\nSee **the** [plan](https://a.example/x)\nof _May_:\n\n"
        "```\ncode\n```\n\n- one\n- two"
    )
    assert summary(text) == Summary("See the plan of May: one two", whole=False)


def test_a_long_text_is_cut_between_two_words() -> None:
    found = summary("garden, " * 200)
    assert found.text.endswith("garden…")
    assert not found.whole
    assert MOST / 2 < len(found.text) <= MOST + 1


def test_a_word_without_end_is_cut_anywhere() -> None:
    assert summary("a" * 2000) == Summary("a" * MOST + "…", whole=False)


@given(st.text(max_size=2000))
def test_a_summary_is_one_short_line(text: str) -> None:
    found = summary(text)
    assert len(found.text) <= MOST + 1
    assert found.text == " ".join(found.text.split())
