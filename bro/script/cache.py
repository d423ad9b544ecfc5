"""The cache of compiled programs.

A program is one file: a manifest of what it was made of, then the tables of its units (`codegen.UnitCode`),
written by `marshal`.  The base scripts have a file of their own, with the names they declare beside it, so
that a change in a user's script compiles that script alone.

A file of the cache is used if its name fits what is asked for (names of scripts, options, versions of Python
and of this package, declarations of the engine) and everything it was made of is as it was: the content of
every script that was read, the absence of those that were looked for first, the environment variables that
conditions asked for. A folder that cannot be written, a file that is damaged: then the scripts are compiled.
"""

from __future__ import annotations

import marshal
import os
import sys
from _struct import Struct
from time import time
from zlib import crc32

from bro.runtime import dispatch
from bro.script.hashing import blake2b
from bro.script.program import LoadedFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Final

    from bro.script.compiler import Compiler
    from bro.script.loader import LoadOptions

    Found = tuple[list[dict[str, Any]], LoadedFiles]

_MAGIC: Final = b"bro-cache-6\n"
#: Lengths of the manifest and of the tables of base and user scripts, and checksums: over the tables of the
#: base scripts, which are the same in every program that goes on with them, and over the rest.
_HEADER: Final = Struct("<QQQII")

#: Of the files beside a program: a checksum over what follows it, and one of the tables it goes with.
_SEAL: Final = Struct("<II")

#: Programs kept in the folder; those not used for longest go first.
MAX_PROGRAMS: Final = 48


def folder() -> str:
    """The folder of the cache: $BRO_CACHE_DIR, or "bro" in the user's cache folder."""
    given = os.environ.get("BRO_CACHE_DIR")
    if given:
        return given
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(home, "bro")


def _trusted(path: str) -> bool:
    """Whether only this user can write to a folder: what is in it will be executed."""
    try:
        status = os.stat(path)
    except OSError:
        return False
    return status.st_uid == os.getuid() and not status.st_mode & 0o022


# ---- keys --------------------------------------------------------------------------------------------------


def _sources() -> Iterator[tuple[str, int, int]]:
    """Names, sizes and times of the Python files that decide what compiled code is like."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for part in ("script", "runtime", "runtime/builtins"):
        try:
            entries = sorted(os.scandir(os.path.join(package, part)), key=lambda e: e.name)
        except OSError:
            continue
        for entry in entries:
            if entry.name.endswith(".py"):
                status = entry.stat()
                yield entry.name, status.st_size, status.st_mtime_ns


class Names:
    """Names of files in the cache, without their endings: a program's, and those of the base scripts."""

    __slots__ = ("base", "program")

    def __init__(self, files: list[str], options: LoadOptions) -> None:
        digest = blake2b(digest_size=16)
        add(digest, sys.version, sys.implementation.cache_tag, tuple(_sources()))
        add(digest, options.bare, options.base, options.search_path, sorted(options.facts.items()))
        for name, text in options.declarations or ():
            add(digest, name, len(text))
            digest.update(text.encode("utf-8", "surrogatepass"))
        self.base = self.program = os.path.join(folder(), digest.hexdigest())
        if _user_part(files, options):
            # Scripts of one name in several folders; that a program still fits the current one, `_valid`
            # tells.
            here = os.getcwd() if any(_is_here(f) for f in files) else ""
            add(digest, here, files, options.prefixes, options.redefs, options.code, options.plugins)
            self.program = os.path.join(folder(), digest.hexdigest())


def add(digest: blake2b, *parts: Any) -> None:
    """Let a digest depend on values."""
    digest.update(repr(parts).encode("utf-8", "surrogatepass"))


def _is_here(name: str) -> bool:
    """Whether a name from the command line is that of a script in or below the current folder."""
    return not os.path.isabs(name) and any(os.path.exists(name + end) for end in ("", ".bro", ".zeek"))


def _user_part(files: list[str], options: LoadOptions) -> bool:
    """Whether there is anything besides the base scripts."""
    return bool(files or options.prefixes or options.redefs or options.code or options.plugins)


# ---- reading -----------------------------------------------------------------------------------------------


def lookup(names: Names) -> Found | None:
    """The program out of the cache; None if it is not there or not valid any more."""
    if not _trusted(folder()):
        return None
    path = names.program + ".program"
    content = _read(path)
    if content is None:
        return None
    manifest, base, user, checksum = content
    fresh = _valid(manifest)
    if not fresh:
        return None
    units = [marshal.loads(base)]
    if user:
        units.append(marshal.loads(user))
    if fresh != "same":  # only times have changed: note the new ones
        _write(path, manifest, base, bytes(user), checksum)
    _used(path)
    dispatch.templates.update(manifest["templates"])
    return units, _loaded(manifest)


