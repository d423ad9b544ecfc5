"""Errors of plugins: told by the plugin's name, with the place in its code."""

from __future__ import annotations

import os
from types import TracebackType

from bro.runtime import context

#: where this package is: places in it are not the author's
_OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def place(error: BaseException) -> str:
    """Where an exception was raised, as "FILE, line N": the innermost place in the author's own code."""
    found = ""
    step: TracebackType | None = error.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if not os.path.abspath(file).startswith(_OWN + os.sep) and not file.startswith("<frozen"):
            found = f"{file}, line {step.tb_lineno}"
        step = step.tb_next
    return found


def described(error: BaseException) -> str:
    """An exception in a line, with its place."""
    text = str(error).strip() or "no further details"
    where = place(error)
    return f"{type(error).__name__}: {text}" + (f" ({where})" if where else "")


def failed(plugin: str, component: str, call: str, error: BaseException, last: bool) -> None:
    """Report that a call of a component has raised an exception; called by the engine.

    :param last: it was one too many, and the component is switched off.
    """
    reporter = context.current.reporter
    text = str(error).strip()
    what = type(error).__name__ + (f": {text}" if text else "")
    reporter.error(f"plugin {plugin}: {component}.{call} failed: {what}", place(error))
    if last:
        reporter.error(f"plugin {plugin}: {component} failed too often and is switched off")
