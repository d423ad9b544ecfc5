"""The process and the machine: environment, commands, ending the program, versions."""

from __future__ import annotations

import os

from bro.runtime import context
from bro.runtime.builtins._support import command, report_error, shown
from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import ScriptError, ScriptExit
from bro.runtime.files import write_stdout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from subprocess import Popen
    from typing import Any, NoReturn

#: The version of the language and of the policy interface, which is what scripts ask for, and whose it is.
VERSION = "8.2.2-bro"


@builtin("function zeek_version(): string")
def zeek_version() -> bytes:
    """Return the version of the script interface, as ``MAJOR.MINOR.PATCH-bro``."""
    return VERSION.encode()


@builtin("function bro_version(): string")
def bro_version() -> bytes:
    """Return the same as `zeek_version`."""
    return VERSION.encode()


@builtin("function getpid(): count")
def getpid() -> int:
    """Return the number of this process."""
    import os

    return os.getpid()


@builtin("function gethostname(): string")
def gethostname() -> bytes:
    """Return the name of this machine."""
    import socket

    return socket.gethostname().encode()


@builtin("function Installation::__prefix(): string")
def installation_prefix() -> bytes:
    """Return the prefix of the Python environment that the program is installed in."""
    import sys

    return os.fsencode(sys.prefix)


@builtin("function getenv(var: string): string")
def getenv(var: bytes) -> bytes:
    """Return an environment variable, empty if it is not set."""
    import os

    return os.environb.get(var, b"")


@builtin("function setenv(var: string, val: string): bool")
def setenv(var: bytes, val: bytes) -> bool:
    """Set an environment variable of this process and the commands it starts; false if the name is not
    possible."""
    import os

    try:
        os.environb[var] = val
    except (ValueError, OSError):
        return False
    return True


@builtin("function zeek_args(): string_vec")
def zeek_args() -> list[bytes]:
    """Return the command line, beginning with the program's name."""
    import os
    import sys

    arguments = context.current.state.get("arguments", sys.argv)
    return [os.fsencode(argument) for argument in arguments]


@builtin("function is_remote_event(): bool")
def is_remote_event() -> bool:
    """Tell whether the event being handled came from another node."""
    return bool(context.current.state.get("remote_event", False))


@builtin("function have_spicy(): bool")
def have_spicy() -> bool:
    """Tell whether Spicy parsers can be used; they cannot."""
    return False


@builtin("function have_spicy_analyzers(): bool")
def have_spicy_analyzers() -> bool:
    """Tell whether there are analyzers written in Spicy; there are none."""
    return False


@builtin("function print_raw(...): bool")
def print_raw(*values: Any) -> bool:
    """Write values to standard output as `cat` joins them, without escaping and without a newline; always
    true."""
    from bro.runtime.builtins.conversion import cat

    write_stdout(cat(*values))
    return True


@builtin("function syslog(s: string): any")
def syslog(s: bytes) -> None:
    """Send a line to the system's log."""
    import syslog as system_log

    system_log.syslog(s.replace(b"\0", b"\\x00").decode("utf-8", "backslashreplace"))


# ---- ending ------------------------------------------------------------------------------------------------


@builtin("function exit(code: int): any")
def exit_(code: int) -> NoReturn:
    """End the program at once with this status; nothing else runs, but logs are finished."""
    raise ScriptExit(code & 0xFF)


@builtin("function terminate(): bool")
def terminate() -> bool:
    """End as if the input had ended: connections are finished, and `bro_done` runs; false if that is going on
    already."""
    state = context.current.state
    if zeek_is_terminating():
        return False
    state["terminating"] = True
    command("terminate")
    return True


@builtin("function zeek_is_terminating(): bool")
def zeek_is_terminating() -> bool:
    """Tell whether the program is ending."""
    return bool(context.current.state.get("terminating") or command("is_terminating"))


# ---- commands ----------------------------------------------------------------------------------------------

#: Commands in the background that have not been seen to end.
_running: list[Popen[bytes]] = []


def _start(line: bytes, environment: Mapping[bytes, bytes] | None) -> int:
    """Start a command in the background; 0 if it runs, 127 if the shell cannot be started."""
    import subprocess
    import sys

    _running[:] = [process for process in _running if process.poll() is None]
    try:
        _running.append(subprocess.Popen(["/bin/sh", "-c", line], stdout=sys.__stderr__, env=environment))
    except (OSError, ValueError) as error:
        report_error(f"system: cannot start {shown(line)}: {error}")
        return 127
    return 0


@builtin("function system(str: string): int")
def system(text: bytes) -> int:
    """Start a shell command in the background, with its output going to standard error.

    What comes from traffic must go through `safe_shell_quote` first.

    :returns: 0 if the shell was started, 127 if not.  How the command ends is not told; see `Exec::run` for
        that.
    """
    return _start(text, None)


@builtin("function system_env(str: string, env: table_string_of_string): int")
def system_env(text: bytes, env: dict[bytes, bytes]) -> int:
    """Start a command as `system` does, with more environment variables.

    :param env: values by name; each name gets ``ZEEK_ARG_`` in front.
    """
    import os

    environment = dict(os.environb)
    for name, value in env.items():
        if b"\0" in name or b"\0" in value or b"=" in name:
            raise ScriptError(f"system_env: {shown(name)} cannot be an environment variable with that value")
        environment[b"ZEEK_ARG_" + name] = value
    return _start(text, environment)


@builtin("function piped_exec(program: string, to_write: string): bool")
def piped_exec(program: bytes, to_write: bytes) -> bool:
    """Run a shell command with the given input and wait until it ends; false if it cannot be run or fails.

    Nothing else happens meanwhile.
    """
    import subprocess

    try:
        done = subprocess.run(["/bin/sh", "-c", program], input=to_write, check=False)
    except (OSError, ValueError) as error:
        report_error(f"piped_exec: cannot run {shown(program)}: {error}")
        return False
    return done.returncode == 0
