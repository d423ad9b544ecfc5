"""Addresses, subnets, ports and patterns: the classes of the engine, re-exported.

They are frozen, hashable and ordered, and made and compared without running Python code.
"""

from __future__ import annotations

from bro._engine import Addr, Pattern, Port, Subnet

__all__ = ["Addr", "Pattern", "Port", "Subnet"]
