"""Connections: finding one, and telling the engine what to do with it.

What a script asks takes effect before the next packet.  Every function here that has a connection id asks the
engine, which knows the connections; without an engine there are none.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from bro.runtime import context
from bro.runtime.builtins._support import command, enum_value, global_value, report_error, shown
from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import ScriptError

if TYPE_CHECKING:
    from bro.runtime.files import BroFile
    from bro.runtime.values import EnumValue

#: Directions of contents files (script constants CONTENTS_NONE to CONTENTS_BOTH).
_CONTENTS_NONE, _CONTENTS_ORIG, _CONTENTS_RESP, _CONTENTS_BOTH = range(4)


def shown_id(cid: Any) -> str:
    """A connection id for a message."""
    return f"{cid.orig_h}:{cid.orig_p} > {cid.resp_h}:{cid.resp_p}"


def _unknown(function: str, cid: Any) -> None:
    report_error(f"{function}: there is no connection {shown_id(cid)} (any more)")


@builtin("function connection_exists(c: conn_id): bool")
def connection_exists(c: Any) -> bool:
    """Tell whether the connection is still being followed."""
    return bool(command("connection_exists", c))


@builtin("function lookup_connection(cid: conn_id): connection")
def lookup_connection(cid: Any) -> Any:
    """Return the record of a connection, the same one its events carry.

    Raises an error if there is no such connection (any more); ask `connection_exists` before.
    """
    connection = command("lookup_connection", cid, absent=None)
    if connection is None:
        raise ScriptError(f"lookup_connection: there is no connection {shown_id(cid)} (any more)")
    return connection


@builtin("function skip_further_processing(cid: conn_id): bool")
def skip_further_processing(cid: Any) -> bool:
    """Look no more into the connection's packets, only count them; false if there is no such connection."""
    return bool(command("skip_further_processing", cid))


@builtin("function set_record_packets(cid: conn_id, do_record: bool): bool")
def set_record_packets(cid: Any, do_record: bool) -> bool:
    """Say whether the connection's packets go into the capture being written; false if there is no such
    connection."""
    return bool(command("set_record_packets", cid, do_record))


@builtin("function set_inactivity_timeout(cid: conn_id, t: interval): interval")
def set_inactivity_timeout(cid: Any, t: float) -> float:
    """Give a connection its own timeout and return the one it had; 0 if there is no such connection."""
    before = command("set_inactivity_timeout", cid, t, absent=None)
    return 0.0 if before is None else before


@builtin("function get_orig_seq(cid: conn_id): count")
def get_orig_seq(cid: Any) -> int:
    """Return the originator's highest TCP sequence number so far.

    It counts from the first one seen and goes on beyond 2^32.  For other than a TCP connection that is being
    followed there is a report and 0.
    """
    return _sequence("get_orig_seq", cid, True)


@builtin("function get_resp_seq(cid: conn_id): count")
def get_resp_seq(cid: Any) -> int:
    """Return the responder's highest TCP sequence number, like `get_orig_seq`."""
    return _sequence("get_resp_seq", cid, False)


def _sequence(function: str, cid: Any, is_orig: bool) -> int:
    number = command("get_seq", cid, is_orig, absent=None)
    if number is None:
        report_error(f"{function}: {shown_id(cid)} is no TCP connection that is being followed")
        return 0
    return int(number)


# ---- contents files ----------------------------------------------------------------------------------------


def _contents_files() -> dict[tuple[Any, ...], dict[int, BroFile]]:
    """The files scripts set, by connection: the engine knows paths, scripts want their file values back."""
    return context.current.state.setdefault("contents_files", {})  # type: ignore[no-any-return]


def _flow(cid: Any) -> tuple[Any, ...]:
    return (cid.orig_h, cid.orig_p, cid.resp_h, cid.resp_p)


@builtin("function set_contents_file(cid: conn_id, direction: count, f: file of string): bool")
def set_contents_file(cid: Any, direction: int, f: BroFile) -> bool:
    """Write what one side of a TCP connection sends, or both, to a file as it is reassembled.

    :param direction: CONTENTS_ORIG, CONTENTS_RESP, CONTENTS_BOTH, or CONTENTS_NONE to stop.
    :returns: false if there is no such connection.
    """
    if direction > _CONTENTS_BOTH:
        raise ScriptError(
            f"set_contents_file: {direction} is no direction; use CONTENTS_ORIG, _RESP, _BOTH or _NONE"
        )
    f.flush()
    if not command("set_contents_file", cid, direction, os.fsencode(f.name)):
        _unknown("set_contents_file", cid)
        return False
    files = _contents_files()
    if len(files) > 1000:  # connections end without telling; drop those that did
        for flow, known in list(files.items()):
            if not command("connection_exists", known[-1]):
                del files[flow]
    entry: dict[int, Any] = files.setdefault(_flow(cid), {-1: cid})
    for side in (_CONTENTS_ORIG, _CONTENTS_RESP):
        if direction == _CONTENTS_NONE:
            entry.pop(side, None)
        elif direction & side:
            entry[side] = f
    return True


