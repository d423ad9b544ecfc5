"""Responses to live connections of the kernel: a monitor in the middle ends, stops and blocks them."""

from __future__ import annotations

import contextlib
import itertools
import json
import pathlib
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest

from tests.live import paths
from tests.live.paths import CLIENT, SERVER, established, needs_mptcp, needs_namespaces, one_at_a_time
from tests.processes import finish, next_line, run, wait_until

pytestmark = [one_at_a_time, needs_namespaces]

PORT = 9000
TCP, MPTCP = 0, 262

#: what every script here begins with
PREFIX = "@load policy/frameworks/response\nredef LogAscii::use_json=T;\nredef Response::enabled=T;\n"


@pytest.fixture(scope="module")
def network() -> Iterator[None]:
    with paths.two_paths():
        yield


@contextlib.contextmanager
def server(protocol: int = TCP, address: str = "::") -> Iterator[subprocess.Popen[str]]:
    """Accepts one connection, prints each second how much has come, and at last how it ended."""
    family = "AF_INET6" if ":" in address else "AF_INET"
    code = f"""
import errno, socket, time
s = socket.socket(socket.{family}, socket.SOCK_STREAM, {protocol})
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(({address!r}, {PORT})); s.listen(); print('listening')
c = s.accept()[0]  # the listener stays: joins need it
total, told = 0, time.monotonic()
c.settimeout(0.2)
while True:
    try:
        data = c.recv(65536)
        total += len(data)
        if not data: print('end'); break
    except TimeoutError: pass
    except OSError as error: print(errno.errorcode[error.errno]); break
    if time.monotonic() - told >= 1: told += 1; print(total)
"""
    with paths.python(SERVER, code) as process:
        assert next_line(process, process.stdout, "that it listens") == "listening\n"
        yield process


def client(
    protocol: int = TCP, address: str = paths.SERVER_ADDR, seconds: float = 6
) -> AbstractContextManager[subprocess.Popen[str]]:
    """Connects and sends 1000 bytes each 5 ms, for so long, and prints how it ended."""
    family = "AF_INET6" if ":" in address else "AF_INET"
    code = f"""
import errno, socket, time
s = socket.socket(socket.{family}, socket.SOCK_STREAM, {protocol})
s.settimeout(5)
try:
    s.connect(({address!r}, {PORT})); print('connected')
    s.setblocking(False)
    end = time.monotonic() + {seconds}
    while time.monotonic() < end:
        try: s.send(b'x' * 1000)
        except BlockingIOError: pass
        time.sleep(0.005)
    print('end')
except OSError as error: print(errno.errorcode.get(error.errno, 'timeout'))
"""
    return paths.python(CLIENT, code)


def ended(process: subprocess.Popen[str]) -> list[str]:
    """What a program has printed when it ended."""
    out, errors = finish(process)
    assert process.returncode == 0, errors
    return str(out).split()


def printed(program: AbstractContextManager[subprocess.Popen[str]]) -> list[str]:
    """What a program prints from its start to its end."""
    with program as process:
        return ended(process)


def actions(folder: pathlib.Path, monitor: subprocess.Popen[str]) -> list[dict[str, object]]:
    """Ends the monitor and returns the rows of its log of actions."""
    _, errors = finish(monitor, signal.SIGTERM)
    assert monitor.returncode == 0, errors
    return rows(folder / "response.log")


def rows(log: pathlib.Path) -> list[dict[str, object]]:
    """The rows of a log, none if it was not written."""
    return [json.loads(row) for row in log.read_text().splitlines()] if log.exists() else []


def act(call: str, after: str = "1sec", event: str = "connection_established(c: connection)") -> str:
    """A script that does something about a connection some time after an event."""
    return (
        PREFIX
        + f"event act(c: connection) {{ {call}; }}\n"
        + f"event {event} {{ if ( c$id$resp_p == {PORT}/tcp ) schedule {after} {{ act(c) }}; }}\n"
    )


@pytest.mark.parametrize("address", [paths.SERVER_ADDR, paths.SERVER_ADDR6])
def test_resets_end_both_ends(
    network: None, tmp_path: pathlib.Path, cache_dir: pathlib.Path, address: str
) -> None:
    script = act('Response::terminate_connection(c, "test")')
    with paths.monitor(tmp_path, cache_dir, code=script) as monitor, server() as serving:
        assert printed(client(address=address)) == ["connected", "ECONNRESET"]
        assert ended(serving)[-1] == "ECONNRESET"
        (row,) = actions(tmp_path, monitor)
    assert (row["action"], row["outcome"], row["reason"]) == ("Response::RESET", "Response::DONE", "test")
    assert row["packets"] in (2, 3, 4)


