"""Templates that are filled with less work say what Jinja says, and fail where it fails."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, StrictUndefined, UndefinedError
from markupsafe import Markup, escape

from civic.kernel.web.filling import filled, pieces, safe, shown
from civic.kernel.web.spoken import SpokenEnvironment


class Marked:
    def __html__(self) -> str:
        return "<b>"


class Own(str):
    """Text of a type of its own, which is escaped like any other."""


@given(
    st.one_of(
        st.text(),
        st.integers(),
        st.floats(),
        st.booleans(),
        st.none(),
        st.binary(),
        st.text().map(Markup),
        st.text().map(Own),
        st.builds(Marked),
        st.lists(st.text(), max_size=2),
    )
)
def test_a_value_stands_in_a_page_as_it_always_does(value: object) -> None:
    assert shown(value) == escape(value)


def test_what_is_safe_is_escaped_no_more() -> None:
    assert isinstance(safe("<b>"), Markup)
    assert escape(safe("<b>")) == "<b>"


@given(st.lists(st.sampled_from(("%(n)s", "%(name)s", "%%", "<i>", "of", " ")), max_size=8))
def test_a_filled_text_is_the_formatted_one(parts: list[str]) -> None:
    text = "".join(parts)
    split = pieces(text)
    assert split is not None
    values = {"n": 3, "name": "<Ana>"}
    assert filled(split, **values) == Markup(text) % values


@pytest.mark.parametrize("text", ["%(n)d of them", "%s", "100 %", "%(n)s and %(m)05d"])
def test_a_text_with_other_places_is_formatted_as_before(text: str) -> None:
    assert pieces(text) is None


def environments() -> tuple[Environment, Environment]:
    options: dict[str, Any] = {"autoescape": True, "undefined": StrictUndefined}
    quick = SpokenEnvironment(**options)
    quick.speak("en")
    made = (Environment(**options), quick)
    for one in made:
        one.globals.update(doubled=lambda text, times=2: text * times)
    return made


MACROS = """
{% macro one(a, b="<2>", c=3) %}({{ a }}|{{ b }}|{{ c }}){% endmacro %}
{% macro framed(title) %}<p>{{ title }}: {{ caller() }}</p>{% endmacro %}
{% macro any(a) %}{{ a }}{{ varargs|join(",") }}{{ kwargs|length }}{% endmacro %}
{% macro maybe() %}{% if caller is defined %}{{ caller() }}{% else %}alone{% endif %}{% endmacro %}
"""


@pytest.mark.parametrize(
    "body",
    [
        '{{ one("<a>") }}{{ one("a", c=5) }}{{ one(b=2, a=1) }}{{ one(1, 2, 3) }}',
        '{{ one(one("<x>")) }}{% set kept %}<b>{{ value }}</b>{% endset %}{{ one(kept) }}',
        '{% call framed("<t>") %}{{ value }}{{ one(value) }}{% endcall %}',
        "{{ any(1, 2, 3, d=4) }}{{ maybe() }}{% call maybe() %}<i>{% endcall %}",
        '{% for n in (1, 2) %}{{ loop.index }}{{ one(n) }}{{ doubled("<") }}{% endfor %}',
        "{{ doubled(value, times=3) }}{{ value ~ one(1) }}{{ [1, none, 2.5] }}{{ true }}",
        '{{ "<b>"|safe }}{{ one("<b>"|safe) }}{{ one(value)|length }}',
    ],
)
def test_a_page_says_the_same(body: str) -> None:
    plain, quick = (env.from_string(MACROS + body) for env in environments())
    assert quick.render(value="<&>") == plain.render(value="<&>")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("{{ one(1, d=4) }}", TypeError),
        ("{{ one(1, 2, 3, 4) }}", TypeError),
        ("{{ one(1, a=2) }}", TypeError),
        ("{{ one() }}", UndefinedError),
        ("{{ framed(1) }}", UndefinedError),
        ("{{ nothing }}", UndefinedError),
        ("{{ nothing(1) }}", UndefinedError),
    ],
)
def test_a_page_fails_where_it_should(body: str, error: type[Exception]) -> None:
    for env in environments():
        with pytest.raises(error):
            env.from_string(MACROS + body).render()
