"""What a child process may use. A hostile or broken input can cost no more than this."""

import os
import resource

MEMORY_BYTES = 2 * 1024**3


def limit_this_process(*, cpu_s: int, memory_bytes: int = MEMORY_BYTES, niceness: int = 10) -> None:
    """Called first thing in a child, before it reads anything that a person gave us."""
    # Not above what we were started with: raising a hard limit is refused.
    _lower(resource.RLIMIT_AS, memory_bytes)
    _lower(resource.RLIMIT_CPU, cpu_s)
    _lower(resource.RLIMIT_CORE, 0)
    os.nice(niceness)


def _lower(what: int, to: int) -> None:
    _, hard = resource.getrlimit(what)
    limit = to if hard == resource.RLIM_INFINITY else min(to, hard)
    resource.setrlimit(what, (limit, limit))
