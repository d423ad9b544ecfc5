"""The statement `when`, and functions that give their result later.

A `when` that does not hold yet becomes a `Trigger`.  Its condition is looked at again when a result it waits
for arrives, and by `poll`, which the host calls after the events of a packet: only they can have changed what
it reads.

An asynchronous built-in function returns an `Async`, and gives it its value with `resolve` when it is there::

    @builtin("function lookup_addr(host: addr): string", asynchronous=True)
    def lookup_addr(host): answer = Async(); start_lookup(host, answer.resolve); return answer
"""

from __future__ import annotations

import sys

from bro.runtime import context
from bro.runtime.errors import HANDLER_ERRORS, ScriptError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_PENDING = object()


class Async:
    """A result that is not there yet."""

    __slots__ = ("_value", "_waiting", "failed")

    def __init__(self) -> None:
        self._value: Any = _PENDING
        self._waiting: list[Callable[[], None]] = []
        self.failed = False  #: there will never be a value: a `when` that waits for it ends by its timeout

    @property
    def done(self) -> bool:
        """Whether there is a value."""
        return self._value is not _PENDING

    @property
    def value(self) -> Any:
        return self._value

    def resolve(self, value: Any) -> None:
        """Give the value, and look again at what waits for it."""
        if self._value is not _PENDING:
            return
        self._value = value
        waiting, self._waiting = self._waiting, []
        for again in waiting:
            again()

    def fail(self) -> None:
        """Say that there will be no value."""
        self.failed = True
        self._waiting.clear()

    def then(self, again: Callable[[], None]) -> None:
        """Call `again` when the value is there."""
        if self.done:
            again()
        elif not self.failed:
            self._waiting.append(again)


class _NotYet(Exception):
    """Raised out of a condition that needs a result which is not there."""


#: What tells the calls of a condition apart: a number, or where in a function it calls.
_Place = int | tuple[object, int, object]

#: Triggers whose condition did not hold when it was last looked at, in the order they were made.
pending: dict[Trigger, None] = {}

#: The trigger whose condition is being looked at.
_current: Trigger | None = None


class Trigger:
    """A `when` that waits for its condition."""

    __slots__ = ("_body", "_calls", "_checking", "_condition", "_result", "_timeout", "_timer")

    def __init__(
        self,
        parts: tuple[Callable[[Any], bool], Callable[[], Any], Callable[[], Any] | None],
        timeout: float | None,
    ) -> None:
        self._condition, self._body, self._timeout = parts
        self._calls: dict[_Place, Async] = {}
        self._result = Async()
        self._checking = False
        self._timer: Any = None
        if not self.check():
            pending[self] = None
            if timeout is not None:
                self._timer = context.current.timers.call_after(timeout, self._timed_out)

    @property
    def result(self) -> Async:
        """What the body returns, for `return when`."""
        return self._result

    def call(self, place: _Place, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """Call a function of the condition; one whose result comes later is called once at each place.

        Arguments may be other objects each time the condition is looked at, such as a record with a new id.
        """
        known = self._calls.get(place)
        if known is None:
            value = function(*args)
            if value.__class__ is not Async:
                return value
            known = self._calls[place] = value
            if not known.done:
                known.then(self._again)
        if not known.done:
            raise _NotYet
        return known.value

    def _again(self) -> None:
        if self in pending and not self._checking:
            self.check()

    def check(self) -> bool:
        """Look at the condition; run the body if it holds.  Return whether the trigger is done."""
        global _current
        self._checking = True
        around, _current = _current, self
        try:
            holds = self._condition(self)
        except _NotYet:
            holds = False
        except HANDLER_ERRORS as error:
            context.current.reporter.exception(error)
            self._end()
            return True
        finally:
            self._checking = False
            _current = around
        if not holds:
            return False
        self._end()
        self._run(self._body)
        return True

    def _end(self) -> None:
        pending.pop(self, None)
        if self._timer is not None:
            self._timer.cancel()

    def _timed_out(self) -> None:
        if self not in pending:
            return
        del pending[self]
        if self._timeout is not None:
            self._run(self._timeout)
        else:
            self._result.fail()

    def _run(self, body: Callable[[], Any]) -> None:
        global _current
        around, _current = _current, None
        try:
            value = body()
        except HANDLER_ERRORS as error:
            context.current.reporter.exception(error)
            self._result.fail()
            return
        finally:
            _current = around
        if value.__class__ is Async:
            value.then(lambda: self._result.resolve(value.value))
        else:
            self._result.resolve(value)


def when(
    parts: tuple[Callable[[Any], bool], Callable[[], Any], Callable[[], Any] | None],
    timeout: float | None = None,
) -> Async:
    """Run a `when`: its body now if its condition holds, later otherwise."""
    return Trigger(parts, timeout).result


def when_returned(
    parts: tuple[Callable[[Any], bool], Callable[[], Any], Callable[[], Any] | None],
    timeout: float | None = None,
) -> Any:
    """Run a `return when`: the result is what its body will return.

    A condition that calls the function itself gets the `Async`; a function in between gets the value.
    """
    function = sys._getframe(1)
    caller = function.f_back
    if caller is None or caller.f_code in _WAITS:
        return Trigger(parts, timeout).result
    return _settled((caller.f_code, caller.f_lasti, function.f_code), lambda: Trigger(parts, timeout).result)


def later(function: Callable[..., Any], *args: Any) -> Any:
    """Call an asynchronous built-in function somewhere else than in a condition itself; return its value."""
    caller = sys._getframe(1)
    return _settled((caller.f_code, caller.f_lasti, None), lambda: function(*args))


def _settled(place: _Place, start: Callable[[], Async]) -> Any:
    """The value that a call within a function of a condition gives.

    While it is not there the condition is given up, to be looked at again: until then the function runs
    anew each time, and its call is made once.
    """
    if _current is None:
        raise ScriptError(
            "this function gives its result later, so it can only be called in the condition of a when"
        )
    return _current.call(place, start, ())


#: What a function with `return when` is called from by a condition or a body.
_WAITS = (Trigger.call.__code__, Trigger._run.__code__)


def poll() -> None:
    """Look again at all conditions that did not hold."""
    if pending:
        for trigger in list(pending):
            if trigger in pending:
                trigger.check()
