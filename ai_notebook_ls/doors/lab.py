"""The command `lab`: JupyterLab with everything on, in the place of this process."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence

from ai_notebook_ls.core.failures import BadInput


class LabMissing(BadInput):
    """JupyterLab is not installed in this environment."""

    hint = "Install it with: pip install 'ai-notebook-ls[lab]'"


def start(notebook: str | None, arguments: Sequence[str]) -> int:
    """Become JupyterLab. Raises LabMissing."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise LabMissing("JupyterLab is not installed.")
    command = [sys.executable, "-m", "jupyterlab", *([notebook] if notebook else []), *arguments]
    sys.stdout.flush()
    os.execv(sys.executable, command)  # noqa: S606 - no shell; our own interpreter
