"""What scripts print and write: readers that go away, full disks, values given on the command line."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

from tests import processes
from tests.conftest import CAPTURES, RunBro

HTTP = CAPTURES / "http-get.pcap"

#: prints more than fits in any buffer
MUCH = 'event zeek_init() { local n = 0; while ( ++n < 20000 ) print "a line that is long enough"; }'

full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")


def run(arguments: str, folder: pathlib.Path, cache_dir: pathlib.Path) -> subprocess.CompletedProcess[str]:
    """Run a shell's command line in which `bro` is the command."""
    environment = processes.environment(cache_dir, B=f"{sys.executable} -m bro")
    environment.pop("PYTHONUNBUFFERED", None)
    line = arguments.replace("bro ", "$B ", 1)
    return processes.run(["bash", "-c", f"set -o pipefail; {line}"], cwd=folder, env=environment)


def test_logs_are_written_though_nobody_reads_what_is_printed(
    tmp_path: pathlib.Path, cache_dir: pathlib.Path
) -> None:
    (tmp_path / "much.bro").write_text(MUCH)
    done = run(f"bro -r {HTTP} much.bro | head -1", tmp_path, cache_dir)
    assert (done.returncode, done.stdout, done.stderr) == (0, "a line that is long enough\n", "")
    assert len((tmp_path / "conn.log").read_text().splitlines()) == 13


