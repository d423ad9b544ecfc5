"""What dns.log, http.log and files.log say of conversations that do not go by the book."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import pathlib
import struct
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import RunBro
from tests.logs.traffic import Capture

Rows = Callable[..., list[dict[str, Any]]]

CLIENT, SERVER = ("10.0.0.1", 40000), ("10.0.0.2", 53)
WEB = ("10.0.0.3", 80)


@pytest.fixture
def rows(bro: RunBro, tmp_path: pathlib.Path) -> Rows:
    """Runs a capture and gives the rows of a log, in order of time."""

    def run(capture: Capture, log: str, *arguments: str) -> list[dict[str, Any]]:
        path = capture.write(tmp_path / "made.pcap")
        done = bro("-D", "-C", "-r", path, "LogAscii::use_json=T", *arguments)
        assert done.returncode == 0 and not done.stderr, done.stderr
        found = [json.loads(line) for line in (tmp_path / f"{log}.log").read_text().splitlines()]
        return sorted(found, key=lambda row: row["ts"])

    return run


def name(text: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def dns(identity: int, question: str = "", answers: tuple[str, ...] = (), *, reply: bool = False) -> bytes:
    """A message with one question or none, and addresses as answers."""
    head = struct.pack("!HHHHHH", identity, 0x8480 if reply else 0x0100, bool(question), len(answers), 0, 0)
    body = name(question) + struct.pack("!HH", 1, 1) if question else b""
    for address in answers:
        body += name("a.example") + struct.pack("!HHIH", 1, 1, 60, 4) + ipaddress.IPv4Address(address).packed
    return head + body


def test_queries_of_a_transaction_are_answered_in_order(rows: Rows) -> None:
    capture = Capture()
    capture.udp(CLIENT, SERVER, dns(7, "one.example"))
    capture.udp(CLIENT, SERVER, dns(7, "two.example"))
    capture.udp(SERVER, CLIENT, dns(7, "one.example", ("192.0.2.1",), reply=True))
    capture.udp(CLIENT, SERVER, dns(7, "three.example"))
    capture.udp(SERVER, CLIENT, dns(7, "two.example", ("192.0.2.2",), reply=True))
    found = rows(capture, "dns")
    assert [(row["query"], row.get("answers")) for row in found] == [
        ("one.example", ["192.0.2.1"]),
        ("two.example", ["192.0.2.2"]),
        ("three.example", None),
    ]
    assert found[0]["rtt"] == pytest.approx(0.002, abs=1e-6)
    assert "rcode" not in found[2] and not found[2]["rejected"]


def test_replies_without_a_query(rows: Rows) -> None:
    capture = Capture()
    # Both ports are those of servers, so only the message tells who asked.
    capture.udp(SERVER, ("10.0.0.9", 53), dns(9, "", ("192.0.2.1", "192.0.2.2"), reply=True))
    capture.udp(CLIENT, SERVER, dns(5, "none.example"))
    capture.udp(SERVER, CLIENT, dns(5, "none.example", reply=True))
    alone, rejected = rows(capture, "dns")
    assert alone["id.orig_h"] == "10.0.0.9"
    assert alone["query"] == "a.example" and alone["TTLs"] == [60.0, 60.0] and alone["AA"]
    assert "rtt" not in alone and "qtype" not in alone
    assert rejected["rejected"] and rejected["rcode_name"] == "NOERROR" and not rejected["RA"]


def test_too_many_open_queries_are_logged_as_they_are(rows: Rows) -> None:
    capture = Capture()
    for identity in range(60):
        capture.udp(CLIENT, SERVER, dns(identity, "x.example"))
    capture.udp(SERVER, CLIENT, dns(59, "x.example", ("192.0.2.1",), reply=True))
    assert len(rows(capture, "dns")) == 60
    assert [row["name"] for row in rows(capture, "weird")] == ["dns_unmatched_query_id_quantity"]


def request(fields: str = "", target: str = "/", method: str = "GET", body: bytes = b"") -> bytes:
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"{method} {target} HTTP/1.1\r\nHost: example\r\n{fields}{length}\r\n".encode() + body


def reply(body: bytes = b"", status: str = "200 OK", fields: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{fields}\r\n".encode() + body


def credentials(text: str) -> str:
    return f"Authorization: Basic {base64.b64encode(text.encode()).decode()}\r\n"


def test_credentials(rows: Rows) -> None:
    capture = Capture()
    connection = capture.tcp(CLIENT, WEB)
    for text in ("alice:s3:cret", "nobody"):
        connection.client(request(credentials(text)))
        connection.server(reply())
    connection.client(request("Authorization: Digest username=x\r\nVia: 1.1 proxy\r\n"))
    connection.server(reply())
    known, unknown, digest = rows(capture, "http")
    assert known["username"] == "alice" and "password" not in known
    assert unknown["username"] == "<problem-decoding>"
    assert "username" not in digest and digest["proxied"] == ["VIA -> 1.1 proxy"]
    assert rows(capture, "http", "HTTP::default_capture_password=T")[0]["password"] == "s3:cret"


def test_replies_meet_their_requests(rows: Rows) -> None:
    capture = Capture()
    connection = capture.tcp(CLIENT, WEB)
    connection.client(request(target="/1") + request(target="/2", method="HEAD") + request(target="/3"))
    connection.server(reply(status="100 Continue") + reply(b"first body"), reply(status="304 Not Modified"))
    connection.close()
    found = sorted(rows(capture, "http"), key=lambda row: row["trans_depth"])
    assert [(row["uri"], row.get("status_code"), row.get("info_code")) for row in found] == [
        ("/1", 200, 100),
        ("/2", 304, None),
        ("/3", None, None),
    ]
    assert found[0]["response_body_len"] == 10 and found[0]["resp_mime_types"] == ["text/plain"]
    assert "version" not in found[2]


def test_a_reply_nobody_asked_for(rows: Rows) -> None:
    capture = Capture()
    connection = capture.tcp(CLIENT, WEB)
    connection.server(reply(status="408 Request Timeout"))
    connection.client(request(target="/late"))
    connection.server(reply(status="204 No Content"))
    unasked, late = rows(capture, "http")
    assert unasked["status_code"] == 408 and "method" not in unasked
    assert (late["uri"], late["status_code"]) == ("/late", 204)
    assert [row["name"] for row in rows(capture, "weird")] == ["HTTP_response_before_request"]


def test_names_of_uploaded_files(rows: Rows) -> None:
    part = (
        b'--b\r\nContent-Disposition: form-data; name="field"; filename="C:\\\\dir\\\\a b.txt"\r\n\r\n'
        b"content of the file\r\n--b--\r\n"
    )
    capture = Capture()
    connection = capture.tcp(CLIENT, WEB)
    connection.client(request("Content-Type: multipart/form-data; boundary=b\r\n", method="POST", body=part))
    connection.server(reply())
    (row,) = rows(capture, "http")
    assert row["orig_filenames"] == ["a b.txt"] and row["request_body_len"] == len(part)
    (file,) = rows(capture, "files")
    assert file["filename"] == "a b.txt" and file["seen_bytes"] == 19 and file["is_orig"]
    assert row["orig_fuids"] == [file["fuid"]]


def test_parts_of_a_resource_are_one_file(rows: Rows) -> None:
    content = b"0123456789" * 2
    capture = Capture()
    for port, first, last in ((40001, 10, 19), (40002, 0, 9)):
        connection = capture.tcp((CLIENT[0], port), WEB)
        connection.client(request(f"Range: bytes={first}-{last}\r\n", target="/big"))
        fields = f"Content-Range: bytes {first}-{last}/20\r\n"
        connection.server(reply(content[first : last + 1], "206 Partial Content", fields))
    found = rows(capture, "files", "policy/frameworks/files/hash-all-files")
    assert len({row["uid"] for row in found}) == 2 and len({row["fuid"] for row in found}) == 1
    assert {(row["seen_bytes"], row["total_bytes"], row["md5"]) for row in found} == {
        (20, 20, hashlib.md5(content).hexdigest())
    }


def test_a_tunnel_through_a_proxy(rows: Rows) -> None:
    capture = Capture()
    connection = capture.tcp(CLIENT, ("10.0.0.3", 3128))
    connection.client(request(target="inner.example:80", method="CONNECT"))
    connection.server(b"HTTP/1.1 200 Connection established\r\n\r\n")
    connection.client(request(target="/inside"))
    connection.server(reply(b"inside the tunnel"))
    (tunnel,) = rows(capture, "tunnel")
    assert tunnel["tunnel_type"] == "Tunnel::HTTP" and tunnel["id.orig_p"] == 0
    assert [row["uri"] for row in rows(capture, "http")] == ["inner.example:80", "/inside"]


def test_pipelines_without_end_are_given_up(rows: Rows) -> None:
    capture = Capture()
    connection = capture.tcp(CLIENT, WEB)
    connection.client(*(request(target=f"/{number}") for number in range(150)))
    assert len(rows(capture, "http")) == 150
    assert [row["name"] for row in rows(capture, "weird")] == ["HTTP_excessive_pipelining"]


def test_any_port(rows: Rows) -> None:
    capture = Capture()
    connection = capture.tcp(CLIENT, ("10.0.0.3", 12345))
    connection.client(request(target="/odd"))
    connection.server(reply(b"on a port of its own"))
    (row,) = rows(capture, "http")
    assert (row["uri"], row["response_body_len"]) == ("/odd", 20)


def test_a_message_of_an_unknown_kind_ends_the_analysis_of_its_tcp_connection(rows: Rows) -> None:
    capture = Capture()
    inverse = struct.pack("!HHHHHHH", 12, 7, 0x0800, 0, 0, 0, 0)
    connection = capture.tcp(CLIENT, SERVER)
    connection.client(inverse)
    connection.close()
    # Over UDP there is no stream to lose one's place in.
    capture.udp(("10.0.0.1", 40001), SERVER, inverse[2:])
    histories = {row["proto"]: row["history"] for row in rows(capture, "conn")}
    assert "X" in histories["tcp"] and "X" not in histories["udp"]
    assert [(row["name"], row["addl"]) for row in rows(capture, "weird")] == [("DNS_unknown_opcode", "1")] * 2


def test_records_of_unknown_types_and_addresses_of_other_lengths_are_told(rows: Rows) -> None:
    capture = Capture()
    for identity, (kind, data) in enumerate([(1234, b"any"), (1, b"\1\2\3\4\5"), (1, b"\1\2\3\4")]):
        capture.udp(CLIENT, SERVER, dns(identity, "a.example"))
        answer = struct.pack("!HHHHHH", identity, 0x8480, 1, 1, 0, 0)
        answer += name("a.example") + struct.pack("!HH", 1, 1)
        answer += b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data
        capture.udp(SERVER, CLIENT, answer)
    found = rows(capture, "weird")
    assert [(row["name"], row.get("addl")) for row in found] == [
        ("DNS_RR_unknown_type", "1234"),
        ("DNS_RR_bad_length", None),
    ]
    answers = [row.get("answers") for row in rows(capture, "dns")]
    assert answers == [["<unknown type=1234>"], None, ["1.2.3.4"]]


def test_parts_of_a_body_are_known_by_whole_lines(rows: Rows) -> None:
    header = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n"
    header += b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    capture = Capture()
    connection = capture.tcp(CLIENT, WEB)
    connection.client(header, b"--b\r\n\r\none\r\nt", b"wo\nthr", b"ee")
    connection.close()
    request = rows(capture, "http")[0]
    # The body breaks off within a line that may have been a delimiter, with the end of the line before it.
    assert request["request_body_len"] == len(b"--b\r\n\r\none\r\n")
    assert [row["seen_bytes"] for row in rows(capture, "files")] == [len(b"one")]


def test_packets_without_a_time_are_processed_at_the_earliest(rows: Rows) -> None:
    capture = Capture(now=0.0)
    capture.udp(CLIENT, SERVER, dns(7, "one.example"))
    assert rows(capture, "conn")[0]["ts"] < 1.0
    assert rows(capture, "dns")[0]["ts"] == 1.0


def test_a_connection_that_keeps_changing_its_tunnel_is_analyzed_all_the_same(rows: Rows) -> None:
    inner, outer = Capture(), Capture()
    connection = inner.tcp(CLIENT, WEB)
    connection.client(*(b"GET /%d HTTP/1.1\r\n\r\n" % n for n in range(9)))
    connection.close()
    for n, (_, packet) in enumerate(inner.packets):
        # IP in IP (RFC 2003), through one of two tunnels
        outer.ip("192.0.2.1", f"192.0.2.{2 + n % 2}", 4, packet)
    assert [row["name"] for row in rows(outer, "weird")] == ["tunnel_max_changes_per_connection_exceeded"]
    assert rows(outer, "conn")[0]["history"].count("X") == 1
    assert [row["uri"] for row in rows(outer, "http")] == [f"/{n}" for n in range(9)]
