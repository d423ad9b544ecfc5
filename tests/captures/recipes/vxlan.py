"""A tunnel of the kernel."""

from __future__ import annotations

import pathlib

from ..namespaces import CLIENT, CLIENT_ADDR, SERVER, SERVER_ADDR, capture, client, run
from . import recipe
from .http import web_server


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
