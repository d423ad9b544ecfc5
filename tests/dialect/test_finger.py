"""The Finger policy of the paper of 1998, as it stands there: with posted events, then with traffic."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

from tests import processes
from tests.conftest import CAPTURES, REPOSITORY, RunBro

POLICY = REPOSITORY.parent / "shared" / "documents" / "finger-1998.bro"

pytestmark = pytest.mark.skipif(not POLICY.exists(), reason="the paper's listing is not here")

POSTED = f"""
@load legacy/1998
@load {POLICY}
function conn(n: count): connection
    {{
    local host = count_to_v4_addr(3232235520 + n);
    local id = conn_id($orig_h=host, $orig_p=1024/tcp, $resp_h=192.0.2.80, $resp_p=finger);
    local e = endpoint($size=0, $state=0, $flow_label=0);
    local start = double_to_time(880988813.752829 + n);
    return connection($id=id, $orig=e, $resp=e, $start_time=start, $duration=0sec,
                      $service=set(), $history="", $uid="C");
    }}
global several: connection;
event checked()
    {{
    print several$hot, several$addl;
    }}
event bro_init()
    {{
    event finger_request(conn(1), "feng", F);
    event finger_request(conn(2), "", F);
    event finger_request(conn(3), "", T);
    event finger_request(conn(4), "root", T);
    local ten = "ABCDEFGHIJ";
    local long = ten + ten + ten + ten + ten + ten + ten + ten;
    event finger_request(conn(5), long, F);
    event finger_request(conn(6), long + "x", F);
    several = conn(7);
    event finger_request(several, "nice", F);
    event finger_request(several, "lp", F);
    event finger_request(several, "davfor", T);
    event checked();
    }}
"""

EIGHTY = "ABCDEFGHIJ" * 8

EXPECTED = f"""\
880988814.752829 192.168.0.1 > 192.0.2.80 "feng"
880988815.752829 192.168.0.2 > 192.0.2.80 ANY
880988816.752829 192.168.0.3 > 192.0.2.80 ANY (/W)
880988817.752829 192.168.0.4 > 192.0.2.80 "root" (/W)
880988818.752829 192.168.0.5 > 192.0.2.80 "{EIGHTY}"
880988819.752829 192.168.0.6 > 192.0.2.80 "{EIGHTY}..."
880988820.752829 192.168.0.7 > 192.0.2.80 "nice"
880988820.752829 192.168.0.7 > 192.0.2.80 ("lp")
880988820.752829 192.168.0.7 > 192.0.2.80 ("davfor") (/W)
"""


def notified(folder: pathlib.Path) -> list[str]:
    """The messages of `log` statements, without their times."""
    path = folder / "notifications.log"
    return [line.partition(" ")[2] for line in path.read_text().splitlines()] if path.exists() else []


NO_SYSLOG = 'Legacy::syslog_socket=""'


def test_posted_events(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "posted.bro").write_text(POSTED)
    done = bro("posted.bro", NO_SYSLOG)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "finger.log").read_text() == EXPECTED
    assert notified(tmp_path) == [
        'finger: 192.168.0.4 > 192.0.2.80 "root" (/W)',
        f'finger: 192.168.0.6 > 192.0.2.80 "{EIGHTY}..."',
        'finger: 192.168.0.7 > 192.0.2.80 ("lp")',
        'finger: 192.168.0.7 > 192.0.2.80 ("davfor") (/W)',
    ]
    assert done.stdout == '1, **"nice", ("lp"), ("davfor") (/W)\n'


def test_the_name_of_its_file(bro: RunBro, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRO_ID", "gate")
    (tmp_path / "posted.bro").write_text(POSTED)
    assert bro("posted.bro", NO_SYSLOG).returncode == 0
    assert (tmp_path / "finger.gate").read_text() == EXPECTED


def test_recorded_traffic(bro: RunBro, tmp_path: pathlib.Path) -> None:
    """Debian's finger and fingerd."""
    done = bro("-r", CAPTURES / "finger.pcap", "legacy/1998", POLICY, NO_SYSLOG)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.partition(" ")[2] for line in (tmp_path / "finger.log").read_text().splitlines()]
    asks = "192.0.2.10 > 192.0.2.80 "
    assert lines == [
        f'{asks}"daemon"',
        f'{asks}"lp" (/W)',
        f"{asks}ANY",
        f'{asks}"nobody-of-that-name"',
        '2001:db8::10 > 2001:db8::80 "uucp"',
        f'{asks}"games"',
        f'{asks}("root")',
        f'{asks}"root" (/W)',
        f'{asks}"root@192.0.2.80"',
        f'{asks}"root"',
    ]
    assert notified(tmp_path) == [f"finger: {lines[n]}" for n in (1, 4, 6, 7, 9)]
    summary = [line.split("\t") for line in (tmp_path / "conn.log").read_text().splitlines()]
    columns = next(line for line in summary if line[0] == "#fields")[1:]
    rows = [dict(zip(columns, line, strict=True)) for line in summary if not line[0].startswith("#")]
    noted = {(row["hot"], row["addl"]) for row in rows if row["id.resp_p"] == "79"}
    assert ("1", '*"games", ("root")') in noted and ("-", "ANY") in noted


def test_hostile_traffic(bro: RunBro, tmp_path: pathlib.Path) -> None:
    assert bro("-r", CAPTURES / "finger-hostile.pcap", "legacy/1998", POLICY, NO_SYSLOG).returncode == 0
    asked = [
        line.rpartition(" > 192.0.2.80 ")[2] for line in (tmp_path / "finger.log").read_text().splitlines()
    ]
    assert asked == [
        '"' + r"\x90" * 80 + '..."',
        '"' + "B" * 80 + '..."',
        r'"nice\x00root"',
        '"root" (/W)',
        '"nice"',
        '"nice"',
        '("root")',
        '("lp") (/W)',
        '"root@inner.example@gate.example"',
        '"root"',
        '"lp"',
    ]
    assert (
        len(notified(tmp_path)) == 7
    )  # all but NUL, the changed text, the first of several, the forwarded one


def test_notified_when_the_packet_is_processed(tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> None:
    """The request of the connection at hand is told while the input goes on."""
    data = (CAPTURES / "finger-hostile.pcap").read_bytes()
    # The first connection's request is its fourth packet; the rest comes when the message was read.
    at = 24
    for _ in range(5):
        at += 16 + int.from_bytes(data[at + 8 : at + 12], "little")
    environment = processes.environment(cache_dir)
    command = [sys.executable, "-m", "bro", "-r", "-", "legacy/1998", str(POLICY), NO_SYSLOG]
    with processes.started(
        command, cwd=tmp_path, env=environment, stdin=subprocess.PIPE, text=False
    ) as process:
        assert process.stdin is not None
        process.stdin.write(data[:at])
        process.stdin.flush()
        told = processes.wait_until(lambda: notified(tmp_path), "the request is told", process=process)
        assert told[0].endswith('..."')
        _, errors = processes.finish(process, given=data[at:])
    assert process.returncode == 0, errors
    assert len(notified(tmp_path)) == 7
