"""Code of functions that did not change since a script was compiled last.

Making code takes half of compiling.  Who writes a script changes one function and runs it again, so the code
of all functions of a user's scripts is kept beside the program in the cache.  It is taken again where the
text of the function is what it was, and so is everything outside of the bodies of functions and of the
parameters of handlers: types, names, signatures, and the scripts below are then the same, and what is made of
the text as well.  Bodies do not depend on each other.

Anonymous functions and `when` statements go with the function they stand in.  Left out are functions with
tables with attributes, names of hosts, and directives inside.
"""

from __future__ import annotations

import marshal
import os
from types import CodeType

from bro.script import nodes as n
from bro.script.dialect_1998 import OLDER_FORMS
from bro.script.hashing import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bro.script.check import Function

    #: What a function's code needs of its unit: constants (kind, value, key, name in code), built-in
    #: functions (name, name in code, whether used as a value), events and hooks (name, name in code), names
    #: in code of its closures.
    Needs = tuple[
        list[tuple[str, Any, Any, str]], list[tuple[str, str, bool]], list[tuple[str, str]], tuple[str, ...]
    ]
    #: Name in code, line of the declaration, marshalled code, what it needs, and the code of its closures.
    Entry = tuple[str, int, bytes, Needs, list[bytes]]


class Record:
    """What the code of one function needs, noted while it is made."""

    __slots__ = ("builtins", "closures", "constants", "events", "whole")

    def __init__(self, closures: tuple[str, ...] = ()) -> None:
        self.closures = closures  #: names in code of those that stand in it
        self.constants: list[tuple[str, Any, Any, str]] = []
        self.builtins: list[tuple[str, str, bool]] = []
        self.events: list[tuple[str, str]] = []
        self.whole = True  #: nothing outside of the function's code belongs to it

    def needs(self) -> Needs:
        return self.constants, self.builtins, self.events, self.closures


class Reuse:
    """The functions of the last compilation, and those of this one."""

    def __init__(self, decls: list[n.Decl]) -> None:
        self.environment = _environment(decls)
        self._known: dict[bytes, Entry] = {}
        #: by name in code: key, line, needs
        self._made: dict[str, tuple[bytes, int, Needs]] = {}

    def read(self, data: bytes | memoryview) -> None:
        """Take what `write` gave, if it was made in the same environment."""
        environment, known = marshal.loads(data)
        if environment == self.environment:
            self._known = known

    def write(self, functions: list[Any]) -> bytes:
        """The functions of this compilation, whose code is among what the unit defines."""
        codes: dict[str, bytes] = {}
        for packed in functions:
            if packed.__class__ is tuple:
                codes.update(packed)
        known = {}
        for py, (key, line, needs) in self._made.items():
            if py in codes and all(closure in codes for closure in needs[3]):
                known[key] = (py, line, codes[py], needs, [codes[closure] for closure in needs[3]])
        return marshal.dumps((self.environment, known))

    def key(self, function: Function, params: list[str]) -> bytes | None:
        """What a function is found by; None for one that cannot be taken again."""
        decl = function.decl
        assert decl is not None
        source = decl.source
        text = source.text[decl.start : decl.end]
        if "@" in text:  # a directive may lead to something else the next time
            return None
        _, column = source.position(decl.start)
        place = repr((source.path, decl.module, column, params, len(text)))
        return blake2b(place.encode() + text.encode("latin-1"), digest_size=16).digest()

    def find(self, key: bytes) -> Entry | None:
        """The function of this key."""
        return self._known.get(key)

    def note(self, py: str, key: bytes, line: int, needs: Needs) -> None:
        """A function of this compilation."""
        self._made[py] = key, line, needs


def moved(entry: Entry, py: str, line: int) -> bytes:
    """The code of a function under a name, its declaration being on a line."""
    old, before, data, _, _ = entry
    if old == py and before == line:
        return data
    code: CodeType = _shifted(marshal.loads(data), line - before)
    return marshal.dumps(code.replace(co_name=py, co_qualname=py))


def moved_closures(entry: Entry, line: int) -> list[bytes]:
    """The code of a function's closures, its declaration being on a line."""
    _, before, _, _, codes = entry
    if before == line:
        return codes
    return [marshal.dumps(_shifted(marshal.loads(data), line - before)) for data in codes]


def _shifted(code: CodeType, lines: int) -> CodeType:
    """Code some lines further down, with what is in it."""
    constants = tuple(_shifted(c, lines) if isinstance(c, CodeType) else c for c in code.co_consts)
    return code.replace(co_firstlineno=code.co_firstlineno + lines, co_consts=constants)


def _is_own(decl: n.FuncDecl) -> bool:
    """Whether the parameters and attributes of a handler concern nothing but itself: its event or hook is
    declared elsewhere, and has one form only.
    """
    symbol = decl.symbol
    return (
        decl.signature.flavor != "function"
        and symbol is not None
        and symbol.decl is not decl
        and "undeclared" not in symbol.attrs
        and decl.name not in OLDER_FORMS
    )


def _environment(decls: list[n.Decl]) -> bytes:
    """A digest of all that stands outside of the bodies of functions, once it was checked."""
    digest = blake2b(digest_size=16)
    for decl in decls:
        end = decl.end
        if isinstance(decl, n.FuncDecl):
            end = decl.name_start + len(decl.name) if _is_own(decl) else decl.body.start
        text = decl.source.text[decl.start : end]
        if "@" in text:  # what a directive inside leads to, the text does not tell: nothing is taken again
            digest.update(os.urandom(16))
        parts = (decl.__class__.__name__, decl.source.path, decl.module, decl.exported, len(text))
        digest.update(repr(parts).encode() + text.encode("latin-1"))
    return digest.digest()
