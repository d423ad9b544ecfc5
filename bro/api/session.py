"""Programs that Python starts: whole runs of the monitor, and scripts loaded to be called."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bro.api import access
from bro.api.errors import BroError
from bro.api.policy import Policy, default
from bro.options import Arguments

if TYPE_CHECKING:
    from typing import TypedDict, Unpack

    from bro.monitor import Monitor

    class Settings(TypedDict, total=False):
        """What runs over captures are set up with, besides the captures; see `run`."""

        filter: str | None
        bare: bool
        code: str
        options: dict[str, Any] | None
        ignore_checksums: bool
        seed: int | None

    class RunSettings(Settings, total=False):
        """What `run` is set up with."""

        read: Path | Sequence[Path]
        interfaces: str | Sequence[str]


Path = str | os.PathLike[str]

#: Held while the monitor runs: parts of it are there once in a process.
_running = threading.Lock()
_BUSY = "another run is going on in this process: end it first, or close() what analyze() returned"

#: What keeps logs from being written.
NO_LOGS = "module GLOBAL; redef Log::default_writer = Log::WRITER_NONE;"


def arguments_for(
    scripts: Path | Iterable[Path] = (),
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
    """The command line that says the same.

    :raises BroError: captures and interfaces are to be read at once
    """
    made = Arguments(program="bro")
    made.scripts = _paths("scripts", scripts)
    made.read = _paths("captures", read)
    made.interfaces = [interfaces] if isinstance(interfaces, str) else list(interfaces)
    if made.read and made.interfaces:
        raise BroError("packets come either from captures or from interfaces, not both")
    made.filter = filter
    made.bare = bare
    made.code = [code] if code else []
    made.redefs = _redefs(options)
    made.ignore_checksums = ignore_checksums
    made.seed = None if seed is None else str(seed)
    return made


#: The settings of `analyze`, and of `run`.
RUN_SETTINGS = tuple(arguments_for.__kwdefaults__ or ())
CAPTURE_SETTINGS = tuple(name for name in RUN_SETTINGS if name not in ("read", "interfaces"))


def refuse_unknown(function: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Say of a setting that a function does not have that it does not."""
    for name in given:
        if name not in known:
            raise TypeError(f"{function}() has no setting {name}; it has {', '.join(known)}")


def _paths(what: str, given: Path | Iterable[Path]) -> list[str]:
    """The paths of scripts or captures; one may stand alone."""
    try:
        return [os.fspath(p) for p in ([given] if isinstance(given, (str, os.PathLike)) else given)]
    except TypeError:
        raise TypeError(f"{what} are to be a path, or several, not {given!r}") from None


def _redefs(options: dict[str, Any] | None) -> list[tuple[str, str]]:
    """Names and values of variables as the command line has them."""
    if not isinstance(options or {}, dict):
        raise TypeError(f"options are to be a dict from names to values, not {options!r}")
    return [(name, literal(value)) for name, value in (options or {}).items()]


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


def ended(status: int) -> BroError:
    """The error that a script's `exit` is where someone waits for what comes."""
    return BroError(f"a script ended the run with status {status}")


@contextmanager
def guest() -> Iterator[None]:
    """While the monitor runs inside of another program: what it sets for the whole process is set back.

    :raises BroError: while another one runs in this process, as when a loop over `analyze` begins another
    """
    if not _running.acquire(blocking=False):
        raise BroError(_BUSY)
    threshold, errors, collecting = gc.get_threshold(), sys.stderr, gc.isenabled()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)
        if collecting:
            gc.enable()
        sys.stderr = errors
        _running.release()


