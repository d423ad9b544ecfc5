"""bro.runtime.builtins.files and filesystem"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bro.runtime import context
from bro.runtime.builtins import files as f
from bro.runtime.builtins import filesystem as fs
from bro.script import types as t


@pytest.fixture(autouse=True)
def rotate_info(program: Any) -> None:
    program.add_record("rotate_info", old_name=t.STRING, new_name=t.STRING, open=t.TIME, close=t.TIME)


def name(path: Path) -> bytes:
    return os.fsencode(path)


def test_open_write_close(tmp_path: Path, reports: Any) -> None:
    path = tmp_path / "out"
    opened = f.open_(name(path))
    assert f.active_file(opened)
    assert f.get_file_name(opened) == name(path)
    assert f.write_file(opened, b"a\0b")
    assert f.close(opened)
    assert path.read_bytes() == b"a\0b"
    assert not f.active_file(opened)
    assert not f.close(opened)
    assert not f.write_file(opened, b"x")
    assert "not open" in reports()


def test_open_empties_and_append_does_not(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")
    opened = f.open_for_append(name(path))
    f.write_file(opened, b"+new")
    f.close(opened)
    assert path.read_bytes() == b"old+new"
    f.close(f.open_(name(path)))
    assert path.read_bytes() == b""


def test_open_that_fails(tmp_path: Path, reports: Any) -> None:
    opened = f.open_(name(tmp_path / "missing" / "out"))
    assert not f.active_file(opened)
    assert "No such file" in reports()
    assert not f.active_file(f.open_(b"a\0b"))


def test_buffering(tmp_path: Path) -> None:
    path = tmp_path / "out"
    opened = f.open_(name(path))
    f.write_file(opened, b"1")
    assert path.read_bytes() == b""
    f.set_buf(opened, False)
    f.write_file(opened, b"2")
    assert path.read_bytes() == b"12"
    f.set_buf(opened, True)
    f.write_file(opened, b"3")
    assert path.read_bytes() == b"12"
    assert f.flush_all()
    assert path.read_bytes() == b"123"


def test_raw_output(tmp_path: Path) -> None:
    opened = f.open_(name(tmp_path / "out"))
    assert not opened.raw
    f.enable_raw_output(opened)
    assert opened.raw


def test_standard_output_is_shared() -> None:
    context.current.stdout = io.BytesIO()
    assert f.write_file(f.open_(b"/dev/stdout"), b"x")
    f.set_buf(f.open_(b"/dev/stdout"), False)
    assert context.current.stdout.getvalue() == b"x"


def test_rotation(tmp_path: Path) -> None:
    path = tmp_path / "out"
    context.current.clock.now = 100.0
    opened = f.open_(name(path))
    f.write_file(opened, b"first")
    context.current.clock.now = 200.0
    info = f.rotate_file(opened)
    assert (info.old_name, info.open, info.close) == (name(path), 100.0, 200.0)
    assert Path(os.fsdecode(info.new_name)).read_bytes() == b"first"
    f.write_file(opened, b"second")
    context.current.clock.now = 300.0
    again = f.rotate_file_by_name(name(path))
    assert (again.open, again.close) == (200.0, 300.0)
    assert Path(os.fsdecode(again.new_name)).read_bytes() == b"second"
    assert f.active_file(opened)


def test_rotation_of_other_files(tmp_path: Path, reports: Any) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"x")
    info = f.rotate_file_by_name(name(path))
    assert not path.exists() and Path(os.fsdecode(info.new_name)).read_bytes() == b"x"
    assert reports() == ""
    assert f.rotate_file_by_name(name(path)).new_name == b""
    assert f.rotate_file(f.open_(b"/dev/stdout")).new_name == b""
    assert reports().count("error") == 2


# ---- directories and names ------------------------------------------------------------------------------


def test_directories(tmp_path: Path, reports: Any) -> None:
    path = tmp_path / "d"
    assert fs.mkdir(name(path)) and path.is_dir()
    assert fs.mkdir(name(path))
    assert fs.rmdir(name(path)) and not path.exists()
    assert reports() == ""
    assert not fs.rmdir(name(path))
    assert not fs.mkdir(name(tmp_path / "a" / "b"))
    assert not fs.mkdir(b"a\0b")
    assert reports().count("error") == 3


def test_rename_and_unlink(tmp_path: Path, reports: Any) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"12345")
    assert fs.file_size(name(one)) == 5.0
    assert fs.rename(name(one), name(two)) and two.exists()
    assert fs.unlink(name(two)) and not two.exists()
    assert fs.file_size(name(two)) == -1.0
    assert reports() == ""
    assert not fs.unlink(name(two))
    assert not fs.rename(name(one), name(two))
    assert reports().count("error") == 2


def test_a_file_is_no_directory(tmp_path: Path, reports: Any) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"")
    assert not fs.mkdir(name(path))
    assert "cannot make" in reports()


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        (0o644, b"rw-r--r--"),
        (0o755, b"rwxr-xr-x"),
        (0o4755, b"rwsr-xr-x"),
        (0o4644, b"rwSr--r--"),
        (0o2755, b"rwxr-sr-x"),
        (0o1777, b"rwxrwxrwt"),
        (0o1666, b"rw-rw-rwT"),
        (0, b"---------"),
    ],
)
def test_file_mode(mode: int, text: bytes) -> None:
    assert fs.file_mode(mode) == text


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"/a/b/../c//d/./e", b"/a/c/d/e"),
        (b"a/../b", b"b"),
        (b"../a", b"../a"),
        (b"../../a/..", b"../.."),
        (b"/../a", b"/a"),
        (b"a/", b"a"),
        (b"/", b"/"),
        (b"//", b"/"),
        (b"a/..", b"."),
        (b"", b""),
    ],
)
def test_compress_path(path: bytes, expected: bytes) -> None:
    assert fs.compress_path(path) == expected


@given(st.text("a./", max_size=12))
def test_compressing_again_changes_nothing(text: str) -> None:
    once = fs.compress_path(text.encode())
    assert fs.compress_path(once) == once
    if text:
        assert os.path.normpath(os.path.join("/x/y/z", once.decode())) == os.path.normpath(
            os.path.join("/x/y/z", text)
        ) or text.startswith("//")
