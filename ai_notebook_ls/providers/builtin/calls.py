"""The calls in a cell: which have an effect worth telling, and what the standard library says of the others."""

from __future__ import annotations

import ast
import builtins
import importlib
import importlib.util
import inspect
import re
import sys
import sysconfig
import warnings
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from ai_notebook_ls.core.calls import calls, dotted, tail
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import definition, flow
from ai_notebook_ls.core.requests import Documented
from ai_notebook_ls.providers.builtin.explain_names import definers
from ai_notebook_ls.providers.builtin.plain_words import code

MOST_CALLS = 5
LOOKED_UP = 50
"""Functions looked up for that; each look-up goes through the whole notebook."""
# fmt: off
NEEDS_NO_WORDS = frozenset({
    "print", "display", "len", "range", "str", "int", "float", "bool", "list", "dict", "set", "tuple", "input", "type", "open",
    "sum", "min", "max", "abs", "round", "super",
    *(name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)),
})
# fmt: on
"""Builtins that everybody knows, and errors."""

LEFT_ALONE = frozenset(
    {"this", "antigravity", "readline", "rlcompleter", "pdb", "idlelib", "turtle", "turtledemo", "tkinter", "test"}
)
"""Importing these prints, opens a browser, or touches the terminal, and stdout is the protocol's."""

PLOTS = frozenset(("plot", "hist", "scatter", "bar", "barh", "pie", "boxplot", "imshow", "contour", "contourf"))
# fmt: off
WRITES = frozenset((
    "to_csv", "to_excel", "to_parquet", "to_pickle", "to_feather", "to_hdf", "to_stata",
    "savefig", "write_text", "write_bytes", "savetxt",
))
# fmt: on
READS = re.compile(
    r"(?:^|\.)(?:read_(?:csv|excel|json|parquet|pickle|table|feather|hdf|text|bytes)|loadtxt|genfromtxt)$"
)
SIGNATURE = re.compile(r"[\w.]+\(.*\)(?: *-*>.*)?")
"""How documentation of compiled functions begins."""
BY_NAME = {
    "plt.show": "Shows the plot",
    "display": "Shows",
    "input": "Asks the user for input",
    "time.sleep": "Waits",
    "os.remove": "Deletes a file",
    "os.unlink": "Deletes a file",
    "shutil.rmtree": "Deletes a folder and all in it",
    "requests.get": "Fetches from the network",
    "requests.post": "Sends to the network",
    "urllib.request.urlopen": "Fetches from the network",
    "urllib.request.urlretrieve": "Downloads a file",
    "json.dump": "Writes JSON",
    "pickle.dump": "Writes a pickle",
    "np.save": "Writes a file",
    "subprocess.run": "Starts another program",
    "os.system": "Starts another program",
}


def effect(call: ast.Call) -> str | None:
    """Say what a call reads, writes or shows, if its name tells."""
    name = tail(call.func)
    last = name.rpartition(".")[2]
    if name in BY_NAME:
        return BY_NAME[name]
    if name == "open":
        mode = next(
            (each.value for each in call.keywords if each.arg == "mode"), call.args[1] if call.args[1:] else None
        )
        if mode is None or isinstance(mode, ast.Constant):
            return "Writes a file" if mode and set("wax+") & set(str(mode.value)) else "Reads a file"
        return "Opens a file"
    if (
        name.startswith(("plt.", "ax.", "axes.", "sns."))
        and "subplot" not in last
        and (last in PLOTS or "plot" in last)
    ):
        return "Draws a plot"
    if last == "plot" or ".plot." in name or name.startswith("px."):
        return "Draws a plot"
    if last in WRITES and (call.args or call.keywords):
        return "Writes a file"
    return "Reads a file" if READS.search(name) else None


