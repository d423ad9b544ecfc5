"""What the monitor is made of, for `bro -N`."""

from __future__ import annotations

from collections.abc import Iterator

from bro import __version__, _engine


def listing(in_full: bool) -> str:
    """A line a component; in full also the events each can raise, and the built-in functions."""
    return "\n".join(_lines(in_full))


def _lines(in_full: bool) -> Iterator[str]:
    yield f"Bro {__version__}"
    for kind, name, tag, about, events in _engine.components():
        yield f"[{kind}] {name} ({tag}): {about}"
        if in_full:
            for event in events:
                yield f"    [Event] {event}"
    for kind, name, tag, about in _FIXED:
        yield f"[{kind}] {name} ({tag}): {about}"
    if in_full:
        yield from _functions()


#: components that are no classes of their own
_FIXED = (
    ("Packet Source", "PcapReader", "-r", "reads pcap and pcapng captures, plain or gzipped"),
    ("Packet Source", "AF_Packet", "-i", "captures from an interface (Linux)"),
    ("Packet Dumper", "PcapWriter", "-w", "writes pcap captures"),
    ("Writer", "Ascii", "Log::WRITER_ASCII", "writes logs as text or JSON"),
    ("Writer", "None", "Log::WRITER_NONE", "writes nothing"),
)


def _functions() -> Iterator[str]:
    from bro.runtime.builtins import registry

    for _, builtin in sorted(registry.load_all().items()):
        yield f"    [Function] {builtin.signature.removeprefix('function ')}"
