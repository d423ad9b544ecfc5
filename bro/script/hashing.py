"""BLAKE2b, which digests of scripts are made with: what hashlib gives, without loading OpenSSL for it."""

try:
    from _blake2 import blake2b
except ImportError:  # another Python than CPython
    from hashlib import blake2b

__all__ = ["blake2b"]
