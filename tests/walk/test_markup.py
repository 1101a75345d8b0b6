"""What is read of a page without a browser."""

import pytest

from tests.walk.markup import read

WHOLE = """<!doctype html>
<html lang="be"><head><meta charset="utf-8"><title>A title</title></head>
<body><main><h1>Words</h1>{}</main></body></html>"""


def test_a_page_without_faults_has_none() -> None:
    page = read(WHOLE.format('<svg role="img"><title>Bars</title><rect width="1"/></svg><br>'))
    assert page.faults == ()
    assert page.language == "be"


@pytest.mark.parametrize(
    ("inside", "fault"),
    [
        ("<p><em>so</p></em>", "</p> where <em> is open"),
        ("<section><p>so", "</main> where <p> is open"),
        ('<p id="a"></p><p id="a"></p>', "an id twice: a"),
        ('<p class="a" class="b"></p>', "an attribute twice: <p class class>"),
        ('<label for="a">Name</label>', "for points to nothing: a"),
        ('<p aria-describedby="a b">', "aria-describedby points to nothing: b"),
        ('<a href="#there">there</a>', "a link to nothing: #there"),
        ('<input name="title">', "a field without a label: title"),
        ('<label for="i"> </label><input id="i">', "an empty label: {'for': 'i'}"),
        ('<img src="/a.png">', "a picture without alt: /a.png"),
        ('<p style="color: red"></p>', "code or style in an attribute: <p>"),
        ("<script>1</script>", "a script in the page"),
        ("<h1>Again</h1>", "2 times <h1>"),
    ],
)
def test_each_fault_is_found(inside: str, fault: str) -> None:
    assert fault in read(WHOLE.format(inside)).faults


def test_fields_may_be_named_in_several_ways() -> None:
    inside = """<label>Yes <input type="radio" name="a"></label>
    <label for="b">B</label><textarea id="b" name="b"></textarea>
    <select aria-label="C" name="c"></select><input type="hidden" name="d">"""
    assert read(WHOLE.format(inside)).faults == ()


def test_pages_with_other_texts_and_longer_lists_have_the_same_skeleton() -> None:
    one = read(WHOLE.format('<ul><li id="a">One</li><li>Two</li></ul>'))
    other = read(WHOLE.format("<ul><li>Адзін</li></ul>"))
    third = read(WHOLE.format('<ul><li class="mine">Адзін</li></ul>'))
    assert one.skeleton == other.skeleton != third.skeleton
