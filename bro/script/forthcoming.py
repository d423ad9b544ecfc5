"""Names of analyzers that are still to come.

Scripts that people have handle events of many protocols.  Those whose analyzer this version lacks are known
by name and type, so that such scripts load and check; one warning says that their handlers are never called.
The names are in the table `scripts/forthcoming.tsv` (see `tools/forthcoming.py`), of which a program gets
what it uses and nothing else.  What a script declares itself goes before, and an `@ifdef` does not see the
table: it asks whether something is there, which it is not.
"""

from __future__ import annotations

import os
from functools import cache

from bro.script import nodes as n
from bro.script.hashing import blake2b
from bro.script.search import package_scripts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeGuard

    from bro.script.compiler import Compiler

#: Folders of scripts, below protocols/ or files/, of analyzers that are still to come.
_FOLDERS = frozenset(
    (
        "bittorrent", "dce-rpc", "dhcp", "dnp3", "gnutella", "imap", "irc", "krb", "ldap", "modbus", "mqtt",
        "mysql", "ncp", "netbios", "ntlm", "ntp", "pe", "pop3", "postgresql", "quic", "radius", "rdp",
        "redis", "rfb", "sip", "smb", "smtp", "snmp", "socks", "ssh", "ssl", "syslog", "websocket", "x509",
        "xmpp",
    )
)  # fmt: skip
_SCRIPT = r"(?:base/|policy/)?(?:protocols|files|frameworks/intel/seen)/([\w-]+)(?:[/.].*)?$"
#: How many names a warning shows.
_SHOWN = 12


def _path() -> str:
    return os.path.join(package_scripts(), "forthcoming.tsv")


@cache
def _table() -> dict[str, str]:
    """By name the rest of the line, which `_entry` takes apart: whoever changes a script waits for this."""
    with open(_path(), encoding="utf-8") as file:
        lines = file.read().split("\n")
    rows = [line.partition("\t") for line in lines if line[:1] not in ("#", "")]
    return {name: rest for name, _, rest in rows}


def _entry(name: str) -> tuple[str, list[str], str]:
    """Of a name: the component, the other names that the declaration needs, and the declaration."""
    component, needs, text = _table()[name].split("\t")
    return component, needs.split(), text


@cache
def _modules() -> frozenset[str]:
    """The modules of the names in the table."""
    return frozenset([name.partition("::")[0] for name in _table() if "::" in name])


def is_script(name: str) -> bool:
    """Whether a script that is not there is one of an analyzer that is still to come."""
    import re

    found = re.match(_SCRIPT, name)
    if found is None or found.group(1) not in _FOLDERS:
        return False
    return not os.path.isdir(os.path.join(package_scripts(), "base", "protocols", found.group(1)))


def warn_of_scripts(compiler: Compiler) -> None:
    """Say which scripts were left out."""
    if compiler.left_out:
        names = list(dict.fromkeys(entry[0] for entry in compiler.left_out))
        text = "left out, as what they are for is still to come: " + _listed(names)
        compiler.diagnostics.warning(text, *compiler.left_out[0][1:])


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def hint(name: str) -> str:
    """A hint for a name that is not known, if it is of an analyzer that is still to come; else ""."""
    if name not in _table():
        return ""
    return f"{name} belongs to {_entry(name)[0]}, which is still to come"


def names_near(name: str, kinds: frozenset[str] | None) -> set[str]:
    """The names of the same module that `name` may be meant for; of events where only an event can be."""
    events = kinds is not None and "event" in kinds
    module = name.rpartition("::")[0]
    return {
        known
        for known in _table()
        if known.rpartition("::")[0] == module and (not events or ": event(" in _entry(known)[2])
    }


def complete(compiler: Compiler) -> None:
    """Declare what the scripts that were read use of analyzers that are still to come."""
    wanted = dict(_used(compiler)) if _mentioned(compiler) else {}
    if not wanted:
        return
    data, time = compiler.read_bytes(_path())
    compiler.files[_path()] = (len(data), time, blake2b(data, digest_size=20).digest())
    chosen: dict[str, str] = {}
    for name in wanted:
        _choose(name, compiler, chosen)
    own, compiler.decls = compiler.decls, []
    for name, text in chosen.items():
        if text:
            text = _without(text, {f.name for d in own if _extends(d, name) for f in d.fields})
            compiler.read_text(f"<{_entry(name)[0]}>", text.encode(), engine=True)
    compiler.decls += own
    _warn(compiler, {name: decl for name, decl in wanted.items() if name in chosen})


def _extends(decl: n.Decl, record: str) -> TypeGuard[n.RedefRecord]:
    """Whether a declaration adds fields to a record."""
    return isinstance(decl, n.RedefRecord) and record in (decl.name.name, f"{decl.module}::{decl.name.name}")


