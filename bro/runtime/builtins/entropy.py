"""Tests of randomness."""

from __future__ import annotations

from typing import Any

from bro.runtime.builtins._support import record
from bro.runtime.builtins.registry import builtin
from bro.runtime.opaques.entropy import EntropyTest


def _result(test: EntropyTest) -> Any:
    return record("entropy_test_result")(**test.result()._asdict())


@builtin("function find_entropy(data: string): entropy_test_result")
def find_entropy(data: bytes) -> Any:
    """Test how random a string is: information a byte, chi-square, mean, pi by Monte Carlo, serial
    correlation."""
    test = EntropyTest()
    test.add(data)
    return _result(test)


@builtin("function entropy_test_init(): opaque of entropy")
def entropy_test_init() -> EntropyTest:
    """Begin a test of data that comes in pieces."""
    return EntropyTest()


@builtin("function entropy_test_add(handle: opaque of entropy, data: string): bool")
def entropy_test_add(handle: EntropyTest, data: bytes) -> bool:
    """Take in the next piece; always true."""
    handle.add(data)
    return True


@builtin("function entropy_test_finish(handle: opaque of entropy): entropy_test_result")
def entropy_test_finish(handle: EntropyTest) -> Any:
    """Return the results over everything so far, as `find_entropy` does."""
    return _result(handle)
