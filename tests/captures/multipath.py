"""What captures of MPTCP are recorded from: two wires, relays in them, and programs that send known bytes.

What is sent follows from `content`, so a test knows without asking what a monitor has to find in a capture.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Iterator

from tests.processes import next_line

from .namespaces import CLIENT, CLIENT_ADDR, CLIENT_ADDR2, SERVER, SERVER_ADDR, SERVER_ADDR2, run, second_path

#: where the programs talk
PORT = 9000

RELAY = pathlib.Path(__file__).resolve().parent / "relay.py"


def content(name: str, length: int) -> bytes:
    """Bytes that follow from a name: lines of hexadecimal digits, so that captures can be read."""
    lines = []
    for number in range(length // 65 + 1):
        lines.append(hashlib.sha256(f"{name} {number}".encode()).hexdigest() + "\n")
    return "".join(lines).encode()[:length]


@contextlib.contextmanager
def relayed(first: bool, rules: dict[str, object]) -> Iterator[None]:
    """Puts a relay into the first wire or into the second, which must be there."""
    one, other = ("veth-c", "veth-s") if first else ("veth-c2", "veth-s2")
    addresses = (CLIENT_ADDR, SERVER_ADDR) if first else (CLIENT_ADDR2, SERVER_ADDR2)
    middle = f"bro-rec-{one}-{os.getpid()}"
    run("ip", "netns", "del", middle, check=False)
    run("ip", "netns", "add", middle)
    try:
        run("ip", "-n", CLIENT, "link", "del", one)
        for name, link, far, address in (
            (CLIENT, one, "to-c", addresses[0]),
            (SERVER, other, "to-s", addresses[1]),
        ):
            run("ip", "link", "add", link, "netns", name, "type", "veth", "peer", far, "netns", middle)
            run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", link)
            for namespace, device in ((name, link), (middle, far)):
                run("ip", "netns", "exec", namespace, "ethtool", "-K", device, "tx", "off", "tso", "off")
                run("ip", "netns", "exec", namespace, "ethtool", "-K", device, "gso", "off", "gro", "off")
                run("ip", "-n", namespace, "link", "set", device, "up")
        command = [
            "ip",
            "netns",
            "exec",
            middle,
            sys.executable,
            str(RELAY),
            "to-c",
            "to-s",
            json.dumps(rules),
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as relay:
            try:
                assert next_line(relay, relay.stdout, "that the relay is ready") == "ready\n"
                yield
            finally:
                relay.kill()
    finally:
        run("ip", "netns", "del", middle, check=False)


#: a path so long that a sender needs the other as well, seconds
LONG: dict[str, object] = {"delay": 0.01}


@contextlib.contextmanager
def two_paths(first: dict[str, object] = LONG, second: dict[str, object] = LONG) -> Iterator[None]:
    """Two paths that MPTCP uses, with a relay in each."""
    with second_path(), relayed(True, {**LONG, **first}), relayed(False, {**LONG, **second}):
        # Endpoints belong to devices, which have been made anew.
        run("ip", "-n", SERVER, "mptcp", "endpoint", "flush")
        run("ip", "-n", SERVER, "mptcp", "endpoint", "add", SERVER_ADDR2, "dev", "veth-s2", "signal")
        yield


def setting(name: str, value: object) -> None:
    """Sets a sysctl on both sides."""
    for namespace in (CLIENT, SERVER):
        run("ip", "netns", "exec", namespace, "sysctl", "-w", f"{name}={value}")


@contextlib.contextmanager
def captures(folder: pathlib.Path, both: bool = False) -> Iterator[None]:
    """Records what the client sends and receives; into `server.pcap` what the server does, if wanted."""
    ends = [(CLIENT, "out.pcap")] + ([(SERVER, "server.pcap")] if both else [])
    processes = []
    for namespace, file in ends:
        command = ["ip", "netns", "exec", namespace, "tcpdump", "-i", "any", "-U", "-s", "0", "-w"]
        command += [str(folder / file), "tcp"]
        processes.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
    time.sleep(0.7)
    try:
        yield
        time.sleep(0.7)
    finally:
        for process in processes:
            process.terminate()
            process.wait(10)


_SERVER = """
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, {protocol})
s.bind(('', {port})); s.listen(); print('ready', flush=True)
c = s.accept()[0]
c.settimeout(20)
got, wanted = 0, {wanted}
answer = open({answer!r}, 'rb').read()
try:
    while got < wanted:
        data = c.recv(65536)
        if not data: break
        got += len(data)
    if {answers}:
        # In pieces, so that more than one path is used.
        for at in range(0, len(answer), 2000): c.sendall(answer[at:at + 2000]); time.sleep(0.002)
        c.shutdown(socket.SHUT_WR)
    while c.recv(65536): pass
except OSError as error: print(error)
c.close(); time.sleep(0.3)
"""

_CLIENT = """
import socket, struct, subprocess, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, {protocol})
s.settimeout(20)
s.connect(({address!r}, {port}))
data = open({data!r}, 'rb').read()
step, pause = {step}, {pause}
s.sendall(data[:{first}]); time.sleep(0.4)
at = {first}
for command in {middle!r} or [[]]:
    end = at + (len(data) - at) // 2 if command else len(data)
    while at < end:
        s.sendall(data[at:min(at + step, end)]); at += step
        if pause: time.sleep(pause)
    at = end
    if command: subprocess.run(command, check=True); time.sleep({settle})
while at < len(data):
    s.sendall(data[at:at + step]); at += step
    if pause: time.sleep(pause)
if {abort}:
    time.sleep(0.3); s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
else:
    s.shutdown(socket.SHUT_WR)
    try:
        while s.recv(65536): pass
    except OSError as error: print(error)
s.close(); time.sleep(0.5)
"""


def transfer(
    folder: pathlib.Path,
    sent: bytes,
    answer: bytes = b"",
    *,
    first: int = 100,
    step: int = 65536,
    pause: float = 0,
    middle: list[list[str]] | None = None,
    settle: float = 0.3,
    abort: bool = False,
    server_protocol: int = 262,
) -> None:
    """The client sends, the server answers, both close.

    :param first: how many bytes are sent at first, while subflows join.
    :param step, pause: the rest is sent in pieces of that size with so many seconds between.
    :param middle: commands that are run in the client's namespace in the middle of it.
    :param abort: the client ends by a reset (SO_LINGER 0).
    """
    (folder / "sent").write_bytes(sent)
    (folder / "answer").write_bytes(answer)
    server_code = _SERVER.format(
        protocol=server_protocol,
        port=PORT,
        wanted=len(sent),
        answer=str(folder / "answer"),
        answers=not abort,
    )
    client_code = _CLIENT.format(
        protocol=262,
        address=SERVER_ADDR,
        port=PORT,
        data=str(folder / "sent"),
        step=step,
        pause=pause,
        first=first,
        middle=middle or [],
        settle=settle,
        abort=abort,
    )
    run_server = ["ip", "netns", "exec", SERVER, sys.executable, "-c", server_code]
    run_client = ["ip", "netns", "exec", CLIENT, sys.executable, "-c", client_code]
    with subprocess.Popen(run_server, stdout=subprocess.PIPE) as serving:
        try:
            assert next_line(serving, serving.stdout, "that the server is ready") == "ready\n"
            subprocess.run(run_client, check=True, timeout=60)
            serving.wait(30)
        finally:
            serving.kill()
