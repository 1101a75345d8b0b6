"""Accents: the twelve colours of which each chapter has one, all legible on paper and at night.

They are hues spread over the circle in OKLCH, with a lightness at which each keeps a contrast of at
least 4.5 to 1 against the page, its own tint and white; a test computes that from the style sheet.
"""

from typing import Final

import msgspec

INK: Final = "#221f1b"
"""The colour of text and of the dark thread of an ornament."""


class Accent(msgspec.Struct, frozen=True):
    """One accent: its name, and its colour on light paper (the style sheet holds the others)."""

    name: str
    css_class: str
    light: str


ACCENTS: Final = (
    Accent("madder", "accent-0", "#9a2929"),
    Accent("brick", "accent-1", "#903a03"),
    Accent("ochre", "accent-2", "#774f02"),
    Accent("moss", "accent-3", "#575e0a"),
    Accent("fern", "accent-4", "#066b1b"),
    Accent("spruce", "accent-5", "#09684b"),
    Accent("teal", "accent-6", "#026565"),
    Accent("lake", "accent-7", "#056180"),
    Accent("cornflower", "accent-8", "#2552aa"),
    Accent("iris", "accent-9", "#5a43a4"),
    Accent("plum", "accent-10", "#7b358b"),
    Accent("rose", "accent-11", "#97274d"),
)


def accent_index(digest: bytes) -> int:
    """Return which accent belongs to a hash: its first byte modulo twelve."""
    return digest[0] % len(ACCENTS)


def accent_class(chapter_id: str) -> str:
    """Return the CSS class of a chapter's accent from its id, a SHA-256 in hex.

    Raises ValueError when the id is not hex.
    """
    return ACCENTS[accent_index(bytes.fromhex(chapter_id))].css_class
