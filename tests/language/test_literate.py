"""Runs the cases of the literate files: see README.md beside this file."""

from __future__ import annotations

import io
import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bro.runtime import context as contexts
from bro.script.diagnostics import CompileError
from bro.script.loader import LoadOptions, load
from tests import processes

CAPTURES = Path(__file__).parent.parent / "captures"
HERE = Path(__file__).parent
PRELUDE = (HERE / "prelude.bro").read_text()

_FENCE = re.compile(r"^```(\w+)?(?:[ \t]+file=(\S+))?[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_EXPECTED = re.compile(r"#\s*(error|warning):\s*(.*?)\s*(?=#\s*(?:error|warning):|$)")


@dataclass
class Case:
    """One case of a literate file."""

    name: str
    script: str = ""
    files: dict[str, str] = field(default_factory=dict)
    output: str | None = None
    errors: str = ""
    options: list[tuple[str, str]] = field(default_factory=list)
    base: bool = False  #: with the scripts that every program has, instead of the prelude


def cases() -> list[tuple[str, Case]]:
    found = []
    for path in sorted(HERE.glob("*.md")):
        if path.name == "README.md":
            continue
        for part in re.split(r"^## ", path.read_text(), flags=re.MULTILINE)[1:]:
            name, _, body = part.partition("\n")
            case = Case(name.strip(), base=path.stem.startswith(("builtins-", "frameworks-")))
            for kind, file, text in _FENCE.findall(body):
                if kind == "bro" and file:
                    case.files[file] = text
                elif kind == "bro":
                    case.script = text
                elif kind == "output":
                    case.output = text
                elif kind == "errors":
                    case.errors = text
                elif kind == "options":
                    case.options = [tuple(line.split("=", 1)) for line in text.splitlines() if line]  # type: ignore[misc]
                else:
                    raise ValueError(f"{path.name}: {name}: unknown block {kind!r}")
            found.append((f"{path.stem}: {case.name}", case))
    return found


CASES = cases()


class _Errors(io.StringIO):
    """Collects reports, and shortens where they are."""

    def lines(self, folder: str) -> str:
        out = []
        for line in self.getvalue().splitlines():
            if line.startswith("    "):  # the call stack
                continue
            line = re.sub(r"^\d+\.\d+ ", "", line)
            line = re.sub(rf"^error in {re.escape(folder)}/main\.bro, line (\d+): ", r"line \1: ", line)
            # Lines of the scripts that come along move whenever these are edited.
            line = re.sub(r" in \S*/bro/scripts/(\S+), line \d+: ", r" in \1: ", line)
            out.append(line.replace(folder + "/", ""))
        return "".join(line + "\n" for line in out)


def run_over(capture: str, case: Case, folder: Path) -> None:
    """Run a case with the engine, in bare mode."""
    command = [sys.executable, "-m", "bro", "-b", "-r", str(CAPTURES / capture), str(folder / "main.bro")]
    done = processes.run(command, errors="backslashreplace", env=os.environ)
    errors = _Errors()
    errors.write(done.stderr)
    assert (done.stdout, errors.lines(str(folder))) == (case.output or "", case.errors)


@pytest.mark.parametrize("case", [c for _, c in CASES], ids=[n for n, _ in CASES])
def test_case(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in {**case.files, "main.bro": case.script}.items():
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
    for key, value in case.options:
        if key == "env":
            monkeypatch.setenv(*value.split("=", 1))
    monkeypatch.chdir(tmp_path)
    capture = dict(case.options).get("capture")
    if capture is not None:
        run_over(capture, case, tmp_path)
        return
    options = LoadOptions(
        bare=True,
        base=case.base,
        cache=case.base,
        declarations=None if case.base else [("prelude", PRELUDE)],
        search_path=None if case.base else [str(tmp_path)],
        redefs=[v for k, v in case.options if k == "redef"],
        prefixes=[v for k, v in case.options if k == "prefix"],
        code="\n".join(v for k, v in case.options if k == "code"),
    )
    expected = [
        (kind, number, text)
        for number, line in enumerate(case.script.splitlines(), 1)
        for kind, text in _EXPECTED.findall(line)
    ]
    context = contexts.use(contexts.Context())
    context.stdout = stdout = io.BytesIO()
    errors = context.reporter.stream = _Errors()
    diagnostics = []
    try:
        program = load([str(tmp_path / "main.bro")], options, context)
    except CompileError as error:
        diagnostics = [
            (d.level, d.line, d.message)
            for d in error.diagnostics
            if d.source is not None and os.path.basename(d.source.path) == "main.bro"
        ]
        if not any(kind == "error" for kind, _, _ in expected):
            pytest.fail("\n".join(d.render() for d in error.diagnostics))
        found = [(line, message) for level, line, message in diagnostics if level == "error"]
        wanted = [(line, text) for kind, line, text in expected if kind == "error"]
        assert len(found) == len(wanted), "\n".join(d.render() for d in error.diagnostics)
        for (line, message), (wanted_line, text) in zip(sorted(found), sorted(wanted), strict=True):
            assert line == wanted_line and text in message, (line, message, wanted_line, text)
    else:
        assert not any(kind == "error" for kind, _, _ in expected), "no error was found"
        for warning in program.loaded.warnings:
            head = re.match(r".*?:(\d+):\d+: (\w+): (.*)", warning)
            if head is not None:
                diagnostics.append((head.group(2), int(head.group(1)), head.group(3)))
        program.run()
        text = stdout.getvalue().decode()
        reported = errors.lines(str(tmp_path))
        assert (text, reported) == (case.output or "", case.errors)
    for kind, line, text in expected:
        if kind == "warning":
            assert any(
                level == kind and at == line and text in message for level, at, message in diagnostics
            ), diagnostics
