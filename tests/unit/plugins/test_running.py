"""Plugins in a run of the monitor: their calls, their events, and what becomes of their mistakes."""

from __future__ import annotations

import gzip
import pathlib

import pytest

from tests.captures.conversation import Conversation
from tests.captures.packets import Clock, pcap
from tests.conftest import CAPTURES, RunBro

HTTP = CAPTURES / "http-get.pcap"
DNS = CAPTURES / "dns-lookups.pcap"


def write(folder: pathlib.Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    return name


ECHO = '''
"""The echo protocol."""
from bro.plugins import Analyzer, Connection, Count, declare_event

__version__ = "1.2"


@declare_event(name="Echo::over")
def over(c: Connection, seen: Count, sides: list[bool]) -> None:
    """It is over."""


class Echo(Analyzer):
    """Echo (RFC 862)"""

    name = "ECHO"
    ports = ["80/tcp"]
    events = """
    ## Data was seen.
    event echo_data(c: connection, is_orig: bool, data: string);
    """

    def init(self) -> None:
        self.seen = 0
        self.sides = []

    def deliver_stream(self, data: bytes, is_orig: bool) -> None:
        self.seen += len(data)
        self.confirm()
        self.raise_event("echo_data", is_orig, data[:8])

    def end_of_data(self, is_orig: bool) -> None:
        self.sides.append(is_orig)

    def done(self) -> None:
        self.raise_event(over, self.seen, self.sides)
'''

ECHO_SCRIPT = """
event echo_data(c: connection, is_orig: bool, data: string)
	{
	print "data", c$id$resp_p, is_orig, data;
	}
event Echo::over(c: connection, seen: count, sides: vector of bool)
	{
	print "over", seen, sides, c$service;
	}
event zeek_init() { print Analyzer::registered_ports(Analyzer::ANALYZER_ECHO); }
"""


def test_an_analyzer_gets_its_calls_and_raises_events(bro: RunBro, tmp_path: pathlib.Path) -> None:
    files = write(tmp_path, "echo.py", ECHO), write(tmp_path, "echo.bro", ECHO_SCRIPT)
    first = bro("-D", "-r", HTTP, *files)
    assert first.returncode == 0 and first.stderr == ""
    assert "data, 80/tcp, T, GET /ind\n" in first.stdout and "data, 80/tcp, F, HTTP/1.1\n" in first.stdout
    assert "over, 1178, [T, F], {\n\tECHO,\n\tHTTP\n}" in first.stdout.replace(
        "HTTP,\n\tECHO", "ECHO,\n\tHTTP"
    )
    assert "{\n\t80/tcp\n}" in first.stdout
    assert "\thttp,echo\t" in (tmp_path / "conn.log").read_text()
    assert bro("-D", "-r", HTTP, *files).stdout == first.stdout  # out of the cache


def test_a_changed_plugin_is_not_taken_for_the_old_one(bro: RunBro, tmp_path: pathlib.Path) -> None:
    script = write(tmp_path, "echo.bro", ECHO_SCRIPT)
    bro("-r", HTTP, write(tmp_path, "echo.py", ECHO), script)
    write(tmp_path, "echo.py", ECHO.replace("is_orig: bool, data: string", "is_orig: bool, n: count"))
    done = bro("-r", HTTP, "echo.py", script)
    assert done.returncode == 1 and "echo_data" in done.stderr


def test_datagrams_and_signatures(bro: RunBro, tmp_path: pathlib.Path) -> None:
    plugin = write(
        tmp_path,
        "query.py",
        '''
from bro.plugins import Analyzer

class Query(Analyzer):
    name = "QUERY"
    events = "event query_seen(c: connection, is_orig: bool, size: count);"
    signatures = """
    signature query { ip-proto == udp dst-port == 53 payload /.{2}\\x01/ enable "query" }
    """

    def deliver_packet(self, data: bytes, is_orig: bool) -> None:
        assert self.resp_p.number == 53 and self.uid.startswith("C") and self.now > 0
        assert not self.is_partial and str(self.orig_h) and self.orig_p.proto == "udp"
        self.raise_event("query_seen", is_orig, len(data))
''',
    )
    code = "event query_seen(c: connection, is_orig: bool, size: count) { print c$id$resp_p, is_orig; }"
    done = bro("-b", "-r", DNS, plugin, "-e", code)
    assert done.returncode == 0 and done.stderr == ""
    assert "53/udp, T" in done.stdout and "53/udp, F" in done.stdout


def test_children_files_and_the_rest_of_what_can_be_asked_for(bro: RunBro, tmp_path: pathlib.Path) -> None:
    plugin = write(
        tmp_path,
        "outer.py",
        """
from bro.plugins import Analyzer

class Outer(Analyzer):
    name = "OUTER"
    ports = ["80/tcp"]
    events = "event outer_file(c: connection, id: string);"

    def init(self) -> None:
        self.add_child("INNER")
        self.add_history("X")
        self.set_idle_timeout(60.0)

    def deliver_stream(self, data: bytes, is_orig: bool) -> None:
        self.forward_stream(data[::-1], is_orig)
        if is_orig:
            if self.file_id("request"):
                self.raise_event("outer_file", self.file_id("request"))
            self.file_data("request", data, is_orig, mime_type="text/x-request")

    def done(self) -> None:
        self.file_end("request")
        self.weird("outer_over", "really")

class Inner(Analyzer):
    name = "INNER"
    events = "event inner_data(c: connection, data: string);"

    def deliver_stream(self, data: bytes, is_orig: bool) -> None:
        self.raise_event("inner_data", data[-7:])
""",
    )
    code = (
        'event outer_file(c: connection, id: string) { print "file", id[0]; }'
        'event inner_data(c: connection, data: string) { print "inner", data; }'
        "event conn_weird(name: string, c: connection, addl: string) { print name, addl; }"
        'event file_new(f: fa_file) { if ( f$source == "OUTER" ) print "new", f$source; }'
    )
    done = bro("-r", HTTP, plugin, "-e", code)
    assert done.returncode == 0 and done.stderr == ""
    for line in ("file, F", "inner, ni/ TEG", "outer_over, really", "new, OUTER"):
        assert line + "\n" in done.stdout, done.stdout
    assert "X" in (tmp_path / "conn.log").read_text()


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("raise ValueError('no such thing')", "BAD.deliver_stream failed: ValueError: no such thing"),
        ("import sys; sys.exit(3)", "BAD.deliver_stream failed: SystemExit: 3"),
        ("self.raise_event('no_such_event', 1)", "ValueError: no event no_such_event is declared"),
        ("self.raise_event('bad_event', b'x', 2)", "TypeError: event bad_event takes (n), got 2 arguments"),
        ("self.raise_event('bad_event', 'x')", "parameter n is a count, got a value of type str"),
        ("self.raise_event('bad_event', -1)", "parameter n is a count"),
        ("self.raise_event('bad_event', True)", "parameter n is a count"),
        ("self.add_child('NOTHING')", "ValueError: there is no analyzer NOTHING"),
        ("self.match_signatures('smtp', b'', True)", 'no context of signatures "smtp"'),
        ("self.nothing.at_all", "AttributeError"),
    ],
)
def test_mistakes_of_an_analyzer_are_told_by_its_name_and_the_run_goes_on(
    bro: RunBro, tmp_path: pathlib.Path, body: str, complaint: str
) -> None:
    text = f"""
from bro.plugins import Analyzer

class Bad(Analyzer):
    name = "BAD"
    ports = ["80/tcp"]
    events = "event bad_event(c: connection, n: count);"

    def deliver_stream(self, data: bytes, is_orig: bool) -> None:
        self.confirm()
        {body}
"""
    handler = "event bad_event(c: connection, n: count) { print n; }"
    done = bro("-r", HTTP, write(tmp_path, "bad.py", text), "-e", handler)
    assert done.returncode == 0
    # Once for each of the two connections: the instance is removed.
    assert done.stderr.count("plugin bad: ") == 2, done.stderr
    assert complaint in done.stderr and "bad.py, line 11" in done.stderr
    assert "\thttp\t" in (tmp_path / "conn.log").read_text()
    failures = (tmp_path / "analyzer.log").read_text()
    assert failures.count("BAD") == 2 and "deliver_stream of plugin bad failed" in failures


