"""What the monitor is made of, for `bro -N`: its own components, and those of plugins.

A component belongs to a plugin.  What comes with the monitor has names that begin with ``Bro::``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bro import __version__, _engine

if TYPE_CHECKING:
    from bro.plugins.plugin import Plugin


def listing(in_full: bool) -> str:
    """A line a plugin; in full also its components, the events that each can raise, and its functions."""
    return "\n".join([f"Bro {__version__}", *_dynamic(in_full), *sorted_blocks(in_full)])


#: components that the engine does not list: kind, name, what scripts or the command line call it, its use
_FIXED = (
    ("Packet Source", "PcapReader", "-r", "Reads pcap and pcapng captures, plain or gzipped"),
    ("Packet Source", "AF_Packet", "-i", "Captures from an interface (Linux)"),
    ("Packet Dumper", "PcapWriter", "-w", "Writes pcap captures"),
    ("Writer", "Ascii", "Log::WRITER_ASCII", "Writes logs as text or JSON"),
    ("Writer", "None", "Log::WRITER_NONE", "Writes nothing"),
    ("Writer", "SQLite", "Log::WRITER_SQLITE", "Writes logs to SQLite databases"),
)

#: analyzers of packets, by their names and tags; each is a file of the engine's decoder
_PACKET_ANALYZERS = (
    ("ARP", "ARP", "Address resolution"),
    ("AYIYA", "AYIYA", "AYIYA tunnels"),
    ("Ethernet", "ETHERNET", "Ethernet"),
    ("FDDI", "FDDI", "FDDI"),
    ("Geneve", "GENEVE", "Geneve tunnels"),
    ("GRE", "GRE", "GRE tunnels and ERSPAN"),
    ("GTPv1", "GTPV1", "GTP version 1 tunnels"),
    ("ICMP", "ICMP", "ICMP and ICMPv6"),
    ("IEEE802_11", "IEEE802_11", "Wi-Fi"),
    ("IEEE802_11_Radio", "IEEE802_11_RADIO", "Wi-Fi behind radiotap, Prism, AVS and PPI headers"),
    ("IP", "IP", "IP versions 4 and 6, fragments, extension headers"),
    ("IPTunnel", "IPTUNNEL", "IP in IP"),
    ("LinuxSLL", "LINUXSLL", "Linux's cooked capture"),
    ("LinuxSLL2", "LINUXSLL2", "Linux's cooked capture, version 2"),
    ("LLC", "LLC", "IEEE 802.2 LLC"),
    ("MPLS", "MPLS", "MPLS"),
    ("NFLog", "NFLOG", "Linux's netfilter log"),
    ("Null", "NULL", "BSD loopback"),
    ("PBB", "PBB", "Provider backbone bridges"),
    ("PPP", "PPP", "PPP"),
    ("PPPoE", "PPPOE", "PPP over Ethernet"),
    ("PPPSerial", "PPPSERIAL", "PPP on serial lines"),
    ("SNAP", "SNAP", "IEEE 802 SNAP"),
    ("TCP", "TCP", "TCP"),
    ("Teredo", "TEREDO", "Teredo tunnels"),
    ("UDP", "UDP", "UDP"),
    ("VLAN", "VLAN", "VLAN tags"),
    ("VNTag", "VNTAG", "VN tags"),
    ("VXLAN", "VXLAN", "VXLAN tunnels"),
)

#: what a plugin of the monitor's own is called, by the kind of its component and that one's name
_SUFFIX = {"Writer": "Writer", "Reader": "Reader"}
_PREFIX = {"File Analyzer": "File_"}


def sorted_blocks(in_full: bool) -> Iterator[str]:
    """What comes with the monitor, by name."""
    blocks: dict[str, list[str]] = {}
    for kind, name, tag, about, events in [*_engine.components(), *_others()]:
        title = f"Bro::{_PREFIX.get(kind, '')}{name}{_SUFFIX.get(kind, '')}"
        lines = [f"{title} - {about} (built-in)"]
        if in_full:
            lines.append(f"    [{kind}] {name} ({tag.rpartition('::')[2] if 'nalyzer' in kind else tag})")
            lines += [f"    [Event] {event}" for event in events]
        blocks.setdefault(title.lower(), []).extend(lines)
    for subject, signatures in _functions().items():
        lines = [f"Bro::Functions_{subject} - Built-in functions: {subject} (built-in)"]
        if in_full:
            lines += [f"    [Function] {signature}" for signature in signatures]
        blocks[f"bro::functions_{subject}"] = lines
    for key in sorted(blocks):
        yield from blocks[key]


def _others() -> Iterator[tuple[str, str, str, str, list[str]]]:
    for kind, name, tag, about in _FIXED:
        yield kind, name, tag, about, []
    for name, tag, about in _PACKET_ANALYZERS:
        yield "Packet Analyzer", name, f"ANALYZER_{tag}", about, []
    from importlib import import_module

    from bro.input.manager import READERS

    for tag, (module, cls) in READERS.items():
        doc = (getattr(import_module(module), cls).__doc__ or "").strip().partition("\n")[0].rstrip(".")
        yield "Reader", cls.removesuffix("Reader"), tag, doc, []


def _functions() -> dict[str, list[str]]:
    """Signatures of the built-in functions that come with the monitor, by the subject of their module."""
    from bro.runtime.builtins import registry

    found: dict[str, list[str]] = {}
    for _, known in sorted(registry.load_all().items()):
        package, _, subject = known.module.rpartition(".")
        if package == "bro.runtime.builtins":
            found.setdefault(subject, []).append(known.signature.removeprefix("function "))
    return found


def _dynamic(in_full: bool) -> Iterator[str]:
    """The plugins in use: those that are installed, and those of the command line."""
    import sys

    if "bro.plugins.loading" in sys.modules:
        from bro.plugins.loading import active

        for plugin in sorted(active.values(), key=lambda plugin: plugin.name):
            about = plugin.about or "A plugin"
            yield f"{plugin.name} - {about} (dynamic, version {plugin.version})"
            if in_full:
                yield from _parts(plugin)


def _parts(plugin: Plugin) -> Iterator[str]:
    from bro.plugins.plugin import component_name

    for kind, classes, tag in (
        ("Analyzer", plugin.analyzers, "ANALYZER_{}"),
        ("File Analyzer", plugin.file_analyzers, "ANALYZER_{}"),
        ("Reader", plugin.readers, "Input::READER_{}"),
        ("Writer", plugin.writers, "Log::WRITER_{}"),
    ):
        for cls in classes:
            name = component_name(cls)
            yield f"    [{kind}] {name} ({tag.format(name)})"
    for source in plugin.packet_sources:
        live = "live input" if source.is_live else "captures"
        yield f'    [Packet Source] {source.__name__} (prefix "{source.prefix}"; {live})'
    yield from (f"    [Event] {name}" for name in _events(plugin))
    yield from (f"    [Function] {s.removeprefix('function ').strip()}" for s in plugin.functions)


def _events(plugin: Plugin) -> list[str]:
    """Names of the events that a plugin declares."""
    import re

    found = []
    for _, text in plugin.declarations():
        module = ""
        for match in re.finditer(
            r"^\s*(?:module\s+(\w+(?:::\w+)*)\s*;|(?:global\s+([\w:]+)\s*:\s*event|event\s+([\w:]+))\s*\([^{]*?;)",
            text,
            re.MULTILINE,
        ):
            if match[1] is not None:
                module = "" if match[1] == "GLOBAL" else match[1]
            else:
                name = match[2] or match[3]
                found.append(name if "::" in name or not module else f"{module}::{name}")
    return found
