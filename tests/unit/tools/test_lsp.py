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

from tests.processes import LIMIT

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

        @self.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator]
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
        try:
            async with asyncio.timeout(2 * LIMIT):
                assert [d.message for d in (await next_told(client)).diagnostics] == []
                await session(client, uri)
                await client.shutdown_async(None)
                client.exit(None)
        except BaseException:
            assert client._server is not None
            client._server.kill()  # it does not know that this is the end
            raise
        await asyncio.wait_for(client.stop(), LIMIT)  # type: ignore[no-untyped-call]

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
        told = await asyncio.wait_for(client.told.get(), LIMIT / 2)
        assert told.version == 2
        assert [d.severity for d in told.diagnostics] == [lsp.DiagnosticSeverity.Error]
        line = SCRIPT[: SCRIPT.index("return |h")].count("\n")
        assert told.diagnostics[0].range.start.line == line
        change(client, uri, SCRIPT, 3)
        told = await asyncio.wait_for(client.told.get(), LIMIT / 2)
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


def edit(client: Client, uri: str, version: int, start: lsp.Position, end: lsp.Position, text: str) -> None:
    change_ = lsp.TextDocumentContentChangePartial(lsp.Range(start, end), text)
    client.text_document_did_change(
        lsp.DidChangeTextDocumentParams(
            lsp.VersionedTextDocumentIdentifier(uri=uri, version=version), [change_]
        )
    )


def open_text(client: Client, uri: str, text: str) -> None:
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "bro", 1, text)))


async def next_told(client: Client) -> lsp.PublishDiagnosticsParams:
    return await asyncio.wait_for(client.told.get(), LIMIT / 2)


def test_places_count_in_utf_16_while_a_line_is_edited(tmp_path: pathlib.Path) -> None:
    async def session(client: Client, uri: str) -> None:
        line = 'event zeek_init() { local s = "é → 😀"; print s + 1; }\n'
        change(client, uri, line, 2)
        (found,) = (await next_told(client)).diagnostics
        start = len(line[: line.index("s + 1")].encode("utf-16-le")) // 2
        assert (found.range.start.character, found.range.end.character) == (start, start + 5)
        edit(client, uri, 3, lsp.Position(0, start + 4), lsp.Position(0, start + 5), '"ü"')
        told = await next_told(client)
        assert told.version == 3 and not told.diagnostics
        document = lsp.TextDocumentIdentifier(uri)
        hover = await client.text_document_hover_async(lsp.HoverParams(document, lsp.Position(0, start)))
        assert hover is not None and hover.range is not None
        assert (hover.range.start.character, hover.range.end.character) == (start, start + 1)
        # Several edits at once: only the last text is told of.
        for version in range(4, 24):
            edit(client, uri, version, lsp.Position(0, 0), lsp.Position(0, 0), " ")
        while (told := await next_told(client)).version != 23:
            pass
        assert not told.diagnostics and client.told.empty()

    talk(tmp_path, session)


def test_files_that_were_never_saved_load_each_other(tmp_path: pathlib.Path) -> None:
    async def session(client: Client, uri: str) -> None:
        one, other = (tmp_path / "one é.bro").as_uri(), (tmp_path / "other.bro").as_uri()
        text = "@load ./other\nevent zeek_init() { print Other::limit; }\n"
        open_text(client, one, text)
        told = await next_told(client)
        assert told.uri == one
        assert 'there is no script "./other"' in told.diagnostics[0].message
        open_text(client, other, "module Other;\nexport {\n\t## How many.\n\tconst limit = 3;\n}\n")
        for expected in (other, one):
            told = await next_told(client)
            assert told.uri == expected and not told.diagnostics
        document = lsp.TextDocumentIdentifier(one)
        at = place(text, "Other::limit", 8)
        found = await client.text_document_definition_async(lsp.DefinitionParams(document, at))
        assert isinstance(found, lsp.Location)
        assert found.uri == other and found.range.start == lsp.Position(3, 7)
        hover = await client.text_document_hover_async(lsp.HoverParams(document, at))
        assert hover is not None and "How many." in str(hover.contents)
        change(client, other, "module Other;\n", 2)
        assert not (await next_told(client)).diagnostics
        told_of_one = await next_told(client)
        assert told_of_one.uri == one and "Other::limit" in told_of_one.diagnostics[0].message
        client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(other)))
        told_of_one = await next_told(client)
        assert told_of_one.uri == one and "no script" in told_of_one.diagnostics[0].message

    talk(tmp_path, session)


BROKEN = [
    "event zeek_init() {",
    "event zeek_init( { local",
    '"',
    "@if (",
    "@if ( T )\nevent zeek_init() { local x: cou",
    "type R: record { a: count; b: ",
    "\0",
    "{" * 3000,
    "(" * 3000,
    "print " + "-" * 3000 + "1;",
    "event zeek_init() { print |||||; }",
    "@load nothing\nevent x",
]


