"""How deep functions of scripts may call each other.

Python's own limit of a thousand calls is low for a script that walks a tree.  A higher one is safe where the
stack of the process has room for what lies between two calls of a script: the engine, or a sort that calls a
comparison.  On Linux the main thread's stack may grow while the program runs, up to a limit that can be
raised; elsewhere, and in other threads, Python's limit stays.
"""

from __future__ import annotations

import _thread
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Calls within each other; beyond it the handler is stopped with an error.
MAX_CALLS: Final = 10_000
#: What Python begins with.
_PYTHONS_LIMIT: Final = 1_000
#: Bytes of stack for them: what a call takes was seen to stay below a quarter of its share.
_STACK: Final = 64 << 20
#: Calls within each other for who goes down the tree of a script; the parser's own bounds on how deep a tree
#: is (`bro.script.parser.MAX_DEPTH`) end before.
_TREE_CALLS: Final = 6_000


class RoomForTrees:
    """Within it the compiler may call itself for each level of a tree.

    Its calls are all of Python functions by Python functions, and these take nothing of the stack of the
    process, so this is safe in every thread.
    """

    def __enter__(self) -> None:
        self._before = sys.getrecursionlimit()
        sys.setrecursionlimit(max(self._before, _TREE_CALLS))

    def __exit__(self, *_: object) -> None:
        _limit(self._before)


class LittleStack:
    """Within it, and within `RoomForTrees`, something may be called that takes of the stack of the process
    for each level.
    """

    def __enter__(self) -> None:
        self._before = sys.getrecursionlimit()
        depth, frame = 0, sys._getframe()
        while frame.f_back is not None:
            depth, frame = depth + 1, frame.f_back
        _limit(min(self._before, max(_PYTHONS_LIMIT, depth + _PYTHONS_LIMIT // 2)))

    def __exit__(self, *_: object) -> None:
        sys.setrecursionlimit(self._before)


def _limit(calls: int) -> None:
    try:  # noqa: SIM105 - contextlib would have to be imported
        sys.setrecursionlimit(calls)
    except RecursionError:  # who calls is deeper than that already
        pass


def deepen() -> bool:
    """Let functions of scripts call each other up to `MAX_CALLS` deep, where that is safe."""
    if not sys.platform.startswith("linux") or _thread.get_native_id() != os.getpid():
        return False
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    enough = soft == resource.RLIM_INFINITY or soft >= _STACK
    if not enough:
        if hard != resource.RLIM_INFINITY and hard < _STACK:
            return False
        try:
            resource.setrlimit(resource.RLIMIT_STACK, (_STACK, hard))
        except (OSError, ValueError):
            return False
    sys.setrecursionlimit(max(sys.getrecursionlimit(), MAX_CALLS))
    return True
