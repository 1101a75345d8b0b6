"""The process that tells the operator's programs how the node fares, on a socket of its own."""

import argparse
import socket

import uvicorn

from civic.kernel import log_lines
from civic.kernel.children import watch_parent
from civic.kernel.named import function_named
from civic.kernel.serving import served
from civic.settings import Settings

GRACE_SECONDS = 2
"""How long an answer in progress may take after the process was asked to end."""


def main() -> None:
    """Tell until asked to end."""
    parser = argparse.ArgumentParser(prog="civic.monitor_process", description=__doc__)
    parser.add_argument("--name", default="monitor", help="what log lines call this process")
    parser.add_argument("--fd", type=int, required=True, help="the listening socket")
    parser.add_argument("--monitor", default="civic.monitor:Monitor", help="makes the application")
    given = parser.parse_args()
    watch_parent()
    log_lines.configure(given.name)
    config = served(function_named(given.monitor)(Settings.from_environment()), GRACE_SECONDS)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=given.fd)])


if __name__ == "__main__":
    main()
