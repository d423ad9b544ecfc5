"""What the language's first version has and today's has not, or has otherwise."""

from __future__ import annotations

import os
import pathlib
import signal
import socket
import sys

import pytest

from bro.runtime import context
from bro.runtime.notifications import Syslog
from tests import processes
from tests.conftest import RunBro


def script(folder: pathlib.Path, text: str) -> pathlib.Path:
    path = folder / "policy.bro"
    path.write_text(text)
    return path


def output(done: object) -> str:
    assert done.returncode == 0, done.stderr  # type: ignore[attr-defined]
    return done.stdout  # type: ignore[attr-defined,no-any-return]


def test_names_of_services_are_ports(bro: RunBro, tmp_path: pathlib.Path) -> None:
    """One that TCP and UDP share stands for both, which is good in a set and nowhere else."""
    policy = script(
        tmp_path,
        """
        @load legacy/1998
        const watched: set[port] = { telnet, [finger, domain], 6000/tcp };
        event bro_init()
            {
            print telnet, finger, 20/tcp < telnet, 23/tcp == telnet;
            print watched;
            print 53/udp in domain;
            }
        """,
    )
    said = "23/tcp, 79/tcp, T, T { 23/tcp, 79/tcp, 53/tcp, 53/udp, 6000/tcp } T"
    assert " ".join(output(bro("-b", policy)).split()) == said


def test_an_ambiguous_service_is_no_port(bro: RunBro, tmp_path: pathlib.Path) -> None:
    policy = script(
        tmp_path, "@load legacy/1998\nevent bro_init() { local p = 53/udp; if ( p == domain ) print p; }\n"
    )
    done = bro("-b", policy)
    assert done.returncode == 1
    assert "policy.bro:2:" in done.stderr and "set[port]" in done.stderr


def test_types_from_initializers(bro: RunBro, tmp_path: pathlib.Path) -> None:
    policy = script(
        tmp_path,
        """
        const chat = { 6666/tcp, 6667/tcp, 6668/tcp };
        global names = { [7/tcp] = "echo", [9/tcp] = "discard" };
        global trusted = { [1.2.3.4, 21/tcp], [1.2.3.4, 25/tcp] };
        function endpoint_id(h: addr, p: port): string
            {
            if ( p in names )
                return fmt("%s/%s", h, names[p]);
            else
                return fmt("%s/%d", h, p);
            }
        event bro_init()
            {
            print type_name(chat), type_name(names), type_name(trusted);
            print endpoint_id(1.2.3.4, 7/tcp), endpoint_id(1.2.3.4, 99/tcp);
            print [1.2.3.4, 25/tcp] in trusted, [1.2.3.4, 26/tcp] in trusted, [4.4.4.4, 25/tcp] !in trusted;
            }
        """,
    )
    assert output(bro("-b", policy)).splitlines() == [
        "set[port], table[port] of string, set[addr,port]",
        "1.2.3.4/echo, 1.2.3.4/99",
        "T, F, T",
    ]


def test_who_may_ask_for_which_program(bro: RunBro, tmp_path: pathlib.Path) -> None:
    """A policy of the Portmapper as a set of source, destination and program."""
    policy = script(
        tmp_path,
        """
        const clients = { 10.0.0.1, 10.0.0.2 };
        const nfs_program = 100003;
        global RPC_okay: set[addr, addr, count] = { [clients, 10.0.0.80, [nfs_program, 100005]] };
        function okay(from: addr, to: addr, program: count): bool
            {
            return [from, to, program] in RPC_okay;
            }
        event bro_init()
            {
            print okay(10.0.0.1, 10.0.0.80, 100003), okay(10.0.0.2, 10.0.0.80, 100005);
            print okay(10.0.0.3, 10.0.0.80, 100003), okay(10.0.0.1, 10.0.0.80, 100004), |RPC_okay|;
            add RPC_okay[10.0.0.3, 10.0.0.80, 100003];
            print okay(10.0.0.3, 10.0.0.80, 100003);
            }
        """,
    )
    assert output(bro("-b", policy)).splitlines() == ["T, T", "F, F, 4", "T"]


ALLOWED = """
@load legacy/1998
const servers = { ftp.lab.example, www.lab.example };
const flat = {
    [ftp.lab.example, ftp], [ftp.lab.example, smtp], [ftp.lab.example, auth], [ftp.lab.example, 20/tcp],
    [www.lab.example, ftp], [www.lab.example, smtp], [www.lab.example, auth], [www.lab.example, 20/tcp],
    [news.lab.example, nntp]
};
const nested: set[addr, port] = {
    [ftp.lab.example, [ftp, smtp, auth, 20/tcp]],
    [www.lab.example, [ftp, smtp, auth, 20/tcp]],
    [news.lab.example, nntp]
};
const shared: set[addr, port] = {
    [servers, [ftp, smtp, auth, 20/tcp]],
    [news.lab.example, nntp]
};
const labels: table[addr, port] of string = {
    [servers, [ftp, domain]] = "files",
    [news.lab.example, nntp] = "news"
};
event bro_init()
    {
    print |flat|, flat == nested, nested == shared;
    for ( host in news.lab.example )
        print [host, nntp] in shared, [host, ftp] in shared, labels[host, nntp];
    for ( host in servers )
        print [host, 25/tcp] in shared, labels[host, 53/udp];
    }
"""


