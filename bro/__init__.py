"""Bro: a network monitor.

Packets come in, the engine (`bro._engine`, in Rust) reduces them to events, and policy scripts, written in
the Bro language and compiled to Python, run over the events.  The command is `bro`; see `bro.cli`.
"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