@full
def test_output_that_does_not_fit_is_said(tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> None:
    done = run("""bro -e 'event zeek_init() { print "x"; }' > /dev/full""", tmp_path, cache_dir)
    assert done.returncode == 4
    assert done.stderr == "bro: standard output is incomplete: No space left on device\n"


def test_closed_standard_streams(tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> None:
    script = """'event zeek_init() { print "printed"; Reporter::warning("warned"); }'"""
    done = run(f"bro -r {HTTP} -e {script} <&- >&- 2>&-", tmp_path, cache_dir)
    assert done.returncode == 0
    logs = [log for log in tmp_path.glob("*.log") if log.name != "reporter.log"]
    assert len(logs) == 4 and not any("printed" in log.read_text() for log in logs)


@full
def test_a_file_that_does_not_fit_is_said(bro: RunBro) -> None:
    done = bro("-e", 'global f = open("/dev/full"); event zeek_init() { print f, "x"; }')
    assert done.returncode == 4
    assert done.stderr == "bro: /dev/full is incomplete: No space left on device\n"
    done = bro("-e", 'event zeek_init() { local f = open("/dev/full"); print f, "x"; }')
    # Told when the handler's variable goes, or at the end at the latest.
    assert "/dev/full" in done.stderr
    assert "is incomplete: No space left on device" in done.stderr


@pytest.mark.parametrize(
    ("given", "value"),
    [("a b", "a b"), ("5", "5"), ('"quoted"', "quoted"), ('half"', 'half"'), ("x\\y", "x\\y"), ("", "")],
)
def test_strings_of_base_scripts_need_no_quotes(bro: RunBro, given: str, value: str) -> None:
    done = bro("-e", "event zeek_init() { print peer_description; }", f"peer_description={given}")
    assert (done.stderr, done.stdout) == ("", value + "\n")


def test_values_are_added_to(bro: RunBro) -> None:
    code = "const ports: set[port] = { 1/tcp } &redef; event zeek_init() { print |ports|; }"
    assert bro("-e", code, "ports+={ 2/tcp, 3/tcp }").stdout == "3\n"


def test_scripts_see_the_filter(bro: RunBro, tmp_path: pathlib.Path) -> None:
    done = bro("-r", HTTP, "-f", "port 80", "-e", "event zeek_init() { print cmd_line_bpf_filter; }")
    assert (done.returncode, done.stdout) == (0, "port 80\n"), done.stderr
    assert "\tport 80\tT\tT\t-" in (tmp_path / "packet_filter.log").read_text()


def test_a_signature_that_evaluates_no_function(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "x.sig").write_text('signature x { payload /x/ eval nothing event "x" }\n')
    done = bro("-r", HTTP, "-s", "x.sig")
    assert done.returncode == 1
    assert done.stderr == 'bro: signatures: there is no script function "nothing" to evaluate\n'


def test_scripts_name_signature_files(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "found.sig").write_text('signature x { payload /GET/ event "x" }\n')
    code = 'redef signature_files += "found.sig"; redef signature_files += "found";'
    seen = "event signature_match(state: signature_state, msg: string, data: string) { print state$sig_id; }"
    done = bro("-r", HTTP, "-e", code + seen)
    assert (done.stdout, done.stderr) == ("x\nx\n", "")


def test_what_is_printed_can_go_to_a_log(bro: RunBro, tmp_path: pathlib.Path) -> None:
    code = r'event zeek_init() { print "a", 5, "b\xff,\t"; local f = open("f"); print f, "kept"; }'
    done = bro("-r", HTTP, "-e", code, "Log::print_to_log=Log::REDIRECT_STDOUT")
    assert (done.stdout, done.stderr) == ("", "")
    rows = [line for line in (tmp_path / "print.log").read_text().splitlines() if not line.startswith("#")]
    assert rows == ["0.000000\ta,5,b\\xff\\x2c\\x09"]
    assert (tmp_path / "f").read_text() == "kept\n"


def test_files_that_cannot_be_extracted_are_told_of(bro: RunBro, tmp_path: pathlib.Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder would be\n")
    done = bro("-r", HTTP, "frameworks/files/extract-all-files", "FileExtract::prefix=taken/")
    assert done.returncode == 4
    assert "bro: 4 files could not be extracted, the first: " in done.stderr
    assert "taken/extract-" in done.stderr and "Not a directory" in done.stderr
    if pathlib.Path("/dev/full").exists():
        to_full = (
            "event file_new(f: fa_file)"
            '{ Files::add_analyzer(f, Files::ANALYZER_EXTRACT, [$extract_filename="full"]); }'
        )
        done = bro("-r", HTTP, "-e", to_full, "FileExtract::prefix=/dev/")
        assert done.returncode == 4 and "No space left on device" in done.stderr


@pytest.mark.parametrize("question", ["--help", "-NN"])
def test_answers_to_readers_that_go_away(question: str, tmp_path: pathlib.Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "bro", question]
    done = processes.run(command, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


@full
@pytest.mark.parametrize("question", ["--help", "-N"])
def test_answers_to_a_full_disk(question: str) -> None:
    with open("/dev/full", "w") as disk:
        command = [sys.executable, "-m", "bro", question]
        done = processes.run(command, stdout=disk)
    assert (done.returncode, done.stderr) == (
        4,
        "bro: standard output cannot be written: No space left on device\n",
    )


def test_packets_have_standard_output_for_themselves(tmp_path: pathlib.Path) -> None:
    command = [sys.executable, "-m", "bro", "-b", "-r", str(HTTP), "-w", "-", "-e", 'print "printed";']
    done = processes.run(command, cwd=tmp_path, text=False)
    assert (done.returncode, done.stderr) == (0, b"printed\n")
    assert done.stdout == HTTP.read_bytes()


@full
@pytest.mark.parametrize("command", ["fmt a.bro", "fmt -", "lint --list", "lint -b a.bro"])
def test_output_of_other_commands_that_does_not_fit_is_said(
    command: str, tmp_path: pathlib.Path, cache_dir: pathlib.Path
) -> None:
    (tmp_path / "a.bro").write_text("event zeek_init() { local x = 1; }\n")
    done = run(f"bro {command} < a.bro > /dev/full", tmp_path, cache_dir)
    assert done.returncode == 4
    name = command.split()[0]
    assert done.stderr == f"bro: {name}: standard output: No space left on device\n"


def test_what_editors_write_before_a_script(bro: RunBro, tmp_path: pathlib.Path) -> None:
    text = "global x = 3;\r\nprint x, y;\r\n"
    (tmp_path / "mark.bro").write_bytes(b"\xef\xbb\xbf" + text.encode())
    done = bro("-b", "mark.bro")
    assert "mark.bro:2:10: error" in done.stderr and done.stderr.count("error") == 1
    (tmp_path / "wide.bro").write_bytes(text.encode("utf-16"))
    done = bro("-b", "wide.bro")
    assert done.returncode == 1 and "UTF-16; save it in UTF-8" in done.stderr


def test_a_capture_that_cannot_be_begun_anew_is_told_at_once(bro: RunBro, tmp_path: pathlib.Path) -> None:
    """A live run may go on for weeks with packets that nobody keeps."""
    (tmp_path / "kept").mkdir()
    script = (
        "global once = T; event new_connection(c: connection) { if ( once ) { once = F;"
        ' rotate_file_by_name("kept/out.pcap"); rename("kept", "moved"); } }'
        'event zeek_done() { Reporter::warning("the end"); }'
    )
    done = bro("-b", "-r", CAPTURES / "dns-lookups.pcap", "-w", "kept/out.pcap", "-e", script)
    assert done.returncode == 4
    at_once, _, at_the_end = done.stderr.partition("the end")
    assert "kept/out.pcap: cannot create" in at_once and "kept/out.pcap: cannot create" in at_the_end
