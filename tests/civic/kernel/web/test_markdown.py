import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.web.markdown import markdown, parsed


def test_words_keep_their_structure() -> None:
    html = markdown("# One\n\na **b** _c_ ~~d~~\n\n- x\n- y\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    for part in ("<h3>One</h3>", "<strong>b</strong>", "<em>c</em>", "<s>d</s>", "<li>x</li>",
                 "<td>1</td>"):  # fmt: skip
        assert part in html


def test_links_tell_nothing() -> None:
    html = markdown("[a](https://example.org/)")
    assert 'href="https://example.org/"' in html
    assert 'rel="nofollow noopener noreferrer"' in html


@pytest.mark.parametrize(
    "text",
    [
        "![x](https://example.org/x.png)",
        "<img src=https://example.org/x.png>",
        "<script>alert(1)</script>",
        "<a href='javascript:alert(1)' onclick='x()'>x</a>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,x)",
        "<style>*{display:none}</style>",
    ],
)
def test_nothing_acts(text: str) -> None:
    html = markdown(text)
    for part in ("<img", "<script", "<style", 'href="javascript', "<a onclick", 'href="data'):
        assert part not in html


@given(st.text(max_size=200))
def test_any_text_becomes_harmless(text: str) -> None:
    assert "<script" not in markdown(text)


@given(
    st.text(
        st.sampled_from("ab .,:!?\"'\n\t-+=#1)(>&*_é\u202e\xa0\x85\u2028\x0b\x0c\x1f"), max_size=40
    )
)
def test_words_without_marks_come_out_as_if_parsed(text: str) -> None:
    assert markdown(text) == parsed(text)
