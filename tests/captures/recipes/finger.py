"""Finger: Debian's daemon and client, and requests that no client sends."""

from __future__ import annotations

import pathlib

from ..conversation import Conversation
from ..namespaces import SERVER_ADDR, SERVER_ADDR6, capture, client, server
from ..packets import Clock, pcap
from . import made, recipe


@recipe
def finger(work: pathlib.Path) -> None:
    """finger asks fingerd about users in both forms, about all, over IPv6; socat sends several requests."""
    daemon = "EXEC:/usr/sbin/in.fingerd"
    with (
        server("socat", "TCP6-LISTEN:79,fork,reuseaddr", daemon),
        capture(work / "out.pcap"),
    ):
        client("finger", f"daemon@{SERVER_ADDR}")
        client("finger", "-l", f"lp@{SERVER_ADDR}")
        client("finger", f"@{SERVER_ADDR}")
        client("finger", f"nobody-of-that-name@{SERVER_ADDR}")
        client("finger", f"uucp@{SERVER_ADDR6}")
        for lines in ("games\\r\\nroot\\r\\n", "/W root\\r\\n", f"root@{SERVER_ADDR}\\r\\n", "root"):
            client("sh", "-c", f"printf '{lines}' | socat -t 1 - TCP:{SERVER_ADDR}:79")


@recipe
def finger_odd_port(work: pathlib.Path) -> None:
    """fingerd at a port that nobody registered."""
    with (
        server("socat", "TCP-LISTEN:7979,fork,reuseaddr", "EXEC:/usr/sbin/in.fingerd"),
        capture(work / "out.pcap"),
    ):
        client("sh", "-c", f"printf 'games\\r\\n' | socat -t 1 - TCP:{SERVER_ADDR}:7979")


@made("finger-hostile.pcap")
def finger_hostile() -> bytes:
    """Requests to pass unseen: overlong, with NUL, cut into bytes, sent again changed, without end."""
    clock = Clock()
    talks: list[Conversation] = []

    def talk() -> Conversation:
        talks.append(Conversation(clock, 40001 + len(talks), 79))
        talks[-1].open()
        return talks[-1]

    # What overflowed the buffer of 512 bytes in the daemons of 1988, and one beyond every limit.
    overflow = talk()
    overflow.client(b"\x90" * 400 + b"\0" + b"A" * 135 + b"\r\n")
    overflow.close()
    endless = talk()
    endless.client(b"B" * 1400, b"B" * 1400)
    endless.close(by_client=True)

    hidden = talk()
    hidden.client(b"nice\0root\r\n")
    hidden.close()

    split = talk()
    for byte in b"  root /W\r\n":
        split.client(bytes([byte]))
    split.server(b"Login: root\r\n")
    split.close()

    # The monitor sees one name; which one the daemon gets depends on which packet reaches it.
    changed = talk()
    changed.say(True, b"nice")
    changed.again(True, 4, b"root")
    changed.client(b"\r\n")
    changed.close()

    # The second request counts on being taken for a part of the first.
    several = talk()
    several.client(b"nice\r\nroot\r\n", b"/W lp\r\n")
    several.server(b"Login: nice\r\n")
    several.close()

    forwarded = talk()
    forwarded.client(b"root@inner.example@gate.example\r\n")
    forwarded.server(b"[gate.example]\r\nForwarding service denied.\r\n")
    forwarded.close()

    unfinished = talk()
    unfinished.client(b"root")
    unfinished.close(by_client=True)

    # A part of the request passed where the monitor does not look.
    missed = talk()
    missed.say(True, b"ro")
    missed.say(True, b"ot\r\nni", seen=False)
    missed.client(b"ce\r\nlp\r\n")
    missed.close()

    return pcap([packet for talk in talks for packet in talk.packets])
