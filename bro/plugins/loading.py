"""Finding and importing plugins, and what the rest of the monitor asks of those that are in use.

A plugin is used because its file is on the command line, because a script says `@load-plugin NAME`, or
because it is installed and the monitor runs with the default scripts.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from bro.plugins.analyzer import Analyzer, FileAnalyzer
from bro.plugins.packets import PacketSource
from bro.plugins.plugin import Plugin, PluginError, component_name, is_component
from bro.plugins.reporting import described

#: those in use, by name, in the order in which they came
active: dict[str, Plugin] = {}


def activate(plugin: Plugin) -> Plugin:
    """Use a plugin.

    :raises PluginError: there is another of its name, or one with a component of the same name.
    """
    known = active.get(plugin.name)
    if known is not None and known is not plugin:
        raise PluginError(f"there are two plugins of the name {plugin.name}")
    theirs = {name: other for other in active.values() if other is not plugin for name in other.names()}
    for name in plugin.names():
        if name in theirs:
            raise PluginError(f"{name} is defined by the plugins {theirs[name].name} and {plugin.name}")
    active[plugin.name] = plugin
    _register(plugin)
    return plugin


def _register(plugin: Plugin) -> None:
    """Make writers and readers known to the frameworks, which ask for them by name."""
    if plugin.writers:
        from bro.logging.writers import register as register_writer
        from bro.plugins.writers import guarded as guarded_writer

        for writer in plugin.writers:
            register_writer(f"Log::WRITER_{component_name(writer)}", guarded_writer(plugin.name, writer))
    if plugin.readers:
        from bro.input.manager import register as register_reader
        from bro.plugins.readers import guarded as guarded_reader

        for reader in plugin.readers:
            register_reader(f"Input::READER_{component_name(reader)}", guarded_reader(plugin.name, reader))


def reset() -> None:
    """Use none, for a new program in the same process."""
    active.clear()


# ---- files -------------------------------------------------------------------------------------------------


def load_file(path: str) -> ModuleType:
    """Import a Python file of the command line, once, as the module ``bro_plugin_<its name>``.

    :raises PluginError: it cannot be read, or raises an exception.
    """
    real = os.path.realpath(path)
    stem = os.path.splitext(os.path.basename(path))[0]
    name = "bro_plugin_" + "".join(c if c.isalnum() else "_" for c in stem)
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", None) == real:
        return known
    if not os.path.isfile(real):
        raise PluginError(f"there is no file {path}")
    spec = importlib.util.spec_from_file_location(name, real)
    if spec is None or spec.loader is None:
        raise PluginError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    policies = sys.modules.get("bro.api.policy")
    mark = (0, 0) if policies is None else policies.default.mark()
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise PluginError(f"plugin {path} cannot be imported: {_reason(error)}") from error
    finally:
        policies = sys.modules.get("bro.api.policy")
        if policies is not None:
            module.__bro_policy__ = policies.default.split(mark)  # type: ignore[attr-defined]
    return module


def policy_of(path: str) -> Any:
    """The handlers and declarations of a Python file, which take part where it is named, or None."""
    return getattr(load_file(path), "__bro_policy__", None)


def use_file(path: str) -> Plugin | None:
    """Import a Python file and use the plugin in it; None if it defines no component.

    :raises PluginError: it cannot be imported, or what it defines cannot be used.
    """
    module = load_file(path)
    stem = module.__name__.removeprefix("bro_plugin_")
    plugin = _plugin_of(module, stem if stem.isidentifier() else f"_{stem}")
    return None if plugin is None else activate(plugin)


def _plugin_of(module: ModuleType, name: str) -> Plugin | None:
    """The plugin that a module defines: a `Plugin`, or all components in it."""
    kept: Plugin | None = getattr(module, "__bro_plugin__", None)
    if kept is not None:
        return kept
    values = list(vars(module).values())
    plugins = [value for value in values if isinstance(value, Plugin)]
    if len(plugins) > 1:
        raise PluginError(f"{module.__file__} defines {len(plugins)} plugins; a file has one")
    if plugins:
        found = plugins[0]
    else:
        components = [value for value in values if is_component(value, module.__name__)]
        if not components:
            return None
        about = (module.__doc__ or "").strip().partition("\n")[0].rstrip(".")
        version = str(getattr(module, "__version__", "0.0"))
        found = Plugin(name, version=version, about=about, components=dict.fromkeys(components))
    module.__bro_plugin__ = found  # type: ignore[attr-defined]
    return found


def _reason(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} ({error.filename}, line {error.lineno})"
    return described(error)


# ---- installed packages ------------------------------------------------------------------------------------


def load_entry_point(name: str, target: str) -> Plugin:
    """Import what an entry point refers to.

    :param target: ``module`` or ``module:attribute``.
    :raises PluginError: it cannot be imported, or is no plugin.
    """
    module_name, _, attribute = target.partition(":")
    try:
        module = importlib.import_module(module_name.strip())
        found: Any = module
        for part in attribute.strip().split(".") if attribute.strip() else ():
            found = getattr(found, part)
        if isinstance(found, ModuleType):
            found = _plugin_of(found, name)
    except PluginError:
        raise
    except (Exception, SystemExit) as error:
        raise PluginError(f"plugin {name} cannot be imported: {_reason(error)}") from error
    if not isinstance(found, Plugin):
        raise PluginError(f"plugin {name}: {target} is no bro.plugins.Plugin")
    return found


def use_installed() -> list[str]:
    """Use all installed plugins; what is wrong with those that cannot be used is returned."""
    from bro.installed import installed

    faults = []
    for name, target in installed():
        try:
            activate(load_entry_point(name, target))
        except PluginError as error:
            faults.append(str(error))
    return faults


def use_named(name: str) -> Plugin:
    """Use the plugin of a name, for `@load-plugin`.

    :raises PluginError: there is none, or it cannot be used.
    """
    known = active.get(name)
    if known is not None:
        return known
    from bro.installed import installed

    names = []
    for entry, target in installed():
        # The entry point's name is the plugin's, or what packaging makes of it.
        if _plain(entry) == _plain(name):
            return activate(load_entry_point(entry, target))
        names.append(entry)
    hint = f"installed are {', '.join(names)}" if names else "none is installed"
    raise PluginError(f'there is no plugin "{name}" ({hint})')


def _plain(name: str) -> str:
    return name.replace("::", "_").replace("-", "_").replace(".", "_").lower()


# ---- what the monitor asks ---------------------------------------------------------------------------------


def digest(plugin: Plugin) -> bytes:
    """A hash of everything in a plugin that compiled scripts depend on."""
    return hashlib.blake2b(repr((plugin.declarations(), plugin.scripts)).encode(), digest_size=20).digest()


def texts() -> list[tuple[str, list[tuple[str, str]], list[str]]]:
    """What scripts see of the plugins in use: name, declarations, scripts to load."""
    return [(plugin.name, plugin.declarations(), plugin.scripts) for plugin in active.values()]


def blamed(text: str) -> list[str]:
    """Names of the plugins in use that a message of the compiler is about."""
    return [
        plugin.name
        for plugin in active.values()
        if f"<plugin {plugin.name}>/" in text or any(path in text for path in plugin.scripts)
    ]


def signature_files() -> list[tuple[str, bytes]]:
    """The signatures of the plugins in use."""
    return [file for plugin in active.values() for file in plugin.signature_files()]


def _component(plugin: Plugin, cls: type[Any], base: type[Any], module: str) -> dict[str, Any]:
    calls = {
        name
        for name in vars(base)
        if not name.startswith("_")
        and callable(getattr(base, name))
        and getattr(cls, name) is not getattr(base, name)
    }
    return {
        "tag": f"{module}::ANALYZER_{component_name(cls)}",
        "name": component_name(cls),
        "about": (cls.__doc__ or "").strip().partition("\n")[0],
        "plugin": plugin.name,
        "class": cls,
        "calls": calls,
        "handles_partial": bool(getattr(cls, "handles_partial", False)),
    }


def analyzers() -> list[dict[str, Any]]:
    """The analyzers of the plugins in use, as the engine takes them."""
    return [_component(p, cls, Analyzer, "Analyzer") for p in active.values() for cls in p.analyzers]


def file_analyzers() -> list[dict[str, Any]]:
    """The file analyzers of the plugins in use, as the engine takes them."""
    return [_component(p, cls, FileAnalyzer, "Files") for p in active.values() for cls in p.file_analyzers]


def packet_sources() -> dict[str, tuple[Plugin, type[PacketSource]]]:
    """The packet sources of the plugins in use, by their prefixes."""
    return {cls.prefix: (p, cls) for p in active.values() for cls in p.packet_sources}


def open_sources(wanted: Iterable[tuple[str, str]]) -> list[tuple[str, int, bool, Any]]:
    """Open packet sources: name, link type, whether it is live, and the iterator of packets.

    :param wanted: pairs of prefix and what to open.
    :raises PluginError: there is no such source, or it cannot be opened.
    """
    found: list[tuple[str, int, bool, Any]] = []
    known = packet_sources()
    for prefix, what in wanted:
        if prefix not in known:
            there = ", ".join(known) or "there is none"
            raise PluginError(
                f'{prefix}::{what}: no plugin has packet sources of the prefix "{prefix}" ({there})'
            )
        plugin, cls = known[prefix]
        try:
            source = cls(what)
            found.append((f"{prefix}::{what}", int(source.link_type), bool(source.is_live), source.packets()))
        except Exception as error:
            raise PluginError(
                f"{prefix}::{what}: the packet source of plugin {plugin.name} cannot be opened: "
                f"{described(error)}"
            ) from error
    return found
