"""Child processes that end when their parent does, however the parent ends."""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
# Loaded here: between fork and exec a child of a threaded parent must not load a library.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def ends_with_parent(how: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """Make a `preexec_fn` for `subprocess.Popen`: the kernel sends `how` when the parent dies.

    "Parent" is the thread that forks, so call Popen from one that lives as long as the process.
    The child also writes no core files: its memory holds secrets. Where the kernel has no such
    signal (macOS) a parent's death must be noticed in another way.
    """
    parent = os.getpid()

    def prepare() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(how))
        if os.getppid() != parent:
            os._exit(1)

    return prepare
