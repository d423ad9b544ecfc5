"""Signatures in a run of the monitor: finding protocols, conditions of every kind, their events."""

from __future__ import annotations

import pathlib

import pytest

from tests.captures.conversation import Conversation
from tests.captures.packets import Clock, Packet, pcap
from tests.conftest import CAPTURES, RunBro

HTTP = CAPTURES / "http-get.pcap"


def record(kind: int, body: bytes) -> bytes:
    """A record of TLS 1.2's record layer (RFC 5246)."""
    return bytes([kind, 3, 3]) + len(body).to_bytes(2, "big") + body


def hello(kind: int, body: bytes) -> bytes:
    """A handshake message in a record."""
    return record(22, bytes([kind]) + len(body).to_bytes(3, "big") + body)


CLIENT_HELLO = hello(1, b"\3\3" + bytes(32) + b"\0" + b"\0\2\x13\1" + b"\1\0")
SERVER_HELLO = hello(2, b"\3\3" + bytes(32) + b"\0" + b"\x13\1" + b"\0")

#: a server that answers with a hello, on whatever port
DPD_SSL_SERVER = r"""
signature dpd_ssl_server {
  ip-proto == tcp
  payload /^(\x16\x03[\x00\x01\x02\x03]..\x02...\x03[\x00\x01\x02\x03]).*/
  tcp-state responder
  enable "ssl"
}
"""

SSL = '''
from bro.plugins import Analyzer

class Ssl(Analyzer):
    """Stands in for an analyzer of TLS: tells the records it sees"""

    name = "SSL"
    events = "event record_seen(c: connection, is_orig: bool, kind: count, size: count);"

    def init(self):
        self.held = {True: b"", False: b""}

    def deliver_stream(self, data, is_orig):
        data = self.held[is_orig] + data
        while len(data) >= 5 and len(data) >= 5 + int.from_bytes(data[3:5], "big"):
            size = int.from_bytes(data[3:5], "big")
            self.confirm()
            self.raise_event("record_seen", is_orig, data[0], size)
            data = data[5 + size :]
        self.held[is_orig] = data
'''


def capture(folder: pathlib.Path, packets: list[Packet]) -> pathlib.Path:
    path = folder / "made.pcap"
    path.write_bytes(pcap(packets))
    return path


@pytest.mark.parametrize("port", [443, 9443])
def test_a_tls_server_is_found_by_its_hello_on_any_port(
    bro: RunBro, tmp_path: pathlib.Path, port: int
) -> None:
    talk = Conversation(Clock(1_700_000_000.0), 40000, port)
    talk.open()
    talk.client(CLIENT_HELLO[:20], CLIENT_HELLO[20:])
    talk.server(SERVER_HELLO[:7], SERVER_HELLO[7:])
    talk.client(record(23, b"secret"))
    talk.close()
    (tmp_path / "ssl.sig").write_text(DPD_SSL_SERVER)
    (tmp_path / "ssl.py").write_text(SSL)
    code = (
        "event record_seen(c: connection, is_orig: bool, kind: count, size: count) "
        "{ print is_orig, kind, size; }"
    )
    done = bro("-r", capture(tmp_path, talk.packets), "-s", "ssl.sig", "ssl.py", "-e", code)
    assert done.returncode == 0 and done.stderr == ""
    # What came before the signature matched is replayed: the client's hello too.
    sizes = [len(CLIENT_HELLO) - 5, len(SERVER_HELLO) - 5, 6]
    assert done.stdout.splitlines() == [f"T, 22, {sizes[0]}", f"F, 22, {sizes[1]}", f"T, 23, {sizes[2]}"]
    assert "\tssl\t" in (tmp_path / "conn.log").read_text()


def test_what_is_no_hello_of_a_server_is_not_found(bro: RunBro, tmp_path: pathlib.Path) -> None:
    talk = Conversation(Clock(1_700_000_000.0), 40000, 9443)
    talk.open()
    talk.client(SERVER_HELLO)  # the wrong side
    talk.server(b"x" + SERVER_HELLO)
    talk.close()
    (tmp_path / "ssl.sig").write_text(DPD_SSL_SERVER)
    (tmp_path / "ssl.py").write_text(SSL)
    code = "event record_seen(c: connection, is_orig: bool, kind: count, size: count) { print kind; }"
    done = bro("-r", capture(tmp_path, talk.packets), "-s", "ssl.sig", "ssl.py", "-e", code)
    assert done.returncode == 0 and done.stdout == "" and done.stderr == ""


#: conditions on the conversation below, and whether they hold
CONDITIONS = [
    ("payload /GIMME/", True),
    ("payload /^GIMME\\r\\n$/", False),
    ("payload /.*split/s", True),  # over two segments
    ("ip-proto == tcp dst-port == 4000", True),
    ("ip-proto == tcp dst-port != 4000 payload /./ tcp-state originator", False),
    ("src-ip == 192.0.2.10 dst-ip == 192.0.2.0/24 payload /GIMME/", True),
    ("src-ip == local_nets payload /GIMME/", True),
    ("src-port == 40000-40010 payload /GIMME/", True),
    ("dst-port == some_ports payload /GIMME/", True),
    ("header ip[9:1] == 6 payload /GIMME/", True),
    ("header tcp[2:2] == 4000 payload /GIMME/", True),
    ("header ip[16:4] == 192.0.2.0/24 payload /GIMME/", True),
    ("header ip[0:1] & 0xf0 == 0x60 payload /GIMME/", False),
    ("payload-size == 7 payload /GIMME/", True),
    ("payload-size > 7 payload /GIMME/", False),
    ("tcp-state established,originator payload /GIMME/", True),
    ("tcp-state established,responder payload /GIMME/", False),
    ("tcp-state stateless payload /GIMME/", True),
    ("udp-state originator payload /GIMME/", False),
    ("same-ip payload /GIMME/", False),
    ("requires-signature first payload /.*split/s", True),
    ("requires-signature !first payload /.*split/s", False),
    ("requires-reverse-signature answer payload /.*split/s", True),
    ("requires-reverse-signature !answer payload /.*split/s", False),
    ("payload /GIMME/ eval yes", True),
    ("payload /GIMME/ eval no", False),
    ("http-request /.*/", False),
    ("payload /(?i:gimme)/", True),
    ("payload /gimme/i", True),
    ("payload /GIMME..the/", False),
    ("payload /GIMME..the/s", True),
    ("ip-options lsrr payload /GIMME/", False),
]


