"""The process that tells the operator's programs how the node fares, on a socket of its own."""

import argparse
import socket

import uvicorn

from civic.kernel import log_lines
from civic.kernel.children import watch_parent
from civic.kernel.named import function_named
from civic.settings import Settings


def main() -> None:
    """Tell until asked to end."""
    parser = argparse.ArgumentParser(prog="civic.monitor_process", description=__doc__)
    parser.add_argument("--name", default="monitor", help="what log lines call this process")
    parser.add_argument("--fd", type=int, required=True, help="the listening socket")
    parser.add_argument("--monitor", default="civic.monitor:Monitor", help="makes the application")
    given = parser.parse_args()
    watch_parent()
    log_lines.configure(given.name)
    config = uvicorn.Config(
        function_named(given.monitor)(Settings.from_environment()),
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=given.fd)])


if __name__ == "__main__":
    main()
