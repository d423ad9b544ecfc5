"""Work that goes on beside packet processing, for functions that give their result later: commands, lookups.

A job runs in a thread; its result comes back through the queue of events, so that scripts only ever run in
one thread.
"""

from __future__ import annotations

from bro.runtime import context
from bro.runtime.builtins._support import record, report_error
from bro.runtime.builtins.registry import builtin
from bro.runtime.tables import Table
from bro.runtime.when import Async

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import ThreadPoolExecutor
    from typing import Any

#: Jobs that run at the same time; further ones wait.
MAX_THREADS = 16
#: The most output of a command that is kept, in bytes; what is beyond it is lost, and reported.
MAX_OUTPUT = 64 * 1024 * 1024


def outstanding() -> int:
    """How many results are still to come; whoever runs the program may want to wait for them before it
    ends.
    """
    return context.current.state.get("outstanding", 0)  # type: ignore[no-any-return]


def _executor() -> ThreadPoolExecutor:
    state = context.current.state
    found: ThreadPoolExecutor | None = state.get("executor")
    if found is None:
        from concurrent.futures import ThreadPoolExecutor

        found = state["executor"] = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="bro-background")
    return found


def run_in_background(
    job: Callable[[], Any], done: Callable[[Any], Any], failed: Callable[[BaseException], Any]
) -> None:
    """Call `job` in a thread, and then, where events are handled, `done` with its result or `failed` with
    its error.
    """
    current = context.current
    current.state["outstanding"] = outstanding() + 1

    def finish(action: Callable[[Any], Any], argument: Any) -> None:
        current.state["outstanding"] -= 1
        action(argument)

    def run() -> None:
        try:
            result = job()
        except Exception as error:
            current.queue.append((finish, (failed, error)))
        else:
            current.queue.append((finish, (done, result)))

    _executor().submit(run)


def lines_of(data: bytes) -> list[bytes]:
    """The lines of an output, without their ends; the last one need not have an end."""
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return lines


def _read_limited(path: bytes) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read(MAX_OUTPUT)
    except (OSError, ValueError):
        return None


def _run_command(cmd: bytes, stdin: bytes, read_files: list[bytes]) -> dict[str, Any]:
    """Run a command to its end; the fields of record `Exec::Result`."""
    import subprocess
    import tempfile

    # The output goes to files, which unlike pipes cannot fill up memory.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        done = subprocess.run(["/bin/sh", "-c", cmd], input=stdin, stdout=out, stderr=err, check=False)
        out.seek(0)
        err.seek(0)
        stdout, stderr = out.read(MAX_OUTPUT + 1), err.read(MAX_OUTPUT + 1)
    files = Table()
    for path in read_files:
        content = _read_limited(path)
        if content is not None:
            files[path] = lines_of(content)
    return {
        "exit_code": abs(done.returncode),
        "signal_exit": done.returncode < 0,
        "stdout": lines_of(stdout[:MAX_OUTPUT]),
        "stderr": lines_of(stderr[:MAX_OUTPUT]),
        "files": files,
        "truncated": max(len(stdout), len(stderr)) > MAX_OUTPUT,
    }


@builtin("function Exec::__run(cmd: string, input: string, read_files: string_vec): any", asynchronous=True)
def exec_run(cmd: bytes, stdin: bytes, read_files: list[bytes]) -> Async:
    """Run a shell command in the background; the result is a record `Exec::Result`.

    A command that cannot be started is reported and has status 127.  Of each output and file, `MAX_OUTPUT`
    bytes are kept.
    """
    answer = Async()

    def done(fields: dict[str, Any]) -> None:
        if fields.pop("truncated"):
            report_error(f"Exec::run: only the first {MAX_OUTPUT} bytes of the output were kept")
        if not read_files:
            del fields["files"]
        answer.resolve(record("Exec::Result")(**fields))

    def failed(error: BaseException) -> None:
        report_error(f"Exec::run: the command cannot be run: {error}")
        answer.resolve(record("Exec::Result")(exit_code=127, signal_exit=False, stdout=[], stderr=[]))

    run_in_background(lambda: _run_command(cmd, stdin, read_files), done, failed)
    return answer
