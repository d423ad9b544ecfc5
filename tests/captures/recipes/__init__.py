"""How each capture came to be: a module a subject, with recipes that record or make byte by byte.

A new one is a function in a module here; it is found by itself.
"""

from __future__ import annotations

import importlib
import pathlib
import pkgutil
from collections.abc import Callable

Recording = Callable[[pathlib.Path], None]
Making = Callable[[], bytes]

#: file name: what records it, into `out.pcap` in the folder it is given
RECORDED: dict[str, Recording] = {}

#: file name: what makes its content
MADE: dict[str, Making] = {}


def recipe(function: Recording) -> Recording:
    """Adds a recording; the capture has its name, and its docstring says what the capture shows."""
    RECORDED[function.__name__.replace("_", "-") + ".pcap"] = function
    return function


def made(file: str) -> Callable[[Making], Making]:
    """Adds a recipe that makes a file; its docstring says what the capture shows."""

    def add(function: Making) -> Making:
        MADE[file] = function
        return function

    return add


def find_all() -> None:
    """Imports every module here, which fills `RECORDED` and `MADE`."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
