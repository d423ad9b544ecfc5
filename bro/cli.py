"""The command `bro`: reads the command line, loads the scripts, runs the engine, closes the logs."""

from __future__ import annotations

import os
import sys

from bro.options import UsageError, parse, usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TextIO

    from bro.monitor import Monitor
    from bro.options import Arguments

#: exit codes; they are documented in `bro --help`
OK = 0
SCRIPT_ERROR = 1
USAGE_ERROR = 2
INPUT_ERROR = 3
OUTPUT_ERROR = 4


#: the commands besides watching packets, by their first word: the module whose `main` runs them
COMMANDS = {
    "fmt": "bro.tools.fmt",
    "lint": "bro.tools.lint",
    "lsp": "bro.tools.lsp",
    "init-plugin": "bro.plugins.skeleton",
    "mptcp-scan": "bro.mptcp.command",
}


def main(argv: list[str] | None = None) -> int:
    """Run `bro` with these arguments (default: the process's) and return its exit code."""
    words = sys.argv[1:] if argv is None else argv
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _open_closed_streams()
    if words and words[0] in COMMANDS:
        return _command(words[0], words[1:])
    try:
        arguments = parse(words)
        arguments.program = sys.argv[0]
        _check(arguments)
    except UsageError as error:
        return _fail(f"{error}\nTry 'bro --help'.", USAGE_ERROR)
    try:
        answer = _answer(arguments)
        if answer:
            return _show(answer)
        code = _run(arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return OK


def _open_closed_streams() -> None:
    """Let standard streams that the caller has closed (`>&-`) lead nowhere: otherwise a log would take the
    place of one, and get what is printed.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)


def _command(name: str, words: list[str]) -> int:
    """Run one of `COMMANDS`.  They answer for their own files; here it is about what they print."""
    from importlib import import_module

    try:
        code: int = import_module(COMMANDS[name]).main(words)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # as in `main`
        return OK
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is in the buffer cannot be written
        return _fail(
            f"{name}: {error.filename or 'standard output'}: {error.strerror or error}", OUTPUT_ERROR
        )


def _answer(arguments: Arguments) -> str:
    """What those are told who only ask something of the program itself."""
    if arguments.help:
        return usage()
    if arguments.version:
        from bro import __version__

        return f"bro version {__version__}"
    if arguments.list_components:
        from bro.components import listing

        _use_plugins(arguments)
        return listing(in_full=arguments.list_components > 1)
    return ""


def _use_plugins(arguments: Arguments) -> None:
    """Use the plugins that are installed and those of the command line, to list them."""
    from bro.installed import installed

    files = [name for name in arguments.scripts if name.endswith(".py")]
    if not files and not installed():
        return
    from bro.plugins.loading import use_file, use_installed
    from bro.plugins.plugin import PluginError

    faults = use_installed()
    for path in files:
        try:
            use_file(path)
        except PluginError as error:
            faults.append(str(error))
    for fault in faults:
        print(f"bro: {fault}", file=sys.stderr)


def _show(text: str) -> int:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is in the buffer cannot be written
        return _fail(f"standard output cannot be written: {error.strerror}", OUTPUT_ERROR)
    return OK


def _check(arguments: Arguments) -> None:
    if arguments.read and arguments.interfaces:
        raise UsageError("packets come either from captures (-r) or from interfaces (-i), not both")
    if len(set(arguments.interfaces)) < len(arguments.interfaces):
        raise UsageError("an interface was named twice (-i); its packets would count twice")
    if arguments.seed is not None and arguments.load_seeds:
        raise UsageError("seeds come either from a number (--seed) or from a file (-G), not both")
    if arguments.seed is not None and not _is_number(arguments.seed):
        raise UsageError(
            f"--seed takes a whole number, not {arguments.seed!r}; seeds of a file are read with -G"
        )
    if not arguments.read and not arguments.interfaces:
        for flag, given in (("-f", arguments.filter), ("-w", arguments.write)):
            if given is not None:
                raise UsageError(f"{flag} is about packets, and there are none: add -r FILE or -i IFACE")
    if arguments.read.count("-") + ("-" in arguments.scripts) > 1:
        raise UsageError("standard input (-) can be read as one thing only")
    if arguments.write and any(_same_file(arguments.write, path) for path in arguments.read):
        raise UsageError(f"-w {arguments.write} would overwrite the capture to be read; name another file")
    nothing_to_do = not (
        arguments.read
        or arguments.interfaces
        or arguments.scripts
        or arguments.code
        or arguments.help
        or arguments.version
        or arguments.list_components
        or arguments.parse_only
    )
    if nothing_to_do and _piped(sys.stdin):
        arguments.scripts.append("-")
    elif nothing_to_do:
        raise UsageError("nothing to do: name a capture (-r FILE), an interface (-i IFACE) or a script")


def _piped(stream: TextIO | None) -> bool:
    """Whether a stream is a pipe or a file, out of which a script may come: `echo 'print 1;' | bro`."""
    import stat

    try:
        mode = os.fstat(stream.fileno()).st_mode if stream is not None else 0
    except (OSError, ValueError):  # closed, or none of the system's
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def _is_number(text: str) -> bool:
    try:
        int(text, 0)
    except ValueError:
        return False
    return True


def _same_file(one: str, other: str) -> bool:
    """Whether two paths lead to one file; standard input and output are none."""
    try:
        return "-" not in (one, other) and os.path.samefile(one, other)
    except OSError:
        return False


def _fail(message: str, code: int) -> int:
    print(f"bro: {message}", file=sys.stderr)
    return code


def _take_streams(arguments: Arguments) -> None:
    """Read scripts that can be read only once: standard input (``-``), and pipes, such as ``<(...)`` of a
    shell. They count as code of the command line."""
    files, streams = [], []
    for name in arguments.scripts:
        if name == "-":
            streams.append(os.fsdecode(sys.stdin.buffer.read()))
        elif os.path.exists(name) and not os.path.isfile(name) and not os.path.isdir(name):
            with open(name, "rb") as stream:
                streams.append(os.fsdecode(stream.read()))
        else:
            files.append(name)
    arguments.scripts = files
    arguments.code[:0] = streams


def _run(arguments: Arguments) -> int:
    from bro._engine import OutputError
    from bro.monitor import InputError, Monitor, StartError
    from bro.runtime.errors import ScriptExit
    from bro.runtime.memory import limit_memory
    from bro.script.diagnostics import CompileError

    try:
        os.getcwd()
    except OSError:
        return _fail("the current folder is gone; change to one that logs can be written to", OUTPUT_ERROR)
    try:
        _take_streams(arguments)
    except OSError as error:
        return _fail(f"{error.filename or 'standard input'}: {error.strerror}", SCRIPT_ERROR)
    limit_memory()
    try:
        monitor = Monitor(arguments)
    except CompileError as error:
        print(error, file=sys.stderr)
        return SCRIPT_ERROR
    except StartError as error:
        return _fail(str(error), SCRIPT_ERROR)
    except InputError as error:
        return _fail(str(error), INPUT_ERROR)
    except OutputError as error:
        return _fail(str(error), OUTPUT_ERROR)
    except ScriptExit as leave:
        return leave.status
    if arguments.parse_only:
        return OK
    if arguments.prime_dns:
        return monitor.prime()
    _handle_signals(monitor)
    try:
        return monitor.run()
    except MemoryError:
        return _fail("out of memory; the logs hold what came before", SCRIPT_ERROR)


def _handle_signals(monitor: Monitor) -> None:
    """SIGINT, SIGTERM and SIGHUP (a terminal is closed) end the input: what was seen is finished and logged.

    A second one also ends the script that is running, which may be in an endless loop, and closes the logs
    as they are.  A third one ends at once.
    """
    # `signal` has names for its numbers, which take long to make.
    import _signal  # type: ignore[import-not-found]

    from bro.monitor import SIGNAL_EVENT

    def stop(number: int, frame: Any) -> None:
        import signal

        monitor.signalled(number)
        if monitor.stop(signal.Signals(number).name):
            return
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        monitor.leave(128 + number)

    _signal.signal(_signal.SIGINT, stop)
    _signal.signal(_signal.SIGTERM, stop)
    if monitor.program.is_handled(SIGNAL_EVENT):  # it asks for those that would end the program otherwise
        for name in (_signal.SIGHUP, _signal.SIGUSR1, _signal.SIGUSR2):
            _signal.signal(name, lambda number, frame: monitor.signalled(number))
    elif _signal.getsignal(_signal.SIGHUP) == _signal.SIG_DFL:  # otherwise `nohup` has it ignored
        _signal.signal(_signal.SIGHUP, stop)


if __name__ == "__main__":
    sys.exit(main())
