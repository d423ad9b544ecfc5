"""Three network namespaces: a client and a server with two paths between them.

One path leads through a host in the middle, where a monitor may run.  The addresses are those reserved for
documentation (RFC 5737, RFC 3849).
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest

from tests import processes

CLIENT, MIDDLE, SERVER = (f"bro-live-{name}{os.getpid()}" for name in ("pc", "pm", "ps"))

#: on the path through the middle
CLIENT_ADDR, SERVER_ADDR = "192.0.2.10", "203.0.113.80"
CLIENT_ADDR6, SERVER_ADDR6 = "2001:db8:1::10", "2001:db8:2::80"
#: on the path that the middle does not see
CLIENT_ADDR2, SERVER_ADDR2 = "198.51.100.10", "198.51.100.80"

#: live tests run one after the other, wherever several tests run at once
one_at_a_time = pytest.mark.xdist_group("live")
#: tests with these need root, `ip`, and a kernel with MPTCP
needs_namespaces = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("ip") is None, reason="network namespaces need root and the program ip"
)
needs_mptcp = pytest.mark.skipif(
    not pathlib.Path("/proc/sys/net/mptcp/enabled").exists(), reason="the kernel has no MPTCP"
)


def ip(*arguments: str, check: bool = True) -> str:
    """Runs `ip` and returns what it prints."""
    done = processes.run(["ip", *arguments])
    if check and done.returncode:
        raise OSError(f"ip {' '.join(arguments)}: {done.stderr}")
    return str(done.stdout)


def inside(namespace: str, *command: str) -> list[str]:
    """A command that runs in a namespace."""
    return ["ip", "netns", "exec", namespace, *command]


def python(namespace: str, code: str) -> AbstractContextManager[subprocess.Popen[str]]:
    """A piece of Python that runs in a namespace, no longer than the block."""
    return processes.started(inside(namespace, sys.executable, "-u", "-c", code))


def established(namespace: str, port: int) -> int:
    """How many TCP connections of a namespace with that port of the peer are established."""
    command = inside(namespace, "ss", "-Htn", "state", "established", "dport", "=", f":{port}")
    return len(processes.run(command).stdout.splitlines())


def _link(one: str, one_link: str, other: str, other_link: str) -> None:
    ip("link", "add", one_link, "netns", one, "type", "veth", "peer", other_link, "netns", other)
    for name, link in ((one, one_link), (other, other_link)):
        # Checksums and segments as on a wire, not as the kernel hands them to hardware.
        command = inside(name, "ethtool", "-K", link, "tx", "off", "tso", "off", "gso", "off")
        with contextlib.suppress(FileNotFoundError):
            processes.run(command)


def _address(namespace: str, link: str, *addresses: str) -> None:
    for address in addresses:
        nodad = ["nodad"] if ":" in address else []
        ip("-n", namespace, "addr", "add", address, "dev", link, *nodad)
    ip("-n", namespace, "link", "set", link, "up")


@contextlib.contextmanager
def namespaces(*names: str) -> Iterator[None]:
    """Hosts without any wire, for the length of a block; skips the test where there can be none."""
    # The names end in the number of the process that made them; those of one that was killed are still there.
    for name in ip("netns", "list", check=False).split():
        number = re.fullmatch(r"bro-(?:live|rec)-[a-z-]+(\d+)", name)
        if number and not pathlib.Path("/proc", number[1]).exists():
            ip("netns", "del", name, check=False)
    try:
        for name in names:
            try:
                ip("netns", "add", name)
                ip("-n", name, "link", "set", "lo", "up")
            except OSError as error:
                pytest.skip(f"network namespaces cannot be made here: {error}")
        yield
    finally:
        for name in names:
            ip("netns", "del", name, check=False)


@contextlib.contextmanager
def two_paths() -> Iterator[None]:
    """The hosts, for the length of a block; skips the test where there can be none."""
    with namespaces(CLIENT, MIDDLE, SERVER):
        _link(CLIENT, "veth-c", MIDDLE, "veth-mc")
        _link(SERVER, "veth-s", MIDDLE, "veth-ms")
        _link(CLIENT, "veth-c2", SERVER, "veth-s2")
        _address(CLIENT, "veth-c", f"{CLIENT_ADDR}/24", f"{CLIENT_ADDR6}/64")
        _address(MIDDLE, "veth-mc", "192.0.2.1/24", "2001:db8:1::1/64")
        _address(MIDDLE, "veth-ms", "203.0.113.1/24", "2001:db8:2::1/64")
        _address(SERVER, "veth-s", f"{SERVER_ADDR}/24", f"{SERVER_ADDR6}/64")
        _address(CLIENT, "veth-c2", f"{CLIENT_ADDR2}/24")
        _address(SERVER, "veth-s2", f"{SERVER_ADDR2}/24")
        for name, gateway, gateway6 in (
            (CLIENT, "192.0.2.1", "2001:db8:1::1"),
            (SERVER, "203.0.113.1", "2001:db8:2::1"),
        ):
            ip("-n", name, "route", "add", "default", "via", gateway)
            ip("-n", name, "-6", "route", "add", "default", "via", gateway6)
        # A client whose SYNs with MPTCP are dropped would do without it for an hour.
        command = inside(CLIENT, "sysctl", "-w", "net.mptcp.blackhole_timeout=0")
        processes.run(command)
        for setting in ("net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"):
            processes.run(inside(MIDDLE, "sysctl", "-w", setting), check=True)
        yield


@contextlib.contextmanager
def second_subflow() -> Iterator[None]:
    """MPTCP may use the path that the middle does not see."""
    for name in (CLIENT, SERVER):
        ip("-n", name, "mptcp", "limits", "set", "subflows", "2", "add_addr_accepted", "2")
    ip("-n", SERVER, "mptcp", "endpoint", "add", SERVER_ADDR2, "dev", "veth-s2", "signal")
    try:
        yield
    finally:
        ip("-n", SERVER, "mptcp", "endpoint", "flush")


@contextlib.contextmanager
def monitor(
    folder: pathlib.Path, cache: pathlib.Path, *arguments: str, code: str = ""
) -> Iterator[subprocess.Popen[str]]:
    """A monitor in the middle; begins when it has seen a first packet."""
    ready = folder / "ready"
    script = folder / "live.bro"
    script.write_text(f'{code}\nevent new_connection(c: connection) {{ system("touch {ready}"); }}\n')
    command = inside(MIDDLE, sys.executable, "-m", "bro", "-C", "-i", "veth-mc", *arguments, str(script))
    with processes.started(command, cwd=folder, env=processes.environment(cache)) as process:
        see_packets(process, ready, CLIENT, SERVER_ADDR)
        yield process


def see_packets(process: subprocess.Popen[str], ready: pathlib.Path, namespace: str, address: str) -> None:
    """Sends pings from a namespace until a monitor has seen one, as the file says that it writes then."""

    def ping() -> bool:
        processes.run(inside(namespace, "ping", "-c", "1", "-W", "1", address))
        return ready.exists()

    processes.wait_until(ping, "the monitor sees a packet", process=process)
