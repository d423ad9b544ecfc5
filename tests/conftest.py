"""What all tests share: where things are, and how `bro` is run."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import pathlib
import resource
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from typing import Any

import hypothesis
import pytest

from tests import processes

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
CAPTURES = REPOSITORY / "tests" / "captures"

RunBro = Callable[..., subprocess.CompletedProcess[str]]

# What a property takes depends on what else the machine does; that it ends is seen to by the limit of tests.
hypothesis.settings.register_profile(
    "bro",
    hypothesis.settings.default,
    deadline=None,
    # What judges a change (`.ci/run`) draws the same examples each time; others draw new ones, and find more.
    derandomize="BRO_SAME_EXAMPLES" in os.environ,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("bro")


@pytest.fixture(scope="session", autouse=True)
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """One cache of compiled scripts for the whole run, and all its processes, apart from the user's."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "scripts"
    folder.mkdir(mode=0o700, exist_ok=True)
    os.environ["BRO_CACHE_DIR"] = str(folder)
    return folder


@pytest.fixture
def bro(tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> RunBro:
    """Runs `bro` with these arguments in the test's own folder."""

    def run(
        *arguments: str | pathlib.Path, seconds: float = processes.LIMIT, **more: Any
    ) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bro", *map(str, arguments)]
        environment = processes.environment(cache_dir, TZ="UTC")
        return processes.run(command, seconds=seconds, cwd=tmp_path, **{"env": environment, **more})

    return run


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update` rewrites expected output with what comes out now."""
    parser.addoption("--update", action="store_true", help="rewrite expected output")


#: Seconds that a test gets beyond its time before its process is ended: no signal ends one that hangs in a
#: function of the engine or of C, or in what is done after it.
GRACE = 120.0

_stderr = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_stderr] = os.dup(2)  # before output is captured for each test
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Ends the process, and shows the stacks of all threads, if a test goes on after its time.

    Others go on where tests run in several processes (`-n`).
    """
    with _ending_after(item, _time_of(item)):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Gives what is done after a test a time of its own: once it has failed, no other limit holds."""
    with _ending_after(item, 1.0):
        return (yield)


def _time_of(item: pytest.Item) -> float:
    """The seconds that a test has, 0 for any."""
    asked = item.config.getoption("timeout", None)
    mark = item.get_closest_marker("timeout")
    if asked is None and mark is not None and mark.args:
        return float(mark.args[0])
    return float(asked if asked is not None else item.config.getini("timeout") or 0)


@contextlib.contextmanager
def _ending_after(item: pytest.Item, seconds: float) -> Iterator[None]:
    if seconds > 0 and not item.config.getoption("usepdb"):
        faulthandler.dump_traceback_later(seconds + GRACE, file=item.config.stash[_stderr], exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
