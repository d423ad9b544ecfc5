"""Delaying rows: ``Log::delay`` holds a record back until whoever asked for it lets it go, or it has
waited too long.
"""

from __future__ import annotations

from itertools import count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from bro.logging.manager import Logging
    from bro.runtime.timers import Timer

_tokens = count(1)


class Delayed:
    """A record that is held back."""

    __slots__ = ("callbacks", "record", "timer", "tokens")

    def __init__(self, record: Any) -> None:
        self.record = record
        self.tokens: set[int] = set()
        self.callbacks: list[Any] = []
        self.timer: Timer | None = None


class DelayQueue:
    """The records of one stream that are held back, in the order they came."""

    def __init__(
        self, logging: Logging, release: Callable[[Any, list[Any]], None], longest: float, most: int
    ) -> None:
        """:param release: takes a record that may go, and the functions that are asked whether it is still
        wanted.
        """
        self._logging = logging
        self._release = release
        self.longest = longest
        self.most = most
        self._waiting: dict[int, Delayed] = {}
        #: the record whose policy hooks run right now: the only one that can be delayed for the first time
        self._current: Any = None
        self._asked: Delayed | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def begin(self, record: Any) -> None:
        """The record's hooks are about to run."""
        self._current, self._asked = record, None

    def end(self) -> bool:
        """They have run; whether one of them asked for a delay.  The queue then has the record."""
        asked, self._current, self._asked = self._asked, None, None
        if asked is None:
            return False
        if not asked.tokens:  # asked for, and already let go
            return False
        self._waiting[id(asked.record)] = asked
        asked.timer = self._logging.call_after(self.longest, lambda: self._let_go(asked))
        while len(self._waiting) > self.most:
            self._let_go(next(iter(self._waiting.values())))
        return True

    def forget(self) -> None:
        """The hooks decided against the record."""
        self._current = self._asked = None

    def delay(self, record: Any, callback: Any) -> int | None:
        """Hold the record back; None if it is none that can be."""
        delayed = self._waiting.get(id(record))
        if delayed is None:
            if record is not self._current:
                return None
            if self._asked is None:
                self._asked = Delayed(record)
            delayed = self._asked
        token = next(_tokens)
        delayed.tokens.add(token)
        delayed.callbacks.append(callback)
        return token

    def finish(self, record: Any, token: int) -> bool:
        """Let the record go as far as this token is concerned; false if it holds nothing back."""
        delayed = self._waiting.get(id(record))
        if delayed is None:
            delayed = self._asked if record is self._current else None
        if delayed is None or token not in delayed.tokens:
            return False
        delayed.tokens.discard(token)
        if not delayed.tokens and id(record) in self._waiting:
            self._let_go(delayed)
        return True

    def _let_go(self, delayed: Delayed) -> None:
        if self._waiting.pop(id(delayed.record), None) is None:
            return
        if delayed.timer is not None:
            delayed.timer.cancel()
        self._release(delayed.record, delayed.callbacks)

    def flush(self) -> None:
        """Let all go."""
        while self._waiting:
            self._let_go(next(iter(self._waiting.values())))
