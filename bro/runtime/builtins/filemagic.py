"""What kind of data is this?  The engine's signatures for file types."""

from __future__ import annotations

from typing import Any

from bro.runtime.builtins._support import command, record, report_warning
from bro.runtime.builtins.registry import builtin


def _matches(data: bytes) -> list[tuple[int, bytes]]:
    """Strengths and MIME types that match, the strongest first."""
    return command("file_magic", data, absent=None) or []


@builtin("function file_magic(data: string): mime_matches")
def file_magic(data: bytes) -> list[Any]:
    """Return the MIME types that fit the beginning of a file, the strongest match first."""
    match = record("mime_match")
    return [match(strength=strength, mime=mime) for strength, mime in _matches(data)]


@builtin("function identify_data(data: string, return_mime: bool &default=T): string")
def identify_data(data: bytes, return_mime: bool = True) -> bytes:
    """Return the MIME type that fits the beginning of a file best, ``<unknown>`` if none does.

    :param return_mime: without meaning; false gets a warning.
    """
    if not return_mime:
        report_warning("identify_data: only MIME types can be returned")
    found = _matches(data)
    return found[0][1] if found else b"<unknown>"
