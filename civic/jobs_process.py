"""The jobs process: runs what the node does by itself, until it is asked to end."""

import argparse
import asyncio
import contextlib
import signal

import uvloop

from civic.kernel import log_lines
from civic.kernel.children import watch_parent
from civic.kernel.named import function_named
from civic.settings import Settings


def main() -> None:
    """Run the jobs; they are cancelled by SIGTERM."""
    parser = argparse.ArgumentParser(prog="civic.jobs_process", description=__doc__)
    parser.add_argument("--name", default="jobs", help="what log lines call this process")
    parser.add_argument("--run", default="civic.jobs:run", help="the coroutine function to run")
    given = parser.parse_args()
    watch_parent()
    log_lines.configure(given.name)
    uvloop.run(_until_asked(given.run, Settings.from_environment()))


async def _until_asked(name: str, settings: Settings) -> None:
    jobs = asyncio.ensure_future(function_named(name)(settings))
    for how in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(how, jobs.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await jobs


if __name__ == "__main__":
    main()
