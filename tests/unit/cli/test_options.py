"""The command line's words and what they mean."""

from __future__ import annotations

import pytest

from bro.options import FLAGS, UsageError, parse, usage


def test_short_and_long_options_mean_the_same() -> None:
    short = parse(["-C", "-b", "-r", "a", "-r", "b", "-f", "tcp", "-w", "out", "-D"])
    long = parse(["--no-checksums", "--bare-mode", "--readfile", "a", "--readfile=b", "--filter", "tcp"])
    assert short.read == long.read == ["a", "b"]
    assert short.ignore_checksums and long.ignore_checksums
    assert short.bare and long.bare
    assert short.filter == long.filter == "tcp"
    assert short.write == "out" and short.deterministic


def test_short_options_may_stand_together_and_carry_their_value() -> None:
    found = parse(["-Cbrtrace.pcap", "-NN"])
    assert (found.ignore_checksums, found.bare, found.read) == (True, True, ["trace.pcap"])
    assert found.list_components == 2


def test_scripts_and_values_of_options_are_told_apart() -> None:
    found = parse(["local", "Log::default_rotation_interval=1hr", "x=", "dir/a=b.bro", "policy/x.bro"])
    assert found.redefs == [("Log::default_rotation_interval", "1hr"), ("x", "")]
    assert found.scripts == ["local", "dir/a=b.bro", "policy/x.bro"]


def test_a_value_may_contain_equals_signs() -> None:
    assert parse(["X::y=a=b"]).redefs == [("X::y", "a=b")]
    assert parse(["X::y+={ 1 }", "x-=2"]).redefs == [("X::y+", "{ 1 }"), ("x-", "2")]


def test_all_is_kept_for_scripts_and_behind_dashes_nothing_is_read() -> None:
    found = parse(["-b", "a.bro", "--", "-r", "x"])
    assert found.rest == ["-r", "x"]
    assert found.read == []
    assert found.given == ["-b", "a.bro", "--", "-r", "x"]


def test_a_lone_dash_is_standard_input() -> None:
    assert parse(["-r", "-"]).read == ["-"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["-r"], "option -r needs a value: -r FILE"),
        (["--filter"], "option --filter needs a value"),
        (["-Z"], "unknown option -Z"),
        (["--readfil", "x"], "unknown option --readfil; did you mean --readfile?"),
        (["--bare-mode=yes"], "option --bare-mode takes no value"),
        (["-w", "a", "-w", "b"], "option -w was given twice"),
    ],
)
def test_wrong_usage_says_what_is_wrong(words: list[str], complaint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(words)
    assert complaint in str(caught.value)


def test_help_names_every_option() -> None:
    text = usage()
    for flag in FLAGS:
        assert f"--{flag.long}" in text and flag.help in text
    assert all(len(line) <= 110 for line in text.splitlines())
