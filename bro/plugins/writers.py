"""Log writers: a subclass of `Writer` with a `name` gives the value ``Log::WRITER_NAME``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from bro.logging.writers.base import Writer as BaseWriter
from bro.logging.writers.base import WriterError, WriterInfo

__all__ = ["Writer", "WriterError", "WriterInfo", "guarded"]


class Writer(BaseWriter):
    """Stores the rows of one log; see `bro.logging.writers.base.Writer` for the calls.

    A filter chooses it: ``Log::add_filter(Conn::LOG, [$name="x", $writer=Log::WRITER_NAME])``, and
    ``redef Log::default_writer`` makes it the one of all logs.
    """

    #: "KAFKA" gives ``Log::WRITER_KAFKA``; default: the class's name
    name: ClassVar[str] = ""


def guarded(plugin: str, make: Callable[[WriterInfo], BaseWriter]) -> Callable[[WriterInfo], BaseWriter]:
    """What makes writers of a plugin whose errors, of whatever kind, are those of a writer."""

    def made(info: WriterInfo) -> BaseWriter:
        try:
            return _Guarded(plugin, make(info))
        except Exception as error:
            raise _wrapped(plugin, error) from error

    return made


def _wrapped(plugin: str, error: Exception) -> Exception:
    if isinstance(error, (WriterError, OSError)):
        return error
    from bro.plugins.reporting import described

    return WriterError(f"plugin {plugin}: the log writer failed: {described(error)}")


class _Guarded(BaseWriter):
    """Passes calls on; any error becomes one that the framework knows, so that other logs go on."""

    def __init__(self, plugin: str, writer: BaseWriter) -> None:
        super().__init__(writer.info)
        self._plugin = plugin
        self._writer = writer

    def _call(self, name: str, *args: Any) -> Any:
        try:
            return getattr(self._writer, name)(*args)
        except Exception as error:
            raise _wrapped(self._plugin, error) from error

    def init(self) -> None:
        self._call("init")

    def write(self, row: list[Any]) -> None:
        try:
            self._writer.write(row)
        except Exception as error:
            raise _wrapped(self._plugin, error) from error

    def set_buffering(self, enabled: bool) -> None:
        self._call("set_buffering", enabled)

    def flush(self) -> None:
        self._call("flush")

    def rotate(self, to: str, closed: float) -> bool:
        return bool(self._call("rotate", to, closed))

    def finish(self) -> None:
        self._call("finish")

    def heartbeat(self, now: float) -> None:
        self._call("heartbeat", now)

    @property
    def file(self) -> str:
        return self._writer.file

    @property
    def suffix(self) -> str:
        return self._writer.suffix
