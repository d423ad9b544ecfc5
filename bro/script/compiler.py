"""Compiling files: finding them, following `@load`, deciding `@if`, and running the stages over what was
read.

A `Compiler` makes one unit after the other: the base scripts, then the user's.  It notes which files it read
and which it looked for in vain, so that the cache can tell whether it would do the same again.
"""

from __future__ import annotations

import marshal
import os

from bro.runtime.stack import RoomForTrees
from bro.script import former, forthcoming, regular
from bro.script import nodes as n
from bro.script import types as t
from bro.script.check import Unit, check
from bro.script.check_declarations import REDEFINITION
from bro.script.codegen import UnitCode, generate
from bro.script.diagnostics import Diagnostics, Source, TooManyErrors, suggest
from bro.script.hashing import blake2b
from bro.script.parser import ParserBase, parse
from bro.script.reuse import Reuse
from bro.script.scope import EVENT_ALIASES, Scope, Symbol
from bro.script.search import SearchPath
from bro.script.stored_scope import pack, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from bro.script.loader import LoadOptions

#: How deep files may load each other; a cycle is no problem, as each is loaded once.
MAX_LOAD_DEPTH = 100

#: Seconds of processor time that the condition of an `@if` may take.
CONDITION_SECONDS = 5.0


def _engine_signatures() -> set[str]:
    """The names of the signature files that come with the engine's analyzers, such as "dpd/http"."""
    try:
        from bro import _engine
    except ImportError:
        return set()
    return {name for name, _ in _engine.signatures()}


