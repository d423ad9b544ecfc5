"""bro.runtime.builtins.patterns"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bro.runtime import context
from bro.runtime.builtins import patterns as p
from bro.runtime.builtins.strings import join_string_vec
from bro.runtime.errors import ScriptError
from bro.runtime.netvalues import Pattern


@pytest.mark.parametrize(
    ("text", "pattern", "pieces"),
    [
        (b"a-b--cd", "-+", [b"a", b"b", b"cd"]),
        (b"-a-", "-", [b"", b"a", b""]),
        (b"abc", "x", [b"abc"]),
        (b"", "x", [b""]),
        (b"abc", "x*", [b"abc"]),
        (b"axxb", "x*", [b"a", b"b"]),
    ],
)
def test_split_string(text: bytes, pattern: str, pieces: list[bytes]) -> None:
    assert p.split_string(text, Pattern(pattern)) == pieces


def test_split_string1() -> None:
    assert p.split_string1(b"a=b=c", Pattern("=")) == [b"a", b"b=c"]
    assert p.split_string1(b"abc", Pattern("=")) == [b"abc"]


@pytest.mark.parametrize(
    ("keep", "limit", "pieces"),
    [
        (True, 0, [b"a", b"-", b"b", b"--", b"cd"]),
        (True, 1, [b"a", b"-", b"b--cd"]),
        (False, 1, [b"a", b"b--cd"]),
        (False, 9, [b"a", b"b", b"cd"]),
    ],
)
def test_split_string_n(keep: bool, limit: int, pieces: list[bytes]) -> None:
    assert p.split_string_n(b"a-b--cd", Pattern("-+"), keep, limit) == pieces


@given(st.binary(), st.sampled_from(["a+", "[b-d]", "x*", "(ab|cd)"]))
def test_split_all_loses_nothing(text: bytes, pattern: str) -> None:
    pieces = p.split_string_all(text, Pattern(pattern))
    assert b"".join(pieces) == text
    assert len(pieces) % 2 == 1
    assert all(Pattern(pattern).exact(separator) for separator in pieces[1::2])


@given(st.lists(st.binary(max_size=4).filter(lambda b: b"," not in b), min_size=1))
def test_split_and_join_are_inverse(parts: list[bytes]) -> None:
    assert p.split_string(join_string_vec(list(parts), b","), Pattern(",")) == parts


@pytest.mark.parametrize(
    ("text", "once", "every"),
    [
        (b"foo boo", b"fXo boo", b"fXX bXX"),
        (b"xyz", b"xyz", b"xyz"),
        (b"o", b"X", b"X"),
        (b"", b"", b""),
    ],
)
def test_sub_and_gsub(text: bytes, once: bytes, every: bytes) -> None:
    assert p.sub(text, Pattern("o"), b"X") == once
    assert p.gsub(text, Pattern("o"), b"X") == every


def test_replacement_is_literal() -> None:
    assert p.gsub(b"a.a", Pattern("a"), b"a\\1&") == b"a\\1&.a\\1&"


def test_find_all() -> None:
    assert list(p.find_all(b"foo boo foo", Pattern("[fb]oo"))) == [b"foo", b"boo"]
    assert p.find_all_ordered(b"foo boo foo", Pattern("[fb]oo")) == [b"foo", b"boo", b"foo"]
    assert p.find_all_ordered(b"xyz", Pattern("[fb]oo")) == []


def test_find_all_limit(reports: Any) -> None:
    text = b"a" * 20
    context.current.globals["max_find_all_string_length"] = 10
    assert len(p.find_all(text, Pattern("a"))) == 0
    assert "20 bytes" in reports()
    assert p.find_all_ordered(text, Pattern("a+"), 0) == [text]
    assert p.find_all_ordered(text, Pattern("a+"), 20) == [text]
    assert p.find_all_ordered(text, Pattern("a+"), 19) == []


@pytest.mark.parametrize(
    ("pattern", "offset", "first", "last"),
    [
        ("[fb]oo", 0, b"foo", b"boo"),
        ("[fb]oo", 1, b"boo", b"boo"),
        ("[fb]oo", 5, b"", b""),
        ("[fb]oo", 99, b"", b""),
        (".*", 0, b"foo boo", b"o"),
        ("x*", 0, b"", b""),
    ],
)
def test_find_first_and_last(pattern: str, offset: int, first: bytes, last: bytes) -> None:
    assert p.find_first(b"foo boo", Pattern(pattern), offset) == first
    assert p.find_last(b"foo boo", Pattern(pattern), offset) == last


@given(st.text("ab", max_size=30), st.sampled_from(["a+b", "ab", "ba*", "bb"]))
def test_find_last_is_the_match_that_begins_last(text: str, pattern: str) -> None:
    data = text.encode()
    compiled = Pattern(pattern)
    expected = b""
    for start in range(len(data)):
        span = compiled.find(data, start)
        if span is not None:
            expected = data[span[0] : span[1]]
    assert p.find_last(data, compiled) == expected


@given(st.binary(min_size=1, max_size=20))
def test_converted_strings_match_themselves(text: bytes) -> None:
    assert p.string_to_pattern(text, True).exact(text)


def test_convert_for_pattern() -> None:
    assert p.convert_for_pattern(b'^$-:"/|*+?.(){}[]\\a') == rb"\^\$\-\:\"\/\|\*\+\?\.\(\)\{\}\[\]\\a"


def test_bad_pattern() -> None:
    with pytest.raises(ScriptError, match="not a valid pattern"):
        p.string_to_pattern(b"(", False)
