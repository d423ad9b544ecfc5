"""What becomes of notices: the policy's decisions, the logs, suppression, and when all that happens."""

from __future__ import annotations

import pathlib
import subprocess
import sys

from tests import processes
from tests.conftest import CAPTURES, RunBro

HEAD = """
redef enum Notice::Type += { Found, Other };
"""


def rows(folder: pathlib.Path, log: str = "notice") -> list[dict[str, str]]:
    path = folder / f"{log}.log"
    if not path.exists():
        return []
    lines = [line.split("\t") for line in path.read_text().splitlines()]
    columns = next(line for line in lines if line[0] == "#fields")[1:]
    return [dict(zip(columns, line, strict=True)) for line in lines if not line[0].startswith("#")]


def run(bro: RunBro, folder: pathlib.Path, text: str, *more: str | pathlib.Path) -> str:
    (folder / "policy.bro").write_text(HEAD + text)
    done = bro("policy.bro", *more)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_policy_decides_in_order(bro: RunBro, tmp_path: pathlib.Path) -> None:
    """Built-in decisions come first; `break` ends the rest; the notice is acted on when all is decided."""
    out = run(
        bro,
        tmp_path,
        """
        redef Notice::alarmed_types += { Found };
        redef Notice::ignored_types += { Other };
        hook Notice::policy(n: Notice::Info) &priority=20 { print "first", n$actions; }
        hook Notice::policy(n: Notice::Info)
            {
            print "default", Notice::ACTION_ALARM in n$actions;
            n$suppress_for = 5min;
            if ( n$msg == "stop" ) break;
            }
        hook Notice::policy(n: Notice::Info) &priority=-1
            { print "last"; delete n$actions[Notice::ACTION_ALARM]; }
        hook Notice::notice(n: Notice::Info) { print "acted on", n$note, n$suppress_for; }
        event bro_init()
            {
            NOTICE([$note=Found, $msg="go"]);
            NOTICE([$note=Found, $msg="stop"]);
            NOTICE([$note=Other, $msg="ignored"]);
            }
        """,
    )
    said = "first, {\n\n}\ndefault, T\n{}acted on, Found, 5.0 mins\n".replace("{\n\n}", "EMPTY")
    expected = (said.format("last\n") + said.format("") + "first, EMPTY\nacted on, Other, 1.0 hr\n").replace(
        "EMPTY", "{\n\n}"
    )
    assert out == expected
    assert [(row["msg"], row["actions"]) for row in rows(tmp_path)] == [
        ("go", "Notice::ACTION_LOG"),
        ("stop", "Notice::ACTION_ALARM,Notice::ACTION_LOG"),
    ]
    assert [row["msg"] for row in rows(tmp_path, "notice_alarm")] == ["stop"]


def test_the_same_notice_is_told_once(bro: RunBro, tmp_path: pathlib.Path) -> None:
    out = run(
        bro,
        tmp_path,
        """
        redef exit_only_after_terminate = T;
        redef Notice::not_suppressed_types += { Other };
        event Notice::suppressed(n: Notice::Info) { print "suppressed", n$msg; }
        event Notice::begin_suppression(ts: time, suppress_for: interval, note: Notice::Type,
                                        identifier: string)
            { print "begin", note, identifier, suppress_for; }
        function raise(msg: string)
            {
            NOTICE([$note=Found, $msg=msg, $identifier="a", $suppress_for=300msec]);
            NOTICE([$note=Found, $msg=msg + " b", $identifier="b"]);
            NOTICE([$note=Found, $msg=msg + " none"]);
            NOTICE([$note=Other, $msg=msg + " other", $identifier="a"]);
            }
        event later() { raise("later"); terminate(); }
        event again() { raise("again"); schedule 1sec { later() }; }
        event bro_init() { raise("first"); event again(); }
        """,
    )
    assert out.splitlines() == [
        "begin, Found, a, 300.0 msecs",
        "begin, Found, b, 1.0 hr",
        "suppressed, again",
        "suppressed, again b",
        "begin, Found, a, 300.0 msecs",
        "suppressed, later b",
    ]
    told = [row["msg"] for row in rows(tmp_path)]
    assert told == [
        "first", "first b", "first none", "first other", "again none", "again other",
        "later", "later none", "later other",
    ]  # fmt: skip


def test_what_a_connection_tells(bro: RunBro, tmp_path: pathlib.Path) -> None:
    run(
        bro,
        tmp_path,
        """
        event finger_request(c: connection, full: bool, username: string, hostname: string)
            {
            NOTICE([$note=Found, $conn=c, $msg=username, $identifier=username]);
            }
        """,
        "-r",
        CAPTURES / "finger.pcap",
    )
    row = rows(tmp_path)[0]
    shown = [row[name] for name in ("id.orig_h", "id.resp_h", "id.resp_p", "src", "dst", "p", "proto", "msg")]
    assert shown == ["192.0.2.10", "192.0.2.80", "79", "192.0.2.10", "192.0.2.80", "79", "tcp", "daemon"]
    assert row["uid"].startswith("C")
    # root is asked for four times, once at another host
    assert [row["msg"] for row in rows(tmp_path)].count("root") == 1


