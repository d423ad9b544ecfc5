"""What all tests share: where things are, and how `bro` is run."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from collections.abc import Callable

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
CAPTURES = REPOSITORY / "tests" / "captures"

RunBro = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """One cache of compiled scripts for the whole run, apart from the user's."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def bro(tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> RunBro:
    """Runs `bro` with these arguments in the test's own folder."""

    def run(
        *arguments: str | pathlib.Path, timeout: float = 60, **more: object
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "BRO_CACHE_DIR": str(cache_dir), "TZ": "UTC"}
        command = [sys.executable, "-m", "bro", *map(str, arguments)]
        return subprocess.run(  # type: ignore[call-overload,no-any-return]
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=timeout, **more
        )

    return run


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update` rewrites expected output with what comes out now."""
    parser.addoption("--update", action="store_true", help="rewrite expected output")
