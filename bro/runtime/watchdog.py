"""The watchdog: ends handlers that run without an end, and chains of events that raise each other for ever.

While a handler runs, no packet is processed, no log is written, and a signal has to wait; a mistake such as
`while ( T )` would stop everything without a word.  A thread therefore looks at the thread of the scripts
from time to time.  If that has spent `watchdog_interval` seconds of processor time in one and the same call
of a handler, the handler gets the exception `Runaway`, which is reported with its line like any other error,
and the program goes on behind it.  If it is one short handler after the other, but time stands still and
there is no end of events, the events that wait are dropped and an error says so.

Looking costs the scripts nothing: the thread reads the stack, and nothing is counted where handlers run.
Processor time is what counts: a handler that waits for a command, or a process that is suspended or debugged,
is no runaway.
"""

from __future__ import annotations

import _thread
import sys
import time

from bro.runtime.errors import SCRIPT_MARK, STAND_IN, Runaway

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Final

    from bro.runtime.context import Context

#: Looks at the scripts in one interval.
_LOOKS: Final = 4
#: Looks in a row that find scripts at work, while time stands still, before events are dropped.
_STORM: Final = 2 * _LOOKS
#: Seconds that a handler still gets once the user wants the program to end.
_HURRY: Final = 1.0
#: The most seconds between two looks.
_LONGEST_SLEEP: Final = 5.0


class Watchdog:
    """Looks after the thread that starts it."""

    def __init__(self, context: Context, limit: float = 10.0) -> None:
        """
        Args:
            context: whose queue and reporter are meant.
            limit: seconds of processor time one handler may take; none is too long if it is 0.
        """
        self._context = context
        self._limit = limit
        self._thread = _thread.get_ident()
        self._wake = _thread.allocate_lock()
        self._ended = False
        #: the call that was found at work when last looked, and the processor time at that moment
        self._frame: FrameType | None = None
        self._since = 0.0
        #: looks in a row that found scripts at work while time stood still
        self._busy = 0
        self._now: object = None
        self._used = 0.0
        #: the call that was running when the user wanted the program to end
        self._hurried: FrameType | None = None

    @property
    def limit(self) -> float:
        """Seconds of processor time that one handler may take, 0 for any."""
        return self._limit

    @limit.setter
    def limit(self, seconds: float) -> None:
        self._limit = seconds
        self._look_again()

    def start(self) -> None:
        """Look after the calling thread from now on."""
        self._thread = _thread.get_ident()
        self._ended = False
        self._wake.acquire()
        _thread.start_new_thread(self._watch, ())

    def here(self) -> None:
        """Look after the calling thread instead of the one it was started in."""
        self._thread = _thread.get_ident()

    def stop(self) -> None:
        """Look no more."""
        self._ended = True
        self._look_again()

    def hurry(self) -> None:
        """Let the handler that runs end soon, since the user wants the program to end; those that come then
        have their time.  Callable from signal handlers, in the thread of the scripts.
        """
        if not 0 < self._limit <= _HURRY:
            self._hurried = at_work(self._thread)[0]
            self._look_again()

    def _look_again(self) -> None:
        if self._wake.locked():
            self._wake.release()

    # ---- in the watchdog's thread --------------------------------------------------------------------------

    def _watch(self) -> None:
        # `signal` has names for its numbers, which take long to make.
        import _signal  # type: ignore[import-not-found]

        if hasattr(_signal, "pthread_sigmask"):  # signals are for the thread that waits for packets
            _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
        while True:
            limit = self._limit if self._hurried is None else _HURRY
            pause = min(limit / _LOOKS, _LONGEST_SLEEP) if limit > 0 else -1.0
            self._wake.acquire(timeout=pause)
            if self._ended:
                return
            if self._limit > 0 or self._hurried is not None:
                try:
                    self._look()
                except Exception as error:  # the watchdog must not die of what it looks at
                    self._context.reporter.error(f"internal error of the watchdog: {error}")

    def _look(self) -> None:
        frame, busy = at_work(self._thread)
        now = self._context.clock.now
        used = self._processor_time()
        # Between two handlers there is nothing to be seen of either; but the processor is at work.
        if now != self._now or used == self._used or (frame is not None and frame is self._frame):
            self._busy = 0
        if frame is not self._hurried:
            self._hurried = None
        limit = self._limit if self._hurried is None else _HURRY
        self._busy += busy
        self._now, self._used = now, used
        if frame is None or frame is not self._frame:
            self._frame, self._since = frame, used
            if self._busy > _STORM and limit > 0:
                self._end_storm()
        elif used - self._since >= limit > 0:
            self._stop(
                frame,
                f"this handler was still running when the program was asked to end, and was stopped after "
                f"{limit:g} more second{'s' if limit != 1 else ''}"
                if self._hurried is not None
                else f"this handler has been running for more than {limit:g} seconds and was stopped; "
                "a handler that needs longer needs a larger watchdog_interval",
            )

    def _processor_time(self) -> float:
        """Seconds that the thread of the scripts has been at work; of the clock where that cannot be told."""
        try:
            return time.clock_gettime(time.pthread_getcpuclockid(self._thread))
        except (AttributeError, OSError):
            return time.monotonic()

    def _stop(self, frame: FrameType, message: str) -> None:
        """Raise `Runaway` in a handler, if it is still the one that runs."""
        import ctypes

        interval = sys.getswitchinterval()
        sys.setswitchinterval(1.0)  # nobody else runs between the look and the exception
        try:
            if at_work(self._thread)[0] is not frame:
                return
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self._thread), ctypes.py_object(_exception(message))
            )
        finally:
            sys.setswitchinterval(interval)

    def _end_storm(self) -> None:
        """Have the events that wait dropped once the event being handled is done with: what its remaining
        handlers raise waits then, too.
        """
        self._busy = 0
        self._context.queue.appendleft((self._drop, ()))

    def _drop(self) -> None:
        """Drop the events that wait; in the thread of the scripts, between two events."""
        self._context.queue.clear()
        self._context.reporter.error(
            "events have been raising each other without an end; those that wait are dropped"
        )


def at_work(thread: int) -> tuple[FrameType | None, bool]:
    """The outermost call of a handler, or of other code of scripts, that a thread is in (None outside of
    any), and whether it is busy with events at all.
    """
    frame = sys._current_frames().get(thread)
    found: FrameType | None = None
    busy = False
    while frame is not None:
        caller = frame.f_back
        dispatch = frame.f_code.co_filename == "<dispatch>"
        if frame.f_code.co_name != STAND_IN and (
            SCRIPT_MARK in frame.f_globals
            or (caller is not None and caller.f_code.co_filename == "<dispatch>" and not dispatch)
        ):
            found = frame
        busy = busy or dispatch
        frame = caller
    return found, busy or found is not None


def _exception(message: str) -> type[Runaway]:
    """The exception to raise; its class carries the message, as no object can be handed over."""

    def init(self: Any) -> None:
        Runaway.__init__(self, message)

    return type("Runaway", (Runaway,), {"__init__": init})
