"""One run of the monitor: scripts, engine and logs put together."""

from __future__ import annotations

import gc
import os
import sys

from bro import _engine
from bro.runtime import context as runtime_context
from bro.runtime.errors import ScriptExit
from bro.runtime.stack import deepen
from bro.runtime.watchdog import Watchdog
from bro.script.diagnostics import CompileError
from bro.script.loader import LoadOptions, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from bro.api.policy import Policy
    from bro.options import Arguments
    from bro.runtime.context import Context


class InputError(Exception):
    """A capture, an interface, a filter or a file of seeds that cannot be used."""


class StartError(Exception):
    """Scripts or signatures that are well-formed but cannot start."""


#: objects allocated before Python's collector of cycles runs; records rarely form cycles, so it runs seldom
_GC_THRESHOLD = 200_000

#: the event of 1998 about a signal; legacy/1998 declares it
SIGNAL_EVENT = "bro_signal"

#: seconds of real time that results of background work are waited for at the end of the input
_BACKGROUND_WAIT = 10.0


class Monitor:
    """The monitor, ready to run.

    Raises:
        CompileError: scripts are wrong.
        StartError: their globals cannot be computed, or their signatures are wrong.
        InputError: packets cannot be had from where they were asked for.
        OutputError: the capture to be written cannot be.
        ScriptExit: a script asked for the end while globals got their values.
    """

    def __init__(self, arguments: Arguments, policies: Sequence[Policy] = ()) -> None:
        gc.disable()
        self._arguments = arguments
        self._stopped_by = ""
        #: plugins that nobody named: they are installed, and are left out when they are broken
        self._optional_plugins: set[str] = set()
        #: what the Python files among the scripts handle
        self._file_policies: list[Policy] = []
        self._closing = False
        self.left: int | None = None  #: the status that a script ended the run with
        self.damage: list[str] = []  #: why the input could not be read to its end
        self.failed_start = ""  #: what was said of a start that failed, after which nothing was processed
        self.engine: Any = None
        self.context: Context = runtime_context.use(runtime_context.Context())
        self.watchdog = Watchdog(self.context)
        seed = _seed(arguments)
        if arguments.write == "-":
            self.context.stdout = sys.stderr.buffer  # packets have standard output for themselves
        state = self.context.state
        state["seed"] = seed
        state["arguments"] = [arguments.program, *arguments.given]
        state["reading_live"] = bool(arguments.interfaces)
        state["reading_traces"] = bool(arguments.read)
        scripts = self._use_plugins()
        if not policies and "bro.api.policy" in sys.modules:  # a plugin has handlers
            policies = [sys.modules["bro.api.policy"].default]
        policies = [*policies, *self._file_policies]
        texts = [text for policy in policies for text in policy.texts]
        options = LoadOptions(
            bare=arguments.bare,
            prefixes=arguments.prefixes,
            redefs=_redefinitions(arguments),
            code="\n".join([*texts, *arguments.code]),
            signatures=arguments.signatures,
            facts={
                "reading_live_traffic": bool(arguments.interfaces),
                "reading_traces": bool(arguments.read),
            },
        )
        self.program = self._load(scripts, options)
        for policy in policies:
            self._attach(policy)
        for warning in self.program.loaded.warnings:
            print(warning, file=sys.stderr)
        if arguments.parse_only:
            return
        if arguments.prime_dns or arguments.force_dns:
            from bro.runtime import hosts

            hosts.use("prime" if arguments.prime_dns else "cache")
        self.engine = self._make_engine(seed)
        self.context.attach(self.engine)
        deepen()
        self.watchdog.start()
        self._start()
        self.watchdog.limit = float(self.program.global_value("watchdog_interval") or 0.0)
        gc.freeze()  # what was made for the program stays: the collector need not look at it again
        gc.enable()
        gc.set_threshold(_GC_THRESHOLD, 10, 50)

    def _attach(self, policy: Policy) -> None:
        """Let the handlers of a policy written in Python take part."""
        from bro.api.errors import BroError

        try:
            policy.attach(self.program)
        except BroError as error:
            raise StartError(str(error)) from None

    def _use_plugins(self) -> list[str]:
        """Use the installed plugins and those of the command line; the scripts that are left there."""
        arguments = self._arguments
        if "bro.plugins.loading" in sys.modules:  # of a program before this one
            from bro.plugins.loading import reset

            reset()
        if not arguments.bare:
            from bro.installed import installed

            if installed():
                from bro.plugins.loading import use_installed

                for fault in use_installed():
                    _say(f"{fault}; the monitor goes on without it")
                self._optional_plugins.update(_plugins().active)
        files = [name for name in arguments.scripts if name.endswith(".py")]
        if not files:
            return arguments.scripts
        from bro.plugins.loading import policy_of, use_file
        from bro.plugins.plugin import PluginError

        for path in files:
            try:
                use_file(path)
                policy = policy_of(path)
                if policy is not None:
                    self._file_policies.append(policy)
            except PluginError as error:
                raise StartError(str(error)) from None
        return [name for name in arguments.scripts if not name.endswith(".py")]

    def _load(self, scripts: list[str], options: LoadOptions) -> Any:
        """Load the scripts with what they see of plugins.

        What an installed plugin declares wrongly is not the site's mistake: the rest loads without it.
        """
        while True:
            if "bro.plugins.loading" in sys.modules:
                options.plugins = _plugins().texts()
            try:
                return load(scripts, options)
            except CompileError as error:
                if not self._leave_out_blamed(str(error)):
                    raise

    def _leave_out_blamed(self, text: str) -> bool:
        """Go on without the installed plugins that a message is about; whether there is one."""
        if "bro.plugins.loading" not in sys.modules:
            return False
        blamed = self._optional_plugins.intersection(_plugins().blamed(text))
        for name in blamed:
            _say(f"plugin {name} cannot be used; the monitor goes on without it:\n{text}")
            del _plugins().active[name]
        self._optional_plugins -= blamed
        return bool(blamed)

    def _make_engine(self, seed: bytes) -> _engine.Engine:
        arguments = self._arguments
        read, read_from = _split_sources(arguments.read)
        interfaces, capture_from = _split_sources(arguments.interfaces)
        try:
            sources = _plugins().open_sources(read_from + capture_from) if read_from or capture_from else []
        except _plugins().PluginError as error:
            raise InputError(str(error)) from None
        progress = bool(arguments.read) and sys.stderr.isatty()
        try:
            engine = _engine.Engine(
                read=read,
                interfaces=interfaces,
                filter=arguments.filter,
                write=arguments.write,
                ignore_checksums=arguments.ignore_checksums,
                seed=seed,
                progress=progress,
                sources=sources,
            )
        except _engine.OutputError:
            raise
        except (OSError, ValueError) as error:
            raise InputError(str(error)) from None
        if progress:
            _give_way(self.context, engine)
        return engine

    def _start(self) -> None:
        """Give globals their values and connect the program with the engine."""
        from bro.script.program import InitError

        if not self._arguments.read:
            # Captures bring their own time; everything else happens now.
            import time

            self.engine.now = time.time()
        try:
            self.program.init()
            signatures = _read_signatures([*self.program.loaded.signatures, *self._further_signatures()])
            self._bind(signatures)
        except (InitError, ValueError) as error:
            raise StartError(str(error)) from None

    def _bind(self, signatures: list[tuple[str, bytes]]) -> None:
        """Connect program, plugins and engine; installed plugins with wrong signatures are left out."""
        context = self.context
        if "bro.plugins.loading" not in sys.modules:
            self.engine.bind(self.program, context.queue, context.timers, signatures)
            return
        plugins = _plugins()
        while True:
            try:
                self.engine.bind(
                    self.program,
                    context.queue,
                    context.timers,
                    signatures + plugins.signature_files(),
                    plugins.analyzers(),
                    plugins.file_analyzers(),
                )
                return
            except ValueError as error:
                if not self._leave_out_blamed(str(error)):
                    raise

    def _further_signatures(self) -> list[str]:
        """The files that scripts add to the option `signature_files`."""
        names = os.fsdecode(self.program.global_value("signature_files") or b"").split()
        if not names:
            return []
        from bro.script.loader import SearchPath
        from bro.script.search import default_path

        search = SearchPath(default_path())
        found = [search.signatures(name, os.getcwd()) or name for name in names]
        return [path for path in dict.fromkeys(found) if path not in self.program.loaded.signatures]

    def stop(self, reason: str) -> bool:
        """End as if the input had ended, after the packet being processed; callable from signal handlers.

        Returns False if that was asked for before.
        """
        if self._stopped_by:
            return False
        self._stopped_by = reason
        self.engine.stop()
        self.watchdog.hurry()
        if sys.stderr.isatty():
            self.engine.clear_progress()
            _say(f"ending ({reason}); once more ends scripts that are still running")
        return True

    def signalled(self, number: int) -> None:
        """Tell policy of 1998 that a signal came; callable from signal handlers."""
        dispatcher = self.program.dispatchers.get(SIGNAL_EVENT)
        if dispatcher is not None:
            self.context.queue.append((dispatcher, (number,)))

    def leave(self, status: int) -> None:
        """End without the rest of what scripts would do; callable from signal handlers.

        Raises:
            ScriptExit: through the script that is running, unless logs are being closed already.
        """
        if not self._closing:
            raise ScriptExit(status)

    def prime(self) -> int:
        """Write the addresses of the scripts' host names to the DNS cache, run handlers of changes in it,
        and return the exit code.
        """
        from bro.cli import OK, OUTPUT_ERROR
        from bro.runtime import hosts

        failure = hosts.finish_priming()
        self.context.drain()
        failures = [*([failure] if failure else []), *self._close_output()]
        self.watchdog.stop()
        for text in failures:
            _say(text)
        return OUTPUT_ERROR if failures else OK

    def run(self) -> int:
        """Process all input, close all logs, and return the exit code."""
        from bro.cli import INPUT_ERROR, OK, OUTPUT_ERROR, SCRIPT_ERROR

        self.watchdog.here()
        status: int | None = None
        report = _nothing_processed()
        failures: list[str] = []
        try:
            try:
                report = self._process()
            except MemoryError:
                from bro.runtime.memory import lift_limit

                lift_limit()  # to close the logs takes some
                raise
            finally:
                self._closing = True
                failures = self._close_output()
        except ScriptExit as leave:
            status = leave.status
        self.left = status
        self.watchdog.stop()
        self.damage = report["faults"]
        code = INPUT_ERROR if self.damage else OK  # what they are was said when they were met
        if report["panics"]:
            _say(
                f"internal error: {report['panics']} packets could not be processed and were skipped; "
                "please report this with the capture"
            )
            code = code or SCRIPT_ERROR
        if self._arguments.interfaces:
            _say(_summary(report, self._arguments.interfaces))
        for failure in [*report["write_faults"], *failures]:
            _say(failure)
            code = OUTPUT_ERROR
        if status is not None:
            return status
        return code or self.context.reporter.exit_code

    def _process(self) -> dict[str, Any]:
        """Run the scripts over the input, from the events at the start to those at the end."""
        from bro.cli import SCRIPT_ERROR

        program, context = self.program, self.context
        program.post("zeek_init")
        context.drain()
        if errors := context.reporter.counts["error"]:
            # A policy that did not set up what it should would watch with holes, and nobody would know.
            context.reporter.exit_code = SCRIPT_ERROR
            allowed = os.environ.get("BRO_ALLOW_INIT_ERRORS") or os.environ.get("ZEEK_ALLOW_INIT_ERRORS")
            if not allowed and not self._stopped_by:  # a signal ends the handlers of the start as errors
                found = "an error" if errors == 1 else f"{errors} errors"
                self.failed_start = f"the start failed with {found} of scripts, so nothing is processed "
                self.failed_start += "(BRO_ALLOW_INIT_ERRORS=1 lets it go on)"
                _say(self.failed_start)
                return _nothing_processed()
        for path, depth in program.loaded.scripts if program.is_handled("zeek_script_loaded") else ():
            program.post("zeek_script_loaded", os.fsencode(path), depth)
        if self.engine.now:
            program.post("network_time_init")  # captures bring their time; the engine raises it then
        if program.global_value("profiling_file") is not None:
            from bro.runtime import profiling

            profiling.start()
        stay = bool(program.global_value("exit_only_after_terminate"))
        report: dict[str, Any] = self.engine.run(self._heartbeat(), stay)
        context.state["terminating"] = True
        self._await_background()
        program.post("net_done", self.engine.now)
        program.done()
        return report

    def _heartbeat(self) -> Any:
        """What keeps logs and other output of live traffic up to date."""
        logging = self.context.logging
        if logging is None or not self._arguments.interfaces:
            return None

        def beat() -> None:
            from bro.runtime.files import flush, stdout

            logging.heartbeat()
            flush(stdout())

        return beat

    def _await_background(self) -> None:
        """Wait for commands and lookups whose results scripts wait for."""
        context = self.context
        if not context.state.get("outstanding") or self._stopped_by:
            return
        import time

        from bro.runtime import when

        end = time.monotonic() + _BACKGROUND_WAIT
        while context.state.get("outstanding") and time.monotonic() < end and not self._stopped_by:
            context.drain()
            when.poll()
            time.sleep(0.01)
        context.drain()

    def _close_output(self) -> list[str]:
        logging = self.context.logging
        failures: list[str] = [] if logging is None else logging.finish()
        return [*failures, *_close_files(self.context)]


