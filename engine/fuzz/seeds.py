#!/usr/bin/env python3
"""Makes the inputs that fuzzing begins with, out of captures: `seeds.py FOLDER CAPTURE...`.

Each target gets a folder in FOLDER: files, frames, or what two hosts said to each other, in the form that its
harness reads.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import hashlib
import pathlib
import re
import struct
import sys
from collections.abc import Iterator

ENGINE = pathlib.Path(__file__).resolve().parent.parent
# Larger inputs only slow a fuzzer down.
LARGEST_CAPTURE = 64 << 10
LARGEST_TALK = 8 << 10
# Frames kept of one capture, one of each shape (link type, size, types in the headers).
FRAMES_OF_A_CAPTURE = 60
ETHERNET, RAW = 1, (12, 14, 101)
IPV4, IPV6, TCP, UDP = 0x0800, 0x86DD, 6, 17

Flow = tuple[int, bytes, bytes]
Piece = tuple[bool, bytes]


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Link type and octets of each packet of a pcap or pcapng file, up to where it is damaged."""
    magic = data[:4]
    if magic == b"\x0a\x0d\x0d\x0a":
        yield from blocks(data)
        return
    order = "<" if magic in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    if len(data) < 24:
        return
    (link,) = struct.unpack_from(order + "I", data, 20)
    at = 24
    while at + 16 <= len(data):
        (length,) = struct.unpack_from(order + "I", data, at + 8)
        yield link & 0xFFFF, data[at + 16 : at + 16 + length]
        at += 16 + length


def blocks(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The same of a pcapng file, where interface descriptions say the link type."""
    order, at = "<", 0
    links: list[int] = []
    while at + 12 <= len(data):
        if data[at : at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if data[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            links = []
        kind, length = struct.unpack_from(order + "II", data, at)
        body = data[at + 8 : at + length - 4]
        if length < 12:
            return
        if kind == 1 and len(body) >= 8:
            links.append(struct.unpack_from(order + "H", body)[0])
        elif kind == 6 and len(body) >= 20:
            interface, _, _, captured = struct.unpack_from(order + "IIII", body)
            if interface < len(links):
                yield links[interface], body[20 : 20 + captured]
        elif kind == 3 and links:
            yield links[0], body[4:]
        at += length


def payload(link: int, frame: bytes) -> tuple[Flow, bytes] | None:
    """Ports, addresses and payload of a TCP segment or UDP datagram that is not in a tunnel."""
    if link == ETHERNET:
        at, kind = 14, int.from_bytes(frame[12:14], "big")
        while kind in (0x8100, 0x88A8):
            at, kind = at + 4, int.from_bytes(frame[at + 2 : at + 4], "big")
    elif link in RAW and frame:
        at, kind = 0, IPV4 if frame[0] >> 4 == 4 else IPV6
    else:
        return None
    packet = frame[at:]
    if kind == IPV4 and len(packet) >= 20:
        header, protocol = (packet[0] & 15) * 4, packet[9]
        source, destination = packet[12:16], packet[16:20]
        packet = packet[: int.from_bytes(packet[2:4], "big") or None]
    elif kind == IPV6 and len(packet) >= 40:
        header, protocol = 40, packet[6]
        source, destination = packet[8:24], packet[24:40]
    else:
        return None
    segment = packet[header:]
    if protocol == UDP and len(segment) > 8:
        body = segment[8:]
    elif protocol == TCP and len(segment) > 20:
        body = segment[(segment[12] >> 4) * 4 :]
    else:
        return None
    return (protocol, source + segment[:2], destination + segment[2:4]), body


def talks(packets: list[tuple[int, bytes]]) -> dict[Flow, list[Piece]]:
    """What the two sides of each connection say, in the order it was seen."""
    found: dict[Flow, list[Piece]] = {}
    for link, frame in packets:
        said = payload(link, frame)
        if said is None or not said[1]:
            continue
        (protocol, source, destination), body = said
        reverse = (protocol, destination, source)
        if reverse in found:
            found[reverse].append((False, body))
        else:
            found.setdefault((protocol, source, destination), []).append((True, body))
    return found


def for_analyzers(pieces: list[Piece]) -> bytes:
    """Pieces as the harness of the analyzers reads them: which side, the length, the octets."""
    out = bytearray()
    for is_orig, body in pieces:
        for at in range(0, len(body), 255):
            piece = body[at : at + 255]
            out += bytes([int(is_orig), len(piece)]) + piece
        if len(out) > LARGEST_TALK:
            break
    return bytes(out[:LARGEST_TALK])


def for_flows(pieces: list[Piece]) -> bytes:
    """Beginnings of the pieces as the harness of signatures reads them: sixteen octets after one of flags."""
    return b"".join(
        bytes([0xF0 | int(is_orig) | 4]) + body[:16].ljust(16, b"\0") for is_orig, body in pieces[:32]
    )


class Corpus:
    """Writes inputs, each once, named by what is in it."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.count: collections.Counter[str] = collections.Counter()

    def add(self, target: str, data: bytes) -> None:
        path = self.folder / target / hashlib.sha1(data, usedforsecurity=False).hexdigest()
        if data and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            self.count[target] += 1


def from_capture(corpus: Corpus, data: bytes) -> None:
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if len(data) <= LARGEST_CAPTURE:
        # The first octet chooses the size of the buffers.
        corpus.add("capture", b"\x80" + data)
        corpus.add("pipeline", data)
    packets = list(records(data))
    shapes: set[tuple[int, int, bytes]] = set()
    for link, frame in packets:
        shape = (link, len(frame).bit_length(), frame[12:24])
        if shape not in shapes and len(shapes) < FRAMES_OF_A_CAPTURE:
            shapes.add(shape)
            corpus.add("decode", frame)
    for pieces in list(talks(packets).values())[:40]:
        corpus.add("analyzers", for_analyzers(pieces))
        corpus.add("flows", for_flows(pieces))


def from_signatures(corpus: Corpus, text: str) -> None:
    corpus.add("signatures", text.encode())
    for signature in re.findall(r"^signature .*?^}", text, re.MULTILINE | re.DOTALL):
        corpus.add("signatures", signature.encode())
    for pattern in re.findall(r"(?:payload|file-magic) /(.*)/", text):
        corpus.add("patterns", pattern.encode() + b"\nGET / HTTP/1.1\r\nHost: x\r\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("captures", type=pathlib.Path, nargs="+", help="files, or folders of them")
    arguments = parser.parse_args()
    corpus = Corpus(arguments.folder)
    for path in arguments.captures:
        for file in sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]:
            try:
                from_capture(corpus, file.read_bytes())
            except (OSError, EOFError, ValueError, struct.error, IndexError) as error:
                print(f"{file}: not used: {error}", file=sys.stderr)
    for file in ENGINE.rglob("*.sig"):
        from_signatures(corpus, file.read_text())
    print(", ".join(f"{count} for {target}" for target, count in sorted(corpus.count.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
