"""What scripts set about logging, in the form that writers take it."""

from __future__ import annotations

from bro.runtime import context
from bro.runtime.callables import mangle
from bro.runtime.values import EnumValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: options of module LogAscii that the engine's writer knows
_ASCII = (
    "separator",
    "set_separator",
    "empty_field",
    "unset_field",
    "meta_prefix",
    "include_meta",
    "enable_utf_8",
    "use_json",
    "json_timestamps",
    "json_include_unset_fields",
    "gzip_level",
    "gzip_file_extension",
    "output_to_stdout",
)

#: limits on the size of rows: the fields of a stream of that name
LIMITS = (
    "max_field_string_bytes",
    "max_total_string_bytes",
    "max_field_container_elements",
    "max_total_container_elements",
)


def setting(name: str, default: Any) -> Any:
    """The value of a script's constant or option; `default` where the scripts do not have it."""
    found = context.current.globals.get(mangle(name))
    return default if found is None else found


def limits(stream: Any) -> dict[str, int]:
    """The limits of a stream, by the names that writers know them under."""
    found = {name: getattr(stream, name) for name in LIMITS if getattr(stream, name, None) is not None}
    found["max_log_record_size"] = setting("Log::max_log_record_size", 64 << 20)
    return found


def ascii_options() -> dict[str, Any]:
    """The options of text files."""
    options = {}
    for name in _ASCII:
        value = setting(f"LogAscii::{name}", None)
        if value is not None:
            options[name] = value.name if isinstance(value, EnumValue) else value
    return options


def directory() -> str:
    """Where logs are written; empty for the current directory."""
    return text(setting("Log::default_logdir", b""))


def extension() -> str:
    """The extension of text logs."""
    import os

    return os.environ.get("BRO_LOG_SUFFIX") or os.environ.get("ZEEK_LOG_SUFFIX") or "log"


def text(value: bytes) -> str:
    """A string of a script as a file name."""
    return value.decode("utf-8", "surrogateescape")


def stamp(now: float) -> str:
    """A time as headers state it.  Before the first packet there is no packet time, and it is that of the
    clock.
    """
    import time

    return time.strftime("%Y-%m-%d-%H-%M-%S", time.localtime(now or time.time()))
