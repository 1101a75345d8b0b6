"""Child processes that end when their parent does, however the parent ends."""

import ctypes
import os
import resource
import signal
import sys
import threading
import time
from dataclasses import dataclass, field

_PR_SET_PDEATHSIG = 1
# Loaded here: between fork and exec a child must not load a library.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class EndsWithParent:
    """Called in a child before anything else: the kernel sends it `how` when the parent dies.

    For `preexec_fn` of `subprocess.Popen` and `initializer` of a process pool; make it in the
    parent. "Parent" is the thread that forks, so let one fork that lives as long as the process.
    The child also writes no core files: its memory holds secrets. Where the kernel has no such
    signal (macOS) see `watch_parent`.
    """

    how: signal.Signals = signal.SIGTERM
    parent: int = field(default_factory=os.getpid)

    def __call__(self) -> None:
        """Set it up; end at once if the parent is gone already."""
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(self.how))
        if os.getppid() != self.parent:
            os._exit(1)


def watch_parent() -> None:
    """End this process soon after its parent, where the kernel does not see to it."""
    if _LIBC is not None:
        return
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()
