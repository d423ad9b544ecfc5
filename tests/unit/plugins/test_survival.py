"""An analyzer that asks for everything, on all captures there are, whole and damaged: nothing fails."""

from __future__ import annotations

import pathlib
import random

import pytest

from tests.conftest import CAPTURES, RunBro

PLUGIN = '''
from bro.plugins import Analyzer, FileAnalyzer


class Any(Analyzer):
    name = "ANY"
    handles_partial = True
    events = "event any_seen(c: connection, what: string, n: count);"
    signatures = """
    signature any-tcp { ip-proto == tcp payload /./s enable "any" }
    signature any-udp { ip-proto == udp payload /./s enable "any" }
    """

    def init(self):
        self.n = 0
        for child in ("ZIP", "HTTP", "DNS"):
            self.add_child(child)
        self.detect_children()

    def note(self, what):
        self.n += 1
        self.raise_event("any_seen", what, self.n)

    def deliver_packet(self, data, is_orig):
        self.note("packet")
        self.forward_packet(data, is_orig)
        self.file_data("packets", data, is_orig)

    def deliver_stream(self, data, is_orig):
        self.note("stream")
        self.forward_stream(data, is_orig)
        self.file_data(f"side {is_orig}", data, is_orig)
        self.match_signatures("ftp", data, is_orig)
        if self.n == 7:
            self.exchange_roles()

    def undelivered(self, offset, length, is_orig):
        self.note("gap")
        self.forward_undelivered(offset, length, is_orig)
        self.file_undelivered(f"side {is_orig}", offset, length, is_orig)

    def end_of_data(self, is_orig):
        self.note("end")
        self.forward_end_of_data(is_orig)
        self.file_end(f"side {is_orig}")

    def connection_finished(self, half):
        self.note("finished")

    def connection_reset(self):
        self.note("reset")

    def flip_roles(self):
        self.note("flip")

    def done(self):
        self.note("done")


class Sizes(FileAnalyzer):
    name = "SIZES"
    mime_types = ["text/plain", "text/html", "application/x-gzip", "image/png"]
    events = "event size_seen(f: fa_file, n: count);"

    def init(self):
        self.n = 0

    def deliver_stream(self, data):
        self.n += len(data)

    def undelivered(self, offset, length):
        self.n += length

    def done(self):
        self.raise_event("size_seen", self.n)
'''

SCRIPT = """
global counts: table[string] of count &default=0;
event any_seen(c: connection, what: string, n: count) { ++counts[what]; }
event size_seen(f: fa_file, n: count) { ++counts["size"]; }
event zeek_done()
	{
	for ( _, what in vector("packet", "stream", "end", "finished", "done", "size") )
		print what, counts[what] > 0;
	}
"""


def captures() -> list[pathlib.Path]:
    return sorted(p for p in CAPTURES.iterdir() if p.suffix in (".pcap", ".pcapng"))


def test_on_all_captures(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "any.py").write_text(PLUGIN)
    (tmp_path / "any.bro").write_text(SCRIPT)
    sources = [word for path in captures() for word in ("-r", str(path))]
    done = bro("-C", *sources, "any.py", "any.bro")
    assert done.returncode == 0
    assert "plugin" not in done.stderr and "internal" not in done.stderr
    assert done.stdout == "".join(
        f"{what}, T\n" for what in ("packet", "stream", "end", "finished", "done", "size")
    )


@pytest.mark.parametrize("seed", range(3))
def test_on_damaged_captures(bro: RunBro, tmp_path: pathlib.Path, seed: int) -> None:
    (tmp_path / "any.py").write_text(PLUGIN)
    (tmp_path / "any.bro").write_text(SCRIPT)
    rng = random.Random(seed)
    sources = []
    for path in captures():
        data = bytearray(path.read_bytes())
        for _ in range(len(data) // 100):
            data[rng.randrange(40, len(data))] = rng.randrange(256)
        damaged = tmp_path / f"damaged-{path.name}"
        damaged.write_bytes(data)
        sources += ["-r", str(damaged)]
    done = bro("-C", *sources, "any.py", "any.bro")
    assert done.returncode in (0, 3)  # captures whose framing was hit end early, which is said
    assert "plugin" not in done.stderr and "internal" not in done.stderr and "Traceback" not in done.stderr
