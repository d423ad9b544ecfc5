"""How much of the reference interface exists, by module.

Usage: python tools/reference_coverage.py REFERENCE_FOLDER [--missing] [--different] [--all]

The folder holds tables of names and signatures (`functions.tsv`: name, signature, kind, loaded).  Signatures
are compared by their words: parameter names, types without module, and whether there is a default.  Names
beginning with ``__`` belong to the inside of another implementation and do not count.  Without the folder
there is nothing to do.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bro.runtime.builtins.registry import load_all
from bro.script import nodes as n
from bro.script.diagnostics import Diagnostics, Source
from bro.script.parser_declarations import Parser

SCRIPTS = Path(__file__).resolve().parent.parent / "bro" / "scripts"


@dataclass(frozen=True)
class Signature:
    """A function's type in words: the parameters, each with name, type and whether it has a default, and
    the result.
    """

    flavor: str
    params: tuple[tuple[str, str, bool], ...]
    result: str
    variadic: bool = False

    def matches(self, other: Signature) -> bool:
        """Whether scripts can use one in place of the other.  A list of any arguments fits any names."""
        if self.variadic or other.variadic:
            return self.flavor == other.flavor and self.result == other.result
        return self == other

    def __str__(self) -> str:
        params = ", ".join(
            f"{name}: {kind}{' &default' if default else ''}" for name, kind, default in self.params
        )
        return f"{self.flavor}({'...' if self.variadic else params}): {self.result}"


def type_words(text: str) -> str:
    """A type without modules, with single blanks."""
    text = re.sub(r"\s+", "", text)
    text = re.sub(r"\b[A-Za-z_]\w*::", "", text)
    text = text.replace("fileofstring", "file").replace("function(", "func(").replace("):void", ")")
    return re.sub(r"(?<=[\])])of|^(vector|opaque)of", lambda found: found.group(0) + " ", text)


def _split(text: str) -> list[str]:
    """Cut at commas that are not inside of brackets or quotes."""
    parts, depth, start, quoted = [], 0, 0, False
    for position, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]


def reference_signature(text: str) -> Signature | None:
    """Read a signature of the reference; None for what is none."""
    head = re.match(r"(function|hook)\s*\(", text)
    if head is None:
        return None
    depth, position = 0, head.end() - 1
    for position in range(head.end() - 1, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            break
    params = []
    for part in _split(text[head.end() : position]):
        if part.startswith("&"):
            continue  # an attribute of the parameter before
        name, _, rest = part.partition(":")
        kind, default, _ = rest.partition("&default")
        params.append((name.strip(), type_words(kind), bool(default)))
    result = text[position + 1 :].strip().removeprefix(":").strip()
    return Signature(
        head.group(1), tuple(params), type_words(result) or "void", params == [("va_args", "any", False)]
    )


def _declared(source: Source, signature: n.FuncTypeExpr) -> Signature:
    """The signature of a parsed declaration."""

    def words(node: n.Node | None) -> str:
        return type_words(source.text[node.start : node.end]) if node is not None else "void"

    params = tuple(
        (param.name, words(param.type_expr), any(attr.name == "default" for attr in param.attrs))
        for param in signature.params
    )
    result = "bool" if signature.flavor == "hook" else words(signature.result)
    return Signature(signature.flavor, params, result, signature.variadic)


class _Host:
    """Takes declarations in; loads nothing, and takes every branch of an `@if`."""

    def __init__(self, found: dict[str, list[Signature]]) -> None:
        self.found = found

    def _ignore(self, *_: Any) -> None:
        pass

    load = load_signatures = load_plugin = unload = set_prefixes = _ignore

    def condition(self, expr: n.Expr, parser: Any) -> bool:
        return True

    def defined(self, name: str, module: str) -> bool:
        return True

    def declare(self, decl: n.Decl) -> None:
        signature = None
        if isinstance(decl, n.FuncDecl):
            name, signature = decl.name, decl.signature
        elif isinstance(decl, n.GlobalDecl) and isinstance(decl.type_expr, n.FuncTypeExpr):
            name, signature = decl.name, decl.type_expr
        if signature is not None and signature.flavor in ("function", "hook"):
            full = name if "::" in name or decl.module == "GLOBAL" else f"{decl.module}::{name}"
            self.found.setdefault(full, []).append(_declared(decl.source, signature))


def our_functions() -> dict[str, list[Signature]]:
    """All functions and hooks: built in, and declared by the scripts that ship.

    A script function is usually declared and defined, so there can be several signatures to a name.
    """
    found: dict[str, list[Signature]] = {}
    for name, builtin in load_all().items():
        diagnostics = Diagnostics()
        source = Source(name, builtin.signature.encode())
        parser = Parser(source, diagnostics, _Host({}))
        parser.advance()
        parser.advance()
        found.setdefault(name, []).append(_declared(source, parser.func_type("function", 0)))
    for path in sorted(SCRIPTS.rglob("*.bro")):
        source = Source(str(path), path.read_bytes())
        diagnostics = Diagnostics()
        Parser(source, diagnostics, _Host(found)).script()
        if diagnostics.errors:
            print(diagnostics.errors[0].render(), file=sys.stderr)
    return found


@dataclass
class Count:
    """What one module has."""

    total: int = 0
    same: int = 0
    different: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def compare(lines: Iterable[str], ours: dict[str, list[Signature]]) -> dict[str, Count]:
    """Compare the rows of `functions.tsv` with what we have, by module."""
    counts: dict[str, Count] = {}
    for line in lines:
        name, text, *_ = line.rstrip("\n").split("\t")
        wanted = reference_signature(text)
        module, _, short = name.rpartition("::")
        if wanted is None or short.startswith("__"):
            continue
        count = counts.setdefault(module or "GLOBAL", Count())
        count.total += 1
        have = ours.get(name)
        if not have:
            count.missing.append(name)
        elif any(wanted.matches(signature) for signature in have):
            count.same += 1
        else:
            count.different.append(f"{name}\n      wanted {wanted}\n      is     {have[0]}")
    return counts


def _report(counts: dict[str, Count], show: set[str]) -> Iterator[str]:
    width = max(map(len, counts), default=6)
    for module, count in sorted(counts.items()):
        if count.same or count.different or "--all" in show:
            other = f", {len(count.different)} different" if count.different else ""
            yield f"{module:<{width}}  {count.same:>4} of {count.total:>4}{other}"
        if show & {"--different", "--all"}:
            yield from (f"    differs: {name}" for name in count.different)
        if show & {"--missing", "--all"}:
            yield from (f"    missing: {name}" for name in count.missing)
    total, same = sum(c.total for c in counts.values()), sum(c.same for c in counts.values())
    yield f"{'all':<{width}}  {same:>4} of {total:>4} functions with the same signature"


def main(arguments: list[str]) -> int:
    """Run the tool; the exit code is 0 unless it is used wrongly."""
    folders = [argument for argument in arguments if not argument.startswith("--")]
    if len(folders) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    table = Path(folders[0]) / "functions.tsv"
    if not table.exists():
        print(f"{table} is not there; nothing to compare")
        return 0
    with table.open(encoding="utf-8") as lines:
        next(lines)  # the header
        counts = compare(lines, our_functions())
    for line in _report(counts, set(arguments) - set(folders)):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