@builtin("function get_contents_file(cid: conn_id, direction: count): file of string")
def get_contents_file(cid: Any, direction: int) -> BroFile:
    """Return the file that `set_contents_file` gave one side, CONTENTS_ORIG or CONTENTS_RESP.

    Raises an error if there is none.
    """
    if direction not in (_CONTENTS_ORIG, _CONTENTS_RESP):
        raise ScriptError("get_contents_file: the direction must be CONTENTS_ORIG or CONTENTS_RESP")
    found = _contents_files().get(_flow(cid), {}).get(direction)
    if found is None:
        raise ScriptError(f"get_contents_file: no contents file was set for {shown_id(cid)}")
    return found


# ---- thresholds --------------------------------------------------------------------------------------------


def _set_threshold(function: str, cid: Any, kind: str, is_orig: bool, value: float) -> bool:
    if command("set_threshold", cid, kind, is_orig, value):
        return True
    _unknown(function, cid)
    return False


def _get_threshold(function: str, cid: Any, kind: str, is_orig: bool) -> float:
    value = command("get_threshold", cid, kind, is_orig, absent=None)
    if value is None:
        _unknown(function, cid)
        return 0
    return value  # type: ignore[no-any-return]


@builtin("function set_current_conn_bytes_threshold(cid: conn_id, threshold: count, is_orig: bool): bool")
def set_current_conn_bytes_threshold(cid: Any, threshold: int, is_orig: bool) -> bool:
    """Raise `conn_bytes_threshold_crossed` when a side has sent that many payload bytes; 0 takes it back."""
    return _set_threshold("set_current_conn_bytes_threshold", cid, "bytes", is_orig, threshold)


@builtin("function set_current_conn_packets_threshold(cid: conn_id, threshold: count, is_orig: bool): bool")
def set_current_conn_packets_threshold(cid: Any, threshold: int, is_orig: bool) -> bool:
    """Raise `conn_packets_threshold_crossed` when a side has sent that many packets; 0 takes it back."""
    return _set_threshold("set_current_conn_packets_threshold", cid, "packets", is_orig, threshold)


@builtin("function set_current_conn_duration_threshold(cid: conn_id, threshold: interval): bool")
def set_current_conn_duration_threshold(cid: Any, threshold: float) -> bool:
    """Raise `conn_duration_threshold_crossed` when the connection has lasted that long; 0 takes it back."""
    return _set_threshold("set_current_conn_duration_threshold", cid, "duration", False, threshold)


@builtin("function get_current_conn_bytes_threshold(cid: conn_id, is_orig: bool): count")
def get_current_conn_bytes_threshold(cid: Any, is_orig: bool) -> int:
    """Return the threshold set on a side's payload bytes, 0 if there is none."""
    return int(_get_threshold("get_current_conn_bytes_threshold", cid, "bytes", is_orig))


@builtin("function get_current_conn_packets_threshold(cid: conn_id, is_orig: bool): count")
def get_current_conn_packets_threshold(cid: Any, is_orig: bool) -> int:
    """Return the threshold set on a side's packets, 0 if there is none."""
    return int(_get_threshold("get_current_conn_packets_threshold", cid, "packets", is_orig))


@builtin("function get_current_conn_duration_threshold(cid: conn_id): interval")
def get_current_conn_duration_threshold(cid: Any) -> float:
    """Return the threshold set on the connection's duration, 0 if there is none."""
    return float(_get_threshold("get_current_conn_duration_threshold", cid, "duration", False))


# ---- analyzers ---------------------------------------------------------------------------------------------


@builtin("function current_analyzer(): count")
def current_analyzer() -> int:
    """Return the number of the analyzer that raised the event being handled, 0 if none did."""
    return int(command("current_analyzer", absent=0))


@builtin("function lookup_connection_analyzer_id(cid: conn_id, atype: AllAnalyzers::Tag): count")
def lookup_connection_analyzer_id(cid: Any, atype: EnumValue) -> int:
    """Return the number of a connection's analyzer of this kind, 0 if it has none."""
    return int(command("lookup_connection_analyzer_id", cid, atype.name, absent=0) or 0)


