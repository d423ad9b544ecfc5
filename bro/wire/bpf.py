"""Filters on sockets: small programs for the kernel, which drops what they do not accept (classic BPF)."""

from __future__ import annotations

import socket
import struct
from ctypes import addressof, create_string_buffer
from typing import NamedTuple

#: loads: a word, a half or a byte at a place; a word or a half behind an IPv4 header whose length was taken
WORD, HALF, BYTE = 0x20, 0x28, 0x30
WORD_BEHIND, HALF_BEHIND = 0x40, 0x48
#: takes the length of the IPv4 header at a place
_HEADER_LENGTH = 0xB1
_EQUAL, _RETURN = 0x15, 0x06

#: an option of sockets that the module `socket` does not name (Linux)
_SO_ATTACH_FILTER = 26


class Test(NamedTuple):
    """What is loaded from where, and the values of which it must be one."""

    load: int
    place: int
    values: tuple[int, ...]


def program(tests: list[Test]) -> bytes:
    """A program that accepts what passes all tests."""
    steps: list[tuple[int, int, int, int]] = []
    for test in tests:
        if test.load in (WORD_BEHIND, HALF_BEHIND):
            steps.append((_HEADER_LENGTH, 0, 0, 0))
        steps.append((test.load, 0, 0, test.place))
        left = len(test.values)
        for value in test.values:
            left -= 1
            # If none of the values fits, the step behind them drops.
            steps.append((_EQUAL, left + 1, 0, value))
        steps.append((_RETURN, 0, 0, 0))
    steps.append((_RETURN, 0, 0, 0xFFFF))
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def attach(to: socket.socket, code: bytes) -> None:
    """Put a filter on a socket."""
    buffer = create_string_buffer(code, len(code))
    to.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HL", len(code) // 8, addressof(buffer)))
