"""The examples of docs/analyzers.md: their files work, and their commands print what the page says."""

from __future__ import annotations

import pathlib
import re
import shlex
import sys

from tests import processes
from tests.conftest import CAPTURES, REPOSITORY, RunBro

PAGE = REPOSITORY / "docs" / "analyzers.md"


def blocks() -> list[tuple[str, str, str]]:
    """Language, file and content of each block of the page."""
    found = re.findall(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return [(language, file, content) for language, file, content in found]


def write_files(folder: pathlib.Path) -> None:
    for language, file, content in blocks():
        if language in ("python", "bro") and file:
            (folder / file).write_text(content)


def test_commands_print_what_the_page_says(bro: RunBro, tmp_path: pathlib.Path) -> None:
    write_files(tmp_path)
    commands = 0
    for language, _, content in blocks():
        if language != "console":
            continue
        first, _, expected = content.partition("\n")
        program, *arguments = shlex.split(first.removeprefix("$ "))
        if program == "pytest":
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
            done = processes.run(command, cwd=tmp_path)
            assert done.returncode == 0 and expected.strip() in done.stdout, done.stdout
        else:
            done = bro(*arguments)
            assert done.returncode == 0
            printed = (done.stdout + done.stderr).replace(f"{tmp_path}/", "")
            assert printed == expected
        commands += 1
    assert commands == 4


def test_the_signature_of_the_page_finds_the_server(bro: RunBro, tmp_path: pathlib.Path) -> None:
    write_files(tmp_path)
    done = bro("-C", "-r", "made::traffic", "traffic.py", "daytime.py", "daytime.bro")
    assert done.returncode == 0 and done.stderr == ""
    rows = (tmp_path / "conn.log").read_text()
    assert rows.count("\tdaytime\t") == 2 and "\t1313\t" in rows
    log = (tmp_path / "daytime.log").read_text()
    assert log.count("Tuesday, February 22, 1982") == 2


def test_other_components_of_the_page(bro: RunBro, tmp_path: pathlib.Path) -> None:
    write_files(tmp_path)
    capture = CAPTURES / "http-get.pcap"
    done = bro("-r", capture, "more.py", "more.bro", "Log::default_writer=Log::WRITER_TALLY")
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "READY!" and "squares, 9" in lines and "4 connections" in lines
    assert any(re.fullmatch(r"HTTP, \d+", line) for line in lines)


def test_rust_on_the_page_is_the_code_of_the_example() -> None:
    quoted = [(file, content) for language, file, content in blocks() if language == "rust"]
    assert len(quoted) == 3
    for file, content in quoted:
        assert content.strip() in (REPOSITORY / file).read_text()
