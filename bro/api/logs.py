"""Logs that Python writes."""

from __future__ import annotations

from typing import Any

from bro.api import access
from bro.api.convert import make_record
from bro.api.errors import BroError
from bro.api.policy import Policy, default


class LogStream:
    """A log of one's own, made by `log_stream`."""

    def __init__(self, module: str) -> None:
        self.module = module

    def write(self, **fields: Any) -> None:
        """Write a row; columns that are not given are unset.

        :raises BroError: there is no such column, or a value does not fit
        """
        from bro.runtime.builtins.logging import log_write

        program = access.program()
        id_ = program.enum_value(f"{self.module}::LOG")
        if id_ is None:
            raise BroError(f"the log {self.module} was declared after the program had started")
        log_write(id_, make_record(program.record_type(f"{self.module}::Info"), fields, program, self.module))


def log_stream(path: str, columns: dict[str, str], *, policy: Policy | None = None) -> LogStream:
    """Declare a log: ``log_stream("visits", {"ts": "time", "host": "addr", "names": "set[string]"})``.

    It has the stream ``MODULE::LOG`` and the record type ``MODULE::Info``, the module being the path with a
    capital letter, so that scripts can filter it like any other.

    :param path: of the log, without its ending
    :param columns: names and types, in the notation of the language
    """
    module = path[:1].upper() + path[1:]
    if not module.isidentifier():
        raise BroError(f"the log path {path!r} is to be a name: letters, digits and underscores")
    fields = "\n".join(f"  {name}: {type_} &log &optional;" for name, type_ in columns.items())
    text = (
        f"module {module};\nexport {{\n"
        f" redef enum Log::ID += {{ LOG }};\n type Info: record {{\n{fields}\n }};\n}}\n"
        f"event zeek_init() &priority=5\n {{ Log::create_stream({module}::LOG, "
        f'Log::Stream($columns={module}::Info, $path="{path}")); }}\nmodule GLOBAL;\n'
    )
    (policy or default).declare(text)
    return LogStream(module)
