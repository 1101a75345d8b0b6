"""The macros of templates/ui: what they say to screen readers, and that they escape everything."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from jinja2 import UndefinedError

from civic.kernel.web.charts import Phase, bars, quorum, timeline
from civic.kernel.web.dates import moment
from civic.kernel.web.forms import Field, Form, blank
from civic.kernel.web.pages import Link, environment, template_folder

Draw = Callable[..., str]

EVIL = "<i>&\"'"
SAFE = "&lt;i&gt;&amp;&#34;&#39;"
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
SOON = moment(NOW + timedelta(days=3), NOW)

IMPORTS = """
{% import "ui/parts.html" as parts %}{% import "ui/forms.html" as forms %}
{% import "ui/charts.html" as charts %}
"""


@pytest.fixture(scope="module")
def draw() -> Draw:
    env = environment([template_folder()])

    def drawn(source: str, **view: object) -> str:
        return env.from_string(IMPORTS + source).render(**view)

    return drawn


def evil_form() -> Form:
    form = blank(Field("a", EVIL), a=EVIL)
    return form.with_error("a", EVIL).with_error("", EVIL)


@pytest.mark.parametrize(
    "source",
    [
        "{{ parts.badge(x, 'good') }}",
        "{{ parts.card(x, '#', x, 'plain', x) }}",
        "{% call parts.card(x) %}{{ x }}{% endcall %}",
        "{% call parts.standing(x, x, 'accent', soon, x) %}{{ x }}{% endcall %}",
        "{{ parts.standing(x, x) }}",
        "{{ parts.facts([(x, x)]) }}",
        "{{ parts.table(x, [(x, 'text'), (x, 'number')], [[x, x]]) }}",
        "{{ parts.pagination(x, '/a', '/b') }}",
        "{{ parts.voice('a' * 26, x) }}",
        "{% call parts.contribution('a' * 26, soon, x, x) %}{{ x }}{% endcall %}",
        "{{ parts.hash('ab' * 32, x) }}",
        "{{ parts.empty(x) }}",
        "{% call parts.empty(x) %}{{ x }}{% endcall %}",
        "{% call parts.details(x) %}{{ x }}{% endcall %}",
        "{% call parts.notice(x, 'warn') %}{{ x }}{% endcall %}",
        "{{ parts.breadcrumbs([link, link]) }}",
        "{{ parts.when(soon, x) }}{{ parts.ago(soon) }}",
        "{{ forms.error_summary(form) }}",
        "{% call forms.form(x, form) %}{{ x }}{% endcall %}",
        "{{ forms.field(form, 'a', x, x) }}",
        "{{ forms.textarea(form, 'a', x, x) }}",
        "{{ forms.select(form, 'a', x, [(x, x)], x) }}",
        "{{ forms.radios(form, 'a', x, [(x, x, x)], x) }}",
        "{{ forms.checkboxes(form, 'a', x, [(x, x, x)], x) }}",
        "{{ forms.tick(form, 'a', x, x) }}",
        "{{ forms.act(x, x, 'secondary', {x: x}) }}",
        "{{ forms.button(x, 'primary', x, x) }}{{ forms.link_button(x, x) }}",
        "{{ charts.timeline(line, x) }}",
        "{{ charts.bars(result) }}",
        "{{ charts.meter(meter) }}",
    ],
)
def test_every_macro_renders_and_escapes(draw: Draw, source: str) -> None:
    html = draw(
        source,
        x=EVIL,
        soon=SOON,
        link=Link(EVIL, "/"),
        form=evil_form(),
        line=timeline([Phase(EVIL, NOW, NOW + timedelta(days=1), EVIL)], NOW),
        result=bars(EVIL, [(EVIL, 1, "yes")], threshold_text=EVIL, chosen=EVIL),
        meter=quorum(1, 2, 1),
    )
    assert "<i>" not in html
    assert "style=" not in html
    assert SAFE in html or "charts.meter" in source


def test_a_missing_name_fails_loudly(draw: Draw) -> None:
    with pytest.raises(UndefinedError):
        draw("{{ parts.badge(nothing) }}")


def test_a_moment_is_told_to_people_and_machines(draw: Draw) -> None:
    html = draw("{{ parts.when(soon, 'closes') }}", soon=SOON)
    assert 'closes <time datetime="2026-11-24T09:30Z">in 3 days</time>' in html
    assert "(Tue 24 Nov 2026, 09:30 UTC)" in html


def test_a_single_button_form_carries_a_fresh_key(draw: Draw) -> None:
    one, other = (draw("{{ forms.act('/x', 'Support') }}") for _number in range(2))
    assert 'name="key" value="' in one
    assert one != other


def test_first_choice_is_where_the_error_summary_points(draw: Draw) -> None:
    html = draw(
        "{{ forms.radios(form, 'a', 'Way', [('x', 'X', ''), ('y', 'Y', '')]) }}", form=evil_form()
    )
    assert '<input id="f-a" type="radio"' in html
    assert '<input id="f-a-2" type="radio"' in html
    assert "<fieldset" in html
    assert "aria-invalid" in html


def test_the_phase_that_runs_is_marked(draw: Draw) -> None:
    line = timeline([Phase("Vote", NOW, NOW + timedelta(days=1))], NOW)
    html = draw("{{ charts.timeline(line) }}", line=line)
    assert 'aria-current="step"' in html
    assert 'aria-hidden="true"' in html


def test_a_result_is_a_table(draw: Draw) -> None:
    html = draw("{{ charts.bars(r) }}", r=bars("Shall we?", [("Yes", 2, "yes"), ("No", 1, "no")]))
    assert "<caption>Shall we?</caption>" in html
    assert html.count('<tr class="result-bar" aria-hidden="true">') == 2
    assert html.count("<tr") == html.count("</tr>")
