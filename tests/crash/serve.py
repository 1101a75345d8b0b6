"""`civic serve` with applications that can be armed (see `armed`)."""

import sys

from civic.kernel import watched
from civic.settings import Settings
from civic.supervisor import Supervisor, SupervisorError


def main() -> None:
    """Serve until asked to end; say so when requests are taken."""
    # Each round kills what was just started; a node that is not attacked may wait longer.
    watched.Backoff.pause = property(lambda _self: 0.1)  # type: ignore[assignment,method-assign]
    supervisor = Supervisor(Settings.from_environment(), app="tests.crash.armed:create_app")
    try:
        supervisor.run(lambda url: print(url, flush=True))
    except SupervisorError as error:
        sys.exit(f"refused: {error}")


if __name__ == "__main__":
    main()
