"""`bro -i` between two network namespaces: traffic as it happens, and an end on signals with nothing lost.

Needs root and the program `ip`; skipped without.  The addresses are those reserved for documentation
(RFC 5737), and nothing leaves the two namespaces.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests import processes
from tests.live import paths
from tests.live.paths import inside, ip, needs_namespaces, one_at_a_time

pytestmark = [one_at_a_time, needs_namespaces]

CLIENT, SERVER = f"bro-live-c{os.getpid()}", f"bro-live-s{os.getpid()}"
CLIENT_ADDR, SERVER_ADDR = "192.0.2.10", "192.0.2.80"
PAGE = "It works.\n"


@pytest.fixture(scope="module")
def network() -> Iterator[None]:
    """Two hosts on one wire."""
    with paths.namespaces(CLIENT, SERVER):
        ip("link", "add", "veth-c", "netns", CLIENT, "type", "veth", "peer", "veth-s", "netns", SERVER)
        for name, link, addr in ((CLIENT, "veth-c", CLIENT_ADDR), (SERVER, "veth-s", SERVER_ADDR)):
            ip("-n", name, "addr", "add", f"{addr}/24", "dev", link)
            ip("-n", name, "link", "set", link, "up")
        yield


@contextlib.contextmanager
def web_server(folder: pathlib.Path) -> Iterator[None]:
    folder.mkdir()
    (folder / "page.txt").write_text(PAGE)
    command = [sys.executable, "-m", "http.server", "80", "--bind", SERVER_ADDR, "--directory", str(folder)]
    with processes.started(inside(SERVER, *command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        yield


def fetch() -> str:
    """Fetches the page from the client, once the server listens."""
    url = f"http://{SERVER_ADDR}/page.txt"
    code = f"import urllib.request as u; print(u.urlopen('{url}', timeout=5).read().decode(), end='')"

    def content() -> str:
        return str(processes.run(inside(CLIENT, sys.executable, "-c", code)).stdout)

    return processes.wait_until(content, f"{url} can be fetched")


@contextlib.contextmanager
def watching(folder: pathlib.Path, cache: pathlib.Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A monitor on the client's side of the wire; begins when it has seen a first packet.

    It makes a file `fetched` when it has seen the answer to a request.
    """
    ready = folder / "ready"
    command = [sys.executable, "-m", "bro", "-C", "-i", "veth-c", *arguments]
    handlers = (
        f'event new_connection(c: connection) {{ system("touch {ready}"); }}'
        "event http_message_done(c: connection, is_orig: bool, stat: http_message_stat)"
        f'{{ if ( ! is_orig ) system("touch {folder}/fetched"); }}'
    )
    command += ["-e", handlers]
    environment = processes.environment(cache)
    with processes.started(inside(CLIENT, *command), cwd=folder, env=environment) as process:
        paths.see_packets(process, ready, CLIENT, SERVER_ADDR)
        yield process


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_traffic_is_logged_and_logs_are_closed(
    network: None, tmp_path: pathlib.Path, cache_dir: pathlib.Path, end: signal.Signals
) -> None:
    with web_server(tmp_path / "web"), watching(tmp_path, cache_dir, "-w", "out.pcap") as monitor:
        assert fetch() == PAGE
        processes.wait_until((tmp_path / "fetched").exists, "the answer is seen", process=monitor)
        _, errors = processes.finish(monitor, end)
    assert monitor.returncode == 0, errors
    assert "packets received" in errors
    requests = (tmp_path / "http.log").read_text()
    assert "/page.txt" in requests
    assert requests.splitlines()[-1].startswith("#close")
    conns = (tmp_path / "conn.log").read_text()
    assert f"{CLIENT_ADDR}\t" in conns
    assert conns.splitlines()[-1].startswith("#close")
    # What was recorded gives the same requests again.
    again = tmp_path / "again"
    again.mkdir()
    command = [sys.executable, "-m", "bro", "-C", "-r", str(tmp_path / "out.pcap")]
    processes.run(command, cwd=again, env=processes.environment(cache_dir), check=True)
    assert "/page.txt" in (again / "http.log").read_text()


def test_a_filter_keeps_the_rest_out(network: None, tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> None:
    with web_server(tmp_path / "web"), watching(tmp_path, cache_dir, "-f", "not tcp") as monitor:
        assert fetch() == PAGE
        time.sleep(0.5)
        _, errors = processes.finish(monitor, signal.SIGINT)
    assert monitor.returncode == 0, errors
    assert not (tmp_path / "http.log").exists()


def test_an_interface_that_is_not_there(network: None, tmp_path: pathlib.Path) -> None:
    command = inside(CLIENT, sys.executable, "-m", "bro", "-i", "nothere")
    done = processes.run(command, cwd=tmp_path)
    assert done.returncode == 3
    assert "nothere" in done.stderr
    assert "Traceback" not in done.stderr


def test_one_of_several_interfaces_goes_away(
    network: None, tmp_path: pathlib.Path, cache_dir: pathlib.Path
) -> None:
    ip("-n", CLIENT, "link", "add", "gone-a", "type", "veth", "peer", "gone-b")
    for name in ("gone-a", "gone-b"):
        ip("-n", CLIENT, "link", "set", name, "up")
    with watching(tmp_path, cache_dir, "-i", "gone-a") as monitor:
        ip("-n", CLIENT, "link", "del", "gone-a")
        # It is told at once, and the other goes on.
        told = processes.next_line(monitor, monitor.stderr, "that the interface is gone")
        assert "interface gone-a: it is gone" in told
        processes.run(inside(CLIENT, "ping", "-c", "1", "-W", "10", SERVER_ADDR), check=True)
        assert monitor.poll() is None
        _, errors = processes.finish(monitor, signal.SIGTERM)
    assert monitor.returncode == 3
    assert "packets received on veth-c, gone-a" in errors and "gone-a: it is gone" not in errors
    assert (tmp_path / "conn.log").read_text().splitlines()[-1].startswith("#close")


def test_packets_that_come_too_fast_are_counted(
    network: None, tmp_path: pathlib.Path, cache_dir: pathlib.Path
) -> None:
    (tmp_path / "busy.bro").write_text(
        'event new_connection(c: connection) { if ( c$id$resp_p == 9/udp ) system("touch busy"); '
        "local began = current_time(); "
        "while ( c$id$resp_p == 9/udp && current_time() - began < 3sec ) { } }\n"
    )
    flood = (
        "import os, socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        f"s.sendto(b'x', ('{SERVER_ADDR}', 9))\n"
        "while not os.path.exists('busy'): time.sleep(0.01)\n"
        f"for _ in range(20000): s.sendto(b'x' * 20000, ('{SERVER_ADDR}', 9))\n"
    )
    with watching(tmp_path, cache_dir, "busy.bro") as monitor:
        processes.run(inside(CLIENT, sys.executable, "-c", flood), check=True, cwd=tmp_path)
        time.sleep(3)
        _, errors = processes.finish(monitor, signal.SIGINT)
    assert monitor.returncode == 0, errors
    summary = next(line for line in errors.splitlines() if "packets received" in line)
    dropped = int(summary.split(" dropped")[0].rsplit(", ", 1)[1].split()[0])
    assert dropped > 1000, summary
