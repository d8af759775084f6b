"""Offer candidates of our own to the verb fix, in place of a provider's, and see what receipts they get."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.fix import CANDIDATES, fix
from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.requests import ExplainRequest, FixRequest
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.ports import ProviderInfo
from ai_notebook_ls.settings import IsolationSettings, Settings

from ..assist.surfaces import Person
from .corpus import Scenario
from .over_lsp import lay_out

AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Offering:
    """A provider that proposes what it was given."""

    offers: Sequence[Candidate]
    info: ProviderInfo = field(default_factory=lambda: ProviderInfo("offering"))

    async def explain(self, request: ExplainRequest) -> AsyncIterator[str]:
        yield ""

    async def candidates(self, request: FixRequest) -> AsyncIterator[Candidate]:
        for offer in self.offers:
            yield offer


async def receipts(scenarios: Sequence[Scenario], offers: Sequence[Sequence[Candidate]]) -> list[list[Candidate]]:
    """Return each scenario's candidates with their receipts, those that are verified first."""
    settings = Settings(isolation=IsolationSettings(level="limited"))
    kernels = SidecarKernels(settings)
    gate = asyncio.Semaphore(AT_ONCE)
    with tempfile.TemporaryDirectory() as folder:

        async def one(number: int, scenario: Scenario, offered: Sequence[Candidate]) -> list[Candidate]:
            path = Path(folder, str(number), "story.ipynb")
            lay_out(path.parent, scenario.files)
            notebook = as_notebook(scenario, path)
            # A provider is asked for so many at most; all of them are to be tried.
            groups = [offered[start : start + CANDIDATES] for start in range(0, len(offered), CANDIDATES)]
            assistant = Assistant(kernels, tuple(map(Offering, groups)), settings)
            async with gate:
                kernels.prepare(notebook)
                cell = notebook.cell(f"cell-{scenario.fails}")
                return list((await fix(assistant, notebook, cell, None, Person())).candidates)

        try:
            asked = zip(scenarios, offers, strict=True)
            return await asyncio.gather(*(one(n, each, offered) for n, (each, offered) in enumerate(asked)))
        finally:
            await kernels.close()


def as_notebook(scenario: Scenario, path: Path) -> Notebook:
    uri = path.as_uri()
    cells = (
        Cell(f"cell-{number}", text, "markdown" if number in scenario.markdown else "code", f"{uri}#cell-{number}", 1)
        for number, text in enumerate(scenario.cells, 1)
    )
    return Notebook(uri, tuple(cells), str(path))
