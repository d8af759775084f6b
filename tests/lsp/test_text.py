"""Line ends as LSP says, and edits that land where the client meant them (UTF-16 columns, emoji, CRLF, U+2028)."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types as t
from pygls.workspace import PositionCodec

from ai_notebook_ls.lsp.text import TextDocument, split_lines

TEXT = st.text(alphabet="ab\r\n\f\x1c\x85\u2028\u2029\x0b🦊é", max_size=30)


def document(text: str, encoding: Any = t.PositionEncodingKind.Utf16) -> TextDocument:
    return TextDocument("file:///x.py", source=text, version=1, position_codec=PositionCodec(encoding))


def change(start: tuple[int, int], end: tuple[int, int], text: str) -> t.TextDocumentContentChangePartial:
    return t.TextDocumentContentChangePartial(range=t.Range(t.Position(*start), t.Position(*end)), text=text)


def test_only_lsp_line_ends_count() -> None:
    assert split_lines("a\x0cb\x1c\x85\u2028c\nd\re\r\nf") == ["a\x0cb\x1c\x85\u2028c\n", "d\r", "e\r\n", "f"]
    edited = document("a\x0cb\nc")
    edited.apply_change(change((1, 0), (1, 1), "C"))
    assert edited.source == "a\x0cb\nC", "pygls 2.1 replaces b here"


@given(TEXT)
def test_lines_are_the_text(text: str) -> None:
    assert "".join(split_lines(text)) == text


@given(TEXT, TEXT, st.data())
def test_an_edit_is_a_splice_of_the_text(text: str, new: str, data: st.DataObject) -> None:
    lines = [line.rstrip("\r\n") for line in (split_lines(text) or [""])]
    if text.endswith(("\n", "\r")):
        lines.append("")
    points = [(i, column) for i, line in enumerate(lines) for column in range(len(line) + 1)]
    first, second = sorted([data.draw(st.sampled_from(points)), data.draw(st.sampled_from(points))])
    edited = document(text)
    edited.lines  # noqa: B018 - start from a split document
    whole = split_lines(text)

    def offset(point: tuple[int, int]) -> int:
        return sum(map(len, whole[: point[0]])) + point[1]

    def units(point: tuple[int, int]) -> tuple[int, int]:
        return point[0], len(lines[point[0]][: point[1]].encode("utf-16-le")) // 2

    edited.apply_change(change(units(first), units(second), new))
    expected = text[: offset(first)] + new + text[offset(second) :]
    assert edited.source == expected
    assert list(edited.lines) == split_lines(expected), "the kept lines are what a fresh split gives"


@pytest.mark.parametrize(
    ("encoding", "column"),
    [(t.PositionEncodingKind.Utf8, 4), (t.PositionEncodingKind.Utf16, 2), (t.PositionEncodingKind.Utf32, 1)],
)
def test_columns_are_in_the_clients_units(encoding: Any, column: int) -> None:
    edited = document("🦊x = 1", encoding)
    edited.apply_change(change((0, column), (0, column + 1), "y"))
    assert edited.source == "🦊y = 1"


@pytest.mark.parametrize("place", [(9, 0), (0, 99), (1, 3)])
def test_places_outside_are_clamped(place: tuple[int, int]) -> None:
    edited = document("ab\ncd")
    edited.apply_change(change(place, place, "X"))
    assert "X" in edited.source
    assert edited.source.replace("X", "") == "ab\ncd"


def test_a_closed_document_does_not_read_the_disk() -> None:
    assert TextDocument("file:///etc/hostname").source == ""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_long_text_is_edited_as_a_short_one(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = end.join(["first", "sec😋ond", "", "last"])
    places = [(0, 0), (0, 5), (0, 99), (1, 3), (1, 5), (2, 0), (3, 4), (9, 0)]
    for start, stop in itertools.combinations_with_replacement(places, 2):
        gave = []
        for limit in (0, 10_000):
            monkeypatch.setattr("ai_notebook_ls.lsp.text.LONG", limit)
            edited = document(text)
            edited.apply_change(change(start, stop, f"a{end}b"))
            gave.append((edited.source, [edited.line(number) for number in range(8)]))
        assert gave[0] == gave[1], (start, stop)
