#!/usr/bin/env python3
"""Records the captures in this folder from real programs, between two network namespaces made for it.

    record.py            record all
    record.py NAME ...   record these

Needs root, and the programs ip, tcpdump, ethtool, curl, nginx, dnsmasq, dig, nc and ping (Debian:
iproute2 tcpdump ethtool curl nginx-light dnsmasq-base bind9-dnsutils netcat-openbsd iputils-ping). The
addresses are those reserved for documentation (RFC 5737, RFC 3849); nothing leaves the machine.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator

HERE = pathlib.Path(__file__).resolve().parent
CLIENT, SERVER = "bro-rec-client", "bro-rec-server"
CLIENT_ADDR, SERVER_ADDR = "192.0.2.10", "192.0.2.80"
CLIENT_ADDR2, SERVER_ADDR2 = "198.51.100.10", "198.51.100.80"
CLIENT_ADDR6, SERVER_ADDR6 = "2001:db8::10", "2001:db8::80"

Recipe = Callable[[pathlib.Path], None]
RECIPES: dict[str, Recipe] = {}


def recipe(function: Recipe) -> Recipe:
    """Adds a recipe; the capture has its name, and its docstring says what the capture shows."""
    RECIPES[function.__name__.replace("_", "-")] = function
    return function


def run(*command: str, check: bool = True) -> None:
    subprocess.run(command, check=check, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def client(*command: str, check: bool = True) -> None:
    """Runs a program on the client's side and waits for its end."""
    run("ip", "netns", "exec", CLIENT, *command, check=check)


