"""Virtual documents: random notebooks as jupyterlab-lsp would send them; every line is its cell's and on its line."""

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_notebook_ls.core.blocks import block, source_of
from ai_notebook_ls.core.cells import Cell
from ai_notebook_ls.core.virtual import aligned, shown

LINES = [
    *("", "", "x = 1", "print(x)", "    return x", "def f(a):", "# a comment", "'''", 'text = """', "🦊 = 'ü'"),
    *("!ls -la", "files = !ls *.py", "  !echo {x}", "%matplotlib inline", "%time y = f(x)", "t = %timeit -o f(1)"),
    *("?len", "len?", "x.y??", "  ??f", '%run "a b.py"', "%cd C:\\data", "x != 2", "a = b % (c)", "% (a, b)", "%(a)s"),
    *('get_ipython().getoutput("ls")', "# END_CELL_MAGIC", "x='a = !ls'", "y = !grep = x", "print('?')", "z =%ls"),
]
FIRST = [
    "%%time",
    "%%time -n 3",
    "%%capture out",
    "%%bash",
    "%%html",
    '%%writefile "a.py"',
    "%%timeit -n 1",
    "%%javascript",
]
source = st.builds(
    lambda first, lines: "\n".join([*first, *lines]),
    st.one_of(st.just([]), st.sampled_from(FIRST).map(lambda line: [line])),
    st.lists(st.sampled_from(LINES), min_size=1, max_size=7),
)
kinds = st.sampled_from(["code", "code", "code", "markdown", "raw"])


@st.composite
def notebooks(draw: st.DrawFn) -> list[Cell]:
    made = draw(st.lists(st.tuples(source, kinds), max_size=8))
    return [Cell(f"id-{number}", text, kind) for number, (text, kind) in enumerate(made)]


def virtual(cells: list[Cell]) -> tuple[str, list[int]]:
    """Return the text that jupyterlab-lsp sends (lsp/virtual/document.ts), and the line on which each block begins."""
    blocks = ["\n".join(block(cell)) + "\n" for cell in cells]
    begins = [sum(each.count("\n") + 2 for each in blocks[:number]) for number in range(len(blocks))]
    return "\n\n".join(blocks), begins


@given(notebooks())
@settings(max_examples=1000, deadline=None)
def test_every_line_is_its_cells(cells: list[Cell]) -> None:
    text, begins = virtual(cells)
    found = aligned(text, cells, "file:///n.ipynb", 7)
    assert [(cell.id, cell.source, cell.kind, cell.first_line) for cell in found] == [
        (cell.id, cell.source, cell.kind, begin) for cell, begin in zip(cells, begins, strict=True)
    ]
    assert all((cell.uri, cell.version) == ("file:///n.ipynb", 7) for cell in found)
    ends = [*begins[1:], 10**9][: len(cells)]
    lines = shown(text, found).split("\n")
    assert len(lines) == len(text.split("\n"))
    for cell, begin, end in zip(cells, begins, ends, strict=True):
        written = cell.source.split("\n")[: end - begin] if cell.kind == "code" else [""]
        assert lines[begin : begin + len(written)] == written


@given(notebooks(), st.data())
@settings(max_examples=600, deadline=None)
def test_one_edited_cell_keeps_its_place_and_name(cells: list[Cell], data: st.DataObject) -> None:
    code = [index for index, cell in enumerate(cells) if cell.kind == "code"]
    if not code:
        return
    index = data.draw(st.sampled_from(code))
    now = [*cells]
    now[index] = Cell(cells[index].id, data.draw(source), "code")
    text, begins = virtual(now)
    found = aligned(text, cells)
    others = [number for number in range(len(cells)) if number != index]
    if not_ambiguous(cells[index], now[index]):
        assert [cell.id for cell in found] == [cell.id for cell in cells]
        assert [cell.first_line for cell in found] == begins
        assert [found[number].source for number in others] == [cells[number].source for number in others]
        assert block(found[index]) == block(now[index])