def test_told_when_the_packet_is_processed(tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> None:
    """The row is in the file while the rest of the input has not come yet."""
    (tmp_path / "policy.bro").write_text(
        HEAD
        + """
        event finger_request(c: connection, full: bool, username: string, hostname: string)
            { NOTICE([$note=Found, $conn=c, $msg=fmt("%d bytes", |username|)]); }
        """
    )
    data = (CAPTURES / "finger-hostile.pcap").read_bytes()
    at = 24
    for _ in range(5):
        at += 16 + int.from_bytes(data[at + 8 : at + 12], "little")
    command = [sys.executable, "-m", "bro", "-r", "-", "policy.bro"]
    environment = processes.environment(cache_dir)
    with processes.started(
        command, cwd=tmp_path, env=environment, stdin=subprocess.PIPE, text=False
    ) as process:
        assert process.stdin is not None
        process.stdin.write(data[:at])
        process.stdin.flush()
        log = tmp_path / "notice.log"
        told = lambda: log.exists() and "536 bytes" in log.read_text()  # noqa: E731
        processes.wait_until(told, "the request is told", process=process)
        _, errors = processes.finish(process, given=data[at:])
    assert process.returncode == 0, errors
    assert len(rows(tmp_path)) > 5


def test_weirds_can_be_notices(bro: RunBro, tmp_path: pathlib.Path) -> None:
    run(
        bro,
        tmp_path,
        """
        redef Weird::actions += {
            ["NUL_in_line"] = Weird::ACTION_NOTICE,
            ["partial_finger_request"] = Weird::ACTION_NOTICE_PER_ORIG,
        };
        """,
        "-r",
        CAPTURES / "finger-hostile.pcap",
    )
    told = [(row["note"], row["msg"]) for row in rows(tmp_path)]
    assert told == [
        ("Weird::Activity", "NUL_in_line"),
        ("Weird::Activity", "NUL_in_line"),
        ("Weird::Activity", "partial_finger_request"),
    ]
    assert r"nice\x00root" in rows(tmp_path)[1]["sub"]
    assert {row["notice"] for row in rows(tmp_path, "weird") if row["name"] == "NUL_in_line"} == {"T"}


def test_other_text_sent_again_is_told(bro: RunBro, tmp_path: pathlib.Path) -> None:
    """Which of two names the daemon got cannot be told from the packets, but that there are two can."""
    run(bro, tmp_path, "@load policy/protocols/conn/weirds\n", "-r", CAPTURES / "finger-hostile.pcap")
    told = [(row["note"], row["id.orig_p"], row["sub"]) for row in rows(tmp_path)]
    assert ("Conn::Retransmission_Inconsistency", "40005", 'first "nice", then "root"') in told
    assert [port for note, port, _ in told if note == "Conn::Content_Gap"] == ["40009"]


def test_signatures_can_be_notices(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "root.sig").write_text(
        "signature asks-for-root {\n  ip-proto == tcp\n  dst-port == 79\n  payload /.*root/\n"
        '  event "root is asked for"\n}\n'
    )
    run(
        bro,
        tmp_path,
        """
        @load-sigs ./root.sig
        event signature_match(state: signature_state, msg: string, data: string)
            { NOTICE([$note=Found, $conn=state$conn, $msg=msg, $sub=state$sig_id]); }
        """,
        "-r",
        CAPTURES / "finger.pcap",
    )
    told = {(row["msg"], row["sub"]) for row in rows(tmp_path) if row["note"] == "Found"}
    assert told == {("root is asked for", "asks-for-root")}
    # Without a word of the script's, by what the framework does with signatures nobody said anything about.
    by_framework = [row for row in rows(tmp_path) if row["note"] == "Signatures::Sensitive_Signature"]
    assert by_framework and "root is asked for" in by_framework[0]["msg"]


def test_notices_to_syslog(bro: RunBro, tmp_path: pathlib.Path) -> None:
    run(
        bro,
        tmp_path,
        """
        @load legacy/1998
        @load policy/frameworks/notice/actions/syslog
        redef Legacy::syslog_socket = "";
        redef Notice::syslogged_types += { Found };
        event bro_init()
            {
            NOTICE([$note=Found, $msg="it", $sub="more", $src=192.0.2.10]);
            NOTICE([$note=Other, $msg="not this"]);
            }
        """,
    )
    lines = (tmp_path / "notifications.log").read_text().splitlines()
    assert [line.partition(" ")[2] for line in lines] == ["Found 192.0.2.10: it (more)"]


def test_hosts_are_dropped(bro: RunBro, tmp_path: pathlib.Path) -> None:
    run(
        bro,
        tmp_path,
        """
        @load policy/frameworks/notice/actions/drop
        redef Response::enabled = T;
        redef Response::dry_run = T;
        hook Notice::policy(n: Notice::Info) { if ( n$note == Found ) add n$actions[Notice::ACTION_DROP]; }
        event bro_init()
            {
            NOTICE([$note=Found, $src=192.0.2.10]);
            NOTICE([$note=Other, $src=192.0.2.11]);
            }
        """,
    )
    assert [row["dropped"] for row in rows(tmp_path)] == ["T", "F"]
    text = (tmp_path / "response.log").read_text()
    assert "192.0.2.10" in text and "192.0.2.11" not in text


def test_places_are_added(bro: RunBro, tmp_path: pathlib.Path) -> None:
    """Where there is no database of places, the action does no harm."""
    run(
        bro,
        tmp_path,
        """
        redef Notice::lookup_location_types += { Found };
        event bro_init() { NOTICE([$note=Found, $src=192.0.2.10]); }
        """,
    )
    assert "Notice::ACTION_ADD_GEODATA" in rows(tmp_path)[0]["actions"].split(",")
