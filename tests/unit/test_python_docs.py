"""Every block of docs/python.md runs, and prints what the page says."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from tests import processes

pytest.importorskip("bro._engine")

ROOT = pathlib.Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, str, str, str]]:
    """Kind, file name, text of each block, and the output that follows it."""
    text = (ROOT / "docs/python.md").read_text()
    found = BLOCK.findall(text)
    result = []
    for place, (kind, name, body) in enumerate(found):
        output = found[place + 1][2] if place + 1 < len(found) and found[place + 1][0] == "output" else ""
        result.append((kind, name, body, output))
    return result


BLOCKS = blocks()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder with the captures, the files of the page, and a command `bro`."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "tests").mkdir()
    (folder / "tests/captures").symlink_to(ROOT / "tests/captures")
    for _, name, body, _ in BLOCKS:
        if name:
            (folder / name).write_text(body)
    programs = folder / "programs"
    programs.mkdir()
    command = programs / "bro"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m bro "$@"\n')
    command.chmod(0o755)
    return folder


def run(command: list[str], folder: pathlib.Path) -> subprocess.CompletedProcess[str]:
    path = f"{folder}/programs:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "BRO_CACHE_DIR": f"{folder}/cache"}
    return processes.run(command, cwd=folder, env=environment)


RUNNABLE = [b for b in BLOCKS if b[0] == "sh" or (b[0] == "python" and not b[1])]


@pytest.mark.parametrize("block", RUNNABLE, ids=range(len(RUNNABLE)))
def test_block(block: tuple[str, str, str, str], folder: pathlib.Path) -> None:
    kind, _, body, output = block
    if kind == "sh" and not shutil.which("sh"):
        pytest.skip("no shell")
    done = run(["sh", "-ec", body] if kind == "sh" else [sys.executable, "-c", body], folder)
    assert done.returncode == 0, done.stdout + done.stderr
    if output:
        assert done.stdout == output


def test_the_page_has_what_it_promises() -> None:
    assert len(RUNNABLE) >= 9
    assert {b[0] for b in BLOCKS} == {"python", "sh", "output"}


def test_a_mistake_is_reported_with_its_line(folder: pathlib.Path) -> None:
    done = run(["bro", "-b", "mistake.py"], folder)
    assert re.search(r"error in \S*mistake\.py, line 6: KeyError: 'nothing'", done.stderr)
    assert done.stdout == "and on it goes\n"
