"""What a writer is: the one interface between the framework and whatever stores rows.

A writer of one's own is a subclass of `Writer`, registered under the name of its value of the enum
``Log::Writer`` (`bro.logging.writers.register`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import MappingProxyType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from bro.logging.columns import Column


class WriterError(Exception):
    """Rows could not be stored; the text says what happened to which file and what to do about it."""


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class WriterInfo:
    """What a writer is to write."""

    __slots__ = ("columns", "config", "directory", "limits", "path")

    def __init__(
        self,
        path: str,
        columns: tuple[Column, ...],
        config: Mapping[str, str] = _NOTHING,
        directory: str = "",
        limits: Mapping[str, int] = _NOTHING,
    ) -> None:
        self.path = path  #: name of the log, such as "conn"
        self.columns = columns  #: in order
        self.config = config  #: the filter's own options
        self.directory = directory  #: where files go; empty for the current directory
        self.limits = limits  #: on the size of rows, see `settings.LIMITS`


class Writer(ABC):
    """Stores the rows of one log.

    Every method may raise `WriterError` or `OSError`; the log is then given up, which is reported once.
    Methods are called from the thread of the scripts, so what takes long belongs on a thread of the writer's
    own.
    """

    def __init__(self, info: WriterInfo) -> None:
        self.info = info

    def init(self) -> None:  # noqa: B027
        """Get ready; called once, before the first row."""

    @abstractmethod
    def write(self, row: list[Any]) -> None:
        """Store a row: for each column its value as scripts have it, None where it has none.

        Sets and vectors come as lists, values of enums as their names (str), patterns, functions and files as
        text.
        """

    def set_buffering(self, enabled: bool) -> None:  # noqa: B027
        """Say whether rows may wait in memory."""

    def flush(self) -> None:  # noqa: B027
        """Store what waits."""

    def rotate(self, to: str, closed: float) -> bool:
        """Close what was written so far, rename it to `to`, and begin anew with the next row.

        :returns: whether there was anything.
        """
        return False

    def finish(self) -> None:  # noqa: B027
        """Store everything; no call follows."""

    def heartbeat(self, now: float) -> None:  # noqa: B027
        """Called about once a second while traffic is live."""

    @property
    def file(self) -> str:
        """What the rows go to, for messages and postprocessors."""
        return self.info.path

    @property
    def suffix(self) -> str:
        """The extension of its files, with the dot; part of the names they are rotated to."""
        return ""
