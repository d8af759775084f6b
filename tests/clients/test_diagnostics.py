"""What dataflow tells reaches each kind of client once: pushed, or pulled where it pulls."""

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types as t

from tests.clients.conftest import Editor, capabilities, over_stdio

TEXT = "# %%\ntotal = 1\n# %%\n'🐍'; totl\n# %%\nlate\n# %%\nlate = 1\n"


async def pulled(editor: Editor, uri: str) -> list[t.Diagnostic]:
    report = await editor.client.text_document_diagnostic_async(
        t.DocumentDiagnosticParams(t.TextDocumentIdentifier(uri))
    )
    return list(report.items or [])  # type: ignore[union-attr]


async def test_told_once_and_mended_by_the_editor(editor: Editor, tmp_path: Path) -> None:
    uri = editor.open_script(tmp_path / "a.py", TEXT)
    misspelt, below = await editor.diagnostics(uri, 2)
    assert (misspelt.code, misspelt.severity) == ("misspelt", t.DiagnosticSeverity.Warning)
    offered = capabilities(editor.profile).general
    encodings = offered.position_encodings if offered else None
    widths = {t.PositionEncodingKind.Utf8: 8, t.PositionEncodingKind.Utf16: 6, t.PositionEncodingKind.Utf32: 5}
    units = widths[t.PositionEncodingKind((encodings or [t.PositionEncodingKind.Utf16])[0])]
    assert (misspelt.range.start.line, misspelt.range.start.character) == (3, units)
    assert below.message == "`late` is defined only in cell 4, below this one. Run cell 4 first, or move it up."
    assert await pulled(editor, uri) == [], "it cannot be told to pull again, so it is pushed"
    if not editor.rich:
        (rename, *_) = await editor.actions(uri, 3)
        assert (rename.title, rename.kind) == ("Rename to `total`", t.CodeActionKind.QuickFix)
        (run, *_) = await editor.actions(uri, 5)
        assert run.title == "Run cell 4 first, in the sidecar"
    editor.change_script(uri, TEXT.replace("totl", "total").replace("late\n# %%\n", ""))
    assert await editor.diagnostics(uri, 0) == []


@pytest.fixture
async def vs_code(tmp_path: Path):  # type: ignore[no-untyped-def]
    async with over_stdio(tmp_path) as client:
        yield Editor(client, "visual-studio-code")


def pulling() -> t.ClientCapabilities:
    can = capabilities("visual-studio-code")
    assert can.text_document is not None and can.workspace is not None
    can.text_document.diagnostic = t.DiagnosticClientCapabilities(related_document_support=True)
    can.workspace.diagnostics = t.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    return can


async def test_a_pull_brings_the_other_cells_where_the_client_asks(vs_code: Editor, tmp_path: Path) -> None:
    await vs_code.client.initialize_session(t.InitializeParams(capabilities=pulling()))
    first, second, _ = vs_code.open_notebook(tmp_path / "n.ipynb", ["total = 1", "totl", "print(total)"])
    async with asyncio.timeout(10):
        while not vs_code.client.diagnostic_refresh_count:
            await pulled(vs_code, first)  # a round trip
    report = await vs_code.client.text_document_diagnostic_async(
        t.DocumentDiagnosticParams(t.TextDocumentIdentifier(first))
    )
    assert not report.items  # type: ignore[union-attr]
    assert [each.code for each in report.related_documents[second].items] == ["misspelt"]  # type: ignore
    assert vs_code.client.diagnostics == {}


async def test_a_cell_is_stale_after_a_run_and_an_edit(vs_code: Editor, tmp_path: Path) -> None:
    can = capabilities("visual-studio-code")
    await vs_code.client.initialize_session(t.InitializeParams(capabilities=can))
    uri = vs_code.open_script(tmp_path / "a.py", "# %%\nrate = 2\n# %%\ntax = rate\n")
    await vs_code.command("aiNotebook.run", uri=uri, position={"line": 3, "character": 0}, mode="needed")
    vs_code.change_script(uri, "# %%\nrate = 3\n# %%\ntax = rate\n")
    (stale,) = await vs_code.diagnostics(uri, 1)
    assert (stale.code, stale.severity, stale.range.start.line) == ("stale", t.DiagnosticSeverity.Hint, 3)
    await vs_code.command("aiNotebook.run", uri=uri, position={"line": 3, "character": 0}, mode="needed")
    assert await vs_code.diagnostics(uri, 0) == []


@pytest.mark.parametrize("on", [True, False])
async def test_the_setting(vs_code: Editor, tmp_path: Path, on: bool) -> None:
    options = {"aiNotebook": {"diagnostics": on}}
    await vs_code.client.initialize_session(t.InitializeParams(capabilities=pulling(), initialization_options=options))
    found = await pulled(vs_code, vs_code.open_script(tmp_path / "a.py", TEXT))
    assert [each.code for each in found] == (["misspelt", "defined-below"] if on else [])
