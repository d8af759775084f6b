"""Members that libraries have removed: what replaced them (release notes of pandas, numpy, scikit-learn, matplotlib)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate, Confidence
from ai_notebook_ls.core.dataflow import definer, definition
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.moved import ATTRIBUTES_RENAMED, NAMES_MOVED, NUMPY
from ai_notebook_ls.providers.builtin.rules.attributes import accesses, missing_attribute
from ai_notebook_ls.providers.builtin.site import Site


def numpy_member(request: FixRequest) -> Iterator[Candidate]:
    """`np.float`, `np.product` and the like (NumPy 2.0 migration guide)."""
    owner, name = missing_attribute(request)
    if said := re.search(r"`np\.(\w+)` was ", request.failure.evalue):
        owner, name = "numpy", said[1]
    if owner != "numpy" or name not in NUMPY:
        return
    site = Site.innermost(request)
    nodes = [node for node in site.everywhere(ast.Attribute) if node.attr == name]
    changes = [
        (node, NUMPY[name].format(module=site.text(node.value))) for node in nodes if isinstance(node.value, ast.Name)
    ]
    if changes:
        title = f"Write `{changes[0][1]}` for `{site.text(changes[0][0])}`, which numpy has removed"
        yield from site.candidate("removed-api", title, site.splice(changes), "certain")


def dataframe_append(request: FixRequest) -> Iterator[Candidate]:
    """`df.append(row)` was removed in pandas 2.0; `pd.concat` does it (pandas 1.4 release notes)."""
    owner, name = missing_attribute(request)
    if name != "append" or owner.rpartition(".")[2] not in ("DataFrame", "Series"):
        return
    site = Site.innermost(request)
    pandas = next((alias for alias in ("pd", "pandas") if site.has(alias)), None)
    for node in accesses(site, "append"):
        call = next((each for each in site.everywhere(ast.Call) if each.func is node), None)
        if call is None or not call.args:
            continue
        row, frame = call.args[0], site.text(node.value)
        text, prefix = site.text(row), pandas or "pd"
        if isinstance(row, ast.Dict) or site.type_of(row) == "dict":
            text = f"{prefix}.DataFrame([{text}])"
        elif "Series" in site.type_of(row) and owner.endswith("DataFrame"):
            text = f"{text}.to_frame().T"
        items = f"[{frame}, *{text}]" if _is_list(site, row) else f"[{frame}, {text}]"
        rest = "".join(f", {site.text(each)}" for each in call.keywords)
        changed = f"{prefix}.concat({items}{rest})"
        alone = (
            isinstance(site.statement, ast.Expr) and site.statement.value is call and isinstance(node.value, ast.Name)
        )
        source = site.splice([(call, changed)])
        if pandas is None:
            source = site.with_import("import pandas as pd", source)
        yield from site.candidate(
            "removed-api", "Use `pd.concat`: pandas has removed `.append`", source, "guess" if alone else "likely"
        )
        return


def _is_list(site: Site, row: ast.expr) -> bool:
    frames = isinstance(row, ast.List) and not any(isinstance(each, ast.Dict) for each in row.elts)
    return frames or site.type_of(row) == "list"


def member_moved(request: FixRequest) -> Iterator[Candidate]:
    """A member of a module that has another place or name now: `time.clock`, `scipy.integrate.simps`."""
    owner, name = missing_attribute(request)
    target = NAMES_MOVED.get(f"{owner}.{name}")
    if target is None or not request.failure.evalue.startswith("module"):
        return
    site = Site.innermost(request)
    nodes = accesses(site, name)
    if not nodes:
        return
    module, _, new = target.rpartition(".")
    written = site.text(nodes[0].value)
    if module == owner:
        source = site.splice((site.attribute_span(node), new) for node in nodes)
    elif module in ("str", ""):
        source = site.splice((node, target) for node in nodes)
    elif module.startswith(f"{owner}.") and not module.startswith("urllib."):
        source = site.with_import(
            f"import {module}", site.splice((node, f"{written}{target[len(owner) :]}") for node in nodes)
        )
    else:
        source = site.with_import(f"from {module} import {new}", site.splice((node, new) for node in nodes))
    yield from site.candidate("removed-api", f"Use `{target}`, the new name of `{owner}.{name}`", source, "certain")


def attribute_renamed(request: FixRequest) -> Iterator[Candidate]:
    """A method with another name now: `.iteritems()`, `.ix`, `.as_matrix()`."""
    owner, name = missing_attribute(request)
    new = ATTRIBUTES_RENAMED.get(name)
    offered = {each for offer in _attributes(request) for each in offer}
    if new is None or owner in ("str", "NoneType") or (offered and new.rstrip("()") not in offered):
        return
    site = Site.innermost(request)
    nodes = [node for node in site.everywhere(ast.Attribute) if node.attr == name]
    if new == "loc" and any(_by_position(site, node) for node in nodes):
        new = "iloc"
    source = site.splice((site.attribute_span(node), new) for node in nodes)
    confidence: Confidence = "guess" if name in ("ix", "pad", "tshift", "predict_classes") else "likely"
    yield from site.candidate("removed-api", f"Use `.{new}` for `.{name}`, which was removed", source, confidence)


def _attributes(request: FixRequest) -> list[tuple[str, ...]]:
    return [offer.names for offer in request.evidence.offers if offer.kind == "attributes"] if request.evidence else []


def _by_position(site: Site, node: ast.Attribute) -> bool:
    """`df.ix[0, 1]`: two numbers can only be places."""
    around = next((each for each in site.everywhere(ast.Subscript) if each.value is node), None)
    if around is None or not isinstance(around.slice, ast.Tuple):
        return False
    return all(
        isinstance(each, (ast.Constant, ast.Slice)) and not isinstance(getattr(each, "value", None), str)
        for each in around.slice.elts
    )


def pandas_numpy(request: FixRequest) -> Iterator[Candidate]:
    """`pd.np.nan` and `pd.datetime`: pandas no longer passes other modules on (pandas 2.0)."""
    owner, name = missing_attribute(request)
    lines = {"np": "import numpy as np", "datetime": "from datetime import datetime"}
    if owner != "pandas" or name not in lines:
        return
    site = Site.innermost(request)
    source = site.splice((node, name) for node in site.everywhere(ast.Attribute) if node.attr == name)
    if not site.has(name):
        source = site.with_import(lines[name], source)
    yield from site.candidate("removed-api", f"Write `{name}` for `pd.{name}`", source, "certain")


def style_renamed(request: FixRequest) -> Iterator[Candidate]:
    """`plt.style.use("seaborn")`: the styles were renamed in matplotlib 3.6."""
    if "valid package style" not in request.failure.evalue:
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Constant):
        if isinstance(node.value, str) and node.value.startswith("seaborn") and "v0_8" not in node.value:
            new = node.value.replace("seaborn", "seaborn-v0_8", 1)
            source = site.splice([(node, f'"{new}"')])
            yield from site.candidate(
                "removed-api", f"Use the style `{new}`, its name since matplotlib 3.6", source, "certain"
            )
            return


def frequency_renamed(request: FixRequest) -> Iterator[Candidate]:
    """`freq="M"` is `"ME"`: pandas 2.2 renamed its frequencies and pandas 3 dropped the old names."""
    if "Invalid frequency" not in request.failure.evalue:
        return
    renamed = {
        "M": "ME",
        "Q": "QE",
        "Y": "YE",
        "A": "YE",
        "H": "h",
        "T": "min",
        "S": "s",
        "L": "ms",
        "U": "us",
        "N": "ns",
        "BM": "BME",
        "BQ": "BQE",
        "BA": "BYE",
        "BY": "BYE",
        "SM": "SME",
        "CBM": "CBME",
    }
    site = Site.innermost(request)
    for node in site.nodes(ast.Constant):
        if not isinstance(node.value, str):
            continue
        number, letters = node.value.rstrip("ABCHLMNQSTUY"), node.value.lstrip("0123456789")
        if letters in renamed and (not number or number.isdigit()):
            new = number + renamed[letters]
            source = site.splice([(node, site.text(node).replace(node.value, new))])
            yield from site.candidate(
                "removed-api", f"Write the frequency `{node.value}` as `{new}`", source, "certain"
            )
            return


def shadowing_import(request: FixRequest) -> Iterator[Candidate]:
    """`from numpy import *`-like collisions are not guessed; a name that the notebook rebinds to another module is."""
    owner, name = missing_attribute(request)
    site = Site.innermost(request)
    for node in accesses(site, name):
        if isinstance(node.value, ast.Name) and request.failure.evalue.startswith("module"):
            cell = definer(request.notebook, site.cell.id, node.value.id)
            made = definition(cell, node.value.id) if cell is not None else None
            wanted = {
                "plt": ("matplotlib", "import matplotlib.pyplot as plt"),
                "np": ("", "import numpy as np"),
                "pd": ("", "import pandas as pd"),
            }
            usual = wanted.get(node.value.id)
            if cell is not None and made is not None and usual and made.imported == owner == usual[0]:
                other = Site(request, cell, made.line)
                statement = other.statement
                if isinstance(statement, ast.Import) and len(statement.names) == 1:
                    yield from other.candidate("imports", f"Write `{usual[1]}`", other.splice([(statement, usual[1])]))
                    return
