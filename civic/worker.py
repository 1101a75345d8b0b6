"""One web process: serves the application on a socket that the supervisor opened."""

import argparse
import gc
import socket

import uvicorn

from civic.kernel import log_lines
from civic.kernel.children import watch_parent
from civic.kernel.ending import begin_to_end
from civic.kernel.measures import counted
from civic.kernel.named import function_named
from civic.kernel.serving import served
from civic.settings import Settings

GRACE_SECONDS = 10
"""How long requests in progress may take after the process was asked to end."""


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What is loaded now stays: collecting it again and again costs a fifth of a page.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 50, 100)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Streams end here and now: their readers come again, to the process that follows.
        begin_to_end()
        await super().shutdown(sockets)


def main() -> None:
    """Serve until asked to end."""
    parser = argparse.ArgumentParser(prog="civic.worker", description=__doc__)
    parser.add_argument("--name", default="web", help="what log lines call this process")
    parser.add_argument("--fd", type=int, required=True, help="the listening socket")
    parser.add_argument("--app", default="civic.app:create_app", help="makes the application")
    given = parser.parse_args()
    watch_parent()
    log_lines.configure(given.name)
    settings = Settings.from_environment()
    app = function_named(given.app)(settings)
    config = served(counted(app) if settings.monitor else app, GRACE_SECONDS)
    _Server(config).run(sockets=[socket.socket(fileno=given.fd)])


if __name__ == "__main__":
    main()
