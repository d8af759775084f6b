"""ruff's fixes over the whole notebook: it reads notebooks itself, magics and names of other cells included."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from ai_notebook_ls.core import magics
from ai_notebook_ls.core.cells import Cell

TIMEOUT = 20.0
METADATA = {"language_info": {"name": "python"}}


async def fixed(cells: Iterable[Cell], rules: str, *more: str) -> Mapping[str, str]:
    """Return the cells whose text ruff changes by these rules: id -> new source; none if it is not there or fails."""
    read = [cell for cell in cells if cell.kind == "code" and magics.parse(cell.source) is not None]
    code: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"c{place}", "metadata": {}, "outputs": [], "execution_count": None, "source": text}
        for place, text in enumerate(each.source for each in read)
    ]
    notebook = json.dumps({"cells": code, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5})
    answer = await _run(notebook, "--select", rules, *more)
    try:
        changed = ["".join(each["source"]) for each in json.loads(answer)["cells"]]
    except (ValueError, KeyError):
        return {}
    return {
        cell.id: text
        for cell, text in zip(read, changed, strict=True)
        if text != cell.source and magics.parse(text) is not None
    }


async def _run(text: str, *options: str) -> str:
    """Run ruff on a notebook, without anybody's configuration; return the fixed notebook."""
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--quiet", "--fix-only", "--exit-zero"]
    process = await asyncio.create_subprocess_exec(
        *(*command, *options, "--stdin-filename", "notebook.ipynb", "-"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(text.encode("utf-8", "replace")), TIMEOUT)
    except asyncio.TimeoutError:
        return ""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return out.decode("utf-8")
