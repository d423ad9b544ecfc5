"""Rows of random values, for measuring.

The source is the number of rows at each look.  The options of module `InputBenchmark` say how that number
grows: by `factor` and `addfactor` after each look, as long as fewer than `stopspreadat` rows came at once
if that is not 0.  What spreads rows over time (`spread`, `autospread`, `timedspread`) is accepted and has
no effect: rows come at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from bro.input.readers.base import STREAM, InputError, Reader, Request, Sink
from bro.input.text import supported
from bro.runtime import context
from bro.runtime.builtins._support import container, enum_value, global_value
from bro.runtime.netvalues import Addr, Pattern, Port
from bro.script import types as t

#: The most rows at one look.
MAX_ROWS = 10_000_000

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class BenchmarkReader(Reader):
    """Makes random rows."""

    def __init__(self, request: Request, sink: Sink) -> None:
        super().__init__(request, sink)
        try:
            self.rows = float(int(request.source))
        except ValueError:
            raise InputError(f"the source is to be the number of rows, not {request.source!r}") from None
        for field in request.fields:
            if not supported(field.type):
                raise InputError(f"there are no random values of type {field.type.notation()}")
        self.random = Random(context.current.state.get("seed", b""))

    def update(self) -> None:
        self.force()

    def force(self) -> None:
        number = min(int(self.rows), MAX_ROWS)
        if self.request.mode == STREAM:
            for row in self._rows(number):
                self.sink.put(row)
        else:
            self.sink.replace(self._rows(number))
        stop = global_value("InputBenchmark::stopspreadat", 0)
        if not stop or self.rows < stop:
            self.rows = self.rows * global_value("InputBenchmark::factor", 1.0)
            self.rows += global_value("InputBenchmark::addfactor", 0)

    def _rows(self, number: int) -> Iterator[list[Any]]:
        kinds = [field.type for field in self.request.fields]
        for _ in range(number):
            yield [self._value(kind) for kind in kinds]

    def _value(self, kind: t.Type) -> Any:
        random = self.random
        tag = kind.tag
        if isinstance(kind, t.EnumType):
            return enum_value(kind.name, random.choice(sorted(kind.values)))
        if isinstance(kind, t.VectorType):
            return [self._value(kind.element) for _ in range(random.randrange(1, 10))]
        if isinstance(kind, t.TableType):
            return container(
                kind, [(self._value(kind.index_types[0]), True) for _ in range(random.randrange(1, 10))]
            )
        if tag == "bool":
            return random.random() < 0.5
        if tag in ("count", "int"):
            return random.getrandbits(31)
        if tag in ("double", "interval"):
            return random.random() * 1000
        if tag == "time":
            return context.current.clock.now + random.random()
        if tag == "string":
            return self._text()
        if tag == "port":
            return Port(random.randrange(65536), random.choice(["tcp", "udp"]))
        if tag == "pattern":
            return Pattern(self._text())
        address = Addr.from_bytes(random.randbytes(4))
        return address if tag == "addr" else address.mask(random.randrange(33))

    def _text(self) -> bytes:
        return bytes(self.random.choice(_LETTERS) for _ in range(10))
