"""Strings for people: escaping, hex dumps, hexadecimal and Base64."""

from __future__ import annotations

from bro.runtime.builtins._support import report_error, shown
from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import ScriptError

#: One replacement a byte value, filled at import: 256 short strings are cheaper than a test per byte.
_CLEAN = [bytes([byte]) if 32 <= byte <= 126 else b"\\x%02x" % byte for byte in range(256)]
_ESCAPED = list(_CLEAN)
_ESCAPED[0x5C] = b"\\\\"
_LITERAL = list(_ESCAPED)
_LITERAL[0x22] = b'\\"'
_LITERAL[0x27] = b"\\'"

_BASE64_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@builtin("function clean(str: string): string")
def clean(text: bytes) -> bytes:
    r"""Replace each byte outside 32-126 by ``\xHH``.  A backslash stays, so the result cannot be read
    back."""
    return b"".join([_CLEAN[byte] for byte in text])


@builtin("function escape_string(s: string): string")
def escape_string(s: bytes) -> bytes:
    r"""Replace each byte outside 32-126 by ``\xHH`` and each backslash by two, so the result can be read
    back."""
    return b"".join([_ESCAPED[byte] for byte in s])


@builtin("function to_string_literal(str: string): string")
def to_string_literal(text: bytes) -> bytes:
    r"""Escape as for a string constant of the script language: like `escape_string`, and quotes get a
    backslash."""
    return b"".join([_LITERAL[byte] for byte in text])


@builtin("function safe_shell_quote(source: string): string")
def safe_shell_quote(source: bytes) -> bytes:
    """Quote for a shell: in double quotes, with a backslash before each ``$``, backquote, backslash and
    double quote.

    Everything that comes from traffic has to pass through here before it becomes part of a command.
    """
    source = source.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"$", b"\\$").replace(b"`", b"\\`")
    return b'"' + source + b'"'


@builtin("function hexdump(data_str: string): string")
def hexdump(data_str: bytes) -> bytes:
    """Lay out data 16 bytes a line: offset, two groups of eight in hexadecimal, and the printable bytes."""
    lines = []
    for offset in range(0, len(data_str), 16):
        row = data_str[offset : offset + 16]
        shown = bytes([byte if 32 <= byte <= 126 else 0x2E for byte in row])
        lines.append(
            b"%04x  %-23s  %-23s  %s %s"
            % (offset, row[:8].hex(" ").encode(), row[8:].hex(" ").encode(), shown[:8], shown[8:])
        )
    return b"".join([line.rstrip(b" ") + b"\n" for line in lines])


@builtin("function string_to_ascii_hex(s: string): string")
def string_to_ascii_hex(s: bytes) -> bytes:
    """Return two lower-case hexadecimal digits for every byte."""
    return s.hex().encode()


@builtin("function bytestring_to_hexstr(bytestring: string): string")
def bytestring_to_hexstr(bytestring: bytes) -> bytes:
    """Return two lower-case hexadecimal digits for every byte."""
    return bytestring.hex().encode()


@builtin("function hexstr_to_bytestring(hexstr: string): string")
def hexstr_to_bytestring(hexstr: bytes) -> bytes:
    """Read pairs of hexadecimal digits as bytes.

    An odd length or a character that is no hexadecimal digit is reported, and the result is the empty string.
    """
    from binascii import Error, unhexlify

    try:
        return unhexlify(hexstr)
    except Error as error:
        report_error(f"hexstr_to_bytestring: cannot convert {shown(hexstr)}: {error}")
        return b""


@builtin("function uuid_to_string(uuid: string): string")
def uuid_to_string(uuid: bytes) -> bytes:
    """Write the 16 bytes of a UUID in the grouped form of RFC 9562; other lengths give ``<Invalid UUID>``."""
    if len(uuid) != 16:
        return b"<Invalid UUID>"
    digits = uuid.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])).encode()


def _alphabet(function: str, alphabet: bytes) -> bytes:
    """Check a custom Base64 alphabet; the empty string stands for that of RFC 4648."""
    if not alphabet:
        return _BASE64_ALPHABET
    if len(alphabet) != 64 or len(set(alphabet)) != 64:
        raise ScriptError(
            f"{function}: a Base64 alphabet has 64 different characters, not {len(set(alphabet))}"
        )
    return alphabet


@builtin('function encode_base64(s: string, a: string &default=""): string')
def encode_base64(s: bytes, a: bytes = b"") -> bytes:
    """Encode in Base64 (RFC 4648, with padding), or with the 64 characters of `a` in place of its
    alphabet."""
    from base64 import b64encode

    encoded = b64encode(s)
    if not a:
        return encoded
    return encoded.translate(bytes.maketrans(_BASE64_ALPHABET, _alphabet("encode_base64", a)))


def base64_decoded(s: bytes, a: bytes, function: str) -> bytes | None:
    """Decode Base64; None if a character is foreign or the length is impossible.

    Padding may be missing, and what follows padding is not read: that is how encodings look in traffic.
    """
    from binascii import Error, a2b_base64

    alphabet = _alphabet(function, a)
    end = s.find(b"=")
    body = s if end < 0 else s[:end]
    if body.translate(None, alphabet) or len(body) % 4 == 1 or (end >= 0 and s[end:].strip(b"=")):
        return None
    if a:
        body = body.translate(bytes.maketrans(alphabet, _BASE64_ALPHABET))
    try:
        return a2b_base64(body + b"=" * (-len(body) % 4))
    except Error:
        return None


@builtin('function decode_base64(s: string, a: string &default=""): string')
def decode_base64(s: bytes, a: bytes = b"") -> bytes:
    """Decode Base64; padding may be missing.

    A character outside the alphabet, or a rest of six bits, is reported, and the result is the empty string.
    """
    decoded = base64_decoded(s, a, "decode_base64")
    if decoded is None:
        report_error(f"decode_base64: {shown(s)} is not valid Base64")
        return b""
    return decoded


@builtin('function is_valid_base64(s: string, a: string &default=""): bool')
def is_valid_base64(s: bytes, a: bytes = b"") -> bool:
    """Tell whether `decode_base64` would decode the string."""
    return base64_decoded(s, a, "is_valid_base64") is not None
