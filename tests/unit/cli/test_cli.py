"""The command as its users see it: exit codes, messages, what is written."""

from __future__ import annotations

import os
import pathlib
import select
import signal
import subprocess
import sys
import time

import pytest

from tests import processes
from tests.conftest import CAPTURES, REPOSITORY, RunBro

HTTP = CAPTURES / "http-get.pcap"
PING = CAPTURES / "ping.pcap"

#: prints a line for each connection
NEW = 'event new_connection(c: connection) { print fmt("new %s", c$id$orig_h); }'


def lines(text: str, begin: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(begin)]


def test_help_and_version(bro: RunBro) -> None:
    done = bro("--help")
    assert done.returncode == 0 and done.stdout.startswith("usage: bro")
    done = bro("-v")
    assert done.returncode == 0 and done.stdout.startswith("bro version ")


def test_components_are_listed_and_in_full(bro: RunBro) -> None:
    short, full = bro("-N"), bro("-NN")
    assert short.returncode == full.returncode == 0
    assert "\nBro::HTTP - " in short.stdout and " (built-in)\n" in short.stdout
    assert "    [" not in short.stdout
    for line in (
        "[Analyzer] HTTP (ANALYZER_HTTP)",
        "[Event] http_request",
        "[Packet Analyzer] VXLAN (ANALYZER_VXLAN)",
        "[Writer] Ascii (Log::WRITER_ASCII)",
        "[Reader] Raw (Input::READER_RAW)",
        "[File Analyzer] SHA256 (ANALYZER_SHA256)",
        "[Function] to_upper(str: string): string",
    ):
        assert f"    {line}\n" in full.stdout


def test_a_run_without_anything_to_do_is_wrong_usage(bro: RunBro) -> None:
    done = bro(stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert "nothing to do" in done.stderr and "bro --help" in done.stderr


def test_an_error_of_a_script_at_the_start_ends_the_run_there(
    bro: RunBro, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        'global t: table[count] of count; event zeek_init() { print t[1]; } event zeek_done() { print "."; }'
        'event zeek_init() &priority=-5 { print "next"; }'
        'event new_connection(c: connection) { print "seen"; }'
    )
    done = bro("-b", "-r", str(HTTP), "-e", code)
    assert (done.returncode, done.stdout) == (1, "next\n") and "no such index" in done.stderr
    assert "nothing is processed" in done.stderr
    for name in ("BRO_ALLOW_INIT_ERRORS", "ZEEK_ALLOW_INIT_ERRORS"):
        with monkeypatch.context() as patch:
            patch.setenv(name, "1")
            done = bro("-b", "-r", str(PING), "-e", code)
        assert done.returncode == 1 and done.stdout.startswith("next\nseen\n"), done.stderr
        assert done.stdout.endswith("\n.\n") and "nothing is processed" not in done.stderr
    done = bro("-b", "-e", 'event zeek_init() { Reporter::error("no good"); print "on"; }')
    assert (done.returncode, done.stdout) == (1, "on\n") and "no good" in done.stderr
    done = bro(
        "-b", "-e", 'event zeek_init() { Reporter::warning("well"); } event zeek_done() { print "."; }'
    )
    assert (done.returncode, done.stdout) == (0, ".\n")
    done = bro("-b", "-e", code.replace("zeek_init() {", "zeek_done() {", 1))
    assert (done.returncode, done.stdout) == (0, "next\n.\n") and "no such index" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["-r", "a", "-i", "b"], 2, "not both"),
        (["--seed", "1", "-G", "x", "-b", "-e", ""], 2, "not both"),
        (["-Z"], 2, "unknown option -Z"),
        (["-b", "-r", "missing.pcap"], 3, "missing.pcap: cannot open"),
        (["-b", "-i", "no-such-interface"], 3, "no-such-interface"),
        (["-b", "-r", str(HTTP), "-f", "tcp prot 80"], 3, "tcp prot 80"),
        (["-b", "-r", str(HTTP), "-w", "missing/out.pcap"], 4, "missing/out.pcap: cannot create"),
        (["-b", "-r", str(HTTP), "-w", "/dev/full"], 4, "/dev/full: cannot write"),
        (["-b", "-w", "out.pcap", "-e", "print 1;"], 2, "-w is about packets"),
        (["-b", "-f", "tcp", "-e", "print 1;"], 2, "-f is about packets"),
        (["-b", "-i", "lo", "-i", "lo"], 2, "named twice"),
        (["-b", "--seed", "lucky", "-e", ""], 2, "--seed takes a whole number"),
        (["-b", "-r", "-", "-r", "-"], 2, "standard input (-)"),
        (["-b", "-r", "-", "-"], 2, "standard input (-)"),
        (["-b", str(HTTP)], 1, f"captures are read with -r {HTTP}"),
        (["-b", "-e", "global x = exit(9);"], 9, ""),
        (["-b", "-G", "missing.seed", "-e", ""], 3, "seeds cannot be read: missing.seed"),
        (["-b", "-H", "missing/seed", "-e", ""], 4, "seeds cannot be written: missing/seed"),
        (["-b", "missing.bro"], 1, 'there is no script "missing.bro"'),
        (["-b", "-e", "print nowhere;"], 1, "nowhere"),
        (["-b", "-e", "print 1;", "No::such=1"], 1, "No::such"),
        (["-b", "-s", "missing.sig", "-e", "print 1;"], 1, "signatures cannot be read: missing.sig"),
    ],
)
def test_what_goes_wrong_has_an_exit_code_and_is_said(
    bro: RunBro, arguments: list[str], code: int, complaint: str
) -> None:
    done = bro(*arguments)
    assert done.returncode == code, done.stderr
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_a_capture_that_is_none(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "text.pcap").write_text("this is no capture\n" * 10)
    done = bro("-b", "-r", "text.pcap")
    assert done.returncode == 3 and "not a packet capture" in done.stderr


