"""`bro lsp`: a language server over standard input and output, for editors.

It needs the package pygls, which is an extra: ``pip install 'bro-nsm[lsp]'``.
"""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from argparse import ArgumentParser
from typing import Any, Final

from bro import __version__

#: Seconds without typing after which a file is checked.
PAUSE: Final = 0.15

#: Exit code where the package is missing.
MISSING: Final = 2

_NEEDED = "bro lsp needs the Python package pygls, which is not installed: pip install 'bro-nsm[lsp]'"


def main(argv: list[str]) -> int:
    """Run `bro lsp` and return its exit code."""
    parser = ArgumentParser(
        prog="bro lsp",
        description="A language server over standard input and output: mistakes as you type, go to "
        "definition, "
        "documentation, completion, outlines, formatting. Editors start it.",
    )
    parser.add_argument("-b", "--bare", action="store_true", help="without the default scripts")
    parser.add_argument(
        "--stdio", action="store_true", help="over standard input and output, which it does anyway"
    )
    arguments = parser.parse_args(argv)
    try:
        import pygls.lsp.server  # noqa: F401
    except ImportError:
        print(_NEEDED, file=sys.stderr)
        return MISSING
    make_server(arguments.bare).start_io()
    return 0


def make_server(bare: bool = False) -> Any:
    """The server with its features."""
    from lsprotocol import types as lsp
    from pygls.lsp.server import LanguageServer
    from pygls.uris import from_fs_path, to_fs_path

    from bro.script.diagnostics import Source
    from bro.tools.fmt import formatted
    from bro.tools.formatter import FormatError
    from bro.tools.index import Definition
    from bro.tools.lint import ERROR
    from bro.tools.workspace import Workspace

    server = LanguageServer("bro", __version__)
    workspace = Workspace(bare)

    def path_of(uri: str) -> str:
        return to_fs_path(uri) or uri

    def range_of(source: Source, start: int, end: int) -> Any:
        return lsp.Range(position(source, start), position(source, max(start, end)))

    def position(source: Source, offset: int) -> Any:
        line, column = source.position(min(offset, len(source.text)))
        before = source.line_text(line)[:column].encode("latin-1").decode("utf-8", "replace")
        return lsp.Position(line - 1, len(before.encode("utf-16-le")) // 2)

    def offset_of(source: Source, place: Any) -> int:
        if place.line >= len(source.lines):
            return len(source.text)
        text = source.line_text(place.line + 1).encode("latin-1").decode("utf-8", "replace")
        before = text.encode("utf-16-le")[: place.character * 2].decode("utf-16-le", "ignore")
        begin: int = source.lines[place.line]
        return begin + len(before.encode())

    uris: dict[str, str] = {}  #: what the editor calls the files that are open, by real path
    #: checks of changed files that are about to come
    soon: dict[str, asyncio.TimerHandle] = {}

    def check(uri: str, version: int | None) -> None:
        """Tell what is wrong in a file that was opened or changed, and in those that load it."""
        put_off(uri)
        uris[os.path.realpath(path_of(uri))] = uri
        workspace.open(path_of(uri), server.workspace.get_text_document(uri).source)
        tell(uri, version)
        tell_others(uri, workspace.loading(path_of(uri)))

    def check_later(uri: str, version: int | None) -> None:
        """`check` called by the event loop, which would keep a fault to itself."""
        try:
            check(uri, version)
        except Exception:
            what = f"bro lsp could not check {path_of(uri)}, by a fault of its own:\n{traceback.format_exc()}"
            server.window_log_message(lsp.LogMessageParams(lsp.MessageType.Error, what))

    def put_off(uri: str) -> None:
        timer = soon.pop(uri, None)
        if timer is not None:
            timer.cancel()

    def tell_others(uri: str, paths: set[str]) -> None:
        own = os.path.realpath(path_of(uri))
        for path in sorted(paths & set(uris) - {own}):
            tell(uris[path], server.workspace.get_text_document(uris[path]).version)

    def tell(uri: str, version: int | None) -> None:
        path = path_of(uri)
        told = []
        for finding in workspace.findings(path):
            assert finding.source is not None
            error = finding.code == ERROR
            unused = finding.code in ("B101", "B102")
            told.append(
                lsp.Diagnostic(
                    range=range_of(finding.source, finding.start, finding.end),
                    message=finding.message + (f"\n{finding.hint}" if finding.hint else ""),
                    severity=lsp.DiagnosticSeverity.Error if error else lsp.DiagnosticSeverity.Warning,
                    code=None if error else finding.code,
                    source="bro",
                    tags=[lsp.DiagnosticTag.Unnecessary] if unused else None,
                )
            )
        server.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri=uri, version=version, diagnostics=told)
        )

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        check(params.text_document.uri, params.text_document.version)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        uri, version = params.text_document.uri, params.text_document.version
        put_off(uri)
        workspace.open(path_of(uri), server.workspace.get_text_document(uri).source)
        soon[uri] = asyncio.get_running_loop().call_later(PAUSE, check_later, uri, version)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        check(params.text_document.uri, None)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        path = path_of(params.text_document.uri)
        put_off(params.text_document.uri)
        uris.pop(os.path.realpath(path), None)
        others = workspace.loading(path)
        workspace.close(path)
        tell_others(params.text_document.uri, others)
        server.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri=params.text_document.uri, diagnostics=[])
        )

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def definition(params: lsp.DefinitionParams) -> lsp.Location | None:
        path = path_of(params.text_document.uri)
        found = workspace.definition(path, offset_of(workspace.source(path), params.position))
        if found is None or not workspace.has(found.source.path):
            return None  # also what the engine declares: it is in no file
        place = range_of(found.source, found.name_start, found.name_end)
        return lsp.Location(uri=from_fs_path(os.path.abspath(found.source.path)) or "", range=place)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        path = path_of(params.text_document.uri)
        source = workspace.source(path)
        found = workspace.hover(path, offset_of(source, params.position))
        if found is None:
            return None
        text = f"```bro\n{found.text}\n```" + (f"\n\n{found.doc}" if found.doc else "")
        content = lsp.MarkupContent(lsp.MarkupKind.Markdown, text)
        return lsp.Hover(contents=content, range=range_of(source, found.start, found.end))

    @server.feature(
        lsp.TEXT_DOCUMENT_COMPLETION,
        lsp.CompletionOptions(trigger_characters=["$", ":", "&", "@", "/"], resolve_provider=True),
    )
    def completion(params: lsp.CompletionParams) -> lsp.CompletionList:
        path = path_of(params.text_document.uri)
        found = workspace.complete(path, offset_of(workspace.source(path), params.position))
        items = [
            lsp.CompletionItem(
                label=c.label,
                kind=kinds.get(c.kind),
                detail=c.detail or None,
                insert_text=c.text or None,
                data=c.name or None,
            )
            for c in found
        ]
        return lsp.CompletionList(is_incomplete=len(items) >= 500, items=items)

    @server.feature(lsp.COMPLETION_ITEM_RESOLVE)
    def resolve(item: lsp.CompletionItem) -> lsp.CompletionItem:
        doc = workspace.documentation(item.data) if isinstance(item.data, str) else ""
        if doc:
            item.documentation = lsp.MarkupContent(lsp.MarkupKind.Markdown, doc)
        return item

    kinds = {
        "file": lsp.CompletionItemKind.File,
        "folder": lsp.CompletionItemKind.Folder,
        "function": lsp.CompletionItemKind.Function,
        "builtin": lsp.CompletionItemKind.Function,
        "event": lsp.CompletionItemKind.Event,
        "hook": lsp.CompletionItemKind.Event,
        "type": lsp.CompletionItemKind.Class,
        "enum": lsp.CompletionItemKind.EnumMember,
        "variable": lsp.CompletionItemKind.Variable,
        "local": lsp.CompletionItemKind.Variable,
        "constant": lsp.CompletionItemKind.Constant,
        "field": lsp.CompletionItemKind.Field,
        "keyword": lsp.CompletionItemKind.Keyword,
        "attribute": lsp.CompletionItemKind.Property,
        "directive": lsp.CompletionItemKind.Keyword,
    }
    symbol_kinds = {
        "function": lsp.SymbolKind.Function,
        "event": lsp.SymbolKind.Event,
        "hook": lsp.SymbolKind.Event,
        "handler": lsp.SymbolKind.Event,
        "type": lsp.SymbolKind.Class,
        "redef": lsp.SymbolKind.Class,
        "enum": lsp.SymbolKind.EnumMember,
        "constant": lsp.SymbolKind.Constant,
        "option": lsp.SymbolKind.Constant,
        "field": lsp.SymbolKind.Field,
    }

    def symbol(found: Definition) -> lsp.DocumentSymbol:
        return lsp.DocumentSymbol(
            name=found.name.rpartition("$")[2],
            kind=symbol_kinds.get(found.kind, lsp.SymbolKind.Variable),
            range=range_of(found.source, min(found.start, found.name_start), max(found.end, found.name_end)),
            selection_range=range_of(found.source, found.name_start, found.name_end),
            children=[symbol(child) for child in found.children],
        )

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        return [symbol(found) for found in workspace.outline(path_of(params.text_document.uri))]

    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def formatting(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
        source = workspace.source(path_of(params.text_document.uri))
        unit = " " * params.options.tab_size if params.options.insert_spaces else "\t"
        try:
            made = formatted(source.text.encode("latin-1"), source.path, unit)
        except FormatError:
            return []  # the mistake in it is among the diagnostics
        whole = range_of(source, 0, len(source.text))
        return [lsp.TextEdit(range=whole, new_text=made.decode("utf-8", "replace"))]

    return server
