"""The first words of a text, without its marks: for a card that stands before the text itself."""

from typing import Final, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

MOST: Final = 260
"""Letters of a summary: some five lines on a phone."""
_READ: Final = 4 * MOST
"""Letters of a text that are looked at; markup takes some of them."""

_parser: Final = MarkdownIt("commonmark", {"html": False})


class Summary(NamedTuple):
    """The first words of a text; `whole` tells whether there are no others."""

    text: str
    whole: bool


def summary(text: str, most: int = MOST) -> Summary:
    """Return how a text in Markdown begins, on one line, cut between two words.

    Headings, code and addresses of links are left out.
    """
    tokens = _parser.parse(text[:_READ])
    said = [
        _plain(token)
        for before, token in zip([None, *tokens], tokens, strict=False)
        if token.type == "inline" and (before is None or before.type != "heading_open")
    ]
    line = " ".join(" ".join(said).split())
    left_out = len(text) > _READ or any(
        token.type in ("heading_open", "fence", "code_block") for token in tokens
    )
    if len(line) <= most:
        return Summary(f"{line}…" if len(text) > _READ else line, not left_out)
    cut = line.rfind(" ", most // 2, most)
    return Summary(f"{line[: cut if cut > 0 else most].rstrip(' ,;:.–—-')}…", whole=False)


def _plain(token: Token) -> str:
    parts = []
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type == "image":
            parts.append(child.content)
    return "".join(parts)
