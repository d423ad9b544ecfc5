"""Multipath TCP of the kernel."""

from __future__ import annotations

import pathlib
import sys

from ..multipath import captures, content, relayed, setting, transfer, two_paths
from ..namespaces import (
    CLIENT,
    CLIENT_ADDR,
    CLIENT_ADDR2,
    SERVER,
    SERVER_ADDR,
    capture,
    client,
    run,
    second_path,
    server,
)
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


@recipe
def mptcp_transfer(work: pathlib.Path) -> None:
    """Two subflows, data both ways on both, without trouble; -server: the same seen by the server."""
    with two_paths(), captures(work, both=True):
        transfer(work, content("transfer", 60_000), content("answer", 30_000), step=2000, pause=0.002)


@recipe
def mptcp_subflow_dies(work: pathlib.Path) -> None:
    """The second wire is cut in the middle of a transfer; what was on it comes again on the first."""
    cut = [["ip", "link", "set", "veth-c2", "down"]]
    with two_paths(), captures(work, both=True):
        transfer(work, content("dies", 50_000), content("answer", 3_000), step=3000, pause=0.01, middle=cut)


@recipe
def mptcp_loss(work: pathlib.Path) -> None:
    """The second path loses packets; -server: what is left of them at the server."""
    rules: dict[str, object] = {"lose": [2, 3, 9, 14, 15, 16, 20]}
    with two_paths(second=rules), captures(work, both=True):
        transfer(work, content("loss", 60_000), content("answer", 3_000), step=2000, pause=0.002)


@recipe
def mptcp_reorder(work: pathlib.Path) -> None:
    """The second path is slow and reorders packets; -server: their order at the server."""
    rules: dict[str, object] = {"hold": [2, 5, 8, 11, 12, 15, 18], "delay": 0.02}
    with two_paths(second=rules), captures(work, both=True):
        transfer(work, content("reorder", 60_000), content("answer", 3_000), step=2000, pause=0.002)


@recipe
def mptcp_changed(work: pathlib.Path) -> None:
    """A byte is changed on the second path, with checksums on; -server: the server refuses that subflow."""
    setting("net.mptcp.checksum_enabled", 1)
    # Behind the first packet that has a whole mapping in it.
    rules: dict[str, object] = {"change": [[3, 700, 0x58]]}
    with two_paths(second=rules), captures(work, both=True):
        transfer(work, content("changed", 60_000), content("answer", 3_000), step=2000, pause=0.002)


@recipe
def mptcp_changed_alone(work: pathlib.Path) -> None:
    """The same on the only path: the server takes the byte and goes on as TCP; -server: its view."""
    setting("net.mptcp.checksum_enabled", 1)
    with relayed(True, {"change": [[5, 70, 0x58]]}), captures(work, both=True):
        transfer(work, content("alone", 30_000), content("answer", 3_000), step=1000, pause=0.01)


@recipe
def mptcp_backup(work: pathlib.Path) -> None:
    """The first subflow becomes a backup in the middle of a transfer."""
    change = [["ip", "mptcp", "endpoint", "change", CLIENT_ADDR, "backup"]]
    with two_paths(), captures(work):
        run("ip", "-n", CLIENT, "mptcp", "endpoint", "add", CLIENT_ADDR, "dev", "veth-c", "subflow")
        transfer(
            work, content("backup", 40_000), content("answer", 3_000), step=2000, pause=0.01, middle=change
        )


@recipe
def mptcp_from_server(work: pathlib.Path) -> None:
    """The client announces an address with a port, and the server opens the second subflow."""
    announce = [["ip", "mptcp", "endpoint", "add", CLIENT_ADDR2, "port", "7000", "dev", "veth-c2", "signal"]]
    with two_paths(), captures(work):
        run("ip", "-n", SERVER, "mptcp", "endpoint", "flush")
        transfer(
            work,
            content("from server", 40_000),
            content("answer", 20_000),
            step=2000,
            pause=0.002,
            middle=announce,
        )


