"""bro.runtime.builtins.background and lookups"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bro.runtime import context
from bro.runtime.builtins import background as b
from bro.runtime.builtins import lookups
from bro.runtime.netvalues import Addr
from bro.runtime.when import Async
from bro.script import types as t
from tests import processes


@pytest.fixture(autouse=True)
def result(program: Any) -> None:
    fields = {"exit_code": t.COUNT, "signal_exit": t.BOOL, "stdout": t.ANY, "stderr": t.ANY, "files": t.ANY}
    program.add_record("Exec::Result", **fields)


def wait(answer: Async) -> Any:
    """Handle events until there is an answer."""

    def done() -> bool:
        context.current.drain()
        return answer.done

    processes.wait_until(done, "an answer")
    return answer.value


def test_output_and_status() -> None:
    answer = b.exec_run(b"cat; echo two >&2; exit 3", b"one\nmore", [])
    assert b.outstanding() == 1
    found = wait(answer)
    assert (found.exit_code, found.signal_exit) == (3, False)
    assert found.stdout == [b"one", b"more"]
    assert found.stderr == [b"two"]
    assert found.files is None
    assert b.outstanding() == 0


def test_signals() -> None:
    found = wait(b.exec_run(b"kill -9 $$", b"", []))
    assert (found.exit_code, found.signal_exit) == (9, True)


def test_files_that_are_read(tmp_path: Path) -> None:
    path = str(tmp_path / "out").encode()
    found = wait(b.exec_run(b"printf 'a\\nb\\n' > " + path, b"", [path, path + b"-missing"]))
    assert dict(found.files) == {path: [b"a", b"b"]}


def test_command_that_cannot_run(reports: Any) -> None:
    assert wait(b.exec_run(b"a\0b", b"", [])).exit_code == 127
    assert "cannot be run" in reports()


def test_output_is_limited(monkeypatch: pytest.MonkeyPatch, reports: Any) -> None:
    monkeypatch.setattr(b, "MAX_OUTPUT", 10)
    assert wait(b.exec_run(b"yes | head -c 100", b"", [])).stdout == [b"y"] * 5
    assert "first 10 bytes" in reports()


def test_results_come_in_the_thread_of_the_scripts() -> None:
    seen = []
    b.run_in_background(
        lambda: 5, lambda value: seen.append((value, threading.current_thread())), seen.append
    )
    b.run_in_background(
        lambda: 1 // 0, seen.append, lambda error: seen.append((type(error), threading.current_thread()))
    )

    def done() -> bool:
        context.current.drain()
        return not b.outstanding()

    processes.wait_until(done, "both results")
    assert sorted(seen, key=str) == sorted(
        [(5, threading.current_thread()), (ZeroDivisionError, threading.current_thread())], key=str
    )


@given(st.lists(st.binary().filter(lambda line: b"\n" not in line)))
def test_lines(lines: list[bytes]) -> None:
    assert b.lines_of(b"".join([line + b"\n" for line in lines])) == lines
    if lines and lines[-1]:
        assert b.lines_of(b"\n".join(lines)) == lines


# ---- lookups --------------------------------------------------------------------------------------------


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRO_DNS_FAKE", "1")


@pytest.mark.usefixtures("fake")
def test_made_up_answers() -> None:
    assert wait(lookups.lookup_addr(Addr("1.2.3.4"))) == b"fake_addr_lookup_result_1.2.3.4"
    assert wait(lookups.lookup_hostname_txt(b"a.b")) == b"fake_text_lookup_result_a.b"
    one, two = (list(wait(lookups.lookup_hostname(name))) for name in (b"a.b", b"c.d"))
    assert one != two and one == list(lookups.blocking_lookup_hostname(b"a.b"))


@pytest.mark.usefixtures("fake")
def test_answers_are_kept() -> None:
    first, second = lookups.lookup_addr(Addr("1.2.3.4")), lookups.lookup_addr(Addr("1.2.3.4"))
    assert wait(first) == wait(second)
    assert lookups.lookup_addr(Addr("1.2.3.4")).done
    wait(lookups.lookup_hostname(b"x"))
    found = lookups.statistics()
    assert (found["requests"], found["successful"], found["failed"], found["pending"]) == (2, 2, 0, 0)
    assert (found["cached_addresses"], found["cached_hosts"], found["cached_total"]) == (1, 1, 2)


def test_local_names(reports: Any) -> None:
    assert Addr("127.0.0.1") in lookups.blocking_lookup_hostname(b"127.0.0.1")
    assert Addr("0.0.0.0") in lookups.blocking_lookup_hostname(b"\xff")
    assert "no addresses" in reports()


def record(kind: bytes, data: bytes) -> bytes:
    return b"\xc0\x0c" + kind + b"\0\1\0\0\0\5" + len(data).to_bytes(2, "big") + data


def reply(question: bytes, *records: bytes, code: int = 0) -> bytes:
    head = question[:2] + bytes([0x81, 0x80 | code]) + b"\0\1" + len(records).to_bytes(2, "big") + b"\0\0\0\0"
    return head + question[12:] + b"".join(records)


QUESTION = b"\0\7\1\0\0\1\0\0\0\0\0\0\1a\1b\0\0\x10\0\1"
TXT, CNAME = b"\0\x10", b"\0\5"


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (reply(QUESTION, record(TXT, b"\3one")), b"one"),
        (reply(QUESTION, record(TXT, b"\3one\3two")), b"onetwo"),
        (reply(QUESTION, record(CNAME, b"\1c\0"), record(TXT, b"\3one"), record(TXT, b"\3two")), b"one"),
        (reply(QUESTION, record(TXT, b"")), b""),
        (reply(QUESTION), None),
        (reply(QUESTION, record(TXT, b"\3one"), code=3), None),
        (reply(QUESTION, record(TXT, b"\3one"))[:-2], None),
        (QUESTION, None),
        (b"", None),
    ],
)
def test_text_in_a_message(message: bytes, text: bytes | None) -> None:
    assert lookups.first_text(message) == text


@given(st.binary(max_size=80))
def test_any_message_can_be_read(tail: bytes) -> None:
    lookups.first_text(b"\0\7\x81\x80\0\1\0\3\0\0\0\0" + tail)


@pytest.fixture
def server() -> Iterator[Callable[[Callable[[bytes], bytes]], int]]:
    """A name server on loopback."""
    sockets = []

    def start(answer: Callable[[bytes], bytes]) -> int:
        listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listening.bind(("127.0.0.1", 0))
        sockets.append(listening)

        def serve() -> None:
            try:
                while True:
                    question, client = listening.recvfrom(65535)
                    listening.sendto(answer(question), client)
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        port: int = listening.getsockname()[1]
        return port

    yield start
    for one in sockets:
        one.close()


def test_asking_a_server(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "_TIMEOUT", 2.0)
    questions = []

    def answer(question: bytes) -> bytes:
        questions.append(question)
        return reply(question, record(TXT, b"\5hello"))

    assert lookups.ask_text(b"a.example.", "127.0.0.1", server(answer)) == b"hello"
    assert questions[0][12:] == b"\1a\7example\0\0\x10\0\1"
    assert lookups.ask_text(b"a..b", "127.0.0.1", 9) is None
    assert lookups.ask_text(b"a" * 64, "127.0.0.1", 9) is None


def test_answers_to_other_questions_do_not_count(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "_TIMEOUT", 0.2)
    port = server(lambda question: b"\0\0" + reply(question, record(TXT, b"\5hello"))[2:])
    assert lookups.ask_text(b"a.b", "127.0.0.1", port) in (None, b"hello")  # by chance, the number was 0
