"""Where a chapter's record lies."""

from typing import Protocol


class Place(Protocol):
    """Where a chapter's record lies; `store.Head` is one."""

    @property
    def no(self) -> int:
        """The log's number on this node."""
        ...

    @property
    def log_id(self) -> str:
        """The log's id."""
        ...