def test_a_damaged_capture_is_processed_up_to_the_damage(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "cut.pcap").write_bytes(HTTP.read_bytes()[:600])
    done = bro("-C", "-r", "cut.pcap")
    assert done.returncode == 3 and "cut.pcap: cut off at byte" in done.stderr
    log = (tmp_path / "conn.log").read_text()
    assert log.splitlines()[-1].startswith("#close")
    assert lines(log, "1")


def test_the_capture_that_is_read_is_not_overwritten(bro: RunBro, tmp_path: pathlib.Path) -> None:
    capture = tmp_path / "mine.pcap"
    capture.write_bytes(HTTP.read_bytes())
    (tmp_path / "link.pcap").symlink_to(capture)
    done = bro("-b", "-r", "mine.pcap", "-w", "link.pcap")
    assert done.returncode == 2 and "would overwrite" in done.stderr
    assert capture.read_bytes() == HTTP.read_bytes()


def test_code_scripts_and_values(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "mine.bro").write_text("module Mine; export { const limit = 5 &redef; }\n")
    done = bro("-b", "mine", "Mine::limit=7", "-e", "print Mine::limit;", "-e", 'print "two";')
    assert done.returncode == 0, done.stderr
    assert done.stdout == "7\ntwo\n"


def test_only_checking_runs_nothing(bro: RunBro) -> None:
    done = bro("-b", "-a", "-e", "print 1;")
    assert (done.returncode, done.stdout) == (0, "")


def test_exit_of_a_script_is_the_status_and_logs_are_closed(bro: RunBro, tmp_path: pathlib.Path) -> None:
    done = bro("-r", HTTP, "-C", "-e", "event http_reply(c: connection, version: string, code: count, "
               "reason: string) { exit(7); }")  # fmt: skip
    assert done.returncode == 7, done.stderr
    for log in tmp_path.glob("*.log"):
        assert log.read_text().splitlines()[-1].startswith("#close"), log


def test_arguments_reach_scripts(bro: RunBro) -> None:
    done = bro("-b", "-e", "print zeek_args();", "--", "more")
    assert done.returncode == 0, done.stderr
    assert "-b, -e" in done.stdout and "more" in done.stdout


def test_several_captures_are_one_in_the_order_of_time(bro: RunBro) -> None:
    both = bro(
        "-b", "-r", PING, "-r", HTTP, "-e", "event raw_packet(p: raw_pkt_hdr) { print network_time(); }"
    )
    assert both.returncode == 0, both.stderr
    times = [float(line) for line in both.stdout.splitlines()]
    assert times == sorted(times) and len(times) > 30


