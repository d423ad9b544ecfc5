"""The language server, asked over its standard input and output by a client of pygls."""

from __future__ import annotations

import asyncio
import pathlib
import sys
from typing import Any

import pytest

pytest.importorskip("pygls.lsp.client", reason="the language server is an extra: pip install 'bro-nsm[lsp]'")

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

SCRIPT = """\
module Demo;

export {
    ## How many names a host may ask for.
    option limit: count = 5;
}

## What is known of a host.
type Host: record {
    ## Its address.
    address: addr;
    names: set[string];
};

global hosts: table[addr] of Host &create_expire=1min;

function note(h: Host, name: string): bool
    {
    add h$names[to_lower(name)];
    return |h$names| > limit;
    }

event dns_request(c: connection, msg: dns_msg, query: string, qtype: count, qclass: count)
    {
    local orig = c$id$orig_h;
    if ( orig in hosts && note(hosts[orig], query) )
        print fmt("%s asks a lot", orig);
    }
"""


class Client(LanguageClient):
    """A client that keeps what it is told of each file."""

    def __init__(self) -> None:
        super().__init__("test", "1")
        self.told: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()

        @self.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def told(params: lsp.PublishDiagnosticsParams) -> None:
            self.told.put_nowait(params)


def place(text: str, of: str, after: int = 0) -> lsp.Position:
    """Where something stands in a text, a character further in."""
    offset = text.index(of) + after
    return lsp.Position(text.count("\n", 0, offset), offset - text.rfind("\n", 0, offset) - 1)


def talk(folder: pathlib.Path, session: Any) -> None:
    """Start the server, open the script, run a session, end the server."""

    async def run() -> None:
        client = Client()
        await client.start_io(sys.executable, "-m", "bro", "lsp")
        path = folder / "demo.bro"
        path.write_text(SCRIPT)
        uri = path.as_uri()
        await client.initialize_async(
            lsp.InitializeParams(capabilities=lsp.ClientCapabilities(), root_uri=folder.as_uri())
        )
        client.initialized(lsp.InitializedParams())
        client.text_document_did_open(
            lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "bro", 1, SCRIPT))
        )
        first = await asyncio.wait_for(client.told.get(), 30)
        assert [d.message for d in first.diagnostics] == []
        await session(client, uri)
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()

    asyncio.run(run())


def change(client: Client, uri: str, text: str, version: int) -> None:
    client.text_document_did_change(
        lsp.DidChangeTextDocumentParams(
            lsp.VersionedTextDocumentIdentifier(uri=uri, version=version),
            [lsp.TextDocumentContentChangeWholeDocument(text)],
        )
    )


def test_mistakes_are_told_as_they_are_typed(tmp_path: pathlib.Path) -> None:
    async def session(client: Client, uri: str) -> None:
        change(client, uri, SCRIPT.replace("> limit", '> "five"'), 2)
        told = await asyncio.wait_for(client.told.get(), 30)
        assert told.version == 2
        assert [d.severity for d in told.diagnostics] == [lsp.DiagnosticSeverity.Error]
        line = SCRIPT[: SCRIPT.index("return |h")].count("\n")
        assert told.diagnostics[0].range.start.line == line
        change(client, uri, SCRIPT, 3)
        told = await asyncio.wait_for(client.told.get(), 30)
        assert not told.diagnostics

    talk(tmp_path, session)


def test_definitions_and_documentation(tmp_path: pathlib.Path) -> None:
    async def session(client: Client, uri: str) -> None:
        document = lsp.TextDocumentIdentifier(uri)

        async def definition(position: lsp.Position) -> Any:
            return await client.text_document_definition_async(lsp.DefinitionParams(document, position))

        async def hover(position: lsp.Position) -> str:
            found = await client.text_document_hover_async(lsp.HoverParams(document, position))
            assert found is not None and isinstance(found.contents, lsp.MarkupContent)
            return found.contents.value

        found = await definition(place(SCRIPT, "> limit", 3))
        assert found.uri == uri and found.range.start == place(SCRIPT, "limit: count")
        found = await definition(place(SCRIPT, "note(hosts", 1))
        assert found.range.start == place(SCRIPT, "note(h: Host")
        found = await definition(place(SCRIPT, "orig in hosts", 1))
        assert found.range.start == place(SCRIPT, "orig = c")
        found = await definition(place(SCRIPT, "h$names[to", 3))
        assert found.range.start == place(SCRIPT, "names: set")
        found = await definition(place(SCRIPT, "$id$orig_h", 1))
        assert found is None or found.uri.endswith(".bro")

        assert "How many names" in await hover(place(SCRIPT, "> limit", 3))
        assert "What is known" in await hover(place(SCRIPT, "of Host", 4))
        assert "function to_lower(str: string): string" in await hover(place(SCRIPT, "to_lower", 2))
        assert "event dns_request" in await hover(place(SCRIPT, "dns_request", 2))

    talk(tmp_path, session)


def test_completion_outline_and_layout(tmp_path: pathlib.Path) -> None:
    async def session(client: Client, uri: str) -> None:
        document = lsp.TextDocumentIdentifier(uri)

        async def labels(position: lsp.Position) -> list[str]:
            found = await client.text_document_completion_async(lsp.CompletionParams(document, position))
            assert isinstance(found, lsp.CompletionList)
            return [item.label for item in found.items]

        assert await labels(place(SCRIPT, "h$names[to", 2)) == ["address", "names"]
        assert {"limit"} <= set(await labels(place(SCRIPT, "> limit", 4)))
        assert {"orig"} <= set(await labels(place(SCRIPT, "orig in hosts", 2)))
        typing = SCRIPT.replace("local orig = c$id$orig_h;", "local orig = c$id$")
        change(client, uri, typing, 2)
        found = await labels(place(typing, "c$id$", 5))
        assert {"orig_h", "resp_p"} <= set(found)
        change(client, uri, SCRIPT, 3)

        outline = await client.text_document_document_symbol_async(lsp.DocumentSymbolParams(document))
        assert outline is not None
        assert [s.name for s in outline] == [
            "Demo::limit",
            "Demo::Host",
            "Demo::hosts",
            "Demo::note",
            "dns_request",
        ]
        assert [c.name for c in outline[1].children] == ["address", "names"]  # type: ignore[union-attr]

        options = lsp.FormattingOptions(tab_size=4, insert_spaces=True)
        edits = await client.text_document_formatting_async(lsp.DocumentFormattingParams(document, options))
        assert edits is not None and edits[0].new_text == SCRIPT

    talk(tmp_path, session)
