"""Input readers: a subclass of `Reader` with a `name` gives the value ``Input::READER_NAME``."""

from __future__ import annotations
