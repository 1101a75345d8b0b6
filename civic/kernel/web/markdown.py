"""Words that people wrote, as safe HTML: CommonMark with tables, without raw HTML and images.

An image would tell its server who reads the page, so that its markup becomes a link. Headings begin
two levels lower, since a page and its section come first.
"""

import re
from collections.abc import Sequence
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_TAGS: Final = frozenset(
    {"a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p",
     "pre", "strong", "table", "tbody", "td", "th", "thead", "tr", "s", "ul"}
)  # fmt: skip
_ATTRIBUTES: Final = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES: Final = frozenset({"http", "https", "mailto"})

_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_parser.disable("image")


def _lower_headings(tokens: Sequence[Token]) -> None:
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"


_MARK: Final = re.compile(
    r"[\\`*_\[\]<>&~|\x00-\x09\x0b-\x1f\x7f-\xa0"
    r"\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
)
"""What means something anywhere, with all spaces but the common one and the end of a line."""
_FIRST: Final = re.compile(r"[ #\-+=\d]")
_NEXT: Final = re.compile(rf"\n{_FIRST.pattern}")


def _is_marked(text: str) -> bool:
    """Tell whether anything in a text may mean more than itself; one pattern would be slower."""
    return (
        _MARK.search(text) is not None
        or _FIRST.match(text) is not None
        or _NEXT.search(text) is not None
        or " \n" in text
        or text.endswith(" ")
    )


def markdown(text: str) -> Markup:
    """Return what someone wrote as HTML that can do nothing but be read."""
    if not _is_marked(text):
        # Most of what people write has no marks: parsing it would be half the cost of a page.
        paragraphs = (part for part in re.split(r"\n\n+", text.strip("\n")) if part)
        return Markup("".join(f"<p>{part}</p>\n" for part in paragraphs))  # noqa: S704
    return parsed(text)


def parsed(text: str) -> Markup:
    """Return what someone wrote as HTML, whether or not there is a mark in it."""
    tokens = _parser.parse(text)
    _lower_headings(tokens)
    html = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        html,
        tags=set(_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes=set(_SCHEMES),
        link_rel="nofollow noopener noreferrer",
    )
    return Markup(clean)  # noqa: S704  (nh3 has just cleaned it)
