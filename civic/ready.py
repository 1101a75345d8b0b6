"""`python -m civic.ready`: asks the node on this machine whether it is ready, by exit status.

For whoever starts containers. It imports nothing of the node, since it is run all the time.
"""

import http.client
import os
import socket
import sys
from collections.abc import Mapping

SECONDS = 10.0


class _Unix(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def ready(environment: Mapping[str, str] = os.environ) -> str:
    """Return what is missing, as `/readyz` tells it; empty: the node is ready."""
    where = environment.get("CIVIC_MONITOR", "")
    if not where:
        return "CIVIC_MONITOR is not set"
    asking = http.client.HTTPConnection(where, timeout=SECONDS)
    if where.startswith("/"):
        asking = _Unix(where)
    try:
        asking.request("GET", "/readyz")
        answer = asking.getresponse()
        told = answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return f"nobody tells ({type(error).__name__})"
    finally:
        asking.close()
    return "" if answer.status == 200 else told


if __name__ == "__main__":
    sys.exit(ready() or 0)
