"""Files that scripts write, and the statement `print`."""

from __future__ import annotations

import os
import sys

from bro.runtime import context
from bro.runtime.describe import escape, formatter, print_formatter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, BinaryIO

    from bro.script.types import Type

#: When set, `print` to standard output gives its parts to this instead (`Log::print_to_log`).
print_hook: Callable[[Sequence[bytes]], None] | None = None
#: Whether it gets what is printed to other files as well.
print_hook_for_all = False


def raw_file(file: BroFile) -> BroFile:
    """Make a file raw, as `&raw_output` does to each file that its variable gets; return it."""
    file.raw = True
    return file


class BroFile:
    """A value of type `file`.

    What is printed to it ends with a newline and has bytes that are not printable escaped, unless it is raw.
    """

    bro_type = "file"

    __slots__ = ("_stream", "closed", "name", "raw")

    def __init__(self, name: str, stream: BinaryIO | None, raw: bool = False) -> None:
        self.name = name
        self._stream = stream
        self.raw = raw
        self.closed = stream is None

    @classmethod
    def open(cls, path: str, append: bool = False) -> BroFile:
        """Open a file for writing; directories on the way are not made.

        :raises OSError: when that is not possible
        """
        return cls(path, open(path, "ab" if append else "wb"))

    def write(self, data: bytes) -> bool:
        """Write bytes as they are; return whether the file was open."""
        if self.closed or self._stream is None:
            return False
        try:
            self._stream.write(data)
        except BrokenPipeError:
            abandon(self._stream)
        return True

    def print(self, parts: Sequence[bytes]) -> None:
        """Write one line of parts with commas between."""
        line = b", ".join(parts)
        if not self.write(line if self.raw else line + b"\n"):
            from bro.runtime.builtins._support import report_error  # that imports this package's files

            report_error(f'print to the file "{self.name}", which is closed')

    def flush(self) -> None:
        if self._stream is not None and not self.closed:
            flush(self._stream)

    def close(self) -> bool:
        """Close the file; return whether it was open."""
        if self.closed or self._stream is None:
            return False
        self.closed = True
        flush(self._stream)
        if self._stream not in (sys.stdout.buffer, sys.stderr.buffer):
            self._stream.close()
        return True

    def size(self) -> float:
        """Bytes in the file; 0 where it has no size."""
        self.flush()
        try:
            return float(os.stat(self.name).st_size)
        except OSError:
            return 0.0

    def __bro_describe__(self) -> bytes:
        return f'file "{self.name}" of string'.encode()


class Beside:
    """A stream to a terminal on which something else is drawn, which makes room before each write."""

    def __init__(self, stream: Any, make_room: Callable[[], None]) -> None:
        self._stream = stream
        self._make_room = make_room

    def write(self, data: Any) -> Any:
        self._make_room()
        return self._stream.write(data)

    def close(self) -> None:
        """The terminal itself stays open."""
        self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def stdout() -> BinaryIO:
    """Where `print` writes."""
    stream = context.current.stdout
    return sys.stdout.buffer if stream is None else stream


#: the stream that was last asked whether it is a terminal, and its answer
_asked: tuple[object, bool] = (None, False)


def _is_terminal(stream: BinaryIO) -> bool:
    global _asked
    if _asked[0] is not stream:
        _asked = (stream, stream.isatty())
    return _asked[1]


def abandon(stream: BinaryIO) -> None:
    """Let what is written to a pipe go nowhere from now on: whoever read it (`| head`) has gone.

    The run goes on, since its logs matter still.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def flush(stream: BinaryIO) -> None:
    """Write what is in the buffer of a stream."""
    try:
        stream.flush()
    except BrokenPipeError:
        abandon(stream)
        stream.flush()


def write_stdout(data: bytes) -> None:
    """Write bytes as they are to where `print` writes; whoever sits at a terminal sees them at once."""
    stream = stdout()
    try:
        stream.write(data)
        if _is_terminal(stream):
            stream.flush()
    except BrokenPipeError:
        abandon(stream)


def print_line(*parts: bytes) -> None:
    """`print` to standard output."""
    if print_hook is not None:
        print_hook(parts)
        return
    write_stdout(b", ".join(parts) + b"\n")


def print_to(file: Any, values: Sequence[Any], types: Sequence[Type]) -> None:
    """`print` to a file."""
    make = formatter if file.raw else print_formatter
    parts = [make(type_)(value) for value, type_ in zip(values, types, strict=True)]
    if print_hook is not None and (print_hook_for_all or file.name == "/dev/stdout"):
        print_hook(parts)
        return
    file.print(parts)


__all__ = ["BroFile", "escape", "flush", "print_line", "print_to", "stdout", "write_stdout"]
