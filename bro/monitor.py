"""One run of the monitor: scripts, engine and logs put together."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, Any

from bro import _engine
from bro.runtime import context as runtime_context
from bro.script.loader import LoadOptions, load

if TYPE_CHECKING:
    from bro.options import Arguments
    from bro.runtime.context import Context


class InputError(Exception):
    """A capture, an interface, a filter or a file of seeds that cannot be used."""


#: objects allocated before Python's collector of cycles runs; records rarely form cycles, so it runs seldom
_GC_THRESHOLD = 200_000


class Monitor:
    """The monitor, ready to run.

    Raises:
        CompileError: scripts are wrong.
        InputError: packets cannot be had from where they were asked for.
    """

    def __init__(self, arguments: Arguments) -> None:
        gc.disable()
        self._arguments = arguments
        self._stopped_by = ""
        self.context: Context = runtime_context.use(runtime_context.Context())
        self.program = load(
            arguments.scripts,
            LoadOptions(
                bare=arguments.bare,
                prefixes=arguments.prefixes,
                redefs=arguments.redefs,
                code=arguments.code,
                signatures=arguments.signatures,
            ),
        )
        if arguments.parse_only:
            return
        self.engine = self._make_engine()
        self.context.attach(self.engine)
        self.context.program = self.program
        self.engine.bind(self.program, self.context.queue, self.context.timers)
        gc.collect()
        gc.freeze()
        gc.enable()
        gc.set_threshold(_GC_THRESHOLD, 10, 50)

    def _make_engine(self) -> Any:
        arguments = self._arguments
        try:
            return _engine.Engine(
                read=arguments.read,
                interfaces=arguments.interfaces,
                filter=arguments.filter,
                write=arguments.write,
                ignore_checksums=arguments.ignore_checksums,
                seed=_seed(arguments),
                progress=bool(arguments.read) and sys.stderr.isatty(),
            )
        except (OSError, ValueError) as error:
            raise InputError(str(error)) from None

    def stop(self, reason: str) -> None:
        """End as if the input had ended, after the packet being processed; callable from signal handlers."""
        self._stopped_by = reason
        self.engine.stop()

    def run(self) -> int:
        """Process all input, close all logs, and return the exit code."""
        from bro.cli import INPUT_ERROR, OK, OUTPUT_ERROR, SCRIPT_ERROR

        reporter = self.context.reporter
        code = OK
        try:
            self.program.start()
            report = self.engine.run()
            self.program.done()
        finally:
            failures = self._close_logs()
        for fault in report["faults"]:
            print(f"bro: {fault}", file=sys.stderr)
            code = INPUT_ERROR
        if report["panics"]:
            print(
                f"bro: internal error: {report['panics']} packets could not be processed and were skipped; "
                "please report this with the capture",
                file=sys.stderr,
            )
            code = code or SCRIPT_ERROR
        if report["dropped"]:
            print(f"bro: the kernel dropped {report['dropped']} packets", file=sys.stderr)
        if self._stopped_by and sys.stderr.isatty():
            print(f"bro: ended by {self._stopped_by}", file=sys.stderr)
        for failure in failures:
            print(f"bro: {failure}", file=sys.stderr)
            code = OUTPUT_ERROR
        return reporter.exit_code or code

    def _close_logs(self) -> list[str]:
        logging = self.context.logging
        return [] if logging is None else logging.finish()


def _seed(arguments: Arguments) -> bytes:
    """Sixteen bytes that ids and hashes are derived from.

    A number or a file gives the same ids in every run; without one they are random.
    """
    import hashlib

    path = arguments.load_seeds or os.environ.get("BRO_SEED_FILE") or os.environ.get("ZEEK_SEED_FILE")
    if arguments.seed is not None:
        seed = hashlib.sha256(b"number " + arguments.seed.encode()).digest()[:16]
    elif arguments.deterministic:
        seed = hashlib.sha256(b"deterministic").digest()[:16]
    elif path:
        try:
            with open(path, "rb") as file:
                seed = hashlib.sha256(file.read()).digest()[:16]
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
            raise InputError(f"seeds cannot be written: {arguments.save_seeds}: {error.strerror}") from None
        seed = hashlib.sha256(text).digest()[:16]
    return seed
