"""A capture in, logs out: what comes out must be what lies in `expected/<case>`.

A case is a line of `cases.txt`: its name, then the arguments of `bro`. Ids derive from fixed seeds
(`-D`), so logs are compared as they are, less the lines that say when they were opened and closed.
`pytest tests/logs --update` rewrites the expected logs; read the difference before committing it.
"""

from __future__ import annotations

import pathlib
import shlex

import pytest

from tests.conftest import CAPTURES, RunBro

HERE = pathlib.Path(__file__).resolve().parent


def cases() -> list[tuple[str, list[str]]]:
    found = []
    for line in (HERE / "cases.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, *arguments = shlex.split(line)
            found.append((name, arguments))
    return found


def comparable(path: pathlib.Path) -> str:
    lines = path.read_text(errors="surrogateescape").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(("#open", "#close")))


@pytest.mark.parametrize(("name", "arguments"), cases(), ids=[name for name, _ in cases()])
def test_logs(
    name: str, arguments: list[str], bro: RunBro, tmp_path: pathlib.Path, request: pytest.FixtureRequest
) -> None:
    done = bro("-D", *[a.replace("@", f"{CAPTURES}/") for a in arguments])
    assert done.returncode == 0, done.stderr
    found = {path.name: comparable(path) for path in sorted(tmp_path.glob("*.log"))}
    if done.stdout:
        found["stdout"] = done.stdout
    folder = HERE / "expected" / name
    if request.config.getoption("--update"):
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for file, text in found.items():
            (folder / file).write_text(text, errors="surrogateescape")
    expected = {path.name: path.read_text(errors="surrogateescape") for path in sorted(folder.iterdir())}
    assert found == expected
