"""What the document says of a call beside what its code says by itself."""

from collections.abc import Mapping
from typing import Any

import msgspec

from civic.api.answers import Recorded


class Query(msgspec.Struct, frozen=True):
    """A value in the address after the question mark."""

    name: str
    meaning: str
    schema: Mapping[str, Any]
    example: Any


class Told(msgspec.Struct, frozen=True):
    """What a call answers when all is well; `asks` where it reads its body by itself.

    `also` are further good answers by status. `pages` says that it is a list page by page.
    `acts` says that it hands in acts of any kind.
    """

    answers: Any = Recorded
    status: int = 0
    asks: Any = None
    example: Any = None
    answer_example: Any = None
    queries: tuple[Query, ...] = ()
    also: Mapping[int, Any] = {}
    pages: bool = False
    acts: bool = False


class Room(msgspec.Struct, frozen=True):
    """Calls about one subject, as the documentation puts them together."""

    name: str
    title: str
    about: str
    calls: Mapping[Any, Told]
