"""Every built-in function has a case in a literate file, or a test that the table below names."""

from __future__ import annotations

from pathlib import Path

import pytest

from bro.runtime.builtins.registry import load_all
from bro.script.diagnostics import Source
from bro.script.lexer import tokenize
from tests.language.test_literate import CASES

HERE = Path(__file__).parent
TESTS = HERE.parent

#: Functions that literate cases cannot show, with the test that does: they need other programs, a network, a
#: database, or an interface.
ELSEWHERE = {
    "Exec::__run": "unit/builtins/test_background.py",
    "lookup_addr": "unit/builtins/test_background.py",
    "lookup_hostname": "unit/builtins/test_background.py",
    "lookup_hostname_txt": "unit/builtins/test_background.py",
    "lookup_location": "unit/builtins/test_geo.py",
    "lookup_autonomous_system": "unit/builtins/test_geo.py",
    "mmdb_open_location_db": "unit/builtins/test_geo.py",
    "mmdb_open_asn_db": "unit/builtins/test_geo.py",
    "Response::__reset": "unit/mptcp/test_response.py",
    "Response::__fastclose": "unit/mptcp/test_response.py",
    "Response::__block_host": "live/test_response.py",
    "Response::__block_flow": "live/test_response.py",
    "Response::__block_mptcp": "live/test_response.py",
}

#: What scripts call instead of functions that are the seam between scripts and Python, where the name is not
#: the same without the underscores.
SEAM = {
    "Files::__ask_handles": "Files::register_protocol",
    "Analyzer::__switch": "Analyzer::disable_analyzer",
    "FileExtract::__set_limit": "FileExtract::set_limit",
    "Files::__set_reassembly_buffer": "Files::set_reassembly_buffer_size",
    "Input::__create_table_stream": "Input::add_table",
    "Input::__create_event_stream": "Input::add_event",
    "Input::__create_analysis_stream": "Input::add_analysis",
    "Input::__remove_stream": "Input::remove",
    "Installation::__prefix": "Installation::root_dir",
    "Telemetry::__counter_family": "Telemetry::register_counter_family",
    "Telemetry::__gauge_family": "Telemetry::register_gauge_family",
    "Telemetry::__histogram_family": "Telemetry::register_histogram_family",
    "Telemetry::__counter_metric_get_or_add": "Telemetry::counter_with",
    "Telemetry::__gauge_metric_get_or_add": "Telemetry::gauge_with",
    "Telemetry::__histogram_metric_get_or_add": "Telemetry::histogram_with",
    "Telemetry::__counter_value": "Telemetry::counter_set",
    "Telemetry::__gauge_value": "Telemetry::gauge_set",
}


def words() -> set[str]:
    """All names in the scripts of the literate files; those in comments and strings do not count."""
    found: set[str] = set()
    for _, case in CASES:
        for text in (case.script, *case.files.values()):
            tokens = tokenize(Source("case", text.encode()))
            found.update(t for kind, t in zip(tokens.kinds, tokens.texts, strict=True) if kind == "ID")
    return found


WORDS = words()


@pytest.mark.parametrize("name", sorted(load_all()))
def test_has_a_case(name: str) -> None:
    public = SEAM.get(name, name.replace("::__", "::"))
    assert name in WORDS or public in WORDS or name in ELSEWHERE, f"no literate case shows {name}"


@pytest.mark.parametrize("name", sorted(ELSEWHERE))
def test_is_tested_elsewhere(name: str) -> None:
    place = TESTS / ELSEWHERE[name]
    files = [place] if place.is_file() else sorted(place.rglob("*.py"))
    wanted = name.rpartition("::")[2].strip("_")
    assert any(wanted in file.read_text() for file in files), f"{place} does not test {name}"


@pytest.mark.parametrize("name", sorted(load_all()))
def test_is_documented(name: str) -> None:
    assert (load_all()[name].function.__doc__ or "").strip(), f"{name} has no documentation"
