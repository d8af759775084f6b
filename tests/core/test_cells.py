from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_notebook_ls.core.cells import LINE_END, Cell, Notebook, digest, replace_script_cells, script_cells
from ai_notebook_ls.core.failures import CellUnknown

SCRIPTS = st.lists(
    st.sampled_from(
        ["# %%", "# %% [markdown]", "#%% t", "x = 1", "", "'''", "# %%time", "\u2028", "\f", "# text", "é😀 = 2", "\\"]
    )
)


def shown(text: str) -> list[tuple[str, str, int]]:
    return [(cell.kind, cell.source, cell.first_line) for cell in script_cells(text)]


TABLE = [
    ("", [("code", "", 0)]),
    ("x = 1\ny = 2\n", [("code", "x = 1\ny = 2", 0)]),
    ("# %%\nx = 1\n\n# %%\ny = 2\n", [("code", "x = 1", 1), ("code", "y = 2", 4)]),
    ("import a\n# %%\nx", [("code", "import a", 0), ("code", "x", 2)]),
    ("\n\n# %%\nx", [("code", "x", 3)]),
    (
        "# %% [markdown]\n# Hello\n# %% [raw]\nr\n# %% [md] t\n# m",
        [("markdown", "# Hello", 1), ("raw", "r", 3), ("markdown", "# m", 5)],
    ),
    ("# %% A title\nx", [("code", "x", 1)]),
    ("#%%\nx\n#%% [markdown]\n# m", [("code", "x", 1), ("markdown", "# m", 3)]),
    ("# In[3]:\nx\n# <codecell>\ny", [("code", "x", 1), ("code", "y", 3)]),
    ("# %%time\nx", [("code", "# %%time\nx", 0)]),
    ("  # %%\nx", [("code", "  # %%\nx", 0)]),
    ("# %%\r\nx\r\n# %%\r\ny\r\n", [("code", "x", 1), ("code", "y", 3)]),
    ("# %%\rx\r# %%\ry", [("code", "x", 1), ("code", "y", 3)]),
    ("# %%\ns = '\u2028'\n# %%\ny", [("code", "s = '\u2028'", 1), ("code", "y", 3)]),
    ("s = '''\n# %%\n'''\n# %%\ny", [("code", "s = '''\n# %%\n'''", 0), ("code", "y", 4)]),
    ('s = f"""\n{x}\n# %%\n"""\n# %%\ny', [("code", 's = f"""\n{x}\n# %%\n"""', 0), ("code", "y", 5)]),
    ("# %%\ns = '''open\n# %%\ny", [("code", "s = '''open", 1), ("code", "y", 3)]),
    ("# %%\n# %%\n", [("code", "", 1), ("code", "", 2)]),
]


@pytest.mark.parametrize(("text", "cells"), TABLE)
def test_a_script_splits_at_its_markers(text: str, cells: list[tuple[str, str, int]]) -> None:
    assert shown(text) == cells


@given(SCRIPTS, st.sampled_from(["\n", "\r\n", "\r"]))
def test_every_cell_stands_where_it_says(lines: list[str], newline: str) -> None:
    text = newline.join(lines)
    split = LINE_END.split(text)
    for cell in script_cells(text):
        height = len(cell.lines) if cell.source else 0
        there = "\n".join(split[cell.first_line : cell.first_line + height]).rstrip()
        assert there == cell.source


@given(SCRIPTS, st.sampled_from(["\n", "\r\n"]))
def test_cells_replaced_by_themselves_change_nothing(lines: list[str], newline: str) -> None:
    text = newline.join(lines)
    cells = script_cells(text)
    again = replace_script_cells(text, [(cell, cell.source) for cell in cells])
    assert [line.rstrip() for line in LINE_END.split(again)] == [line.rstrip() for line in LINE_END.split(text)]


def test_a_replaced_cell_keeps_markers_spacing_and_line_ends() -> None:
    text = "# %% one\r\nx = 1\r\n\r\n# %% two\r\ny = 2\r\n"
    one, two = script_cells(text)
    assert replace_script_cells(text, [(one, "x = 10\nx += 1"), (two, "y = 3")]) == (
        "# %% one\r\nx = 10\r\nx += 1\r\n\r\n# %% two\r\ny = 3\r\n"
    )


def test_an_empty_cell_is_filled_below_its_marker() -> None:
    text = "# %%\n# %%\ny\n"
    assert replace_script_cells(text, [(script_cells(text)[0], "x")]) == "# %%\nx\n# %%\ny\n"


def test_each_line_belongs_to_a_cell_and_a_marker_to_its_own() -> None:
    text = "import a\n\n# %%\nx\n\n# %% [markdown]\n# m\n"
    script = Notebook("file:///s.py", script_cells(text), text=text)
    assert script.is_script
    assert [script.at_line(line).id for line in range(8)] == ["cell-0"] * 2 + ["cell-1"] * 3 + ["cell-2"] * 3
    with pytest.raises(CellUnknown):
        Notebook("file:///n.ipynb", ()).at_line(0)


@given(SCRIPTS)
def test_a_place_in_a_cell_leads_back_to_it(lines: list[str]) -> None:
    text = "\n".join(lines)
    script = Notebook("file:///s.py", script_cells(text), text=text)
    for cell in script.cells:
        for line in range(len(cell.lines) if cell.source else 0):
            assert script.at_line(cell.first_line + line) == cell


BOOK = Notebook("file:///n.ipynb", (Cell("a", "1"), Cell("m", "# m", "markdown"), Cell("b", "2"), Cell("c", "3")))


def test_the_place_of_a_cell() -> None:
    assert [cell.id for cell in BOOK.code] == ["a", "b", "c"]
    assert [cell.id for cell in BOOK.above("b")] == ["a"]
    assert [cell.id for cell in BOOK.below("a")] == ["b", "c"]
    assert BOOK.number("b") == 3
    with pytest.raises(CellUnknown, match="'z'"):
        BOOK.number("z")


def test_new_sources_make_a_copy() -> None:
    changed = BOOK.with_sources({"b": "22", "z": "unknown"})
    assert changed.cell("b").source == "22"
    assert BOOK.cell("b").source == "2"
    assert [cell.id for cell in changed.cells] == [cell.id for cell in BOOK.cells]


def test_a_digest_is_of_the_text_only() -> None:
    assert Cell("a", "x").digest == Cell("b", "x").digest != Cell("a", "x ").digest
    assert len(digest("\ud800")) == 16
