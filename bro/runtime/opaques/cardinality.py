"""Counting different elements in little memory: HyperLogLog.

Flajolet, Fusy, Gandouet and Meunier 2007, with a 64-bit hash (so no correction for large counts is needed)
and linear counting for small ones (Heule, Nunkesser and Hall 2013).
"""

from __future__ import annotations

import math
from typing import Any

from bro.runtime.opaques.encoding import encode

try:
    from _blake2 import blake2b  # what hashlib gives, without loading OpenSSL for it
except ImportError:
    from hashlib import blake2b

#: The least and the most bits that number a register: 16 registers and 4,194,304 (4 MiB).
MIN_BITS, MAX_BITS = 4, 22


class CardinalityCounter:
    """How many different elements there were, with a relative error given in advance."""

    bro_type = "cardinality"

    __slots__ = ("bits", "element_type", "registers")

    def __init__(self, error: float, confidence: float) -> None:
        """Choose the number of registers so that the error stays below `error` with probability `confidence`.

        Both lie between 0 and 1.  Raises ValueError if they do not, or if that takes more than 2^22
        registers.
        """
        if not 0.0 < error < 1.0:
            raise ValueError(f"the error must lie between 0 and 1, not at {error:g}")
        if not 0.0 < confidence < 1.0:
            raise ValueError(f"the confidence must lie between 0 and 1, not at {confidence:g}")
        from statistics import NormalDist

        # The estimate is close to normal with a relative standard deviation of 1.04 / sqrt(registers).
        deviations = NormalDist().inv_cdf(0.5 + confidence / 2)
        bits = max(
            MIN_BITS, math.ceil(2 * math.log2(1.04 * deviations / error)) if deviations > 0 else MIN_BITS
        )
        if bits > MAX_BITS:
            raise ValueError(
                f"an error of {error:g} at confidence {confidence:g} needs more than {MAX_BITS} bits"
            )
        self.bits = bits
        self.registers = bytearray(1 << bits)
        self.element_type: str | None = None

    def add(self, element: Any) -> None:
        """Count an element, if it is new."""
        digest = int.from_bytes(blake2b(encode(element), digest_size=8).digest(), "little")
        register = digest & ((1 << self.bits) - 1)
        rank = 64 - self.bits - (digest >> self.bits).bit_length() + 1
        if rank > self.registers[register]:
            self.registers[register] = rank

    def estimate(self) -> float:
        """Return the estimated number of different elements."""
        count = len(self.registers)
        alpha = {4: 0.673, 5: 0.697, 6: 0.709}.get(self.bits) or 0.7213 / (1 + 1.079 / count)
        ranks: dict[int, int] = {}
        for rank in self.registers:
            ranks[rank] = ranks.get(rank, 0) + 1
        raw = alpha * count * count / sum([times * 2.0**-rank for rank, times in ranks.items()])
        empty = ranks.get(0, 0)
        if raw <= 2.5 * count and empty:
            return count * math.log(count / empty)
        return raw

    def merge(self, other: CardinalityCounter) -> None:
        """Count the elements of `other` as well.  Raises ValueError if it has another number of registers."""
        if self.bits != other.bits:
            raise ValueError("counters with different error bounds cannot be merged")
        if self.element_type and other.element_type and self.element_type != other.element_type:
            raise ValueError(f"one counter holds {self.element_type}, the other {other.element_type}")
        self.registers = bytearray(map(max, self.registers, other.registers))
        self.element_type = self.element_type or other.element_type

    def __bro_copy__(self) -> CardinalityCounter:
        """Return an independent counter with the same elements."""
        result = type(self).__new__(type(self))
        result.bits = self.bits
        result.registers = bytearray(self.registers)
        result.element_type = self.element_type
        return result