def test_an_idle_connection_is_reset(network: None, tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> None:
    script = act('Response::terminate_connection(c, "test")')
    code = f"""
import errno, socket
s = socket.create_connection(({paths.SERVER_ADDR!r}, {PORT})); s.settimeout(40)
try: s.recv(1); print('end')
except OSError as error: print(errno.errorcode.get(error.errno, 'timeout'))
"""
    with paths.monitor(tmp_path, cache_dir, code=script), server() as serving:
        assert printed(paths.python(CLIENT, code)) == ["ECONNRESET"]
        assert ended(serving)[-1] == "ECONNRESET"


@needs_mptcp
def test_fastclose_ends_all_subflows(network: None, tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> None:
    script = act('Response::terminate_mptcp(c, "test")', "3sec")
    with (
        paths.second_subflow(),
        paths.monitor(tmp_path, cache_dir, code=script) as monitor,
        server(MPTCP) as serving,
        client(MPTCP) as sending,
    ):
        wait_until(lambda: established(CLIENT, PORT) == 2, "both subflows")  # the monitor sees one of them
        assert ended(sending)[-1] in ("ECONNRESET", "EPIPE")
        assert ended(serving)[-1] in ("ECONNRESET", "EPIPE")
        assert established(CLIENT, PORT) == 0
        (row,) = actions(tmp_path, monitor)
    assert (row["action"], row["outcome"]) == ("Response::FASTCLOSE", "Response::DONE")


@needs_mptcp
@pytest.mark.parametrize("opened_by", ["client", "server"])
def test_fastclose_on_a_subflow_that_has_joined(
    network: None, tmp_path: pathlib.Path, cache_dir: pathlib.Path, opened_by: str
) -> None:
    """Each end gets its own key, whoever has opened the subflow."""
    event = "mptcp_subflow_joined(c: connection, first: string, verified: bool)"
    script = act('Response::terminate_mptcp(c, "test")', "2sec", event).replace(
        f"c$id$resp_p == {PORT}/tcp", "verified"
    )
    # The client joins from another address, or it announces that with a port, and the server joins.
    paths.ip("-n", CLIENT, "addr", "add", "192.0.2.11/24", "dev", "veth-c")
    how = ["subflow"] if opened_by == "client" else ["port", "7000", "signal"]
    for name in (CLIENT, SERVER):
        paths.ip("-n", name, "mptcp", "limits", "set", "subflows", "2", "add_addr_accepted", "2")
    try:
        with paths.monitor(tmp_path, cache_dir, code=script) as monitor, server(MPTCP, "0.0.0.0") as serving:
            with client(MPTCP, seconds=30) as sending:
                assert next_line(sending, sending.stdout, "that it is connected") == "connected\n"
                time.sleep(1)
                paths.ip("-n", CLIENT, "mptcp", "endpoint", "add", "192.0.2.11", "dev", "veth-c", *how)
                assert ended(sending)[-1] in ("ECONNRESET", "EPIPE")
            assert ended(serving)[-1] in ("ECONNRESET", "EPIPE")
            (row,) = actions(tmp_path, monitor)
    finally:
        paths.ip("-n", CLIENT, "addr", "del", "192.0.2.11/24", "dev", "veth-c")
        paths.ip("-n", CLIENT, "mptcp", "endpoint", "flush")
    address = "192.0.2.11" if opened_by == "client" else paths.SERVER_ADDR
    assert (row["action"], row["outcome"]) == ("Response::FASTCLOSE", "Response::DONE")
    assert row["id.orig_h"] == address


@needs_mptcp
def test_a_reset_ends_one_subflow(network: None, tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> None:
    script = act('Response::terminate_connection(c, "test")', "3sec")
    with (
        paths.second_subflow(),
        paths.monitor(tmp_path, cache_dir, code=script) as monitor,
        server(MPTCP) as serving,
        client(MPTCP) as sending,
    ):
        for count in (2, 1):
            wait_until(lambda: established(CLIENT, PORT) == count, f"{count} subflows")  # noqa: B023
        assert ended(sending) == ["connected", "end"]
        assert ended(serving)[-1] == "end"
        (row,) = actions(tmp_path, monitor)
    assert (row["action"], row["outcome"]) == ("Response::RESET", "Response::DONE")


@pytest.mark.parametrize("address", [paths.SERVER_ADDR, paths.SERVER_ADDR6])
def test_a_zero_window_stops_the_sender(
    network: None, tmp_path: pathlib.Path, cache_dir: pathlib.Path, address: str
) -> None:
    """Both ends are held (`Response::__hold`), and the one that sends stands still until it is released."""
    script = act('Response::tarpit(c, 4sec, "test")', "2sec")
    with paths.monitor(tmp_path, cache_dir, code=script) as monitor, server() as serving:
        assert printed(client(address=address, seconds=10)) == ["connected", "end"]
        *counts, end = ended(serving)
        row, release = actions(tmp_path, monitor)
    assert (row["action"], row["outcome"]) == ("Response::ZERO_WINDOW", "Response::DONE"), row
    assert (release["action"], release["reason"]) == ("Response::RELEASE", "the time is over")
    assert end == "end"
    # What was sent in the server's name is not taken for its own.
    (conn,) = (row for row in rows(tmp_path / "conn.log") if row["id.resp_p"] == PORT)
    assert conn["resp_bytes"] == 0
    each = [int(b) - int(a) for a, b in itertools.pairwise(counts)]
    # About 200 kB a second before, nothing for some seconds, and then it goes on.
    assert each[0] > 50_000, counts
    assert each.count(0) >= 2, counts
    assert int(counts[-1]) > int(counts[1]) + 200_000 and each[-1] > 0, counts


def test_who_is_stopped_is_let_go_when_the_monitor_ends(
    network: None, tmp_path: pathlib.Path, cache_dir: pathlib.Path
) -> None:
    script = act('Response::tarpit(c, 1hr, "test")')
    with (
        paths.monitor(tmp_path, cache_dir, code=script) as monitor,
        server() as serving,
        client(seconds=10) as sending,
    ):
        time.sleep(4)
        row, release = actions(tmp_path, monitor)
        assert row["outcome"] == "Response::DONE", row
        assert (release["action"], release["reason"]) == ("Response::RELEASE", "the monitor ends")
        assert ended(sending) == ["connected", "end"]
        *counts, end = ended(serving)
    each = [int(b) - int(a) for a, b in itertools.pairwise(counts)]
    assert 0 in each and end == "end" and int(counts[-1]) > int(counts[0]) + 200_000, counts


def test_a_file_ends_its_connection(network: None, tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> None:
    """Events of files come in the middle of a packet."""
    script = PREFIX + (
        "event file_sniff(f: fa_file, meta: fa_metadata)\n"
        '\t{ for ( id, c in f$conns ) Response::terminate_connection(c, "file"); }\n'
    )
    serve = """
import errno, socket, time
s = socket.create_server(('', 80)); print('listening')
c = s.accept()[0]; c.recv(1000)
c.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Type: text/plain\\r\\nContent-Length: 1000000\\r\\n\\r\\n')
try:
    for _ in range(400): c.sendall(b'some text ' * 100); time.sleep(0.05)
    print('end')
except OSError as error: print(errno.errorcode[error.errno])
"""
    fetch = f"""
import errno, socket
s = socket.create_connection(({paths.SERVER_ADDR!r}, 80)); s.settimeout(40)
s.sendall(b'GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n')
try:
    while s.recv(10000): pass
    print('end')
except OSError as error: print(errno.errorcode.get(error.errno, 'timeout'))
"""
    with (
        paths.monitor(tmp_path, cache_dir, code=script) as monitor,
        paths.python(SERVER, serve) as serving,
    ):
        assert next_line(serving, serving.stdout, "that it listens") == "listening\n"
        assert printed(paths.python(CLIENT, fetch)) == ["ECONNRESET"]
        assert ended(serving)[-1] in ("ECONNRESET", "EPIPE")
        assert actions(tmp_path, monitor)[0]["outcome"] == "Response::DONE"


needs_nft = pytest.mark.skipif(shutil.which("nft") is None, reason="there is no nft")


@needs_nft
@pytest.mark.parametrize("address", [paths.SERVER_ADDR, paths.SERVER_ADDR6])
def test_a_flow_is_blocked(
    network: None, tmp_path: pathlib.Path, cache_dir: pathlib.Path, address: str
) -> None:
    script = act('Response::block_flow(c$id, 3sec, "test")', "2sec")
    with paths.monitor(tmp_path, cache_dir, code=script) as monitor, server() as serving:
        assert printed(client(address=address, seconds=10)) == ["connected", "end"]
        *counts, end = ended(serving)
        (row,) = actions(tmp_path, monitor)
    assert (row["action"], row["outcome"]) == ("Response::BLOCK_FLOW", "Response::DONE"), row
    each = [int(b) - int(a) for a, b in itertools.pairwise(counts)]
    assert each.count(0) >= 2 and end == "end", counts


@needs_nft
def test_a_host_is_blocked(network: None, tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> None:
    script = act('Response::block_host(c$id$orig_h, 1min, "test")', "0sec")
    with paths.monitor(tmp_path, cache_dir, code=script) as monitor:
        ping = paths.inside(CLIENT, "ping", "-c", "1", "-W", "1", paths.SERVER_ADDR)
        assert run(ping).returncode == 0
        with server(), client(seconds=2):
            wait_until(lambda: run(ping).returncode == 1, "the host is blocked", process=monitor)
        (row,) = actions(tmp_path, monitor)
    assert (row["action"], row["target"]) == ("Response::BLOCK_HOST", paths.CLIENT_ADDR)
    run(paths.inside(paths.MIDDLE, "nft", "delete", "table", "inet", "bro_response"), check=True)


@needs_nft
@needs_mptcp
@pytest.mark.parametrize("how", ["DROP_OPTION", "STRIP_OPTION", "DROP_JOINS"])
def test_mptcp_is_blocked(network: None, tmp_path: pathlib.Path, cache_dir: pathlib.Path, how: str) -> None:
    script = PREFIX + (
        f'event bro_init() {{ Response::block_mptcp(0.0.0.0/0, 5min, Response::{how}, "test"); }}\n'
        "event mptcp_established(c: connection, version: count, orig_token: count, resp_token: count)\n"
        '\t{ system("touch established"); }\n'
    )
    # The client has another address on the same wire, and joins from there.
    paths.ip("-n", CLIENT, "addr", "add", "192.0.2.11/24", "dev", "veth-c")
    paths.ip("-n", CLIENT, "mptcp", "endpoint", "add", "192.0.2.11", "dev", "veth-c", "subflow")
    try:
        with server(MPTCP) as serving, client(MPTCP, seconds=2) as sending:
            # as long as nothing is blocked
            wait_until(lambda: established(CLIENT, PORT) == 2, "both subflows")
            assert ended(sending) == ["connected", "end"]
            assert ended(serving)[-1] == "end"
        with (
            paths.monitor(tmp_path, cache_dir, code=script) as monitor,
            server(MPTCP) as serving,
            client(MPTCP, seconds=3) as sending,
        ):
            time.sleep(2)
            connections = established(CLIENT, PORT)
            assert ended(sending) == ["connected", "end"]
            assert ended(serving)[-1] == "end"
            (row,) = actions(tmp_path, monitor)
    finally:
        paths.ip("-n", CLIENT, "addr", "del", "192.0.2.11/24", "dev", "veth-c")
        paths.ip("-n", CLIENT, "mptcp", "endpoint", "flush")
        delete = paths.inside(paths.MIDDLE, "nft", "delete", "table", "inet", "bro_response")
        run(delete)
    assert (row["action"], row["outcome"]) == ("Response::BLOCK_MPTCP", "Response::DONE"), row
    assert connections <= 1  # with the option dropped, it takes some time to be there at all
    assert (tmp_path / "established").exists() == (how == "DROP_JOINS")


def test_nothing_is_done_unless_it_is_enabled(
    network: None, tmp_path: pathlib.Path, cache_dir: pathlib.Path
) -> None:
    script = act('Response::terminate_connection(c, "test")').replace("enabled=T", "enabled=F")
    with paths.monitor(tmp_path, cache_dir, code=script) as monitor, server() as serving:
        assert printed(client(seconds=3)) == ["connected", "end"]
        assert ended(serving)[-1] == "end"
        (row,) = actions(tmp_path, monitor)
    assert (row["outcome"], row["packets"]) == ("Response::OFF", 0)
