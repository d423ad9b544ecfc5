"""The cache of compiled programs: when it is used, and when it must not be."""

from __future__ import annotations

import io
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bro.runtime import context as contexts
from bro.script import cache, compiler
from bro.script.loader import LoadOptions, load
from tests import processes

DECLARATIONS = [("prelude", "global table_expire_interval = 10 sec;\n")]


class Runner:
    """Loads and runs a script with a cache of its own, and tells whether anything had to be compiled."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.compiled = 0
        genuine = compiler.Compiler.finish

        def finish(instance: compiler.Compiler, prefix: str) -> Any:
            self.compiled += 1
            return genuine(instance, prefix)

        monkeypatch.setattr(compiler.Compiler, "finish", finish)
        monkeypatch.setenv("BRO_CACHE_DIR", str(folder / "cache"))

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(self, *files: str, **options: Any) -> tuple[str, bool]:
        """What the script prints, and whether it came out of the cache."""
        self.compiled = 0
        context = contexts.use(contexts.Context())
        context.stdout = io.BytesIO()
        options = {"search_path": [".", str(self.folder / "lib")], **options}
        program = load(list(files), LoadOptions(base=False, declarations=DECLARATIONS, **options), context)
        program.run()
        return context.stdout.getvalue().decode(), self.compiled == 0


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.chdir(tmp_path)
    return Runner(tmp_path, monkeypatch)


MAIN = """@load part
global x = 1 &redef;
event zeek_init() { print part(), x; }
"""
PART = 'function part(): string { return "part"; }\n'


def test_second_run_comes_out_of_the_cache(runner: Runner) -> None:
    runner.write("lib/part.bro", PART)
    main = str(runner.write("main.bro", MAIN))
    assert runner.run(main) == ("part, 1\n", False)
    assert runner.run(main) == ("part, 1\n", True)


def test_change_of_a_loaded_file_of_the_same_size_and_time(runner: Runner) -> None:
    part = runner.write("lib/part.bro", PART)
    main = str(runner.write("main.bro", MAIN))
    runner.run(main)
    part.write_text(PART.replace('"part"', '"trap"'))
    assert runner.run(main) == ("trap, 1\n", False)
    assert runner.run(main) == ("trap, 1\n", True)


def test_touching_a_file_changes_nothing(runner: Runner) -> None:
    part = runner.write("lib/part.bro", PART)
    main = str(runner.write("main.bro", MAIN))
    runner.run(main)
    os.utime(part, (1, 1))
    assert runner.run(main) == ("part, 1\n", True)
    assert runner.run(main) == ("part, 1\n", True)


def test_options_belong_to_the_key(runner: Runner) -> None:
    runner.write("lib/part.bro", PART)
    main = str(runner.write("main.bro", MAIN))
    runner.run(main)
    assert runner.run(main, redefs=["x=7"]) == ("part, 7\n", False)
    assert runner.run(main, code="redef x = 8;") == ("part, 8\n", False)
    assert runner.run(main, redefs=["x=7"]) == ("part, 7\n", True)
    assert runner.run(main) == ("part, 1\n", True)


def test_file_that_would_now_be_found_first(runner: Runner) -> None:
    runner.write("lib/part.bro", PART)
    main = str(runner.write("main.bro", MAIN))
    runner.run(main)
    runner.write("part.bro", PART.replace('"part"', '"mine"'))
    assert runner.run(main) == ("mine, 1\n", False)


def test_environment_that_a_condition_asked_for(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '@if ( getenv("COLOUR") == "red" )\nevent zeek_init() { print "red"; }\n@endif\n'
    main = str(runner.write("main.bro", text))
    monkeypatch.delenv("COLOUR", raising=False)
    assert runner.run(main) == ("", False)
    monkeypatch.setenv("COLOUR", "red")
    assert runner.run(main) == ("red\n", False)
    assert runner.run(main) == ("red\n", True)


def test_same_program_from_another_folder(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    runner.write("lib/part.bro", PART)
    main = str(runner.write("main.bro", MAIN))
    for place, expected in (("a", False), ("b", True)):
        (runner.folder / place).mkdir()
        monkeypatch.chdir(runner.folder / place)
        assert runner.run(main) == ("part, 1\n", expected)


def test_what_was_found_in_the_current_folder_is_not_for_others(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.write("lib/part.bro", PART)
    main = str(runner.write("main.bro", MAIN))
    runner.write("a/part.bro", PART.replace('"part"', '"from a"'))
    monkeypatch.chdir(runner.folder / "a")
    assert runner.run(main) == ("from a, 1\n", False)
    monkeypatch.chdir(runner.folder)
    assert runner.run(main) == ("part, 1\n", False)
    monkeypatch.chdir(runner.folder / "a")
    assert runner.run(main)[0] == "from a, 1\n"


def test_scripts_of_one_name_in_two_folders_do_not_displace_each_other(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("a", "b"):
        runner.write(f"{place}/local.bro", f'event zeek_init() {{ print "{place}"; }}\n')
    for expected in (False, True):
        for place in ("a", "b"):
            monkeypatch.chdir(runner.folder / place)
            assert runner.run("local") == (f"{place}\n", expected)


def test_damaged_file_is_compiled_again(runner: Runner) -> None:
    runner.write("lib/part.bro", PART)
    main = str(runner.write("main.bro", MAIN))
    runner.run(main)
    for path in Path(cache.folder()).iterdir():
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(data)
    assert runner.run(main) == ("part, 1\n", False)
    assert runner.run(main) == ("part, 1\n", True)


def test_folder_that_others_can_write_to_is_not_used(runner: Runner) -> None:
    runner.write("lib/part.bro", PART)
    main = str(runner.write("main.bro", MAIN))
    runner.run(main)
    os.chmod(cache.folder(), 0o777)
    assert runner.run(main) == ("part, 1\n", False)


def test_warnings_are_told_again(runner: Runner) -> None:
    main = str(runner.write("main.bro", "event zeek_init() { local unused = 1; }\n"))
    seen = []
    for _ in range(2):
        context = contexts.use(contexts.Context())
        options = LoadOptions(base=False, declarations=DECLARATIONS, search_path=["."])
        seen.append(load([main], options, context).loaded.warnings)
    assert len(seen[0]) == 1 and '"unused" is never used' in seen[0][0]
    assert seen[0] == seen[1]


def test_programs_not_used_for_longest_are_deleted(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MAX_PROGRAMS", 6)
    main = str(runner.write("main.bro", "global x = 1 &redef;\nevent zeek_init() { print x; }\n"))
    runner.run(main)
    (base,) = [path for path in Path(cache.folder()).iterdir() if path.suffix == ".symbols"]
    old = {path: path.stat().st_mtime for path in Path(cache.folder()).iterdir()}
    for path, when in old.items():
        os.utime(path, (when - 10_000, when - 10_000))
    assert runner.run(main) == ("1\n", True)  # it was used again, and is the newest now
    for number in range(2, 9):
        for path in (base, base.with_suffix(".program")):
            os.utime(path, (time.time() - 30, time.time() - 30))  # too soon to be noted again
        assert runner.run(main, redefs=[f"x={number}"]) == (f"{number}\n", False)
    # The base scripts stay, although all these look newer.
    assert base.exists() and base.with_suffix(".program").exists()
    assert len(list(Path(cache.folder()).iterdir())) <= 6 + 2
    assert runner.run(main, redefs=["x=8"]) == ("8\n", True)


def test_names_in_the_stack_of_an_error(runner: Runner) -> None:
    script = "@if ( T && on )\nevent zeek_init() { local t: table[count] of count; print f(t); }\n@endif\n"
    script = "const on = T &redef;\nfunction f(t: table[count] of count): count { return t[1]; }\n" + script
    main = str(runner.write("main.bro", script))
    for _ in range(2):
        context = contexts.use(contexts.Context())
        context.reporter.stream = io.StringIO()
        load([main], LoadOptions(base=False, declarations=DECLARATIONS, search_path=["."]), context).run()
        stack = [line for line in context.reporter.stream.getvalue().splitlines() if " in " in line[:8]]
        assert [line.split(" at ")[0].split()[-1] for line in stack] == ["f", "zeek_init"]


def test_names_of_other_base_scripts_are_not_taken(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ends between its two files leaves new tables beside old names."""
    runner.write("lib/part.bro", PART)
    main = runner.write("main.bro", MAIN)
    runner.run(str(main))
    folder = runner.folder / "cache"
    (names,) = folder.glob("*.symbols")
    old = names.read_bytes()
    others = [("prelude", "global table_expire_interval = 10 sec;\nglobal added = 5;\n")]
    monkeypatch.setattr("tests.unit.script.test_cache.DECLARATIONS", others)
    runner.run(str(main))
    (newer,) = set(folder.glob("*.symbols")) - {names}
    newer.write_bytes(old)
    main.write_text(MAIN + "event zeek_init() { print added; }\n")
    assert runner.run(str(main)) == ("part, 1\n5\n", False)