def test_a_capture_from_standard_input(bro: RunBro) -> None:
    with open(HTTP, "rb") as capture:
        piped = bro("-b", "-r", "-", "-e", NEW, stdin=capture)
    assert piped.returncode == 0, piped.stderr
    assert piped.stdout == bro("-b", "-r", HTTP, "-e", NEW).stdout != ""


def test_a_filter_chooses_packets(bro: RunBro) -> None:
    done = bro("-b", "-r", HTTP, "-f", "ip6 and tcp", "-e", NEW)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "new 2001:db8::10\n"


def test_processed_packets_are_written(bro: RunBro, tmp_path: pathlib.Path) -> None:
    done = bro("-b", "-r", HTTP, "-f", "tcp", "-w", "out.pcap", "-e", NEW)
    assert done.returncode == 0, done.stderr
    again = bro("-b", "-r", "out.pcap", "-e", NEW)
    assert again.stdout == done.stdout


def test_recording_can_be_switched_off_for_a_connection(bro: RunBro, tmp_path: pathlib.Path) -> None:
    off = "event new_connection(c: connection) { set_record_packets(c$id, F); }"
    done = bro("-b", "-C", "-r", HTTP, "-f", "tcp", "-w", "out.pcap", "-e", off)
    assert done.returncode == 0, done.stderr
    # The packet that made the connection known is there, the others are not.
    assert 24 < (tmp_path / "out.pcap").stat().st_size < HTTP.stat().st_size / 4


def with_bad_checksums(capture: bytes) -> bytes:
    """The packets of a capture (Ethernet, little-endian), the checksums of TCP over IPv4 all wrong."""
    data, at = bytearray(capture), 24
    while at < len(data):
        frame = at + 16
        at = frame + int.from_bytes(data[at + 8 : at + 12], "little")
        if data[frame + 12 : frame + 14] == b"\x08\x00" and data[frame + 23] == 6:
            data[frame + 14 + 20 + 16] ^= 0xFF
    return bytes(data)


def test_bad_checksums_count_unless_they_are_ignored(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "bad.pcap").write_bytes(with_bad_checksums(HTTP.read_bytes()))
    script = "event connection_established(c: connection) { print c$id$orig_h; }"
    run = ["-b", "-f", "ip", "-e", script]
    assert bro(*run, "-r", HTTP).stdout == "192.0.2.10\n"
    assert bro(*run, "-r", "bad.pcap").stdout == ""
    assert bro(*run, "-C", "-r", "bad.pcap").stdout == "192.0.2.10\n"


def test_seeds_decide_ids(bro: RunBro, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "event new_connection(c: connection) { print c$uid; }"
    run = ["-b", "-r", HTTP, "-e", script]
    one, again, two = (bro("--seed", n, *run).stdout for n in ("1", "1", "2"))
    assert one == again != two
    assert bro("-D", *run).stdout == bro("-D", *run).stdout
    assert bro(*run).stdout != bro(*run).stdout
    saved = bro("-H", "seeds", *run).stdout
    assert bro("-G", "seeds", *run).stdout == saved
    monkeypatch.setenv("BRO_SEED_FILE", str(tmp_path / "seeds"))
    assert bro(*run).stdout == saved


def test_signatures_of_a_file(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "my.sig").write_text('signature a { ip-proto == tcp payload /GET / event "found" }\n')
    script = (
        "event signature_match(state: signature_state, msg: string, data: string)"
        " { print state$sig_id, msg; }"
    )
    done = bro("-b", "-C", "-r", HTTP, "-s", "my.sig", "-e", script)
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.splitlines()) == {"a, found"}
    (tmp_path / "my.sig").write_text("signature a { payload }\n")
    done = bro("-b", "-C", "-r", HTTP, "-s", "my.sig")
    assert done.returncode == 1 and "my.sig:1:23" in done.stderr and "^" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_input_and_closes_logs(
    tmp_path: pathlib.Path, cache_dir: pathlib.Path, number: signal.Signals
) -> None:
    script = 'event new_connection(c: connection) { print "new"; flush_all(); }'
    environment = processes.environment(cache_dir, PYTHONUNBUFFERED="1")
    command = [sys.executable, "-m", "bro", "-C", "-r", "-", "-e", script]
    with processes.started(
        command, cwd=tmp_path, env=environment, stdin=subprocess.PIPE, text=False
    ) as child:
        assert child.stdin is not None
        child.stdin.write(HTTP.read_bytes())
        child.stdin.flush()
        # The last connection is there; the pipe stays open, so the input has not ended.
        for _ in range(4):
            assert processes.next_line(child, child.stdout, "a connection is seen") == "new\n"
        _, errors = processes.finish(child, number)
    assert child.returncode == 0, errors
    log = (tmp_path / "conn.log").read_text().splitlines()
    assert log[-1].startswith("#close") and len([line for line in log if "\ttcp\t" in line]) == 2


