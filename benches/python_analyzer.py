"""What a delivery to an analyzer written in Python costs.

    python benches/python_analyzer.py [--segments 200000] [--runs 3]

A capture of one TCP connection whose segments carry 100 bytes each is read in bare mode: without a
plugin, with an analyzer that counts bytes, and with one that also raises an event for every tenth
delivery.  What a run takes longer than the first, in processor time, divided by the number of
deliveries, is the cost of one; the best of several runs counts.  Figure: at least 100,000 deliveries a
second on one core, the whole run taken together.
"""

from __future__ import annotations

import argparse
import os
import resource
import struct
import subprocess
import sys
import tempfile

SIZE = 100

COUNTS = """
from bro.plugins import Analyzer

class Counts(Analyzer):
    name = "COUNTS"
    ports = ["4242/tcp"]
    events = "event counted(c: connection, is_orig: bool, total: count);"

    def init(self):
        self.total = 0
        self.calls = 0

    def deliver_stream(self, data, is_orig):
        self.total += len(data)
        self.calls += 1
        RAISE

    def done(self):
        self.raise_event("counted", True, self.calls)
"""

RAISE = 'if self.calls % 10 == 0:\n            self.raise_event("counted", is_orig, self.total)'

HANDLER = """
global calls = 0;
event counted(c: connection, is_orig: bool, total: count) { calls = total; }
event zeek_done() { print calls; }
"""


def write_capture(path: str, segments: int) -> None:
    """A connection to port 4242 whose sides take turns; checksums are left out."""
    ends = ((0x0A000001, 40000), (0x0A000002, 4242))
    sequence = [1000, 5000]

    def frame(side: int, flags: int, payload: bytes) -> bytes:
        (source, sport), (destination, dport) = ends[side], ends[1 - side]
        header = struct.pack(
            ">HHIIBBHHH", sport, dport, sequence[side], sequence[1 - side], 0x50, flags, 65535, 0, 0
        )
        length = 40 + len(payload)
        ip = struct.pack(">BBHHHBBHII", 0x45, 0, length, 0, 0, 64, 6, 0, source, destination)
        sequence[side] += len(payload) + (flags & 3 != 0)
        return b"\0" * 12 + b"\x08\0" + ip + header + payload

    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        at = 0

        def put(data: bytes) -> None:
            nonlocal at
            at += 10
            seconds, micros = divmod(at, 1_000_000)
            file.write(struct.pack("<IIII", 1_700_000_000 + seconds, micros, len(data), len(data)) + data)

        put(frame(0, 0x02, b""))
        put(frame(1, 0x12, b""))
        put(frame(0, 0x10, b""))
        for number in range(segments):
            put(frame(number & 1, 0x18, bytes([65 + number % 26]) * SIZE))
        put(frame(0, 0x11, b""))
        put(frame(1, 0x11, b""))


def seconds(command: list[str], folder: str) -> tuple[float, str]:
    """Processor time of a command, and what it prints."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--segments", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        capture = os.path.join(folder, "stream.pcap")
        write_capture(capture, given.segments)
        scripts: list[tuple[str, list[str]]] = [("no plugin", [])]
        for name, what, raising in (("counts", "counts bytes", "pass"), ("raises", "raises events", RAISE)):
            path = os.path.join(folder, f"{name}.py")
            with open(path, "w", encoding="utf-8") as file:
                file.write(COUNTS.replace("RAISE", raising))
            scripts.append((what, [path, "-e", HANDLER]))
        base = 0.0
        for what, extra in scripts:
            command = [sys.executable, "-m", "bro", "-b", "-C", "-r", capture, *extra]
            output = seconds(command, folder)[1]  # also fills the cache of scripts
            if extra and output != f"{given.segments}\n":
                sys.exit(f"{what}: {output!r} deliveries instead of {given.segments}")
            best = min(seconds(command, folder)[0] for _ in range(given.runs))
            base = base or best
            more = best - base
            rate = given.segments / best
            each = 1e6 * more / given.segments
            print(f"{what:<14} {best:6.2f} s  {rate:12,.0f} deliveries/s  {each:6.2f} µs more for each")


if __name__ == "__main__":
    main()
