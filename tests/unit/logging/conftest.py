"""Runs scripts in the test's own folder, without packets, and reads the logs they leave there."""

from __future__ import annotations

import io
import json
import pathlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from bro.runtime import context
from bro.script.loader import LoadOptions, load

pytest.importorskip("bro._engine", reason="the logs are written by the engine")


@dataclass
class Outcome:
    """What a program left behind."""

    folder: pathlib.Path
    status: int = 0
    printed: str = ""  #: by `print`
    reports: str = ""  #: messages of the program
    counts: dict[str, int] = field(default_factory=dict)  #: of messages, by level

    def lines(self, log: str) -> list[str]:
        """All lines of a log."""
        return (self.folder / f"{log}.log").read_text("utf-8").splitlines()

    def rows(self, log: str) -> list[Any]:
        """The rows of a log that was written as JSON."""
        return [json.loads(line) for line in self.lines(log)]

    def table(self, log: str) -> list[dict[str, str]]:
        """The rows of a log that was written as text, by the names of its columns."""
        lines = self.lines(log)
        names = next(line for line in lines if line.startswith("#fields")).split("\t")[1:]
        return [dict(zip(names, line.split("\t"), strict=True)) for line in lines if not line.startswith("#")]

    @property
    def logs(self) -> set[str]:
        """Names of the logs that were written."""
        return {path.stem for path in self.folder.glob("*.log")}


Run = Callable[..., Outcome]


@pytest.fixture
def run(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, cache_dir: pathlib.Path) -> Iterator[Run]:
    """Runs script text.  `before_end` gets the program when its events at start are done."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRO_CACHE_DIR", str(cache_dir))
    before = context.current

    def start(
        code: str,
        *redefs: str,
        bare: bool = True,
        before_end: Callable[[Any], None] | None = None,
    ) -> Outcome:
        current = context.use(context.Context())
        printed, reports = io.BytesIO(), io.StringIO()
        current.stdout, current.reporter.stream = printed, reports
        script = tmp_path / "test.bro"
        script.write_text("@load base/frameworks/logging\n" + code)
        program = load([str(script)], LoadOptions(bare=bare, redefs=list(redefs)), current)
        if before_end is None:
            status = program.run()
        else:
            program.start()
            before_end(program)
            program.done()
            failures = program.close_logs()
            status = 1 if failures else current.reporter.exit_code
            reports.write("\n".join(failures))
        return Outcome(
            tmp_path, status, printed.getvalue().decode(), reports.getvalue(), current.reporter.counts
        )

    yield start
    context.use(before)
