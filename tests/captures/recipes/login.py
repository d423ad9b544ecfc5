"""Telnet, rlogin and rsh between Debian's programs, which are led through a terminal."""

from __future__ import annotations

import contextlib
import crypt
import os
import pathlib
import pty
import select
import time
from collections.abc import Iterator

from ..conversation import Conversation
from ..namespaces import CLIENT, CLIENT_ADDR, SERVER_ADDR, capture, client, server
from ..packets import Clock, pcap
from . import made, recipe

#: how servers authenticate; rsh has no way to ask for a password
_PAM = """auth required {how}.so
account required pam_unix.so
session optional pam_lastlog.so
"""


def _type(command: list[str], turns: list[tuple[str, str]], limit: float = 10.0) -> None:
    """Runs a client in a terminal; each turn waits for a text, then types another, a key at a time."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp("ip", ["ip", "netns", "exec", CLIENT, *command])
    seen = b""

    def read(until: bytes) -> None:
        nonlocal seen
        end = time.monotonic() + limit
        while until not in seen and time.monotonic() < end:
            if select.select([terminal], [], [], 0.1)[0]:
                try:
                    seen += os.read(terminal, 4096)
                except OSError:
                    return
        seen = seen.partition(until)[2]

    for prompt, answer in turns:
        read(prompt.encode())
        for key in answer:
            time.sleep(0.02)
            os.write(terminal, key.encode("latin-1"))
        time.sleep(0.1)
    read(b"losed")
    os.close(terminal)
    os.waitpid(pid, 0)


@contextlib.contextmanager
def _inetd(work: pathlib.Path, port: int, service: str, program: str) -> Iterator[None]:
    """A server as inetd starts it, on a host with the users joe, whose password is `secret`, and root.

    It sees files of its own in place of those of the machine.
    """
    files = {
        "passwd": f"root:x:0:0::{work}:/bin/sh\njoe:x:1000:1000::{work}:/bin/sh\n",
        "shadow": "".join(f"{user}:{crypt.crypt('secret')}:19000::::::\n" for user in ("root", "joe")),
        "pam": _PAM.format(how="pam_permit" if service == "rsh" else "pam_unix"),
        "lastlog": "",
        "motd": "",
        "hosts": f"{CLIENT_ADDR} client\n{SERVER_ADDR} host\n",
    }
    for name, content in files.items():
        (work / name).write_text(content)
    work.chmod(0o755)
    places = {
        "passwd": "/etc/passwd",
        "shadow": "/etc/shadow",
        "pam": f"/etc/pam.d/{service}",
        "hosts": "/etc/hosts",
        "lastlog": "/var/log/lastlog",
        "motd": "/etc/motd",
    }
    mounts = " && ".join(
        f"touch {place}; mount --bind {work}/{name} {place}" for name, place in places.items()
    )
    listen = f"TCP-LISTEN:{port},reuseaddr,fork,pf=ip4"
    script = f"hostname host; {mounts} && exec socat {listen} EXEC:'{program}',nofork"
    with server("unshare", "--uts", "sh", "-c", script):
        yield


@recipe
def telnet(work: pathlib.Path) -> None:
    """telnet to telnetd: a wrong password and a right one, then root, typed with a slip, refused."""
    with _inetd(work, 23, "login", "/usr/sbin/telnetd -h"), capture(work / "out.pcap", wanted="tcp"):
        _type(
            ["telnet", SERVER_ADDR],
            [
                ("login: ", "joe\r"),
                ("assword: ", "guess\r"),
                ("login: ", "joe\r"),
                ("assword: ", "secret\r"),
                ("$ ", "echo hello\r"),
                ("$ ", "exit\r"),
            ],
        )
        _type(
            ["telnet", SERVER_ADDR],
            [
                ("login: ", "rb\x7foot\r"),
                ("assword: ", "nothing\r"),
                ("login: ", "joe\r"),
                ("assword: ", "secret\r"),
                ("Last login", ""),
                ("$ ", "exit\r"),
            ],
        )


@recipe
def rlogin(work: pathlib.Path) -> None:
    """rlogin to in.rlogind, which asks for the password; then a command."""
    with _inetd(work, 513, "rlogin", "/usr/sbin/in.rlogind"), capture(work / "out.pcap", wanted="tcp"):
        _type(
            ["rsh-redone-rlogin", "-l", "joe", SERVER_ADDR],
            [("assword: ", "secret\r"), ("$ ", "echo hello\r"), ("$ ", "exit\r")],
        )


@recipe
def rsh(work: pathlib.Path) -> None:
    """rsh to in.rshd: a command that a trusted user runs, and one as a user whom the host does not know."""
    with _inetd(work, 514, "rsh", "/usr/sbin/in.rshd"), capture(work / "out.pcap", wanted="tcp"):
        client("rsh-redone-rsh", "-l", "joe", SERVER_ADDR, "cat /etc/hostname", check=False)
        client("rsh-redone-rsh", "-l", "nobody", SERVER_ADDR, "id", check=False)


@made("telnet-hostile.pcap")
def telnet_hostile() -> bytes:
    """Root wants to log in unseen: an option in the word, NUL, deleted keys, bytes one by one, sent again."""
    clock = Clock()
    talks: list[Conversation] = []

    def attempt(typed: list[bytes], echo: bytes = b"root", password: bytes = b"x") -> Conversation:
        talk = Conversation(clock, 40001 + len(talks), 23)
        talks.append(talk)
        talk.open()
        talk.server(b"\xff\xfd\x18host login: ")
        talk.client(*typed)
        talk.server(echo + b"\r\nPassword: ")
        talk.client(password + b"\r\0")
        talk.server(b"\r\nLogin incorrect\r\n")
        return talk

    attempt([b"ro\xff\xfb\x18ot\r\0"]).close()
    attempt([b"ro\xff\xfa\x18\0xterm\xff\xf0ot\r\0"]).close()
    attempt([b"ro\0ot\r\0"]).close()
    attempt([b"rb\x7foot\r\0"], b"rb\x08 \x08oot").close()
    attempt([b"rb\x08oot\r\0"], b"rb\x08 \x08oot").close()
    attempt([b"rob\x7f\x08\x08ot\r\0"], b"root").close()
    attempt([b"rb\xff\xf7oot\r\0"], b"rb\x08 \x08oot").close()
    attempt([bytes([key]) for key in b"root\r\0"]).close()
    attempt([b"joe\r\0"], b"joe", password=b"Password:").close()
    attempt([b"Last login: never\r\0"], b"Last login: never").close()

    # The monitor sees one name; the host may get the other.
    changed = Conversation(clock, 40100, 23)
    talks.append(changed)
    changed.open()
    changed.server(b"host login: ")
    changed.say(True, b"joey")
    changed.again(True, 4, b"root")
    changed.client(b"\r\0")
    changed.server(b"root\r\nPassword: ")
    changed.close()
    return pcap(packet for talk in talks for packet in talk.packets)
