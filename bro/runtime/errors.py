"""Errors of running scripts.

A `ScriptError` stops the handler it happens in, is reported with the place in the script, and the next
handler runs. Generated code leaves most checks to Python itself: a missing table index is a `KeyError`, a
field read from an unset record an `AttributeError`, and so on.  `explain` turns those into the words a
script's author understands.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, NoReturn


class ScriptError(Exception):
    """A run-time error of a script: `message` says what happened, the dispatcher adds where."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UnsetError(ScriptError):
    """A variable or field was read that has no value."""


class NoSuchIndex(ScriptError):
    """A table or vector has no element of that index."""


class ArithmeticScriptError(ScriptError):
    """Division by zero, or a result outside of its type's range."""


class CastError(ScriptError):
    """A value of type `any` is not of the type it was to be."""


class AssertionFailed(ScriptError):
    """An `assert` did not hold."""

    def __init__(self, message: str, silent: bool = False) -> None:
        super().__init__(message)
        self.silent = silent  #: it is not reported


class Runaway(BaseException):
    """Raised by the watchdog in a handler that takes too long.

    Not an `Exception`: hooks that the handler calls do not catch it, so that the handler itself is stopped.
    """

    def __init__(self, message: str = "this handler was stopped") -> None:
        super().__init__(message)
        self.message = message


#: What ends a handler, and is reported as its error.
HANDLER_ERRORS = (Exception, Runaway)


class ScriptExit(BaseException):
    """Raised by `exit()`: ends the program with a status.  Handlers do not stop it."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Frame:
    """One entry of a script's call stack."""

    __slots__ = ("column", "end_column", "end_line", "filename", "function", "line", "python")

    def __init__(self, function: str, filename: str, line: int, span: tuple[int, int, int] | None) -> None:
        self.function = function  #: name as in the script
        self.filename = filename
        self.line = line
        self.python = False  #: it is policy written in Python
        #: bytes from the start of the line to the expression; None when it is not known
        self.column: int | None
        self.end_line: int | None
        self.end_column: int | None
        self.column, self.end_line, self.end_column = span if span else (None, None, None)

    def __str__(self) -> str:
        return f"{self.function} at {self.filename}, line {self.line}"

    def source(self) -> str | None:
        """The text of the expression that was being evaluated, None when the file cannot be read any more."""
        if self.column is None or self.end_column is None or self.end_line is None:
            return None
        text = texts.get(self.filename)
        if text is None:
            try:
                with open(self.filename, "rb") as file:
                    text = file.read()
            except OSError:
                return None
        lines = text.split(b"\n")[self.line - 1 : self.end_line]
        if len(lines) != self.end_line - self.line + 1 or not lines:
            return None
        lines[-1] = lines[-1][: self.end_column]
        lines[0] = lines[0][self.column :]
        return b" ".join(line.strip() for line in lines).decode("utf-8", "replace")


#: Scripts that are in no file, by the name they have in messages.
texts: dict[str, bytes] = {}

#: The key in a module's globals that marks code as compiled from scripts, or as policy written in Python.
SCRIPT_MARK = "__bro__"

#: Name of the code that functions have before they are first called, see `bro.script.lazy`; no place in a
#: script.
STAND_IN = "_stand_in"
#: What stands under that key for the latter.
PYTHON = "python"


def script_stack(traceback: TracebackType | None) -> list[Frame]:
    """The frames of `traceback` that belong to scripts, outermost first."""
    from bro.runtime.callables import bro_name

    frames: list[Frame] = []
    while traceback is not None:
        frame = traceback.tb_frame
        if SCRIPT_MARK in frame.f_globals and frame.f_code.co_name != STAND_IN:
            code = frame.f_code
            position: tuple[int | None, int | None, int | None, int | None] = (None, None, None, None)
            if traceback.tb_lasti >= 0:
                for index, where in enumerate(code.co_positions()):
                    if index == traceback.tb_lasti // 2:
                        position = where
                        break
            line, end_line, column, end_column = position
            span = (column, end_line, end_column) if None not in (column, end_line, end_column) else None
            python = frame.f_globals[SCRIPT_MARK] == PYTHON
            called = code.co_name if python else bro_name(code.co_name)
            if called[:1] == " " and frames:  # a part of the one around it, see `codegen_deep`
                called = frames.pop().function
            found = Frame(called, code.co_filename, line or traceback.tb_lineno, span)  # type: ignore[arg-type]
            found.python = python
            frames.append(found)
        traceback = traceback.tb_next
    return frames


