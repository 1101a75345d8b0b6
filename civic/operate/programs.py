"""PostgreSQL's own programs: where they are, and how they are told the database to use."""

import os
import shutil
from typing import Final

from sqlalchemy.engine import URL

from civic.kernel.postgres import binaries
from civic.operate.place import OperationError

_PARAMETERS: Final = {"host": "PGHOST", "ssl": "PGSSLMODE", "sslmode": "PGSSLMODE"}


def program(name: str, url: URL) -> str:
    """Return the path of one of PostgreSQL's programs.

    For the embedded server the one that came with it; for the operator's own server the one on the
    PATH, which fits it best. OperationError if there is none.
    """
    own = binaries() / name
    if is_embedded(url):
        return str(own)
    found = shutil.which(name)
    if found is not None:
        return found
    if own.exists():
        return str(own)
    raise OperationError(f"{name} is missing (Debian: postgresql-client).")


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
