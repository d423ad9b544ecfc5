"""Timers on packet time: scheduled events, expiry of table elements, timeouts of `when`.

The host (engine or test) calls `Timers.advance` when packet time has reached `Timers.next_due`; nothing else
does anything by itself.  Scheduled work sits in a heap.  Tables with an expiry attribute register while they
hold elements; every `expire_interval` seconds each registered table drops what is due, so touching an element
costs the same however many there are.
"""

from __future__ import annotations

from _weakref import ref
from heapq import heappop, heappush
from itertools import count
from math import inf

from bro.runtime.errors import HANDLER_ERRORS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from bro.runtime.context import Context

    class Expiring(Protocol):
        """A table whose elements expire."""

        def expire(self, now: float) -> bool:
            """Drop what is due; return whether elements are left."""
            ...


class Timer:
    """A scheduled call; `cancel` before it is due."""

    __slots__ = ("action", "due")

    def __init__(self, due: float, action: Callable[[], Any] | None) -> None:
        self.due = due
        self.action = action

    def cancel(self) -> None:
        """Make the timer do nothing."""
        self.action = None


class Timers:
    """The timers of one program."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = count()
        # By identity: tables of the same content are equal, and still each has its own times.
        self._tables: dict[int, ref[Expiring]] = {}
        self._next_sweep = inf
        #: seconds of packet time between two looks at the tables (`table_expire_interval`)
        self.expire_interval = 10.0
        #: packet time at which `advance` has something to do; the host compares it before each packet
        self.next_due = inf

    def call_at(self, due: float, action: Callable[[], Any]) -> Timer:
        """Call `action` when packet time reaches `due` (seconds since 1970)."""
        timer = Timer(due, action)
        heappush(self._heap, (due, next(self._order), timer))
        if due < self.next_due:
            self.next_due = due
        return timer

    def call_after(self, delay: float, action: Callable[[], Any]) -> Timer:
        """Call `action` after `delay` seconds of packet time."""
        return self.call_at(self._context.clock.now + delay, action)

    def schedule(self, delay: float, dispatcher: Callable[..., Any], args: tuple[Any, ...]) -> Timer:
        """Post an event after `delay` seconds of packet time."""
        return self.call_after(delay, lambda: self._context.queue.append((dispatcher, args)))

    def watch(self, table: Expiring) -> None:
        """Look at `table` for expired elements from now on, until it is empty."""
        key = id(table)
        tables = self._tables
        if key not in tables:
            tables[key] = ref(table, lambda _: tables.pop(key, None))
        if self._next_sweep is inf:
            self._next_sweep = self._context.clock.now + self.expire_interval
            if self._next_sweep < self.next_due:
                self.next_due = self._next_sweep

    def advance(self, now: float) -> None:
        """Do everything that is due at packet time `now`, then set `next_due`."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            action = heappop(heap)[2].action
            if action is not None:
                self._run(action)
        if now >= self._next_sweep:
            self._sweep(now)
        self.next_due = min(heap[0][0] if heap else inf, self._next_sweep)

    def _sweep(self, now: float) -> None:
        for key, weak in list(self._tables.items()):
            table = weak()
            if table is None:
                continue
            try:
                left = table.expire(now)
            except HANDLER_ERRORS as error:
                self._context.reporter.exception(error)
                left = True
            if not left:
                self._tables.pop(key, None)
        self._next_sweep = now + self.expire_interval if self._tables else inf

    def expire_all(self) -> None:
        """Run every scheduled call now, whenever it is due: what happens at the end of a run.

        Calls scheduled meanwhile stay where they are, so this ends.  Elements of tables do not expire by it.
        """
        heap, self._heap = self._heap, []
        while heap:
            action = heappop(heap)[2].action
            if action is not None:
                self._run(action)
        self.next_due = min(self._heap[0][0] if self._heap else inf, self._next_sweep)

    def _run(self, action: Callable[[], Any]) -> None:
        try:
            action()
        except HANDLER_ERRORS as error:
            self._context.reporter.exception(error)

    def __len__(self) -> int:
        return len(self._heap)
