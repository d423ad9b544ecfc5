"""Which plugins are installed: entry points of the group ``bro.plugins``.

`importlib.metadata` takes longer than everything else that happens at start, so the names are read from the
files it would read.  As a folder of packages changes when one is installed, what was found is kept in the
monitor's cache with the folder's time.
"""

from __future__ import annotations

import marshal
import os
import sys

#: the group of entry points
GROUP = "bro.plugins"

_VERSION = 1


def installed() -> list[tuple[str, str]]:
    """Names and targets (``module:attribute``) of the entry points, in the order of the path."""
    known = _read()
    fresh: dict[str, tuple[int, list[tuple[str, str]]]] = {}
    found: dict[str, str] = {}
    for path in _path():
        try:
            time = os.stat(path).st_mtime_ns
        except OSError:
            continue
        kept = known.get(path)
        entries = kept[1] if kept is not None and kept[0] == time else _look(path)
        fresh[path] = (time, entries)
        for name, target in entries:
            found.setdefault(name, target)
    if fresh != known:
        _write(fresh)
    return list(found.items())


def _path() -> list[str]:
    """The folders to look in; the current one is on the path of some programs, but holds no packages."""
    here = os.getcwd()
    return [path for path in dict.fromkeys(sys.path) if os.path.isabs(path) and path != here]


def _look(folder: str) -> list[tuple[str, str]]:
    """The entry points of the packages in a folder."""
    found: list[tuple[str, str]] = []
    try:
        names = sorted(e.name for e in os.scandir(folder) if e.name.endswith((".dist-info", ".egg-info")))
    except OSError:
        return found
    for name in names:
        try:
            with open(os.path.join(folder, name, "entry_points.txt"), encoding="utf-8") as file:
                text = file.read()
        except (OSError, UnicodeDecodeError):
            continue
        if GROUP in text:
            found += _entries(text)
    return found


def _entries(text: str) -> list[tuple[str, str]]:
    """The entry points of the group in the text of an ``entry_points.txt``."""
    found = []
    group = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            group = line[1:-1].strip()
        elif group == GROUP and "=" in line and not line.startswith("#"):
            name, _, target = line.partition("=")
            found.append((name.strip(), target.partition("[")[0].strip()))
    return found


def _index() -> str:
    from zlib import crc32

    from bro.script.cache import folder

    # Each environment has its own path.
    return os.path.join(folder(), f"plugins-{crc32(repr(_path()).encode()):08x}.index")


def _read() -> dict[str, tuple[int, list[tuple[str, str]]]]:
    from bro.script.cache import _trusted, folder

    if not _trusted(folder()):
        return {}
    try:
        with open(_index(), "rb") as file:
            version, folders = marshal.load(file)
        if version != _VERSION:
            return {}
        return {
            path: (int(time), [(str(name), str(target)) for name, target in entries])
            for path, (time, entries) in folders.items()
        }
    except (OSError, ValueError, TypeError, AttributeError, EOFError):
        return {}


def _write(folders: dict[str, tuple[int, list[tuple[str, str]]]]) -> None:
    from bro.script.cache import _trusted, _write_file, folder

    if _trusted(folder()):
        _write_file(_index(), marshal.dumps((_VERSION, folders)))
