"""An open backend of storage, as scripts hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bro.script.types import Type
    from bro.storage.backends import Backend


class BackendHandle:
    """A backend with the types of its keys and values."""

    bro_type = "Storage::BackendHandle"
    __slots__ = ("backend", "forced_sync", "key_type", "options", "tag", "value_type")

    def __init__(
        self, backend: Backend, tag: Any, options: Any, key_type: Type, value_type: Type, forced_sync: bool
    ) -> None:
        #: None once it is closed
        self.backend: Backend | None = backend
        self.tag = tag
        self.options = options
        self.key_type = key_type
        self.value_type = value_type
        self.forced_sync = forced_sync
