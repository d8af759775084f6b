from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_notebook_ls.core.answers import last_block, named_cell
from ai_notebook_ls.core.answers import new_source as edit_of
from ai_notebook_ls.core.cells import Cell

CELLS = {"c3": 3, "c1": 1}


def new_source(answer: str, old: str, language: str = "python") -> str | None:
    edit = edit_of(answer, (Cell("c3", old), Cell("c1", "a = 0")), CELLS.__getitem__, language)
    return edit.source if edit else None


BLOCKS = [
    ("Only prose.", None),
    ("```python\nx = 1\n```", "x = 1"),
    ("Before\n\n```\nx = 1\ny = 2\n```\nafter", "x = 1\ny = 2"),
    ("```python\nold\n```\nbetter:\n```python\nnew\n```", "new"),
    ("```python\nx = 1", None),
    ("```python\nold\n```\nbetter:\n```python\nnew", None),
    ("~~~\nx = 1\n~~~", "x = 1"),
    ("~~~python\ns = '```'\n```\n~~~", "s = '```'\n```"),
    ("````python\n```\nx\n```\n````", "```\nx\n```"),
    ("```ipython3\n%time f()\n```", "%time f()"),
    ("```python\r\nx = 1\r\n```\r\n", "x = 1"),
    ("  ```python\n  if a:\n      b\n  ```", "if a:\n    b"),
    ("`x = 1`", None),
    ("```x = 1```", None),
    ("```\n```", ""),
    ("```python\nx = 1\n```\nIt prints:\n```\n42\n```", "x = 1"),
    ("```bash\npip install a\n```\n```py\nx = 1\n```", "x = 1"),
    ("```python\nx = 1\n```\nIt prints:\n```\n42", None),
]


@pytest.mark.parametrize(("answer", "block"), BLOCKS)
def test_the_last_complete_block_counts(answer: str, block: str | None) -> None:
    assert last_block(answer) == block


@pytest.mark.parametrize("body", ["x = 1", " x = 1 \n", "", "   ", "for x in", "\0"])
def test_no_change_no_cell_and_no_python_are_no_candidate(body: str) -> None:
    assert new_source(f"```python\n{body}\n```", "x = 1") is None


def test_layout_that_means_something_is_a_change() -> None:
    assert new_source("```\nif a:\n    b\nc\n```", "if a:\n    b\n    c") == "if a:\n    b\nc"


def test_another_language_is_not_parsed_as_python() -> None:
    assert new_source("```r\nx <- c(1, 2\n```", "y", "r") == "x <- c(1, 2"


@given(st.text(alphabet="`~ \nax#", max_size=60))
def test_any_answer_is_read(answer: str) -> None:
    new_source(answer, "x = 1")


TEXT = st.text(alphabet="ab =1\n'\"#()", max_size=40)


@given(TEXT, TEXT, st.sampled_from(["```", "````", "~~~"]), st.sampled_from(["", "python", "py", "ipython3 "]))
def test_a_block_is_found_whatever_stands_round_it(before: str, code: str, fence: str, info: str) -> None:
    answer = f"{before}\n{fence}{info}\n{code}\n{fence}\nand that is all"
    assert last_block(answer) == code


@given(TEXT, st.sampled_from(["x = 1", "%time f()", "!ls {x}", "df.head?"]))
def test_what_is_proposed_is_never_the_old_text(around: str, old: str) -> None:
    assert new_source(f"{around}\n```python\n{old}\n```\n{around}", old) is None


@pytest.mark.parametrize(
    ("first", "cell"),
    [
        ("# cell 3", "c3"),
        ("# Cell 1:", "c1"),
        ("#cell 1", "c1"),
        ("# cell 2", None),
        ("# cells 1", "c3"),
        ("x = 2", "c3"),
    ],
)
def test_a_block_may_name_one_of_the_cells_that_may_change(first: str, cell: str | None) -> None:
    edit = edit_of(f"```python\n{first}\ny = 1\n```", (Cell("c3", "a"), Cell("c1", "b")), CELLS.__getitem__, "python")
    assert (edit.cell if edit else None) == cell
    if edit and first.lower().replace(" ", "").startswith(("#cell1", "#cell3")):
        assert edit.source == "y = 1"


def test_the_line_that_names_a_cell_is_no_part_of_it() -> None:
    assert named_cell("# cell 12\n\nx") == (12, "\nx")
    assert named_cell("# cell division\nx") == (None, "# cell division\nx")