def _read(path: str) -> tuple[dict[str, Any], memoryview, memoryview, int] | None:
    """Manifest and tables of a file, and the checksum of those of the base scripts; None if there is no such
    file or it is damaged.
    """
    try:
        with open(path, "rb") as file:
            data = file.read()
        if not data.startswith(_MAGIC):
            return None
        first, second, third, of_base, of_rest = _HEADER.unpack_from(data, len(_MAGIC))
        view = memoryview(data)[len(_MAGIC) + _HEADER.size :]
        if len(view) != first + second + third:
            return None
        manifest, base, user = view[:first], view[first : first + second], view[first + second :]
        if crc32(base) != of_base or crc32(user, crc32(manifest)) != of_rest:
            return None
        return marshal.loads(manifest), base, user, of_base
    except (OSError, ValueError, EOFError, TypeError, KeyError):
        return None
    except Exception:  # struct.error and whatever a damaged file leads to
        return None


def _valid(manifest: dict[str, Any]) -> str:
    """Whether what a program was made of is as it was: "same", "touched" (only times differ), or "" if not.

    Times that differ are brought up to date in the manifest.
    """
    if manifest["folder"] not in ("", os.getcwd()):
        return ""
    verdict = "same"
    files = manifest["files"]
    for path, (size, modified, digest) in list(files.items()):
        try:
            status = os.stat(path)
        except OSError:
            return ""
        if status.st_size != size:
            return ""
        if status.st_mtime_ns != modified:
            try:
                with open(path, "rb") as file:
                    if _digest(file.read()) != digest:
                        return ""
            except OSError:
                return ""
            files[path] = (size, status.st_mtime_ns, digest)
            verdict = "touched"
    for path in manifest["missing"]:
        if os.path.lexists(path):
            return ""
    for name, value in manifest["environment"].items():
        if os.environ.get(name) != value:
            return ""
    return verdict if _plugins_fit(manifest["plugin_digests"]) else ""


def _plugins_fit(digests: dict[str, bytes]) -> bool:
    """Whether the plugins that scripts load are as they were; they are imported for it, as they are
    needed anyway.
    """
    if not digests:
        return True
    from bro.plugins.loading import digest, use_named
    from bro.plugins.plugin import PluginError

    try:
        return all(digest(use_named(name)) == known for name, known in digests.items())
    except PluginError:
        return False


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=20).digest()


def _loaded(manifest: dict[str, Any]) -> LoadedFiles:
    return LoadedFiles(
        list(manifest["scripts"]),
        list(manifest["signatures"]),
        list(manifest["plugins"]),
        list(manifest["warnings"]),
    )


# ---- building ----------------------------------------------------------------------------------------------


