"""A plugin of coverage.py that makes it show scripts: which of their lines ran.

In `.coveragerc`::

    [run]
    plugins = bro.tools.coverage_plugin

Then ``coverage run -m bro -r x.pcap site.bro`` and ``coverage report``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from coverage import CoveragePlugin, FileReporter, FileTracer

from bro.script import nodes as n
from bro.script.diagnostics import Source
from bro.tools.branches import Arc, Flow
from bro.tools.frontend import read, walk

#: Statements that may become no code of their own.
_SILENT = (n.Block, n.Break, n.Fallthrough)


def statement_lines(text: bytes) -> set[int]:
    """The lines of a script on which a statement begins that runs."""
    source = Source("<script>", text)
    found, _ = read(source)
    lines = set()
    for decl in found.found:
        for node in walk(decl):
            if not isinstance(node, n.Stmt) or isinstance(node, _SILENT):
                continue
            if isinstance(node, n.LocalDecl) and node.init is None:
                continue  # mostly it says a type and does nothing
            lines.add(source.position(node.start)[0])
    return lines


class _Tracer(FileTracer):  # type: ignore[misc, unused-ignore]
    def __init__(self, path: str) -> None:
        self.path = path

    def source_filename(self) -> str:
        return self.path


class _Reporter(FileReporter):  # type: ignore[misc, unused-ignore]
    @cached_property
    def _text(self) -> bytes:
        with open(self.filename, "rb") as file:
            return file.read()

    @cached_property
    def _flow(self) -> Flow:
        return Flow(self._text)

    def lines(self) -> set[int]:
        return statement_lines(self._text)

    def arcs(self) -> set[Arc]:
        return self._flow.arcs()

    def exit_counts(self) -> dict[int, int]:
        return {line: len(after) for line, after in self._flow.exits.items()}

    def translate_arcs(self, arcs: Iterable[Arc]) -> set[Arc]:
        return self._flow.translate(arcs)

    def source(self) -> str:
        with open(self.filename, encoding="utf-8", errors="replace") as file:
            return file.read()


class Plugin(CoveragePlugin):  # type: ignore[misc, unused-ignore]
    """Tells coverage.py about scripts."""

    def file_tracer(self, filename: str) -> Any:
        return _Tracer(filename) if filename.endswith((".bro", ".zeek")) else None

    def file_reporter(self, filename: str) -> Any:
        return _Reporter(filename)


def coverage_init(registry: Any, options: Any) -> None:
    """What coverage.py calls."""
    registry.add_file_tracer(Plugin())
