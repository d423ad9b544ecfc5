"""Two hosts on one wire, as network namespaces: what recorded captures are recorded from.

The addresses are those reserved for documentation (RFC 5737, RFC 3849); nothing leaves the machine.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess
import time
from collections.abc import Iterator

#: names of the namespaces; several recordings may run at once
CLIENT, SERVER = f"bro-rec-client-{os.getpid()}", f"bro-rec-server-{os.getpid()}"
CLIENT_ADDR, SERVER_ADDR = "192.0.2.10", "192.0.2.80"
CLIENT_ADDR2, SERVER_ADDR2 = "198.51.100.10", "198.51.100.80"
CLIENT_ADDR6, SERVER_ADDR6 = "2001:db8::10", "2001:db8::80"


#: seconds that a command may take
LIMIT = 120


def run(*command: str, check: bool = True) -> None:
    subprocess.run(command, check=check, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=LIMIT)


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
