"""How many examples the property tests make."""

from __future__ import annotations

import os


def examples(usual: int) -> int:
    """As many as usual, or as the environment variable BRO_EXAMPLES says, for long runs."""
    return int(os.environ.get("BRO_EXAMPLES", usual))
