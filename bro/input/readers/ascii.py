"""Tables in text files: a line is a row, columns are named in the line that begins with ``#fields``.

This is the form of logs, so a log can be read again.  Options of a stream (`$config`): ``separator``,
``set_separator``, ``empty_field``, ``unset_field``, ``fail_on_invalid_lines``, ``fail_on_file_problem``;
without them those of module `InputAscii` hold.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from bro.input.readers.base import STREAM, FileReader, HopelessInput, InputError, Request, Sink
from bro.input.text import Format, parser, port, unescaped
from bro.runtime.builtins._support import global_value

#: The longest line that is read, in bytes; a longer one is passed over with a warning.
MAX_LINE = 16 * 1024 * 1024

Column = tuple[str, int, Callable[[bytes], Any], int]


class AsciiReader(FileReader):
    """Reads tables in text files."""

    def __init__(self, request: Request, sink: Sink) -> None:
        super().__init__(request, sink)
        config = request.config

        def text(name: str, default: bytes) -> bytes:
            given = config.get(name)
            found = (
                global_value(f"InputAscii::{name}", default)
                if given is None
                else given.encode("utf-8", "surrogateescape")
            )
            return unescaped(found)

        self.format = Format(
            text("separator", b"\t"),
            text("set_separator", b","),
            text("empty_field", b"(empty)"),
            text("unset_field", b"-"),
        )
        if not self.format.separator:
            raise InputError("the separator of columns must not be empty")
        self.prefix = os.fsdecode(global_value("InputAscii::path_prefix", b""))
        self.fail_on_file_problem = request.flag(
            "fail_on_file_problem", bool(global_value("InputAscii::fail_on_file_problem", False))
        )
        self.fail_on_invalid_lines = request.flag(
            "fail_on_invalid_lines", bool(global_value("InputAscii::fail_on_invalid_lines", False))
        )
        self._columns: list[Column] | None = None
        self._line = 0
        self._partial = b""

    def load(self, file: BinaryIO, first: bool) -> None:
        if first:
            self._columns, self._line, self._partial = None, 0, b""
        if self.request.mode == STREAM:
            for row in self._rows(file):
                self.sink.put(row)
            if first:
                self.sink.end_of_data()
        else:
            self.sink.replace(list(self._rows(file)))

    def _lines(self, file: BinaryIO) -> Iterator[bytes]:
        """Lines without their ends.  Of a file that grows, the last one counts when it has its end."""
        streaming = self.request.mode == STREAM
        while True:
            line = file.readline(MAX_LINE)
            if not line:
                return
            if not line.endswith(b"\n"):
                if len(line) >= MAX_LINE:
                    while line and not line.endswith(b"\n"):
                        line = file.readline(MAX_LINE)
                    self._line += 1
                    self.sink.warning(
                        f"{self.path}, line {self._line}: longer than {MAX_LINE} bytes, left out"
                    )
                    continue
                if streaming:
                    self._partial += line
                    return
            elif self._partial:
                line, self._partial = self._partial + line, b""
            self._line += 1
            yield line.rstrip(b"\r\n")

    def _rows(self, file: BinaryIO) -> Iterator[list[Any]]:
        separator = self.format.separator
        for line in self._lines(file):
            if line.startswith(b"#"):
                if line.startswith(b"#fields"):
                    names = line[len(b"#fields") :].removeprefix(separator).split(separator)
                    self._columns = self._find([name.decode("utf-8", "replace") for name in names])
                continue
            if not line:
                continue
            columns = self._columns
            if columns is None:
                raise InputError(f'{self.path} has no line that begins with "#fields" before its rows')
            row = self._row(line.split(separator), columns)
            if row is not None:
                yield row
        if self._columns is None and self.request.mode != STREAM:
            raise InputError(f'{self.path} has no line that begins with "#fields"')

    def _find(self, names: list[str]) -> list[Column]:
        """Where the columns are that the stream wants; -1 for optional ones that are not there."""
        found: list[Column] = []
        for field in self.request.fields:
            if field.name in names:
                at = names.index(field.name)
            elif field.optional:
                at = -1
            else:
                raise InputError(
                    f'{self.path} has no column "{field.name}"; there are {", ".join(names) or "none"}'
                )
            other = -1
            if field.type_column and at >= 0:
                if field.type_column not in names:
                    raise InputError(
                        f'{self.path} has no column "{field.type_column}" for the protocols of "{field.name}"'
                    )
                other = names.index(field.type_column)
            found.append((field.name, at, parser(field.type, self.format), other))
        return found

    def _row(self, parts: list[bytes], columns: list[Column]) -> list[Any] | None:
        row: list[Any] = []
        for name, at, parse, other in columns:
            if at < 0:
                row.append(None)
                continue
            try:
                if at >= len(parts) or other >= len(parts):
                    raise ValueError(f"there are {len(parts)} columns only")
                value = parts[at]
                if other >= 0 and value != self.format.unset:
                    row.append(port(value, parts[other]))
                else:
                    row.append(parse(value))
            except ValueError as error:
                self._invalid(f'{self.path}, line {self._line}: column "{name}": {error}')
                return None
        return row

    def _invalid(self, text: str) -> None:
        if self.fail_on_invalid_lines:
            raise HopelessInput(text)
        self.sink.warning(f"{text}; the line is left out")
