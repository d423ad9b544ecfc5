"""Files of options: a line has the name of an option, blanks, and its value.

Every value that has changed becomes the event `InputConfig::new_value`, with the value as the option's
type, and a row with name and text for the stream's own event.  Lines that begin with ``#`` are comments.
Elements of sets and vectors are separated by ``InputConfig::set_separator``.
"""

from __future__ import annotations

import os
import re
from typing import Any, BinaryIO

from bro.input.readers.base import FileReader, InputError, Request, Sink
from bro.input.text import Format, parser
from bro.runtime import context
from bro.runtime.builtins._support import global_value
from bro.runtime.values import box

_LINE = re.compile(rb"\s*([A-Za-z_][\w:]*)(?:\s+(.*?))?\s*\Z", re.DOTALL)


class ConfigReader(FileReader):
    """Reads files of options."""

    def __init__(self, request: Request, sink: Sink) -> None:
        super().__init__(request, sink)
        names = [field.type.tag for field in request.fields]
        if names not in ([], ["string", "string"]):
            raise InputError("a stream of options has two fields of type string, for name and value")
        config = request.config

        def text(name: str, default: bytes) -> bytes:
            given = config.get(name)
            found: bytes = global_value(f"InputConfig::{name}", default)
            return found if given is None else os.fsencode(given)

        self.format = Format(
            set_separator=text("set_separator", b","),
            empty=text("empty_field", b""),
            unset=b"\0",  # an option always has a value
            unescape=False,
        )
        self.fail_on_file_problem = request.flag(
            "fail_on_file_problem", bool(global_value("InputConfig::fail_on_file_problem", False))
        )
        self._values: dict[str, bytes] = {}

    def load(self, file: BinaryIO, first: bool) -> None:
        for number, line in enumerate(file.read().split(b"\n"), 1):
            text = line.rstrip(b"\r")
            if not text.strip() or text.lstrip().startswith(b"#"):
                continue
            match = _LINE.match(text)
            if match is None:
                self.sink.warning(f"{self.path}, line {number}: this is no option with a value")
                continue
            self._option(match.group(1).decode(), match.group(2) or b"", number)
        self.sink.end_of_data()

    def _option(self, name: str, text: bytes, number: int) -> None:
        program = context.current.program
        known: Any = None if program is None else program.variables.get(name)
        if known is None or "o" not in known[2]:
            self.sink.warning(f"{self.path}, line {number}: there is no option {name}")
            return
        if self._values.get(name) == text:
            return
        kind = program.variable_type(name)
        try:
            value = parser(kind, self.format)(text)
        except ValueError as error:
            self.sink.warning(f"{self.path}, line {number}: {name} cannot have this value: {error}")
            return
        self._values[name] = text
        self.sink.post("InputConfig::new_value", name.encode(), box(value, kind))
        if self.request.fields:
            self.sink.put([name.encode(), text])
