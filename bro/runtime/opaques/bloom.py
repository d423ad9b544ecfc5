"""Bloom filters: sets and multisets that answer "never seen" for certain and "seen" with a known rate of
error.

Bloom 1970; double hashing after Kirsch and Mitzenmacher 2006: the k cell numbers of an element come out of
one 128-bit hash.
"""

from __future__ import annotations

import math
from typing import Any

from bro.runtime.opaques.encoding import encode

try:
    from _blake2 import blake2b  # what hashlib gives, without loading OpenSSL for it
except ImportError:
    from hashlib import blake2b

#: The most cells a filter may have (128 MiB of bits, or one byte each for counters of up to 255).
MAX_CELLS = 1 << 30
#: The most hash functions a filter may have.
MAX_HASHES = 64


class BloomFilter:
    """What the two kinds have in common: cell numbers, and the type of the elements.

    Only filters made with the same seed, and so the same name or none, can be combined.
    """

    bro_type = "bloomfilter"
    kind = "basic"

    __slots__ = ("cells", "element_type", "hashes", "key", "state")

    def __init__(self, hashes: int, cells: int, key: bytes) -> None:
        """Make an empty filter.

        :param hashes: how many cells stand for one element, 1 to `MAX_HASHES`.
        :param cells: how many cells there are, 1 to `MAX_CELLS`.
        :param key: seeds the hash; up to 64 bytes.
        """
        if not 1 <= hashes <= MAX_HASHES:
            raise ValueError(f"a Bloom filter has 1 to {MAX_HASHES} hash functions, not {hashes}")
        if not 1 <= cells <= MAX_CELLS:
            raise ValueError(f"a Bloom filter has 1 to {MAX_CELLS} cells, not {cells}")
        self.hashes = hashes
        self.cells = cells
        self.key = key[:64]
        self.element_type: str | None = None
        self.state = self._empty()

    def _empty(self) -> Any:
        return bytearray((self.cells + 7) // 8)

    def clear(self) -> None:
        """Remove all elements."""
        self.state = self._empty()

    def _positions(self, element: Any) -> list[int]:
        digest = blake2b(encode(element), digest_size=16, key=self.key).digest()
        first = int.from_bytes(digest[:8], "little")
        step = int.from_bytes(digest[8:], "little") | 1
        cells = self.cells
        return [(first + number * step) % cells for number in range(self.hashes)]

    def add(self, element: Any) -> None:
        """Put an element in."""
        state = self.state
        for position in self._positions(element):
            state[position >> 3] |= 1 << (position & 7)

    def lookup(self, element: Any) -> int:
        """Return 1 if the element is probably there, 0 if it certainly is not."""
        state = self.state
        for position in self._positions(element):
            if not state[position >> 3] >> (position & 7) & 1:
                return 0
        return 1

    def decrement(self, element: Any) -> bool:
        """Take an element out once; a basic filter cannot, and returns false."""
        return False

    def _check_compatible(self, other: BloomFilter) -> None:
        mine = (self.kind, self.hashes, self.cells)
        theirs = (other.kind, other.hashes, other.cells)
        if mine != theirs:
            raise ValueError(
                f"a {mine[0]} Bloom filter with {mine[1]} hashes and {mine[2]} cells does not go together "
                f"with a {theirs[0]} one with {theirs[1]} and {theirs[2]}"
            )
        if self.key != other.key:
            raise ValueError("the Bloom filters have different names and so different seeds")
        if self.element_type and other.element_type and self.element_type != other.element_type:
            raise ValueError(f"one Bloom filter holds {self.element_type}, the other {other.element_type}")

    def _combined(self, other: BloomFilter, state: Any) -> BloomFilter:
        result = type(self).__new__(type(self))
        for cls in type(self).__mro__:
            for name in getattr(cls, "__slots__", ()):
                setattr(result, name, getattr(self, name))
        result.state = state
        result.element_type = self.element_type or other.element_type
        return result

    def merge(self, other: BloomFilter) -> BloomFilter:
        """Return a filter with the elements of both.  Raises ValueError if they differ in kind, size or
        seed."""
        self._check_compatible(other)
        both = int.from_bytes(self.state, "little") | int.from_bytes(other.state, "little")
        return self._combined(other, bytearray(both.to_bytes(len(self.state), "little")))

    def intersect(self, other: BloomFilter) -> BloomFilter:
        """Return a filter with (at least) the elements that are in both.  Raises ValueError as `merge`
        does."""
        self._check_compatible(other)
        both = int.from_bytes(self.state, "little") & int.from_bytes(other.state, "little")
        return self._combined(other, bytearray(both.to_bytes(len(self.state), "little")))

    def __bro_copy__(self) -> BloomFilter:
        return self._combined(self, self.state[:])

    def describe_state(self) -> bytes:
        """Return a digest of everything that makes two filters behave the same, for comparing them in
        tests."""
        digest = blake2b(bytes(self.state), digest_size=16, key=self.key)
        return f"{self.kind}:k={self.hashes}:cells={self.cells}:{digest.hexdigest()}".encode()


class CountingBloomFilter(BloomFilter):
    """A Bloom filter whose cells count, up to a maximum at which they stay."""

    kind = "counting"
    __slots__ = ("maximum",)

    def __init__(self, hashes: int, cells: int, maximum: int, key: bytes) -> None:
        """Make an empty filter whose cells count up to `maximum`, 1 to 2^64 - 1."""
        if not 1 <= maximum < 1 << 64:
            raise ValueError(f"a counting Bloom filter counts up to at least 1, not {maximum}")
        self.maximum = maximum
        super().__init__(hashes, cells, key)

    def _empty(self) -> Any:
        from array import array

        code = next(c for c, top in (("B", 8), ("H", 16), ("I", 32), ("Q", 64)) if self.maximum < 1 << top)
        return array(code, bytes(array(code).itemsize)) * self.cells

    def add(self, element: Any) -> None:
        """Put an element in once more.  A cell at its maximum stays there."""
        state, maximum = self.state, self.maximum
        for position in set(self._positions(element)):
            if state[position] < maximum:
                state[position] += 1

    def lookup(self, element: Any) -> int:
        """Return how often the element was put in, or more: the least of its cells."""
        state = self.state
        return min(map(state.__getitem__, self._positions(element)))  # type: ignore[no-any-return]

    def decrement(self, element: Any) -> bool:
        """Take an element out once; false, and no change, if it is certainly not there."""
        state = self.state
        positions = set(self._positions(element))
        if 0 in map(state.__getitem__, positions):
            return False
        for position in positions:
            state[position] -= 1
        return True

    def merge(self, other: BloomFilter) -> BloomFilter:
        """Return a filter with the counts of both added up.  Raises ValueError if they differ in kind, size
        or seed."""
        self._check_compatible(other)
        state = self._empty()
        for position, (mine, theirs) in enumerate(zip(self.state, other.state, strict=True)):
            if mine or theirs:
                state[position] = min(mine + theirs, self.maximum)
        return self._combined(other, state)

    def intersect(self, other: BloomFilter) -> BloomFilter:
        """Return a basic filter of the elements that are in both."""
        self._check_compatible(other)
        result = BloomFilter(self.hashes, self.cells, self.key)
        result.element_type = self.element_type or other.element_type
        for position, (mine, theirs) in enumerate(zip(self.state, other.state, strict=True)):
            if mine and theirs:
                result.state[position >> 3] |= 1 << (position & 7)
        return result


def optimal_size(false_positives: float, capacity: int) -> tuple[int, int]:
    """Return how many hash functions and cells keep the rate of false positives at `capacity` elements.

    :param false_positives: the rate, above 0 and below 1.
    :param capacity: how many elements there may be at that rate, at least 1.
    """
    if not 0.0 < false_positives < 1.0:
        raise ValueError(f"the rate of false positives must lie between 0 and 1, not at {false_positives:g}")
    if capacity < 1:
        raise ValueError("a Bloom filter for no elements makes no sense")
    cells = max(1, math.ceil(-capacity * math.log(false_positives) / math.log(2) ** 2))
    hashes = max(1, min(MAX_HASHES, round(cells / capacity * math.log(2))))
    return hashes, cells
