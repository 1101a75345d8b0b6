"""A child process that is started again whenever it dies, but not too often."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

import structlog

from civic.kernel.children import EndsWithParent

_log = structlog.get_logger("civic.supervisor")


class Backoff:
    """Pauses before starts: none at first, then twice as long each time, up to ten seconds.

    A minute without a start is a new beginning.
    """

    def __init__(self) -> None:
        self._failures = 0
        self._last = float("-inf")

    def may_start(self) -> bool:
        """Tell whether the pause is over; if so a start is counted."""
        now = time.monotonic()
        since = now - self._last
        if since > 60:
            self._failures = 0
        if since < self.pause:
            return False
        self._failures += 1
        self._last = now
        return True

    @property
    def pause(self) -> float:
        """Seconds from the last start to the next one."""
        return 0.0 if self._failures < 2 else min(0.1 * 2.0 ** (self._failures - 2), 10.0)


class Watched:
    """A Python module run in a process of its own, which dies with this one."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        fds: Sequence[int] = (),
    ) -> None:
        """Plan the process: a module and its arguments, and the open files it inherits."""
        self.name = name
        self._command = [sys.executable, "-m", *arguments]
        self._environment = dict(environment)
        self._fds = tuple(fds)
        self._process: subprocess.Popen[bytes] | None = None
        self._backoff = Backoff()

    def runs(self) -> bool:
        """Tell whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def tend(self) -> None:
        """Start the process if it does not run and its pause is over."""
        if self.runs():
            return
        if self._process is not None:
            _log.warning("ended", child=self.name, code=self._process.returncode)
            self._process = None
        if not self._backoff.may_start():
            return
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            pass_fds=self._fds,
            # A terminal's Ctrl-C is for the supervisor, which stops its children in order.
            process_group=0,
            preexec_fn=EndsWithParent(signal.SIGKILL),
        )
        _log.info("started", child=self.name, pid=self._process.pid)

    def ask(self) -> None:
        """Ask the process to finish what it does and end."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End the process at once."""
        self._send(signal.SIGKILL)

    def _send(self, how: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(how)
