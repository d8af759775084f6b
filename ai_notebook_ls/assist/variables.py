"""What a sidecar kernel's variables are, in words: for clients that have no view for them."""

from __future__ import annotations

from ai_notebook_ls.core.variables import Variable, Variables
from ai_notebook_ls.ports import KernelState

SILENT = {
    KernelState.NONE: "This notebook has no sidecar kernel yet. Run a cell in it first.",
    KernelState.DEAD: "The sidecar kernel has ended; its variables are lost. Run a cell in it again.",
}
BUSY = "The sidecar kernel is busy. Ask for its variables again when it is done."
EMPTY = "The sidecar kernel holds no variables."


def nothing(state: KernelState, found: Variables | None) -> str:
    """Say why there are no variables to show; nothing if there are."""
    if found is None:
        return BUSY
    return "" if found.variables or found.left_out else SILENT.get(state, EMPTY)


def as_markdown(found: Variables) -> str:
    """Return the variables as a table."""
    rows = ["| name | type | shape | size | value |", "|---|---|---|---:|---|"]
    for each in found.variables:
        cells = (_code(each.name), _code(each.type), shape(each), _size(each.bytes), _code(each.preview))
        rows.append(f"| {' | '.join(cells)} |")
    more = f"\n\nand {found.left_out} more" if found.left_out else ""
    return "\n".join(rows) + more + "\n"


def as_line(found: Variables) -> str:
    """Return the variables in one line."""
    return ", ".join(f"{each.name}: {each.type} {shape(each)}".rstrip() for each in found.variables)


def shape(variable: Variable) -> str:
    """Return `3 x 4`, or nothing for what has no shape."""
    return " x ".join(map(str, variable.shape or ()))


def _size(count: float | None) -> str:
    if count is None:
        return ""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} GB"


def _code(text: str) -> str:
    """Text that means nothing to markdown, within a table."""
    return "`" + " ".join(text.replace("`", "'").replace("|", "\\|").split()) + "`"
