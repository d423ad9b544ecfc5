"""What a server says first, or seems to, when packets were missed."""

from __future__ import annotations

import pathlib
from collections.abc import Callable

from ..conversation import ACK, SYN, Conversation
from ..namespaces import SERVER_ADDR, capture, client, server
from ..packets import Clock, pcap
from . import made, recipe

Talk = Callable[[Conversation], None]


def _capture(*talks: Talk) -> bytes:
    """A connection for each talk, from port 40001 on."""
    clock = Clock()
    packets = []
    for number, talk in enumerate(talks):
        conversation = Conversation(clock, 40001 + number, 8080)
        talk(conversation)
        packets += conversation.packets
    return pcap(packets)


def _handshake_without_ack(talk: Conversation) -> None:
    talk.say(True, flags=SYN)
    talk.say(False, flags=SYN | ACK)


@made("banner-answer.pcap")
def banner_answer() -> bytes:
    """The client speaks, then the server; the end of the handshake is missing. No banner."""

    def talk(talk: Conversation) -> None:
        _handshake_without_ack(talk)
        talk.say(True, b"DATA")
        talk.say(False, b"DATA")

    return _capture(talk)


@made("banner-first.pcap")
def banner_first() -> bytes:
    """The server speaks, the client has not; the end of the handshake is missing. A banner."""

    def talk(talk: Conversation) -> None:
        _handshake_without_ack(talk)
        talk.say(False, b"DATA")

    return _capture(talk)


@made("banner-doubts.pcap")
def banner_doubts() -> bytes:
    """Banners, one long; missed: the client's data, the server's first bytes, the handshake, one SYN."""

    def whole(talk: Conversation) -> None:
        talk.open()
        talk.server(b"220 this is", b" a server\r\n")
        talk.client(b"HELO\r\n")
        talk.server(b"250 hello\r\n")
        talk.close(by_client=True)

    def question_missed(talk: Conversation) -> None:
        talk.open()
        talk.say(True, b"GET /", seen=False)
        talk.server(b"200 here\r\n")
        talk.close()

    def beginning_missed(talk: Conversation) -> None:
        talk.open()
        talk.say(False, b"220 this is", seen=False)
        talk.server(b" a server\r\n")
        talk.close()

    def handshake_missed(talk: Conversation) -> None:
        talk.say(True, flags=SYN, seen=False)
        talk.say(False, flags=SYN | ACK, seen=False)
        talk.server(b"220 ready\r\n")
        talk.client(b"QUIT\r\n")
        talk.close()

    def syn_missed(talk: Conversation) -> None:
        talk.say(True, flags=SYN, seen=False)
        talk.say(False, flags=SYN | ACK)
        talk.say(True, flags=ACK)
        talk.server(b"220 ready\r\n")
        talk.close()

    def out_of_order(talk: Conversation) -> None:
        talk.open()
        talk.say(False, b"220 this is", seen=False)
        talk.say(False, b" a server\r\n")
        talk.again(False, 22, b"220 this is")
        talk.say(True, flags=ACK)
        talk.close()

    def long(talk: Conversation) -> None:
        talk.open()
        talk.server(b"x" * 1000, b"y" * 1000)
        talk.close()

    return _capture(
        whole, question_missed, beginning_missed, handshake_missed, syn_missed, out_of_order, long
    )


@recipe
def banners(work: pathlib.Path) -> None:
    """vsftpd greets its client before that speaks; nginx waits for a request."""
    (work / "vsftpd.conf").write_text(
        "listen=YES\nanonymous_enable=YES\nseccomp_sandbox=NO\nftpd_banner=Welcome.\n"
    )
    (work / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {work}/pid; error_log {work}/error;\n"
        f"events {{ worker_connections 64; }}\n"
        f"http {{ access_log off; client_body_temp_path {work}/b; proxy_temp_path {work}/p;\n"
        f"fastcgi_temp_path {work}/f;\n"
        f"uwsgi_temp_path {work}/u; scgi_temp_path {work}/s; server {{ listen 80; return 200 hello; }} }}\n"
    )
    with (
        server("vsftpd", str(work / "vsftpd.conf")),
        server("nginx", "-c", str(work / "nginx.conf")),
        capture(work / "out.pcap"),
    ):
        client("sh", "-c", f"printf 'QUIT\\r\\n' | socat -t 1 - TCP:{SERVER_ADDR}:21")
        client("curl", "-s", f"http://{SERVER_ADDR}/")
