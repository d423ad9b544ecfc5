"""Rotation: closing a log at set times, giving it a name of its own, and letting scripts process it."""

from __future__ import annotations

import os

from bro.logging import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bro.logging.destination import Destination
    from bro.logging.manager import Logging
    from bro.runtime.timers import Timer
    from bro.runtime.values import EnumValue


class Rotation:
    """When and how one log is rotated."""

    def __init__(self, destination: Destination, logging: Logging, filter_: Any, now: float) -> None:
        self._destination = destination
        self._logging = logging
        self._interval: float = filter_.interv or 0.0
        self._postprocessor = filter_.postprocessor or default_postprocessor(filter_.writer)
        self._opened = now
        self._timer: Timer | None = None
        self._schedule(now)

    def _schedule(self, now: float) -> None:
        if self._interval > 0:
            self._timer = self._logging.call_after(next_rotation(now, self._interval), self._due)

    def _due(self) -> None:
        now = self._logging.now()
        if self._timer is not None and now < self._timer.due:
            return  # the program is ending, for which all timers are called; `finish` follows
        self.rotate(now, terminating=False)
        self._schedule(now)

    def finish(self) -> None:
        """The end of the program: logs that are rotated at all are rotated a last time."""
        if self._timer is not None:
            self._timer.cancel()
            self.rotate(self._logging.now(), terminating=True)

    def rotate(self, now: float, *, terminating: bool) -> None:
        """Rotate now, if anything was written."""
        destination = self._destination
        opened, self._opened = self._opened, now
        log = Rotated(
            destination.writer,
            destination.path,
            destination.file,
            destination.suffix,
            opened,
            now,
            terminating,
            self._postprocessor,
        )
        name = log.name(self._logging)
        if destination.rotate(name, now):
            log.process(self._logging, name)

    def note(self) -> bytes:
        """What is kept beside the open file, so that it can be rotated should this run end without doing
        so.
        """
        from bro.runtime.callables import name_of

        postprocessor = "" if self._postprocessor is None else name_of(self._postprocessor)
        return os.fsencode(f"{self._destination.path}\n{postprocessor}\n")


class Rotated:
    """A log that is being rotated."""

    def __init__(
        self,
        writer: EnumValue,
        path: str,
        file: str,
        suffix: str,
        opened: float,
        closed: float,
        terminating: bool,
        postprocessor: Any,
    ) -> None:
        self._opened = opened
        self._fields = {
            "writer": writer,
            "path": os.fsencode(path),
            "open": opened,
            "close": closed,
            "terminating": terminating,
        }
        self._path = path
        self._file = file
        self._suffix = suffix
        self._postprocessor = postprocessor

    def name(self, logging: Logging) -> str:
        """The name it gets, by ``Log::rotation_format_func``; never one that a file has already."""
        where = None
        format_ = settings.setting("Log::rotation_format_func", None)
        if format_ is not None:
            cls = logging.record("Log::RotationFmtInfo")
            where = logging.call(format_, cls(**self._fields, postprocessor=self._postprocessor))
        if where is None:  # no such function, or it failed, which was reported
            base, directory = f"{self._path}.{settings.stamp(self._opened)}", ""
        else:
            base, directory = settings.text(where.file_basename), settings.text(where.dir or b"")
        stem = os.path.join(directory or settings.directory(), base)
        try:  # noqa: SIM105 - contextlib takes long to import
            os.makedirs(os.path.dirname(stem) or ".", exist_ok=True)
        except OSError:
            pass  # renaming tells what is wrong
        name, number = stem + self._suffix, 1
        while os.path.exists(name):
            name = f"{stem}-{number}{self._suffix}"
            number += 1
        return name

    def process(self, logging: Logging, name: str) -> None:
        """Let the postprocessor have it."""
        if self._postprocessor is not None:
            info = logging.record("Log::RotationInfo")(**self._fields, fname=os.fsencode(name))
            logging.call(self._postprocessor, info)


def default_postprocessor(writer: EnumValue) -> Any:
    """The function of ``Log::default_rotation_postprocessors`` for a kind of writer, None if there is
    none.
    """
    table = settings.setting("Log::default_rotation_postprocessors", None)
    return None if table is None else table.get(writer)


def next_rotation(now: float, interval: float) -> float:
    """Seconds until the next rotation: whole intervals since ``log_rotate_base_time`` of the day."""
    import time

    from bro.runtime.builtins import times

    base = times.time_of_day(settings.setting("log_rotate_base_time", b"0:00"))
    if base is None:  # no time of day: count from when the file was opened
        return interval
    return times.next_rotation(now or time.time(), interval, base)


def rotate_leftovers(logging: Logging, directory: str, writer: EnumValue) -> None:
    """Rotate the logs that an earlier run left in the directory without rotating them.

    Such a log has a note beside it, ``.shadow.NAME``, which is there for as long as the log is open.
    """
    prefix = ".shadow."
    for note in sorted(os.listdir(directory or ".")):
        if not note.startswith(prefix):
            continue
        file = os.path.join(directory, note.removeprefix(prefix))
        note = os.path.join(directory, note)
        try:
            with open(note, encoding="utf-8", errors="surrogateescape") as lines:
                path, postprocessor, *_ = lines.read().split("\n")
            if os.path.exists(file):
                _rotate_leftover(logging, file, path, postprocessor, os.stat(note).st_mtime, writer)
            os.unlink(note)
        except (OSError, ValueError) as error:
            logging.report(f"the log left over as {file} cannot be rotated: {error}")


def _rotate_leftover(
    logging: Logging, file: str, path: str, postprocessor: str, opened: float, writer: EnumValue
) -> None:
    base = path.rpartition("/")[2]
    function = settings.setting(postprocessor, None) if postprocessor else None
    closed = os.stat(file).st_mtime
    suffix = os.path.basename(file).removeprefix(base)
    log = Rotated(
        writer, path, file, suffix, opened, closed, False, function or default_postprocessor(writer)
    )
    name = log.name(logging)
    os.rename(file, name)
    log.process(logging, name)
