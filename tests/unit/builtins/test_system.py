"""bro.runtime.builtins.system and registry"""

from __future__ import annotations

import io
import os
import re
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from bro.runtime import context
from bro.runtime.builtins import registry
from bro.runtime.builtins import system as s
from bro.runtime.errors import ScriptError, ScriptExit
from bro.runtime.tables import Table
from bro.runtime.values import Boxed
from bro.script import types as t
from tests import processes


def wait_for(path: Path) -> str:
    """The content of a file that a command in the background writes."""
    return processes.wait_until(lambda: path.exists() and path.read_text(), f"{path} is written") or ""


def test_version() -> None:
    assert re.fullmatch(rb"8\.2\.\d+-bro", s.zeek_version())
    assert s.bro_version() == s.zeek_version()


def test_machine() -> None:
    assert s.getpid() == os.getpid()
    assert s.gethostname() == socket.gethostname().encode()
    assert not s.have_spicy() and not s.have_spicy_analyzers() and not s.is_remote_event()


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRO_TEST_VARIABLE", "before")
    assert s.getenv(b"BRO_TEST_VARIABLE") == b"before"
    assert s.setenv(b"BRO_TEST_VARIABLE", b"af\xffter")
    assert s.getenv(b"BRO_TEST_VARIABLE") == b"af\xffter"
    assert s.getenv(b"BRO_TEST_NO_SUCH_VARIABLE") == b""
    assert not s.setenv(b"a=b", b"x")
    assert not s.setenv(b"a", b"\0")


def test_arguments() -> None:
    assert s.zeek_args() == [os.fsencode(argument) for argument in sys.argv]
    context.current.state["arguments"] = ["bro", "-r", "x.pcap"]
    assert s.zeek_args() == [b"bro", b"-r", b"x.pcap"]


def test_print_raw() -> None:
    context.current.stdout = io.BytesIO()
    assert s.print_raw(b"\0\xff", Boxed(5, t.COUNT))
    assert context.current.stdout.getvalue() == b"\0\xff5"


def test_exit() -> None:
    with pytest.raises(ScriptExit) as caught:
        s.exit_(3)
    assert caught.value.status == 3


def test_terminate(engine: Any) -> None:
    made = engine()
    assert not s.zeek_is_terminating()
    assert s.terminate()
    assert s.zeek_is_terminating()
    assert not s.terminate()
    assert made.asked.count(("terminate",)) == 1


def test_system(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert s.system(f"echo hello > {out}".encode()) == 0
    assert wait_for(out) == "hello\n"


def test_system_env(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert s.system_env(f"echo $ZEEK_ARG_word > {out}".encode(), Table({b"word": b"hello"})) == 0
    assert wait_for(out) == "hello\n"
    with pytest.raises(ScriptError, match="environment variable"):
        s.system_env(b"true", Table({b"a=b": b""}))


def test_system_that_cannot_start(reports: Any) -> None:
    assert s.system(b"a\0b") == 127
    assert "cannot start" in reports()


def test_piped_exec(tmp_path: Path, reports: Any) -> None:
    out = tmp_path / "out"
    assert s.piped_exec(f"cat > {out}".encode(), b"some\0data")
    assert out.read_bytes() == b"some\0data"
    assert not s.piped_exec(b"cat > /dev/null; exit 3", b"")
    assert not s.piped_exec(b"a\0b", b"")
    assert "cannot run" in reports()


# ---- registry ----------------------------------------------------------------------------------------------


def test_every_module_registers_what_it_declares() -> None:
    found = registry.load_all()
    assert found["fmt"].module == "bro.runtime.builtins.formatting"
    assert found["Reporter::info"].signature == "function Reporter::info(msg: string): bool"
    assert all(builtin.function.__doc__ for builtin in found.values())
    assert all(builtin.signature.startswith("function ") for builtin in found.values())


def test_a_name_is_defined_once() -> None:
    with pytest.raises(ValueError, match="defined in both"):
        registry.builtin("function fmt(...): string")(lambda *values: b"")


def test_heavy_modules_are_not_imported_at_start() -> None:
    # Summaries are made for hashing, and rarely loaded; everything else waits until a function needs it.
    heavy = "hashlib json subprocess socket random statistics decimal maxminddb resource threading"
    code = (
        "import sys\nbefore = set(sys.modules)\n"
        "from importlib import import_module\nfrom pkgutil import iter_modules\n"
        "from bro.runtime import builtins\n"
        "for info in iter_modules(builtins.__path__):\n"
        "    if info.name != 'sketches': import_module(f'bro.runtime.builtins.{info.name}')\n"
        f"print(*sorted(set({heavy.split()!r}) & (set(sys.modules) - before)))"
    )
    done = processes.run([sys.executable, "-c", code], check=True)
    assert done.stdout.split() == []
