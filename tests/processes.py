"""Programs that tests start, and waiting for them: every wait has an end here, and says what it was for.

Tests start programs through `run` or `started`, read their lines by `next_line`, end them by `finish`, and
wait for everything else with `wait_until`.  `tests/unit/test_waits.py` fails where a test waits in other ways
and without a limit.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any, TypeVar

T = TypeVar("T")

#: Seconds for what takes a moment: enough on a machine that does much else, well within the limit of a test.
LIMIT = 120.0

#: seconds between two looks at something
PAUSE = 0.02

Command = Sequence[str | os.PathLike[str]] | str


def run(command: Command, *, seconds: float = LIMIT, **more: Any) -> subprocess.CompletedProcess[Any]:
    """A program from its start to its end; what it prints is text, as long as nothing else is asked for.

    Takes what `subprocess.Popen` takes, and `input` and `check`.  One that does not end fails the test, with
    its stacks if it is Python.
    """
    given, check = more.pop("input", None), more.pop("check", False)
    if given is not None:
        more["stdin"] = subprocess.PIPE
    with started(command, **more) as process:
        out, errors = finish(process, given=given, seconds=seconds)
    if check and process.returncode:
        raise AssertionError(f"{_name(command)} ended with {process.returncode}{_shown(out, errors)}")
    return subprocess.CompletedProcess(process.args, process.returncode, out, errors)


@contextlib.contextmanager
def started(command: Command, **more: Any) -> Iterator[subprocess.Popen[Any]]:
    """A program that runs beside the test, and no longer than the block.

    Takes what `subprocess.Popen` takes.  As long as nothing else is asked for, it has nothing to read, what
    it prints is text and kept, and it has a group of its own.
    """
    options: dict[str, Any] = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
        "env": environment(),
        "process_group": 0,
    }
    with subprocess.Popen(command, **{**options, **more}) as process:
        try:
            yield process
        finally:
            if process.poll() is None:  # what a program leaves behind that ends by itself may go on
                _kill(process)


def environment(cache: os.PathLike[str] | None = None, **more: str) -> dict[str, str]:
    """The environment of programs: this one's, and Python tells its stacks when it is aborted.

    :param cache: the cache of compiled scripts, other than the user's.
    """
    found = {**os.environ, "PYTHONFAULTHANDLER": "1", **more}
    return {**found, "BRO_CACHE_DIR": os.fspath(cache)} if cache is not None else found


def wait_until(
    condition: Callable[[], T],
    what: str,
    seconds: float = LIMIT,
    process: subprocess.Popen[Any] | None = None,
) -> T:
    """Look until a condition holds, and return its value.

    :param what: what is waited for, as it stands in the failure: "notice.log has a row".
    :param process: what should bring it about; that it has ended is a failure too.
    """
    end = time.monotonic() + seconds
    while True:
        ended = process is not None and process.poll() is not None
        if found := condition():
            return found
        if process is not None and ended:
            detail = _shown(*_last_words(process))
            raise AssertionError(f"waited for: {what}; but it ended with {process.returncode}{detail}")
        if time.monotonic() > end:
            detail = _shown(*_abort(process)) if process is not None else ""
            raise AssertionError(f"waited {seconds:g} s for: {what}{detail}")
        time.sleep(PAUSE)


def next_line(
    process: subprocess.Popen[Any], stream: IO[Any] | None, what: str, seconds: float = LIMIT
) -> str:
    """The next line that a program prints, empty at the end of its output.

    Reads from the pipe itself, byte by byte, so that nothing is kept back from `finish`.

    :param what: what is waited for, as it stands in the failure.
    """
    assert stream is not None
    end, line = time.monotonic() + seconds, bytearray()
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([stream], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            detail = f", {bytes(line)!r} so far{_shown(*_abort(process))}"
            raise AssertionError(f"waited {seconds:g} s for a line: {what}{detail}")
        byte = os.read(stream.fileno(), 1)
        if not byte:
            break
        line += byte
    return line.decode()


def finish(
    process: subprocess.Popen[Any],
    number: signal.Signals | None = None,
    given: Any = None,
    seconds: float = LIMIT,
) -> tuple[Any, Any]:
    """Wait for the end of a program; return what it has printed to its output and as errors.

    :param number: a signal that it gets first.
    :param given: the rest of its standard input.
    """
    if number is not None:
        process.send_signal(number)
    with contextlib.suppress(subprocess.TimeoutExpired):
        return process.communicate(given, timeout=seconds)
    after = f" after {number.name}" if number is not None else ""
    detail = _shown(*_abort(process))
    raise AssertionError(f"{_name(process.args)} did not end within {seconds:g} s{after}{detail}")


def _kill(process: subprocess.Popen[Any]) -> None:
    """End a program and those that it has started, also when it has ended and they have not."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _abort(process: subprocess.Popen[Any]) -> tuple[Any, Any]:
    """End a program that hangs, and return its last words: the stacks of its threads, if it is Python."""
    process.send_signal(signal.SIGABRT)
    return _last_words(process)


def _last_words(process: subprocess.Popen[Any]) -> tuple[Any, Any]:
    """What a program that ends has printed; little time is given to others that still hold its pipes."""
    try:
        return process.communicate(timeout=2)
    except subprocess.TimeoutExpired as error:
        return error.stdout, error.stderr
    except ValueError:  # its pipes are closed
        return None, None
    finally:
        _kill(process)


def _shown(out: Any, errors: Any) -> str:
    texts = []
    for title, text in (("output", out), ("errors", errors)):
        if text:
            shown = text.decode(errors="replace") if isinstance(text, bytes) else text
            texts.append(f"\n--- {title}:\n{shown[-20_000:]}")
    return "".join(texts)


def _name(command: Any) -> str:
    if isinstance(command, str | bytes):
        return str(command)
    words = [os.fspath(word) for word in command]
    return " ".join("python" if word == sys.executable else str(word) for word in words)
