"""The writer that stores nothing."""

from __future__ import annotations

from typing import Any

from bro.logging.settings import setting
from bro.logging.writers.base import Writer


class NoneWriter(Writer):
    """Takes rows and forgets them; with ``LogNone::debug`` it tells what it is asked to do."""

    def init(self) -> None:
        if setting("LogNone::debug", False):
            print(f"[logging::writer::None] path={self.info.path}")
            for name, value in sorted(self.info.config.items()):
                print(f"[logging::writer::None]   {name}={value}")
            for number, column in enumerate(self.info.columns):
                print(f"[logging::writer::None] field {number}: {column.name} ({column.kind})")

    def write(self, row: list[Any]) -> None:
        pass

    def rotate(self, to: str, closed: float) -> bool:
        if setting("LogNone::debug", False):
            print(f"[logging::writer::None] rotate {self.info.path} to {to}")
        return True
