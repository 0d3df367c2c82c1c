"""What a child process may use. A hostile or broken input can cost no more than this."""

import ctypes
import os
import resource
import signal
import sys

MEMORY_BYTES = 2 * 1024**3
_PR_SET_PDEATHSIG = 1


def limit_this_process(*, cpu_s: int, memory_bytes: int = MEMORY_BYTES, niceness: int = 10) -> None:
    """Called first thing in a child, before it reads anything that a person gave us."""
    # Not above what we were started with: raising a hard limit is refused.
    _lower(resource.RLIMIT_AS, memory_bytes)
    _lower(resource.RLIMIT_CPU, cpu_s)
    _lower(resource.RLIMIT_CORE, 0)
    os.nice(niceness)
    _end_with_the_parent()


def _end_with_the_parent() -> None:
    """A killed server's children would draw on for nobody, and beside those of the next one.

    Linux alone can do that. A parent that is gone by now has left half an order, which ends us too.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _lower(what: int, to: int) -> None:
    _, hard = resource.getrlimit(what)
    limit = to if hard == resource.RLIM_INFINITY else min(to, hard)
    resource.setrlimit(what, (limit, limit))
