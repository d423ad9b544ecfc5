"""Hash computations in progress."""

from __future__ import annotations

from typing import Any


class Digest:
    """One computation: fed piece by piece, finished once."""

    bro_type = ""
    algorithm = ""

    __slots__ = ("result", "state")

    def __init__(self) -> None:
        import hashlib

        self.state: Any = hashlib.new(self.algorithm, usedforsecurity=False)
        self.result: bytes | None = None

    def update(self, data: bytes) -> bool:
        """Take in more; false if the computation is finished."""
        if self.result is not None:
            return False
        self.state.update(data)
        return True

    def finish(self) -> bytes:
        """Return the digest in lower-case hexadecimal; asking again gives the same."""
        if self.result is None:
            self.result = self.state.hexdigest().encode()
        return self.result

    def __bro_copy__(self) -> Digest:
        """Return an independent computation that has seen the same data."""
        result = type(self).__new__(type(self))
        result.state = self.state.copy()
        result.result = self.result
        return result


class Md5(Digest):
    """MD5 (RFC 1321)."""

    bro_type = algorithm = "md5"


class Sha1(Digest):
    """SHA-1 (RFC 3174)."""

    bro_type = algorithm = "sha1"


class Sha224(Digest):
    """SHA-224 (RFC 6234)."""

    bro_type = algorithm = "sha224"


class Sha256(Digest):
    """SHA-256 (RFC 6234)."""

    bro_type = algorithm = "sha256"


class Sha384(Digest):
    """SHA-384 (RFC 6234)."""

    bro_type = algorithm = "sha384"


class Sha512(Digest):
    """SHA-512 (RFC 6234)."""

    bro_type = algorithm = "sha512"