@contextlib.contextmanager
def server(*command: str) -> Iterator[None]:
    """A program that runs on the server's side for the length of a block."""
    process = subprocess.Popen(
        ["ip", "netns", "exec", SERVER, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(0.7)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


@contextlib.contextmanager
def network() -> Iterator[None]:
    """Two hosts on one wire."""
    for name in (CLIENT, SERVER):
        run("ip", "netns", "del", name, check=False)
        run("ip", "netns", "add", name)
    try:
        run("ip", "link", "add", "veth-c", "netns", CLIENT, "type", "veth", "peer", "veth-s", "netns", SERVER)
        for name, link, v4, v6 in (
            (CLIENT, "veth-c", CLIENT_ADDR, CLIENT_ADDR6),
            (SERVER, "veth-s", SERVER_ADDR, SERVER_ADDR6),
        ):
            run("ip", "-n", name, "addr", "add", f"{v4}/24", "dev", link)
            run("ip", "-n", name, "addr", "add", f"{v6}/64", "dev", link, "nodad")
            run("ip", "-n", name, "link", "set", "lo", "up")
            run("ip", "-n", name, "link", "set", link, "up")
            # Checksums and segments as on a wire, not as the kernel hands them to hardware.
            run("ip", "netns", "exec", name, "ethtool", "-K", link, "tx", "off", "tso", "off", "gso", "off")
        yield
    finally:
        for name in (CLIENT, SERVER):
            run("ip", "netns", "del", name, check=False)


# Everything without the neighbour discovery and router chatter of IPv6.
QUIET = "not (icmp6 and ip6[40] >= 130 and ip6[40] <= 143)"


@contextlib.contextmanager
def capture(path: pathlib.Path, interface: str = "veth-c", wanted: str = QUIET) -> Iterator[None]:
    """What the client sends and receives during a block, as far as the filter takes it."""
    # fmt: off
    command = ["ip", "netns", "exec", CLIENT, "tcpdump", "-i", interface, "-U", "-s", "0",
               "-w", str(path), wanted]
    # fmt: on
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.7)
    try:
        yield
        time.sleep(0.7)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(10)


NGINX = """
daemon off; worker_processes 1; pid {work}/pid; error_log {work}/error;
events {{ worker_connections 64; }}
http {{
    access_log off; client_body_temp_path {work}/b; proxy_temp_path {work}/p; fastcgi_temp_path {work}/f;
    uwsgi_temp_path {work}/u; scgi_temp_path {work}/s;
    types {{ text/html html; text/plain txt; application/json json; image/png png; }}
    gzip on; gzip_min_length 1; gzip_types text/plain application/json;
    server {{ listen 80; listen [::]:80; listen 8123; root {work}/www;
        location /old {{ return 301 /index.html; }}
        location /private {{ return 401; }} }}
}}
"""


def web_content(work: pathlib.Path) -> None:
    www = work / "www"
    www.mkdir()
    (www / "index.html").write_text(
        "<!DOCTYPE html>\n<html><head><title>A page</title></head><body>Hello</body></html>\n"
    )
    (www / "long.txt").write_text(
        "".join(f"line {n} of a text that is long enough for several packets\n" for n in range(400))
    )
    (www / "data.json").write_text('{"name": "bro", "kind": "monitor", "numbers": [1, 2, 3]}\n')
    pixel = (
        "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c02"
        "0000000b4944415478da6364f80f00010501012718e3660000000049454e44ae426082"
    )
    (www / "pixel.png").write_bytes(bytes.fromhex(pixel))
    # nginx gives up root for its workers, which then read these.
    for path in (work, www, *www.iterdir()):
        path.chmod(0o755)


@contextlib.contextmanager
def web_server(work: pathlib.Path) -> Iterator[None]:
    web_content(work)
    conf = work / "nginx.conf"
    conf.write_text(NGINX.format(work=work))
    with server("nginx", "-c", str(conf)):
        yield


@recipe
def http_get(work: pathlib.Path) -> None:
    """curl fetches a page, a picture and a missing file over one connection, then a page over IPv6."""
    with web_server(work), capture(work / "out.pcap"):
        base = f"http://{SERVER_ADDR}"
        client("curl", "-s", f"{base}/index.html", f"{base}/pixel.png", f"{base}/missing")
        client("curl", "-s", f"http://[{SERVER_ADDR6}]/index.html")


@recipe
def http_compressed(work: pathlib.Path) -> None:
    """Bodies gzipped and sent in chunks, a range of a file, a redirect, a password sent in the clear."""
    with web_server(work), capture(work / "out.pcap"):
        base = f"http://{SERVER_ADDR}"
        client("curl", "-s", "--compressed", f"{base}/long.txt", f"{base}/data.json")
        client("curl", "-s", "-r", "100-299", f"{base}/long.txt")
        client("curl", "-s", "-L", f"{base}/old")
        client("curl", "-s", "-u", "alice:secret", f"{base}/private")


@recipe
def http_odd_port(work: pathlib.Path) -> None:
    """HTTP on a port that nobody registered: a HEAD, a POST with a form of two parts."""
    (work / "upload.txt").write_text("a file to upload\n")
    with web_server(work), capture(work / "out.pcap"):
        base = f"http://{SERVER_ADDR}:8123"
        client("curl", "-s", "-I", f"{base}/index.html")
        client("curl", "-s", "-F", "name=bro", "-F", f"file=@{work}/upload.txt", f"{base}/index.html")


@recipe
def dns_lookups(work: pathlib.Path) -> None:
    """dig asks dnsmasq for common records over UDP, for one over TCP and IPv6, and for a missing name."""
    # fmt: off
    options = ["--no-daemon", "--no-resolv", "--no-hosts", "--local=/example/",
               "--address=/www.example/192.0.2.80",
               "--address=/www.example/2001:db8::80", "--cname=web.example,www.example",
               "--txt-record=example,a text,another",
               "--mx-host=example,mail.example,10", "--srv-host=_http._tcp.example,www.example,80,1,2",
               "--ptr-record=80.2.0.192.in-addr.arpa,www.example", "--caa-record=example,0,issue,ca.example"]
    # fmt: on
    with server("dnsmasq", *options), capture(work / "out.pcap"):
        dig = ("dig", "+tries=1", "+time=2", f"@{SERVER_ADDR}")
        for name, kind in (
            ("www.example", "A"),
            ("www.example", "AAAA"),
            ("example", "TXT"),
            ("example", "MX"),
            ("_http._tcp.example", "SRV"),
            ("example", "CAA"),
            ("missing.example", "A"),
        ):
            client(*dig, name, kind)
        client(*dig, "-x", "192.0.2.80")
        client(*dig, "+tcp", "www.example", "A")
        client("dig", "+tries=1", "+time=2", f"@{SERVER_ADDR6}", "www.example", "AAAA")


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


@recipe
def vxlan(work: pathlib.Path) -> None:
    """A ping and a fetched page inside a VXLAN tunnel."""
    for name, link, local, remote, inner in (
        (CLIENT, "veth-c", CLIENT_ADDR, SERVER_ADDR, "198.51.100.10"),
        (SERVER, "veth-s", SERVER_ADDR, CLIENT_ADDR, "198.51.100.80"),
    ):
        # fmt: off
        run("ip", "-n", name, "link", "add", "vx0", "type", "vxlan", "id", "42", "dstport", "4789",
            "dev", link, "local", local, "remote", remote)
        # fmt: on
        run("ip", "-n", name, "addr", "add", f"{inner}/24", "dev", "vx0")
        run("ip", "-n", name, "link", "set", "vx0", "up")
        run("ip", "netns", "exec", name, "ethtool", "-K", "vx0", "tx", "off")
    with web_server(work), capture(work / "out.pcap"):
        client("ping", "-c", "1", "198.51.100.80")
        client("curl", "-s", "http://198.51.100.80/index.html")


@contextlib.contextmanager
def second_path() -> Iterator[None]:
    """A second wire between the hosts, which MPTCP may use: the server announces its address there."""
    run("ip", "link", "add", "veth-c2", "netns", CLIENT, "type", "veth", "peer", "veth-s2", "netns", SERVER)
    for name, link, address in ((CLIENT, "veth-c2", CLIENT_ADDR2), (SERVER, "veth-s2", SERVER_ADDR2)):
        run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", link)
        run("ip", "-n", name, "link", "set", link, "up")
        run("ip", "netns", "exec", name, "ethtool", "-K", link, "tx", "off", "tso", "off", "gso", "off")
        run("ip", "-n", name, "mptcp", "limits", "set", "subflows", "2", "add_addr_accepted", "2")
    run("ip", "-n", SERVER, "mptcp", "endpoint", "add", SERVER_ADDR2, "dev", "veth-s2", "signal")
    yield


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


def main() -> int:
    names = sys.argv[1:] or list(RECIPES)
    unknown = [name for name in names if name not in RECIPES]
    if unknown:
        print(
            f"record.py: no such recipe: {', '.join(unknown)}; there are {', '.join(RECIPES)}",
            file=sys.stderr,
        )
        return 2
    if os.geteuid() != 0:
        print("record.py: network namespaces need root", file=sys.stderr)
        return 1
    for name in names:
        with tempfile.TemporaryDirectory() as folder, network():
            work = pathlib.Path(folder)
            RECIPES[name](work)
            target = HERE / f"{name}.pcap"
            target.write_bytes((work / "out.pcap").read_bytes())
            print(f"{target.name}: {target.stat().st_size} bytes; {RECIPES[name].__doc__}")
    describe()
    return 0


def describe() -> None:
    """Rewrites README.md: a line a capture."""
    import make

    recorded = {f"{name}.pcap": function.__doc__ for name, function in RECIPES.items()}
    made = {name: function.__doc__ for name, function in make.RECIPES.items()}
    lines = ["# Captures"]
    for title, shown in (
        ("Recorded by `record.py` from real programs.", recorded),
        ("Made byte by byte by `make.py`, where no program at hand makes them.", made),
    ):
        lines += ["", title, ""]
        lines += [
            f"- `{name}`: {(what or '').strip()}"
            for name, what in sorted(shown.items())
            if (HERE / name).exists()
        ]
    (HERE / "README.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
