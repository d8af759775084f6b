"""Magics: misspelt, not on the first line, or what is none yet (IPython documentation, "Built-in magic commands")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate, CellEdit
from ai_notebook_ls.core.cells import LINE_END
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.spelling import close

# fmt: off
USUAL = (
    "%%time", "%%timeit", "%%capture", "%%bash", "%%html", "%%writefile", "%%javascript", "%%latex", "%%sql", "%%script",
    "%time", "%timeit", "%matplotlib", "%load_ext", "%autoreload", "%pip", "%conda", "%run", "%who", "%whos", "%cd", "%pwd",
    "%ls", "%env", "%reset", "%config", "%history", "%debug", "%pdb", "%prun", "%store", "%sql", "%precision", "%load",
)
# fmt: on
BACKENDS = ("inline", "widget", "notebook", "ipympl", "agg", "qt", "tk", "osx")
EXTENSIONS = {"%sql": "sql", "%%sql": "sql", "%lprun": "line_profiler", "%mprun": "memory_profiler", "%memit": "memory_profiler",
              "%autoreload": "autoreload", "%%cython": "Cython", "%%R": "rpy2.ipython", "%tensorboard": "tensorboard",
              "%%mprun": "memory_profiler", "%%memit": "memory_profiler"}  # fmt: skip
"""Magics of extensions that are loaded first."""


def _candidate(request: FixRequest, title: str, source: str, sure: str = "likely") -> Iterator[Candidate]:
    if source != request.cell.source:
        edits = (CellEdit(request.cell.id, source),)
        yield Candidate(title, "builtin:magics", sure, edits)  # type: ignore[arg-type]


def not_found(request: FixRequest) -> Iterator[Candidate]:
    """A magic that is not there: below the first line, misspelt, or of an extension that is not loaded."""
    said = re.search(r"magic (?:function )?`(%{1,2})(.+?)` not found", request.failure.evalue)
    if not said:
        return
    source = request.cell.source
    name = said[2] if said[2].startswith("%") else said[1] + said[2]
    known = [
        each
        for offer in (request.evidence.offers if request.evidence else ())
        if offer.kind == "magics"
        for each in offer.names
    ]
    lines = LINE_END.split(source)
    row = next((i for i, line in enumerate(lines) if line.lstrip().startswith(name)), None)
    if row is None:
        return
    if name.startswith("%%") and row > 0:
        above = [line for line in lines[:row] if line.strip() and not line.lstrip().startswith("#")]
        moved = [lines[row].strip(), *lines[:row], *lines[row + 1 :]]
        if name in (known or USUAL) and not any(line.startswith("%%") for line in above):
            yield from _candidate(request, f"Move `{name}` to the first line", "\n".join(moved), "certain")
            return
    options = [each for each in known or USUAL if each.startswith("%%") == name.startswith("%%")]
    if name in EXTENSIONS:
        line = f"%load_ext {EXTENSIONS[name]}"
        if not name.startswith("%%"):
            text = "\n".join([*lines[:row], line, *lines[row:]])
            yield from _candidate(request, f"Add `{line}`", text)
        return
    for new, confidence in close(name, options):
        text = "\n".join([*lines[:row], lines[row].replace(name, new, 1), *lines[row + 1 :]])
        yield from _candidate(request, f"Write `{new}` for `{name}`", text, confidence)


def backend_misspelt(request: FixRequest) -> Iterator[Candidate]:
    """`%matplotlib inlin`: a backend's name with a slip (IPython, %matplotlib)."""
    said = re.search(
        r"'(\w+)' is not a recognised GUI loop or backend|Invalid GUI request '(\w+)'", request.failure.evalue
    )
    if not said:
        return
    old = said[1] or said[2]
    for new, confidence in close(old, BACKENDS):
        text = re.sub(rf"(%matplotlib\s+){old}\b", rf"\g<1>{new}", request.cell.source)
        yield from _candidate(request, f"Write `%matplotlib {new}`", text, confidence)
