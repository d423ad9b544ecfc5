"""Hashes: cryptographic ones at once and piece by piece, keyed ones, FNV, rendezvous weights, Community
ID."""

from __future__ import annotations

from typing import Any

from bro.runtime.builtins._support import report_error
from bro.runtime.builtins.conversion import cat
from bro.runtime.builtins.random import process_key
from bro.runtime.builtins.registry import builtin
from bro.runtime.errors import ScriptError
from bro.runtime.opaques.digests import Digest, Md5, Sha1, Sha224, Sha256, Sha384, Sha512
from bro.runtime.opaques.encoding import encode


def _hexdigest(algorithm: str, values: tuple[Any, ...]) -> bytes:
    import hashlib

    data = values[0] if len(values) == 1 and type(values[0]) is bytes else cat(*values)
    return hashlib.new(algorithm, data, usedforsecurity=False).hexdigest().encode()


def _hmac(algorithm: str, values: tuple[Any, ...]) -> bytes:
    import hmac

    return hmac.new(process_key("hmac"), cat(*values), algorithm).hexdigest().encode()


def _update(handle: Digest, data: bytes) -> bool:
    if handle.update(data):
        return True
    report_error(f"{handle.bro_type}_hash_update: the computation is finished already; begin a new one")
    return False


@builtin("function md5_hmac(...): string")
def md5_hmac(*values: Any) -> bytes:
    """Return the HMAC-MD5 (RFC 2104), in hexadecimal, of the values as `cat` joins them, with this run's
    secret key.

    The key is drawn at random when the program starts, or derived from the seed it was started with.
    """
    return _hmac("md5", values)


@builtin("function sha256_hmac(...): string")
def sha256_hmac(*values: Any) -> bytes:
    """Return the HMAC-SHA256 (RFC 2104), in hexadecimal, of the values as `cat` joins them; key as for
    `md5_hmac`."""
    return _hmac("sha256", values)


@builtin("function md5_hash(...): string")
def md5_hash(*values: Any) -> bytes:
    """Return the MD5 digest, in hexadecimal, of the values as `cat` joins them."""
    return _hexdigest("md5", values)


@builtin("function md5_hash_init(): opaque of md5")
def md5_hash_init() -> Md5:
    """Begin a MD5 computation over data that comes in pieces."""
    return Md5()


@builtin("function md5_hash_update(handle: opaque of md5, data: string): bool")
def md5_hash_update(handle: Md5, data: bytes) -> bool:
    """Feed the next piece; once the computation is finished that is reported and gives false."""
    return _update(handle, data)


@builtin("function md5_hash_finish(handle: opaque of md5): string")
def md5_hash_finish(handle: Md5) -> bytes:
    """End the computation and return the digest in hexadecimal."""
    return handle.finish()


@builtin("function sha1_hash(...): string")
def sha1_hash(*values: Any) -> bytes:
    """Return the SHA-1 digest, in hexadecimal, of the values as `cat` joins them."""
    return _hexdigest("sha1", values)


@builtin("function sha1_hash_init(): opaque of sha1")
def sha1_hash_init() -> Sha1:
    """Begin a SHA-1 computation over data that comes in pieces."""
    return Sha1()


@builtin("function sha1_hash_update(handle: opaque of sha1, data: string): bool")
def sha1_hash_update(handle: Sha1, data: bytes) -> bool:
    """Feed the next piece; once the computation is finished that is reported and gives false."""
    return _update(handle, data)


@builtin("function sha1_hash_finish(handle: opaque of sha1): string")
def sha1_hash_finish(handle: Sha1) -> bytes:
    """End the computation and return the digest in hexadecimal."""
    return handle.finish()


@builtin("function sha224_hash(...): string")
def sha224_hash(*values: Any) -> bytes:
    """Return the SHA-224 digest, in hexadecimal, of the values as `cat` joins them."""
    return _hexdigest("sha224", values)


@builtin("function sha224_hash_init(): opaque of sha224")
def sha224_hash_init() -> Sha224:
    """Begin a SHA-224 computation over data that comes in pieces."""
    return Sha224()


@builtin("function sha224_hash_update(handle: opaque of sha224, data: string): bool")
def sha224_hash_update(handle: Sha224, data: bytes) -> bool:
    """Feed the next piece; once the computation is finished that is reported and gives false."""
    return _update(handle, data)


@builtin("function sha224_hash_finish(handle: opaque of sha224): string")
def sha224_hash_finish(handle: Sha224) -> bytes:
    """End the computation and return the digest in hexadecimal."""
    return handle.finish()


@builtin("function sha256_hash(...): string")
def sha256_hash(*values: Any) -> bytes:
    """Return the SHA-256 digest, in hexadecimal, of the values as `cat` joins them."""
    return _hexdigest("sha256", values)


@builtin("function sha256_hash_init(): opaque of sha256")
def sha256_hash_init() -> Sha256:
    """Begin a SHA-256 computation over data that comes in pieces."""
    return Sha256()


@builtin("function sha256_hash_update(handle: opaque of sha256, data: string): bool")
def sha256_hash_update(handle: Sha256, data: bytes) -> bool:
    """Feed the next piece; once the computation is finished that is reported and gives false."""
    return _update(handle, data)


@builtin("function sha256_hash_finish(handle: opaque of sha256): string")
def sha256_hash_finish(handle: Sha256) -> bytes:
    """End the computation and return the digest in hexadecimal."""
    return handle.finish()


@builtin("function sha384_hash(...): string")
def sha384_hash(*values: Any) -> bytes:
    """Return the SHA-384 digest, in hexadecimal, of the values as `cat` joins them."""
    return _hexdigest("sha384", values)


