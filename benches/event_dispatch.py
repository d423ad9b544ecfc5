"""What an event costs on its way from the engine to a handler that does nothing.

    python benches/event_dispatch.py [--packets 50000] [--runs 5]

Each packet is a datagram of a new flow.  A run without handlers is the base; what the runs with handlers take
longer, divided by the number of events, is the cost of making and dispatching one (of the first event of a
connection: with its record).  The best of several runs counts, in processor time.  Budget: 0.5 µs an event,
for a release build, plus the records it carries.
"""

from __future__ import annotations

import argparse
import gc
import os
import struct
import tempfile
import time

from bro import _engine
from bro.runtime import context as contexts
from bro.script.loader import LoadOptions, load

#: what is measured: name, script, events a packet
CASES = (
    ("no handlers", "", 0),
    ("no connection: raw_packet", "event raw_packet(p: raw_pkt_hdr) {}", 1),
    ("first of a connection: new_connection", "event new_connection(c: connection) {}", 1),
    ("only at its end: connection_state_remove", "event connection_state_remove(c: connection) {}", 1),
    (
        "further ones: new_connection, udp_request, connection_state_remove",
        "event new_connection(c: connection) {} event udp_request(u: connection) {}"
        " event connection_state_remove(c: connection) {}",
        3,
    ),
)


def write_capture(path: str, packets: int) -> None:
    """A capture of datagrams, each of another flow, a microsecond apart."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number in range(packets):
            source = 0x0A000000 + number
            ip = struct.pack(">BBHHHBBHII", 0x45, 0, 36, 0, 0, 64, 17, 0, source, 0xC0000201)
            frame = b"\0" * 12 + b"\x08\0" + ip + struct.pack(">HHHH", 1024, 9, 16, 0) + b"payload."
            header = struct.pack("<IIII", 1_700_000_000, number % 1_000_000, len(frame), len(frame))
            file.write(header + frame)


def run(capture: str, script: str) -> float:
    """Seconds of processor time that the engine takes for a capture."""
    context = contexts.use(contexts.Context())
    program = load([], LoadOptions(bare=True, code=script, redefs=["ignore_checksums=T"]))
    engine = _engine.Engine(read=[capture])
    context.attach(engine)
    program.init()
    engine.bind(program, context.queue, context.timers)
    gc.collect()
    gc.freeze()
    gc.disable()
    begin = time.process_time()
    report = engine.run()
    spent = time.process_time() - begin
    gc.enable()
    gc.unfreeze()
    assert not report["faults"] and not report["panics"]
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--packets", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        capture = os.path.join(folder, "flows.pcap")
        write_capture(capture, arguments.packets)
        base = 0.0
        for name, script, events in CASES:
            best = min(run(capture, script) for _ in range(arguments.runs)) / arguments.packets
            if not events:
                base = best
                print(f"{best * 1e6:8.3f} µs a packet  {name}")
            else:
                print(f"{(best - base) / events * 1e6:8.3f} µs an event  {name}")


if __name__ == "__main__":
    main()