class Compiler:
    """Compiles scripts; the parser's `Host`."""

    def __init__(self, search: SearchPath, facts: dict[str, Any] | None = None) -> None:
        self.search = search
        self.facts = facts or {}
        self.diagnostics = Diagnostics()
        self.scope = Scope()
        #: declarations of the unit that is being read
        self.decls: list[n.Decl] = []
        #: absolute path and depth of every script, in the order they were begun
        self.scripts: list[tuple[str, int]] = []
        self.signatures: list[str] = []
        self.plugins: list[str] = []
        #: scripts of analyzers that are still to come, with where they were asked for
        self.left_out: list[tuple[str, Source, int, int]] = []
        #: of plugins that scripts load, what they depend on of them; by name
        self.plugin_digests: dict[str, bytes] = {}
        #: files that were read, with their length, time and hash: see `cache`
        self.files: dict[str, tuple[int, int, bytes]] = {}
        #: warnings of units that came out of the cache
        self.warnings_before: list[str] = []
        #: environment variables that conditions asked for, with what they were
        self.environment: dict[str, str | None] = {}
        self.prefixes: list[str] = []
        #: functions that did not change, of the unit of the user's scripts
        self.reuse: Reuse | None = None
        #: those of the last compilation, as `reuse` kept them; empty if there was none, None to keep none
        self.kept: bytes | memoryview | None = None
        self._seen: set[str] = set()
        self._unloaded: set[str] = set()
        self._depth = 0
        #: declarations of the unit by the full names they declare or change
        self._by_name: dict[str, list[n.Decl]] = {}
        self._conditions: dict[tuple[str, str], tuple[bool, dict[str, int]]] = {}
        #: full names that conditions of the unit mention
        self._mentioned: set[str] = set()
        #: code of the units compiled so far
        self.units: list[UnitCode | dict[str, Any]] = []
        self._builtins: Any = None
        for name in EVENT_ALIASES.values():
            self.define_event(name)

    def define_event(self, name: str) -> None:
        """The events at start and end exist whatever is loaded."""
        if name == "zeek_script_loaded":
            return
        from bro.script.types import VOID, FuncType

        symbol = Symbol(name, "event")
        symbol.type, symbol.state = FuncType("event", (), VOID), 2
        symbol.prototypes = [symbol.type]
        self.scope.add(symbol)

    # ---- reading -------------------------------------------------------------------------------------------

    def read_text(self, name: str, text: bytes, engine: bool = False) -> None:
        """Read declarations that are in no file."""
        parse(Source(name, text, engine), self.diagnostics, self)

    def read_file(self, path: str, where: tuple[Source, int, int] | None = None) -> None:
        """Read a script; nothing happens if it was read before."""
        real = os.path.realpath(path)
        if real in self._seen or real in self._unloaded:
            return
        self._seen.add(real)
        try:
            data, time = self.read_bytes(path)
        except OSError as error:
            source, start, end = where or (None, 0, 0)
            self.diagnostics.error(f"cannot read {path}: {error.strerror}", source, start, end)
            return
        if b"\0" in data:
            source, start, end = where or (None, 0, 0)
            hint = f"captures are read with -r {path}" if data.startswith(_CAPTURES) else ""
            if data.startswith((b"\xff\xfe", b"\xfe\xff")):
                hint = "it is in UTF-16; save it in UTF-8"
            self.diagnostics.error(f"{path} is not a script: it is no text", source, start, end, hint)
            return
        self.files[path] = (len(data), time, blake2b(data, digest_size=20).digest())
        self.scripts.append((path, self._depth))
        self._depth += 1
        if self._depth > MAX_LOAD_DEPTH:
            source, start, end = where or (None, 0, 0)
            self.diagnostics.error("files load each other too deeply", source, start, end)
        else:
            source = Source(path, data)
            source.loaded = where and where[:2]
            parse(source, self.diagnostics, self)
        self._depth -= 1

    def was_read(self, path: str) -> bool:
        """Whether a script was read, by its real path."""
        return path in self._seen

    def read_bytes(self, path: str) -> tuple[bytes, int]:
        """The content of a script and when it was changed last; editors give their own."""
        with open(path, "rb") as file:
            return file.read(), os.fstat(file.fileno()).st_mtime_ns

    def read_named(self, name: str) -> bool:
        """Read the script that a name from the command line stands for."""
        found = self.search.script(name)
        if found is None:
            self.diagnostics.error(f'there is no script "{name}"', None, hint=self.search.hint(name))
            return False
        self.read_file(found)
        return True

    # ---- host of the parser --------------------------------------------------------------------------------

    def load(self, name: str, parser: ParserBase, start: int, end: int) -> None:
        found = self.search.script(name, os.path.dirname(parser.source.path))
        if found is None:
            instead, advice = former.script(name)
            if name.startswith("base/bif/"):
                pass  # declarations of the engine and of built-in functions, which are always there
            elif forthcoming.is_script(name):
                self.left_out.append((name, parser.source, start, end))
            elif advice:
                parser.warning(f'there is no script "{name}" any more: {advice}', start, end)
                if instead:
                    self.load(instead, parser, start, end)
            else:
                beside = os.path.dirname(parser.source.path)
                parser.error(f'there is no script "{name}"', start, end, self.search.hint(name, beside))
            return
        self.read_file(found, (parser.source, start, end))

    def load_signatures(self, name: str, parser: ParserBase, start: int, end: int) -> None:
        found = self.search.signatures(name, os.path.dirname(parser.source.path))
        if found is None and name in _engine_signatures():
            found = name
        if found is None:
            beside = os.path.dirname(parser.source.path)
            hint = suggest(name, _engine_signatures()) or self.search.hint(name, beside)
            parser.error(f'there is no signature file "{name}"', start, end, hint)
        elif found not in self.signatures:
            self.signatures.append(found)

    def load_plugin(self, name: str, parser: ParserBase, start: int, end: int) -> None:
        if name in self.plugins:
            return
        from bro.plugins.loading import digest, use_named
        from bro.plugins.plugin import PluginError

        try:
            plugin = use_named(name)
        except PluginError as error:
            parser.error(str(error), start, end)
            return
        self.plugin_digests[name] = digest(plugin)
        self.read_plugin(name, plugin.declarations(), plugin.scripts)

    def read_plugin(self, name: str, texts: list[tuple[str, str]], scripts: list[str]) -> None:
        """Read what scripts see of a plugin."""
        if name in self.plugins:
            return
        self.plugins.append(name)
        for source, text in texts:
            self.read_text(source, text.encode("utf-8", "surrogateescape"), engine=True)
        for path in scripts:
            self.read_named(path)

    def unload(self, name: str, parser: ParserBase, start: int, end: int) -> None:
        found = self.search.script(name, os.path.dirname(parser.source.path))
        if found is None:
            parser.warning(f'there is no script "{name}" to leave out', start, end)
            return
        self._unloaded.add(os.path.realpath(found))

    def set_prefixes(self, op: str, names: list[str]) -> None:
        self.prefixes = (self.prefixes if op == "+=" else []) + names

    def declare(self, decl: n.Decl) -> None:
        self.decls.append(decl)
        for name in _declared(decl):
            self._by_name.setdefault(name, []).append(decl)

    def defined(self, name: str, module: str) -> bool:
        for full in _candidates(name, module):
            self._mentioned.add(full)
            if full in self._by_name or self.scope.get(full) is not None or full in self.builtins:
                return True
            if full in EVENT_ALIASES:
                return True
        return False

    @property
    def builtins(self) -> dict[str, Any]:
        if self._builtins is None:
            from bro.runtime.builtins.registry import known

            self._builtins = known()
        return self._builtins  # type: ignore[no-any-return]

    # ---- @if -----------------------------------------------------------------------------------------------

    def condition(self, expr: n.Expr, parser: ParserBase) -> bool:
        """The value of the condition of an `@if`: the declarations it needs so far are compiled and run."""
        plain = _plain(expr)
        if plain is not None:
            return plain
        text = parser.source.text[expr.start : expr.end]
        key = (text, parser.module)
        for name in _names(expr):
            self._mentioned.update(_candidates(name, parser.module))
        known = self._conditions.get(key)
        if known is not None and all(
            len(self._by_name.get(name, ())) == count for name, count in known[1].items()
        ):
            return known[0]
        try:
            needed, names = self._needed(expr, parser.module)
            value = self._evaluate(expr, parser, needed)
        except RecursionError:
            parser.error("what this condition needs is nested too deeply", expr.start, expr.end)
            return False
        self._conditions[key] = (value, {name: len(self._by_name.get(name, ())) for name in names})
        return value

    def _needed(self, expr: n.Expr, module: str) -> tuple[list[n.Decl], set[str]]:
        """The declarations that an expression depends on, in order, and all names that were looked for."""
        names: set[str] = set()
        chosen: set[int] = set()
        todo: list[tuple[str, str]] = [(name, module) for name in _names(expr)]
        while todo:
            name, where = todo.pop()
            for full in _candidates(name, where):
                if full in names:
                    continue
                names.add(full)
                for decl in self._by_name.get(full, ()):
                    if id(decl) not in chosen:
                        chosen.add(id(decl))
                        todo.extend((inner, decl.module) for inner in _names(decl))
        return [d for d in self.decls if id(d) in chosen], names

    def _evaluate(self, expr: n.Expr, parser: ParserBase, needed: list[n.Decl]) -> bool:
        import copy

        from bro.runtime import context as contexts
        from bro.runtime.watchdog import Watchdog
        from bro.script.program import InitError, LoadedFiles, Program

        memo: dict[int, Any] = {id(d.source): d.source for d in needed}
        memo[id(parser.source)] = parser.source
        decls = copy.deepcopy(needed, memo)
        result = n.GlobalDecl(
            expr.start,
            expr.end,
            parser.source,
            parser.module,
            True,
            "const",
            "condition@if",
            expr.start,
            n.SimpleTypeExpr(expr.start, expr.end, "bool"),
            copy.deepcopy(expr, memo),
            [],
        )
        scope = self.scope.fork()
        diagnostics = Diagnostics()
        unit = Unit("x")
        check([*decls, result], scope, diagnostics, unit)
        code = None if diagnostics.error_count else generate(unit, scope, diagnostics)
        if code is None or diagnostics.error_count:
            for item in diagnostics.errors:
                message = item.message.replace('"condition@if"', "the condition of @if")
                self.diagnostics.error(message, item.source, item.start, item.end, item.hint)
            return False
        outer = contexts.current
        context = contexts.use(contexts.Context())
        context.options = outer.options
        context.state["facts"] = self.facts
        # Whatever a condition calls may run without an end.
        watchdog = Watchdog(context, CONDITION_SECONDS)
        watchdog.start()
        try:
            program = Program([tables(u) for u in [*self.units, code]], LoadedFiles(), context)
            if "getenv" in program.namespace:
                program.namespace["getenv"] = self._getenv
            program.init()
            return bool(program.namespace["condition@if"])
        except InitError as error:
            parser.error(f"the condition cannot be computed: {error}", expr.start, expr.end)
            return False
        finally:
            watchdog.stop()
            contexts.use(outer)

    def _getenv(self, name: bytes) -> bytes:
        key = os.fsdecode(name)
        value = os.environ.get(key)
        self.environment[key] = value
        return b"" if value is None else os.fsencode(value)

    # ---- units ---------------------------------------------------------------------------------------------

    def read_base(self, options: LoadOptions) -> None:
        """Read what every program has: the declarations of the engine and the base scripts."""
        for name, text in options.declarations or ():
            self.read_text(f"<engine>/{name}", text.encode("latin-1", "replace"), engine=True)
        if options.base:
            self.read_named("base/init-bare")
            if not options.bare:
                self.read_named("base/init-default")

    def read_user(self, files: list[str], options: LoadOptions) -> None:
        """Read what the command line asks for: plugins, scripts, text, redefinitions."""
        for plugin in options.plugins:
            self.read_plugin(*plugin)
        for name in files:
            self.read_named(name)
        self.read_prefixed()
        if options.code:
            self.read_text("<command line>", os.fsencode(options.code) + b"\n")
        for redef in options.redefs:
            self.read_text(REDEFINITION, b"redef " + os.fsencode(self.quoted(redef)) + b";\n")
        forthcoming.warn_of_scripts(self)

    def quoted(self, redef: str) -> str:
        """A redefinition of the command line with quotes around the value where it is for a string."""
        name, assign, value = redef.partition("=")
        symbol = self.scope.get(name.strip())
        is_string = symbol is not None and symbol.kind == "variable" and symbol.type is t.STRING
        if assign and is_string and not value.strip().startswith('"'):
            return f"{name}={_quoted(value)}"
        return _quoted_path(redef)

    def save_state(self) -> bytes:
        """What compiling a further unit needs to know of those before it."""
        from bro.runtime.builtins.registry import catalogue

        state = (
            pack(self.scope),
            self._seen,
            self._unloaded,
            self.scripts,
            self.signatures,
            self.plugins,
            self.prefixes,
            catalogue(),
            regular.compiled(),
        )
        return marshal.dumps(state)

    def restore_state(self, data: bytes | memoryview) -> None:
        """Go on from what `save_state` gave."""
        from bro.runtime.builtins.registry import use

        (
            packed,
            self._seen,
            self._unloaded,
            self.scripts,
            self.signatures,
            self.plugins,
            self.prefixes,
            builtins,
            expressions,
        ) = marshal.loads(data)
        use(builtins)
        regular.use(expressions)
        self.scope = unpack(packed)

    def read_prefixed(self) -> None:
        """Read the scripts that `@prefixes` asks for beside those that were loaded."""
        done = 0
        while done < len(self.scripts):
            path, _ = self.scripts[done]
            done += 1
            for prefix in self.prefixes:
                found = self.search.prefixed(prefix, path)
                if found is not None:
                    self.read_file(found)

    def finish(self, prefix: str) -> UnitCode:
        """Check and generate what was read since the last unit.

        :raises CompileError: when there are errors
        """
        try:
            if prefix:
                forthcoming.complete(self)
            unit = Unit(prefix)
            unit.mentioned = self._mentioned
            with RoomForTrees():
                check(self.decls, self.scope, self.diagnostics, unit)
                self.diagnostics.check()
                if self.kept is not None:
                    self.reuse = _reuse(self.decls, self.kept)
                code = generate(unit, self.scope, self.diagnostics, self.reuse)
            if self.diagnostics.error_count:
                self.reuse = None
        except TooManyErrors:
            pass
        except RecursionError:  # a place that no part of the compiler knew of
            self.diagnostics.error("something in these scripts is nested too deeply", None)
        self.diagnostics.check()
        self.decls = []
        self._by_name = {}
        self._conditions = {}
        self._mentioned = set()
        self.units.append(code)
        return code


