"""The skeleton of `bro init-plugin`: it installs into a fresh environment, and its tests pass there."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import sysconfig
import venv

import pytest

from tests import processes
from tests.conftest import REPOSITORY, RunBro


def run(
    command: list[str], folder: pathlib.Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return processes.run(command, cwd=folder, env=environment)


def test_a_skeleton_is_installed_tested_and_found_in_a_fresh_environment(tmp_path: pathlib.Path) -> None:
    # What the skeleton is built with comes from here, as there may be no network.
    pytest.importorskip("setuptools", minversion="70.1")
    fresh = tmp_path / "venv"
    venv.create(fresh, with_pip=False, symlinks=True)
    python = str(fresh / "bin" / "python")
    # The monitor, pip and pytest are those of this environment; only the plugin is installed into the
    # fresh one.
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    outside = f"{sysconfig.get_path('purelib')}\n{REPOSITORY}\n"
    (fresh / "lib" / version / "site-packages" / "outside.pth").write_text(outside)
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    environment.update(
        BRO_CACHE_DIR=str(tmp_path / "cache"), PIP_NO_INDEX="1", PIP_DISABLE_PIP_VERSION_CHECK="1"
    )

    made = run([python, "-m", "bro", "init-plugin", "Demo::Hello"], tmp_path, environment)
    assert made.returncode == 0, made.stderr
    plugin = tmp_path / "demo-hello"
    assert (plugin / "tests" / "captures" / "hello.pcap").stat().st_size > 500
    installed = run(
        [python, "-m", "pip", "install", "--no-build-isolation", "--no-deps", str(plugin)],
        tmp_path,
        environment,
    )
    assert installed.returncode == 0, installed.stdout + installed.stderr
    tested = run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(plugin)], tmp_path, environment)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "7 passed" in tested.stdout
    listing = run([python, "-m", "bro", "-N"], tmp_path, environment)
    assert "Demo::Hello - Analyzer of the Hello protocol (dynamic, version 0.1.0)\n" in listing.stdout

    # In bare mode it is used where a script asks for it by its name.
    capture = str(plugin / "tests" / "captures" / "hello.pcap")
    code = "event Hello::greeting(c: connection, name: string) { print name; }"
    bare = run(
        [python, "-m", "bro", "-b", "-r", capture, "-e", f"@load-plugin Demo::Hello\n{code}"],
        tmp_path,
        environment,
    )
    assert bare.stdout == "alice\nbob\ncarol\n" or bare.stdout == "alice\nbob\n", bare.stderr
    again = run(
        [python, "-m", "bro", "-b", "-r", capture, "-e", f"@load-plugin Demo::Hello\n{code}"],
        tmp_path,
        environment,
    )
    assert again.stdout == bare.stdout  # out of the cache

    # One whose script is wrong, or that cannot be imported, is told by its name, and the monitor goes on.
    package = fresh / "lib" / version / "site-packages" / "demo_hello"
    (package / "scripts" / "__load__.bro").write_text("event nonsense(: {}\n")
    broken = run([python, "-m", "bro", "-r", capture], tmp_path, environment)
    assert broken.returncode == 0 and "plugin Demo::Hello cannot be used" in broken.stderr
    module = package / "analyzer.py"
    module.write_text("raise RuntimeError('broken')")
    broken = run([python, "-m", "bro", "-r", capture], tmp_path, environment)
    assert broken.returncode == 0
    assert "plugin demo_hello cannot be imported: RuntimeError: broken" in broken.stderr
    assert (tmp_path / "conn.log").exists()
    module.write_text(
        "from bro.plugins import Analyzer\nclass Hello(Analyzer):\n    events = 'event x(c: no_such_type);'\n"
    )
    broken = run([python, "-m", "bro", "-r", capture], tmp_path, environment)
    assert broken.returncode == 0 and "plugin Demo::Hello cannot be used" in broken.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        ([], 2, "usage: bro init-plugin NAME"),
        (["--force"], 2, "usage: bro init-plugin NAME"),
        (["no name"], 2, "is no name of a plugin"),
        (["Demo::Hello", "there"], 4, "there: File exists"),
        (["Demo::Hello", "no/such/folder"], 4, "cannot be written"),
    ],
)
def test_wrong_requests(
    bro: RunBro, tmp_path: pathlib.Path, arguments: list[str], code: int, complaint: str
) -> None:
    (tmp_path / "there").mkdir()
    done = bro("init-plugin", *arguments)
    assert done.returncode == code and complaint in done.stderr


@pytest.mark.parametrize("name", ["mine", "my-proto", "A::B::C2"])
def test_names_of_every_form_give_python_that_compiles(
    bro: RunBro, tmp_path: pathlib.Path, name: str
) -> None:
    done = bro("init-plugin", name, "plugin")
    assert done.returncode == 0
    for path in (tmp_path / "plugin").rglob("*.py"):
        compile(path.read_text(), str(path), "exec")
    assert not any(
        "@" in line
        for path in (tmp_path / "plugin").rglob("*.toml")
        for line in path.read_text().splitlines()
    )
