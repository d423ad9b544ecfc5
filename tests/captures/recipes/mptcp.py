"""Multipath TCP of the kernel."""

from __future__ import annotations

import pathlib
import sys

from ..namespaces import CLIENT, CLIENT_ADDR, SERVER_ADDR, capture, client, run, second_path, server
from . import recipe


@recipe
def mptcp(work: pathlib.Path) -> None:
    """An MPTCP connection of two subflows: half of a text is sent on one path, half on the other."""
    answer = (
        "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_MPTCP);"
        "s.bind(('', 9000)); s.listen(); c = s.accept()[0]; text = b''\n"
        "while len(text) < 10: text += c.recv(100)\n"
        "c.sendall(b'got ' + text); c.recv(1); c.close()"
    )
    ask = (
        "import socket, subprocess, time;"
        "s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_MPTCP);"
        f"s.connect(('{SERVER_ADDR}', 9000)); s.sendall(b'evil '); time.sleep(0.5);"
        # The subflow it came on becomes a backup, so what follows takes the other.
        f"subprocess.run(['ip', 'mptcp', 'endpoint', 'change', '{CLIENT_ADDR}', 'backup'], check=True);"
        "time.sleep(0.2); s.sendall(b'stuff'); s.recv(100); time.sleep(0.2); s.close(); time.sleep(0.5)"
    )
    with second_path(), server(sys.executable, "-c", answer), capture(work / "out.pcap", "any", "tcp"):
        run("ip", "-n", CLIENT, "mptcp", "endpoint", "add", CLIENT_ADDR, "dev", "veth-c", "subflow")
        client(sys.executable, "-c", ask)