@recipe
def mptcp_refused(work: pathlib.Path) -> None:
    """The server's limits refuse a join after its handshake."""
    with second_path(), captures(work):
        run("ip", "-n", SERVER, "mptcp", "endpoint", "flush")
        run("ip", "-n", SERVER, "mptcp", "limits", "set", "subflows", "0")
        run("ip", "-n", CLIENT, "mptcp", "endpoint", "add", CLIENT_ADDR2, "dev", "veth-c2", "subflow")
        run("ip", "-n", CLIENT, "route", "add", SERVER_ADDR, "via", "198.51.100.80", "table", "7")
        run("ip", "-n", CLIENT, "rule", "add", "from", CLIENT_ADDR2, "table", "7")
        for name in ("all", "veth-s2"):
            run("ip", "netns", "exec", SERVER, "sysctl", "-w", f"net.ipv4.conf.{name}.rp_filter=0")
        transfer(work, content("refused", 5_000), content("answer", 3_000))


@recipe
def mptcp_fastclose(work: pathlib.Path) -> None:
    """The client ends a connection of two subflows by MP_FASTCLOSE."""
    with two_paths(), captures(work):
        transfer(work, content("fastclose", 30_000), step=2000, pause=0.002, abort=True)


@recipe
def mptcp_fallback(work: pathlib.Path) -> None:
    """A middlebox takes the options out of the third packet and all that follow: TCP without a word."""
    with relayed(True, {"strip_ack": True}), captures(work, both=True):
        transfer(work, content("fallback", 10_000), content("answer", 3_000))


@recipe
def mptcp_fallback_late(work: pathlib.Path) -> None:
    """A middlebox begins to take the options out in the middle of a connection; -server: its view."""
    with relayed(True, {"strip": 6}), captures(work, both=True):
        transfer(work, content("late", 20_000), content("answer", 3_000), step=1000, pause=0.01)


@recipe
def mptcp_plain_server(work: pathlib.Path) -> None:
    """The server has no MPTCP."""
    with captures(work):
        transfer(work, content("plain", 3_000), content("answer", 1_000), server_protocol=0)


@recipe
def mptcp_http(work: pathlib.Path) -> None:
    """A page is fetched over two paths."""
    page = content("page", 60_000)
    (work / "page.txt").write_bytes(page)
    (work / "small.txt").write_text("It works.\n")
    serve = (
        "import http.server, os, socket, socketserver, time\n"
        "class Handler(http.server.SimpleHTTPRequestHandler):\n"
        "    protocol_version = 'HTTP/1.1'\n"
        # In pieces, so that both paths are used.
        "    def copyfile(self, source, out):\n"
        "        while data := source.read(2000): out.write(data); time.sleep(0.002)\n"
        "class Server(http.server.HTTPServer):\n"
        "    def __init__(self):\n"
        "        socketserver.BaseServer.__init__(self, ('', 80), Handler)\n"
        "        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)\n"
        "        self.socket.bind(('', 80)); self.socket.listen()\n"
        "        self.server_name, self.server_port = 'www.example.com', 80\n"
        f"os.chdir({str(work)!r}); Server().serve_forever()\n"
    )
    fetch = (
        "import socket, time\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262); s.settimeout(20)\n"
        f"s.connect(('{SERVER_ADDR}', 80))\n"
        "def ask(path, end):\n"
        "    s.sendall(f'GET {path} HTTP/1.1\\r\\nHost: www.example.com\\r\\n\\r\\n'.encode()); text = b''\n"
        "    while not text.endswith(end): text += s.recv(65536)\n"
        # The first is small; the subflow joins meanwhile.
        "ask('/small.txt', b'works.\\n'); time.sleep(0.4)\n"
        f"ask('/page.txt', {page[-40:]!r}); s.close(); time.sleep(0.5)\n"
    )
    with two_paths(), server(sys.executable, "-c", serve), captures(work):
        client(sys.executable, "-c", fetch)
