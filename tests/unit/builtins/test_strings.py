"""bro.runtime.builtins.strings"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bro.runtime.builtins import strings as s
from bro.runtime.errors import ScriptError


@pytest.mark.parametrize(
    ("text", "start", "n", "expected"),
    [
        (b"foobar", 1, 3, b"foo"),
        (b"foobar", 0, 3, b"foo"),
        (b"foobar", 4, 3, b"bar"),
        (b"foobar", 4, 10, b"bar"),
        (b"foobar", 4, -1, b"bar"),
        (b"foobar", 7, 2, b""),
        (b"foobar", 99, 2, b""),
        (b"foobar", 2, 0, b""),
        (b"", 1, 5, b""),
    ],
)
def test_sub_bytes(text: bytes, start: int, n: int, expected: bytes) -> None:
    assert s.sub_bytes(text, start, n) == expected


@pytest.mark.parametrize(
    ("text", "cuts", "pieces"),
    [
        (b"hello there", [5, 6], [b"hello", b" ", b"there"]),
        (b"abc", [], [b"abc"]),
        (b"abc", [0], [b"abc"]),
        (b"abc", [3, 7], [b"abc"]),
        (b"abc", [2, 1], [b"ab", b"c"]),
        (b"", [1], [b""]),
    ],
)
def test_str_split_indices(text: bytes, cuts: list[int], pieces: list[bytes]) -> None:
    assert s.str_split_indices(text, cuts) == pieces


@given(st.binary(), st.lists(st.integers(0, 300)))
def test_split_indices_loses_nothing(text: bytes, cuts: list[int]) -> None:
    assert b"".join(s.str_split_indices(text, cuts)) == text


@pytest.mark.parametrize(
    ("function", "args", "expected"),
    [
        (s.string_cat, (), b""),
        (s.string_cat, (b"a", b"", b"b\0"), b"ab\0"),
        (s.join_string_vec, ([b"a", None, b"c"], b", "), b"a, , c"),
        (s.join_string_vec, ([], b", "), b""),
        (s.join_string_set, ({b"x": True, b"y": True}, b"-"), b"x-y"),
        (s.subst_string, (b"aaaa", b"aa", b"b"), b"bb"),
        (s.subst_string, (b"abc", b"", b"b"), b"abc"),
        (s.edit, (b"hello there", b"e"), b"llo t"),
        (s.edit, (b"ee", b"e"), b""),
        (s.edit, (b"", b"e"), b""),
        (s.strcmp, (b"a", b"b"), -1),
        (s.strcmp, (b"ab", b"a"), 1),
        (s.strcmp, (b"\xff", b"\xff"), 0),
        (s.strstr, (b"abcabc", b"bc"), 2),
        (s.strstr, (b"abc", b"x"), 0),
        (s.strstr, (b"abc", b"abcd"), 0),
        (s.count_substr, (b"aaaa", b"aa"), 2),
        (s.count_substr, (b"aaaa", b""), 0),
        (s.starts_with, (b"abc", b"ab"), True),
        (s.starts_with, (b"abc", b""), True),
        (s.starts_with, (b"abc", b"b"), False),
        (s.ends_with, (b"abc", b"bc"), True),
        (s.ends_with, (b"abc", b"abcd"), False),
        (s.remove_prefix, (b"ababc", b"ab"), b"c"),
        (s.remove_prefix, (b"abab", b"ab"), b""),
        (s.remove_prefix, (b"abc", b""), b"abc"),
        (s.remove_suffix, (b"cabab", b"ab"), b"c"),
        (s.remove_suffix, (b"cab", b""), b"cab"),
        (s.to_lower, (b"AbC\xc4",), b"abc\xc4"),
        (s.to_upper, (b"aBc\xe4",), b"ABC\xe4"),
        (s.swap_case, (b"aBc1",), b"AbC1"),
        (s.to_title, (b"bro is   a NSM\ttool",), b"Bro Is   A NSM\tTool"),
        (s.reverse, (b"abc",), b"cba"),
        (s.strip, (b" \t\r\n\v\fa b \n",), b"a b"),
        (s.lstrip, (b"  a ",), b"a "),
        (s.lstrip, (b"xxyabc", b"xy"), b"abc"),
        (s.rstrip, (b" a  ",), b" a"),
        (s.rstrip, (b"abcxyx", b"xy"), b"abc"),
        (s.ljust, (b"ab", 4), b"ab  "),
        (s.ljust, (b"abcde", 4), b"abcde"),
        (s.rjust, (b"ab", 4, b"*"), b"**ab"),
        (s.zfill, (b"-5", 4), b"00-5"),
        (s.string_fill, (5, b"ab"), b"ababa"),
        (s.string_fill, (0, b""), b""),
        (s.string_fill, (1, b"test "), b"t"),
        (s.is_ascii, (b"",), True),
        (s.is_ascii, (b"a\x7f",), True),
        (s.is_ascii, (b"\x80",), False),
        (s.is_num, (b"0123",), True),
        (s.is_num, (b"",), False),
        (s.is_num, (b"12a",), False),
        (s.is_num, (b"\xb2",), False),
        (s.is_alpha, (b"abC",), True),
        (s.is_alpha, (b"ab1",), False),
        (s.is_alnum, (b"ab1",), True),
        (s.is_alnum, (b"ab 1",), False),
    ],
)
def test_table(function: Any, args: tuple[Any, ...], expected: Any) -> None:
    assert function(*args) == expected


@pytest.mark.parametrize(
    ("args", "first", "last"),
    [
        ((b"aXbXc", b"X"), 1, 3),
        ((b"aXbXc", b"x"), -1, -1),
        ((b"aXbXc", b"x", 0, -1, False), 1, 3),
        ((b"aXbXc", b"X", 2), 3, 3),
        ((b"aXbXc", b"X", 0, 3), 1, 1),
        ((b"aXbXc", b"X", 4, 5), -1, -1),
        ((b"aXbXc", b"X", 9), -1, -1),
    ],
)
def test_find(args: tuple[Any, ...], first: int, last: int) -> None:
    assert s.find_str(*args) == first
    assert s.rfind_str(*args) == last


@pytest.mark.parametrize(
    ("call", "part"),
    [
        (lambda: s.find_str(b"abc", b"b", 2, 1), "before the start"),
        (lambda: s.rfind_str(b"abc", b"b", 2, 1), "before the start"),
        (lambda: s.edit(b"abc", b"ab"), "one byte"),
        (lambda: s.edit(b"abc", b""), "one byte"),
        (lambda: s.ljust(b"a", 3, b"xy"), "one byte"),
        (lambda: s.rjust(b"a", 3, b""), "one byte"),
        (lambda: s.zfill(b"a", 1 << 40), "limit"),
        (lambda: s.string_fill(-1, b"a"), "not between"),
        (lambda: s.string_fill(1 << 60, b"a"), "not between"),
        (lambda: s.string_fill(3, b""), "empty"),
        (lambda: s.string_cat(b"a", 5), "must be a string"),  # type: ignore[arg-type]
    ],
)
def test_errors(call: Any, part: str) -> None:
    with pytest.raises(ScriptError, match=part):
        call()


@given(st.lists(st.binary(max_size=5).filter(lambda b: b"," not in b), min_size=1))
def test_join_and_split_are_inverse(parts: list[bytes]) -> None:
    assert s.join_string_vec(list(parts), b",").split(b",") == parts


@given(st.binary(), st.binary(min_size=1, max_size=2))
def test_removing_prefixes_leaves_none(text: bytes, prefix: bytes) -> None:
    assert not s.remove_prefix(text, prefix).startswith(prefix)
    assert not s.remove_suffix(text, prefix).endswith(prefix)
