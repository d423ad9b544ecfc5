"""Many file name patterns at once: which of them match a string?

A pattern is a glob: ``*`` stands for any bytes, ``?`` for one, ``[...]`` for one of a class (``[!...]`` for
one outside of it), a backslash takes the meaning from the byte behind it; everything else stands for itself,
and the whole string must match.
"""

from __future__ import annotations

from bro._engine import Pattern, PatternSet

_ANY = b"(.|\\n)"


def _literal(byte: int) -> bytes:
    """A byte as it stands for itself in a pattern."""
    plain = 0x30 <= byte <= 0x39 or 0x41 <= byte <= 0x5A or 0x61 <= byte <= 0x7A
    return bytes([byte]) if plain else b"\\x%02x" % byte


def _class(glob: bytes, start: int) -> tuple[bytes, int] | None:
    """The class that begins behind ``[`` at `start`, and where it ends; None if it does not end."""
    position = start
    negated = glob[position : position + 1] in (b"!", b"^")
    if negated:
        position += 1
    end = glob.find(b"]", position + 1)  # a bracket right at the beginning belongs to the class
    if end < 0:
        return None
    members = []
    while position < end:
        low = glob[position]
        if position + 2 < end and glob[position + 1] == 0x2D:
            high = glob[position + 2]
            if low <= high:
                members.append(_literal(low) + b"-" + _literal(high))
            position += 3
        else:
            members.append(_literal(low))
            position += 1
    if not members:  # nothing but empty ranges: matches nothing, or with negation anything
        return (_ANY if negated else b"[^\\x00-\\xff]"), end + 1
    return b"[" + (b"^" if negated else b"") + b"".join(members) + b"]", end + 1


def translate(glob: bytes) -> bytes:
    """Return the pattern text of a glob."""
    out: list[bytes] = []
    position = 0
    while position < len(glob):
        byte = glob[position]
        position += 1
        if byte == 0x2A:
            if not (out and out[-1] == _ANY + b"*"):
                out.append(_ANY + b"*")
        elif byte == 0x3F:
            out.append(_ANY)
        elif byte == 0x5B and (found := _class(glob, position)) is not None:
            text, position = found
            out.append(text)
        else:
            if byte == 0x5C and position < len(glob):  # a backslash takes the meaning from the next byte
                byte = glob[position]
                position += 1
            out.append(_literal(byte))
    return b"".join(out)


class Paraglob:
    """A set of globs, matched in one pass over the string."""

    bro_type = "paraglob"

    __slots__ = ("globs", "matcher")

    def __init__(self, globs: list[bytes]) -> None:
        """Compile globs.  Raises ValueError if they make too large an automaton."""
        self.globs = list(dict.fromkeys(globs))
        self.matcher = PatternSet([Pattern(translate(glob)) for glob in self.globs])

    def match(self, text: bytes) -> list[bytes]:
        """Return the globs that match the whole of `text`, in the order in which they were given."""
        return [self.globs[number] for number in sorted(self.matcher.exact(text))]

    def __bro_copy__(self) -> Paraglob:
        return self  # never changes