def _nothing_processed() -> dict[str, Any]:
    """What the engine reports of a run in which it did nothing."""
    return {"faults": [], "write_faults": [], "panics": 0, "dropped": 0}


def _give_way(context: Context, engine: _engine.Engine) -> None:
    """Let the line of progress make room for what scripts print and for messages, on the same terminal."""
    from bro.runtime.files import Beside

    if sys.stdout.isatty():
        context.stdout = Beside(sys.stdout.buffer, engine.clear_progress)
    sys.stderr = Beside(sys.stderr, engine.clear_progress)


def _close_files(context: Context) -> list[str]:
    """Close the files that scripts write and have not closed; what could not be written."""
    from bro.runtime.files import flush, stdout

    failures = []
    for file in list(context.state.get("open_files", ())):
        try:
            file.close()
        except OSError as error:
            failures.append(f"{file.name} is incomplete: {error.strerror}")
    try:
        flush(stdout())
    except OSError as error:
        failures.append(f"standard output is incomplete: {error.strerror}")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is still in the buffer cannot be written
    return failures


def _plugins() -> Any:
    """The module that knows the plugins in use; it is imported where there are any, as it takes its time."""
    from bro.plugins import loading

    return loading


def _split_sources(names: list[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """Captures or interfaces, and what plugins are to open: ``PREFIX::WHAT``."""
    plain, further = [], []
    for name in names:
        prefix, colons, what = name.partition("::")
        if colons and prefix.replace("-", "_").isidentifier() and not os.path.exists(name):
            further.append((prefix, what))
        else:
            plain.append(name)
    return plain, further


def _redefinitions(arguments: Arguments) -> list[str]:
    """What the command line says of variables; scripts see its filter and the capture to write as well."""
    redefs = [f"{name}={value}" for name, value in arguments.redefs]
    if arguments.filter:
        redefs.append(f"cmd_line_bpf_filter={arguments.filter}")
    if arguments.write and arguments.write != "-":
        redefs.append(f"trace_output_file={arguments.write}")
    return redefs


def _summary(report: dict[str, Any], interfaces: list[str]) -> str:
    """What became of live packets: what was lost cannot be had again, so it is always said."""
    received, dropped = report.get("packets", 0), report["dropped"]
    share = 100 * dropped / (received + dropped) if dropped else 0.0
    return f"{received} packets received on {', '.join(interfaces)}, {dropped} ({share:.2f}%) dropped"


def _say(message: str) -> None:
    print(f"bro: {message}", file=sys.stderr)


def _read_signatures(paths: list[str]) -> list[tuple[str, bytes]]:
    """The files of signatures: those of the engine by their name, all others by their path."""
    if not paths:
        return []
    own = dict(_engine.signatures())
    found: list[tuple[str, bytes]] = []
    for path in paths:
        text = own.get(path)
        if text is not None:
            found.append((path, text.encode()))
            continue
        try:
            with open(path, "rb") as file:
                found.append((path, file.read()))
        except OSError as error:
            raise StartError(f"signatures cannot be read: {path}: {error.strerror}") from None
    return found


def _seed(arguments: Arguments) -> bytes:
    """Sixteen bytes that ids and hashes are derived from.

    A number or a file gives the same ids in every run; without one they are random.
    """
    path = arguments.load_seeds or os.environ.get("BRO_SEED_FILE") or os.environ.get("ZEEK_SEED_FILE")
    if arguments.seed is not None:
        seed = _hashed(b"number " + arguments.seed.encode())
    elif arguments.deterministic:
        seed = _hashed(b"deterministic")
    elif path:
        try:
            with open(path, "rb") as file:
                seed = _hashed(file.read())
        except OSError as error:
            raise InputError(f"seeds cannot be read: {path}: {error.strerror}") from None
    else:
        seed = os.urandom(16)
    if arguments.save_seeds:
        # Written as hexadecimal digits; read back, the file's content is hashed like any other.
        text = seed.hex().encode() + b"\n"
        try:
            with open(arguments.save_seeds, "wb") as file:
                file.write(text)
        except OSError as error:
            raise _engine.OutputError(
                f"seeds cannot be written: {arguments.save_seeds}: {error.strerror}"
            ) from None
        seed = _hashed(text)
    return seed


def _hashed(data: bytes) -> bytes:
    """Sixteen bytes that follow from any number of them."""
    import hashlib  # takes long to import; without given seeds it is not needed

    return hashlib.sha256(data).digest()[:16]
