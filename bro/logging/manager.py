"""The framework's centre: all streams, all open logs, and what they need of the running program."""

from __future__ import annotations

from bro.logging import settings
from bro.logging.destination import Destination
from bro.logging.stream import Stream
from bro.script.types import RecordType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from bro.logging.columns import Column
    from bro.runtime.context import Context
    from bro.runtime.timers import Timer
    from bro.runtime.values import EnumValue


def _engine_writer(columns: list[tuple[Any, ...]], path: str, options: dict[str, Any]) -> Any:
    from bro._engine import LogStreamWriter

    return LogStreamWriter(columns, path, options)


class Logging:
    """The logging framework of one program."""

    def __init__(
        self,
        context: Context,
        engine_writer: Callable[[list[tuple[Any, ...]], str, dict[str, Any]], Any] = _engine_writer,
    ) -> None:
        """:param engine_writer: makes the engine's writers; tests put in their own"""
        self._context = context
        self.engine_writer = engine_writer
        self.streams: dict[EnumValue, Stream] = {}
        #: what to call with a record of each stream; returns bits of what the limits did to it
        self.ways: dict[EnumValue, Callable[[Any], int]] = {}
        #: called with a log and each record written to it, for those who want to see rows; None for nobody
        self.tap: Callable[[Destination, Any], None] | None = None
        self._open: dict[tuple[str, str], Destination] = {}
        self._closed_failures: list[str] = []
        self._looked_for_leftovers = False
        self._redirects_print = False
        self.queue = context.queue

    # ---- streams ----

    def create(self, id_: EnumValue, record: Any) -> str | None:
        """Create a stream, in place of the one of that ID; what is wrong with it, if anything."""
        columns = record.columns
        if not isinstance(columns, RecordType):
            return "its columns are no record type"
        self.remove(id_)
        stream = self.streams[id_] = Stream(self, id_, record, columns)
        stream.changed()
        if id_.name == "Log::PRINTLOG":
            self._redirect_print(id_)
        return None

    def _redirect_print(self, id_: EnumValue) -> None:
        """Let what scripts print go into the log for it, as far as they want that."""
        import re

        from bro.runtime import files

        wanted = settings.setting("Log::print_to_log", None)
        if wanted is None or wanted.name == "Log::REDIRECT_NONE":
            return
        # What cannot be printed comes escaped; the writer escapes what it has to by itself.
        escaped = re.compile(rb"\\x([0-9a-f]{2})")

        def raw(part: bytes) -> bytes:
            return escaped.sub(lambda found: bytes.fromhex(found[1].decode()), part)

        row = self.record("Log::PrintLogInfo")
        way = self.ways

        def hook(parts: Sequence[bytes]) -> None:
            way[id_](row(ts=self.now(), vals=[raw(part) for part in parts]))

        files.print_hook, files.print_hook_for_all = hook, wanted.name == "Log::REDIRECT_ALL"
        self._redirects_print = True

    def remove(self, id_: EnumValue) -> bool:
        """Remove a stream; what it wrote is closed."""
        stream = self.streams.get(id_)
        if stream is None:
            return False
        stream.finish()
        for name in list(stream.filters):
            stream.remove_filter(name)
        del self.streams[id_]
        self.ways.pop(id_, None)
        return True

    def enable(self, id_: EnumValue, enabled: bool) -> bool:
        """Enable or disable a stream; false if there is none of that ID."""
        stream = self.streams.get(id_)
        if stream is None:
            return False
        stream.enabled = enabled
        stream.changed()
        return True

    # ---- logs ----

    def open(self, stream: Stream, filter_: Any, path: str, columns: list[Column]) -> Destination:
        """Begin a log.  A name that another filter writes to already gets a number."""
        if not self._looked_for_leftovers:
            self._looked_for_leftovers = True
            if settings.setting("LogAscii::enable_leftover_log_rotation", False):
                from bro.logging.rotation import rotate_leftovers

                rotate_leftovers(self, settings.directory(), filter_.writer)
        kind: str = filter_.writer.name
        name, number = path, 2
        while (kind, name) in self._open:
            name = f"{path}-{number}"
            number += 1
        if name != path:
            self.report(
                f"log {stream.id.name}, filter {settings.text(filter_.name)}: another filter writes to "
                f"{path} already, so this one writes to {name}",
                "warning",
            )
        found = self._open[kind, name] = Destination(self, stream, filter_, name, columns)
        return found

    def close(self, destination: Destination) -> None:
        """End a log before the program ends."""
        self._open.pop((destination.writer.name, destination.path), None)
        failure = destination.finish()
        if failure is not None:
            self._closed_failures.append(failure)
            self.report(failure)

    def heartbeat(self) -> None:
        """Hand over what waits, so that it is in the files within a second; for live traffic, once a
        second.
        """
        now = self.now()
        for destination in list(self._open.values()):
            destination.heartbeat(now)

    def flush(self) -> None:
        """Let everything so far be in the files."""
        for destination in list(self._open.values()):
            destination.flush()

    def finish(self) -> list[str]:
        """Close all logs, at the end of the program; what could not be written."""
        if self._redirects_print:
            from bro.runtime import files

            files.print_hook, self._redirects_print = None, False
        for stream in self.streams.values():
            stream.finish()
        failures, self._closed_failures = self._closed_failures, []
        while self._open:
            _, destination = self._open.popitem()
            failure = destination.finish()
            if failure is not None:
                failures.append(failure)
        self.ways.clear()
        self.streams.clear()
        return failures

    # ---- what the parts need of the program ----

    def now(self) -> float:
        """Packet time."""
        return self._context.clock.now  # type: ignore[no-any-return]

    def call_after(self, delay: float, action: Callable[[], Any]) -> Timer:
        """Call something later, in packet time."""
        return self._context.timers.call_after(delay, action)

    def report(self, message: str, level: str = "error") -> None:
        """Report what went wrong."""
        self._context.reporter.report(level, message)

    def give_up(self, message: str) -> None:
        """Report why a log cannot be written at all; the program's status will tell as well."""
        from bro.cli import OUTPUT_ERROR

        self.report(message)
        reporter = self._context.reporter
        reporter.exit_code = reporter.exit_code or OUTPUT_ERROR

    def record(self, name: str) -> Any:
        """The class of a record type."""
        return self._context.program.record_classes[name]

    def call(self, function: Any, *args: Any) -> Any:
        """The result of a function of the scripts; None if it fails, which is reported."""
        try:
            return function(*args)
        except Exception as error:
            self._context.reporter.exception(error)
            return None

    def asks(self, hook: Any, *args: Any) -> bool:
        """Whether a hook lets pass; one that fails does."""
        return hook is None or self.call(hook, *args) is not False

    def stream_policy(self) -> Any:
        """The hook that decides which records are logged at all."""
        return settings.setting("Log::log_stream_policy", None)

    def has_stream_policy(self) -> bool:
        """Whether anybody handles that hook."""
        hook = self.stream_policy()
        return hook is not None and self.is_handled(hook)

    def is_handled(self, value: Any) -> bool:
        """Whether anybody handles an event or hook."""
        # what stands for one without handlers says so by its flavor; dispatchers and functions have none
        return getattr(value, "flavor", None) is None