def _without(text: str, fields: set[str]) -> str:
    """The declaration of a record without fields: a script adds what belongs to one that it does not load."""
    import re

    for field in fields:
        text = re.sub(rf"(?<=[ {{]){re.escape(field)}: [^;]*; ?", "", text)
    return text


def _mentioned(compiler: Compiler) -> bool:
    """Whether the text has any of the names at all, which is quicker to see than what its tree has."""
    table = _table()
    modules = _modules()
    for source in {decl.source for decl in compiler.decls}:
        for word in source.words:
            if word in table or "$" + word in table or word in modules:
                return True
    return False


def _choose(name: str, compiler: Compiler, chosen: dict[str, str]) -> bool:
    """Add a name with all that it needs, what is needed first; False if something of it is unknown."""
    if name in chosen:
        return True
    _, needs, text = _entry(name)
    # Records and events refer to each other, so it counts as chosen from here on.
    chosen[name] = ""
    for other in needs:
        if not _choose(other, compiler, chosen):
            del chosen[name]
            return False
    if "Log::" in text and not compiler.defined("Log::ID", "GLOBAL"):  # a bare program
        del chosen[name]
        return False
    del chosen[name]
    chosen[name] = text
    return True


def _used(compiler: Compiler) -> Iterator[tuple[str, n.Decl]]:
    """The names and, after a "$", the fields that the scripts that were read use and nothing declares, with
    the first declaration that uses them.
    """
    declared: set[str] = set()
    fields: set[str] = set()
    seen: dict[str, n.Decl] = {}
    for decl in compiler.decls:
        declared.update(_declares(decl))
        if isinstance(decl, n.RedefRecord):
            fields.update("$" + field.name for field in decl.fields)
        for name in _names(decl):
            if name.startswith("$"):
                seen.setdefault(name, decl)
                continue
            plain = name.removeprefix("GLOBAL::").removeprefix("::")
            # In a module the short name may be one of its own.
            for full in [plain] if "::" in name else [f"{decl.module}::{plain}", plain]:
                seen.setdefault(full, decl)
    table = _table()
    for name, decl in seen.items():
        if name not in table or name in declared or name in fields:
            continue
        if name.startswith("$") or _unknown(name, compiler):
            yield name, decl


def _unknown(name: str, compiler: Compiler) -> bool:
    return compiler.scope.get(name) is None and name not in compiler.builtins


def _declares(decl: n.Decl) -> Iterator[str]:
    """The full names that a declaration brings into the world."""
    prefix = "" if decl.module == "GLOBAL" else decl.module + "::"
    items: list[n.EnumItem] = []
    if isinstance(decl, (n.GlobalDecl, n.TypeDecl)):
        yield decl.name
        if isinstance(decl, n.TypeDecl) and isinstance(decl.type_expr, n.EnumTypeExpr):
            items = decl.type_expr.items
    elif isinstance(decl, n.RedefEnum):
        items = decl.items
    elif isinstance(decl, n.FuncDecl) and decl.signature.flavor == "function":
        yield decl.name if "::" in decl.name else prefix + decl.name
    for item in items:
        yield item.name if "::" in item.name else prefix + item.name


def _names(node: Any) -> Iterator[str]:
    """The names in a tree that may be those of globals or types, and fields of records after a "$"."""
    if isinstance(node, (n.Name, n.NamedTypeExpr)) or (
        isinstance(node, n.FuncDecl) and node.signature.flavor != "function"
    ):
        yield node.name
    elif isinstance(node, (n.FieldAccess, n.HasField)):
        yield "$" + node.name
    for name in node._fields:
        value = getattr(node, name)
        if isinstance(value, n.Node):
            yield from _names(value)
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, n.Node):
                    yield from _names(item)


def _warn(compiler: Compiler, wanted: dict[str, n.Decl]) -> None:
    """Say what has no effect."""
    handled = {
        name: decl
        for name, decl in wanted.items()
        if isinstance(decl, n.FuncDecl) and decl.signature.flavor == "event" and decl.name.endswith(name)
    }
    changed = {
        name: decl
        for name, decl in wanted.items()
        if isinstance(decl, n.RedefDecl) and name.endswith(decl.name.name)
    }
    called = {name: decl for name, decl in wanted.items() if ": function(" in _entry(name)[2]}
    for names, text in (
        (called, "these functions are only known by name yet, and to call them is a run-time error: "),
        (handled, "nothing raises these events yet, so their handlers are never called: "),
        (changed, "these have no effect yet: "),
    ):
        if not names:
            continue
        components = ", ".join(sorted({_entry(name)[0] for name in names}))
        decl = next(iter(names.values()))
        start, end = decl.start, decl.end
        if isinstance(decl, n.FuncDecl):
            start, end = decl.name_start, decl.name_start + len(decl.name)
        hint = f"what they are of is still to come: {components}"
        compiler.diagnostics.warning(text + _listed(list(names)), decl.source, start, end, hint)
