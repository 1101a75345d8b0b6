"""Words as clients send them: their lengths, languages, and the one form in which they are kept."""

import unicodedata
from typing import Annotated

import msgspec

Language = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", max_length=35)]
Title = Annotated[str, msgspec.Meta(min_length=3, max_length=200)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=20_000)]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=5_000)]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


def plain(text: str) -> str:
    """Return a text in Unicode's composed form with line feeds alone, as records keep words."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
