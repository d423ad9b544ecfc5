"""bro.storage.redis, with a small server of the protocol RESP2 in a thread."""

from __future__ import annotations

import builtins
import socketserver
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from bro.runtime import context
from bro.runtime.netvalues import Port
from bro.storage.backends import StorageError, open_backend


class _Server(socketserver.ThreadingTCPServer):
    """Keeps values; `asked` has all that it was asked."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.values: dict[bytes, bytes] = {}
        self.asked: list[list[bytes]] = []
        self.password = b""
        self.delay = 0.0
        self.hangs_up_after = b""


class _Session(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        known = not self.server.password
        while line := self.rfile.readline():
            parts = [self._string() for _ in range(int(line[1:]))]
            self.server.asked.append(parts)
            if self.server.delay:
                time.sleep(self.server.delay)
            name = parts[0].upper()
            if name == b"AUTH":
                known = parts[-1] == self.server.password
                self.wfile.write(b"+OK\r\n" if known else b"-WRONGPASS invalid password\r\n")
            elif not known:
                self.wfile.write(b"-NOAUTH Authentication required.\r\n")
            else:
                self.wfile.write(self._answer(name, parts[1:]))
                if name == self.server.hangs_up_after:
                    return

    def _string(self) -> bytes:
        length = int(self.rfile.readline()[1:])
        return self.rfile.read(length + 2)[:-2]

    def _answer(self, name: bytes, args: list[bytes]) -> bytes:
        values = self.server.values
        if name == b"PING":
            return b"+PONG\r\n"
        if name == b"SET":
            if b"NX" in args[2:] and args[0] in values:
                return b"$-1\r\n"
            values[args[0]] = args[1]
            return b"+OK\r\n"
        if name == b"GET":
            found = values.get(args[0])
            return b"$-1\r\n" if found is None else b"$%d\r\n%s\r\n" % (len(found), found)
        if name == b"DEL":
            return b":%d\r\n" % (values.pop(args[0], None) is not None)
        return b"-ERR unknown command\r\n"


@pytest.fixture
def server() -> Iterator[_Server]:
    made = _Server()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def options(server: _Server, **fields: Any) -> Any:
    """A record `Storage::BackendOptions`."""
    given = {
        "server_host": b"127.0.0.1",
        "server_port": Port(server.server_address[1], "tcp"),
        "server_unix_socket": b"",
        "key_prefix": b"",
        "connect_timeout": 5.0,
        "operation_timeout": 5.0,
        "username": b"",
        "password": b"",
    }
    return SimpleNamespace(redis=SimpleNamespace(**{**given, **fields}))


def backend(server: _Server, **fields: Any) -> Any:
    return open_backend("Storage::STORAGE_BACKEND_REDIS", options(server, **fields))


def failure(call: Any, *args: Any) -> tuple[str, str]:
    with pytest.raises(StorageError) as caught:
        call(*args)
    return caught.value.code, str(caught.value)


def test_values_come_back(server: _Server) -> None:
    b = backend(server)
    b.put('"k"', '{"a":1}', True, 0.0)
    assert b.get('"k"', 0.0) == '{"a":1}'
    assert failure(b.put, '"k"', "2", False, 0.0)[0] == "KEY_EXISTS"
    b.put('"k"', "3", True, 0.0)
    assert b.get('"k"', 0.0) == "3"
    b.erase('"k"')
    assert failure(b.erase, '"k"')[0] == "KEY_NOT_FOUND"
    assert failure(b.get, '"k"', 0.0)[0] == "KEY_NOT_FOUND"
    b.close()


def test_the_prefix_sets_keys_apart(server: _Server) -> None:
    backend(server, key_prefix=b"site").put("k", "1", True, 0.0)
    assert list(server.values) == [b"site:k"]
    assert failure(backend(server).get, "k", 0.0)[0] == "KEY_NOT_FOUND"


def test_bytes_that_are_no_utf8(server: _Server) -> None:
    b = backend(server)
    text = b"\xff\x00".decode("utf-8", "surrogateescape")
    b.put(text, text, True, 0.0)
    assert server.values == {b"\xff\x00": b"\xff\x00"}
    assert b.get(text, 0.0) == text


def test_how_long_a_value_lasts(server: _Server) -> None:
    current = context.use(context.Context())
    current.clock.now = 1000.0
    b = backend(server)
    b.put("later", "1", True, 1001.5)
    b.put("past", "1", True, 999.0)
    b.put("ever", "1", True, 0.0)
    asked = {parts[1]: parts[3:] for parts in server.asked if parts[0] == b"SET"}
    assert asked == {b"later": [b"PX", b"1500"], b"past": [b"PX", b"1"], b"ever": []}


def test_the_password(server: _Server) -> None:
    server.password = b"secret"
    code, text = failure(backend, server)
    assert code == "INITIALIZATION_FAILED" and "does not accept the login" in text
    assert failure(lambda: backend(server, password=b"wrong"))[0] == "INITIALIZATION_FAILED"
    backend(server, password=b"secret").put("k", "1", True, 0.0)
    assert server.values == {b"k": b"1"}


def test_nobody_there(server: _Server) -> None:
    server.shutdown()
    server.server_close()
    code, text = failure(backend, server)
    assert code == "CONNECTION_FAILED" and str(server.server_address[1]) in text


def test_no_answer(server: _Server) -> None:
    b = backend(server, operation_timeout=0.05)
    server.delay = 0.5
    assert failure(b.get, "k", 0.0)[0] == "TIMEOUT"


def test_nothing_is_tried_for_longer_than_the_options_say(
    server: _Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pause(seconds: float) -> None:
        raise AssertionError(f"a pause of {seconds} s")

    monkeypatch.setattr("redis.retry.sleep", pause)
    server.password = b"secret"
    assert failure(backend, server)[0] == "INITIALIZATION_FAILED"
    server.shutdown()
    server.server_close()
    assert failure(backend, server)[0] == "CONNECTION_FAILED"


def test_a_connection_that_the_server_has_closed_is_made_anew(server: _Server) -> None:
    b = backend(server)
    server.hangs_up_after = b"SET"
    b.put("k", "1", True, 0.0)
    assert b.get("k", 0.0) == "1"


def test_what_is_wrong_with_the_options(server: _Server) -> None:
    code, text = failure(lambda: backend(server, server_host=None))
    assert code == "INITIALIZATION_FAILED" and "$server_unix_socket" in text
    code, text = failure(open_backend, "Storage::STORAGE_BACKEND_REDIS", SimpleNamespace(redis=None))
    assert code == "INITIALIZATION_FAILED" and "$redis" in text


def test_without_the_package(server: _Server, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any) -> Any:
        if name == "redis":
            raise ImportError(name)
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", missing)
    code, text = failure(backend, server)
    assert code == "INITIALIZATION_FAILED" and "pip install" in text
