"""The most frequent elements of a stream in bounded memory: the Space-Saving summary.

Metwally, Agrawal and El Abbadi 2005.  A summary of size n knows every element that makes up more than one
n-th of the stream; a count is never too low, and `epsilon` says by how much it may be too high.
"""

from __future__ import annotations

from typing import Any

from bro.runtime.opaques.encoding import encode
from bro.runtime.values import index_key

#: The most elements a summary may keep.
MAX_SIZE = 1_000_000


class _Counter:
    __slots__ = ("count", "epsilon", "key", "value")

    def __init__(self, key: bytes, value: Any, count: int, epsilon: int) -> None:
        self.key = key
        self.value = value
        self.count = count
        self.epsilon = epsilon


class TopK:
    """A summary of the `size` most frequent elements."""

    bro_type = "topk"

    __slots__ = ("buckets", "counters", "element_type", "least", "pruned", "size", "total")

    def __init__(self, size: int) -> None:
        """Keep `size` elements, 1 to `MAX_SIZE`."""
        if not 1 <= size <= MAX_SIZE:
            raise ValueError(f"a top-k summary keeps 1 to {MAX_SIZE} elements, not {size}")
        self.size = size
        self.element_type: str | None = None
        self.counters: dict[bytes, _Counter] = {}
        #: Counters by count, in the order in which they got there; the next one to go is the first of the
        #: least.
        self.buckets: dict[int, dict[bytes, _Counter]] = {}
        self.least = 0
        self.total = 0
        self.pruned = False

    def _leave(self, counter: _Counter) -> None:
        bucket = self.buckets[counter.count]
        del bucket[counter.key]
        if not bucket:
            del self.buckets[counter.count]

    def _enter(self, counter: _Counter) -> None:
        self.buckets.setdefault(counter.count, {})[counter.key] = counter

    def add(self, value: Any) -> None:
        """Count an element once more."""
        key = encode(value)
        self.total += 1
        counter = self.counters.get(key)
        if counter is None:
            if len(self.counters) < self.size:
                counter = _Counter(key, index_key(value), 1, 0)
                self.least = 1
            else:
                counter = next(iter(self.buckets[self.least].values()))
                self._leave(counter)
                del self.counters[counter.key]
                counter = _Counter(key, index_key(value), counter.count + 1, counter.count)
            self.counters[key] = counter
        else:
            self._leave(counter)
            counter.count += 1
        self._enter(counter)
        # The least count can only have gone up by one: the counter that left it is at the next count now.
        if self.least not in self.buckets:
            self.least += 1

    def top(self, k: int) -> list[Any]:
        """Return at least the `k` most frequent elements by falling count: all that share the last count come
        along."""
        found: list[Any] = []
        for count in sorted(self.buckets, reverse=True):
            if len(found) >= k:
                break
            found.extend([counter.value for counter in self.buckets[count].values()])
        return found

    def count(self, value: Any) -> int | None:
        """Return the (over-estimated) count of an element, None if it is not among those kept."""
        counter = self.counters.get(encode(value))
        return None if counter is None else counter.count

    def epsilon(self, value: Any) -> int | None:
        """Return by how much the count of an element may be too high, None if it is not among those kept."""
        counter = self.counters.get(encode(value))
        return None if counter is None else counter.epsilon

    def sum(self) -> int:
        """Return how many elements were added; after pruning merges, the sum of the counts that are left."""
        return sum([counter.count for counter in self.counters.values()]) if self.pruned else self.total

    def merge(self, other: TopK, prune: bool) -> None:
        """Count the elements of `other` as well.

        Without `prune` the summary may grow beyond its size, and keeps all it knows; with it, it goes back to
        its size. Raises ValueError if both hold elements of different types, or if the result would have more
        than `MAX_SIZE`.
        """
        if self.element_type and other.element_type and self.element_type != other.element_type:
            raise ValueError(f"one summary holds {self.element_type}, the other {other.element_type}")
        if not prune and len(self.counters.keys() | other.counters.keys()) > MAX_SIZE:
            raise ValueError(
                f"the merged summary would have more than {MAX_SIZE} elements; merge with pruning"
            )
        self.element_type = self.element_type or other.element_type
        self.total += other.total
        self.pruned = self.pruned or other.pruned
        for theirs in list(other.counters.values()):
            mine = self.counters.get(theirs.key)
            if mine is None:
                self.counters[theirs.key] = _Counter(theirs.key, theirs.value, theirs.count, theirs.epsilon)
            else:
                mine.count += theirs.count
                mine.epsilon += theirs.epsilon
        ranked = sorted(self.counters.values(), key=lambda counter: -counter.count)
        if prune and len(ranked) > self.size:
            self.pruned = True
            ranked = ranked[: self.size]
        self.counters = {counter.key: counter for counter in ranked}
        self.buckets = {}
        for counter in ranked:
            self._enter(counter)
        self.size = max(self.size, len(ranked))
        self.least = min(self.buckets, default=0)

    def __bro_copy__(self) -> TopK:
        result = TopK(self.size)
        result.element_type = self.element_type
        result.total, result.pruned, result.least = self.total, self.pruned, self.least
        for bucket in self.buckets.values():
            for counter in bucket.values():
                same = _Counter(counter.key, counter.value, counter.count, counter.epsilon)
                result.counters[same.key] = same
                result._enter(same)
        return result
