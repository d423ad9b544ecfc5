"""Files that scripts write: opening, writing, buffering, rotating, closing."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable
from typing import Any, BinaryIO
from weakref import WeakSet

from bro.runtime import context
from bro.runtime.builtins._support import command, global_value, post, record, report_error, shown
from bro.runtime.builtins.registry import builtin
from bro.runtime.files import BroFile, flush, stdout

#: Names that mean a stream of the process rather than a file of their own.
_STREAMS: dict[str, Callable[[], BinaryIO]] = {
    "/dev/stdout": stdout,
    "-": stdout,
    "/dev/stderr": lambda: sys.stderr.buffer,
}


class ScriptFile(BroFile):
    """A file that a script opened by name."""

    __slots__ = ("__weakref__", "opened")

    def __init__(self, name: str, stream: BinaryIO | None) -> None:
        super().__init__(name, stream)
        #: when it was opened, by packet time, or by the clock before the first packet
        self.opened = _now()

    def __del__(self) -> None:
        # Nothing in the script refers to it any more.
        if self.name in _STREAMS:
            return
        try:
            self.close()
        except ValueError:
            return  # Python closed it before, as it does at the very end
        except OSError as error:
            context.current.reporter.error(f'the file "{self.name}" is incomplete: {error.strerror}')

    def set_buffered(self, buffered: bool) -> None:
        """Hold what is written in a buffer, or pass it on at once."""
        stream = self._stream
        if self.closed or stream is None or self.name in _STREAMS:
            return
        if buffered and isinstance(stream, io.RawIOBase):
            self._stream = io.BufferedWriter(stream)
        elif not buffered and isinstance(stream, io.BufferedWriter):
            self._stream = stream.detach()  # type: ignore[assignment]

    def reopen(self) -> None:
        """Begin an empty file of the same name.  Raises OSError."""
        self._stream = open(self.name, "wb")  # noqa: SIM115  (closed by the script)
        self.closed = False
        self.opened = _now()


def _now() -> float:
    return context.current.clock.now or time.time()


def _open_files() -> WeakSet[ScriptFile]:
    return context.current.state.setdefault("open_files", WeakSet())  # type: ignore[no-any-return]


def _open(function: str, f: bytes, append: bool) -> BroFile:
    name = os.fsdecode(f)
    stream: BinaryIO | None = None
    if name in _STREAMS:
        return ScriptFile(name, _STREAMS[name]())
    try:
        stream = open(name, "ab" if append else "wb")  # noqa: SIM115  (closed by the script)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        report_error(f"{function}: cannot open {shown(f)}: {reason}")
    opened = ScriptFile(name, stream)
    if stream is not None:
        _open_files().add(opened)
        post("file_opened", opened)
    return opened


@builtin("function open(f: string): file")
def open_(f: bytes) -> BroFile:
    """Open a file for writing, and empty it if there is one of that name.

    If that fails, it is reported, and the file is one that takes nothing (see `active_file`).
    ``/dev/stdout`` and ``/dev/stderr`` are the streams of the program itself.
    """
    return _open("open", f, append=False)


@builtin("function open_for_append(f: string): file")
def open_for_append(f: bytes) -> BroFile:
    """Open a file for writing behind what is in it; otherwise like `open`."""
    return _open("open_for_append", f, append=True)


@builtin("function close(f: file): bool")
def close(f: BroFile) -> bool:
    """Write what is in the buffer and close the file; false if it was not open."""
    return f.close()


@builtin("function write_file(f: file, data: string): bool")
def write_file(f: BroFile, data: bytes) -> bool:
    """Write bytes as they are, without a newline; false, after a report, if the file is not open."""
    if f.write(data):
        return True
    report_error(f'write_file: the file "{f.name}" is not open')
    return False


@builtin("function active_file(f: file): bool")
def active_file(f: BroFile) -> bool:
    """Tell whether a file is open."""
    return not f.closed


@builtin("function get_file_name(f: file): string")
def get_file_name(f: BroFile) -> bytes:
    """Return the name by which a file was opened."""
    return os.fsencode(f.name)


@builtin("function set_buf(f: file, buffered: bool): any")
def set_buf(f: BroFile, buffered: bool) -> None:
    """Hold what is written to a file in a buffer (as files do at first), or pass it on at once."""
    if isinstance(f, ScriptFile):
        f.set_buffered(buffered)


@builtin("function enable_raw_output(f: file): any")
def enable_raw_output(f: BroFile) -> None:
    """Let `print` write bytes to a file as they are, without escaping and without a newline."""
    f.raw = True


@builtin("function flush_all(): bool")
def flush_all() -> bool:
    """Write what is in the buffers of all files; always true."""
    flush(stdout())
    for opened in list(_open_files()):
        opened.flush()
    return True


def _rotated_name(name: str) -> str:
    """A name for a file that goes out of use: with the process and the time, so that it is new."""
    return f"{name}.{os.getpid()}.{_now():.6f}.tmp"


def _rotation(old_name: str, new_name: str, opened: float, closed: float) -> Any:
    return record("rotate_info")(
        old_name=os.fsencode(old_name), new_name=os.fsencode(new_name), open=opened, close=closed
    )


def _rotate(function: str, f: ScriptFile) -> Any:
    new_name = _rotated_name(f.name)
    opened = f.opened
    f.close()
    try:
        os.rename(f.name, new_name)
        f.reopen()
    except OSError as error:
        report_error(f'{function}: cannot rotate "{f.name}": {error.strerror}')
        return _rotation(f.name, "", 0.0, 0.0)
    return _rotation(f.name, new_name, opened, f.opened)


@builtin("function rotate_file(f: file): rotate_info")
def rotate_file(f: BroFile) -> Any:
    """Give an open file another name and go on with an empty one of the same name.

    :returns: both names, and when the file was opened and closed.  If it cannot be rotated, that is reported,
        and the
        new name is empty.
    """
    if not isinstance(f, ScriptFile) or f.closed or f.name in _STREAMS:
        report_error(f'rotate_file: "{f.name}" is not a file that is open')
        return _rotation(f.name, "", 0.0, 0.0)
    return _rotate("rotate_file", f)


@builtin("function rotate_file_by_name(f: string): rotate_info")
def rotate_file_by_name(f: bytes) -> Any:
    """Like `rotate_file` for a file that need not be open here: then it only gets another name.

    The capture file of option ``-w`` is begun anew under its own name.
    """
    name = os.fsdecode(f)
    for opened in list(_open_files()):
        if opened.name == name and not opened.closed:
            return _rotate("rotate_file_by_name", opened)
    new_name = _rotated_name(name)
    try:
        changed = os.stat(name).st_mtime
        os.rename(name, new_name)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        report_error(f"rotate_file_by_name: cannot rotate {shown(f)}: {reason}")
        return _rotation(name, "", 0.0, 0.0)
    if name == os.fsdecode(global_value("trace_output_file", b"")):
        command("reopen_trace_file")
    return _rotation(name, new_name, changed, _now())
