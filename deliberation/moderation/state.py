"""What the rules know of words that are hidden, or were."""

from typing import Literal

import msgspec


class Hiding(msgspec.Struct):
    """Words that an office hid. `since` in minutes; `by` is the member who held the office.

    `author` is the voice that wrote them, empty where no voice of the matter did. `open` can be
    appealed, `appealed` is judged, `final` stays hidden, `over` is shown again or erased. `judged`
    maps members who judged the appeal to whether the words are to be shown; `plea` is the hash of
    what the author says.
    """

    of: str
    matter: str
    author: str
    words: list[str]
    by: str
    since: int
    stage: Literal["open", "appealed", "final", "over"] = "open"
    judged: dict[str, bool] = {}
    plea: str = ""


class Moderation(msgspec.Struct):
    """Hidings by id, which hidden words belong to which, and words that an appeal brought back."""

    hidings: dict[str, Hiding] = {}
    hidden: dict[str, str] = {}
    cleared: set[str] = set()
