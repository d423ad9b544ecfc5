"""`bro init-plugin NAME`: writes a working plugin to begin with.

It parses a small protocol of lines, raises an event, and writes a log; it has a signature, a recipe that
makes a capture byte by byte, and tests.  Everything in it is meant to be replaced.
"""

from __future__ import annotations

import os
import re
import sys
from typing import Final

from bro import __version__

_USAGE = """usage: bro init-plugin NAME [FOLDER]

Writes the skeleton of a plugin with an analyzer, its log and its tests into a new folder.
NAME is the plugin's, such as Demo::Hello; its last word names the protocol.
FOLDER is where to, by default the name in small letters with dashes (demo-hello)."""

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:(?:::|[-_])[A-Za-z][A-Za-z0-9]*)*")


def main(argv: list[str]) -> int:
    """Run the command with these arguments and return its exit code."""
    if argv in (["-h"], ["--help"]):
        print(_USAGE)
        return 0
    if not 1 <= len(argv) <= 2 or argv[0].startswith("-"):
        print(_USAGE, file=sys.stderr)
        return 2
    name = argv[0]
    if not _NAME.fullmatch(name):
        print(
            f'bro: "{name}" is no name of a plugin: it is made of words and "::", like Demo::Hello',
            file=sys.stderr,
        )
        return 2
    folder = argv[1] if len(argv) > 1 else _distribution(name)
    try:
        files = write(name, folder)
    except OSError as error:
        where = error.filename or folder  # a full disk names no file
        print(f"bro: the skeleton cannot be written: {where}: {error.strerror}", file=sys.stderr)
        return 4
    for file in files:
        print(os.path.join(folder, file))
    last = _words(name)[-1].lower()
    print(
        f"\nTry it:\n  cd {folder}\n  pip install -e .\n  python -m pytest\n"
        f"  bro -r tests/captures/{last}.pcap && cat {last}.log\n  bro -NN | head"
    )
    return 0


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"::|[-_]", name) if word]


def _distribution(name: str) -> str:
    return "-".join(_words(name)).lower()


