"""Reports of scripts: messages by level, and weirds with their sampling."""

from __future__ import annotations

from typing import Any, NoReturn

from bro.runtime import context
from bro.runtime.builtins._support import location, post
from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import ScriptExit
from bro.runtime.tables import Set


@builtin("function Reporter::info(msg: string): bool")
def reporter_info(msg: bytes) -> bool:
    """Report something worth knowing; always true."""
    context.current.reporter.info(msg.decode("utf-8", "backslashreplace"), location())
    return True


@builtin("function Reporter::warning(msg: string): bool")
def reporter_warning(msg: bytes) -> bool:
    """Report something that may be wrong; always true."""
    context.current.reporter.warning(msg.decode("utf-8", "backslashreplace"), location())
    return True


@builtin("function Reporter::error(msg: string): bool")
def reporter_error(msg: bytes) -> bool:
    """Report something that is wrong, and go on; always true."""
    context.current.reporter.error(msg.decode("utf-8", "backslashreplace"), location())
    return True


@builtin("function Reporter::fatal(msg: string): bool")
def reporter_fatal(msg: bytes) -> NoReturn:
    """Report something with which the program cannot go on, and end it with status 1."""
    context.current.reporter.error("fatal error: " + msg.decode("utf-8", "backslashreplace"), location())
    raise ScriptExit(1)


@builtin("function Reporter::fatal_error_with_core(msg: string): bool")
def reporter_fatal_error_with_core(msg: bytes) -> NoReturn:
    """Report something with which the program cannot go on, and abort it so that the system can keep its
    memory."""
    import os

    context.current.reporter.error("fatal error: " + msg.decode("utf-8", "backslashreplace"), location())
    os.abort()


# ---- weirds ------------------------------------------------------------------------------------------------


def _weird(event: str, *args: Any) -> bool:
    """Raise a weird event.  The engine samples it together with its own; without one it is simply raised."""
    engine = context.current.engine
    if engine is None:
        post(event, *args)
    else:
        engine.command("weird", event, *args)
    return True


@builtin(
    'function Reporter::net_weird(name: string, addl: string &default="", source: string &default=""): bool'
)
def net_weird(name: bytes, addl: bytes = b"", source: bytes = b"") -> bool:
    """Report an oddity of the traffic at large.

    :param name: which oddity, a short identifier.
    :param addl: more about it.
    :param source: the analyzer or script that noticed.
    """
    return _weird("net_weird", name, addl, source)


@builtin(
    "function Reporter::conn_weird(name: string, c: connection, "
    'addl: string &default="", source: string &default=""): bool'
)
def conn_weird(name: bytes, c: Any, addl: bytes = b"", source: bytes = b"") -> bool:
    """Report an oddity of a connection."""
    return _weird("conn_weird", name, c, addl, source)


@builtin(
    "function Reporter::flow_weird(name: string, orig: addr, resp: addr, "
    'addl: string &default="", source: string &default=""): bool'
)
def flow_weird(name: bytes, orig: Any, resp: Any, addl: bytes = b"", source: bytes = b"") -> bool:
    """Report an oddity between two hosts."""
    return _weird("flow_weird", name, orig, resp, addl, source)


@builtin(
    "function Reporter::file_weird(name: string, f: fa_file, "
    'addl: string &default="", source: string &default=""): bool'
)
def file_weird(name: bytes, f: Any, addl: bytes = b"", source: bytes = b"") -> bool:
    """Report an oddity of a file."""
    return _weird("file_weird", name, f, addl, source)


class WeirdSampling:
    """When a weird is passed on: see the setters below.  It begins as the options `Weird::sampling_…` say,
    which the engine reads as well.
    """

    __slots__ = ("duration", "global_list", "rate", "threshold", "whitelist")

    def __init__(self) -> None:
        program = context.current.program

        def option(name: str, default: Any) -> Any:
            value = None if program is None else program.global_value(f"Weird::sampling_{name}")
            return default if value is None else value

        self.whitelist: Set = option("whitelist", Set())
        self.global_list: Set = option("global_list", Set())
        self.threshold: int = option("threshold", 25)
        self.rate: int = option("rate", 1000)
        self.duration: float = option("duration", 600.0)


def weird_sampling() -> WeirdSampling:
    """The settings of the running program."""
    state = context.current.state
    if "weird_sampling" not in state:
        state["weird_sampling"] = WeirdSampling()
    return state["weird_sampling"]  # type: ignore[no-any-return]


def _set_sampling(name: str, value: Any) -> bool:
    setattr(weird_sampling(), name, value)
    engine = context.current.engine
    if engine is not None:
        engine.command("set_weird_sampling", name, list(value) if isinstance(value, dict) else value)
    return True


@builtin("function Reporter::get_weird_sampling_whitelist(): string_set")
def get_weird_sampling_whitelist() -> Set:
    """Return the names of weirds that are always passed on."""
    return weird_sampling().whitelist


@builtin("function Reporter::set_weird_sampling_whitelist(weird_sampling_whitelist: string_set): bool")
def set_weird_sampling_whitelist(weird_sampling_whitelist: Set) -> bool:
    """Set the names of weirds that are always passed on; always true."""
    return _set_sampling("whitelist", weird_sampling_whitelist)


@builtin("function Reporter::get_weird_sampling_global_list(): string_set")
def get_weird_sampling_global_list() -> Set:
    """Return the names of weirds that are counted for all connections together."""
    return weird_sampling().global_list


@builtin("function Reporter::set_weird_sampling_global_list(weird_sampling_global_list: string_set): bool")
def set_weird_sampling_global_list(weird_sampling_global_list: Set) -> bool:
    """Set the names of weirds that are counted for all connections together; always true."""
    return _set_sampling("global_list", weird_sampling_global_list)


@builtin("function Reporter::get_weird_sampling_threshold(): count")
def get_weird_sampling_threshold() -> int:
    """Return how often a weird is passed on before sampling begins."""
    return weird_sampling().threshold


@builtin("function Reporter::set_weird_sampling_threshold(weird_sampling_threshold: count): bool")
def set_weird_sampling_threshold(weird_sampling_threshold: int) -> bool:
    """Set how often a weird is passed on before sampling begins; always true."""
    return _set_sampling("threshold", weird_sampling_threshold)


@builtin("function Reporter::get_weird_sampling_rate(): count")
def get_weird_sampling_rate() -> int:
    """Return which fraction of weirds is passed on beyond the threshold: one out of this many, none if 0."""
    return weird_sampling().rate


@builtin("function Reporter::set_weird_sampling_rate(weird_sampling_rate: count): bool")
def set_weird_sampling_rate(weird_sampling_rate: int) -> bool:
    """Set which fraction of weirds is passed on beyond the threshold; always true."""
    return _set_sampling("rate", weird_sampling_rate)


@builtin("function Reporter::get_weird_sampling_duration(): interval")
def get_weird_sampling_duration() -> float:
    """Return how long a weird's count lasts before it begins anew."""
    return weird_sampling().duration


@builtin("function Reporter::set_weird_sampling_duration(weird_sampling_duration: interval): bool")
def set_weird_sampling_duration(weird_sampling_duration: float) -> bool:
    """Set how long a weird's count lasts before it begins anew; always true."""
    return _set_sampling("duration", weird_sampling_duration)
