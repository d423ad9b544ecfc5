"""File analysis: the functions that the script framework `Files` stands on.

They act on a file by its id; one that is gone gives false.  What they ask takes effect before the content
that caused the event goes on.
"""

from __future__ import annotations

from typing import Any

from bro.runtime.builtins._support import command
from bro.runtime.builtins.registry import builtin
from bro.runtime.callables import name_of
from bro.runtime.errors import ScriptError


def _name_of(event: Any) -> str | None:
    """The name of an event given as an argument, None where none was given."""
    return None if event is None else name_of(event)


def _args(args: Any) -> tuple[str | None, int, bool, str | None, str | None]:
    """The arguments of a file analyzer as the engine takes them."""
    path = args.extract_filename
    return (
        None if path is None else path.decode("utf-8", "surrogateescape"),
        args.extract_limit or 0,
        bool(args.extract_limit_includes_missing),
        _name_of(args.chunk_event),
        _name_of(args.stream_event),
    )


@builtin("function Files::__add_analyzer(file_id: string, tag: Files::Tag, args: Files::AnalyzerArgs): bool")
def add_analyzer(file_id: bytes, tag: Any, args: Any) -> bool:
    """Attach an analyzer to a file."""
    return bool(command("file_add_analyzer", file_id, tag.name, *_args(args)))


@builtin(
    "function Files::__remove_analyzer(file_id: string, tag: Files::Tag, args: Files::AnalyzerArgs): bool"
)
def remove_analyzer(file_id: bytes, tag: Any, args: Any) -> bool:
    """Detach an analyzer that was attached with the same arguments."""
    return bool(command("file_remove_analyzer", file_id, tag.name, *_args(args)))


@builtin("function Files::__stop(file_id: string): bool")
def stop(file_id: bytes) -> bool:
    """Look no more at a file."""
    return bool(command("file_stop", file_id))


@builtin("function Files::__file_exists(fuid: string): bool")
def file_exists(fuid: bytes) -> bool:
    """Tell whether a file of this id is under analysis."""
    return command("lookup_file", fuid, absent=None) is not None


@builtin("function Files::__lookup_file(fuid: string): fa_file")
def lookup_file(fuid: bytes) -> Any:
    """Return the record of a file; an error if no file of this id is under analysis."""
    found = command("lookup_file", fuid, absent=None)
    if found is None:
        raise ScriptError(f"lookup_file: there is no file {fuid.decode('latin-1')} (any more)")
    return found


@builtin("function Files::__ask_handles(): any")
def ask_handles() -> None:
    """Have `get_file_handle` raised for files from now on; it is from the start where a site handles it."""
    command("ask_file_handles")


@builtin("function Files::__set_timeout_interval(file_id: string, t: interval): bool")
def set_timeout_interval(file_id: bytes, t: float) -> bool:
    """Set how long a file may go without content."""
    return bool(command("file_set_timeout", file_id, t))


@builtin("function Files::__enable_reassembly(file_id: string): bool")
def enable_reassembly(file_id: bytes) -> bool:
    """Put content that comes out of order into order."""
    return bool(command("file_enable_reassembly", file_id, True))


@builtin("function Files::__disable_reassembly(file_id: string): bool")
def disable_reassembly(file_id: bytes) -> bool:
    """Take content as it comes."""
    return bool(command("file_enable_reassembly", file_id, False))


@builtin("function Files::__set_reassembly_buffer(file_id: string, max: count): bool")
def set_reassembly_buffer(file_id: bytes, maximum: int) -> bool:
    """Set how many bytes out of order are kept for a file."""
    return bool(command("file_reassembly_limit", file_id, maximum))


@builtin("function Files::__analyzer_name(tag: Files::Tag): string")
def analyzer_name(tag: Any) -> bytes:
    """Return an analyzer's name as in logs, such as MD5."""
    return str(tag.name).rpartition("ANALYZER_")[2].encode()


@builtin("function FileExtract::__set_limit(file_id: string, args: Files::AnalyzerArgs, n: count): bool")
def set_limit(file_id: bytes, args: Any, n: int) -> bool:
    """Set a new limit for a file that is being extracted."""
    path = _args(args)[0]
    return path is not None and bool(command("file_extract_limit", file_id, path, n))
