"""Where messages about the program go: run-time errors of scripts, warnings, and what scripts report
themselves.

A message becomes the event `reporter_info`, `reporter_warning` or `reporter_error` when there is a handler,
and a line on standard error.  Handlers of those events cannot raise them again: such messages only go to
standard error.
"""

from __future__ import annotations

import sys

from bro.runtime.errors import AssertionFailed, explain, script_stack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bro.runtime.context import Context
    from bro.runtime.errors import Frame


#: Calls shown of a stack; of a deeper one the innermost and the outermost.
_MOST_CALLS = 20


#: Control characters but newline and tab: they come out of traffic, and could steer a terminal.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def printable(message: str) -> str:
    """A message as it may be written to a terminal, with control characters as ``\\xNN``."""
    return message.translate(_CONTROLS)


class Reporter:
    """Receives messages, and passes them on to whom it may concern."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._inside = False
        #: status the process ends with, if nothing worse happens
        self.exit_code = 0
        #: messages of each level that were reported
        self.counts = {"info": 0, "warning": 0, "error": 0}
        #: places in scripts that failed for want of memory
        self._short_at: set[str] = set()
        #: stream that messages are written to; None is the process's standard error
        self.stream: Any = None
        #: levels that are written to the stream although a handler gets the event
        self.to_stderr = {"info": True, "warning": True, "error": True}

    def info(self, message: str, location: str = "") -> None:
        self.report("info", message, location)

    def warning(self, message: str, location: str = "") -> None:
        self.report("warning", message, location)

    def error(self, message: str, location: str = "") -> None:
        self.report("error", message, location)

    def exception(self, error: BaseException) -> None:
        """Report a run-time error: what happened, in which line, and how the script got there."""
        if isinstance(error, AssertionFailed) and error.silent:
            return
        if isinstance(error, MemoryError):
            self._out_of_memory(error)
        else:
            self._explain(error)

    def _explain(self, error: BaseException) -> None:
        frames = script_stack(error.__traceback__)
        message = explain(error, frames)
        location = f"{frames[-1].filename}, line {frames[-1].line}" if frames else ""
        self.report("error", message, location, frames)

    def _out_of_memory(self, error: MemoryError) -> None:
        """Report that there is no memory, and see to it that the run ends if there will be none."""
        from bro.runtime.memory import is_kept, is_used_up, lift_limit

        place = script_stack(error.__traceback__)[-1:]
        where = f"{place[0].filename}, line {place[0].line}" if place else ""
        again = where in self._short_at
        self._short_at.add(where)

        def look() -> None:
            if is_used_up() or (again and is_kept()):
                lift_limit()
                self._end_for_memory()

        try:
            self._explain(error)
            self._context.queue.appendleft((look, ()))  # once the handler is gone, with what it held
        except MemoryError:  # not even for the message
            if not lift_limit():
                raise
            self._explain(error)
            self._context.queue.appendleft((self._end_for_memory, ()))

    def _end_for_memory(self) -> None:
        from bro.runtime.builtins.system import terminate

        self.error(
            "out of memory: what scripts keep takes all there is, or cannot grow more, so the run ends here"
        )
        self.exit_code = 1
        terminate()

    def report(self, level: str, message: str, location: str = "", stack: list[Frame] | None = None) -> None:
        """Report `message` of `level` ("info", "warning" or "error") about `location` ("file, line N")."""
        self.counts[level] += 1
        handler = None if self._inside else self._handler(level)
        if handler is not None:
            now = self._context.clock.now
            self._context.queue.append((self._guarded(handler), (now, message.encode(), location.encode())))
        if handler is None or self.to_stderr[level]:
            self.write(level, message, location, stack)

    def write(self, level: str, message: str, location: str, stack: list[Frame] | None = None) -> None:
        """Write one message, with the call stack below when it has more than one entry."""
        stream = self.stream or sys.stderr
        now = self._context.clock.now
        stamp = f"{now:.6f} " if now else ""
        where = f" in {location}" if location else ""
        print(f"{stamp}{level}{where}: {printable(message)}", file=stream)
        if stack and len(stack) > 1:
            calls = [f"    in {frame}" for frame in reversed(stack)]
            left_out = len(calls) - _MOST_CALLS
            if left_out > 1:
                calls[_MOST_CALLS // 2 : -(_MOST_CALLS // 2)] = [f"    ... {left_out} more ..."]
            print("\n".join(calls), file=stream)

    def _handler(self, level: str) -> Any:
        program = self._context.program
        return None if program is None else program.dispatchers.get(f"reporter_{level}")

    def _guarded(self, handler: Any) -> Any:
        def run(*args: Any) -> None:
            self._inside = True
            try:
                handler(*args)
            finally:
                self._inside = False

        return run
