"""Where a filter's rows go: a writer with its file, its rotation, and what becomes of its errors."""

from __future__ import annotations

from bro.logging import settings
from bro.logging.rotation import Rotation
from bro.logging.writers import ENGINE_WRITER, Writer, WriterError, WriterInfo, factory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from bro.logging.columns import Column
    from bro.logging.manager import Logging
    from bro.logging.stream import Stream
    from bro.runtime.values import EnumValue


class Destination:
    """One log being written."""

    def __init__(
        self, logging: Logging, stream: Stream, filter_: Any, path: str, columns: list[Column]
    ) -> None:
        self.writer: EnumValue = filter_.writer
        self.path = path
        self.columns = columns
        self.stream = stream
        #: takes a record, and the extension record if there is one; returns bits of what the limits did to
        #: the row
        self.write: Callable[..., int]
        self._logging = logging
        self._failed = False
        limits = settings.limits(stream.record)
        config = {settings.text(k): settings.text(v) for k, v in (filter_.config or {}).items()}
        now = logging.now()
        self._rotation = Rotation(self, logging, filter_, now)
        self._engine: Any = None
        self._python: Writer | None = None
        if self.writer.name == ENGINE_WRITER:
            self._start_engine(columns, limits, config, now)
        else:
            self._start_python(columns, limits, config)

    def _start_engine(
        self, columns: list[Column], limits: dict[str, int], config: dict[str, str], now: float
    ) -> None:
        options: dict[str, Any] = settings.ascii_options()
        options.update(config)
        options.update(limits)
        options.setdefault("directory", settings.directory())
        options.setdefault("extension", settings.extension())
        if settings.setting("LogAscii::enable_leftover_log_rotation", False):
            options["shadow"] = self._rotation.note()
        described = [(c.name, c.kind, c.path, c.extends) for c in columns]
        writer = self._logging.engine_writer(described, self.path, options)
        writer.set_opened(settings.stamp(now))
        if not self.stream.buffered:
            writer.set_buffering(False)
        self._engine = writer
        self.write = writer.write

    def _start_python(self, columns: list[Column], limits: dict[str, int], config: dict[str, str]) -> None:
        from bro.logging.writers.rows import RowMaker

        make = factory(self.writer.name)
        if make is None:
            raise WriterError(f"no writer is registered for {self.writer.name}")
        info = WriterInfo(self.path, tuple(columns), config, settings.directory(), limits)
        writer = self._python = make(info)
        rows = RowMaker(info.columns, limits)
        writer.init()
        if not self.stream.buffered:
            writer.set_buffering(False)

        def write(record: Any, extension: Any = None) -> int:
            row, outcome = rows.row(record, extension)
            writer.write(row)
            return outcome

        self.write = write

    @property
    def is_engine(self) -> bool:
        """Whether the engine writes it."""
        return self._python is None

    @property
    def file(self) -> str:
        """What rows go to."""
        return str(self._engine.file if self._python is None else self._python.file)

    @property
    def suffix(self) -> str:
        """The extension of its files, with the dot."""
        if self._python is not None:
            return self._python.suffix
        name, base = self.file, self.path.rpartition("/")[2]
        start = name.rfind(base)
        return name[start + len(base) :] if start >= 0 else ""

    def fail(self, error: Exception) -> None:
        """Report what went wrong, once, and write no more."""
        self._logging.report(str(error))
        self._failed = True
        if self._python is not None:
            self.write = _nothing
            self._python = _Dead(self._python.info)

    def _attempt(self, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except (WriterError, OSError) as error:
            self.fail(error)
            return None

    def set_buffering(self, enabled: bool) -> None:
        """Say whether rows may wait in memory."""
        self._attempt(lambda: self._any.set_buffering(enabled))

    def flush(self) -> None:
        """Let everything so far be in the file."""
        self._attempt(lambda: self._any.flush())

    def heartbeat(self, now: float) -> None:
        """Hand over what waits."""
        if self._python is None:
            self._attempt(self._engine.heartbeat)
        else:
            python = self._python
            self._attempt(lambda: python.heartbeat(now))

    @property
    def _any(self) -> Any:
        return self._engine if self._python is None else self._python

    def rotate(self, to: str, closed: float) -> bool:
        """Close the file, rename it to `to`, and begin anew; whether there was a file."""
        if self._python is None:
            stamp = settings.stamp(closed)
            done = self._attempt(lambda: self._engine.rotate(to, stamp))
            self._engine.set_opened(stamp)
            return bool(done)
        python = self._python
        return bool(self._attempt(lambda: python.rotate(to, closed)))

    def finish(self) -> str | None:
        """Close the file for good; what went wrong and was not reported yet."""
        self._rotation.finish()
        try:
            if self._python is None:
                self._engine.finish(settings.stamp(self._logging.now()))
            else:
                self._python.finish()
        except (WriterError, OSError) as error:
            return str(error)
        return None


def _nothing(record: Any, extension: Any = None) -> int:
    return 0


class _Dead(Writer):
    """Stands in for a writer that failed."""

    def write(self, row: list[Any]) -> None:
        pass