def _reuse(decls: list[n.Decl], kept: bytes | memoryview) -> Reuse:
    """The functions that were kept, as far as they can be read."""
    made = Reuse(decls)
    if kept:
        try:
            made.read(kept)
        except Exception:  # a damaged file leads to anything
            return Reuse(decls)
    return made


#: What captures begin with: pcap in both resolutions and byte orders, pcapng, gzip.
_CAPTURES = (
    b"\xd4\xc3\xb2\xa1",
    b"\xa1\xb2\xc3\xd4",
    b"\x4d\x3c\xb2\xa1",
    b"\xa1\xb2\x3c\x4d",
    b"\x0a\x0d\x0d\x0a",
    b"\x1f\x8b",
)


def tables(code: UnitCode | dict[str, Any]) -> dict[str, Any]:
    """The tables of a unit as a dictionary, which is how they are kept and linked."""
    if isinstance(code, dict):
        return code
    return {slot: getattr(code, slot) for slot in UnitCode.__slots__}


def _declared(decl: n.Decl) -> Iterator[str]:
    """The full names that a declaration declares or changes."""
    module = decl.module
    if isinstance(decl, (n.GlobalDecl, n.TypeDecl)):
        yield decl.name
        if isinstance(decl, n.TypeDecl) and isinstance(decl.type_expr, n.EnumTypeExpr):
            yield from (_full(item.name, module) for item in decl.type_expr.items)
    elif isinstance(decl, n.FuncDecl):
        yield _full(decl.name, module)
        if decl.signature.flavor != "function" and "::" not in decl.name:
            yield decl.name
    elif isinstance(decl, (n.RedefDecl, n.RedefRecord, n.RedefField)):
        yield from _candidates(decl.name.name, module)
    elif isinstance(decl, n.RedefEnum):
        yield from _candidates(decl.name.name, module)
        yield from (_full(item.name, module) for item in decl.items)


