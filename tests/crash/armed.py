"""The node's application, in a process that dies at a failpoint if one was laid out for it."""

import os
import sys
from contextlib import suppress
from pathlib import Path

from civic.kernel.web.asgi import Application
from civic.settings import Settings


def laid_out(data: Path) -> Path:
    """Return the file whose first line names the failpoint for the next process that starts."""
    return data / "failpoint"


def taken(data: Path) -> dict[str, int]:
    """Return which process took which failpoint."""
    found = {}
    for path in data.glob("failpoint.*"):
        found[path.read_text()] = int(path.suffix[1:])
    return found


def create_app(settings: Settings) -> Application:
    """Make the application; the first process to find a failpoint takes it, no other does."""
    with suppress(FileNotFoundError):
        mine = settings.data / f"failpoint.{os.getpid()}"
        laid_out(settings.data).rename(mine)
        assert "civic.kernel.failpoint" not in sys.modules
        os.environ["CIVIC_FAILPOINT"] = mine.read_text()
    from civic.app import create_app as create

    return create(settings)