def not_ambiguous(before: Cell, now: Cell) -> bool:
    """Whether the text can be read in one way only: blank lines in a row, or at an end, could as well be between cells."""
    return all(
        block(cell)[0].strip() and block(cell)[-1].strip() and "\n\n\n" not in "\n".join(block(cell))
        for cell in (before, now)
    )


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=12, unique=True), st.randoms(use_true_random=False))
@settings(max_examples=500, deadline=None)
def test_a_notebook_that_is_behind(numbers: list[int], dice: random.Random) -> None:
    """Cells were added, dropped and edited since: those that are the same keep their names, and all their lines."""
    cells = [
        Cell(f"id-{n}", f"v{n} = {n}\nprint(v{n})" if n % 3 else "text", "code" if n % 3 else "markdown")
        for n in numbers
    ]
    now, same = [], set()
    for cell in cells:
        change = dice.randrange(6)
        if change == 0:
            continue
        if change == 1:
            now.append(Cell("added", f"added = {cell.id!r}"))
        edited = change == 2 and cell.kind == "code"
        now.append(Cell(cell.id, cell.source + "\nedited", cell.kind) if edited else cell)
        if not edited and cell.kind == "code":
            same.add(cell.id)
    text, begins = virtual(now)
    found = aligned(text, cells)
    places = {cell.id: (cell.first_line, cell.source) for cell in found}
    for cell, begin in zip(now, begins, strict=True):
        if cell.id in same:
            assert places[cell.id] == (begin, cell.source)
        elif cell.kind == "code":
            assert (begin, cell.source) in [(each.first_line, each.source) for each in found]
    assert [cell.first_line for cell in found] == sorted(cell.first_line for cell in found)


@given(notebooks())
@settings(max_examples=500, deadline=None)
def test_without_a_notebook_every_line_that_says_something_is_some_cells(cells: list[Cell]) -> None:
    text, _ = virtual(cells)
    found = aligned(text, ())
    lines = text.split("\n")
    covered = {cell.first_line + i for cell in found for i in range(len(block(cell)))}
    assert {number for number, line in enumerate(lines) if line.strip()} <= covered
    for cell in found:
        torn = any("# END_CELL_MAGIC" in each.source for each in cells)  # somebody wrote that himself
        assert tuple(lines[cell.first_line : cell.first_line + len(block(cell))]) == block(cell) or torn


@given(st.text(), notebooks())
@settings(max_examples=300, deadline=None)
def test_any_text_at_all(text: str, cells: list[Cell]) -> None:
    found = aligned(text, cells)
    assert len(shown(text, found).split("\n")) == len(text.split("\n"))
    assert [cell.first_line for cell in found] == sorted(cell.first_line for cell in found)


@pytest.mark.parametrize(
    "text",
    [
        "!ls -la",
        "files = !ls",
        "%time f(x)",
        '%run "a b.py"',
        "?len",
        "??len",
        "  len?",
        "x.y??",
        "%%time\nx\ny",
        "%%bash -x\nls",
    ],
)
def test_magics_are_read_back(text: str) -> None:
    assert source_of(block(Cell("c", text))) == text


EXTENSION = Path(sys.prefix) / "share/jupyter/labextensions/@jupyter-lsp/jupyterlab-lsp/static"
TYPESCRIPT = Path(__file__).parents[2] / "lab-plugin/node_modules/typescript"


@pytest.mark.skipif(not (shutil.which("node") and TYPESCRIPT.exists()), reason="needs Node and lab-plugin/node_modules")
def test_blocks_are_those_of_the_installed_jupyterlab_lsp() -> None:
    maps = [path for path in EXTENSION.glob("*.js.map") if "START_CELL_MAGIC" in path.read_text()]
    assert maps, "jupyterlab-lsp ships its source map"
    dice = random.Random(6)
    pieces = [*LINES, "=", "?", "!", "%", "%%", '"', '"""', "\\", "'", " ", "x", "?x", "a b", "!= 1", "\t!ls", "é?"]
    sources = ["\n".join(dice.choices(LINES, k=dice.randint(1, 5))) for _ in range(2000)]
    sources += ["".join(dice.choices(pieces, k=dice.randint(1, 6))) for _ in range(4000)]
    sources += [f"{dice.choice(FIRST)}\n" + "\n".join(dice.choices(LINES, k=dice.randint(0, 4))) for _ in range(2000)]
    script = Path(__file__).with_name("overrides.cjs")
    command = ["node", str(script), str(maps[0]), str(TYPESCRIPT)]
    done = subprocess.run(command, input=json.dumps(sources), capture_output=True, text=True, check=True)
    theirs = json.loads(done.stdout)
    differ = [
        (text, block(Cell("c", text)), other)
        for text, other in zip(sources, theirs, strict=True)
        if list(block(Cell("c", text))) != other
    ]
    assert differ == []
