"""The package as installers see it."""

from __future__ import annotations

import pathlib
import shutil
import sys
import tomllib
import types

import pytest

from tests import processes
from tests.conftest import REPOSITORY


def test_the_command_can_be_run_whatever_an_archive_made_of_it(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["build-system"]
    shutil.copytree(REPOSITORY / "packaging", tmp_path / "packaging")
    command = tmp_path / "packaging/data/scripts/bro"
    maturin = types.ModuleType("maturin")
    for subject in ("wheel", "editable", "sdist"):
        for kind in ("build", "get_requires_for_build", "prepare_metadata_for_build"):
            setattr(maturin, f"{kind}_{subject}", lambda *_: f"{command.stat().st_mode & 0o777:o}")
    monkeypatch.setitem(sys.modules, "maturin", maturin)
    monkeypatch.delitem(sys.modules, settings["build-backend"], raising=False)
    monkeypatch.syspath_prepend(tmp_path / settings["backend-path"][0])
    backend = __import__(settings["build-backend"])
    for build in (backend.build_wheel, backend.build_editable):
        command.chmod(0o644)
        assert build("folder") == "755"
    monkeypatch.delitem(sys.modules, settings["build-backend"])


def test_the_command(tmp_path: pathlib.Path) -> None:
    command = [sys.executable, REPOSITORY / "packaging/data/scripts/bro", "--version"]
    done = processes.run(command, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.startswith("bro version ")
