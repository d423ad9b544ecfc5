"""What readers of input have in common.

A reader is made for one stream with a `Request` (what to read, and how) and a `Sink` (where rows go).  The
manager calls `start` once, then `update` about once a second while the mode is REREAD or STREAM, `force`
when a script asks for it, and `close` at the end.  All of these run between packets: a reader that has to
wait for something does so in a thread and hands rows over with `Sink.later`.

A row is a list of Python values, one for each field of the request, None where a field has no value.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

if TYPE_CHECKING:
    from bro.script.types import Type

#: The modes of `Input::Mode`.
MANUAL, REREAD, STREAM = "Input::MANUAL", "Input::REREAD", "Input::STREAM"


class InputError(Exception):
    """The source cannot be read; the text is for a person.  The stream stays without data."""


class HopelessInput(InputError):
    """The source will not get better: the stream is not to be read any more."""


class Field:
    """A column that a stream wants."""

    __slots__ = ("name", "optional", "type", "type_column")

    def __init__(self, name: str, type: Type, optional: bool = False, type_column: str = "") -> None:
        self.name = name  #: as in the source; fields of a record in a record are "outer.inner"
        self.type = type
        self.optional = optional  #: the source need not have it
        self.type_column = type_column  #: for ports: the column with the protocol


class Request:
    """What a reader is asked for."""

    __slots__ = ("config", "fields", "mode", "name", "source")

    def __init__(
        self, name: str, source: str, mode: str, fields: list[Field], config: dict[str, str]
    ) -> None:
        self.name = name  #: of the stream
        self.source = source  #: what to read, in whatever form the reader takes
        self.mode = mode  #: MANUAL, REREAD or STREAM
        self.fields = fields
        self.config = config  #: options that the script gave for this stream alone

    def flag(self, name: str, default: bool) -> bool:
        """An option that is T or F."""
        return self.config.get(name, "T" if default else "F").strip().upper() in ("T", "TRUE", "1")


class Sink(Protocol):
    """Where the rows of a reader go."""

    def replace(self, rows: Iterable[list[Any]]) -> None:
        """All there is now: rows that were there before and are not among these are gone."""

    def put(self, row: list[Any]) -> None:
        """One more row, or a new value for the index it has."""

    def delete(self, row: list[Any]) -> None:
        """The row with this index is gone."""

    def data(self, chunk: bytes) -> None:
        """Content, for streams that analyze files."""

    def end_of_data(self) -> None:
        """Everything that was there has been read; `replace` says so by itself."""

    def post(self, event: str, *args: Any) -> None:
        """Raise an event of the reader's own."""

    def warning(self, message: str) -> None:
        """Report what went wrong with a part of the data."""

    def error(self, message: str) -> None:
        """Report that the source cannot be read."""

    def later(self, action: Callable[[], None]) -> None:
        """Call `action` between packets; may be called in any thread."""


class Reader:
    """A source of rows."""

    #: modes it can be used in
    modes: tuple[str, ...] = (MANUAL, REREAD, STREAM)

    def __init__(self, request: Request, sink: Sink) -> None:
        self.request = request
        self.sink = sink

    def start(self) -> None:
        """Read for the first time.

        :raises InputError: when the source cannot be used at all
        """
        self.force()

    def update(self) -> None:
        """Look whether there is something new, and read it."""

    def force(self) -> None:
        """Read now, whether or not anything seems to have changed."""

    def close(self) -> None:
        """Let go of the source."""


class FileReader(Reader):
    """A reader of files: knows when they change, and waits for those that are not there yet.

    Subclasses define `load`.  In the mode STREAM the file stays open and `load` is called again when it has
    grown; else it is called with a file just opened.
    """

    #: prefix of relative paths
    prefix = ""
    #: give up when the file is not there, instead of waiting for it
    fail_on_file_problem = False

    def __init__(self, request: Request, sink: Sink) -> None:
        super().__init__(request, sink)
        self._file: BinaryIO | None = None
        self._seen: tuple[int, int, int] | None = None  # inode, time and size of what was read last
        self._complained = False
        self._failed = False

    @property
    def path(self) -> str:
        """Where the file is."""
        return os.path.join(self.prefix, self.request.source) if self.prefix else self.request.source

    def load(self, file: BinaryIO, first: bool) -> None:
        """Read from the file's place on; `first` says that it was just opened.

        :raises InputError: when it is no such file as it should be
        """
        raise NotImplementedError

    def start(self) -> None:
        self._read(force=True)

    def update(self) -> None:
        self._read(force=False)

    def force(self) -> None:
        self._read(force=True)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _read(self, force: bool) -> None:
        if self._failed:
            return
        try:
            status = os.stat(self.path)
            if self.request.mode == STREAM:
                self._follow(status)
                return
            now = (status.st_ino, status.st_mtime_ns, status.st_size)
            if now == self._seen and not force:
                return
            self._seen = now
            with open(self.path, "rb") as file:
                self._complained = False
                self.load(file, True)
        except OSError as error:
            self._problem(f"{self.path} cannot be read: {error.strerror}")
        except HopelessInput as error:
            self._failed = True
            self.sink.error(f"{error}; this stream reads no more")
        except InputError as error:
            self._problem(str(error))

    def _follow(self, status: os.stat_result) -> None:
        """Read what was appended; begin anew when the file is another one, or was cut short."""
        file = self._file
        now = (status.st_dev, status.st_ino, 0)
        if file is not None and (now != self._seen or status.st_size < file.tell()):
            self.close()
            file = None
        first = file is None
        if file is None:
            file = self._file = open(self.path, "rb")  # noqa: SIM115 - it stays open
            self._seen = now
            self._complained = False
        self.load(file, first)

    def _problem(self, text: str) -> None:
        """Say once what is wrong; the file may come, or become right."""
        if self.fail_on_file_problem:
            self._failed = True
            self.sink.error(f"{text}; this stream reads no more")
        elif not self._complained:
            self._complained = True
            hint = "" if self.request.mode == MANUAL else "; it will be looked at again"
            self.sink.warning(text + hint)
