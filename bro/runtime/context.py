"""The one place where the running program meets its surroundings: engine, clock, queue, reporter.

`current` is replaced by whoever starts a program (`use`); built-in functions and generated code look things
up in it.
"""

from __future__ import annotations

import sys

from bro.runtime.timers import Timers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable
    from typing import Any

    from bro.runtime.reporter import Reporter
else:
    # The same class, without the rest of what `collections` brings.
    from _collections import deque


class Clock:
    """Packet time, for programs that run without an engine; the engine has a `now` of its own."""

    __slots__ = ("now",)

    def __init__(self, now: float = 0.0) -> None:
        self.now = now


class Context:
    """What a running program can reach."""

    __slots__ = (
        "clock",
        "engine",
        "globals",
        "logging",
        "options",
        "program",
        "queue",
        "reporter",
        "state",
        "stdout",
        "timers",
    )

    def __init__(self) -> None:
        from bro.runtime.reporter import Reporter

        #: the engine, None where scripts run without one
        self.engine: Any = None
        #: what tells packet time: its attribute `now` is seconds since 1970, 0.0 before the first packet
        self.clock: Any = Clock()
        #: events posted by scripts: (dispatcher, arguments)
        self.queue: deque[tuple[Callable[..., Any], tuple[Any, ...]]] = deque()
        self.timers: Timers = Timers(self)
        self.reporter: Reporter = Reporter(self)
        #: the namespace compiled scripts run in, by mangled name; `callables.mangle` gives it
        self.globals: dict[str, Any] = {}
        #: the loaded program (`bro.script.loader.Program`)
        self.program: Any = None
        #: the logging framework
        self.logging: Any = None
        #: what the program was started with (`bro.script.loader.LoadOptions`)
        self.options: Any = None
        #: binary stream that `print` writes to; None is the process's standard output
        self.stdout: Any = None
        #: state of built-in functions by subject, for those that need some
        self.state: dict[str, Any] = {}

    def now(self) -> float:
        """Packet time in seconds since 1970."""
        return self.clock.now  # type: ignore[no-any-return]

    def attach(self, engine: Any) -> None:
        """Let `engine` deliver the events and tell the time."""
        self.engine = engine
        self.clock = engine

    def drain(self) -> None:
        """Run the events that wait in the queue, and those they post, until there are none.

        The engine does the same after its own events; this is for programs that run without one.
        """
        queue = self.queue
        while True:
            try:
                dispatcher, args = queue.popleft()
            except IndexError:  # also where the watchdog emptied it just now
                # Only what handlers did can have changed the conditions that wait.
                when = sys.modules.get("bro.runtime.when")
                if when is None or not when.pending:
                    return
                when.poll()
                if not queue:
                    return
                continue
            dispatcher(*args)


#: The context of the program that runs.
current: Context = None  # type: ignore[assignment]


def use(context: Context) -> Context:
    """Make `context` the current one and return it."""
    global current
    current = context
    return context


use(Context())
