"""Whether two pages are the same page: the same elements in the same order, of about one length."""

from html.parser import HTMLParser
from typing import Final

APART: Final = 0.04
"""How much two pages may differ in length, as a share."""


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = " ".join(sorted(name for name, _value in attrs))
        kind = next((value for name, value in attrs if name == "class"), None)
        self.found.append(f"<{tag} {names} class={kind}>")


def elements(page: bytes) -> list[str]:
    """Return the elements of a page in order: names, names of attributes, classes."""
    parser = _Elements()
    parser.feed(page.decode())
    return parser.found


def difference(page: bytes, other: bytes) -> str | None:
    """Say in what one page is another than the other; None where they are the same page."""
    ours, theirs = elements(page), elements(other)
    for place, (one, two) in enumerate(zip(ours, theirs, strict=False)):
        if one != two:
            before = " ".join(ours[max(0, place - 3) : place])
            return f"element {place} is {one} in one and {two} in the other, after {before}"
    if len(ours) != len(theirs):
        return f"{len(ours)} elements in one, {len(theirs)} in the other"
    if abs(len(page) - len(other)) > APART * len(page):
        return f"{len(page)} bytes in one, {len(other)} in the other"
    return None
