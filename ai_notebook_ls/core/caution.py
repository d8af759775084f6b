"""Which cells are asked about before they are rerun: slow ones, and those that reach out of the notebook."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import flow
from ai_notebook_ls.core.effects import ANY_FILE, effects
from ai_notebook_ls.core.ledger import Entry

# fmt: off
PROGRAMS = frozenset({"subprocess", "popen", "system", "getoutput", "getstatusoutput", "spawn", "Popen", "multiprocessing"})
NETWORK = frozenset({
    "requests", "urllib", "urllib3", "httpx", "aiohttp", "ftplib", "smtplib", "paramiko", "socket", "boto3", "urlopen",
    "urlretrieve", "websockets", "openai", "psycopg2", "pymongo", "sqlalchemy", "kaggle", "gdown", "wget",
})
DELETES = frozenset({"unlink", "rmtree", "rmdir", "removedirs"})
OF_OS = frozenset({"remove", "rename", "replace", "kill", "removedirs", "unlink"})
# fmt: on


@dataclass(frozen=True, slots=True)
class Caution:
    """A cell that is asked about before it is rerun."""

    cell: Cell
    why: str
    """What speaks against it, as the end of a sentence: `took 42 s last time`."""


def cautions(
    notebook: Notebook, cells: Iterable[Cell], durations_ms: Mapping[str, float], slow_ms: float, contained: bool
) -> tuple[Caution, ...]:
    """Return which of the cells to ask about; in a kernel that is contained nothing reaches out."""
    found = []
    for cell in cells:
        took = durations_ms.get(cell.id, 0.0)
        reasons = [f"took {_seconds(took)} last time"] if took >= slow_ms else []
        if not contained and (reach := reaches_out(notebook, cell)):
            reasons.append(reach)
        if reasons:
            found.append(Caution(cell, " and ".join(reasons)))
    return tuple(found)


def durations(ledger: Sequence[Entry], cells: Iterable[Cell]) -> dict[str, float]:
    """Return how long cells took when they last ran in the sidecar, else by the notebook's own timings, in ms."""
    known = {cell.id: cell.took_ms for cell in cells if cell.took_ms is not None}
    return known | {entry.cell: entry.duration_ms for entry in ledger}


def reaches_out(notebook: Notebook, cell: Cell) -> str | None:
    """Say what a cell does outside of the notebook: `starts programs`, `uses the network`, `writes sales.csv`."""
    lines = magics.escaped_lines(cell.source)
    if any(line.startswith(("!", "%%", "%pip", "%conda", "%system", "%sx")) and not _harmless(line) for line in lines):
        return "starts programs"
    words = _words(notebook, cell)
    if words & PROGRAMS or {"os", "kill"} <= words:
        return "starts or stops programs"
    if words & NETWORK:
        return "uses the network"
    if words & DELETES or ("os" in words and words & OF_OS):
        return "deletes or moves files"
    if written := effects(cell.source).files_written:
        named = sorted(written - {ANY_FILE})
        return f"writes {', '.join(named[:3])}" if named else "writes files"
    return None


def _words(notebook: Notebook, cell: Cell) -> frozenset[str]:
    """The names and attributes in a cell, and the modules that the names were imported from."""
    tree = magics.parse(cell.source)
    nodes = tuple(ast.walk(tree)) if tree else ()
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    members = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    imported = {
        part
        for other in notebook.code
        for made in flow(other.source).definitions
        if made.kind == "import" and made.name in names
        for part in made.imported.split(".")
    }
    return frozenset(names | members | imported)


def _harmless(line: str) -> bool:
    """Whether a cell magic only runs the notebook's own Python, or shows text."""
    name = line[2:].split(" ", 1)[0]
    return line.startswith("%%") and (
        name in magics.RUNS_ITS_BODY or name in ("html", "markdown", "latex", "writefile")
    )


def _seconds(milliseconds: float) -> str:
    seconds = milliseconds / 1e3
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"
