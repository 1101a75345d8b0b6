"""Failpoints: places on the way of an act where a test lets the process die.

`CIVIC_FAILPOINT=name` or `name:n` kills the process with SIGKILL the n-th time it passes there.
"""

import os
import signal
from typing import Final

NAMES: Final = (
    "box.before_commit",
    "box.after_commit",
    "book.before_entries",
    "book.after_entries",
    "book.before_commit",
    "book.after_commit",
    "book.before_sign",
    "book.after_sign",
    "book.before_sign_commit",
    "book.after_sign_commit",
)
"""Places on the way of an act: each is passed by every act, or every row of a box."""

SELDOM: Final = (
    "beginning.after_intent",
    "beginning.after_record",
    "leaving.after_note",
    "leaving.after_left",
)
"""Places that only who begins or ends a membership passes."""

_armed, _, _times = os.environ.get("CIVIC_FAILPOINT", "").partition(":")
_left = int(_times or "1")


def failpoint(name: str) -> None:
    """Die here if the environment asks for it."""
    if name == _armed:
        _die_when_counted()


def _die_when_counted() -> None:
    global _left
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
