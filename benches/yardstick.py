"""A fixed workload of plain Python, about a second: what times are stated in, since machines differ and drift."""

from __future__ import annotations

import os
import subprocess
import sys
import time

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
    """How long a command takes, by the wall clock.

    :raises SystemExit: when it fails
    """
    begin = time.perf_counter()
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True)
    taken = time.perf_counter() - begin
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()}")
    return taken


def yardstick() -> float:
    """Seconds that the workload takes now."""
    return seconds([sys.executable, "-c", WORKLOAD])
