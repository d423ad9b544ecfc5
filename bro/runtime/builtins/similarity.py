"""Measures of how alike two strings are: Levenshtein distance and Smith-Waterman local alignment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from bro.runtime.builtins._support import record
from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import ScriptError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Both measures take time in proportion to the product of the two lengths.  Beyond this product (about half a
#: minute) they refuse, because the strings usually come from traffic.
MAX_CELLS = 100_000_000

#: Smith-Waterman also keeps one byte a cell to trace the alignment back.
MAX_ALIGNMENT_CELLS = 16_000_000


@builtin("function levenshtein_distance(s1: string, s2: string): count")
def levenshtein_distance(s1: bytes, s2: bytes) -> int:
    """Count the single-byte insertions, deletions and replacements that turn one string into the other.

    Raises an error if the product of the lengths is above `MAX_CELLS`.
    """
    if len(s1) < len(s2):
        s1, s2 = s2, s1
    if not s2:
        return len(s1)
    if len(s1) * len(s2) > MAX_CELLS:
        raise ScriptError(
            f"levenshtein_distance: strings of {len(s1)} and {len(s2)} bytes are too long to compare"
        )
    previous = list(range(len(s2) + 1))
    for row, left in enumerate(s1, 1):
        diagonal, cell = row - 1, row
        current = [row]
        append = current.append
        for column, right in enumerate(s2, 1):
            above = previous[column]
            if left == right:
                cell = diagonal
            else:
                cell = 1 + (diagonal if diagonal <= above and diagonal <= cell else min(above, cell))
            append(cell)
            diagonal = above
        previous = current
    return previous[-1]


class _Alignment(NamedTuple):
    """A run of equal bytes found in both strings."""

    start1: int
    start2: int
    length: int
    first: bool  #: the first run of its alignment


# Scores of the local alignment: only equal bytes are worth something, so runs are common substrings.
_MATCH, _MISMATCH, _GAP = 1, -1, -1
_STOP, _DIAGONAL, _UP, _LEFT = range(4)


def _align(s1: bytes, s2: bytes, minimum: int) -> Iterator[list[_Alignment]]:
    """Yield local alignments by falling score; each is the list of its equal runs of at least `minimum`
    bytes.

    Cells of an alignment that was found are not used again, so alignments do not overlap.
    """
    width = len(s2) + 1
    trace = bytearray((len(s1) + 1) * width)
    ends: list[tuple[int, int]] = []
    above = [0] * width
    for row, left in enumerate(s1, 1):
        current = [0] * width
        base = row * width
        for column in range(1, width):
            same = left == s2[column - 1]
            diagonal = above[column - 1] + (_MATCH if same else _MISMATCH)
            up, side = above[column] + _GAP, current[column - 1] + _GAP
            best = max(0, diagonal, up, side)
            if best:
                current[column] = best
                trace[base + column] = _DIAGONAL if best == diagonal else _UP if best == up else _LEFT
                if same and best == diagonal and best >= minimum:
                    ends.append((best, base + column))
        above = current
    ends.sort(key=lambda end: (-end[0], end[1]))
    for _, cell in ends:
        path: list[int] = []
        while trace[cell] != _STOP:
            path.append(cell)
            step = trace[cell]
            cell -= width + 1 if step == _DIAGONAL else width if step == _UP else 1
        runs: list[_Alignment] = []
        length = 0
        for cell in path:  # from the end of the alignment to its beginning
            row, column = divmod(cell, width)
            if trace[cell] == _DIAGONAL and s1[row - 1] == s2[column - 1]:
                length += 1
                last = (row - 1, column - 1)
                continue
            if length >= minimum:
                runs.append(_Alignment(last[0], last[1], length, False))
            length = 0
        if length >= minimum:
            runs.append(_Alignment(last[0], last[1], length, False))
        for cell in path:
            trace[cell] = _STOP
        if runs:
            runs.reverse()
            runs[0] = runs[0]._replace(first=True)
            yield runs


@builtin("function str_smith_waterman(s1: string, s2: string, params: sw_params): sw_substring_vec")
def str_smith_waterman(s1: bytes, s2: bytes, params: Any) -> list[Any]:
    """Find substrings that two strings have in common, by local alignment (Smith and Waterman, 1981).

    `params$min_strlen` is the shortest substring worth reporting; `params$sw_variant` is 0 for the best
    alignment alone and 1 for all alignments that do not overlap.  Each result names the substring, where it
    begins in each of the two strings (`aligns`), and whether it begins an alignment (`new`).

    Raises an error if the product of the lengths is above `MAX_ALIGNMENT_CELLS`.
    """
    if len(s1) * len(s2) > MAX_ALIGNMENT_CELLS:
        raise ScriptError(
            f"str_smith_waterman: strings of {len(s1)} and {len(s2)} bytes are too long to compare"
        )
    minimum = max(1, params.min_strlen if params.min_strlen is not None else 3)
    substring, align = record("sw_substring"), record("sw_align")
    found = []
    for runs in _align(s1, s2, minimum):
        for start1, start2, length, first in runs:
            text = s1[start1 : start1 + length]
            where = [align(str=text, index=start1), align(str=text, index=start2)]
            found.append(substring(str=text, aligns=where, new=first))
        if not params.sw_variant:
            break
    return found
