"""Reads a page without a browser: whether its HTML is well formed, and what it is made of.

Elements are expected to be closed as they were opened, which HTML does not demand and our templates
do: what is not is a slip. The skeleton of a page is its elements with their roles and classes,
without texts and with each run of like siblings once, so that two pages with the same skeleton are
the same to whoever looks for barriers.
"""

import hashlib
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

VOID: Final = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
_SHAPES: Final = ("class", "hidden", "open", "role", "rel", "tabindex", "type")
_NAMES_FIELD: Final = frozenset({"aria-label", "aria-labelledby", "title"})
_POINTERS: Final = ("aria-describedby", "aria-labelledby", "aria-controls", "for", "form", "list")


@dataclass
class Element:
    """An element: its name, its attributes, and what is inside."""

    name: str
    attributes: dict[str, str | None]
    inside: "list[Element]" = field(default_factory=list)
    text: str = ""

    def all(self) -> "list[Element]":
        """Return the element and everything in it, in the order of the page."""
        return [self, *(one for child in self.inside for one in child.all())]

    def skeleton(self) -> str:
        """Return what it is made of."""
        shapes = [f"{name}={self.attributes[name]}" for name in _SHAPES if name in self.attributes]
        shapes += sorted(name for name in self.attributes if name.startswith("aria-"))
        parts: list[str] = []
        # What a drawing shows differs with each chapter; whether it has a name does not.
        for child in [] if self.name == "svg" else self.inside:
            one = child.skeleton()
            if one not in parts[-3:]:
                parts.append(one)
        return f"{self.name}[{','.join(shapes)}]({''.join(parts)})"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _value in attrs]
        if len(set(names)) < len(names):
            self.faults.append(f"an attribute twice: <{tag} {' '.join(names)}>")
        element = Element(tag, dict(attrs))
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1].name != tag:
            self.faults.append(f"</{tag}> where <{self.open[-1].name}> is open")
            if tag not in [one.name for one in self.open]:
                return
            while self.open[-1].name != tag:
                self.open.pop()
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for one in self.open:
            one.text += data


@dataclass(frozen=True)
class Page:
    """A page as it was read."""

    root: Element
    faults: tuple[str, ...]
    """What is wrong with it, in words."""

    @property
    def skeleton(self) -> str:
        """A digest of what the page is made of."""
        return hashlib.sha256(self.root.skeleton().encode()).hexdigest()

    @property
    def language(self) -> str:
        """The language that the page says it is in."""
        return next((one.attributes.get("lang") or "" for one in self.root.inside), "")


def read(html: str) -> Page:
    """Read a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    faults = list(reader.faults)
    faults += [f"<{one.name}> is never closed" for one in reader.open[1:]]
    if not html.lstrip().lower().startswith("<!doctype html>"):
        faults.append("no doctype")
    elements = reader.root.all()
    return Page(reader.root, tuple(faults + _faults(elements)))


def _faults(elements: list[Element]) -> list[str]:
    faults = []
    ids = [one.attributes["id"] for one in elements if "id" in one.attributes]
    faults += sorted({f"an id twice: {one}" for one in ids if ids.count(one) > 1})
    known = set(ids)
    for one in elements:
        for name in _POINTERS:
            for target in (one.attributes.get(name) or "").split():
                if target not in known:
                    faults.append(f"{name} points to nothing: {target}")
        if one.name == "a" and (one.attributes.get("href") or "").startswith("#"):
            target = (one.attributes["href"] or "")[1:]
            if target and target not in known:
                faults.append(f"a link to nothing: #{target}")
        if one.name == "img" and "alt" not in one.attributes:
            faults.append(f"a picture without alt: {one.attributes.get('src')}")
        if any(name.startswith("on") or name == "style" for name in one.attributes):
            faults.append(f"code or style in an attribute: <{one.name}>")
        if one.name == "script" and "src" not in one.attributes:
            faults.append("a script in the page")
    faults += _unlabelled(elements)
    for name in ("h1", "title", "main"):
        found = [one for one in elements if one.name == name]
        # A drawing may have a title of its own.
        if name == "title":
            found = [one for one in elements if one.name == "head" for one in one.inside]
            found = [one for one in found if one.name == "title"]
        if len(found) != 1:
            faults.append(f"{len(found)} times <{name}>")
        elif name != "main" and not re.sub(r"\s", "", found[0].text):
            faults.append(f"an empty <{name}>")
    return faults


def _unlabelled(elements: list[Element]) -> list[str]:
    labels = [one for one in elements if one.name == "label"]
    labelled = {one.attributes["for"] for one in labels if "for" in one.attributes}
    within = {id(inner) for label in labels for inner in label.all()}
    faults = [f"an empty label: {one.attributes}" for one in labels if not one.text.strip()]
    for one in elements:
        asks = one.name in ("select", "textarea") or (
            one.name == "input"
            and one.attributes.get("type") not in ("hidden", "submit", "button", "image", "reset")
        )
        named = one.attributes.keys() & _NAMES_FIELD or one.attributes.get("aria-hidden") == "true"
        labels_it = one.attributes.get("id") in labelled or id(one) in within
        if asks and not named and not labels_it:
            faults.append(f"a field without a label: {one.attributes.get('name')}")
    return faults
