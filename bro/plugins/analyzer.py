"""Analyzers of protocols and of files, as classes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from bro import _engine
from bro.plugins.events import Event


class Analyzer(_engine.AnalyzerHandle):
    """A parser of one protocol on one connection.

    The engine makes an instance for each connection that is to be parsed, and calls it with what the
    connection carries; calls for a side come in the order of its stream.  Only calls that a class overrides
    are made.  What the instance asks for (`raise_event`, `confirm`, `forward_stream`, ...) is carried out, in
    that order, when the call has returned.  An exception that leaves a call is reported with the plugin's
    name, counts as a violation, and removes the instance; the monitor goes on.  A class with many of them is
    switched off.

    Whatever the wire brings, a parser must not loop, nor keep an unbounded amount of data.
    """

    #: as in logs and tags: "ECHO" gives the tag ``Analyzer::ANALYZER_ECHO``; default: the class's name
    name: ClassVar[str] = ""
    #: ports of responders it is used for without further evidence, such as ``"7/tcp"``
    ports: ClassVar[Iterable[str]] = ()
    #: events it raises: declarations in Bro's syntax, with the types they need, or `Event` objects
    events: ClassVar[str | Iterable[Event]] = ""
    #: signatures that recognise the protocol; they enable it by its name (``enable "echo"``)
    signatures: ClassVar[str] = ""
    #: whether it works on a stream whose beginning was not seen
    handles_partial: ClassVar[bool] = False

    def init(self) -> None:
        """Get ready; called once, before anything else.  What is set here needs no ``__init__``."""

    def deliver_packet(self, data: bytes, is_orig: bool) -> None:
        """Parse the payload of a datagram.

        :param is_orig: whether the originator of the connection sent it.
        """

    def deliver_stream(self, data: bytes, is_orig: bool) -> None:
        """Parse the next bytes of a side's stream; how they were cut into packets means nothing."""

    def undelivered(self, offset: int, length: int, is_orig: bool) -> None:
        """Cope with a hole: `length` bytes at `offset` of a side's stream were not seen by the monitor."""

    def end_of_data(self, is_orig: bool) -> None:
        """A side sends no more, and all it sent was delivered."""

    def connection_finished(self, half: bool) -> None:
        """Both sides have ended, or one has and the other was never seen (`half`)."""

    def connection_reset(self) -> None:
        """The connection was reset."""

    def flip_roles(self) -> None:
        """Exchange what is kept by side: originator and responder turned out to be the other way round."""

    def done(self) -> None:
        """The last call: the connection goes, or the analyzer is taken off it."""


class FileAnalyzer(_engine.FileAnalyzerHandle):
    """An analyzer of the content of one file.

    It is attached by scripts (``Files::add_analyzer(f, Files::ANALYZER_NAME)``), or to all files of its
    `mime_types`.  Calls that return False say that it has seen enough of the file; any other value means that
    it wants more.  What was said of exceptions and bounds for `Analyzer` holds here as well.
    """

    #: as in files.log and tags: "ZIP" gives the tag ``Files::ANALYZER_ZIP``; default: the class's name
    name: ClassVar[str] = ""
    #: MIME types of files it is attached to by itself
    mime_types: ClassVar[Iterable[str]] = ()
    #: events it raises, which begin with the parameter ``f: fa_file``
    events: ClassVar[str | Iterable[Event]] = ""
    #: signatures of MIME types (``file-magic``, ``file-mime``)
    signatures: ClassVar[str] = ""

    def init(self) -> None:
        """Get ready; called once, before anything else."""

    def deliver_stream(self, data: bytes) -> bool | None:
        """Look at the next bytes, in order and without holes."""

    def deliver_chunk(self, data: bytes, offset: int) -> bool | None:
        """Look at bytes at an offset."""

    def undelivered(self, offset: int, length: int) -> bool | None:
        """Cope with bytes that will never come."""

    def end_of_file(self) -> None:
        """The file is complete."""

    def done(self) -> None:
        """The last call."""