def explain(error: BaseException, frames: list[Frame]) -> str:
    """What happened, in terms of the script: the message of a report about `error`."""
    if isinstance(error, (ScriptError, Runaway)):
        return error.message
    if frames and frames[-1].python:
        said = str(error)
        return f"{error.__class__.__name__}: {said}" if said else error.__class__.__name__
    text = frames[-1].source() if frames else None
    suffix = f" ({text})" if text else ""
    if isinstance(error, KeyError):
        return "no such index" + suffix
    if isinstance(error, IndexError):
        return "index out of range" + suffix
    if isinstance(error, ZeroDivisionError):
        return "division by zero" + suffix
    if isinstance(error, NameError):  # also UnboundLocalError
        return (
            f"value used but not set ({bro_variable(error.name)})"
            if error.name
            else "value used but not set" + suffix
        )
    if isinstance(error, (AttributeError, TypeError)) and "Async" in str(error):
        # A variable that holds such a function was called; a call by name is an error when compiling.
        return "this result comes later, so it can only be had in the condition of a when" + suffix
    if isinstance(error, AttributeError):
        if error.obj is None and text:
            base, _, field = text.rpartition("$")  # of x$y, where y was asked of an unset x; or x += y
            return f"field value missing ({base if base and field == error.name else text})"
        return f"field value missing{suffix}"
    if isinstance(error, TypeError) and "NoneType" in str(error):
        return "value used but not set" + suffix
    if isinstance(error, ValueError):  # of the engine's values, which say what is wrong with them
        return f"{error}{suffix}"
    if isinstance(error, OverflowError):
        return "number out of range" + suffix
    if isinstance(error, RuntimeError) and "during iteration" in str(error):
        return "the loop's place is lost: what it goes over was changed meanwhile" + suffix
    if isinstance(error, RecursionError):
        return "functions call each other too deeply"
    if isinstance(error, MemoryError):
        return "out of memory" + suffix
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}{suffix}"
    return f"internal error: {error.__class__.__name__}: {error}{suffix}"


def bro_variable(name: str) -> str:
    """A variable's name in the script from its name in the generated code."""
    from bro.runtime.callables import bro_name

    return bro_name(name)


# What generated code calls when a check fails.  Each is an expression there, so they are functions that
# raise.


def unset_field(name: str) -> NoReturn:
    """A field that was read has no value."""
    raise UnsetError(f"field value missing ({name})")


def unset_value(name: str) -> NoReturn:
    """A variable that was read has no value."""
    raise UnsetError(f"value used but not set ({name})")


def underflow(*_: Any) -> NoReturn:
    """A subtraction of counts went below zero."""
    raise ArithmeticScriptError("count underflow: the result of a subtraction is below zero")


def assertion_failed(text: str, message: bytes | None = None) -> NoReturn:
    """An `assert` did not hold.

    The hooks `assertion_result` and `assertion_failure` hear of it; with `break` they keep it from being
    reported.
    """
    silent = False
    for name, first in (("assertion_result", (False,)), ("assertion_failure", ())):
        hook = _assertion_hook(name)
        if hook is not None:
            silent = hook(*first, text.encode(), message or b"", _calls()) is False or silent
    raise AssertionFailed(
        f"assertion failure: {text}"
        + (f" ({message.decode('utf-8', 'replace')})" if message is not None else ""),
        silent,
    )


def assertion_passed(text: str, message: Callable[[], bytes]) -> None:
    """An `assert` held: the hook `assertion_result` hears of it."""
    hook = _assertion_hook("assertion_result")
    if hook is not None:
        hook(True, text.encode(), message(), _calls())


def _assertion_hook(name: str) -> Any:
    """A hook that has a handler."""
    from bro.runtime import context

    program = context.current.program
    return None if program is None else program.hooks.get(name)


def _calls() -> list[Any]:
    from bro.runtime.builtins.reflection import backtrace

    return backtrace()[1:]
