"""A capture in, logs out: what comes out must be what lies in `expected/<case>`.

A case is a line of `cases.txt`: its name, then the arguments of `bro`. Ids derive from fixed seeds
(`-D`), so logs are compared as they are, less the lines that say when they were opened and closed.
`pytest tests/logs --update` rewrites the expected logs; read the difference before committing it.
"""

from __future__ import annotations

import pathlib
import shlex

import pytest

from tests.conftest import CAPTURES, REPOSITORY, RunBro

HERE = pathlib.Path(__file__).resolve().parent
SCRIPTS = HERE / "scripts"


def cases() -> list[tuple[str, list[str]]]:
    found = []
    for line in (HERE / "cases.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, *arguments = shlex.split(line)
            found.append((name, arguments))
    return found


def comparable(text: str) -> str:
    """A text without what differs from run to run and from machine to machine."""
    lines = text.replace(f"{SCRIPTS}/", "").replace(f"{REPOSITORY}/", "").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(("#open", "#close")))


@pytest.mark.parametrize(("name", "arguments"), cases(), ids=[name for name, _ in cases()])
def test_logs(
    name: str, arguments: list[str], bro: RunBro, tmp_path: pathlib.Path, request: pytest.FixtureRequest
) -> None:
    folders = {"@": f"{CAPTURES}/", "%": f"{SCRIPTS}/"}
    done = bro("-D", *[folders.get(a[0], a[0]) + a[1:] for a in arguments])
    assert done.returncode == 0, done.stderr
    written = [*tmp_path.glob("*.log"), *tmp_path.glob("extract_files/*")]
    found = {path.name: comparable(path.read_text(errors="surrogateescape")) for path in sorted(written)}
    for stream, text in (("stdout", done.stdout), ("stderr", done.stderr)):
        if text:
            found[stream] = comparable(text)
    folder = HERE / "expected" / name
    if request.config.getoption("--update"):
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for file, text in found.items():
            (folder / file).write_text(text, errors="surrogateescape")
    expected = {path.name: path.read_text(errors="surrogateescape") for path in sorted(folder.iterdir())}
    assert found == expected