@builtin(
    "function disable_analyzer(cid: conn_id, aid: count, err_if_no_conn: bool &default=T, "
    "prevent: bool &default=F): bool"
)
def disable_analyzer(cid: Any, aid: int, err_if_no_conn: bool = True, prevent: bool = False) -> bool:
    """Remove an analyzer from a connection.

    Scripts can veto that by ending the hook `Analyzer::disabling_analyzer` with ``break``.

    :param aid: the analyzer's number, as from `current_analyzer`.
    :param err_if_no_conn: report if there is no such connection.
    :param prevent: keep analyzers of its kind from being attached again.
    :returns: true if the analyzer was there and goes.
    """
    hook = global_value("Analyzer::disabling_analyzer", None)
    if hook is not None:
        tag = command("analyzer_tag", cid, aid, absent=None)
        if tag is not None and not hook(lookup_connection(cid), enum_value("AllAnalyzers::Tag", tag), aid):
            return False
    found = command("disable_analyzer", cid, aid, prevent, absent=None)
    if found is None and err_if_no_conn:
        _unknown("disable_analyzer", cid)
    return bool(found)


@builtin(
    "function match_signatures(c: connection, pattern_type: int, s: string, bol: bool, eol: bool, "
    "from_orig: bool, clear: bool): bool"
)
def match_signatures(
    c: Any, pattern_type: int, s: bytes, bol: bool, eol: bool, from_orig: bool, clear: bool
) -> bool:
    """Feed a string to the signature matcher as content of a connection.

    :param pattern_type: which conditions of signatures to try, by the engine's number for them.
    :param bol: the string begins the content.
    :param eol: the string ends the content.
    :param from_orig: the originator sent it.
    :param clear: forget what was matched before.
    """
    return bool(command("match_signatures", c.id, pattern_type, s, bol, eol, from_orig, clear))


@builtin("function set_file_handle(handle: string): any")
def set_file_handle(handle: bytes) -> None:
    """Say to which file the content belongs that an analyzer is about to hand over; for handlers of
    `get_file_handle`.

    Content with the same handle is the same file.
    """
    command("set_file_handle", handle)


@builtin('function decode_base64_conn(cid: conn_id, s: string, a: string &default=""): string')
def decode_base64_conn(cid: Any, s: bytes, a: bytes = b"") -> bytes:
    """Decode Base64 that came over a connection; a string that is none is a weird of it and gives an empty
    one.
    """
    from bro.runtime.builtins.escaping import base64_decoded
    from bro.runtime.builtins.reporter import conn_weird

    decoded = base64_decoded(s, a, "decode_base64_conn")
    if decoded is not None:
        return decoded
    connection = command("lookup_connection", cid, absent=None)
    if connection is None:
        report_error(f"decode_base64_conn: {shown(s)} is not valid Base64")
    else:
        conn_weird(b"base64_illegal_encoding", connection, shown(s).encode())
    return b""


@builtin("function skip_http_entity_data(c: connection, is_orig: bool): any")
def skip_http_entity_data(c: Any, is_orig: bool) -> None:
    """Look no more into the body of the HTTP message that this side is sending."""
    command("skip_http_entity_data", c.id, is_orig)


@builtin("function skip_smtp_data(c: connection): any")
def skip_smtp_data(c: Any) -> None:
    """Look no more into the mail that is being sent."""
    command("skip_smtp_data", c.id)


@builtin("function get_login_state(cid: conn_id): count")
def get_login_state(cid: Any) -> int:
    """How far the authentication dialog of an interactive login is: one of the constants `LOGIN_STATE_...`.

    That of a connection without such an analyzer is `LOGIN_STATE_AUTHENTICATE`, and an error is reported.
    """
    state = command("get_login_state", cid, absent=None)
    if state is None:
        _unknown("get_login_state", cid)
        return 0
    return int(state)


@builtin("function set_login_state(cid: conn_id, new_state: count): bool")
def set_login_state(cid: Any, new_state: int) -> bool:
    """Tells the analyzer of an interactive login how far the dialog is, for instance to skip the rest.

    Returns F if the connection has no such analyzer.  Other numbers than those of `LOGIN_STATE_...` are an
    error.
    """
    if not 0 <= new_state <= 3:
        raise ScriptError(f"set_login_state: {new_state} is no LOGIN_STATE_... (0 to 3)")
    return bool(command("set_login_state", cid, new_state, absent=False))
