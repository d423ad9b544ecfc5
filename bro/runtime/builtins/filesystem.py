"""Directories and files by name: making, removing, renaming, looking at them."""

from __future__ import annotations

import os
from collections.abc import Callable

from bro.runtime.builtins._support import report_error, shown
from bro.runtime.builtins.registry import builtin


def _try(function: str, what: str, call: Callable[[], object]) -> bool:
    """Do something with the file system; what goes wrong is reported and gives false."""
    try:
        call()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        report_error(f"{function}: {what}: {reason}")
        return False
    return True


@builtin("function mkdir(f: string): bool")
def mkdir(f: bytes) -> bool:
    """Make a directory; true also if it is there already."""

    def make() -> None:
        try:
            os.mkdir(f)
        except FileExistsError:
            if not os.path.isdir(f):
                raise

    return _try("mkdir", f"cannot make the directory {shown(f)}", make)


@builtin("function rmdir(d: string): bool")
def rmdir(d: bytes) -> bool:
    """Remove an empty directory; false, after a report, if that cannot be done."""
    return _try("rmdir", f"cannot remove the directory {shown(d)}", lambda: os.rmdir(d))


@builtin("function unlink(f: string): bool")
def unlink(f: bytes) -> bool:
    """Remove a file; false, after a report, if that cannot be done."""
    return _try("unlink", f"cannot remove {shown(f)}", lambda: os.unlink(f))


@builtin("function rename(src_f: string, dst_f: string): bool")
def rename(src_f: bytes, dst_f: bytes) -> bool:
    """Give a file another name, replacing a file of that name; false, after a report, if that cannot be
    done.
    """
    return _try("rename", f"cannot rename {shown(src_f)} to {shown(dst_f)}", lambda: os.rename(src_f, dst_f))


@builtin("function file_size(f: string): double")
def file_size(f: bytes) -> float:
    """Return the size of a file in bytes, -1 if there is no such file."""
    try:
        return float(os.stat(f).st_size)
    except (OSError, ValueError):
        return -1.0


@builtin("function file_mode(mode: count): string")
def file_mode(mode: int) -> bytes:
    """Write permissions as `ls` does, like ``rwxr-xr-x``; set-id and sticky bits show as s, S, t and T."""
    text = bytearray()
    for shift, special, letter in ((6, 0o4000, b"s"), (3, 0o2000, b"s"), (0, 0o1000, b"t")):
        bits = mode >> shift
        text += b"r" if bits & 4 else b"-"
        text += b"w" if bits & 2 else b"-"
        executable = bits & 1
        if mode & special:
            text += letter if executable else letter.upper()
        else:
            text += b"x" if executable else b"-"
    return bytes(text)


@builtin("function compress_path(dir: string): string")
def compress_path(path: bytes) -> bytes:
    """Take what is superfluous out of a path: ``//``, ``/./``, and ``DIRECTORY/..``.

    Only the text counts: whether a directory is a link is not looked at.  A slash at the end goes away.
    """
    absolute = path.startswith(b"/")
    kept: list[bytes] = []
    for component in path.split(b"/"):
        if component in (b"", b"."):
            continue
        if component == b".." and kept and kept[-1] != b"..":
            kept.pop()
        elif component != b".." or not absolute:
            kept.append(component)
    return (b"/" if absolute else b"") + b"/".join(kept) or (b"." if path else b"")
