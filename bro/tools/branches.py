"""The ways that control may take through a script, line by line: coverage of branches is measured against
them.

A branch is a line from which control goes on in more than one line.  What is on one line is one step.
"""

from __future__ import annotations

from collections.abc import Iterable

from bro.script import nodes as n
from bro.script.diagnostics import Source
from bro.tools.frontend import read, walk

#: From a line to a line; the end of a function is the negative of the line it begins on.
Arc = tuple[int, int]


class Flow:
    """Where control may go on in a script."""

    def __init__(self, text: bytes) -> None:
        self._source = Source("<script>", text)
        #: where a line with a condition or the like may be left to
        self.exits: dict[int, set[int]] = {}
        #: lines that a statement or condition goes on in, and the line that it begins on
        self._further: dict[int, int] = {}
        #: lines of the values of a `switch`, and its own line
        self._labels: dict[int, int] = {}
        for decl in read(self._source)[0].found:
            body = getattr(decl, "body", None)
            if isinstance(body, n.Block):
                self._body(body, -self._line(decl.start))
            for node in walk(decl):
                if isinstance(node, n.Lambda):
                    self._body(node.body, -self._line(node.start))
                elif isinstance(node, n.When):
                    for part in (node.body, node.timeout_body):
                        if part is not None:
                            self._body(part, -self._line(node.start))
                elif isinstance(node, n.Stmt):
                    self._note_lines(node)
        self.exits = {line: after for line, after in self.exits.items() if len(after) > 1}

    def arcs(self) -> set[Arc]:
        """All ways out of lines that have several."""
        return {(line, after) for line, found in self.exits.items() for after in found}

    def translate(self, arcs: Iterable[Arc]) -> set[Arc]:
        """What was seen to run, in terms of the lines that statements begin on."""
        made = set()
        for one, other in arcs:
            begin, end = self._further.get(one, one), self._further.get(other, other)
            # Values of a `switch` are compared on their lines, and the choice is made on its own.
            begin_switch, end_switch = self._labels.get(begin, begin), self._labels.get(end, end)
            if begin != end_switch or end_switch == end:
                end = end_switch
            if begin_switch != begin and begin not in self.exits and end in self._labels.values():
                begin = begin_switch
            if begin != end:
                made.add((begin, end))
        return made

    def _line(self, offset: int) -> int:
        return self._source.position(offset)[0]

    def _note_lines(self, node: n.Stmt) -> None:
        """Note the lines that the head of a statement goes on in."""
        if isinstance(node, (n.If, n.While)):
            parts: list[n.Node] = [node.condition]
        elif isinstance(node, n.For):
            parts = [node.iterable]
        elif isinstance(node, n.Switch):
            parts = [node.value]
        elif isinstance(node, (n.Block, n.When)):
            return
        else:
            parts = [node]
        begin = self._line(node.start)
        inner = {
            line
            for part in parts
            for found in walk(part)
            if isinstance(found, n.Lambda)
            for line in range(self._line(found.body.start), self._line(found.end) + 1)
        }
        for part in parts:
            for line in range(begin + 1, self._line(max(part.start, part.end - 1)) + 1):
                if line not in inner:
                    self._further[line] = begin

    def _body(self, body: n.Stmt, end: int) -> None:
        self._visit(body, end, end, end, end)

    def _entry(self, node: n.Stmt | None, follow: int) -> int:
        """The line in which control comes into a statement."""
        if node is None:
            return follow
        if isinstance(node, n.Block):
            return self._first(node.body, follow)
        if isinstance(node, n.LocalDecl) and node.init is None:
            return follow
        return self._line(node.start)

    def _first(self, body: list[n.Stmt], follow: int) -> int:
        for node in reversed(body):
            follow = self._entry(node, follow)
        return follow

    def _visit(self, node: n.Stmt | None, follow: int, end: int, after_loop: int, loop: int) -> None:
        """Note the ways out of a statement and of those in it.

        :param follow: where control goes on behind it
        :param end: where the function ends
        :param after_loop: where `break` leads to
        :param loop: where `next` leads to
        """
        if isinstance(node, n.Block):
            self._sequence(node.body, follow, end, after_loop, loop)
        elif isinstance(node, n.If):
            if not isinstance(node.condition, n.Literal):
                self._note(node, [self._entry(node.then, follow), self._entry(node.otherwise, follow)])
            self._visit(node.then, follow, end, after_loop, loop)
            self._visit(node.otherwise, follow, end, after_loop, loop)
        elif isinstance(node, (n.While, n.For)):
            own = self._line(node.start)
            if not (isinstance(node, n.While) and isinstance(node.condition, n.Literal)):
                self._note(node, [self._entry(node.body, own), follow])
            self._visit(node.body, own, end, follow, own)
        elif isinstance(node, n.Switch):
            own = self._line(node.start)
            # A `break` that stands alone in a case becomes no code.
            after = [
                follow if case.body and isinstance(case.body[0], n.Break) else self._first(case.body, follow)
                for case in node.cases
            ]
            if not any(case.default for case in node.cases):
                after.append(follow)
            self._note(node, after)
            for i, case in enumerate(node.cases):
                for label in (*case.values, *case.types):
                    if self._line(label.start) != own:
                        self._labels[self._line(label.start)] = own
                self._sequence(case.body, after[i + 1] if i + 1 < len(after) else follow, end, follow, loop)

    def _sequence(self, body: list[n.Stmt], follow: int, end: int, after_loop: int, loop: int) -> None:
        for node in reversed(body):
            self._visit(node, follow, end, after_loop, loop)
            follow = self._entry(node, follow)

    def _note(self, node: n.Stmt, after: list[int]) -> None:
        line = self._line(node.start)
        if line in after:  # a part of it is on the same line: it cannot be told which way was taken
            self.exits[line] = set()
        elif line not in self.exits:
            self.exits[line] = set(after)