def test_an_analyzer_that_cannot_be_made(bro: RunBro, tmp_path: pathlib.Path) -> None:
    text = """
from bro.plugins import Analyzer

class Bad(Analyzer):
    name = "BAD"
    ports = ["80/tcp"]

    def __init__(self) -> None:
        super().__init__()
        raise OSError("no room")

    def deliver_stream(self, data: bytes, is_orig: bool) -> None: ...
"""
    done = bro("-r", HTTP, write(tmp_path, "bad.py", text))
    assert done.returncode == 0 and "plugin bad: BAD.deliver_stream failed: OSError: no room" in done.stderr


def test_one_that_fails_too_often_is_switched_off(bro: RunBro, tmp_path: pathlib.Path) -> None:
    text = """
from bro.plugins import Analyzer

class Bad(Analyzer):
    name = "BAD"
    signatures = 'signature bad { ip-proto == udp payload /./ enable "bad" }'

    def deliver_packet(self, data: bytes, is_orig: bool) -> None:
        raise ValueError("again")
"""
    captures = [word for _ in range(8) for word in ("-r", str(DNS))]
    done = bro(*captures, write(tmp_path, "bad.py", text))
    assert done.returncode == 0
    told = done.stderr.count("BAD.deliver_packet failed")
    assert told <= 20
    if told == 20:
        assert "switched off" in done.stderr


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("import no_such_module_at_all", "ModuleNotFoundError"),
        ("def (:", "SyntaxError"),
        ("raise SystemExit(1)", "SystemExit"),
        (
            "from bro.plugins import Analyzer\nclass A(Analyzer):\n    name = 'no tag'",
            '"no tag" is no name for a tag',
        ),
        ("from bro.plugins import Plugin\np = Plugin('a b')", '"a b" is no name of a plugin'),
        ("from bro.plugins import Plugin\np = Plugin('A', components=[3])", "3 is no component"),
        (
            "from bro.plugins import declare_event\n@declare_event\ndef e(x: complex) -> None: ...",
            "stands for no type of scripts",
        ),
        (
            "from bro.plugins import Analyzer\nclass A(Analyzer):\n    events = 'event x(c: nonsense);'",
            "nonsense",
        ),
        (
            "from bro.plugins import Analyzer\nclass A(Analyzer):\n    signatures = 'signature x {'",
            "<plugin wrong>/A",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_told_by_its_name_before_anything_runs(
    bro: RunBro, tmp_path: pathlib.Path, text: str, complaint: str
) -> None:
    done = bro("-r", HTTP, write(tmp_path, "wrong.py", text))
    assert done.returncode == 1
    assert complaint in done.stderr and "wrong" in done.stderr
    assert "Traceback" not in done.stderr


def test_two_plugins_cannot_share_a_name(bro: RunBro, tmp_path: pathlib.Path) -> None:
    names = [
        write(tmp_path, name, ECHO.replace("Echo::over", f"{name[:-3]}::over")) for name in ("a.py", "b.py")
    ]
    done = bro("-r", HTTP, *names)
    assert done.returncode == 1
    assert "Analyzer::ANALYZER_ECHO is defined by the plugins a and b" in done.stderr
    # The same file twice is one plugin.
    assert bro("-b", "-r", HTTP, names[0], names[0]).returncode == 0


FILES = '''
from bro.plugins import FileAnalyzer

class Lines(FileAnalyzer):
    """Counts lines"""

    name = "LINES"
    mime_types = ["text/html"]
    events = """
    ## A file has ended.
    event file_lines(f: fa_file, lines: count, gaps: count);
    """

    def init(self) -> None:
        self.lines = self.gaps = 0

    def deliver_stream(self, data: bytes) -> None:
        assert self.file is not None and self.file.id
        self.confirm()
        self.lines += data.count(b"\\n")

    def undelivered(self, offset: int, length: int) -> None:
        self.gaps += length

    def end_of_file(self) -> None:
        self.raise_event("file_lines", self.lines, self.gaps)
'''


def test_a_file_analyzer(bro: RunBro, tmp_path: pathlib.Path) -> None:
    code = (
        "event file_lines(f: fa_file, lines: count, gaps: count)"
        " { print f$source, lines > 0, gaps, f$info$mime_type; }"
        "event analyzer_confirmation_info(atype: AllAnalyzers::Tag, info: AnalyzerConfirmationInfo)"
        ' { if ( info?$f ) print "confirmed", atype; }'
    )
    done = bro("-r", HTTP, write(tmp_path, "lines.py", FILES), "-e", code)
    assert done.returncode == 0 and done.stderr == ""
    assert "HTTP, T, 0, text/html\n" in done.stdout
    assert "confirmed, AllAnalyzers::FILES_ANALYZER_LINES\n" in done.stdout
    assert "LINES" in (tmp_path / "files.log").read_text()


def test_a_file_analyzer_that_has_seen_enough_or_fails(bro: RunBro, tmp_path: pathlib.Path) -> None:
    enough = FILES.replace("self.lines += data.count", "return False; data.count")
    code = 'event file_lines(f: fa_file, lines: count, gaps: count) { print "end"; }'
    done = bro("-r", HTTP, write(tmp_path, "enough.py", enough), "-e", code)
    assert done.returncode == 0 and done.stdout == "" and done.stderr == ""
    failing = FILES.replace("self.confirm()", "raise KeyError(3)")
    done = bro("-r", HTTP, write(tmp_path, "failing.py", failing), "-e", code)
    assert done.returncode == 0 and "plugin failing: LINES.deliver_stream failed: KeyError: 3" in done.stderr
    assert "deliver_stream of plugin failing failed" in (tmp_path / "analyzer.log").read_text()


def test_a_log_writer_and_one_that_fails(bro: RunBro, tmp_path: pathlib.Path) -> None:
    text = """
from bro.plugins import Writer

class Csv(Writer):
    name = "CSV"

    def init(self) -> None:
        self.out = open(self.info.path + ".csv", "w")
        print(*[c.name for c in self.info.columns], sep=",", file=self.out)

    def write(self, row) -> None:
        if self.info.path == "http":
            raise ZeroDivisionError("by what?")
        print(*["" if v is None else v for v in row], sep=",", file=self.out)

    def finish(self) -> None:
        self.out.close()
"""
    done = bro("-r", HTTP, write(tmp_path, "csvs.py", text), "Log::default_writer=Log::WRITER_CSV")
    lines = (tmp_path / "conn.csv").read_text().splitlines()
    assert lines[0].startswith("ts,uid,id.orig_h") and len(lines) == 5
    assert "plugin csvs: the log writer failed: ZeroDivisionError: by what?" in done.stderr
    assert done.stderr.count("ZeroDivisionError") == 1


def test_an_input_reader(bro: RunBro, tmp_path: pathlib.Path) -> None:
    text = """
from bro.plugins import Reader

class Squares(Reader):
    name = "SQUARES"

    def force(self) -> None:
        if self.request.source == "bad":
            raise ValueError("no squares there")
        for n in range(int(self.request.source)):
            self.sink.put(self.row({"n": n, "square": n * n, "name": f"no. {n}"}))
        self.sink.end_of_data()
"""
    script = """
module Squares;
type Idx: record { n: count; };
type Val: record { square: count; name: string; };
global squares: table[count] of Val;
event Input::end_of_data(name: string, source: string) { print name, squares[4]; }
event zeek_init()
	{
	for ( source in set("5", "bad") )
		Input::add_table([$source=source, $name=source, $idx=Idx, $val=Val, $destination=squares,
			$reader=Input::READER_SQUARES]);
	}
"""
    done = bro("-r", HTTP, write(tmp_path, "squares.py", text), write(tmp_path, "squares.bro", script))
    assert "5, [square=16, name=no. 4]" in done.stdout, done.stderr
    assert "plugin squares: the reader failed: ValueError: no squares there" in done.stderr


SOURCE = """
import pathlib, struct
from bro.plugins import PacketSource

class Pcap(PacketSource):
    prefix = "mine"

    def __init__(self, what: str) -> None:
        self.data = pathlib.Path(what).read_bytes()

    def packets(self):
        at = 24
        yield None
        while at < len(self.data):
            seconds, micros, size, length = struct.unpack_from("<IIII", self.data, at)
            at += 16
            yield seconds + micros / 1e6, self.data[at : at + size]
            at += size
            MARK
"""


def test_a_packet_source(bro: RunBro, tmp_path: pathlib.Path) -> None:
    plugin = write(tmp_path, "source.py", SOURCE.replace("MARK", ""))
    done = bro("-D", "-b", "-r", f"mine::{HTTP}", plugin, "base/protocols/conn")
    assert done.returncode == 0 and done.stderr == ""
    mine = [line for line in (tmp_path / "conn.log").read_text().splitlines() if not line.startswith("#")]
    bro("-D", "-b", "-r", HTTP, "base/protocols/conn")
    assert mine == [
        line for line in (tmp_path / "conn.log").read_text().splitlines() if not line.startswith("#")
    ]
    filtered = bro("-b", "-r", f"mine::{HTTP}", "-f", "host 192.0.2.80", plugin, "base/protocols/conn")
    assert (
        filtered.returncode == 0 and len((tmp_path / "conn.log").read_text().splitlines()) < 3 + len(mine) + 8
    )
    missing = bro("-b", "-r", "mine::/no/such/file", plugin)
    assert missing.returncode == 3 and "plugin source cannot be opened: FileNotFoundError" in missing.stderr
    unknown = bro("-b", "-r", "yours::x", plugin)
    assert unknown.returncode == 3 and 'no plugin has packet sources of the prefix "yours"' in unknown.stderr


def test_a_packet_source_that_fails_ends_the_input(bro: RunBro, tmp_path: pathlib.Path) -> None:
    plugin = write(tmp_path, "source.py", SOURCE.replace("MARK", "at > 900 and self.nothing"))
    done = bro("-b", "-r", f"mine::{HTTP}", plugin, "base/protocols/conn")
    assert done.returncode == 3 and "the packet source failed: AttributeError" in done.stderr
    assert (tmp_path / "conn.log").exists()


def test_a_builtin_function(bro: RunBro, tmp_path: pathlib.Path) -> None:
    text = """
from bro.plugins import builtin

@builtin("function Mine::reversed(s: string): string")
def backwards(s: bytes) -> bytes:
    return s[::-1]
"""
    plugin = write(tmp_path, "mine.py", text)
    for _ in range(2):
        done = bro("-b", plugin, "-e", 'print Mine::reversed("abc");')
        assert done.returncode == 0 and done.stdout == "cba\n", done.stderr
    wrong = bro("-b", plugin, "-e", "print Mine::reversed(3);")
    assert wrong.returncode == 1 and "string" in wrong.stderr


def test_values_are_converted_as_events_declare_them(bro: RunBro, tmp_path: pathlib.Path) -> None:
    text = """
from bro.plugins import Addr, Analyzer, Port

class Values(Analyzer):
    name = "VALUES"
    ports = ["80/tcp"]
    events = '''
    module Values;
    export {
        type Color: enum { RED, GREEN };
        type Item: record { name: string; size: count &optional; color: Color &default=RED; };
        global all: event(c: connection, d: double, t: interval, a: addr, n: subnet, p: port, color: Color,
                          item: Item, list: vector of Item, names: set[string],
                          by: table[string, count] of addr);
    }
    '''

    def end_of_data(self, is_orig: bool) -> None:
        if not is_orig:
            return
        self.raise_event(
            "Values::all", 1, 2.5, "192.0.2.1", "192.0.2.0/24", "53/udp", "GREEN",
            {"name": "x", "size": None}, [{"name": b"y", "color": "Values::GREEN", "size": 3}],
            ["a", b"b"], {("k", 1): Addr("::1")},
        )
"""
    script = """
event Values::all(c: connection, d: double, t: interval, a: addr, n: subnet, p: port, color: Values::Color,
                  item: Values::Item, list: vector of Values::Item, names: set[string],
                  by: table[string, count] of addr)
	{
	print d, t, a, n, p, color, item, list, "b" in names, by["k", 1];
	}
"""
    done = bro("-r", HTTP, write(tmp_path, "v.py", text), write(tmp_path, "v.bro", script))
    expected = (
        "1.0, 2.0 secs 500.0 msecs, 192.0.2.1, 192.0.2.0/24, 53/udp, Values::GREEN, "
        "[name=x, size=<uninitialized>, color=Values::RED], "
        "[[name=y, size=3, color=Values::GREEN]], T, ::1\n"
    )
    assert done.stderr == "" and expected in done.stdout


def test_components_of_plugins_are_listed(bro: RunBro, tmp_path: pathlib.Path) -> None:
    names = write(tmp_path, "echo.py", ECHO), write(tmp_path, "source.py", SOURCE.replace("MARK", ""))
    short, full = bro("-N", *names), bro("-NN", *names)
    assert "echo - The echo protocol (dynamic, version 1.2)\n" in short.stdout
    assert "Bro::HTTP - " in short.stdout and "(built-in)" in short.stdout
    for line in ("[Analyzer] ECHO (ANALYZER_ECHO)", "[Event] echo_data", "[Event] Echo::over"):
        assert f"    {line}\n" in full.stdout and line not in short.stdout
    assert '[Packet Source] Pcap (prefix "mine"; captures)' in full.stdout


WRAPPED = '''
from bro.plugins import Analyzer

class Wrapped(Analyzer):
    """A protocol that carries another behind a word"""

    name = "WRAPPED"
    ports = ["5555/tcp"]

    def init(self) -> None:
        self.begun = {True: False, False: False}
        INIT

    def deliver_stream(self, data: bytes, is_orig: bool) -> None:
        if not self.begun[is_orig]:
            self.begun[is_orig] = True
            data = data.removeprefix(b"WRAP:")
        self.forward_stream(data, is_orig)

    def end_of_data(self, is_orig: bool) -> None:
        self.forward_end_of_data(is_orig)
'''


@pytest.mark.parametrize(
    ("init", "packed"),
    [("self.add_child('HTTP')", False), ("self.detect_children()", False), ("self.add_child('ZIP')", True)],
)
def test_what_a_protocol_carries_is_parsed_by_the_engine_below(
    bro: RunBro, tmp_path: pathlib.Path, init: str, packed: bool
) -> None:
    def wrapped(text: bytes) -> bytes:
        return b"WRAP:" + (gzip.compress(text) if packed else text)

    talk = Conversation(Clock(1_700_000_000.0), 40000, 5555)
    talk.open()
    talk.client(wrapped(b"GET /inner HTTP/1.1\r\nHost: example\r\n\r\n"))
    talk.server(wrapped(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"))
    talk.close()
    (tmp_path / "made.pcap").write_bytes(pcap(talk.packets))
    done = bro("-r", "made.pcap", write(tmp_path, "wrapped.py", WRAPPED.replace("INIT", init)))
    assert done.returncode == 0 and done.stderr == ""
    rows = [r for r in (tmp_path / "http.log").read_text().splitlines() if not r.startswith("#")]
    assert len(rows) == 1 and "\t/inner\t" in rows[0] and "\t200\t" in rows[0]


def test_a_live_packet_source_ends_or_is_ended(bro: RunBro, tmp_path: pathlib.Path) -> None:
    text = """
import struct, time
from bro.plugins import RAW_IP, PacketSource

ENDS = 0x0A000001, 0x0A000002

class Ticks(PacketSource):
    prefix = "ticks"
    link_type = RAW_IP
    is_live = True

    def packets(self):
        for number in range(3):
            yield None
            data = struct.pack("!HHHH", 4000 + number, 9, 12, 0) + b"tick"
            head = struct.pack("!BBHHHBBHII", 0x45, 0, 20 + len(data), 0, 0, 64, 17, 0, *ENDS)
            yield time.time_ns(), head + data, 1000
        while self.what == "forever":
            yield None
"""
    plugin = write(tmp_path, "ticks.py", text)
    code = "event zeek_init() { if ( reading_live_traffic() ) schedule 1sec { bye() }; }"
    code = "global bye: event(); event bye() { terminate(); }" + code
    for what in ("three", "forever"):
        done = bro("-C", "-b", "-i", f"ticks::{what}", plugin, "base/protocols/conn", "-e", code)
        assert done.returncode == 0
        assert f"3 packets received on ticks::{what}" in done.stderr
        rows = [r for r in (tmp_path / "conn.log").read_text().splitlines() if not r.startswith("#")]
        assert len(rows) == 3