def run(
    scripts: Path | Iterable[Path] = (), *, policies: Sequence[Policy] = (), **settings: Unpack[RunSettings]
) -> int:
    """Run the monitor as the command does, logs and all, and return its exit code.

    Handlers of the decorators, and those of `policies`, take part.

    :param scripts: scripts to load besides the default ones
    :param settings: ``read`` (captures), ``interfaces``, ``filter``, ``bare``, ``code`` (a text in the
    language),
        ``options`` (``{"Site::local_nets": ["10.0.0.0/8"]}``), ``ignore_checksums``, ``seed``
    :raises BroError: when the program cannot be made
    """
    from bro.runtime.errors import ScriptExit

    refuse_unknown("run", settings, RUN_SETTINGS)
    arguments = arguments_for(scripts, **settings)
    with guest():
        try:
            return make_monitor(arguments, [default, *policies]).run()
        except ScriptExit as leave:  # of the initialization of a global
            return leave.status


class Session:
    """Scripts that were loaded to be called from Python; a context manager.

    There may be several at once: whichever is used becomes the current program, which `bro.call` and the like
    are about.
    """

    def __init__(self, program: Any) -> None:
        self._program = program
        self._ended = False

    def _use(self) -> Any:
        """Make this the current program, and return its context.

        :raises BroError: when it has ended
        """
        from bro.runtime import context as contexts

        if self._ended:
            raise BroError("this session has ended; bro.load() begins another")
        if _running.locked():
            raise BroError(_BUSY)
        return contexts.use(self._program.context)

    @property
    def globals(self) -> access.Globals:
        """The variables, constants and options of the scripts, as `bro.globals`."""
        self._use()
        return access.Globals(self._program)

    @property
    def records(self) -> access.Records:
        """What makes records, as `bro.records`."""
        self._use()
        return access.Records(self._program)

    @property
    def enums(self) -> access.Enums:
        """The values of enums, as `bro.enums`."""
        self._use()
        return access.Enums(self._program)

    def call(self, name: str, *args: Any) -> Any:
        """Call a function of the scripts, then run the events that it raised.

        :raises BroError: there is no such function, the values do not fit, or it was stopped by an error
        """
        context = self._use()
        try:
            return access.call(name, *args)
        except BroError:
            raise
        except Exception as error:
            from bro.runtime.errors import explain, script_stack

            frames = script_stack(error.__traceback__)
            if not frames:
                raise
            said = explain(error, frames)
            raise BroError(f"{said}, in {frames[-1].filename}, line {frames[-1].line}") from error
        finally:
            context.drain()

    def post(self, name: str, *args: Any) -> None:
        """Raise an event and run its handlers, and those of the events that they raise."""
        context = self._use()
        access.post(name, *args)
        context.drain()

    def advance(self, seconds: float) -> None:
        """Let packet time go on: what is scheduled happens, elements of tables expire."""
        if seconds < 0:
            raise ValueError(f"packet time does not go back: advance({seconds})")
        context = self._use()
        context.clock.now += seconds
        context.timers.advance(context.clock.now)
        context.drain()

    def close(self) -> None:
        """End the program: its last events run, its logs are closed."""
        if self._ended:
            return
        self._use()
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
    scripts: Path | Iterable[Path] = (), *, policies: Sequence[Policy] = (), bare: bool = False,
    code: str = "", options: dict[str, Any] | None = None, now: float = 0.0, write: bool = False,
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

    if _running.locked():
        raise BroError(_BUSY)
    all_policies = [default, *policies]
    texts = [text for policy in all_policies for text in policy.texts]
    redefs = [f"{name}={value}" for name, value in _redefs(options)]
    context = contexts.use(contexts.Context())
    context.clock.now = now
    if not write and not bare:
        texts.append(NO_LOGS)
    wanted = LoadOptions(bare=bare, code="\n".join([*texts, code]).strip(), redefs=redefs)
    try:
        program = load_program(_paths("scripts", scripts), wanted, context)
        for policy in all_policies:
            policy.attach(program)
        program.start()
    except (CompileError, InitError) as error:
        raise BroError(str(error)) from None
    except ScriptExit as leave:
        raise ended(leave.status) from None
    return Session(program)