def write(name: str, folder: str) -> list[str]:
    """Write the skeleton; the paths of its files below the folder.

    :raises OSError: the folder is there already, or cannot be written.
    """
    last = _words(name)[-1]
    values = {
        "@PLUGIN@": "::".join(_words(name)),
        "@DIST@": _distribution(name),
        "@PACKAGE@": "_".join(_words(name)).lower(),
        "@CLASS@": last[0].upper() + last[1:],
        "@TAG@": last.upper(),
        "@LOWER@": last.lower(),
        "@BRO@": __version__,
    }

    def filled(text: str) -> str:
        for key, value in values.items():
            text = text.replace(key, value)
        return text

    os.mkdir(folder)
    written = []
    for path, text in _FILES.items():
        path = filled(path)
        target = os.path.join(folder, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w", encoding="utf-8") as file:
            file.write(filled(text))
        written.append(path)
    # The capture comes from the recipe in the skeleton itself, so the two cannot differ.
    recipe = os.path.join(folder, "tests", "make_capture.py")
    scope: dict[str, object] = {"__name__": "make_capture", "__file__": os.path.abspath(recipe)}
    with open(recipe, encoding="utf-8") as file:
        exec(compile(file.read(), recipe, "exec"), scope)
    make = scope["write"]
    assert callable(make)
    written.append(os.path.relpath(str(make()), os.path.abspath(folder)))
    return written


_FILES: Final[dict[str, str]] = {
    "pyproject.toml": """\
[build-system]
requires = ["setuptools>=70.1"]
build-backend = "setuptools.build_meta"

[project]
name = "@DIST@"
version = "0.1.0"
description = "An analyzer of the @CLASS@ protocol for the network monitor Bro"
requires-python = ">=3.11"
# The monitor itself is what loads this plugin, so it is not listed here.
dependencies = []

[project.optional-dependencies]
dev = ["pytest"]

# This is how the monitor finds the plugin: the name is free, the value is module:attribute.
[project.entry-points."bro.plugins"]
@PACKAGE@ = "@PACKAGE@:plugin"

[tool.setuptools.packages.find]
where = ["src"]

[tool.setuptools.package-data]
"@PACKAGE@" = ["py.typed", "scripts/*.bro"]

[tool.pytest.ini_options]
testpaths = ["tests"]
""",
    "README.md": """\
# @PLUGIN@

Parses the @CLASS@ protocol and writes `@LOWER@.log`.

The protocol is a stand-in for yours: a client sends lines `HELLO <name>`, and the server answers each with
`WELCOME <name>` or `NO <reason>`, over TCP, on port 4242 or wherever it is recognised.

| to change | look in |
|---|---|
| parsing | `src/@PACKAGE@/analyzer.py` |
| events, signature, ports | the same class |
| the log, policy | `src/@PACKAGE@/scripts/main.bro` |
| what the plugin consists of | `src/@PACKAGE@/__init__.py` |
| the test's traffic | `tests/make_capture.py` (run it to write the capture anew) |

    pip install -e ".[dev]"
    python -m pytest
    bro -NN | grep -A5 @PLUGIN@
    bro -r tests/captures/@LOWER@.pcap
""",
    "src/@PACKAGE@/__init__.py": '''\
"""The plugin @PLUGIN@: what the monitor loads."""

from __future__ import annotations

from pathlib import Path

from bro.plugins import Plugin

from .analyzer import @CLASS@

__version__ = "0.1.0"

plugin = Plugin(
    "@PLUGIN@",
    version=__version__,
    about="Analyzer of the @CLASS@ protocol",
    components=[@CLASS@],
    scripts=[Path(__file__).parent / "scripts"],
)
''',
    "src/@PACKAGE@/py.typed": "",
    "src/@PACKAGE@/analyzer.py": '''\
"""The parser of the @CLASS@ protocol."""

from __future__ import annotations

from bro.plugins import Analyzer

#: bytes of a line at most: what is longer is no line of this protocol
MAX_LINE = 1024

#: requests without an answer that are remembered at most
MAX_WAITING = 100


class @CLASS@(Analyzer):
    """@CLASS@: greetings and their answers."""

    name = "@TAG@"
    ports = ("4242/tcp",)
    events = """
    module @CLASS@;

    export {
        ## A client has greeted.
        ##
        ## c: the connection.
        ##
        ## name: the name it gave.
        global greeting: event(c: connection, name: string);

        ## The server has answered a greeting.
        ##
        ## c: the connection.
        ##
        ## name: the name that was greeted with.
        ##
        ## accepted: whether the server welcomed it.
        ##
        ## text: what it said.
        global answer: event(c: connection, name: string, accepted: bool, text: string);
    }
    """
    signatures = """
    signature dpd_@LOWER@_client {
        ip-proto == tcp
        payload /^HELLO [^ \\\\r\\\\n]+\\\\r?\\\\n/
        tcp-state originator
    }
    signature dpd_@LOWER@_server {
        ip-proto == tcp
        payload /^(WELCOME|NO) /
        requires-reverse-signature dpd_@LOWER@_client
        enable "@LOWER@"
        tcp-state responder
    }
    """

    def init(self) -> None:
        # What is left of each side's stream behind the last end of line.
        self.rest = {True: b"", False: b""}
        self.waiting: list[bytes] = []

    def deliver_stream(self, data: bytes, is_orig: bool) -> None:
        # Packets cut the stream anywhere: only whole lines mean something.
        *lines, rest = (self.rest[is_orig] + data).split(b"\\n")
        if len(rest) > MAX_LINE:
            self.violation("line too long", rest[:40])
            rest = b""
        self.rest[is_orig] = rest
        for line in lines:
            if is_orig:
                self.request(line.rstrip(b"\\r"))
            else:
                self.reply(line.rstrip(b"\\r"))

    def request(self, line: bytes) -> None:
        command, _, name = line.partition(b" ")
        if command != b"HELLO" or not name:
            self.violation("not a greeting", line[:40])
            return
        if len(self.waiting) >= MAX_WAITING:
            self.weird("@LOWER@_too_many_greetings")
            return
        self.waiting.append(name)
        self.raise_event("@CLASS@::greeting", name)

    def reply(self, line: bytes) -> None:
        command, _, text = line.partition(b" ")
        if command not in (b"WELCOME", b"NO"):
            self.violation("not an answer", line[:40])
            return
        # Both sides speak the protocol: now it is certain.
        self.confirm()
        if not self.waiting:
            self.weird("@LOWER@_unasked_answer", text.decode("latin-1"))
            return
        self.raise_event("@CLASS@::answer", self.waiting.pop(0), command == b"WELCOME", text)

    def undelivered(self, offset: int, length: int, is_orig: bool) -> None:
        # The hole may have begun or ended anywhere: what waits cannot be trusted any more.
        self.rest[is_orig] = b""
        self.waiting.clear()
''',
    "src/@PACKAGE@/scripts/__load__.bro": "@load ./main\n",
    "src/@PACKAGE@/scripts/main.bro": """\
##! Writes @LOWER@.log: a row for each answer.

module @CLASS@;

export {
	redef enum Log::ID += { LOG };

	## A row of @LOWER@.log.
	type Info: record {
		## When the answer came.
		ts: time &log;
		## Unique id of the connection.
		uid: string &log;
		## Its endpoints.
		id: conn_id &log;
		## The name that was greeted with.
		name: string &log;
		## Whether it was welcome.
		accepted: bool &log;
		## What the server said.
		text: string &log &optional;
	};

	## Raised with every row.
	global log_@LOWER@: event(rec: Info);
}

event zeek_init() &priority=5
	{
	Log::create_stream(@CLASS@::LOG, Log::Stream($columns=Info, $ev=log_@LOWER@, $path="@LOWER@"));
	}

event @CLASS@::answer(c: connection, name: string, accepted: bool, text: string)
	{
	local rec = Info($ts=network_time(), $uid=c$uid, $id=c$id, $name=name, $accepted=accepted, $text=text);
	Log::write(@CLASS@::LOG, rec);
	}
""",
    "tests/make_capture.py": '''\
"""Makes the capture of the tests, byte by byte: `python tests/make_capture.py`.

Two connections: one to the protocol's port, with a greeting cut in two, and one to another port, which only
the signature finds.
"""

from __future__ import annotations

import struct
from pathlib import Path

CAPTURE = Path(__file__).resolve().parent / "captures" / "@LOWER@.pcap"

CLIENT, SERVER = bytes([192, 0, 2, 10]), bytes([192, 0, 2, 80])
SYN, FIN, PSH, ACK = 0x02, 0x01, 0x08, 0x10


def checksum(data: bytes) -> int:
    """The checksum of the Internet protocols (RFC 1071)."""
    data += b"\\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Connection:
    """A TCP connection whose packets are written down."""

    def __init__(self, packets: list[bytes], client_port: int, server_port: int) -> None:
        self.packets = packets
        self.ports = {True: (client_port, server_port), False: (server_port, client_port)}
        self.sequence = {True: 1000, False: 5000}
        self.send(True, SYN)
        self.send(False, SYN | ACK)
        self.send(True, ACK)

    def send(self, from_client: bool, flags: int, payload: bytes = b"") -> None:
        """A segment of one side."""
        source, destination = (CLIENT, SERVER) if from_client else (SERVER, CLIENT)
        acknowledged = self.sequence[not from_client] if flags & ACK else 0

        def tcp(check: int) -> bytes:
            ports = self.ports[from_client]
            head = struct.pack("!HHII", *ports, self.sequence[from_client], acknowledged)
            return head + struct.pack("!BBHHH", 0x50, flags, 65535, check, 0) + payload

        pseudo = source + destination + struct.pack("!HH", 6, 20 + len(payload))
        segment = tcp(checksum(pseudo + tcp(0)))

        def ip(check: int) -> bytes:
            head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), len(self.packets), 0, 64, 6, check)
            return head + source + destination

        ethernet = bytes(12) + b"\\x08\\x00"
        self.packets.append(ethernet + ip(checksum(ip(0))) + segment)
        self.sequence[from_client] += len(payload) + (1 if flags & (SYN | FIN) else 0)

    def client(self, payload: bytes) -> None:
        """The client says something."""
        self.send(True, PSH | ACK, payload)

    def server(self, payload: bytes) -> None:
        """The server says something."""
        self.send(False, PSH | ACK, payload)

    def close(self) -> None:
        """Both sides end."""
        self.send(True, FIN | ACK)
        self.send(False, FIN | ACK)
        self.send(True, ACK)


def packets() -> list[bytes]:
    """All packets, in order."""
    found: list[bytes] = []
    known = Connection(found, 40000, 4242)
    known.client(b"HELLO al")
    known.client(b"ice\\r\\nHELLO bob\\r\\n")
    known.server(b"WELCOME alice\\r\\nNO bob is banned\\r\\n")
    known.close()
    odd = Connection(found, 40001, 9999)
    odd.client(b"HELLO carol\\r\\n")
    odd.server(b"WELCOME carol\\r\\n")
    odd.close()
    return found


def write() -> Path:
    """Write the capture; its path."""
    CAPTURE.parent.mkdir(exist_ok=True)
    with CAPTURE.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number, data in enumerate(packets()):
            file.write(struct.pack("<IIII", 1_700_000_000, number * 1000, len(data), len(data)) + data)
    return CAPTURE


if __name__ == "__main__":
    print(write())
''',
    "tests/test_analyzer.py": '''\
"""The parser by itself, without traffic."""

from __future__ import annotations

from bro.plugins.testing import Drive

from @PACKAGE@.analyzer import MAX_LINE, @CLASS@


def test_a_greeting_and_its_answer() -> None:
    run = Drive(@CLASS@)
    run.orig(b"HELLO alice\\r\\n")
    assert not run.confirmed
    run.resp(b"WELCOME alice\\r\\n")
    assert run.confirmed
    assert run.events == [
        ("@CLASS@::greeting", b"alice"),
        ("@CLASS@::answer", b"alice", True, b"alice"),
    ]


def test_how_the_stream_is_cut_does_not_matter() -> None:
    text = b"HELLO alice\\r\\nHELLO bob\\nHELLO carol\\r\\n"
    whole = Drive(@CLASS@)
    whole.orig(text)
    for size in range(1, len(text)):
        cut = Drive(@CLASS@)
        for start in range(0, len(text), size):
            cut.orig(text[start : start + size])
        assert cut.events == whole.events


def test_what_does_not_fit_is_a_violation() -> None:
    run = Drive(@CLASS@)
    run.orig(b"EHLO alice\\r\\n")
    run.resp(b"220 ready\\r\\n")
    run.orig(b"x" * (MAX_LINE + 1))
    assert [reason for reason, _ in run.violations] == ["not a greeting", "not an answer", "line too long"]
    assert not run.confirmed and not run.events


def test_a_hole_makes_it_begin_anew() -> None:
    run = Drive(@CLASS@)
    run.orig(b"HELLO ali")
    run.gap(9, 20, True)
    run.orig(b"HELLO bob\\r\\n")
    assert run.events == [("@CLASS@::greeting", b"bob")]
''',
    "tests/test_capture.py": '''\
"""The plugin in the monitor: the capture in, the log out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from make_capture import CAPTURE, packets


def bro(folder: Path, *arguments: str) -> str:
    """Run the monitor in a folder; what it prints."""
    command = [sys.executable, "-m", "bro", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout


def test_the_log(tmp_path: Path) -> None:
    bro(tmp_path, "-r", str(CAPTURE), "LogAscii::use_json=T")
    rows = [json.loads(line) for line in (tmp_path / "@LOWER@.log").read_text().splitlines()]
    assert [(row["id.resp_p"], row["name"], row["accepted"], row["text"]) for row in rows] == [
        (4242, "alice", True, "alice"),
        (4242, "bob", False, "bob is banned"),
        (9999, "carol", True, "carol"),
    ]
    conns = [json.loads(line) for line in (tmp_path / "conn.log").read_text().splitlines()]
    assert [row["service"] for row in conns] == ["@LOWER@", "@LOWER@"]


def test_the_plugin_is_listed(tmp_path: Path) -> None:
    listing = bro(tmp_path, "-NN")
    assert "@PLUGIN@ - Analyzer of the @CLASS@ protocol (dynamic, version 0.1.0)" in listing
    assert "    [Event] @CLASS@::greeting" in listing


def test_the_capture_is_what_its_recipe_makes() -> None:
    assert CAPTURE.read_bytes().endswith(packets()[-1])
''',
}
