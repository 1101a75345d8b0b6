"""How far a long command has come, on the terminal of who waits for it."""

import sys
import time
from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Told how much of how much is done."""

_EVERY = 0.2
_WIDTH = 30


def silent(done: int, total: int) -> None:
    """Show nothing."""


def bar(label: str) -> Progress:
    """Return a progress bar on standard error, or silence where that is no terminal."""
    if not sys.stderr.isatty():
        return silent
    shown = 0.0

    def show(done: int, total: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if done < total and now - shown < _EVERY:
            return
        shown = now
        filled = _WIDTH if total == 0 else _WIDTH * done // total
        line = f"\r{label} [{'#' * filled}{' ' * (_WIDTH - filled)}] {done:,} of {total:,}"
        sys.stderr.write(line + ("\n" if done >= total else ""))
        sys.stderr.flush()

    return show
