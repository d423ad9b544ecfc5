"""Programs that Python starts: whole runs of the monitor, and scripts loaded to be called."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bro.api import access
from bro.api.errors import BroError
from bro.api.policy import Policy, default
from bro.options import Arguments

if TYPE_CHECKING:
    from bro.monitor import Monitor

Path = str | os.PathLike[str]

#: What keeps logs from being written.
NO_LOGS = "module GLOBAL; redef Log::default_writer = Log::WRITER_NONE;"


def arguments_for(
    scripts: Iterable[Path] = (),
    *,
    read: Path | Sequence[Path] = (),
    interfaces: str | Sequence[str] = (),
    filter: str | None = None,
    bare: bool = False,
    code: str = "",
    options: dict[str, Any] | None = None,
    ignore_checksums: bool = False,
    seed: int | None = None,
) -> Arguments:
    """The command line that says the same."""
    made = Arguments(program="bro")
    made.scripts = [os.fspath(s) for s in scripts]
    made.read = [os.fspath(read)] if isinstance(read, (str, os.PathLike)) else [os.fspath(p) for p in read]
    made.interfaces = [interfaces] if isinstance(interfaces, str) else list(interfaces)
    made.filter = filter
    made.bare = bare
    made.code = [code] if code else []
    made.redefs = [(name, literal(value)) for name, value in (options or {}).items()]
    made.ignore_checksums = ignore_checksums
    made.seed = None if seed is None else str(seed)
    return made


def literal(value: Any) -> str:
    """A value as it is written in a script."""
    if value is True or value is False:
        return "T" if value else "F"
    if isinstance(value, (list, tuple, set, frozenset)):
        return "{ " + ", ".join(map(literal, value)) + " }"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"[{literal(k)}] = {literal(v)}" for k, v in value.items()) + " }"
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    return str(value)


def make_monitor(arguments: Arguments, policies: Sequence[Policy]) -> Monitor:
    """The monitor with the policies' handlers.

    :raises BroError: when the program cannot be made
    """
    from bro._engine import OutputError
    from bro.monitor import InputError, Monitor, StartError
    from bro.plugins.plugin import PluginError
    from bro.script.diagnostics import CompileError

    try:
        return Monitor(arguments, policies)
    except (CompileError, StartError, InputError, OutputError, PluginError) as error:
        raise BroError(str(error)) from None


@contextmanager
def guest() -> Iterator[None]:
    """While the monitor runs inside of another program: what it sets for the whole process is set back."""
    threshold, errors, collecting = gc.get_threshold(), sys.stderr, gc.isenabled()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)
        if collecting:
            gc.enable()
        sys.stderr = errors


def run(scripts: Iterable[Path] = (), *, policies: Sequence[Policy] = (), **settings: Any) -> int:
    """Run the monitor as the command does, logs and all, and return its exit code.

    Handlers of the decorators, and those of `policies`, take part.

    :param scripts: scripts to load besides the default ones
    :param settings: ``read`` (captures), ``interfaces``, ``filter``, ``bare``, ``code`` (a text in the
    language),
        ``options`` (``{"Site::local_nets": ["10.0.0.0/8"]}``), ``ignore_checksums``, ``seed``
    :raises BroError: when the program cannot be made
    """
    with guest():
        return make_monitor(arguments_for(scripts, **settings), [default, *policies]).run()


class Session:
    """Scripts that were loaded to be called from Python; a context manager."""

    globals = access.globals
    records = access.records
    enums = access.enums

    def __init__(self, program: Any) -> None:
        self._program = program
        self._ended = False

    def call(self, name: str, *args: Any) -> Any:
        """Call a function of the scripts, then run the events that it raised."""
        try:
            return access.call(name, *args)
        finally:
            self._program.context.drain()

    def post(self, name: str, *args: Any) -> None:
        """Raise an event and run its handlers, and those of the events that they raise."""
        access.post(name, *args)
        self._program.context.drain()

    def advance(self, seconds: float) -> None:
        """Let packet time go on: what is scheduled happens, elements of tables expire."""
        context = self._program.context
        context.clock.now += seconds
        context.timers.advance(context.clock.now)
        context.drain()

    def close(self) -> None:
        """End the program: its last events run, its logs are closed."""
        if self._ended:
            return
        self._ended = True
        self._program.done()
        failures = self._program.close_logs()
        if failures:
            raise BroError("; ".join(failures))

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def load(
    scripts: Iterable[Path] = (), *, policies: Sequence[Policy] = (), bare: bool = False, code: str = "",
    options: dict[str, Any] | None = None, now: float = 0.0, write: bool = False,
) -> Session:  # fmt: skip
    """Load scripts, start them, and return what calls them; there are no packets.

    :param now: packet time at the start, in seconds since 1970
    :param write: write logs to the current folder
    :raises BroError: when they have errors
    """
    from bro.runtime import context as contexts
    from bro.runtime.errors import ScriptExit
    from bro.script.diagnostics import CompileError
    from bro.script.loader import LoadOptions
    from bro.script.loader import load as load_program
    from bro.script.program import InitError

    all_policies = [default, *policies]
    texts = [text for policy in all_policies for text in policy.texts]
    redefs = [f"{name}={literal(value)}" for name, value in (options or {}).items()]
    context = contexts.use(contexts.Context())
    context.clock.now = now
    if not write and not bare:
        texts.append(NO_LOGS)
    wanted = LoadOptions(bare=bare, code="\n".join([*texts, code]).strip(), redefs=redefs)
    try:
        program = load_program([os.fspath(s) for s in scripts], wanted, context)
        for policy in all_policies:
            policy.attach(program)
        program.start()
    except (CompileError, InitError) as error:
        raise BroError(str(error)) from None
    except ScriptExit as leave:
        raise BroError(f"a script ended the program with status {leave.status}") from None
    return Session(program)