def test_hosts_and_lists_within_an_index(
    bro: RunBro, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three ways to say which services are allowed, each shorter than the one before: one set."""
    (tmp_path / "cache").write_text(
        "ftp.lab.example 0 192.0.2.1 192.0.2.2\nwww.lab.example 0 192.0.2.3\nnews.lab.example 0 2001:db8::4\n"
    )
    monkeypatch.setenv("BRO_DNS_CACHE", "cache")
    done = bro("-b", "-F", script(tmp_path, ALLOWED))
    assert output(done).splitlines() == ["13, T, T", "T, F, news", *["T, files"] * 3]
    assert done.stderr == ""


def test_a_name_that_the_cache_does_not_have(
    bro: RunBro, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRO_DNS_CACHE", "none")
    done = bro(
        "-b",
        "-F",
        script(tmp_path, "const hosts = { a.example, b.example };\nevent bro_init() { print |hosts|; }"),
    )
    assert output(done) == "0\n"
    assert done.stderr.count("bro -P") == 2 and "a.example" in done.stderr


PRIMING = """
const hosts = { same.example, other.example, gone.example, new.example };
function later() { print later.example; }
event dns_mapping_valid(dm: dns_mapping) { print "valid", dm$hostname; }
event dns_mapping_new_name(dm: dns_mapping) { print "new", dm$hostname, |dm$addrs|; }
event dns_mapping_altered(dm: dns_mapping, old_addrs: addr_set, new_addrs: addr_set)
    { print "altered", dm$hostname, |old_addrs|, |new_addrs|; }
event bro_init() { print "not reached"; }
"""


def test_priming_tells_what_changed(
    bro: RunBro, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("BRO_DNS_CACHE", "cache")
    monkeypatch.setenv("BRO_DNS_FAKE", "1")  # every name has an address that derives from it
    policy = script(tmp_path, PRIMING)
    assert output(bro("-b", "-P", policy)).splitlines() == [
        f"new, {name}.example, 1" for name in ("later", "same", "other", "gone", "new")
    ]
    lines = cache.read_text().splitlines()
    assert [line.split()[0].partition(".")[0] for line in lines] == ["gone", "later", "new", "other", "same"]
    kept = [line for line in lines if not line.startswith(("new", "other"))]
    cache.write_text("\n".join([*kept, "other.example 5 192.0.2.9 192.0.2.8", ""]))
    assert sorted(output(bro("-b", "-P", policy)).splitlines()) == [
        "altered, other.example, 2, 1",
        "new, new.example, 1",
        "valid, gone.example",
        "valid, later.example",
        "valid, same.example",
    ]


LOG = """
event bro_init()
    {
    log "begin";
    log fmt("%s asks", 1.2.3.4), 5, F;
    local log = 1;          # today the word is free for other things
    log = log + 1;
    print log;
    }
"""


def test_log_writes_a_file_where_there_is_no_syslog(bro: RunBro, tmp_path: pathlib.Path) -> None:
    policy = script(tmp_path, f'@load legacy/1998\nredef Legacy::syslog_socket = "";\n{LOG}')
    assert output(bro(policy)) == "2\n"
    lines = (tmp_path / "notifications.log").read_text().splitlines()
    assert [line.partition(" ")[2] for line in lines] == ["begin", "1.2.3.4 asks, 5, F"]


def test_log_goes_to_syslog_at_once(bro: RunBro, tmp_path: pathlib.Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as daemon:
        daemon.bind(str(tmp_path / "log"))
        daemon.settimeout(30)
        policy = script(tmp_path, f'@load legacy/1998\nredef Legacy::syslog_socket = "log";\n{LOG}')
        output(bro(policy))
        messages = [daemon.recv(2000) for _ in range(2)]
    assert all(message.startswith(b"<29>bro[") for message in messages)
    assert [message.partition(b": ")[2] for message in messages] == [b"begin", b"1.2.3.4 asks, 5, F"]
    assert not (tmp_path / "notifications.log").exists()


def test_a_syslog_that_goes_away_is_followed_by_a_file(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(context, "current", context.Context())
    path = str(tmp_path / "log")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as daemon:
        daemon.bind(path)
        target = Syslog(path)
        target.send(b"one")
        assert daemon.recv(2000).endswith(b": one")
    os.unlink(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as daemon:
        daemon.bind(path)  # started anew
        target.send(b"two")
        assert daemon.recv(2000).endswith(b": two")
    os.unlink(path)
    target.send(b"three")
    target.send(b"four")
    lines = (tmp_path / "notifications.log").read_text().splitlines()
    assert [line.partition(" ")[2] for line in lines] == ["three", "four"]
    assert capsys.readouterr().err.count("notifications.log") == 1


def test_bytes_and_cuts(bro: RunBro, tmp_path: pathlib.Path) -> None:
    policy = script(
        tmp_path,
        """
        @load legacy/1998
        event bro_init()
            {
            print byte_len(""), byte_len("abc"), byte_len("ab\\0cd");
            print sub_bytes("abcdef", 1, 3), sub_bytes("abcdef", 4, 80);
            }
        """,
    )
    assert output(bro("-b", policy)).splitlines() == ["0, 3, 5", "abc, def"]


def test_files_named_by_the_environment(
    bro: RunBro, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = script(
        tmp_path,
        """
        global out = open(getenv("BRO_ID") == "" ? "summary.log" : fmt("summary.%s", getenv("BRO_ID")));
        event bro_init() { print out, fmt("%.6f", 1.5), "x"; }
        """,
    )
    output(bro("-b", policy))
    assert (tmp_path / "summary.log").read_text() == "1.500000, x\n"
    monkeypatch.setenv("BRO_ID", "gate")
    output(bro("-b", policy))
    assert (tmp_path / "summary.gate").read_text() == "1.500000, x\n"


PAPER = """
@load legacy/1998
redef Legacy::syslog_socket = "";
const IRC = { 6666/tcp, 6667/tcp, 6668/tcp };
const ftp_serv = { ftp.lab.example, www.lab.example };
global port_names = {
[7/tcp] = "echo",
[9/tcp] = "discard",
[11/tcp] = "systat"
};
global RPC_okay: set[addr, addr, count];
global sessions: table[conn_id] of string;
global unset: table[port] of string;
global out = open("summary.log");
function endpoint_id(h: addr, p: port): string
    {
    if ( p in port_names )
        return fmt("%s/%s", h, port_names[p]);
    else
        return fmt("%s/%d", h, p);
    }
event counted(n: count) { print "counted", n; if ( n > 0 ) event counted(n - 1); }
event bro_init() { print "first"; }
event bro_init() { print "second"; }
event bro_init()
    {
    local src_addr = 10.0.0.1;
    local id = [$orig_h=src_addr, $orig_p=1/tcp, $resp_h=src_addr, $resp_p=2/tcp];
    sessions[id] = "x";
    print id in sessions, |ftp_serv|, 6667/tcp in IRC, 20/tcp < telnet;
    if ( [src_addr, 10.0.0.2, 100003] !in RPC_okay )
        add RPC_okay[src_addr, 10.0.0.2, 100003];
    print [src_addr, 10.0.0.2, 100003] in RPC_okay;
    delete RPC_okay[src_addr, 10.0.0.2, 100003];
    print |RPC_okay|, edit("passwx\\x7fd", "\\x7f"), 90 sec == 1.5 min;
    local a = vector(1);
    local b = a;
    a[1] = 2;
    print |b|;
    print out, "USER nice\\0USER root", |"nice\\0root"|;
    log "told", F, 3;
    print unset[telnet];
    }
event bro_init() { local n: count; print n; }
event bro_done() { print "last"; }
print "outside", endpoint_id(1.2.3.4, 7/tcp), endpoint_id(1.2.3.4, 99/tcp);
event counted(1);
"""


def test_what_the_paper_says_of_the_language(
    bro: RunBro, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRO_DNS_FAKE", "1")
    monkeypatch.setenv("BRO_ALLOW_INIT_ERRORS", "1")  # two of its errors are wanted
    done = bro("-b", script(tmp_path, PAPER))
    assert done.stdout.splitlines() == [
        "outside, 1.2.3.4/echo, 1.2.3.4/99",  # statements outside of functions come after all was read
        "counted, 1",
        "first",
        "second",
        "T, 2, T, T",
        "T",
        "0, passwd, T",
        "2",  # what is assigned is the same vector
        "counted, 0",
        "last",
    ]
    assert (tmp_path / "summary.log").read_text() == "USER nice\\x00USER root, 9\n"
    assert (tmp_path / "notifications.log").read_text().rstrip().endswith(" told, F, 3")
    assert "no such index (unset[telnet])" in done.stderr and "value used but not set" in done.stderr


def test_signals_are_events(tmp_path: pathlib.Path, cache_dir: pathlib.Path) -> None:
    policy = script(
        tmp_path,
        """
        @load legacy/1998
        event bro_init() { system("touch begun"); }
        event bro_signal(signal: count) { print "signal", signal; }
        event bro_done() { print "done"; }
        redef exit_only_after_terminate = T;
        """,
    )
    command = [sys.executable, "-m", "bro", "-b", str(policy)]
    environment = processes.environment(cache_dir, PYTHONUNBUFFERED="1")
    with processes.started(command, cwd=tmp_path, env=environment) as process:
        processes.wait_until((tmp_path / "begun").exists, "it has begun", process=process)
        process.send_signal(signal.SIGHUP)
        first = processes.next_line(process, process.stdout, "the signal is told")
        more, _ = processes.finish(process, signal.SIGTERM)
        out = first + more
    assert process.returncode == 0
    assert out == f"signal, {int(signal.SIGHUP)}\nsignal, {int(signal.SIGTERM)}\ndone\n"
