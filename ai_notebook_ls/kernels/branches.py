"""Branch a running kernel, by the helper that its launcher has put into it (forking.py)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ai_notebook_ls.kernels.asking import evaluate
from ai_notebook_ls.kernels.containment import Contain
from ai_notebook_ls.kernels.live import LiveKernel
from ai_notebook_ls.kernels.process import KernelProcess
from ai_notebook_ls.kernels.zygotes import NotForked

HELPER = "__import__('sys').modules['_ai_notebook_ls_forking']"


async def branch(kernel: LiveKernel, timeout: float, contain: Contain | None = None) -> KernelProcess:
    """Return a copy of an idle kernel with all its state, contained if it is told how. Raises NotForked, OSError."""
    if not isinstance(kernel, KernelProcess):
        raise NotForked("it runs elsewhere")

    async def fork(run_folder: Path, lifeline: str, connection_file: Path, plan: Mapping[str, object] | None) -> None:
        call = f"fork({str(run_folder)!r}, {lifeline!r}, {str(connection_file)!r}, {plan!r})"
        answer = await evaluate(kernel, f"{HELPER}.{call}")
        if not answer:
            raise NotForked("the kernel cannot fork itself")
        if answer["refused"]:
            raise NotForked(answer["refused"])

    return await kernel.copy(fork, timeout, contain)
