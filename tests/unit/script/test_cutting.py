"""Conditions of `@if` cut tokens wherever they stand: the rest reads as if these had never been there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bro.script import nodes as n
from bro.script.diagnostics import Diagnostics, Source
from bro.script.lexer import tokenize
from bro.script.parser import parse
from tests.unit.script.amount import examples
from tests.unit.script.programs import program
from tests.unit.script.trees import Host, shape

LANGUAGE = Path(__file__).parents[2] / "language"
SCRIPTS = [
    script
    for path in sorted(LANGUAGE.glob("*.md"))
    for script in re.findall(r"^```bro\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL)
    if not re.search(r"@(if|else|endif|DEBUG|pragma)|# error", script)
]


class _Deciding(Host):
    """Conditions are what they say."""

    def condition(self, *args: Any) -> bool:
        return not isinstance(args[0], n.Literal) or bool(args[0].value)


def read(text: str) -> tuple[Any, list[str]]:
    host, diagnostics = _Deciding(), Diagnostics()
    parse(Source("test", text.encode("latin-1", "replace")), diagnostics, host)
    return shape(host.decls), [d.render() for d in diagnostics.items]


#: What stands in branches that are left out.
JUNK = st.lists(
    st.sampled_from(
        ["x", "+", ")", "}", "{", "(", ";", '"s"', "1.5", "/a/", "event", "@if ( T ) y @endif", "[", "]"]
    ),
    max_size=4,
).map(" ".join)
#: How something is put around or between tokens.
FORMS = st.sampled_from(["before", "around", "else"])


def cut(draw: st.DrawFn, script: str) -> str:
    """A script with conditions put in between its tokens, which change nothing."""
    tokens = tokenize(Source("x", script.encode("latin-1", "replace")))
    places = [i for i, kind in enumerate(tokens.kinds) if kind not in ("EOF", "DIRECTIVE")]

    chosen = (
        sorted(draw(st.lists(st.sampled_from(places), min_size=1, max_size=6, unique=True))) if places else []
    )
    text = tokens.source.text
    out, at = [], 0
    for i in chosen:
        start, end = tokens.starts[i], tokens.ends[i]
        out.append(text[at:start])
        form, junk, token = draw(FORMS), draw(JUNK), text[start:end]
        # A branch that is left out ends as the other one does: what comes next may depend on it.
        before = tokens.texts[i - 1] if i and tokens.kinds[i - 1] != "DIRECTIVE" else ""
        if "/" in before + token:  # in a branch that makes no sense it might begin a pattern
            out.append(f" @if ( T ) {token} @endif ")
        elif form == "before":
            out.append(f" @if ( F ) {junk} {before} @endif {token}")
        elif form == "around":
            out.append(f" @if ( T ) {token} @else {draw(st.sampled_from(['', junk + ' ' + token]))} @endif ")
        else:
            out.append(f" @if ( F ) {junk} @else {token} @endif ")
        at = end
    return "".join([*out, text[at:]])


@settings(max_examples=examples(300), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), st.one_of(st.sampled_from(SCRIPTS), program().filter(lambda s: "@if" not in s)))
def test_cut_tokens_leave_no_trace(data: st.DataObject, script: str) -> None:
    expected, problems = read(script)
    assert not problems, problems[0]
    changed = data.draw(st.composite(cut)(script))
    found, problems = read(changed)
    assert not problems, changed + "\n" + problems[0]
    assert found == expected, changed
