"""A fixed workload of plain Python, about a second: what times are stated in, since machines differ and
drift.
"""

from __future__ import annotations

import os
import subprocess
import sys

WORKLOAD = """
class Node:
    __slots__ = ("key", "count", "next")
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
def tables(n):
    table = {}
    for i in range(n):
        key = (i * 7919 % 10007, i & 255)
        node = table.get(key)
        if node is None:
            node = table[key] = Node()
            node.key, node.count, node.next = key, 0, None
        node.count += 1
    return len(table)
fib(27)
tables(600000)
b"".join(b"%d -> %d" % (i, i) for i in range(200000)).count(b"7")
"""


def seconds(command: list[str], **environment: str) -> float:
    """How much of the processor a command takes, which others on the machine change least.

    :raises SystemExit: when it fails
    """
    surroundings = {**os.environ, **environment}
    surroundings.pop("PYTHONDONTWRITEBYTECODE", None)  # compiling Python is not what is measured
    child = subprocess.Popen(command, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{' '.join(command)} ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime


def yardstick() -> float:
    """Seconds that the workload takes now."""
    return seconds([sys.executable, "-c", WORKLOAD])
