"""What may stand at the cursor: names, fields, attributes, directives, scripts to load.

A script that is being written is broken where the cursor is.  The compiler gets over most of that; what is
left open before the cursor is closed here, and the record whose fields are asked for is looked for among the
tokens.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from bro.script import nodes as n
from bro.script import types as t
from bro.script.check import Function
from bro.script.diagnostics import CompileError, Source
from bro.script.lexer import ATTRIBUTES, CONDITION_DIRECTIVES, KEYWORDS, LINE_DIRECTIVES, tokenize
from bro.script.scope import Symbol
from bro.tools.frontend import Analysis

if TYPE_CHECKING:
    from bro.tools.workspace import Workspace

#: Most entries of a completion; editors ask again when more is typed.
MAX_COMPLETIONS: Final = 500

#: How far before the cursor the begin of a name is looked for.
_LONGEST_WORD: Final = 200

_WORD: Final = re.compile(r"[A-Za-z_0-9:]*\Z")
_LOAD: Final = re.compile(r"[ \t]*@(load|load-sigs|unload)[ \t]+([^\s#]*)\Z")
#: A word that says what kind of name comes next: raised or handled events, hooks, redefinitions.
_BEFORE_NAME: Final = re.compile(r"(?:^|[\s;{}])(event|hook|redef[ \t]+(?:record|enum))[ \t]+\Z")
_KINDS_BEHIND: Final = {"event": ("event",), "hook": ("hook",)}
_PLACEHOLDER: Final = "completion__"
_CLOSING: Final = {"(": ")", "[": "]", "{": "}"}
#: Words whose statement ends with a body instead of a semicolon.
_WITH_BODY: Final = frozenset(["if", "for", "while", "switch", "when"])


class Completion(NamedTuple):
    """A name that may stand at the cursor."""

    label: str
    kind: str  #: as of `Definition`, or "keyword", "attribute", "local", "directive", "file", "folder"
    detail: str
    text: str = ""  #: what to put in, where that is more than the label
    name: str = ""  #: the full name whose documentation belongs to it


def complete(workspace: Workspace, path: str, offset: int) -> list[Completion]:
    """What may stand at an offset of a file."""
    text = workspace.source(path).text
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    load = _LOAD.match(line)
    if load is not None:
        return _scripts(workspace, path, load.group(2), signatures=load.group(1) == "load-sigs")
    found_word = _WORD.search(text[max(0, offset - _LONGEST_WORD) : offset])
    word = found_word.group() if found_word else ""
    begin = offset - len(word)
    before = text[max(0, begin - _LONGEST_WORD) : begin]
    if before.endswith("$"):
        return _fields(workspace, path, begin, offset)
    if before.endswith("&") and not before.endswith("&&"):
        return [Completion(name, "attribute", "") for name in sorted(ATTRIBUTES) if name.startswith(word)]
    if before.endswith("@"):
        names = sorted(LINE_DIRECTIVES | CONDITION_DIRECTIVES)
        return [Completion(name[1:], "directive", "") for name in names if name.startswith("@" + word)]
    return _names(workspace, path, begin, word)


# ---- scripts -----------------------------------------------------------------------------------------------


def _scripts(workspace: Workspace, path: str, written: str, signatures: bool) -> list[Completion]:
    """The scripts and folders that the begin of a name behind `@load` may lead to."""
    head, _, tail = written.rpartition("/")
    assert workspace.options.search_path is not None
    beside = os.path.dirname(os.path.abspath(path))
    near = written.startswith(("./", "../"))
    folders = [beside] if near else [*workspace.options.search_path, *([beside] if signatures else [])]
    endings = (".sig",) if signatures else (".bro", ".zeek")
    made: dict[str, Completion] = {}
    for folder in folders:
        try:
            entries = sorted(os.listdir(os.path.join(folder, head)))
        except OSError:
            continue
        for entry in entries:
            stem, ending = os.path.splitext(entry)
            if not entry.startswith(tail) or (entry.startswith((".", "__")) and not tail):
                continue
            if os.path.isdir(os.path.join(folder, head, entry)):
                made.setdefault(entry, Completion(entry, "folder", ""))
            elif ending in endings:
                made.setdefault(stem, Completion(stem, "file", ""))
    return list(made.values())[:MAX_COMPLETIONS]


# ---- fields ------------------------------------------------------------------------------------------------


def _fields(workspace: Workspace, path: str, begin: int, offset: int) -> list[Completion]:
    """The fields of the record before a dollar sign, or of the one that is being made."""
    text = workspace.source(path).text
    rest = "" if text[offset:].partition("\n")[0].strip() else _closing(text[:begin])
    patched = text[:begin] + _PLACEHOLDER + rest + text[offset:]
    try:
        found = workspace.analysis(path, patched.encode("latin-1"))
    except CompileError:
        return []
    node = workspace.node(found, path, (begin, begin + len(_PLACEHOLDER)))
    type_: t.Type | None = None
    if isinstance(node, (n.FieldAccess, n.HasField)):
        type_ = node.base.type
    else:
        type_ = _Made(workspace, found, path, text[: begin - 1]).record()
    if not isinstance(type_, t.RecordType):
        return []
    return [
        Completion(f.name, "field", f.type.notation(), name=f"{type_.name}${f.name}") for f in type_.fields
    ]


def _closing(text: str) -> str:
    """What ends the statement at the end of a text: its brackets, and a semicolon or body."""
    kinds = tokenize(Source("", text.encode("latin-1"))).kinds[:-1]
    opened: list[str] = []
    first = 0
    for i, kind in enumerate(kinds):
        if kind in _CLOSING:
            opened.append(kind)
        elif kind in (")", "]", "}") and opened:
            opened.pop()
        if kind in ("{", "}") or (kind == ";" and (not opened or opened[-1] == "{")):
            first = i + 1
    closing = ""
    while opened and opened[-1] != "{":
        closing += _CLOSING[opened.pop()]
    return closing + (" { }" if kinds[first : first + 1] and kinds[first] in _WITH_BODY else ";")


class _Made:
    """Finds the type of the record that is being made at the end of a text, by the tokens before it."""

    def __init__(self, workspace: Workspace, found: Analysis, path: str, text: str) -> None:
        self.found = found
        self.module = workspace.module_at(path, len(text))
        self.function = function_at(found, path, len(text))
        tokens = tokenize(Source("", text.encode("latin-1")))
        self.kinds, self.texts = tokens.kinds[:-1], tokens.texts[:-1]

    def record(self) -> t.Type | None:
        """The type of the innermost record; None where it cannot be told."""
        return self.of_bracket(self.opening(len(self.kinds))[0])

    def opening(self, end: int) -> tuple[int, int]:
        """The place of the bracket that is open before a token, or -1, and the number of commas since."""
        depth = commas = 0
        for i in range(end - 1, -1, -1):
            kind = self.kinds[i]
            if kind in (")", "]", "}"):
                depth += 1
            elif kind in _CLOSING:
                if depth == 0:
                    return i, commas
                depth -= 1
            elif kind == "," and depth == 0:
                commas += 1
            elif kind == ";" and depth == 0:
                break
        return -1, commas

    def of_bracket(self, at: int) -> t.Type | None:
        if at < 1:
            return None
        before = self.kinds[at - 1]
        if self.kinds[at] == "(":
            symbol = self.symbol(at - 1)
            return symbol.type if symbol is not None and symbol.kind == "type" else None
        if self.kinds[at] != "[":
            return None
        if before in ("(", ","):
            return self.of_argument(at)
        if before == "return" and self.function is not None:
            return self.function.type.result
        if before == "=" and at >= 3:
            if self.kinds[at - 3] == "$":
                return self.of_field(self.of_bracket(self.opening(at - 3)[0]), self.texts[at - 2])
            if self.kinds[at - 3] == ":":
                symbol = self.symbol(at - 2)
                return symbol.type if symbol is not None and symbol.kind == "type" else None
            return self.of_variable(at - 2)
        return None

    def of_argument(self, at: int) -> t.Type | None:
        """The type of the parameter of the call in which a bracket opens."""
        call, number = self.opening(at)
        symbol = self.symbol(call - 1)
        type_ = symbol.type if symbol is not None else None
        if call < 1 or self.kinds[call] != "(" or not isinstance(type_, t.FuncType):
            return None
        return type_.params[number].type if number < len(type_.params) else None

    def of_variable(self, at: int) -> t.Type | None:
        for local in reversed(self.function.scope.locals if self.function is not None else []):
            if local.name == self.texts[at]:
                return local.type
        symbol = self.symbol(at)
        return symbol.type if symbol is not None and symbol.kind == "variable" else None

    @staticmethod
    def of_field(type_: t.Type | None, name: str) -> t.Type | None:
        fields = type_.fields if isinstance(type_, t.RecordType) else []
        return next((f.type for f in fields if f.name == name), None)

    def symbol(self, at: int) -> Symbol | None:
        """The global name that a token is."""
        if at < 0 or self.kinds[at] != "ID":
            return None
        return self.found.scope.lookup(self.texts[at], self.module)


# ---- names -------------------------------------------------------------------------------------------------


def function_at(found: Analysis, path: str, offset: int) -> Function | None:
    """The function or handler of a file in whose parameters or body an offset is."""
    real = os.path.realpath(path)
    best, latest = None, -1
    for function in found.unit.functions:
        body = function.body
        if body is None or os.path.realpath(function.source.path) != real:
            continue
        start = function.decl.start if function.decl is not None else body.start
        if start <= offset <= body.end and body.start > latest:
            best, latest = function, body.start
    return best


def _names(workspace: Workspace, path: str, begin: int, word: str) -> list[Completion]:
    """Variables, functions, types and keywords that begin with a word."""
    from bro.runtime.builtins.registry import load_all

    source = workspace.source(path)
    module = workspace.module_at(path, begin)
    made: dict[str, Completion] = {}
    try:
        found = workspace.analysis(path)
    except CompileError:
        return []
    line = source.text[source.text.rfind("\n", 0, begin) + 1 : begin]
    behind = _BEFORE_NAME.search(line)
    wanted = _KINDS_BEHIND.get(behind.group(1), ("type",)) if behind is not None else None
    function = function_at(found, path, begin)
    if function is not None and wanted is None:
        for local in function.scope.locals:
            if local.name.startswith(word) and local.start <= begin:
                made[local.name] = Completion(local.name, "local", local.type.notation())
    prefix = module + "::"
    found.scope.load_all()
    # Behind `event` or `hook` outside of functions stands the head of a handler.
    heads = wanted is not None and function is None and not line[: behind.start(1) if behind else 0].strip()
    for full, symbol in found.scope.symbols.items():
        name = full[len(prefix) :] if full.startswith(prefix) and not word.startswith(prefix) else full
        if not name.startswith(word) or "@" in name or len(made) >= MAX_COMPLETIONS:
            continue
        if wanted is not None and _flavor(symbol) not in wanted:
            continue
        kind = "constant" if symbol.constant else symbol.kind
        detail = symbol.type.notation()
        head = ""
        if heads and isinstance(symbol.type, t.FuncType):
            head = name + "(" + ", ".join(f"{p.name}: {p.type.notation()}" for p in symbol.type.params) + ")"
        made.setdefault(name, Completion(name, kind, detail, head, full))
    if wanted is not None:
        return list(made.values())
    for name, builtin in load_all().items():
        if name.startswith(word) and len(made) < MAX_COMPLETIONS:
            made.setdefault(name, Completion(name, "function", builtin.signature, name=name))
    for name in sorted(KEYWORDS):
        if name.startswith(word) and len(made) < MAX_COMPLETIONS:
            made.setdefault(name, Completion(name, "keyword", ""))
    return list(made.values())


def _flavor(symbol: Symbol) -> str:
    """What a name is: "event" and "hook" also where only a prototype declares them."""
    if symbol.kind != "type" and isinstance(symbol.type, t.FuncType) and symbol.kind != "variable":
        return symbol.type.flavor
    return symbol.kind