def test_a_signal_before_anything_came_is_no_fault_of_the_input(
    tmp_path: pathlib.Path, cache_dir: pathlib.Path
) -> None:
    """As of ``tcpdump -w - | bro -r -``, of which the terminal ends both."""
    script = 'event zeek_init() { print "started"; flush_all(); }'
    command = [sys.executable, "-m", "bro", "-r", "-", "-e", script]
    environment = processes.environment(cache_dir, PYTHONUNBUFFERED="1")
    with processes.started(command, cwd=tmp_path, env=environment, stdin=subprocess.PIPE) as child:
        assert processes.next_line(child, child.stdout, "it has started") == "started\n"
        time.sleep(1)  # by then it waits for the pipe, which nobody can see from outside
        _, errors = processes.finish(child, signal.SIGINT)
    assert (child.returncode, "empty" in errors) == (0, False), errors


def test_a_log_that_cannot_be_written(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "conn.log").mkdir()
    done = bro("-C", "-r", HTTP)
    assert done.returncode == 4 and "conn.log" in done.stderr and "Traceback" not in done.stderr
    # The others are whole.
    assert (tmp_path / "http.log").read_text().splitlines()[-1].startswith("#close")


def test_progress_is_shown_on_a_terminal_and_nowhere_else(
    tmp_path: pathlib.Path, cache_dir: pathlib.Path, bro: RunBro
) -> None:
    import pty

    # A script that takes its time, so that there is something to wait for.
    slow = "event raw_packet(p: raw_pkt_hdr) { sleep(30 msec); }"
    run = ["-b", "-C", "-r", str(CAPTURES / "http-compressed.pcap"), "-e", slow]
    assert bro(*run).stderr == ""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "bro", *run]
    environment = processes.environment(cache_dir)
    with processes.started(command, cwd=tmp_path, env=environment, stdout=None, stderr=theirs) as child:
        processes.finish(child)
    assert child.returncode == 0
    os.write(theirs, b"end")
    shown = b""
    while not shown.endswith(b"end"):
        shown += os.read(ours, 65536)
    os.close(ours)
    os.close(theirs)
    assert b"packets, " in shown and b"/s" in shown


