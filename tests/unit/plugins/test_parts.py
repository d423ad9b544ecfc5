"""The parts of plugins by themselves: declarations, discovery, driving analyzers."""

from __future__ import annotations

import os
import pathlib
import sys
from typing import Annotated, Any

import pytest

from bro import installed
from bro.plugins import (
    Addr,
    Analyzer,
    Connection,
    Count,
    Event,
    File,
    FileAnalyzer,
    Int,
    Interval,
    Plugin,
    PluginError,
    Port,
    Subnet,
    Time,
    declare_event,
)
from bro.plugins.events import BroType, notation
from bro.plugins.testing import Drive, DriveFile


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (bool, "bool"),
        (int, "count"),
        (Int, "int"),
        (Count, "count"),
        (float, "double"),
        (Time, "time"),
        (Interval, "interval"),
        (bytes, "string"),
        (str, "string"),
        (Addr, "addr"),
        (Subnet, "subnet"),
        (Port, "port"),
        (Connection, "connection"),
        (File, "fa_file"),
        (Any, "any"),
        (list[int], "vector of count"),
        (set[Addr], "set[addr]"),
        (set[tuple[Addr, Port]], "set[addr, port]"),
        (dict[str, list[Time]], "table[string] of vector of time"),
        (dict[tuple[int, bytes], bool], "table[count, string] of bool"),
        (Annotated[dict, BroType("Some::Record")], "Some::Record"),
    ],
)
def test_annotations_stand_for_types(annotation: Any, expected: str) -> None:
    assert notation(annotation) == expected


@pytest.mark.parametrize("annotation", [complex, list, tuple[int, int], "nonsense", None])
def test_others_stand_for_none(annotation: Any) -> None:
    with pytest.raises(TypeError, match="stands for no type"):
        notation(annotation)


def test_an_event_is_declared_by_a_function() -> None:
    @declare_event(name="Mine::thing")
    def thing(c: Connection, size: int, names: set[str]) -> None:
        """A thing.

        With more about it.
        """

    assert isinstance(thing, Event) and thing.name == "Mine::thing"
    assert thing.text == (
        "module Mine;\nexport {\n## A thing.\n##\n## With more about it.\n"
        "global thing: event(c: connection, size: count, names: set[string]);\n}\n"
    )
    with pytest.raises(TypeError, match="parameter size has no type"):

        @declare_event
        def other(c: Connection, size) -> None: ...  # type: ignore[no-untyped-def]


def test_what_scripts_see_of_a_plugin() -> None:
    class Mine(Analyzer):
        ports = ("1/tcp", "2/udp")
        events = "event mine(c: connection);"
        signatures = 'signature mine { payload /x/ enable "mine" }'

    class Kind(FileAnalyzer):
        name = "KIND"
        mime_types = ("a/b",)

    plugin = Plugin("Some::Thing", components=[Mine, Kind])
    texts = dict(plugin.declarations())
    tags = texts["<plugin Some::Thing>/tags"]
    assert "@ifndef ( Analyzer::ANALYZER_MINE )" in tags and "Files::ANALYZER_KIND" in tags
    assert "redef likely_server_ports += { 1/tcp, 2/udp };" in tags
    start = texts["<plugin Some::Thing>/start"]
    assert "Analyzer::register_for_ports(Analyzer::ANALYZER_MINE, set(1/tcp, 2/udp));" in start
    assert 'Files::register_for_mime_types(Files::ANALYZER_KIND, set("a/b"));' in start
    assert texts["<plugin Some::Thing>/MINE"] == Mine.events
    assert plugin.signature_files() == [("<plugin Some::Thing>/MINE", Mine.signatures.encode())]


@pytest.mark.parametrize("component", [3, int, Analyzer(), print, "text"])
def test_what_is_no_component_is_refused(component: Any) -> None:
    with pytest.raises(PluginError, match="no component"):
        Plugin("X", components=[component])


def folder(path: pathlib.Path, name: str, text: str) -> None:
    (path / f"{name}-1.0.dist-info").mkdir(parents=True)
    (path / f"{name}-1.0.dist-info" / "entry_points.txt").write_text(text)


def test_installed_plugins_are_found_and_remembered(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    folder(
        site,
        "one",
        "[console_scripts]\nx = y:z\n\n[bro.plugins]\nOne = one:plugin\n# no = this\ntwo=pack.two : it\n",
    )
    folder(site, "other", "[console_scripts]\nbro.plugins = no:this\n")
    (site / "empty-1.0.dist-info").mkdir()
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o700)
    monkeypatch.setenv("BRO_CACHE_DIR", str(cache))
    monkeypatch.setattr(sys, "path", [str(site), str(tmp_path / "missing"), ""])
    expected = [("One", "one:plugin"), ("two", "pack.two : it")]
    assert installed.installed() == expected
    looked: list[str] = []
    look = installed._look
    monkeypatch.setattr(installed, "_look", lambda path: looked.append(path) or look(path))
    assert installed.installed() == expected and not looked
    folder(site, "third", "[bro.plugins]\nthird = third\n")
    os.utime(site, (1, 1))  # whatever the clock's resolution is
    assert installed.installed() == [*expected, ("third", "third")] and looked == [str(site)]
    for file in cache.iterdir():
        file.write_bytes(b"damaged")
    assert len(installed.installed()) == 3


def test_an_analyzer_is_driven_without_an_engine() -> None:
    class Everything(Analyzer):
        def deliver_stream(self, data: bytes, is_orig: bool) -> None:
            self.confirm()
            self.violation("why", b"data")
            self.weird("strange")
            self.raise_event("event", 1, b"two")
            self.add_child("HTTP")
            self.forward_stream(data, is_orig)
            self.file_data("file", data, is_orig)
            self.expect_connection(Addr("192.0.2.1"), Port(20, "tcp"), "HTTP", timeout=5.0)
            self.match_signatures("ftp", data, is_orig)
            self.remove()

    run = Drive(Everything)
    run.orig(b"abc")
    assert run.confirmed and run.violations == [("why", b"data")] and run.weirds == [("strange", "")]
    assert run.events == [("event", 1, b"two")] and run.children == ["Analyzer::ANALYZER_HTTP"]
    assert run.forwarded[True] == b"abc" and run.files == {"file": b"abc"} and run.removed
    names = [action[0] for action in run.actions]
    assert "expect_connection" in names and "match_signatures" in names
    with pytest.raises(ValueError, match="not on a connection"):
        _ = run.analyzer.uid
    with pytest.raises(ValueError, match="no analyzer NOTHING"):
        run.analyzer.add_child("NOTHING")


def test_a_file_analyzer_is_driven_without_an_engine() -> None:
    class Three(FileAnalyzer):
        seen = b""

        def deliver_chunk(self, data: bytes, offset: int) -> bool:
            self.seen += data
            self.raise_event("chunk", offset, len(data))
            return len(self.seen) < 6

    run = DriveFile(Three)
    run.data(b"abc")
    assert run.wants_more
    run.gap(2)
    run.data(b"def")
    assert not run.wants_more and run.events == [("chunk", 0, 3), ("chunk", 5, 3)]
