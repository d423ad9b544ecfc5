"""The logging framework: streams of records, filters that choose and shape them, writers that store them.

Scripts reach it through the functions of module ``Log`` (`bro.runtime.builtins.logging`).  A stream compiles,
at its first record, to the shortest way there is: with one filter and nobody else who wants to see the
record, that is the engine's `LogStreamWriter.write` itself.
"""

from __future__ import annotations

from bro.logging.manager import Logging

__all__ = ["Logging"]