def called(
    notebook: Notebook, cell: Cell, tree: ast.Module, documented: Mapping[str, Documented], within: ast.AST
) -> list[tuple[str, str]]:
    """Return what the functions that are called in a part of a cell say of themselves: (`math.floor(x)`, a sentence).

    What the sidecar kernel holds comes first. Of the rest, only names of the standard library whose import the notebook
    shows are looked up; third-party code is never imported here.
    """
    bound = {each.arg for each in ast.walk(tree) if isinstance(each, ast.arg)}
    bound |= {each.id for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
    stars = any("import *" in each.source and flow(each.source).stars for each in (*notebook.above(cell.id), cell))
    told: dict[str, str] = {}
    names = (name for call in calls(within) if (name := dotted(call.func)) is not None)
    for name in list(dict.fromkeys(names))[:LOOKED_UP]:
        first, _, rest = name.partition(".")
        if name in NEEDS_NO_WORDS:
            continue
        if name in documented:
            if text := first_sentence(documented[name].doc):
                told[f"{name}({documented[name].parameters})"] = text
            continue
        if first in bound:
            continue
        above, _ = definers(notebook, cell, first)
        path = _path(cell, above, first)
        if above is None and not rest and not stars and first not in flow(cell.source).defines:
            path = f"builtins.{first}"
        if path is not None and (known := _documentation(f"{path}.{rest}" if rest else path)) is not None:
            told[f"{name}({known[0]})"] = known[1]
        if len(told) >= MOST_CALLS:
            break
    return list(told.items())[:MOST_CALLS]


def _path(cell: Cell, above: Cell | None, name: str) -> str | None:
    """The dotted name that an import in a cell or the one above gives a name; None if it is something else."""
    made = definition(cell, name) or (definition(above, name) if above is not None else None)
    if made is None or made.kind != "import":
        return None
    return name if made.imported.startswith(f"{name}.") else made.imported


@lru_cache(maxsize=1024)
def _documentation(path: str) -> tuple[str, str] | None:
    """Parameters and first sentence of something in the standard library."""
    module, _, rest = path.partition(".")
    if module not in sys.stdlib_module_names or module in LEFT_ALONE or not rest:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = _find(module, rest.split("."))
            if found is None or not callable(found):
                return None
            text = first_sentence(inspect.getdoc(found) or "")
            return (_parameters(found), text) if text else None
    except Exception:  # a module that this system lacks, a broken __doc__: nothing is known then
        return None


def _find(module: str, names: list[str]) -> object | None:
    """Import step by step, and only from the standard library's own folder: a `random.py` beside us is not ours."""
    if not _is_ours(module):
        return None
    value: object = importlib.import_module(module)
    path = module
    for name in names:
        path = f"{path}.{name}"
        if not hasattr(value, name) and inspect.ismodule(value) and _is_ours(path):
            importlib.import_module(path)
        value = getattr(value, name)
    return value


def _is_ours(module: str) -> bool:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin in (None, "built-in", "frozen"):
        return spec is not None and spec.origin is not None
    folders = {Path(sysconfig.get_path(kind)).resolve() for kind in ("stdlib", "platstdlib")}
    parents = Path(str(spec.origin)).resolve().parents
    return any(each in folders for each in parents) and not any(each.name == "site-packages" for each in parents)


def _parameters(function: object) -> str:
    """The parameters that must be given, `…` for those that may be."""
    try:
        parameters = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return "…"
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    needed = [each.name for each in parameters if each.default is each.empty and each.kind not in optional]
    return ", ".join([*needed, "…"] if len(needed) < len(parameters) else needed)


def first_sentence(doc: str) -> str:
    """Return the first sentence of a documentation as markdown, shortened; empty where it has none."""
    for paragraph in doc.split("\n\n"):
        lines = [line.strip() for line in paragraph.split("\n") if not SIGNATURE.fullmatch(line.strip())]
        text = " ".join(lines).strip()
        if text.startswith(">>>"):
            break
        if text and not SIGNATURE.fullmatch(" ".join(paragraph.split())):
            sentence = re.split(r"(?<=\.)(?<!e\.g\.)(?<!i\.e\.)\s", text)[0].removesuffix(":")
            whole = sentence if sentence.endswith(".") else f"{sentence}."
            return _as_markdown(whole if len(whole) <= 160 else whole[:159] + "…")
    return ""


def _as_markdown(doc: str) -> str:
    """The code spans of reStructuredText as markdown's; all else as plain text."""
    pieces = re.split(r"(?:(?::\w+)+:)?(`{1,2})~?(.+?)\1", doc)
    plain = [re.sub(r"([\\`*_<>\[\]|])", r"\\\1", text) for text in pieces[::3]]
    spans = [*map(code, pieces[2::3]), ""]
    return "".join(text + span for text, span in zip(plain, spans, strict=True))
