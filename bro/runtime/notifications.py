"""The statement `log`: real-time notification, as the language's first version has it.

A message goes to syslog where there is one, else to a file, as one line, at once.  The options of
`legacy/1998` choose; a program that does not load it has their defaults.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any, BinaryIO

from bro.runtime import context

if TYPE_CHECKING:
    from socket import socket as Socket

#: Defaults of `Legacy::syslog_socket` and `Legacy::log_file`.
SYSLOG_SOCKET = "/dev/log"
LOG_FILE = "notifications.log"

#: Bytes of a message that go to syslog: what all syslog daemons take of a line (RFC 3164, section 4.1).
MAX_SYSLOG = 1000


def log_message(*parts: bytes) -> None:
    """Notify whoever watches of what the statement has behind `log`, separated by commas."""
    state = context.current.state
    target = state.get("notifications")
    if target is None:
        target = state["notifications"] = _open()
    target.send(b", ".join(parts))


def _open() -> Syslog | File:
    socket = _option("Legacy::syslog_socket", SYSLOG_SOCKET)
    try:
        if socket and stat.S_ISSOCK(os.stat(socket).st_mode):
            return Syslog(socket)
    except OSError:
        pass  # there is no syslog, or it is not for us
    return File(_option("Legacy::log_file", LOG_FILE))


def _option(name: str, default: str) -> str:
    program: Any = context.current.program
    if program is None or name not in program.variables:
        return default
    return os.fsdecode(program.get(name))


class Syslog:
    """The machine's syslog: facility daemon, severity notice (RFC 3164, section 4.1.1)."""

    #: 3 (daemon) * 8 + 5 (notice)
    PRIORITY = 29

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: File | None = None
        self._socket = self._connect()

    def _connect(self) -> Socket:
        from socket import AF_UNIX, SOCK_DGRAM, socket

        found = socket(AF_UNIX, SOCK_DGRAM)
        try:
            found.connect(self._path)
        except OSError:
            found.close()
            raise
        return found

    def send(self, message: bytes) -> None:
        if self._file is not None:
            self._file.send(message)
            return
        line = f"<{self.PRIORITY}>bro[{os.getpid()}]: ".encode() + message[:MAX_SYSLOG]
        try:
            self._socket.send(line)
        except OSError:
            self._send_again(line, message)

    def _send_again(self, line: bytes, message: bytes) -> None:
        """Send over a new socket: the daemon may have been started anew.  Without one, go on with a file."""
        self._socket.close()
        try:
            self._socket = self._connect()
            self._socket.send(line)
        except OSError as error:
            name = _option("Legacy::log_file", LOG_FILE)
            context.current.reporter.warning(
                f"syslog takes no messages any more ({error.strerror}); they go to {name} from here on"
            )
            self._file = File(name)
            self._file.send(message)


class File:
    """A file that grows by a line with the time at each message."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._file: BinaryIO | None = None
        self._failed = False

    def send(self, message: bytes) -> None:
        if self._failed:
            return
        try:
            if self._file is None:
                self._file = open(self._name, "ab", buffering=0)  # noqa: SIM115 - it stays open
            self._file.write(f"{context.current.clock.now:.6f} ".encode() + message + b"\n")
        except OSError as error:
            self._failed = True
            context.current.reporter.error(
                f"the messages of log statements cannot be written to {self._name}: {error.strerror}"
            )
