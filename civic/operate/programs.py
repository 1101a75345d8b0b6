"""PostgreSQL's own programs: where they are, and how they are told the database to use."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL

from civic.kernel.postgres import binaries
from civic.operate.place import OperationError

_PARAMETERS: Final = {"host": "PGHOST", "ssl": "PGSSLMODE", "sslmode": "PGSSLMODE"}


def program(name: str, url: URL, server: int = 0) -> str:
    """Return the path of one of PostgreSQL's programs.

    For the embedded server the one that came with it; for the operator's own server, of the one on
    the PATH and that one, the older that is not older than the `server` (its major version), since
    newer ones may say what it does not understand. OperationError if there is none.
    """
    own = binaries() / name
    if is_embedded(url):
        return str(own)
    there = [path for path in (shutil.which(name), str(own)) if path and Path(path).exists()]
    fitting = [(major, path) for path in there if (major := _major(path)) >= server]
    if fitting:
        # Of two that are equal the one that the operator chose.
        return min(fitting, key=lambda one: one[0])[1]
    raise OperationError(
        f"There is no {name} for PostgreSQL {server} (Debian: postgresql-client-{server})."
        if server
        else f"{name} is missing (Debian: postgresql-client)."
    )


def _major(path: str) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)", said)
    return int(found[1]) if found else 0


def is_embedded(url: URL) -> bool:
    """Tell whether a URL is that of a server on this machine's private socket."""
    host = url.query.get("host")
    return url.host is None and isinstance(host, str) and host.startswith("/")


def environment_of(url: URL) -> dict[str, str]:
    """Return the environment that tells PostgreSQL's programs which database to use.

    Not the command line: everybody on the machine can read that, and a URL can hold a password.
    """
    told = {
        "PGHOST": url.host,
        "PGPORT": None if url.port is None else str(url.port),
        "PGUSER": url.username,
        "PGPASSWORD": None if url.password is None else str(url.password),
        "PGDATABASE": url.database,
        "PGAPPNAME": "civic",
        "PGTZ": "UTC",
        "PGCLIENTENCODING": "UTF8",
    }
    for name, variable in _PARAMETERS.items():
        value = url.query.get(name)
        if isinstance(value, str):
            told[variable] = value
    passed = {name: os.environ[name] for name in ("HOME", "PATH", "LANG") if name in os.environ}
    return {**passed, **{name: value for name, value in told.items() if value is not None}}