def _full(name: str, module: str) -> str:
    if "::" in name:
        return name.removeprefix("GLOBAL::")
    return name if module == "GLOBAL" else f"{module}::{name}"


def _candidates(name: str, module: str) -> list[str]:
    """The full names that a name as written may stand for."""
    if "::" in name:
        return [name.removeprefix("GLOBAL::").removeprefix("::")]
    return [name] if module == "GLOBAL" else [f"{module}::{name}", name]


def _names(node: Any) -> Iterator[str]:
    """All names in a tree that may be those of globals or types."""
    if isinstance(node, (n.Name, n.NamedTypeExpr)) or (
        isinstance(node, n.FuncDecl) and node.signature.flavor != "function"
    ):
        yield node.name
    if isinstance(node, n.Node):
        for name in node._fields:
            value = getattr(node, name)
            if isinstance(value, n.Node):
                yield from _names(value)
            elif isinstance(value, list):
                for item in value:
                    if isinstance(item, n.Node):
                        yield from _names(item)


def _plain(expr: n.Expr) -> bool | None:
    """The value of a condition made of constants alone; None for others."""
    if isinstance(expr, n.Literal) and expr.tag == "bool":
        return bool(expr.value)
    if isinstance(expr, n.Unary) and expr.op == "!":
        inner = _plain(expr.operand)
        return None if inner is None else not inner
    if isinstance(expr, n.Binary) and expr.op in ("&&", "||"):
        left, right = _plain(expr.left), _plain(expr.right)
        if left is None or right is None:
            return None
        return (left and right) if expr.op == "&&" else (left or right)
    return None


def _quoted_path(redef: str) -> str:
    """A redefinition of the command line whose value is a path or nothing at all, with quotes around the
    value; no expression begins that way but a pattern, which ends with a slash as well.
    """
    name, assign, value = redef.partition("=")
    value = value.strip()
    is_pattern = len(value) > 1 and value.startswith("/") and value.rstrip("is").endswith("/")
    if not assign or is_pattern or not (value == "" or value[0] in "/.~"):
        return redef
    return f"{name}={_quoted(value)}"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
