"""Ends of TCP connections; ping."""

from __future__ import annotations

import pathlib
import sys

from ..namespaces import SERVER_ADDR, SERVER_ADDR6, capture, client, server
from . import recipe


@recipe
def tcp_endings(work: pathlib.Path) -> None:
    """A refused connection, one that nobody answers, one that the client resets, and one that ends well."""
    sink = (
        "import socket; s=socket.create_server(('', 9000))\n"
        "while True:\n c=s.accept()[0]; c.recv(100); c.sendall(b'done\\n'); c.close()\n"
    )
    reset = (
        f"import socket,struct; s=socket.create_connection(('{SERVER_ADDR}', 9000)); s.sendall(b'hello\\n');"
        "s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); s.close()"
    )
    with server(sys.executable, "-c", sink), capture(work / "out.pcap"):
        client("nc", "-w", "1", SERVER_ADDR, "9001", check=False)
        client("nc", "-w", "1", "192.0.2.81", "9000", check=False)
        client("sh", "-c", f"echo hello | nc -N {SERVER_ADDR} 9000")
        client(sys.executable, "-c", reset)


@recipe
def ping(work: pathlib.Path) -> None:
    """Echo requests and replies over IPv4 and IPv6."""
    with server("sleep", "60"), capture(work / "out.pcap"):
        client("ping", "-c", "3", "-i", "0.2", SERVER_ADDR)
        client("ping", "-c", "2", "-i", "0.2", SERVER_ADDR6)
