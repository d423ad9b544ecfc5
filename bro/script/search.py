"""Finding scripts: the names of `@load` and of the command line to files.

What was looked for in vain is noted in `missing`, as the shortest path that does not exist: as long as that
stays so, the same names lead to the same files.
"""

from __future__ import annotations

import os

_EXTENSIONS = (".bro", ".zeek")


def package_scripts() -> str:
    """The folder of the scripts that come with the package."""
    return os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "scripts")


def default_path() -> list[str]:
    """The folders to look in: of BROPATH or ZEEKPATH, else the current one; then the package's.

    Relative ones stay as they are: they are meant from the current folder.
    """
    own = package_scripts()
    given = os.environ.get("BROPATH") or os.environ.get("ZEEKPATH")
    first = [p for p in given.split(":") if p] if given else ["."]
    return list(dict.fromkeys([*first, own, os.path.join(own, "policy"), os.path.join(own, "site")]))


class SearchPath:
    """Folders in which scripts are looked for, in order."""

    def __init__(self, folders: list[str]) -> None:
        self.folders = [os.path.abspath(f) for f in folders]
        self._relative = [not os.path.isabs(f) for f in folders]
        #: paths that do not exist and would have been taken if they did; relative ones are below the current
        #: folder, whichever it is
        self.missing: set[str] = set()
        #: whether something was found by way of the current folder: elsewhere it may not be found, or differ
        self.bound = False

    def _exists(self, path: str, relative: bool = False) -> bool:
        if os.path.isfile(path):
            return True
        # The topmost folder on the way that is missing says as much, and covers many files.
        if not os.path.exists(path):
            while True:
                parent = os.path.dirname(path)
                if parent == path or os.path.isdir(parent):
                    break
                path = parent
            self.missing.add(os.path.relpath(path) if relative else path)
        return False

    def _at(self, path: str, relative: bool = False) -> str | None:
        """The script at a path that may lack its extension, or be a folder."""
        stem, extension = os.path.splitext(path)
        candidates = [path]
        if extension in _EXTENSIONS:
            candidates += [stem + other for other in _EXTENSIONS if other != extension]
        else:
            candidates += [path + e for e in _EXTENSIONS]
            candidates += [os.path.join(path, "__load__" + e) for e in _EXTENSIONS]
        for candidate in candidates:
            if self._exists(candidate, relative):
                self.bound = self.bound or relative
                return os.path.normpath(candidate)
        return None

    def script(self, name: str, beside: str | None = None) -> str | None:
        """The file of a script's name.

        :param beside: the folder that names beginning with a dot are relative to; None for the current one
        """
        if os.path.isabs(name):
            return self._at(name)
        if name.startswith(("./", "../")) or name in (".", ".."):
            folder = os.getcwd() if beside is None else beside
            return self._at(os.path.normpath(os.path.join(folder, name)), relative=beside is None)
        for folder, relative in zip(self.folders, self._relative, strict=True):
            found = self._at(os.path.join(folder, name), relative)
            if found is not None:
                return found
        # Whoever types a path means the file at it, whatever folders the environment names.
        return self._at(os.path.abspath(name), relative=True) if beside is None else None

    def signatures(self, name: str, beside: str) -> str | None:
        """The file of a signature file's name."""
        names = [name] if name.endswith(".sig") else [name + ".sig", name]
        places = list(zip(self.folders, self._relative, strict=True))
        if name.startswith(("./", "../")):
            places = []
        for folder, relative in [*places, (beside, False)]:
            for candidate in names:
                path = os.path.normpath(os.path.join(folder, candidate))
                if self._exists(path, relative):
                    self.bound = self.bound or relative
                    return path
        return None

    def prefixed(self, prefix: str, path: str) -> str | None:
        """The script that `@prefixes` adds to one: its path with dots for slashes, behind the prefix."""
        self.bound = self.bound or any(self._relative)  # what a path is below of depends on all folders
        for folder in self.folders:
            if path.startswith(folder + os.sep):
                relative = path[len(folder) + 1 :]
                head, tail = os.path.split(relative)
                stem = os.path.splitext(tail)[0]
                parts = head if stem == "__load__" else os.path.join(head, stem)
                flat = prefix + "." + parts.replace(os.sep, ".")
                for where in self.folders:
                    found = self._at(os.path.join(where, flat))
                    if found is not None:
                        return found
        return None

    def hint(self, name: str, beside: str | None = None) -> str:
        """Scripts that have a similar name, as a hint.

        :param beside: as for `script`
        """
        # Whoever types a name may mean a file here, whatever folders the environment names.
        folders = list(dict.fromkeys([*self.folders, os.getcwd()])) if beside is None else self.folders
        if name.startswith(("./", "../")) or name in (".", "..") or os.path.isabs(name):
            folders = [beside or os.getcwd()]
        for folder in folders:
            path = os.path.join(folder, name)
            if os.path.isdir(path):
                return f'{os.path.normpath(path)} is a folder without a script "__load__.bro"'
            if os.path.islink(path):
                return f"{os.path.normpath(path)} is a link to a file that is not there"
        for folder in folders:
            near = _near(folder, name.split("/")) if not os.path.isabs(name) else _near("/", name.split("/"))
            if near is not None:
                return f'did you mean "{near}"?'
        return "it was looked for in " + ", ".join(folders)


def _near(folder: str, parts: list[str]) -> str | None:
    """A path below a folder of which every part is like one of these; None if there is none."""
    from difflib import get_close_matches

    part, rest = parts[0], parts[1:]
    here = os.path.join(folder, part)
    if rest and (part in ("", ".", "..") or os.path.isdir(here)):
        close = [part]
    else:
        try:
            entries = os.listdir(folder)
        except OSError:
            return None
        if rest:
            names = {e for e in entries if os.path.isdir(os.path.join(folder, e))}
        else:
            ends = (*_EXTENSIONS, ".sig")
            stems = {os.path.splitext(e)[0] for e in entries if e.endswith(ends) or "." not in e}
            own = os.path.splitext(part)[1]
            names = {stem + own for stem in stems} if own in ends else stems
        close = get_close_matches(part, names, n=3, cutoff=0.7)
    for found in close:
        if not rest:
            return found
        below = _near(os.path.join(folder, found), rest)
        if below is not None:
            return f"{found}/{below}"
    return None