def test_nobody_reading_the_output_is_no_error(tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> None:
    line = f"{sys.executable} -m bro -NN | head -1"
    done = processes.run(line, shell=True, cwd=tmp_path, env=processes.environment(cache_dir))
    assert done.stdout.startswith("Bro ") and "Traceback" not in done.stderr


def test_a_script_may_come_out_of_a_pipe(bro: RunBro) -> None:
    code = "event zeek_init() { local t: table[count] of count; print t[1]; }"
    for name in ("/dev/stdin", "-"):
        done = bro("-b", name, input=code)
        assert "line 1: no such index (t[1])" in done.stderr, name


def test_a_script_from_standard_input(bro: RunBro) -> None:
    done = bro("-b", "-", "-e", 'print "second";', input='print "first";')
    assert (done.returncode, done.stdout) == (0, "first\nsecond\n"), done.stderr
    done = bro("-b", input='print "without a name";')
    assert (done.returncode, done.stdout) == (0, "without a name\n"), done.stderr


def test_a_folder_that_is_gone(bro: RunBro, tmp_path: pathlib.Path) -> None:
    code = (
        f"import os, sys; sys.path.insert(0, {str(REPOSITORY)!r}); gone = {str(tmp_path / 'gone')!r};"
        "os.mkdir(gone); os.chdir(gone); os.rmdir(gone); from bro.cli import main;"
        "sys.exit(main(['-b', '-e', 'print 1;']))"
    )
    done = processes.run([sys.executable, "-c", code])
    assert done.returncode == 4 and "the current folder is gone" in done.stderr


def test_scripts_by_path_whatever_the_environment_says(
    bro: RunBro, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "local.zeek").write_text('print "site";\n')
    (tmp_path / "here.bro").write_text('print "here";\n')
    monkeypatch.setenv("BROPATH", str(tmp_path / "site"))
    done = bro("-b", "local", "here.bro")
    assert done.stdout == "site\nhere\n", done.stderr
    done = bro("-b", "..")
    assert done.returncode == 1 and "is a folder without a script" in done.stderr
    (tmp_path / "gone.bro").symlink_to("nowhere.bro")
    done = bro("-b", "gone.bro")
    assert done.returncode == 1 and "is a link to a file that is not there" in done.stderr


def test_control_characters_of_a_script_stay_off_the_terminal(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "odd.bro").write_bytes(b"print \x1b[31m;\n")
    done = bro("-b", "odd.bro")
    assert done.returncode == 1 and "\x1b" not in done.stderr and "print \ufffd[31m;" in done.stderr


@pytest.mark.parametrize("event", ["new_connection(c: connection)", "zeek_done()"])
def test_a_second_signal_ends_an_endless_loop(
    event: str, tmp_path: pathlib.Path, cache_dir: pathlib.Path
) -> None:
    loop = f'event {event} {{ system("touch looping"); while ( T ) {{ }} }}'
    command = [sys.executable, "-m", "bro", "-r", str(HTTP), "-e", loop]
    with processes.started(command, cwd=tmp_path, env=processes.environment(cache_dir)) as process:
        processes.wait_until((tmp_path / "looping").exists, "the loop has begun", process=process)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)  # one of two that come at once would get lost
        _, errors = processes.finish(process, signal.SIGTERM)
    assert process.returncode == 128 + signal.SIGTERM, errors
    assert "Traceback" not in errors
    for log in tmp_path.glob("*.log"):
        assert log.read_text().splitlines()[-1].startswith("#close"), log


def on_terminal(tmp_path: pathlib.Path, cache_dir: pathlib.Path, *arguments: str) -> str:
    """What a terminal gets of a run."""
    leader, follower = os.openpty()
    command = [sys.executable, "-m", "bro", *arguments]
    environment = processes.environment(cache_dir)
    with processes.started(
        command, cwd=tmp_path, env=environment, stdout=follower, stderr=follower
    ) as process:
        os.close(follower)
        found = b""
        while True:
            assert select.select([leader], [], [], processes.LIMIT)[0], found
            try:
                more = os.read(leader, 65536)
            except OSError:  # how Linux says that nobody has the other side any more
                more = b""
            if not more:
                break
            found += more
        os.close(leader)
        processes.finish(process)
    assert process.returncode == 0, found
    return found.decode()


def test_progress_is_shown_on_a_terminal_and_makes_room(
    tmp_path: pathlib.Path, cache_dir: pathlib.Path
) -> None:
    # A handler that takes its time, so that there is progress to be shown, and then prints.
    slow = (
        "global n = 0; event raw_packet(p: raw_pkt_hdr) { ++n; local began = current_time();"
        'while ( n < 20 && current_time() - began < 60msec ) { } if ( n == 20 ) print "said"; }'
    )
    shown = on_terminal(tmp_path, cache_dir, "-b", "-r", str(CAPTURES / "http-compressed.pcap"), "-e", slow)
    assert " packets, " in shown and "s left" in shown, shown
    screen = []
    for line in shown.split("\n"):
        screen.append(line.rsplit("\x1b[K", 1)[-1].strip())  # what erasing leaves of a line
    assert screen == ["said", ""], shown


def test_file_names_may_be_any_bytes(bro: RunBro, tmp_path: pathlib.Path) -> None:
    odd = tmp_path / os.fsdecode(b"\xff.pcap")
    odd.write_bytes(PING.read_bytes())
    written = tmp_path / os.fsdecode(b"\xfe.pcap")
    done = bro("-b", "-r", odd, "-w", written)
    assert done.returncode == 0, done.stderr
    assert written.read_bytes()[24:] == PING.read_bytes()[24:]


def test_a_character_that_is_not_ascii_is_shown_as_it_is(bro: RunBro) -> None:
    done = bro("-b", "-e", "print ü;")
    assert done.returncode == 1 and 'unexpected character "ü"' in done.stderr
