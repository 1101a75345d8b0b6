"""Signatures checked on all cores beside the replay, in chunks; findings come in order."""

import os
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from types import TracebackType
from typing import Final, Self

from civic.kernel.record.audit import check_signatures
from civic.kernel.refusal import Refusal
from civic.procedure import VERSIONS

CHUNK: Final = 2048
"""Acts sent to a process at once."""
ALONE: Final = CHUNK
"""Up to so many acts this process checks by itself: starting others takes longer."""
_AHEAD: Final = 8

_Acts = list[tuple[int, bytes]]


def check(version: int, log: str, acts: Sequence[tuple[int, bytes]]) -> list[tuple[int, Refusal]]:
    """Check a chunk; runs in another process."""
    return check_signatures(VERSIONS[version], log, acts)


class AllCores:
    """Checks signatures in as many processes as there are cores. Use it as a context manager."""

    def __init__(self, processes: int | None = None) -> None:
        self._processes = processes or len(os.sched_getaffinity(0))
        self._pool: ProcessPoolExecutor | None = None
        self._version, self._log = 0, ""
        self._acts: _Acts = []
        self._running: deque[Future[list[tuple[int, Refusal]]]] = deque()
        self._refused: list[tuple[int, Refusal]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    @property
    def pids(self) -> list[int]:
        """The ids of the processes, once they are started."""
        return [] if self._pool is None else list(self._pool._processes)

    def begin(self, version: int, log: str) -> None:
        """Start on a log under a version of the rules."""
        self._version, self._log = version, log
        self._acts, self._refused = [], []

    def turn(self, version: int) -> None:
        """Go on under another version of the rules, for the acts that are added from here on."""
        if self._pool is not None:
            self._send()
        else:
            self._refused.extend(check(self._version, self._log, self._acts))
            self._acts = []
        self._version = version

    def add(self, index: int, raw: bytes) -> None:
        """Take an act's entry, whose bytes are canonical."""
        self._acts.append((index, raw))
        if len(self._acts) >= (CHUNK if self._pool is not None else ALONE):
            self._send()

    def end(self) -> list[tuple[int, Refusal]]:
        """Return what was refused, by index."""
        if self._pool is None:
            self._refused.extend(check(self._version, self._log, self._acts))
        else:
            self._send()
            while self._running:
                self._refused.extend(self._running.popleft().result())
        self._acts = []
        return self._refused

    def _send(self) -> None:
        if self._pool is None:
            # Fresh processes: nothing of this one's threads, files or locks is inherited.
            self._pool = ProcessPoolExecutor(self._processes, get_context("spawn"))
        for start in range(0, len(self._acts), CHUNK):
            part = self._acts[start : start + CHUNK]
            self._running.append(self._pool.submit(check, self._version, self._log, part))
        self._acts = []
        while len(self._running) > self._processes * _AHEAD:
            self._refused.extend(self._running.popleft().result())
