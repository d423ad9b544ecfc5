"""The kinds of writers, by the names of the values of the enum ``Log::Writer``."""

from __future__ import annotations

from bro.logging.writers.base import Writer, WriterError, WriterInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ENGINE_WRITER", "Writer", "WriterError", "WriterInfo", "factory", "register"]

#: the kind that the engine writes itself
ENGINE_WRITER = "Log::WRITER_ASCII"

_FACTORIES: dict[str, Callable[[WriterInfo], Writer]] = {}


def register(name: str, make: Callable[[WriterInfo], Writer]) -> None:
    """Make a kind of writer known.

    :param name: full name of its value of ``Log::Writer``, such as "Log::WRITER_SQLITE"
    :param make: makes a writer, usually its class
    """
    _FACTORIES[name] = make


def factory(name: str) -> Callable[[WriterInfo], Writer] | None:
    """What makes writers of a kind; None if it is not known."""
    if name == "Log::WRITER_SQLITE":
        from bro.logging.writers.sqlite import SQLiteWriter

        return _FACTORIES.get(name, SQLiteWriter)
    if name == "Log::WRITER_NONE":
        from bro.logging.writers.none import NoneWriter

        return _FACTORIES.get(name, NoneWriter)
    return _FACTORIES.get(name)
