"""What can go wrong between Python and a program of scripts."""

from __future__ import annotations


class BroError(Exception):
    """A program that cannot be made or run, or a name or value that it does not know.

    The text says what is wrong, and where.
    """