@pytest.mark.parametrize(("conditions", "holds"), CONDITIONS, ids=[text for text, _ in CONDITIONS])
def test_conditions(bro: RunBro, tmp_path: pathlib.Path, conditions: str, holds: bool) -> None:
    talk = Conversation(Clock(1_700_000_000.0), 40000, 4000)
    talk.open()
    talk.client(b"GIMME\r\n", b"the sp", b"lit\r\n")
    talk.server(b"NO\r\n")
    talk.close()
    (tmp_path / "a.sig").write_text(
        'signature first { payload /GIMME/ event "first" }\n'
        'signature answer { payload /NO/ tcp-state responder event "answer" }\n'
        f'signature it {{ {conditions} event "it" }}\n'
    )
    script = """
const local_nets: set[subnet] = { 192.0.2.0/28, 198.51.100.0/24 };
const some_ports: set[port] = { 4000/tcp, 5000/tcp };
function yes(state: signature_state, data: string): bool { return state$sig_id == "it" && |data| > 0; }
function no(state: signature_state, data: string): bool { return F; }
event signature_match(state: signature_state, msg: string, data: string) { print msg; }
"""
    done = bro("-b", "-r", capture(tmp_path, talk.packets), "-s", "a.sig", "-e", script)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert ("it\n" in done.stdout) == holds
    assert "first\n" in done.stdout and "answer\n" in done.stdout


def test_ftp_and_finger_contexts(bro: RunBro, tmp_path: pathlib.Path) -> None:
    clock = Clock(1_700_000_000.0)
    ftp = Conversation(clock, 40000, 21)
    ftp.open()
    ftp.server(b"220 ready\r\n")
    ftp.client(b"USER root\r\n")
    ftp.server(b"331 password\r\n")
    ftp.close()
    finger = Conversation(clock, 40001, 79)
    finger.open()
    finger.client(b"/W root\r\n")
    finger.server(b"Login: root\r\n")
    finger.close()
    (tmp_path / "a.sig").write_text(
        'signature f { ip-proto == tcp ftp /USER root/ event "ftp" }\n'
        'signature g { ip-proto == tcp finger /\\/W root/ event "finger" }\n'
        'signature h { ip-proto == tcp finger /USER/ event "wrong" }\n'
    )
    code = "event signature_match(state: signature_state, msg: string, data: string) { print msg, data; }"
    done = bro("-r", capture(tmp_path, ftp.packets + finger.packets), "-s", "a.sig", "-e", code)
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["ftp, USER root", "finger, /W root"]


def test_types_of_files(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "a.sig").write_text(
        'signature page { file-magic /<html>|<!DOCTYPE/ file-mime "x/mine", 200 }\n'
    )
    done = bro("-r", HTTP, "-s", "a.sig")
    assert done.returncode == 0
    assert "x/mine" in (tmp_path / "files.log").read_text()


def test_signatures_are_matched_in_the_first_data_of_scripts_too(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "lib.sig").write_text('signature get { payload /GET/ event "get" }\n')
    (tmp_path / "lib.bro").write_text("@load-sigs ./lib.sig\n")
    done = bro(
        "-b", "-r", HTTP, "lib.bro", "-e",
        "event signature_match(state: signature_state, msg: string, data: string) "
        "{ print state$sig_id, state$is_orig; }",
    )  # fmt: skip
    assert done.stdout == "get, T\nget, T\n"


@pytest.mark.parametrize(
    ("text", "line", "excerpt", "complaint"),
    [
        ('signature a {\n  payload /(/\n  event "x"\n}', 2, "  payload /(/", 'a ")" is missing'),
        ('signature a {\n  enabel "x"\n}', 2, '  enabel "x"', 'did you mean "enable"?'),
        ("signature a {\n  ip-proto == tcp\n", 1, "signature a {", 'a "}" is missing'),
        ('signature a { dst-port == no_such_thing event "x" }', 1, "no_such_thing", "no_such_thing"),
        ('signature a { requires-signature b event "x" }', 1, "requires-signature b", '"b"'),
    ],
)
def test_a_mistake_is_shown_at_its_place(
    bro: RunBro, tmp_path: pathlib.Path, text: str, line: int, excerpt: str, complaint: str
) -> None:
    (tmp_path / "wrong.sig").write_text(text)
    done = bro("-b", "-r", HTTP, "-s", "wrong.sig")
    assert done.returncode == 1
    assert f"wrong.sig:{line}:" in done.stderr and complaint in done.stderr
    assert excerpt in done.stderr and "^" in done.stderr
