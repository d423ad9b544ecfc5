#!/usr/bin/env python3
"""A wire between two interfaces that loses, delays, reorders and changes frames: for kernels without netem.

    relay.py INTERFACE INTERFACE RULES

RULES is a JSON object; numbers count frames with TCP payload that come in at the first interface, from 1:

    lose      list: these frames are lost
    hold      list: these frames come after the one that follows them
    delay     seconds: all frames of that direction come later, in order
    change    list of [frame, place, value]: a byte of the payload gets another value, and TCP's checksum fits
    strip     number: from this frame on, in both directions, MPTCP options are taken out
    strip_ack true: the MPTCP option of the third packet is taken out as well, and of all that follow
"""

from __future__ import annotations

import json
import select
import socket
import struct
import sys
import time
from collections import deque

ETH_P_ALL = 3
PACKET_OUTGOING = 4
MPTCP = 30


def main() -> None:
    names, rules = sys.argv[1:3], json.loads(sys.argv[3])
    sockets = []
    for name in names:
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        wire.bind((name, 0))
        wire.setblocking(False)
        sockets.append(wire)
    relay = Relay(rules)
    print("ready", flush=True)
    while True:
        wait = relay.due() if relay.late else None
        ready, _, _ = select.select(sockets, [], [], wait)
        for wire in ready:
            other = sockets[1 - sockets.index(wire)]
            while True:
                try:
                    frame, where = wire.recvfrom(65535)
                except BlockingIOError:
                    break
                if where[2] != PACKET_OUTGOING:
                    relay.frame(frame, wire is sockets[0], other)
        relay.flush()


class Relay:
    """What happens to frames."""

    def __init__(self, rules: dict[str, object]) -> None:
        self.rules = rules
        self.data = 0  # frames with payload from the first interface
        self.held: bytes | None = None
        self.late: deque[tuple[float, bytes, socket.socket]] = deque()
        self.stripping = False

    def due(self) -> float:
        return max(0.0, self.late[0][0] - time.monotonic())

    def flush(self) -> None:
        while self.late and self.late[0][0] <= time.monotonic():
            _, frame, out = self.late.popleft()
            out.send(frame)

    def frame(self, frame: bytes, forward: bool, out: socket.socket) -> None:
        found = payload_of(frame)
        payload, flags = found or (len(frame), 0)
        if found and forward:
            self.data += payload < len(frame)
            if self.rules.get("strip_ack") and flags & 0x12 == 0x10:
                self.stripping = True
            if self.rules.get("strip") and self.data >= self.rules["strip"]:  # type: ignore[operator]
                self.stripping = True
        if found and self.stripping:
            frame = strip(frame)
        if forward and payload < len(frame):
            if self.data in self.rules.get("lose", ()):  # type: ignore[operator]
                return
            for number, place, value in self.rules.get("change", ()):  # type: ignore[attr-defined]
                if number == self.data:
                    frame = change(frame, payload + place, value)
            if self.data in self.rules.get("hold", ()):  # type: ignore[operator]
                self.held = frame
                return
        delay = self.rules.get("delay", 0) if forward else 0
        if delay:
            self.late.append((time.monotonic() + delay, frame, out))  # type: ignore[operator]
        else:
            out.send(frame)
        if forward and self.held is not None:
            out.send(self.held)
            self.held = None


def payload_of(frame: bytes) -> tuple[int, int] | None:
    """Where the payload of a TCP segment over IPv4 begins, and its flags; None for other frames."""
    if frame[12:14] != b"\x08\x00" or frame[23] != 6:
        return None
    tcp = 14 + (frame[14] & 0x0F) * 4
    end = 14 + int.from_bytes(frame[16:18])
    return min(tcp + (frame[tcp + 12] >> 4) * 4, end), frame[tcp + 13]


def change(frame: bytes, place: int, value: int) -> bytes:
    """The frame with another byte, and a TCP checksum that fits."""
    changed = bytearray(frame)
    changed[place] = value
    return checked(changed)


def strip(frame: bytes) -> bytes:
    """The frame with NOPs instead of MPTCP options."""
    changed = bytearray(frame)
    tcp = 14 + (frame[14] & 0x0F) * 4
    at, end = tcp + 20, tcp + (frame[tcp + 12] >> 4) * 4
    while at < end and changed[at] != 0:
        length = 1 if changed[at] == 1 else max(2, changed[at + 1])
        if changed[at] == MPTCP:
            changed[at : at + length] = b"\x01" * length
        at += length
    return checked(changed)


def checked(frame: bytearray) -> bytes:
    """The frame with the right TCP checksum."""
    tcp, end = 14 + (frame[14] & 0x0F) * 4, 14 + int.from_bytes(frame[16:18])
    frame[tcp + 16 : tcp + 18] = b"\0\0"
    data = bytes(frame[26:34]) + struct.pack("!HH", 6, end - tcp) + bytes(frame[tcp:end])
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    frame[tcp + 16 : tcp + 18] = struct.pack("!H", ~total & 0xFFFF)
    return bytes(frame)


if __name__ == "__main__":
    main()
