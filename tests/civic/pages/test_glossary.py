"""The page of words: each is explained once, and each link to one leads somewhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import nodes

from civic.kernel.web.pages import environment, template_folder
from civic.pages.bylaw_plainly import TERMS
from civic.pages.glossary import GROUPS
from tests.town import Town

NAMES = [term.name for group in GROUPS for term in group.terms]
TEMPLATES = sorted(template_folder().rglob("*.html"))


def linked(path: Path) -> Iterator[str]:
    """Return the names of the words that a template links."""
    tree = environment([template_folder()]).parse(path.read_text())
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Getattr) and call.node.attr == "term":
            first = call.args[0]
            # What a page hands over comes from a table of its own, which is looked at below.
            if isinstance(first, nodes.Const):
                yield first.value


def test_every_word_is_explained_once() -> None:
    assert len(NAMES) == len(set(NAMES))
    for group in GROUPS:
        for term in group.terms:
            assert len(term.meaning) > 40, term.name


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_linked_word_exists(path: Path) -> None:
    assert set(linked(path)) <= set(NAMES)


def test_words_are_linked() -> None:
    found = {name for path in TEMPLATES for name in linked(path)} | set(TERMS.values())
    assert set(TERMS.values()) <= set(NAMES)
    assert {"row", "voice", "level", "checkpoint", "fixed-text", "outcome-card"} <= found


async def test_the_page_has_them_all(vilnius: Town) -> None:
    page = await vilnius.stranger().see("/words")
    for name in NAMES:
        assert page.count(f'id="{name}"') == 1, name
    assert 'href="/words"' in page
