"""The Python API where things are not as they should be; docs/python.md has how it is meant to be used."""

from __future__ import annotations

import datetime
import gc
import ipaddress
import pathlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests import processes

pytest.importorskip("bro._engine")

import bro
from bro.api import policy as policies
from bro.runtime import context as contexts

CAPTURES = pathlib.Path(__file__).parents[1] / "captures"

SCRIPT = """
module M;
export {
    type Color: enum { RED, GREEN };
    type Row: record { host: addr; color: Color &default=RED; sizes: vector of count &optional;
                       times: table[string, port] of interval &optional; };
    option level: count = 1;
    const fixed = 3;
    global names: set[string];
    global when_seen: time;
    global take: function(r: Row, n: count &default=7): string;
    global seen: event(host: addr, n: count);
    global check: hook(n: count);
    global rounds = 0;
}
function take(r: Row, n: count): string { return fmt("%s %s %d", r$host, r$color, n); }
event M::seen(host: addr, n: count) { rounds += n; if ( n > 0 ) event M::seen(host, n - 1); }
hook check(n: count) { if ( n > 5 ) break; }
"""


@pytest.fixture(autouse=True)
def fresh(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, cache_dir: pathlib.Path) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRO_CACHE_DIR", str(cache_dir))
    before = contexts.current
    policies.reset()
    yield
    policies.reset()
    contexts.use(before)


def test_values_are_converted() -> None:
    with bro.load(code=SCRIPT, bare=True) as scripts:
        row = scripts.records["M::Row"](
            host=ipaddress.ip_address("192.0.2.1"),
            color="GREEN",
            sizes=(1, 2),
            times={("a", "80/tcp"): datetime.timedelta(minutes=1)},
        )
        assert row.color is scripts.enums["M::GREEN"]
        assert row.sizes == [1, 2]
        assert row.times[b"a", bro.Port(80, "tcp")] == 60.0
        assert scripts.call("M::take", row, 7) == b"192.0.2.1 M::GREEN 7"
        assert scripts.call("M::take", {"host": "::1"}, 3) == b"::1 M::RED 3"
        scripts.globals["M::names"] = {"a", "b"}
        assert set(scripts.globals["M::names"]) == {b"a", b"b"}
        moment = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
        scripts.globals["M::when_seen"] = moment
        assert scripts.globals["M::when_seen"] == moment.timestamp()
        assert scripts.call("M::check", 5) is True
        assert scripts.call("M::check", 6) is False


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda s: s.globals["M::namse"], 'no global variable M::namse; did you mean "M::names"'),
        (lambda s: s.globals.__setitem__("M::fixed", 4), "M::fixed is a constant"),
        (lambda s: s.globals.__setitem__("M::rounds", -1), "M::rounds: -1 is no count"),
        (lambda s: s.globals.__setitem__("M::rounds", "x"), "M::rounds is to be a count, not 'x'"),
        (lambda s: s.call("M::taek", 1), 'no function M::taek; did you mean "M::take"'),
        (lambda s: s.call("M::take"), "M::take(r: M::Row, n: count) takes 2 values, not 0"),
        (
            lambda s: s.call("M::take", {"host": "::1", "colour": "RED"}, 7),
            'no field colour; did you mean "color"',
        ),
        (lambda s: s.call("M::take", {"host": "::1"}, True), "M::take, n is to be a count"),
        (lambda s: s.call("M::seen", "::1", 1), "M::seen is an event"),
        (lambda s: s.post("M::sen", 1), "no event M::sen"),
        (lambda s: s.post("M::seen", "nowhere", 1), "M::seen, host"),
        (lambda s: s.records["M::Rwo"], "no record type M::Rwo"),
        (lambda s: s.enums["M::BLUE"], "no enum value M::BLUE"),
    ],
)
def test_mistakes_are_explained(action: Any, message: str) -> None:
    with bro.load(code=SCRIPT, bare=True) as scripts, pytest.raises(bro.BroError) as error:
        action(scripts)
    assert message in str(error.value)


def test_events_are_run_to_their_end() -> None:
    with bro.load(code=SCRIPT, bare=True) as scripts:
        scripts.post("M::seen", "192.0.2.1", 4)
        assert scripts.globals["M::rounds"] == 10


