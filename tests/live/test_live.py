"""`bro -i` between two network namespaces: traffic as it happens, and an end on signals with nothing lost.

Needs root and the program `ip`; skipped without.  The addresses are those reserved for documentation
(RFC 5737), and nothing leaves the two namespaces.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("ip") is None, reason="network namespaces need root and the program ip"
)

CLIENT, SERVER = f"bro-live-c{os.getpid()}", f"bro-live-s{os.getpid()}"
CLIENT_ADDR, SERVER_ADDR = "192.0.2.10", "192.0.2.80"
PAGE = "It works.\n"


def ip(*arguments: str, check: bool = True) -> None:
    subprocess.run(["ip", *arguments], check=check, capture_output=True)


def inside(namespace: str, *command: str) -> list[str]:
    return ["ip", "netns", "exec", namespace, *command]


@pytest.fixture(scope="module")
def network() -> Iterator[None]:
    """Two hosts on one wire."""
    try:
        for name in (CLIENT, SERVER):
            ip("netns", "add", name)
    except subprocess.CalledProcessError:
        pytest.skip("network namespaces cannot be made here")
    ip("link", "add", "veth-c", "netns", CLIENT, "type", "veth", "peer", "veth-s", "netns", SERVER)
    for name, link, addr in ((CLIENT, "veth-c", CLIENT_ADDR), (SERVER, "veth-s", SERVER_ADDR)):
        ip("-n", name, "addr", "add", f"{addr}/24", "dev", link)
        ip("-n", name, "link", "set", "lo", "up")
        ip("-n", name, "link", "set", link, "up")
    try:
        yield
    finally:
        for name in (CLIENT, SERVER):
            ip("netns", "del", name, check=False)


@contextlib.contextmanager
def web_server(folder: pathlib.Path) -> Iterator[None]:
    folder.mkdir()
    (folder / "page.txt").write_text(PAGE)
    command = [sys.executable, "-m", "http.server", "80", "--bind", SERVER_ADDR, "--directory", str(folder)]
    with subprocess.Popen(
        inside(SERVER, *command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield
        finally:
            process.kill()


def fetch() -> str:
    """Fetches the page from the client, once the server listens."""
    url = f"http://{SERVER_ADDR}/page.txt"
    code = f"import urllib.request as u; print(u.urlopen('{url}', timeout=5).read().decode(), end='')"
    for _ in range(100):
        done = subprocess.run(inside(CLIENT, sys.executable, "-c", code), capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout
        time.sleep(0.1)
    raise AssertionError(done.stderr)


@contextlib.contextmanager
def watching(folder: pathlib.Path, cache: pathlib.Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A monitor on the client's side of the wire; begins when it has seen a first packet."""
    ready = folder / "ready"
    command = [sys.executable, "-m", "bro", "-C", "-i", "veth-c", *arguments]
    command += ["-e", f'event new_connection(c: connection) {{ system("touch {ready}"); }}']
    environment = {**os.environ, "BRO_CACHE_DIR": str(cache)}
    with subprocess.Popen(
        inside(CLIENT, *command),
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            while not ready.exists() and process.poll() is None:
                subprocess.run(inside(CLIENT, "ping", "-c", "1", "-W", "1", SERVER_ADDR), capture_output=True)
                time.sleep(0.1)
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_traffic_is_logged_and_logs_are_closed(
    network: None, tmp_path: pathlib.Path, cache_dir: pathlib.Path, end: signal.Signals
) -> None:
    with web_server(tmp_path / "web"), watching(tmp_path, cache_dir, "-w", "out.pcap") as monitor:
        assert fetch() == PAGE
        time.sleep(0.5)
        monitor.send_signal(end)
        _, errors = monitor.communicate(timeout=30)
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
    subprocess.run(
        command, cwd=again, env={**os.environ, "BRO_CACHE_DIR": str(cache_dir)}, check=True, timeout=60
    )
    assert "/page.txt" in (again / "http.log").read_text()


def test_a_filter_keeps_the_rest_out(network: None, tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> None:
    with web_server(tmp_path / "web"), watching(tmp_path, cache_dir, "-f", "not tcp") as monitor:
        assert fetch() == PAGE
        time.sleep(0.5)
        monitor.send_signal(signal.SIGINT)
        _, errors = monitor.communicate(timeout=30)
    assert monitor.returncode == 0, errors
    assert not (tmp_path / "http.log").exists()


def test_an_interface_that_is_not_there(network: None, tmp_path: pathlib.Path) -> None:
    command = inside(CLIENT, sys.executable, "-m", "bro", "-i", "nothere")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
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
        assert monitor.stderr is not None
        ip("-n", CLIENT, "link", "del", "gone-a")
        # It is told at once, and the other goes on.
        assert "interface gone-a: it is gone" in monitor.stderr.readline()
        subprocess.run(inside(CLIENT, "ping", "-c", "1", SERVER_ADDR), capture_output=True, check=True)
        assert monitor.poll() is None
        monitor.send_signal(signal.SIGTERM)
        _, errors = monitor.communicate(timeout=30)
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
        subprocess.run(inside(CLIENT, sys.executable, "-c", flood), check=True, cwd=tmp_path, timeout=60)
        time.sleep(3)
        monitor.send_signal(signal.SIGINT)
        _, errors = monitor.communicate(timeout=60)
    assert monitor.returncode == 0, errors
    summary = next(line for line in errors.splitlines() if "packets received" in line)
    dropped = int(summary.split(" dropped")[0].rsplit(", ", 1)[1].split()[0])
    assert dropped > 1000, summary