@builtin("function sha384_hash_init(): opaque of sha384")
def sha384_hash_init() -> Sha384:
    """Begin a SHA-384 computation over data that comes in pieces."""
    return Sha384()


@builtin("function sha384_hash_update(handle: opaque of sha384, data: string): bool")
def sha384_hash_update(handle: Sha384, data: bytes) -> bool:
    """Feed the next piece; once the computation is finished that is reported and gives false."""
    return _update(handle, data)


@builtin("function sha384_hash_finish(handle: opaque of sha384): string")
def sha384_hash_finish(handle: Sha384) -> bytes:
    """End the computation and return the digest in hexadecimal."""
    return handle.finish()


@builtin("function sha512_hash(...): string")
def sha512_hash(*values: Any) -> bytes:
    """Return the SHA-512 digest, in hexadecimal, of the values as `cat` joins them."""
    return _hexdigest("sha512", values)


@builtin("function sha512_hash_init(): opaque of sha512")
def sha512_hash_init() -> Sha512:
    """Begin a SHA-512 computation over data that comes in pieces."""
    return Sha512()


@builtin("function sha512_hash_update(handle: opaque of sha512, data: string): bool")
def sha512_hash_update(handle: Sha512, data: bytes) -> bool:
    """Feed the next piece; once the computation is finished that is reported and gives false."""
    return _update(handle, data)


@builtin("function sha512_hash_finish(handle: opaque of sha512): string")
def sha512_hash_finish(handle: Sha512) -> bytes:
    """End the computation and return the digest in hexadecimal."""
    return handle.finish()


def _fnv1a(data: bytes, state: int, prime: int, mask: int) -> int:
    for byte in data:
        state = (state ^ byte) * prime & mask
    return state


@builtin("function fnv1a32(input: any): count")
def fnv1a32(value: Any) -> int:
    """Return the 32-bit FNV-1a hash of a string's bytes, of a number's eight bytes (least significant first),
    and so on.

    Raises an error for functions, files and opaque values.
    """
    return _fnv1a(_encoded("fnv1a32", value), 0x811C9DC5, 0x01000193, 0xFFFFFFFF)


@builtin("function fnv1a64(input: any): count")
def fnv1a64(value: Any) -> int:
    """Return the 64-bit FNV-1a hash of the bytes that `fnv1a32` takes."""
    return _fnv1a(_encoded("fnv1a64", value), 0xCBF29CE484222325, 0x00000100000001B3, 0xFFFFFFFFFFFFFFFF)


def _encoded(function: str, value: Any) -> bytes:
    try:
        return encode(value)
    except ScriptError as error:
        raise ScriptError(f"{function}: {error}") from None


@builtin("function hrw_weight(key_digest: count, site_id: count): count")
def hrw_weight(key_digest: int, site_id: int) -> int:
    """Return the weight of a site for a key in rendezvous hashing: the site with the highest weight takes the
    key.

    The function of Thaler and Ravishankar 1996, over 31 bits; sites with consecutive numbers spread keys
    evenly.
    """
    mask = 0x7FFFFFFF
    mixed = (1103515245 * (site_id & mask) + 12345) & mask ^ key_digest & mask
    return (1103515245 * mixed + 12345) & mask


# Community ID: for these ICMP types the other direction of the exchange has this type.
_ICMP4_PAIRS = {0: 8, 8: 0, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17, 10: 9, 9: 10}
_ICMP6_PAIRS = {
    128: 129,
    129: 128,
    133: 134,
    134: 133,
    135: 136,
    136: 135,
    130: 131,
    131: 130,
    144: 145,
    145: 144,
}
_PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1}


@builtin("function community_id_v1(cid: conn_id, seed: count &default=0, do_base64: bool &default=T): string")
def community_id_v1(cid: Any, seed: int = 0, do_base64: bool = True) -> bytes:
    """Return the Community ID (version 1) of a flow, the same for both directions.

    :param seed: 16 bits that keep the ids of different sites apart; more are an error.
    :param do_base64: Base64, as the specification wants it; otherwise hexadecimal.
    """
    import hashlib

    if seed > 0xFFFF:
        raise ScriptError(f"community_id_v1: the seed has 16 bits, so {seed} is too large")
    source, target = cid.orig_h.packed, cid.resp_h.packed
    source_port, target_port = cid.orig_p.number, cid.resp_p.number
    one_way = False
    protocol = _PROTOCOLS.get(cid.resp_p.proto)
    if protocol == 1:
        pairs = _ICMP4_PAIRS
        if len(source) == 16:
            protocol, pairs = 58, _ICMP6_PAIRS
        answer = pairs.get(source_port)
        one_way = answer is None
        if answer is not None:
            target_port = answer
    elif protocol is None:
        protocol = getattr(cid, "proto", None)
        if protocol is None or protocol > 255:
            raise ScriptError("community_id_v1: the transport protocol of this flow is not known")
    if not one_way and (source, source_port) > (target, target_port):
        source, target, source_port, target_port = target, source, target_port, source_port
    data = seed.to_bytes(2, "big") + source + target + bytes([protocol, 0])
    if cid.resp_p.proto != "unknown":
        data += source_port.to_bytes(2, "big") + target_port.to_bytes(2, "big")
    digest = hashlib.sha1(data, usedforsecurity=False)
    if not do_base64:
        return b"1:" + digest.hexdigest().encode()
    from base64 import b64encode

    return b"1:" + b64encode(digest.digest())