def test_handlers_that_do_not_fit() -> None:
    mine = bro.Policy()
    mine.event("no_such_event")(lambda: None)
    with pytest.raises(bro.BroError, match="no event no_such_event"):
        bro.load(policies=[mine], bare=True)
    mine = bro.Policy()

    @mine.event("new_connection")
    def wrong(c: Any, more: Any) -> None: ...

    with pytest.raises(bro.BroError, match=r"wrong\(c, more\) cannot handle new_connection\(c\)"):
        bro.load(policies=[mine], bare=True)


def test_scripts_with_errors() -> None:
    with pytest.raises(bro.BroError, match="error"):
        bro.load(code="event zeek_init() { print nothing; }", bare=True)
    with pytest.raises(bro.BroError, match="no capture"):
        bro.analyze("none.pcap")


@pytest.mark.parametrize(
    ("action", "error", "message"),
    [
        (lambda: bro.analyze(3), TypeError, "captures are to be a path, or several, not 3"),
        (
            lambda: bro.analyze("x.pcap", logs_=1),
            TypeError,
            r"analyze\(\) has no setting logs_; it has filter, ",
        ),
        (lambda: bro.run(reed="x.pcap"), TypeError, r"run\(\) has no setting reed; it has read, "),
        (lambda: bro.run(options=["x"]), TypeError, "options are to be a dict"),
        (lambda: bro.run(read="x.pcap", interfaces="lo"), bro.BroError, "not both"),
        (lambda: bro.Policy().event(3), TypeError, "the name of the event is to be a str, not 3"),
        (lambda: bro.Policy().hook("x")(4), TypeError, "a handler is to be a function, not 4"),
        (lambda: bro.Policy().declare(b""), TypeError, "a declaration is to be a str"),
    ],
)
def test_mistakes_in_calls_are_explained(action: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        action()


def test_time_does_not_go_back() -> None:
    with bro.load(bare=True) as scripts, pytest.raises(ValueError, match="does not go back"):
        scripts.advance(-1)


def test_priorities_and_groups() -> None:
    said: list[str] = []
    mine = bro.Policy()
    for name, priority in (("low", -2), ("high", 2), ("same", 0)):
        mine.event("M::ask", priority=priority)(lambda name=name: said.append(name))
    mine.event("M::ask", group="extra", priority=-9)(lambda: said.append("grouped"))
    mine.hook("M::told")(lambda: said.append("script"))
    code = """
    module M; export { global ask: event(); global told: hook(); }
    event M::ask() { hook M::told(); }
    function off() { disable_event_group("extra"); }
    """
    with bro.load(policies=[mine], code=code, bare=True) as scripts:
        scripts.post("M::ask")
        assert said == ["high", "script", "same", "low", "grouped"]
        said.clear()
        scripts.call("M::off")
        scripts.post("M::ask")
        assert said == ["high", "script", "same", "low"]


def test_an_analysis_that_is_left_early_ends() -> None:
    for row in bro.analyze(CAPTURES / "http-get.pcap", logs=["conn"]):
        assert row["proto"] is not None
        break
    assert not list(pathlib.Path().glob("*.log"))


def test_an_error_of_the_one_who_asks_passes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        for _ in bro.analyze(CAPTURES / "http-get.pcap", events=["new_connection"]):
            1 / 0  # noqa: B018


def test_rows_are_mappings() -> None:
    rows = list(bro.analyze(CAPTURES / "dns-lookups.pcap", logs=["dns"]))
    assert {r.path for r in rows} == {"dns"} and {r.stream for r in rows} == {"DNS::LOG"}
    assert all(isinstance(r["id.orig_p"], bro.Port) for r in rows)
    with pytest.raises(KeyError):
        rows[0]["nothing"]


def test_a_damaged_capture_is_told(tmp_path: pathlib.Path) -> None:
    whole = (CAPTURES / "http-get.pcap").read_bytes()
    damaged = tmp_path / "damaged.pcap"
    damaged.write_bytes(whole[: len(whole) // 2 + 3])
    with pytest.raises(bro.BroError, match=r"damaged\.pcap: cut off at byte \d+"):
        list(bro.analyze(damaged, events=["new_connection"]))


def test_a_failed_start_is_told() -> None:
    code = "event zeek_init() { local t: table[count] of count; print t[1]; }"
    with pytest.raises(bro.BroError, match="the start failed with an error of scripts"):
        list(bro.analyze(CAPTURES / "http-get.pcap", events=["new_connection"], code=code))


def test_policy_on_the_command_line(tmp_path: pathlib.Path) -> None:
    (tmp_path / "p.py").write_text("import bro\n@bro.event\ndef no_such_event():\n    pass\n")
    done = processes.run([sys.executable, "-m", "bro", "-b", "p.py"])
    assert done.returncode == 1
    assert "p.py, line 2: there is no event no_such_event" in done.stderr


def test_importing_the_package_is_cheap() -> None:
    code = "import sys, bro; assert 'bro.api' not in sys.modules; bro.event; assert 'bro.api' in sys.modules"
    processes.run([sys.executable, "-c", code], check=True)


def test_the_collector_is_as_it_was() -> None:
    before = gc.get_threshold(), gc.isenabled()
    list(bro.analyze(CAPTURES / "ping.pcap"))
    assert (gc.get_threshold(), gc.isenabled()) == before


def test_arguments_of_built_in_functions_are_converted() -> None:
    with bro.load(bare=True, code="type N: record { n: count; }; function id(n: N): any { return n$n; }"):
        assert bro.call("is_v4_addr", "192.0.2.1") is True
        assert bro.call("port_to_count", "22/tcp") == 22
        assert bro.call("join_string_vec", ["a", "b"], ",") == b"a,b"
        assert bro.call("strftime", "%Y", datetime.datetime(2020, 5, 1, tzinfo=datetime.UTC)) == b"2020"
        assert bro.call("to_count", "12") == 12 and bro.call("to_count", "ff", 16) == 255
        assert bro.call("sort", [3, 1]) == [1, 3]
        assert bro.call("id", {"n": 7}) == 7  # an `any` comes without its type
        actions: list[Callable[[], Any]] = [
            lambda: bro.call("to_count"),
            lambda: bro.call("to_count", "1", 2, 3),
            lambda: bro.call("is_v4_addr", 7),
            lambda: bro.call("id", {}),
            lambda: bro.records["conn_id"](orig_h="192.0.2.1"),
            lambda: bro.call("id", bro.records["endpoint"](size=1, state=1, flow_label=0)),
        ]
        for action in actions:
            with pytest.raises(bro.BroError):
                action()


def test_an_error_in_a_function_is_told_with_its_line() -> None:
    code = "function bad(): count { local v = vector(1);\nreturn v[7]; }"
    with bro.load(bare=True, code=code) as scripts, pytest.raises(bro.BroError) as told:
        scripts.call("bad")
    assert str(told.value).startswith("index out of range")
    assert str(told.value).endswith(", in <command line>, line 2")
    assert isinstance(told.value.__cause__, IndexError)


def test_several_sessions_go_on_side_by_side() -> None:
    text = 'global who = "%s"; global n = 0; function add_one(): count { return ++n; }'
    one, other = bro.load(bare=True, code=text % "one"), bro.load(bare=True, code=text % "other")
    names = one.globals
    assert (one.globals["who"], other.globals["who"], names["who"]) == (b"one", b"other", b"one")
    assert [one.call("add_one"), one.call("add_one"), other.call("add_one")] == [1, 2, 1]
    one.close()
    with pytest.raises(bro.BroError, match="has ended"):
        one.call("add_one")
    assert other.call("add_one") == 2
    other.close()


REQUEST = (
    "event http_request(c: connection, method: string, original_URI: string, unescaped_URI: string, "
    "version: string)"
)


def test_how_an_analysis_ends() -> None:
    capture = CAPTURES / "http-get.pcap"
    for code, message in (
        (f"{REQUEST} {{ exit(3); }}", "a script ended the run with status 3"),
        (
            "function f(): count { exit(3); return 1; } global x = f();",
            "a script ended the run with status 3",
        ),
    ):
        with pytest.raises(bro.BroError, match=message):
            list(bro.analyze(capture, code=code))
        assert bro.run(read=capture, code=code) == 3
    assert list(bro.analyze(capture, logs=["http"], code="event zeek_init() { exit(0); }")) == []
    assert len(list(bro.analyze(capture, logs=["http"], code=f"{REQUEST} {{ terminate(); }}"))) > 0
    with pytest.raises(bro.BroError, match=r'there is no log htp; did you mean "http"'):
        list(bro.analyze(capture, logs=["htp", "conn"]))
    with pytest.raises(bro.BroError, match="there is no event http_requst"):
        list(bro.analyze(capture, events="http_requst"))
    assert list(bro.analyze(capture, logs="dns")) == []  # there is such a log
    assert {row.path for row in bro.analyze(capture, logs="http")} == {"http"}


def test_a_python_file_takes_part_where_it_is_named(tmp_path: pathlib.Path) -> None:
    capture, script = CAPTURES / "http-get.pcap", tmp_path / "counting_uris.py"
    script.write_text(
        "import bro\nseen = []\nbro.declare('global told: event(n: count);')\n"
        "@bro.event('http_request')\ndef count(c, original_URI):\n    seen.append(original_URI)\n"
        "    bro.post('told', len(seen))\n"
    )
    told = [event.n for event in bro.analyze(capture, script, events="told")]
    assert told == [1, 2, 3, 4]
    assert len(list(bro.analyze(capture, logs="http"))) == 4
    assert [event.n for event in bro.analyze(capture, [script], events="told")] == [5, 6, 7, 8]


def test_one_run_at_a_time() -> None:
    capture = CAPTURES / "http-get.pcap"
    session = bro.load(bare=True)
    first = bro.analyze(capture, logs=["conn"])
    assert next(first).path == "conn"
    for action in (
        lambda: next(bro.analyze(capture)),
        lambda: bro.run(read=capture),
        lambda: bro.load(bare=True),
        lambda: session.call("network_time"),
    ):
        with pytest.raises(bro.BroError, match="another run is going on"):
            action()
    assert len(list(first)) > 1  # and it goes on as if nothing had been
    assert len(list(bro.analyze(capture, logs=["conn"]))) > 1
    left = bro.analyze(capture, events=["http_request"])
    next(left)
    left.close()
    assert bro.run(read=capture) == 0
    session.close()


def test_handlers_that_would_never_run() -> None:
    mine = bro.Policy()

    @mine.event("zeek_init")
    async def waits() -> None:
        pass

    with pytest.raises(bro.BroError, match="zeek_init cannot be handled by an async function"):
        bro.load(policies=[mine], bare=True)


def test_errors_of_handlers_have_their_calls(capfd: pytest.CaptureFixture[str]) -> None:
    mine = bro.Policy()

    @mine.event("zeek_init")
    def outer() -> None:
        inner()

    def inner() -> None:
        raise ValueError("odd")

    with bro.load(policies=[mine], bare=True):
        pass
    told = capfd.readouterr().err
    assert "ValueError: odd" in told and "in inner at" in told and "in outer at" in told


TYPED = """
from __future__ import annotations

import bro

visits: dict[bro.Addr, int] = {}
mine = bro.Policy()


@bro.event("http_request", priority=-5)
def count(c: object, original_URI: bytes) -> None:
    visits[bro.Addr("192.0.2.1")] = len(original_URI)


@mine.hook
def may_pass(host: bro.Addr) -> bool | None:
    return None


for row in bro.analyze("x.pcap", logs=["http"], bare=True):
    print(row["host"], row.path)
found = bro.analyze("x.pcap", events=["http_request"])
print(next(found).name)
found.close()
with bro.load(code="global x = 3;") as scripts:
    scripts.globals["x"] = 4
code: int = bro.run(read="x.pcap", policies=[mine])
"""


def test_a_typed_program_is_accepted(tmp_path: pathlib.Path) -> None:
    pytest.importorskip("mypy")

    def check(text: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "user.py").write_text(text)
        command = [sys.executable, "-m", "mypy", "--strict", "user.py"]
        environment = processes.environment(MYPYPATH=str(pathlib.Path(__file__).parents[2]))
        return processes.run(command, cwd=tmp_path, env=environment)

    done = check(TYPED)
    assert done.returncode == 0, done.stdout
    done = check(TYPED + 'bro.run(captures="x.pcap")\n')
    assert done.returncode == 1 and '"captures" for "run"' in done.stdout