@pytest.mark.parametrize("ending", [".symbols", ".functions", ".program"])
@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:7], lambda data: data[:-1] + b"?"])
def test_damaged_files_are_as_good_as_none(runner: Runner, ending: str, damage: Any) -> None:
    runner.write("lib/part.bro", PART)
    main = runner.write("main.bro", MAIN)
    runner.run(str(main))
    for path in (runner.folder / "cache").glob(f"*{ending}"):
        path.write_bytes(damage(path.read_bytes()))
    main.write_text(MAIN.replace("= 1", "= 2"))
    assert runner.run(str(main)) == ("part, 2\n", False)
    assert runner.run(str(main)) == ("part, 2\n", True)


def test_built_ins_are_known_without_their_modules(runner: Runner) -> None:
    """Where the base scripts are in the cache, the compiler knows the signatures and imports no subject."""
    main = runner.write("main.bro", 'event zeek_init() { print to_upper("a"); }\n')
    runner.run(str(main))
    main.write_text('event zeek_init() { print to_upper("b"), levenshtein_distance("a", "b"); }\n')
    code = (
        "import sys\nfrom bro.runtime import context as contexts\n"
        "from bro.script.loader import LoadOptions, load\n"
        f"options = LoadOptions(base=False, declarations={DECLARATIONS!r}, "
        f"search_path=['.', {str(runner.folder / 'lib')!r}])\n"
        f"load([{str(main)!r}], options, contexts.use(contexts.Context())).run()\n"
        "print(*sorted(m for m in sys.modules if m.startswith('bro.runtime.builtins.')))\n"
    )
    done = processes.run([sys.executable, "-c", code], check=True)
    shown, modules = done.stdout.splitlines()
    assert shown == "B, 1"
    loaded = {name.rpartition(".")[2] for name in modules.split()}
    assert "similarity" in loaded
    assert not loaded & {"storage", "telemetry", "sketches", "geo"}