class Build:
    """A program that was just compiled; `save` puts it into the cache once it has been linked."""

    def __init__(self, files: list[str], options: LoadOptions, names: Names | None = None) -> None:
        self.files = files
        self.options = options
        self.names = names or Names(files, options)
        self.compiler: Compiler
        self._base_is_new = False
        self._base_manifest: dict[str, Any] = {}
        self._symbols = b""
        #: the tables of the base scripts as they stand in the cache; empty if they were compiled
        self._base: bytes | memoryview = b""
        self._base_checksum = 0
        self.units: list[dict[str, Any]] = []
        self.loaded = LoadedFiles()

    def compile(self) -> None:
        """Compile what the cache does not have.

        :raises CompileError: when scripts have errors
        """
        from bro.script.compiler import Compiler, tables
        from bro.script.diagnostics import TooManyErrors
        from bro.script.search import SearchPath

        assert self.options.search_path is not None
        self.compiler = compiler = Compiler(SearchPath(self.options.search_path), self.options.facts)
        try:
            if not self.restore_base():
                compiler.read_base(self.options)
                compiler.finish("")
                self._base_is_new = True
            self._base_manifest = self._manifest()
            if self._base_is_new and self.options.cache:
                self._symbols = compiler.save_state()
            compiler.prefixes.extend(self.options.prefixes)
            compiler.read_user(self.files, self.options)
            if compiler.decls:
                compiler.kept = self._kept()
                compiler.finish("u")
            compiler.diagnostics.check()
        except TooManyErrors:
            compiler.diagnostics.check()
            raise
        self.units = [tables(u) for u in compiler.units]
        self.loaded = _loaded(self._manifest())

    def _kept(self) -> bytes | memoryview | None:
        """The functions of the last compilation of these scripts; None where none are kept."""
        from bro.script.lazy import POSSIBLE

        if not self.options.cache or not POSSIBLE:
            return None
        try:
            with open(self.names.program + ".functions", "rb") as file:
                data = file.read()
        except OSError:
            return b""
        return _unsealed(data, 0) or b"" if _trusted(folder()) else b""

    def restore_base(self) -> bool:
        """Take the base scripts from the cache."""
        if not self.options.cache or not _trusted(folder()):
            return False
        path = self.names.base
        content = _read(path + ".program")
        if content is None or not _valid(content[0]):
            return False
        try:
            with open(path + ".symbols", "rb") as file:
                state = _unsealed(file.read(), content[3])
            if state is None:
                return False
            self.compiler.restore_state(state)
        except Exception:  # a damaged file leads to anything
            return False
        _used(path + ".program")
        _used(path + ".symbols")
        manifest = content[0]
        compiler = self.compiler
        dispatch.templates.update(manifest["templates"])
        self._base, self._base_checksum = content[1], content[3]
        compiler.units.append(marshal.loads(self._base))
        compiler.files.update(manifest["files"])
        compiler.search.missing.update(manifest["missing"])
        compiler.search.bound = bool(manifest["folder"])
        compiler.environment.update(manifest["environment"])
        compiler.warnings_before = list(manifest["warnings"])
        return True

    def _manifest(self) -> dict[str, Any]:
        compiler = self.compiler
        return {
            "files": dict(compiler.files),
            "missing": sorted(compiler.search.missing),
            "folder": os.getcwd() if compiler.search.bound else "",
            "environment": dict(compiler.environment),
            "scripts": list(compiler.scripts),
            "signatures": list(compiler.signatures),
            "plugins": list(compiler.plugins),
            "plugin_digests": dict(compiler.plugin_digests),
            "warnings": compiler.warnings_before + [d.render() for d in compiler.diagnostics.warnings],
            "templates": dict(dispatch.templates),
        }

    def save(self) -> None:
        """Write the cache; whatever goes wrong, the program runs without it."""
        where = folder()
        try:
            os.makedirs(where, mode=0o700, exist_ok=True)
        except OSError:
            return
        if not _trusted(where):
            return
        base, checksum = self._base, self._base_checksum
        if not base:
            base = marshal.dumps(_packed(self.units[0]))
            checksum = crc32(base)
        path = self.names.base
        if self._base_is_new:
            self._base_manifest["templates"] = dict(dispatch.templates)
            _write(path + ".program", self._base_manifest, base, b"", checksum)
            _write_file(path + ".symbols", *_sealed(self._symbols, checksum))
        if _user_part(self.files, self.options):
            path = self.names.program
            user = b""
            if len(self.units) > 1:
                packed = _packed(self.units[1])
                user = marshal.dumps(packed)
                if self.compiler.reuse is not None:
                    functions = self.compiler.reuse.write(packed["functions"])
                    _write_file(path + ".functions", *_sealed(functions, 0))
            _write(path + ".program", self._manifest(), base, user, checksum)
        _prune(where, self.names.base)


def _packed(unit: dict[str, Any]) -> dict[str, Any]:
    """The tables of a unit with functions in the form that is read when they are called."""
    from bro.script.lazy import pack

    functions = [code if code.__class__ is tuple else pack(code) for code in unit["functions"]]
    return {**unit, "functions": functions}


def _write(path: str, manifest: dict[str, Any], base: bytes | memoryview, user: bytes, checksum: int) -> None:
    """Write a program.

    :param checksum: of the tables of the base scripts
    """
    first = marshal.dumps(manifest)
    header = _HEADER.pack(len(first), len(base), len(user), checksum, crc32(user, crc32(first)))
    _write_file(path, _MAGIC + header, first, base, user)


def _sealed(data: bytes, of_tables: int) -> tuple[bytes, bytes]:
    """The parts of a file that goes with tables of a program, which have this checksum."""
    return _SEAL.pack(crc32(data), of_tables), data


def _unsealed(content: bytes, tables: int) -> memoryview | None:
    """What `_sealed` was given; None if it is damaged or goes with tables that have another checksum."""
    if len(content) < _SEAL.size:
        return None
    data = memoryview(content)[_SEAL.size :]
    checksum, of_tables = _SEAL.unpack_from(content)
    return data if of_tables == tables and checksum == crc32(data) else None


def _write_file(path: str, *parts: bytes | memoryview) -> None:
    """Write a file so that nobody ever sees half of it."""
    temporary = os.path.join(os.path.dirname(path), f".new-{os.getpid()}-{os.urandom(4).hex()}")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            for data in parts:
                file.write(data)
        os.replace(temporary, path)
    except BaseException as error:
        os.unlink(temporary)
        if not isinstance(error, OSError):
            raise


def _used(path: str) -> None:
    """Note that a file was used, for `_prune`: once a minute will do.  Times of access are often not kept."""
    try:
        if time() - os.stat(path).st_mtime > 60.0:
            os.utime(path)
    except OSError:
        return


def _prune(where: str, base: str) -> None:
    """Delete what was not used for longest; never the base scripts, which the next program wants too."""
    try:
        entries = [e for e in os.scandir(where) if e.name.endswith((".program", ".symbols", ".functions"))]
        entries.sort(key=lambda e: e.stat().st_mtime_ns, reverse=True)
        for entry in entries[MAX_PROGRAMS:]:
            if entry.path not in (base + ".program", base + ".symbols"):
                os.unlink(entry.path)
    except OSError:
        return  # somebody else was faster
