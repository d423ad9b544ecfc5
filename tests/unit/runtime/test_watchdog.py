"""The watchdog stops handlers and chains of events that would go on for ever, and says which."""

from __future__ import annotations

import io
import signal
from pathlib import Path

import pytest

from bro.runtime import context as contexts
from bro.runtime.watchdog import Watchdog
from bro.script.diagnostics import CompileError
from bro.script.loader import LoadOptions, load
from bro.script.program import InitError


def run(tmp_path: Path, script: str, limit: float = 0.2) -> tuple[str, str]:
    """What a script prints and what is reported, under a watchdog with a short limit."""
    path = tmp_path / "main.bro"
    path.write_text(script)
    context = contexts.use(contexts.Context())
    context.stdout = stdout = io.BytesIO()
    context.reporter.stream = errors = io.StringIO()
    program = load(
        [str(path)],
        LoadOptions(base=False, cache=False, declarations=[], search_path=[str(tmp_path)]),
        context,
    )
    watchdog = Watchdog(context, limit)
    watchdog.start()
    try:
        program.run()
    finally:
        watchdog.stop()
    return stdout.getvalue().decode(), errors.getvalue()


def test_a_loop_stops_its_handler_alone(tmp_path: Path) -> None:
    out, errors = run(
        tmp_path,
        "function spin()\n\t{\n\twhile ( T )\n\t\t{ }\n\t}\n"
        'event zeek_init() &priority=1\n\t{\n\tspin();\n\tprint "not reached";\n\t}\n'
        'event zeek_init() { print "next"; }\n',
    )
    assert out == "next\n"
    first, *stack = errors.splitlines()
    assert first.startswith(f"error in {tmp_path}/main.bro, line 3: this handler has been running for more")
    assert [line.strip().partition(" at ")[0] for line in stack] == ["in spin", "in zeek_init"]


def test_a_hook_does_not_hide_the_loop_around_it(tmp_path: Path) -> None:
    out, errors = run(
        tmp_path,
        "global n = 0; hook inner() { ++n; }\n"
        "event zeek_init() &priority=1 { while ( T ) hook inner(); }\n"
        'event zeek_init() { print "next"; }\n',
    )
    assert out == "next\n"
    assert errors.count("this handler has been running") == 1


def test_events_that_raise_each_other(tmp_path: Path) -> None:
    out, errors = run(
        tmp_path,
        "event ping();\n".replace("event ping();", "global ping: event(); global pong: event();")
        + "event ping() { event pong(); }\nevent pong() { event ping(); }\n"
        'event zeek_init() { event ping(); }\nevent zeek_done() { print "done"; }\n',
    )
    assert out == "done\n"
    assert "events have been raising each other without an end" in errors


def test_an_event_of_many_handlers_that_raises_itself(tmp_path: Path) -> None:
    out, errors = run(
        tmp_path,
        "global n = 0; global ping: event();\n"
        + "".join(f"event ping() &priority={i} {{ ++n; }}\n" for i in range(-9, 10))
        + "event ping() &priority=-10 { event ping(); }\n"
        'event zeek_init() { event ping(); }\nevent zeek_done() { print "done"; }\n',
    )
    assert out == "done\n"
    assert errors.count("events have been raising each other without an end") == 1


def test_other_handlers_that_run_scripts(tmp_path: Path) -> None:
    out, errors = run(
        tmp_path,
        "event zeek_init() &priority=1\n\t{\n\twhen ( T == T )\n\t\t{\n\t\twhile ( T ) { }\n\t\t}\n\t}\n"
        'while ( T ) { }\nevent zeek_init() { print "next"; }\n',
    )
    assert out == "next\n"
    assert errors.count("this handler has been running") == 2


def test_a_value_that_is_never_computed(tmp_path: Path) -> None:
    with pytest.raises(InitError, match="line 1: this handler has been running"):
        run(tmp_path, "function f(): count { while ( T ) { } return 1; }\nglobal x = f();\n")


def test_a_condition_that_is_never_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bro.script.compiler.CONDITION_SECONDS", 0.2)
    with pytest.raises(CompileError, match=r"main.bro:2:7: error: the condition cannot be computed"):
        run(tmp_path, "function f(): bool { while ( T ) { } }\n@if ( f() )\n@endif\n")


def test_no_limit(tmp_path: Path) -> None:
    script = "event zeek_init() { local i = 0; while ( i < 3000000 ) ++i; print i; }\n"
    assert run(tmp_path, script, limit=0.0) == ("3000000\n", "")


def test_a_signal_ends_the_handler_that_runs_and_no_other(tmp_path: Path) -> None:
    handler = signal.getsignal(signal.SIGINT)
    context = contexts.use(contexts.Context())
    context.stdout = stdout = io.BytesIO()
    context.reporter.stream = errors = io.StringIO()
    path = tmp_path / "main.bro"
    path.write_text(
        'event zeek_init() { system("kill -INT $PPID"); while ( T ) { } }\n'
        "event zeek_done() { local i = 0; while ( i < 30000000 ) ++i; print i; }\n"
    )
    options = LoadOptions(base=False, cache=False, declarations=[], search_path=[str(tmp_path)])
    program = load([str(path)], options, context)
    watchdog = Watchdog(context, 1000.0)
    signal.signal(signal.SIGINT, lambda *_: watchdog.hurry())
    watchdog.start()
    try:
        program.run()
    finally:
        watchdog.stop()
        signal.signal(signal.SIGINT, handler)
    assert stdout.getvalue() == b"30000000\n"
    assert errors.getvalue().count("this handler was still running when the program was asked to end") == 1
