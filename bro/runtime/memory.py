"""How much memory the process may take, so that a script which takes ever more ends with an error.

A loop that doubles a string fills any machine within a second, long before the watchdog looks. The kernel
would then end the process without a word, or another one. With a limit below that, the request which goes too
far fails instead: the handler is stopped with "out of memory" and its line, and what it held is free again.

What is kept in variables is not. The engine cannot go on without memory (a request of its that fails ends the
process, with the rows of logs that wait), so a run that has used up its own ends in order while some is left:
the limit goes, and what is between it and the machine's memory is for the end. So does one in which a large
table cannot grow: to grow, it needs twice of what it has beside that, and without it fails at every packet.

Only the command sets a limit. `bro.run` and the like are guests in a process whose limits are not theirs.
"""

from __future__ import annotations

import sys

#: Share of the machine's memory that the process may take; the rest is the system's.
_SHARE = 0.9

#: Share of the limit from which on memory counts as used up.
_USED_UP = 0.95

#: Share of the limit from which on what is kept may be what fails again and again for want of more.
_KEPT = 0.25

#: Where the kernel says what a group of processes may take, in its two ways of keeping such groups.
_GROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")

#: The limits that there were before, while one of ours holds.
_before: tuple[int, int] | None = None


def limit_memory() -> int:
    """Keep the process from taking more memory than there is; return the limit in bytes, 0 if none was set.

    A limit that is set already and lower stays.  Only on Linux; elsewhere nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return 0
    import resource

    global _before
    limit = int(_available() * _SHARE)
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if limit <= 0 or (soft != resource.RLIM_INFINITY and soft <= limit):
        return 0
    try:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    except (OSError, ValueError):
        return 0
    _before = (soft, hard)
    return limit


def lift_limit() -> bool:
    """Take back what `limit_memory` did; return whether it had set a limit."""
    global _before
    if _before is None:
        return False
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, _before)
    _before = None
    return True


def is_used_up() -> bool:
    """Whether the process has come close to the limit that `limit_memory` set."""
    return _used() >= _USED_UP


def is_kept() -> bool:
    """Whether a good part of the limit that `limit_memory` set is in use."""
    return _used() >= _KEPT


def _used() -> float:
    """The share of the limit that is in use; 0 without a limit."""
    if _before is None:
        return 0.0
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_DATA)
    try:
        with open("/proc/self/statm", "rb") as file:
            pages = int(file.read().split()[5])  # of data and stack, see proc(5)
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * resource.getpagesize() / limit


def _available() -> int:
    """Bytes of memory and swap space of the machine, or what the group of the process may take if that is
    less; 0 if it cannot be told.
    """
    total = 0
    try:
        with open("/proc/meminfo", "rb") as file:
            for line in file:
                if line.startswith((b"MemTotal:", b"SwapTotal:")):
                    total += int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        return 0
    for path in _GROUPS:
        try:
            with open(path, "rb") as file:
                total = min(total, int(file.read()))
        except (OSError, ValueError):  # there is none, or it says "max"
            continue
    return total
