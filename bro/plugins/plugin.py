"""What a plugin consists of, and what scripts see of it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from bro.plugins.analyzer import Analyzer, FileAnalyzer
from bro.plugins.events import Event
from bro.plugins.packets import PacketSource
from bro.plugins.readers import Reader
from bro.plugins.writers import Writer
from bro.runtime.builtins.registry import BUILTINS

#: classes that components derive from
Component = type[Analyzer] | type[FileAnalyzer] | type[PacketSource] | type[Reader] | type[Writer]

_BASES: Final = (Analyzer, FileAnalyzer, PacketSource, Reader, Writer)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(::[A-Za-z_][A-Za-z0-9_]*)*")
_TAG: Final = re.compile(r"[A-Z][A-Z0-9_]*")


class PluginError(Exception):
    """A plugin that cannot be used; the text names it and says why."""


class Plugin:
    """A set of components with a name and a version.

    A file of one's own needs none: it then is a plugin of its name that consists of everything defined in it.
    """

    def __init__(
        self,
        name: str,
        *,
        version: str = "0.0",
        about: str = "",
        components: Iterable[Component | Event | Callable[..., Any]] = (),
        events: str = "",
        signatures: str = "",
        scripts: Sequence[str | os.PathLike[str]] = (),
    ) -> None:
        """Put a plugin together.

        :param name: such as ``"Demo::Echo"``, as `@load-plugin` and ``bro -N`` have it.
        :param about: one line of what it is.
        :param components: classes of analyzers, file analyzers, log writers, input readers and packet
            sources; events; functions made built-in by `builtin`.
        :param events: further declarations in Bro's syntax.
        :param signatures: further signatures.
        :param scripts: paths of policy scripts (or folders with a ``__load__.bro``) loaded with it.
        :raises PluginError: something in it is no component, or has no proper name.
        """
        if not _NAME.fullmatch(name):
            raise PluginError(f'"{name}" is no name of a plugin: it is made of words and "::"')
        self.name = name
        self.version = version
        self.about = about
        self.events = events
        self.signatures = signatures
        self.scripts = [os.path.abspath(os.fspath(path)) for path in scripts]
        self.analyzers: list[type[Analyzer]] = []
        self.file_analyzers: list[type[FileAnalyzer]] = []
        self.packet_sources: list[type[PacketSource]] = []
        self.readers: list[type[Reader]] = []
        self.writers: list[type[Writer]] = []
        self.declared: list[Event] = []
        #: signatures of its built-in functions
        self.functions: list[str] = []
        for component in components:
            self._add(component)

    def _add(self, component: Any) -> None:
        if isinstance(component, Event):
            self.declared.append(component)
        elif isinstance(component, type) and issubclass(component, _BASES):
            for base, known in zip(_BASES, self._classes(), strict=True):
                if issubclass(component, base):
                    known.append(component)
            if issubclass(component, PacketSource):
                if not component.prefix:
                    raise self._error(f"the packet source {component.__name__} has no prefix")
            elif not _TAG.fullmatch(component_name(component)):
                raise self._error(
                    f'{component.__name__}: "{component_name(component)}" is no name for a tag: '
                    "it is made of capital letters, digits and underscores"
                )
            declared = getattr(component, "events", ())
            if not isinstance(declared, str):
                self.declared += [event for event in declared if event not in self.declared]
        elif callable(component) and (found := signature_of(component)):
            self.functions.append(found)
        else:
            raise self._error(f"{component!r} is no component; those derive from classes of bro.plugins")

    def _classes(self) -> tuple[list[Any], ...]:
        return (self.analyzers, self.file_analyzers, self.packet_sources, self.readers, self.writers)

    def _error(self, text: str) -> PluginError:
        return PluginError(f"plugin {self.name}: {text}")

    def __repr__(self) -> str:
        return f"<plugin {self.name} {self.version}>"

    def names(self) -> list[str]:
        """What its components go by; no two plugins in use may share a name."""
        kinds = (
            ("Analyzer::ANALYZER_", self.analyzers),
            ("Files::ANALYZER_", self.file_analyzers),
            ("Input::READER_", self.readers),
            ("Log::WRITER_", self.writers),
        )
        found = [prefix + component_name(cls) for prefix, classes in kinds for cls in classes]
        return found + [f"the packet source {cls.prefix}::" for cls in self.packet_sources]

    # ---- what scripts see ----------------------------------------------------------------------------------

    def declarations(self) -> list[tuple[str, str]]:
        """Texts in Bro's syntax, each with a name for messages: tags, events, and what is done at start."""
        texts = []
        lines = [*self._tags(), *(f"# {signature}" for signature in self.functions)]
        ports = ", ".join(dict.fromkeys(port for cls in self.analyzers for port in cls.ports))
        if ports:
            lines += ["module GLOBAL;", f"redef likely_server_ports += {{ {ports} }};"]
        if lines:
            texts.append((self._named("tags"), "\n".join(lines) + "\n"))
        events = [("events", self.events)]
        parsers: list[Any] = [*self.analyzers, *self.file_analyzers]
        events += [(component_name(cls), cls.events) for cls in parsers if isinstance(cls.events, str)]
        events += [(event.name, event.text) for event in self.declared]
        texts += [(self._named(what), text) for what, text in events if text.strip()]
        start = "".join(self._start())
        if start:
            texts.append((self._named("start"), f"event zeek_init() &priority=5\n\t{{\n{start}\t}}\n"))
        return texts

    def _named(self, what: str) -> str:
        return f"<plugin {self.name}>/{what}"

    def _tags(self) -> list[str]:
        found = []
        for classes, module, type_, prefix in (
            (self.analyzers, "Analyzer", "Tag", "ANALYZER_"),
            (self.file_analyzers, "Files", "Tag", "ANALYZER_"),
            (self.readers, "Input", "Reader", "READER_"),
            (self.writers, "Log", "Writer", "WRITER_"),
        ):
            for cls in classes:
                value = prefix + component_name(cls)
                # Tags of protocols that the monitor knows but does not analyze are there already.
                found += [
                    f"@ifndef ( {module}::{value} )",
                    f"module {module};",
                    f"export {{ redef enum {type_} += {{ {value} }}; }}",
                    "@endif",
                ]
        return found

    def _start(self) -> Iterable[str]:
        for cls in self.analyzers:
            ports = ", ".join(cls.ports)
            if ports:
                tag = f"Analyzer::ANALYZER_{component_name(cls)}"
                yield f"\tAnalyzer::register_for_ports({tag}, set({ports}));\n"
        for file in self.file_analyzers:
            types = ", ".join(f'"{mime}"' for mime in file.mime_types)
            if types:
                tag = f"Files::ANALYZER_{component_name(file)}"
                yield f"\tFiles::register_for_mime_types({tag}, set({types}));\n"

    def signature_files(self) -> list[tuple[str, bytes]]:
        """Files of signatures: name for messages, content."""
        texts = [("signatures", self.signatures)]
        parsers: list[Any] = [*self.analyzers, *self.file_analyzers]
        texts += [(component_name(cls), cls.signatures) for cls in parsers]
        return [(self._named(what), text.encode()) for what, text in texts if text.strip()]


def component_name(cls: type[Any]) -> str:
    """The name of a component, as in its tag."""
    return str(getattr(cls, "name", "") or cls.__name__.upper())


def signature_of(function: Callable[..., Any]) -> str:
    """The signature of a built-in function; empty for any other."""
    for known in BUILTINS.values():
        if known.is_of(function):
            return known.signature
    return ""


def is_component(value: Any, module: str) -> bool:
    """Whether a value of a module is a component that is defined there."""
    if isinstance(value, type):
        return issubclass(value, _BASES) and value not in _BASES and value.__module__ == module
    if isinstance(value, Event):
        return True
    return getattr(value, "__module__", None) == module and callable(value) and bool(signature_of(value))
