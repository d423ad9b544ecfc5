"""Summaries of many elements in little memory: Bloom filters, cardinality counters, top-k.

The structures themselves are in `bro.runtime.opaques`.  Every one takes elements of one type only, that of
the first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from bro.runtime.builtins._support import global_value, report_error
from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import ScriptError
from bro.runtime.opaques.bloom import BloomFilter, CountingBloomFilter, optimal_size
from bro.runtime.opaques.cardinality import CardinalityCounter
from bro.runtime.opaques.topk import TopK
from bro.runtime.values import type_of

_T = TypeVar("_T")


def _checked(function: str, call: Callable[[], _T]) -> _T:
    """Turn what a structure says about its arguments into an error of the script."""
    try:
        return call()
    except (ValueError, TypeError) as error:
        raise ScriptError(f"{function}: {error}") from None


def _same_type(function: str, handle: Any, element: Any, setting: bool) -> None:
    """Check the element's type against that of the first element; `setting` makes it the type of an empty
    one."""
    name = type_of(element).notation()
    if handle.element_type is None:
        if setting:
            handle.element_type = name
    elif handle.element_type != name:
        raise ScriptError(f"{function}: the elements are of type {handle.element_type}, this one is a {name}")


# ---- Bloom filters -----------------------------------------------------------------------------------------


def _bloom_key(name: bytes) -> bytes:
    """The seed of a filter: its name, or what all filters of this program without a name share."""
    from hashlib import blake2b

    from bro.runtime.builtins.random import process_key

    if name:
        return blake2b(b"name:" + name, digest_size=32).digest()
    common: bytes = global_value("global_hash_seed", b"")
    return blake2b(b"seed:" + common, digest_size=32).digest() if common else process_key("bloomfilter")


@builtin(
    "function bloomfilter_basic_init(fp: double, capacity: count, "
    'name: string &default=""): opaque of bloomfilter'
)
def bloomfilter_basic_init(fp: float, capacity: int, name: bytes = b"") -> BloomFilter:
    """Make a Bloom filter that holds up to `capacity` elements with a rate `fp` of false positives.

    :param name: filters of the same name and size can be merged, also between runs.  Without a name
        `global_hash_seed` decides, and without that this run does.
    """
    return _checked(
        "bloomfilter_basic_init", lambda: BloomFilter(*optimal_size(fp, capacity), _bloom_key(name))
    )


@builtin(
    "function bloomfilter_basic_init2(k: count, cells: count, "
    'name: string &default=""): opaque of bloomfilter'
)
def bloomfilter_basic_init2(k: int, cells: int, name: bytes = b"") -> BloomFilter:
    """Make a Bloom filter of `cells` bits with `k` hash functions; `name` as for `bloomfilter_basic_init`."""
    return _checked("bloomfilter_basic_init2", lambda: BloomFilter(k, cells, _bloom_key(name)))


@builtin(
    "function bloomfilter_counting_init(k: count, cells: count, max: count, "
    'name: string &default=""): opaque of bloomfilter'
)
def bloomfilter_counting_init(k: int, cells: int, maximum: int, name: bytes = b"") -> CountingBloomFilter:
    """Make a counting Bloom filter of `cells` counters up to `max`; the rest as for
    `bloomfilter_basic_init2`."""
    return _checked(
        "bloomfilter_counting_init", lambda: CountingBloomFilter(k, cells, maximum, _bloom_key(name))
    )


@builtin("function bloomfilter_add(bf: opaque of bloomfilter, x: any): any")
def bloomfilter_add(bf: BloomFilter, x: Any) -> None:
    """Put an element in.  Raises an error if it is of another type than the first one."""
    _same_type("bloomfilter_add", bf, x, setting=True)
    _checked("bloomfilter_add", lambda: bf.add(x))


@builtin("function bloomfilter_decrement(bf: opaque of bloomfilter, x: any): bool")
def bloomfilter_decrement(bf: BloomFilter, x: Any) -> bool:
    """Take an element out of a counting filter once; false if it is not there, or if the filter is a basic
    one."""
    _same_type("bloomfilter_decrement", bf, x, setting=False)
    if bf.kind == "basic":
        report_error("bloomfilter_decrement: only a counting Bloom filter can give elements back")
        return False
    return _checked("bloomfilter_decrement", lambda: bf.decrement(x))


@builtin("function bloomfilter_lookup(bf: opaque of bloomfilter, x: any): count")
def bloomfilter_lookup(bf: BloomFilter, x: Any) -> int:
    """Return 0 if the element was never put in; else 1, or for a counting filter at least how often it
    was."""
    if bf.element_type is None:
        return 0
    _same_type("bloomfilter_lookup", bf, x, setting=False)
    return _checked("bloomfilter_lookup", lambda: bf.lookup(x))


@builtin("function bloomfilter_clear(bf: opaque of bloomfilter): any")
def bloomfilter_clear(bf: BloomFilter) -> None:
    """Remove all elements."""
    bf.clear()


@builtin(
    "function bloomfilter_merge(bf1: opaque of bloomfilter, bf2: opaque of bloomfilter): "
    "opaque of bloomfilter"
)
def bloomfilter_merge(bf1: BloomFilter, bf2: BloomFilter) -> BloomFilter:
    """Return a new filter with the elements of both.  Raises an error unless kind, size, seed and type
    agree."""
    return _checked("bloomfilter_merge", lambda: bf1.merge(bf2))


@builtin(
    "function bloomfilter_intersect(bf1: opaque of bloomfilter, bf2: opaque of bloomfilter): "
    "opaque of bloomfilter"
)
def bloomfilter_intersect(bf1: BloomFilter, bf2: BloomFilter) -> BloomFilter:
    """Return a new basic filter with the elements of both at once, and a few more: false positives of
    either."""
    return _checked("bloomfilter_intersect", lambda: bf1.intersect(bf2))


@builtin("function bloomfilter_internal_state(bf: opaque of bloomfilter): string")
def bloomfilter_internal_state(bf: BloomFilter) -> bytes:
    """Return a text that is the same for filters in the same state; for tests."""
    return bf.describe_state()


# ---- cardinality -------------------------------------------------------------------------------------------


@builtin("function hll_cardinality_init(err: double, confidence: double): opaque of cardinality")
def hll_cardinality_init(err: float, confidence: float) -> CardinalityCounter:
    """Make a counter of different elements whose relative error stays below `err` with probability
    `confidence`."""
    return _checked("hll_cardinality_init", lambda: CardinalityCounter(err, confidence))


@builtin("function hll_cardinality_add(handle: opaque of cardinality, elem: any): bool")
def hll_cardinality_add(handle: CardinalityCounter, elem: Any) -> bool:
    """Count an element.  Raises an error if it is of another type than the first one; returns true
    otherwise."""
    _same_type("hll_cardinality_add", handle, elem, setting=True)
    _checked("hll_cardinality_add", lambda: handle.add(elem))
    return True


@builtin("function hll_cardinality_estimate(handle: opaque of cardinality): double")
def hll_cardinality_estimate(handle: CardinalityCounter) -> float:
    """Return the estimated number of different elements."""
    return handle.estimate()


@builtin(
    "function hll_cardinality_merge_into(handle1: opaque of cardinality, "
    "handle2: opaque of cardinality): bool"
)
def hll_cardinality_merge_into(handle1: CardinalityCounter, handle2: CardinalityCounter) -> bool:
    """Count the elements of the second counter in the first one; false, after a report, if they do not go
    together."""
    try:
        handle1.merge(handle2)
    except ValueError as error:
        report_error(f"hll_cardinality_merge_into: {error}")
        return False
    return True


@builtin("function hll_cardinality_copy(handle: opaque of cardinality): opaque of cardinality")
def hll_cardinality_copy(handle: CardinalityCounter) -> CardinalityCounter:
    """Return an independent counter that has seen the same elements."""
    return handle.__bro_copy__()


# ---- top-k -------------------------------------------------------------------------------------------------


@builtin("function topk_init(size: count): opaque of topk")
def topk_init(size: int) -> TopK:
    """Make a summary of a stream that keeps the `size` most frequent elements."""
    return _checked("topk_init", lambda: TopK(size))


@builtin("function topk_add(handle: opaque of topk, value: any): any")
def topk_add(handle: TopK, value: Any) -> None:
    """Count an element once more.  Raises an error if it is of another type than the first one."""
    _same_type("topk_add", handle, value, setting=True)
    _checked("topk_add", lambda: handle.add(value))


@builtin("function topk_get_top(handle: opaque of topk, k: count): any_vec")
def topk_get_top(handle: TopK, k: int) -> list[Any]:
    """Return the `k` most frequent elements by falling frequency; more, if several share the last place."""
    return handle.top(k)


@builtin("function topk_count(handle: opaque of topk, value: any): count")
def topk_count(handle: TopK, value: Any) -> int:
    """Return how often an element came, or somewhat more; one that is not kept is reported and gives 0."""
    return _kept("topk_count", handle.count(value))


@builtin("function topk_epsilon(handle: opaque of topk, value: any): count")
def topk_epsilon(handle: TopK, value: Any) -> int:
    """Return by how much `topk_count` may be too high; an element that is not kept is reported and gives
    0."""
    return _kept("topk_epsilon", handle.epsilon(value))


def _kept(function: str, found: int | None) -> int:
    if found is None:
        report_error(f"{function}: the element is not among those the summary keeps")
        return 0
    return found


@builtin("function topk_size(handle: opaque of topk): count")
def topk_size(handle: TopK) -> int:
    """Return how many elements the summary keeps at most."""
    return handle.size


@builtin("function topk_sum(handle: opaque of topk): count")
def topk_sum(handle: TopK) -> int:
    """Return how many elements were added; after a merge with pruning, how many of them are still counted."""
    return handle.sum()


@builtin("function topk_merge(handle1: opaque of topk, handle2: opaque of topk): any")
def topk_merge(handle1: TopK, handle2: TopK) -> None:
    """Count the elements of the second summary in the first one, which grows so that nothing is lost."""
    _checked("topk_merge", lambda: handle1.merge(handle2, prune=False))


@builtin("function topk_merge_prune(handle1: opaque of topk, handle2: opaque of topk): any")
def topk_merge_prune(handle1: TopK, handle2: TopK) -> None:
    """Count the elements of the second summary in the first one, which keeps its size; sums become
    approximate."""
    _checked("topk_merge_prune", lambda: handle1.merge(handle2, prune=True))
