"""Driving an analyzer without traffic and without an engine, for a plugin's own tests.

::

    def test_echo() -> None:
        run = Drive(Echo)
        run.orig(b"hello")
        run.resp(b"hello")
        assert run.events == [("echo_request", b"hello")]
        assert run.confirmed
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from bro.plugins.analyzer import Analyzer, FileAnalyzer

_A = TypeVar("_A", bound=Analyzer)
_F = TypeVar("_F", bound=FileAnalyzer)


class _Notes:
    """What an analyzer asked for."""

    def __init__(self) -> None:
        #: (name, *arguments) of each event, in order
        self.events: list[tuple[Any, ...]] = []
        self.confirmed = False
        #: (reason, data)
        self.violations: list[tuple[str, bytes | None]] = []
        #: (name, addl)
        self.weirds: list[tuple[str, str]] = []
        #: tags of children that were added
        self.children: list[str] = []
        #: bytes passed on to children: by `is_orig`
        self.forwarded: dict[bool, bytes] = {True: b"", False: b""}
        #: contents of files that were handed over, by key
        self.files: dict[str, bytes] = {}
        #: whether the analyzer asked to be removed
        self.removed = False
        #: everything, as tuples that begin with the name of the method
        self.actions: list[tuple[Any, ...]] = []

    def _take(self, actions: list[tuple[Any, ...]]) -> None:
        for action in actions:
            self.actions.append(action)
            name, *args = action
            if name == "event":
                self.events.append((args[0], *args[1]))
            elif name == "confirm":
                self.confirmed = True
            elif name == "violation":
                self.violations.append((args[0], args[1]))
            elif name == "weird":
                self.weirds.append((args[0], args[1]))
            elif name == "add_child":
                self.children.append(args[0])
            elif name in ("forward_stream", "forward_packet"):
                self.forwarded[args[1]] += args[0]
            elif name == "file_data":
                self.files[args[0]] = self.files.get(args[0], b"") + args[1]
            elif name == "remove":
                self.removed = True


class Drive(_Notes, Generic[_A]):
    """An analyzer of a protocol, driven by hand."""

    def __init__(self, cls: type[_A]) -> None:
        super().__init__()
        self.analyzer: _A = cls()
        self.analyzer.init()
        self._after()

    def _after(self) -> None:
        self._take(self.analyzer.take_actions())

    def stream(self, data: bytes, is_orig: bool) -> None:
        """The next bytes of a side's stream."""
        self.analyzer.deliver_stream(data, is_orig)
        self._after()

    def orig(self, data: bytes) -> None:
        """The originator's next bytes."""
        self.stream(data, True)

    def resp(self, data: bytes) -> None:
        """The responder's next bytes."""
        self.stream(data, False)

    def packet(self, data: bytes, is_orig: bool) -> None:
        """The payload of a datagram."""
        self.analyzer.deliver_packet(data, is_orig)
        self._after()

    def gap(self, offset: int, length: int, is_orig: bool) -> None:
        """A hole in a side's stream."""
        self.analyzer.undelivered(offset, length, is_orig)
        self._after()

    def end(self, is_orig: bool) -> None:
        """The end of a side."""
        self.analyzer.end_of_data(is_orig)
        self._after()

    def flip(self) -> None:
        """Originator and responder turn out to be the other way round."""
        self.analyzer.flip_roles()
        self._after()

    def finish(self, *, reset: bool = False) -> None:
        """The end of the connection."""
        if reset:
            self.analyzer.connection_reset()
        else:
            self.analyzer.connection_finished(False)
        self.analyzer.done()
        self._after()


class DriveFile(_Notes, Generic[_F]):
    """An analyzer of a file, driven by hand."""

    def __init__(self, cls: type[_F]) -> None:
        super().__init__()
        self.analyzer: _F = cls()
        #: whether it still wants more
        self.wants_more = True
        self.analyzer.init()
        self._after()
        self._offset = 0

    def _after(self) -> None:
        self._take(self.analyzer.take_actions())

    def data(self, data: bytes) -> None:
        """The next bytes of the file."""
        for answer in (
            self.analyzer.deliver_stream(data),
            self.analyzer.deliver_chunk(data, self._offset),
        ):
            self.wants_more = self.wants_more and answer is not False
        self._offset += len(data)
        self._after()

    def gap(self, length: int) -> None:
        """Bytes that are missing."""
        if self.analyzer.undelivered(self._offset, length) is False:
            self.wants_more = False
        self._offset += length
        self._after()

    def end(self) -> None:
        """The end of the file."""
        self.analyzer.end_of_file()
        self.analyzer.done()
        self._after()
