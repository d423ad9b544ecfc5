"""Generated programs: those without mistakes compile and run; those with one are told where it is."""

from __future__ import annotations

import io
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings

from bro.runtime import context as contexts
from bro.script.diagnostics import CompileError
from bro.script.loader import LoadOptions, load
from tests.unit.script.amount import examples
from tests.unit.script.programs import program, wrong_program

PRELUDE = (Path(__file__).parents[2] / "language" / "prelude.bro").read_text()

#: Errors that well-typed programs can have: constants whose result is known, and wrong, while compiling.
ALLOWED = (
    "division by zero",
    "outside of the range",
    "too large",
    "number of bits",
    "shift by",
    "the width of a subnet",
    "this address has",
    "is never a",
    "has a case already",
)


def run(script: str) -> tuple[str, str]:
    """What a script prints and what is reported."""
    context = contexts.use(contexts.Context())
    context.stdout = stdout = io.BytesIO()
    context.reporter.stream = errors = io.StringIO()
    with TemporaryDirectory() as folder:
        path = Path(folder, "main.bro")
        path.write_text(script)
        options = LoadOptions(
            base=False, cache=False, declarations=[("prelude", PRELUDE)], search_path=[folder]
        )
        load([str(path)], options, context).run()
    return stdout.getvalue().decode("latin-1"), errors.getvalue()


@settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(program())
def test_well_typed(script: str) -> None:
    try:
        _, reported = run(script)
    except CompileError as error:
        found = [d for d in error.diagnostics if d.level == "error"]
        unexpected = [d for d in found if not any(text in d.message for text in ALLOWED)]
        assert not unexpected, unexpected[0].render()
        return
    assert "internal error" not in reported, reported
    assert "Traceback" not in reported and 'File "' not in reported, reported
    assert not reported or reported.startswith("error in "), reported


@settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(wrong_program())
def test_ill_typed(script: str) -> None:
    try:
        run(script)
    except CompileError as error:
        found = [d for d in error.diagnostics if d.level == "error"]
        last = script.rstrip().count("\n")
        assert found and all(d.source is not None and d.column >= 1 for d in found)
        assert any(d.line == last for d in found), error
        return
    raise AssertionError("no error was found")
