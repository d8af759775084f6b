from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from ai_notebook_ls.core.cells import LINE_END
from ai_notebook_ls.core.edits import TextEdit, minimal_edits, unified_diff

TEXTS = st.lists(
    st.sampled_from(["x = 1", "y", "", " ", "\n", "\r\n", "\r", "\u2028", "\f", "é😀", "a\tb", "print(x)"]), max_size=12
).map("".join)


def apply(text: str, edits: tuple[TextEdit, ...]) -> str:
    """As an LSP client does: positions are of the old text, columns stop at the line's end."""
    starts = [0, *(match.end() for match in LINE_END.finditer(text))]
    ends = [*(match.start() for match in LINE_END.finditer(text)), len(text)]
    for edit in reversed(edits):
        first = min(starts[edit.first_line] + edit.first_column, ends[edit.first_line])
        last = min(starts[edit.last_line] + edit.last_column, ends[edit.last_line])
        text = text[:first] + edit.text + text[last:]
    return text


@given(TEXTS, TEXTS)
def test_the_edits_give_the_new_text(old: str, new: str) -> None:
    edits = minimal_edits(old, new)
    assert apply(old, edits) == new
    places = [(e.first_line, e.first_column) <= (e.last_line, e.last_column) for e in edits]
    assert all(places)
    for one, other in itertools.pairwise(edits):
        assert (one.last_line, one.last_column) <= (other.first_line, other.first_column)


@given(TEXTS)
def test_the_same_text_needs_no_edit(text: str) -> None:
    assert minimal_edits(text, text) == ()
    assert unified_diff(text, text, "cell 1") == ""


def test_a_rename_touches_only_the_name() -> None:
    assert minimal_edits("a = 1\nprint(totl)\n", "a = 1\nprint(total)\n") == (TextEdit(1, 9, 1, 9, "a"),)


def test_columns_count_code_points_and_lines_end_as_in_lsp() -> None:
    assert minimal_edits("'😀\u2028' + x", "'😀\u2028' + y") == (TextEdit(0, 7, 0, 8, "y"),)


def test_a_place_inside_cr_lf_is_never_named() -> None:
    assert apply("a\r\nb", minimal_edits("a\r\nb", "a\rb")) == "a\rb"


def test_two_distant_changes_are_two_edits() -> None:
    old = "\n".join(f"line {i}" for i in range(50))
    new = old.replace("line 3\n", "line three\n").replace("line 40", "line forty")
    assert len(minimal_edits(old, new)) == 2


def test_a_huge_change_is_one_edit() -> None:
    old, new = "\n".join(map(str, range(5000))), "\n".join(f"x{i}" for i in range(5000))
    assert apply(old, edits := minimal_edits(old, new)) == new
    assert len(edits) == 1


def test_the_diff_names_the_cell() -> None:
    diff = unified_diff("a\nb", "a\nc", "cell 2")
    assert diff.split("\n") == ["--- cell 2", "+++ cell 2", "@@ -1,2 +1,2 @@", " a", "-b", "+c"]
