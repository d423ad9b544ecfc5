"""DNS between dig and dnsmasq."""

from __future__ import annotations

import pathlib

from ..namespaces import SERVER_ADDR, SERVER_ADDR6, capture, client, server
from . import recipe


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
