"""Lines as they are, out of a file or of the output of a command (a source that ends with ``|``).

The stream has one field of type string; with ``read_stderr`` in `$config` a second one of type bool tells
whether the line was written to standard error.  Further options: ``stdin``, what the command gets as input;
``offset``, where to begin in a file, from its end if negative; ``record_separator``; ``nofail``, not to
report a status that is not 0.  A command is run again for each update of the mode REREAD, after the run
before has ended.  The end of each run is the event `InputRaw::process_finished`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from typing import Any, BinaryIO

from bro.input.readers.base import STREAM, FileReader, InputError, Request, Sink
from bro.runtime.builtins._support import global_value

#: Bytes read from a command at once, and how many such pieces may wait to be handled.
CHUNK = 64 * 1024
MAX_WAITING = 64
#: The longest record without its separator, in bytes; what is longer is cut there.
MAX_RECORD = 64 * 1024 * 1024


class RawReader(FileReader):
    """Reads lines of files and commands."""

    def __init__(self, request: Request, sink: Sink) -> None:
        super().__init__(request, sink)
        config = request.config
        self.stderr = request.flag("read_stderr", False)
        wanted = ["string", "bool"] if self.stderr else ["string"]
        if [field.type.tag for field in request.fields] != wanted:
            raise InputError(f"this stream has to have fields of type {' and '.join(wanted)}")
        given = config.get("record_separator")
        self.separator: bytes = (
            global_value("InputRaw::record_separator", b"\n") if given is None else os.fsencode(given)
        )
        if not self.separator:
            raise InputError("the separator of records must not be empty")
        try:
            self.offset = int(config.get("offset", "0"))
        except ValueError:
            raise InputError(f"offset is to be a number, not {config['offset']!r}") from None
        source = request.source.strip()
        self.command = source[:-1].strip() if source.endswith("|") else ""
        self.quiet = request.flag("nofail", False)
        self._partial = b""
        self._process: subprocess.Popen[bytes] | None = None

    # ---- files ---------------------------------------------------------------------------------------------

    def load(self, file: BinaryIO, first: bool) -> None:
        if first:
            self._partial = b""
            if self.offset:
                try:
                    file.seek(self.offset, os.SEEK_END if self.offset < 0 else os.SEEK_SET)
                except OSError:
                    file.seek(0)
        if self.request.mode != STREAM:
            self.sink.replace(self._whole(file))
            return
        while True:
            data = file.read(CHUNK)
            if not data:
                break
            for line in self._split(data):
                self.sink.put(self._row(line, False))
        if first:
            self.sink.end_of_data()

    def _whole(self, file: BinaryIO) -> Iterator[list[Any]]:
        while True:
            data = file.read(CHUNK)
            if not data:
                break
            for line in self._split(data):
                yield self._row(line, False)
        rest, self._partial = self._partial, b""
        if rest:
            yield self._row(rest, False)

    def _split(self, data: bytes) -> list[bytes]:
        parts = (self._partial + data).split(self.separator)
        self._partial = parts.pop()
        if len(self._partial) > MAX_RECORD:
            parts.append(self._partial)
            self._partial = b""
        return parts

    def _row(self, line: bytes, is_error: bool) -> list[Any]:
        return [line, is_error] if self.stderr else [line]

    # ---- commands ------------------------------------------------------------------------------------------

    def start(self) -> None:
        if self.command:
            self._run()
        else:
            super().start()

    def update(self) -> None:
        if not self.command:
            super().update()
        elif self.request.mode != STREAM and self._process is None:
            self._run()

    def force(self) -> None:
        if not self.command:
            super().force()
        elif self._process is None:
            self._run()

    def _run(self) -> None:
        text = self.request.config.get("stdin")
        try:
            process = subprocess.Popen(
                ["/bin/sh", "-c", self.command],
                stdin=subprocess.DEVNULL if text is None else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE if self.stderr else None,
                start_new_session=True,
            )
        except OSError as error:
            raise InputError(f"{self.command!r} cannot be run: {error.strerror}") from None
        self._process = process
        _waited(self.request.mode, +1)
        data = None if text is None else os.fsencode(text)
        run = _Run(self, process, data)
        threading.Thread(target=run.supervise, name="bro-input", daemon=True).start()

    def finished(self, status: int) -> None:
        """The command has ended."""
        self._process = None
        _waited(self.request.mode, -1)
        self.sink.end_of_data()
        self.sink.post("InputRaw::process_finished", abs(status), status < 0)
        if status > 0 and not self.quiet:
            self.sink.warning(f"{self.command!r} ended with status {status}")

    def close(self) -> None:
        super().close()
        process, self._process = self._process, None
        if process is not None:
            _waited(self.request.mode, -1)
            try:
                os.killpg(process.pid, signal.SIGTERM)
            except OSError:
                return


def _waited(mode: str, change: int) -> None:
    """The end of the program waits for commands that end by themselves, not for those that go on for ever."""
    from bro.runtime import context

    if mode != STREAM:
        state = context.current.state
        state["outstanding"] = state.get("outstanding", 0) + change


class _Run:
    """One run of a command, watched by threads that hand over what it writes."""

    def __init__(self, reader: RawReader, process: subprocess.Popen[bytes], data: bytes | None) -> None:
        self.reader = reader
        self.process = process
        self.data = data
        self.waiting = threading.BoundedSemaphore(MAX_WAITING)

    def supervise(self) -> None:
        """Read everything, wait for the end, and say so."""
        process, reader = self.process, self.reader
        threads = [threading.Thread(target=self._read, args=(process.stdout, False), daemon=True)]
        if process.stderr is not None:
            threads.append(threading.Thread(target=self._read, args=(process.stderr, True), daemon=True))
        for thread in threads:
            thread.start()
        if process.stdin is not None:
            try:
                process.stdin.write(self.data or b"")
                process.stdin.close()
            except OSError:
                pass  # it does not want its input
        for thread in threads:
            thread.join()
        status = process.wait()
        reader.sink.later(lambda: reader.finished(status))

    def _read(self, pipe: Any, is_error: bool) -> None:
        separator = self.reader.separator
        rest = b""
        while True:
            data = pipe.read1(CHUNK)
            if not data:
                break
            parts = (rest + data).split(separator)
            rest = parts.pop()
            if len(rest) > MAX_RECORD:
                parts.append(rest)
                rest = b""
            if parts:
                self._hand_over(parts, is_error)
        if rest:
            self._hand_over([rest], is_error)

    def _hand_over(self, lines: list[bytes], is_error: bool) -> None:
        # A stream that was removed takes nothing any more, so there is no waiting for ever.
        self.waiting.acquire(timeout=60.0)
        reader = self.reader

        def deliver() -> None:
            for line in lines:
                reader.sink.put(reader._row(line, is_error))
            try:
                self.waiting.release()
            except ValueError:
                return

        reader.sink.later(deliver)