def test_broken_scripts_are_told_of_and_everything_still_answers(tmp_path: pathlib.Path) -> None:
    async def session(client: Client, uri: str) -> None:
        document = lsp.TextDocumentIdentifier(uri)
        for version, text in enumerate(BROKEN, 2):
            change(client, uri, text, version)
            try:
                told = await next_told(client)
            except TimeoutError:
                pytest.fail(f"nothing was told of {text[:40]!r}")
            assert told.version == version and told.diagnostics, text[:40]
            last = lsp.Position(text.count("\n"), len(text.rpartition("\n")[2]))
            await client.text_document_completion_async(lsp.CompletionParams(document, last))
            await client.text_document_hover_async(lsp.HoverParams(document, last))
            await client.text_document_definition_async(lsp.DefinitionParams(document, lsp.Position(0, 3)))
            await client.text_document_document_symbol_async(lsp.DocumentSymbolParams(document))
            options = lsp.FormattingOptions(tab_size=4, insert_spaces=False)
            edits = await client.text_document_formatting_async(
                lsp.DocumentFormattingParams(document, options)
            )
            assert not edits  # what has an error of syntax is left alone

    talk(tmp_path, session)


MADE = """\
module Demo;
redef enum Notice::Type += {
	## Too many names.
	Many
};
type Host: record {
	## Its name.
	name: string;
	where: conn_id &optional;
};
global met: event(a: addr);
function note(n: count, h: Host) { print n, h; }
event http_request(c: connection, method: string, original_URI: string, unescaped_URI: string,
                   version: string)
	{
	local visits = 1;
	print c$http$method, visits;
	HERE
	}
"""

#: what is being typed in a body: what is among the completions, and what is not
TYPED = {
    "vis": ({"visits"}, set()),
    "NOTICE([$": ({"note", "msg", "conn"}, {"method"}),
    "NOTICE([$note=Demo::Many, $": ({"msg"}, set()),
    "note(1, [$na": ({"name", "where"}, set()),
    "local h: Host = [$": ({"name", "where"}, set()),
    "local h = Host($where=[$": ({"orig_h"}, {"name"}),
    'print fmt("%s", c$': ({"id", "http"}, set()),
    "for ( x in c$": ({"service"}, set()),
    "if ( c?$": ({"http"}, set()),
    "event me": ({"met"}, {"method"}),
    "local n = Many": ({"Many"}, set()),
    "local x: Demo::Ho": ({"Demo::Host"}, set()),
    "Notice::ACTION_": ({"Notice::ACTION_LOG"}, set()),
}


def test_completion_of_what_is_being_typed(tmp_path: pathlib.Path) -> None:
    async def session(client: Client, uri: str) -> None:
        document = lsp.TextDocumentIdentifier(uri)
        version = 1

        async def items(text: str, typed: str) -> dict[str, lsp.CompletionItem]:
            nonlocal version
            version += 1
            change(client, uri, text, version)
            at = place(text, typed, len(typed))
            found = await client.text_document_completion_async(lsp.CompletionParams(document, at))
            assert isinstance(found, lsp.CompletionList)
            return {item.label: item for item in found.items}

        for typed, (wanted, unwanted) in TYPED.items():
            found = set(await items(MADE.replace("HERE", typed), typed))
            assert wanted <= found and not unwanted & found, typed
        top = MADE.replace("HERE", "")
        heads = await items(top + "event http_rep", "event http_rep")
        assert set(heads) == {"http_reply"}
        assert (heads["http_reply"].insert_text or "").startswith("http_reply(c: connection, version: string")
        resolved = await client.completion_item_resolve_async(heads["http_reply"])
        assert resolved.documentation is not None
        assert "http" in await items("@load base/protocols/ht", "@load base/protocols/ht")
        assert "base" in await items("@load ba", "@load ba")

        change(client, uri, top, version + 1)

        async def hover(of: str, after: int = 1) -> str:
            at = place(top, of, after)
            found = await client.text_document_hover_async(lsp.HoverParams(document, at))
            return str(found.contents) if found is not None else ""

        assert "http: Info" in await hover("$http$", 2)  # put there by a script in a module
        assert "visits: count" in await hover("visits = 1")
        assert "original_URI: string" in await hover("original_URI")
        assert "Its name." in await hover("name: string")
        assert "Too many names." in await hover("Many")
        loads = "@load base/frameworks/notice\n"
        change(client, uri, loads, version + 2)
        at = lsp.DefinitionParams(document, lsp.Position(0, 10))
        loaded = await client.text_document_definition_async(at)
        assert isinstance(loaded, lsp.Location) and loaded.uri.endswith("notice/__load__.bro")

    talk(tmp_path, session)
