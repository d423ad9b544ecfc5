"""bro.runtime.builtins.escaping"""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bro.runtime.builtins import escaping as e
from bro.runtime.errors import ScriptError

ALPHABET = bytes(range(0x21, 0x7F)).replace(b"=", b"")[:64]


@pytest.mark.parametrize(
    ("function", "text", "expected"),
    [
        (e.clean, b"a\\b\x00\xff\n", rb"a\b\x00\xff\x0a"),
        (e.escape_string, b'a\\b\x00"', rb'a\\b\x00"'),
        (e.to_string_literal, b"\"a'\\\x01", rb"\"a\'\\\x01"),
        (e.safe_shell_quote, b'a"b\\c$d`e', rb'"a\"b\\c\$d\`e"'),
        (e.string_to_ascii_hex, b"\x00\xffa", b"00ff61"),
        (e.bytestring_to_hexstr, b"04", b"3034"),
        (e.hexstr_to_bytestring, b"3034", b"04"),
        (e.hexstr_to_bytestring, b"fFAa", b"\xff\xaa"),
        (e.hexstr_to_bytestring, b"", b""),
        (e.uuid_to_string, bytes(range(16)), b"00010203-0405-0607-0809-0a0b0c0d0e0f"),
        (e.uuid_to_string, b"short", b"<Invalid UUID>"),
        (e.encode_base64, b"bro", b"YnJv"),
        (e.encode_base64, b"b", b"Yg=="),
        (e.decode_base64, b"YnJv", b"bro"),
        (e.decode_base64, b"Yg", b"b"),
        (e.decode_base64, b"Yg==", b"b"),
        (e.decode_base64, b"", b""),
        (e.hexdump, b"", b""),
    ],
)
def test_table(function: Any, text: bytes, expected: bytes) -> None:
    assert function(text) == expected


def test_hexdump() -> None:
    assert e.hexdump(b"abcdefghijklmnop\x00\xff") == (
        b"0000  61 62 63 64 65 66 67 68  69 6a 6b 6c 6d 6e 6f 70  abcdefgh ijklmnop\n"
        b"0010  00 ff                                             ..\n"
    )


@pytest.mark.parametrize("text", [b"a", b"Y*==", b"Yg==x", b"YnJvY", b"Yg ="])
def test_bad_base64(text: bytes, reports: Any) -> None:
    assert e.decode_base64(text) == b""
    assert not e.is_valid_base64(text)
    assert "not valid Base64" in reports()


@pytest.mark.parametrize("text", [b"abc", b"zz", b"0x", b" 1"])
def test_bad_hex(text: bytes, reports: Any) -> None:
    assert e.hexstr_to_bytestring(text) == b""
    assert "cannot convert" in reports()


@pytest.mark.parametrize("alphabet", [b"short", b"a" * 64])
def test_bad_alphabet(alphabet: bytes) -> None:
    with pytest.raises(ScriptError, match="64 different"):
        e.encode_base64(b"x", alphabet)


@given(st.binary())
def test_base64_round_trip(data: bytes) -> None:
    assert e.encode_base64(data) == base64.b64encode(data)
    assert e.decode_base64(e.encode_base64(data)) == data
    assert e.decode_base64(e.encode_base64(data, ALPHABET), ALPHABET) == data


@given(st.binary())
def test_escapes_are_printable_and_reversible(data: bytes) -> None:
    escaped = e.escape_string(data)
    assert all(32 <= byte <= 126 for byte in escaped)
    assert escaped.decode("ascii").encode().decode("unicode_escape").encode("latin-1") == data
    assert e.hexstr_to_bytestring(e.bytestring_to_hexstr(data)) == data


@given(st.binary().filter(lambda data: b"\0" not in data))
def test_shell_gives_the_same_bytes_back(data: bytes) -> None:
    import shlex

    assert shlex.split(e.safe_shell_quote(data).decode("latin-1")) == [
        # the one thing shlex does differently from a shell: it keeps the backslash before $ and `
        data.replace(b"$", b"\\$").replace(b"`", b"\\`").decode("latin-1")
    ]
