"""The input framework, as scripts call it; `bro/input` does the work."""

from __future__ import annotations

from typing import Any

from bro.runtime.builtins.registry import builtin


@builtin("function Input::__create_table_stream(description: Input::TableDescription): bool")
def create_table_stream(description: Any) -> bool:
    """Begin to keep a table as a source is; what `Input::add_table` does."""
    from bro.input.manager import manager

    return manager().add_table(description)


@builtin("function Input::__create_event_stream(description: Input::EventDescription): bool")
def create_event_stream(description: Any) -> bool:
    """Begin to raise an event for each row of a source; what `Input::add_event` does."""
    from bro.input.manager import manager

    return manager().add_event(description)


@builtin("function Input::__create_analysis_stream(description: Input::AnalysisDescription): bool")
def create_analysis_stream(description: Any) -> bool:
    """Begin to give a source to the analyzers of files; what `Input::add_analysis` does."""
    from bro.input.manager import manager

    return manager().add_analysis(description)


@builtin("function Input::__remove_stream(id: string): bool")
def remove_stream(id_: bytes) -> bool:
    """End a stream; what `Input::remove` does."""
    from bro.input.manager import manager

    return manager().remove(id_)


@builtin("function Input::__force_update(id: string): bool")
def force_update(id_: bytes) -> bool:
    """Read a source now; what `Input::force_update` does."""
    from bro.input.manager import manager

    return manager().force_update(id_)
