"""`civic serve` for measurements: with another size of groups if CIVIC_BENCH_GROUP says so."""

import os
import sys
from functools import partial

import civic.app
from civic.kernel.web.asgi import Application
from civic.node import open_node
from civic.settings import Settings
from civic.supervisor import Supervisor, SupervisorError


def create_app(settings: Settings) -> Application:
    """Make the node's application."""
    group = os.environ.get("CIVIC_BENCH_GROUP")
    if group is not None:
        civic.app.open_node = partial(open_node, group=int(group))  # type: ignore[attr-defined]
    return civic.app.create_app(settings)


def main() -> None:
    """Serve until asked to end; say so when requests are taken."""
    try:
        Supervisor(Settings.from_environment(), app="bench.served:create_app").run(
            lambda url: print(url, flush=True)
        )
    except SupervisorError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
