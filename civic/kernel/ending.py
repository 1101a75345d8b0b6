"""What a process does as soon as it is asked to end, before it waits for answers in progress.

An answer that never ends by itself would otherwise hold up the end for as long as is allowed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_DEEDS: Final[list[Callable[[], None]]] = []


@contextmanager
def at_end(deed: Callable[[], None]) -> Iterator[None]:
    """Have something done when the process begins to end, if that is within the block."""
    _DEEDS.append(deed)
    try:
        yield
    finally:
        _DEEDS.remove(deed)


def begin_to_end() -> None:
    """Do all that is to be done; called once the server takes no more connections."""
    for deed in tuple(_DEEDS):
        deed()
