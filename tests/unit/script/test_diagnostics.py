"""How mistakes are shown: place, line, mark, what was expected, the likely name; several in one run."""

from __future__ import annotations

from pathlib import Path

import pytest

from bro.script.diagnostics import MAX_ERRORS, CompileError
from bro.script.loader import LoadOptions, load


def errors(tmp_path: Path, script: str | bytes) -> list[str]:
    """What is shown of each error of a script, with the folder taken out."""
    path = tmp_path / "main.bro"
    path.write_bytes(script.encode() if isinstance(script, str) else script)
    options = LoadOptions(base=False, cache=False, declarations=[], search_path=[str(tmp_path)])
    with pytest.raises(CompileError) as caught:
        load([str(path)], options)
    found = [d.render() for d in caught.value.diagnostics if d.level == "error"]
    return [text.replace(f"{tmp_path}/", "") for text in found]


def test_a_name_that_is_nearly_right(tmp_path: Path) -> None:
    assert errors(tmp_path, 'event zeek_init()\n\t{\n\tprint to_uper("x");\n\t}\n') == [
        'main.bro:3:8: error: "to_uper" is not declared\n'
        '  3 |     print to_uper("x");\n'
        "    |           ^^^^^^^\n"
        '  help: did you mean "to_upper"?'
    ]


@pytest.mark.parametrize(
    ("script", "hint"),
    [
        ("type R: record { maximum: count; };\nglobal x = R($maximum=1)$maximun;", "maximum"),
        ("type Settings: record { };\nglobal x: Setings;", "Settings"),
        ("type E: enum { SHORT, LONG };\nglobal x = SHORTT;", "SHORT"),
        ("global x: count &optinal;", "optional"),
        ("glboal x = 1;", "global"),
        ("evnt zeek_init() { }", "event"),
        ("@lod x", "@load"),
        ("global asked: event();\nevent zeek_init() { event aksed(); }", "asked"),
        ("global x: strng;", "string"),
        ("const limit = 1 &redef;\nredef limt = 2;", "limit"),
        ("global x = 1;\nevent zeek_init() { local counter = 1; print conter; }", "counter"),
    ],
)
def test_likely_names(tmp_path: Path, script: str, hint: str) -> None:
    found = errors(tmp_path, script)
    assert any(f'did you mean "{hint}"' in text for text in found), found


def test_several_mistakes_are_told_in_their_order(tmp_path: Path) -> None:
    script = "global a: = 1;\nglobal b: count = T;\nevent zeek_init() { print c }\nglobal d = ;\n"
    lines = [int(text.split(":")[1]) for text in errors(tmp_path, script)]
    assert lines == sorted(lines) and {1, 2, 3, 4} <= set(lines)


def test_a_missing_semicolon_is_where_it_is_missing(tmp_path: Path) -> None:
    (found,) = errors(tmp_path, "event zeek_init()\n\t{\n\tlocal n = 1\n\tprint n;\n\t}\n")
    assert found.startswith("main.bro:3:13: error: expected")
    assert found.splitlines()[2] == "    |                ^"


def test_marks_below_tabs_and_other_letters(tmp_path: Path) -> None:
    (found,) = errors(tmp_path, 'event zeek_init() {\tprint "grün", nix; }')
    _, line, mark = found.splitlines()[:3]
    assert line.index("nix") == mark.index("^^^")


def test_long_lines_are_cut(tmp_path: Path) -> None:
    (found,) = errors(tmp_path, f"event zeek_init() {{ print {'1, ' * 5000}nix, {'1, ' * 5000}1; }}")
    _, line, mark = found.splitlines()[:3]
    assert len(line) < 250 and line.index("nix") == mark.index("^^^")


def test_control_characters_do_not_reach_the_terminal(tmp_path: Path) -> None:
    (found,) = errors(tmp_path, b'event zeek_init() { print "\x1b[31m", nix; }')
    assert "\x1b" not in found


def test_there_is_an_end_of_errors(tmp_path: Path) -> None:
    script = "".join(f"global x{i} = nix{i};\n" for i in range(500))
    assert len(errors(tmp_path, script)) == MAX_ERRORS
    options = LoadOptions(base=False, cache=False, declarations=[], search_path=[])
    with pytest.raises(CompileError, match=f"these are the first {MAX_ERRORS} errors; there may be more$"):
        load([str(tmp_path / "main.bro")], options)


