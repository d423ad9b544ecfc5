"""Files as they are, in pieces of `InputBinary::chunk_size` bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, BinaryIO

from bro.input.readers.base import STREAM, FileReader, InputError, Request, Sink
from bro.runtime.builtins._support import global_value

#: The largest piece, in bytes.
MAX_CHUNK = 64 * 1024 * 1024


class BinaryReader(FileReader):
    """Reads files in pieces."""

    def __init__(self, request: Request, sink: Sink) -> None:
        super().__init__(request, sink)
        if [field.type.tag for field in request.fields] != ["string"]:
            raise InputError("a stream of binary content has one field of type string")
        text = request.config.get("chunk_size")
        try:
            self.size = int(text) if text is not None else int(global_value("InputBinary::chunk_size", 1024))
        except ValueError:
            raise InputError(f"chunk_size is to be a number, not {text!r}") from None
        if not 0 < self.size <= MAX_CHUNK:
            raise InputError(f"chunk_size is to be 1 to {MAX_CHUNK}, not {self.size}")
        self.prefix = os.fsdecode(global_value("InputBinary::path_prefix", b""))

    def load(self, file: BinaryIO, first: bool) -> None:
        if self.request.mode == STREAM:
            for row in self._chunks(file):
                self.sink.put(row)
            if first:
                self.sink.end_of_data()
        else:
            self.sink.replace(self._chunks(file))

    def _chunks(self, file: BinaryIO) -> Iterator[list[Any]]:
        while True:
            chunk = file.read(self.size)
            if not chunk:
                return
            yield [chunk]
