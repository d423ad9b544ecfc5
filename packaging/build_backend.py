"""The build backend: maturin's, with the command `bro` as a program that may be run.

In source distributions of maturin no file may be run, and its wheels take scripts as they are: the command
that is installed from a source distribution could not be called.
"""

from __future__ import annotations

import pathlib
from typing import Any

import maturin
from maturin import (
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

COMMAND = pathlib.Path(__file__).parent / "data" / "scripts" / "bro"


def build_wheel(*arguments: Any, **named: Any) -> str:
    """As maturin's."""
    COMMAND.chmod(0o755)
    return maturin.build_wheel(*arguments, **named)


def build_editable(*arguments: Any, **named: Any) -> str:
    """As maturin's."""
    COMMAND.chmod(0o755)
    return maturin.build_editable(*arguments, **named)