@pytest.mark.parametrize(
    "script",
    [
        "event zeek_init() { print " + "(" * 5000 + "1" + ")" * 5000 + "; }",
        "event zeek_init() " + "{" * 5000 + "}" * 5000,
        "event zeek_init() { local r: any = 1; print r" + "$a" * 5000 + "; }",
        "global f: function(): any;\nevent zeek_init() { print f" + "()" * 5000 + "; }",
        "event zeek_init() { local a = 1; print " + "a == 1 ? a : " * 5000 + "a; }",
        "event zeek_init() { " + "if ( T ) { " * 5000 + "}" * 5000 + "}",
        "global x: " + "vector of " * 5000 + "count;",
        "type R: " + "record { a: " * 5000 + "count;" + "};" * 5000,
        "event zeek_init() { local f = " + "function() { local f = " * 3000 + "1;" + "};" * 3000 + "}",
        "global s: set[count, count, count, count] = { ["
        + ", ".join(["[" + ",".join(map(str, range(60))) + "]"] * 4)
        + "] };",
        "global n = " + "9" * 50_000 + ";",
        "event zeek_init() { print /" + "(" * 5000 + "a" + ")" * 5000 + '/ == "a"; }',
        "const a = b; const b = a;",
    ],
    ids=lambda script: script[:40],
)
def test_what_is_too_much_is_told_where_it_is(tmp_path: Path, script: str) -> None:
    found = errors(tmp_path, script)
    assert found and all(text.startswith("main.bro:") for text in found)


@pytest.mark.parametrize(
    "script",
    [b"\x00", b"global x = \x00;", b"\xff\xfe\x00", b'global x = "\xc3\x28", \xe2\x82;', b"\x80" * 100],
)
def test_bytes_that_are_no_text(tmp_path: Path, script: bytes) -> None:
    assert errors(tmp_path, script)


@pytest.mark.parametrize(
    ("script", "place", "hint"),
    [
        (
            "event zeek_init()\n\t{\n\tif ( T )\n\t\t{\n\t\tprint 1;\n\t}\n\nevent zeek_done()\n\t{\n\t}\n",
            '8:1: error: expected "}" before the next definition, found "event"',
            'the "{" in line 2 is not closed, or that in line 4 is not',
        ),
        (
            "type R: record {\n\ta: count;\n\nevent zeek_init() { }\n",
            '4:1: error: expected "}" after the fields of a record, found "event"',
            'the "{" in line 1 is not closed',
        ),
        (
            "global t: set[count] = {\n\t1,\n\t2\nglobal u = 1;\n",
            '4:1: error: expected "," or "}", found "global"',
            'the "{" in line 1 is not closed',
        ),
        (
            "event zeek_init()\n\t{\n\tprint cat(1,\n\t\t2;\n\t}\n",
            '4:4: error: expected "," or ")", found ";"',
            'the "(" in line 3 is not closed',
        ),
        (
            "export {\n\tglobal x = 1;\n",
            '2:15: error: expected "}" at the end of an export section, found the end of the file',
            'the "{" in line 1 is not closed',
        ),
    ],
)
def test_what_is_not_closed(tmp_path: Path, script: str, place: str, hint: str) -> None:
    (shown,) = errors(tmp_path, script)
    assert shown.startswith(f"main.bro:{place}\n")
    assert shown.endswith(f"  help: {hint}")


def test_who_loads_a_file_with_errors(tmp_path: Path) -> None:
    (tmp_path / "inner.bro").write_text("global x = nowhere;\n")
    (tmp_path / "outer.bro").write_text("\n@load inner\n")
    (shown,) = errors(tmp_path, "\n\n@load outer\n")
    assert shown.startswith('inner.bro:1:12: error: "nowhere" is not declared\n')
    assert shown.endswith("\n  loaded by outer.bro, line 2\n  loaded by main.bro, line 3")


def test_wide_characters(tmp_path: Path) -> None:
    (shown,) = errors(tmp_path, 'global x = "\u4e2d\u6587e\u0301" + nowhere;\n')
    assert shown == (
        'main.bro:1:21: error: "nowhere" is not declared\n'
        '  1 | global x = "\u4e2d\u6587e\u0301" + nowhere;\n'
        "    |                      ^^^^^^^"
    )


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("framworks/notices", "frameworks/notice"),
        ("framworks/notice/main", "frameworks/notice/main"),
        ("./man", "./main"),
        ("frameworks", ""),
        ("something/else", ""),
    ],
)
def test_files_that_are_nearly_there(tmp_path: Path, name: str, near: str) -> None:
    (tmp_path / "frameworks" / "notice").mkdir(parents=True)
    (tmp_path / "frameworks" / "notice" / "main.bro").write_text("")
    (shown,) = errors(tmp_path, f"@load {name}\n")
    hint = shown.rpartition("  help: ")[2]
    if near:
        assert hint == f'did you mean "{near}"?'
    else:
        assert "__load__" in hint if name == "frameworks" else hint.startswith("it was looked for in ")
