"""Templates that were translated when they were compiled say what others say, in each language."""

import pytest

from civic.kernel.web.language import LANGUAGES, Reader, reading_as
from civic.kernel.web.pages import environment, template_folder

SAID = """
{% import "ui/parts.html" as parts %}
{% macro held(text) %}[{{ text }}]{% endmacro %}
{{ _("Where you are") }} {{ held(_("Where you are")) }}
{{ _("All %(n)s", n=value) }} {{ _("All %(n)s", n=5|count) }}
{{ pgettext("button", "Vote") }} {{ ngettext("%(num)s reply", "%(num)s replies", 3) }}
{{ _(given) }} {{ _("Yes") if value else _("No") }} {% set kept = _("100 %% of it") %}{{ kept }}
{% for word, text in (("a", _("Agree")), ("b", _("Pass"))) %}{{ word }}={{ text }} {% endfor %}
{{ parts.pagination(_("You"), "/a", "/b") }}
"""


@pytest.mark.parametrize("tag", list(LANGUAGES))
def test_nothing_sounds_different(tag: str) -> None:
    plain, spoken = environment([template_folder()]), environment([template_folder()], tag)
    view = {"value": "<b>", "given": "Proposals"}
    with reading_as(Reader(tag)):
        expected = plain.from_string(SAID).render(view)
        assert spoken.from_string(SAID).render(view) == expected
    assert "&lt;b&gt;" in expected
    assert "100 % of it" in expected


def test_the_language_is_that_of_the_environment_and_not_of_who_compiles() -> None:
    page = environment([template_folder()], "be").from_string('{{ _("Where you are") }}')
    with reading_as(Reader("de")):
        assert page.render() == "Дзе вы цяпер"


def test_all_templates_can_be_translated() -> None:
    env = environment([template_folder()], "lt")
    names = env.list_templates(["html"])
    assert len(names) > 90
    for name in names:
        assert env.get_template(name).name == name


def test_what_a_template_has_is_not_asked_for_while_a_page_is_filled() -> None:
    env = environment([template_folder()], "en")
    code = str(env.compile('<p>{{ _("Yes") }}</p>{{ _("All %(n)s", n=n) }}', raw=True))
    assert "<p>Yes</p>" in code
    assert "resolve('_')" not in code
