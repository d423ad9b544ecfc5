"""Tests of randomness over a stream of bytes, after J. Walker's program `ent`."""

from __future__ import annotations

import math
from collections import Counter
from typing import NamedTuple


class EntropyResult(NamedTuple):
    """What the tests say; see the fields of record `entropy_test_result`."""

    entropy: float  #: bits of information a byte, 0 to 8
    chi_square: float  #: distance from equally frequent bytes
    mean: float  #: arithmetic mean of the bytes; 127.5 if random
    monte_carlo_pi: float  #: pi as estimated from points made of six bytes each
    serial_correlation: float  #: how far a byte depends on the one before; 0 if random


_RADIUS_SQUARED = (256.0**3 - 1) ** 2
#: What serial correlation is when it is undefined because all bytes are the same.
_UNDEFINED_CORRELATION = -100000.0


class EntropyTest:
    """The tests, fed piece by piece; memory does not grow with the data."""

    bro_type = "entropy"

    __slots__ = ("counts", "first", "hits", "last", "pending", "points", "products")

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()
        self.first = -1
        self.last = -1
        self.products = 0  # sum of each byte times the one before
        self.pending = b""  # bytes that do not make a point yet
        self.points = 0
        self.hits = 0

    def add(self, data: bytes) -> None:
        """Take in the next bytes."""
        if not data:
            return
        self.counts.update(data)
        if self.first < 0:
            self.first = data[0]
        else:
            self.products += self.last * data[0]
        self.products += sum(map(int.__mul__, data[:-1], data[1:]))
        self.last = data[-1]
        points = self.pending + data
        whole = len(points) - len(points) % 6
        for start in range(0, whole, 6):
            x = int.from_bytes(points[start : start + 3], "big")
            y = int.from_bytes(points[start + 3 : start + 6], "big")
            if x * x + y * y <= _RADIUS_SQUARED:
                self.hits += 1
        self.points += whole // 6
        self.pending = points[whole:]

    def result(self) -> EntropyResult:
        """Return the results over all bytes so far; all zero if there were none."""
        total = self.counts.total()
        if not total:
            return EntropyResult(0.0, 0.0, 0.0, 0.0, 0.0)
        expected = total / 256
        chi_square = sum([(self.counts[byte] - expected) ** 2 for byte in range(256)]) / expected
        entropy = -sum([times / total * math.log2(times / total) for times in self.counts.values()]) + 0.0
        byte_sum = sum([byte * times for byte, times in self.counts.items()])
        squares = sum([byte * byte * times for byte, times in self.counts.items()])
        # The pair of the last byte and the first closes the circle.
        products = self.products + self.last * self.first
        spread = total * squares - byte_sum * byte_sum
        correlation = (total * products - byte_sum * byte_sum) / spread if spread else _UNDEFINED_CORRELATION
        pi = 4.0 * self.hits / self.points if self.points else 0.0
        return EntropyResult(entropy, chi_square, byte_sum / total, pi, correlation)

    def __bro_copy__(self) -> EntropyTest:
        result = type(self).__new__(type(self))
        for name in self.__slots__:
            setattr(result, name, getattr(self, name))
        result.counts = self.counts.copy()
        return result
