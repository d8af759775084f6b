"""The builtin provider: no model, no network. It explains and fixes by what the notebook and the kernel tell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.requests import ExplainRequest, FixRequest
from ai_notebook_ls.ports import ProviderInfo, Usage
from ai_notebook_ls.providers.builtin.explain import explain
from ai_notebook_ls.providers.builtin.linter import linted
from ai_notebook_ls.providers.builtin.rules import propose


class BuiltinProvider:
    """Rules and plain words (see ports.Provider)."""

    @property
    def info(self) -> ProviderInfo:
        """Say that nothing leaves this machine."""
        return ProviderInfo("builtin")

    async def explain(self, request: ExplainRequest) -> AsyncIterator[str | Usage]:
        """Stream an explanation; made in a thread, since a cell may be very long."""
        for text in await asyncio.to_thread(lambda: list(explain(request))):
            yield text

    async def candidates(self, request: FixRequest) -> AsyncIterator[Candidate]:
        """Propose candidates; ruff is asked only where the rules are not certain."""
        if request.attempts or request.notebook.language.lower() not in ("python", "ipython"):
            return  # the rules have nothing to learn from what was tried
        found = await asyncio.to_thread(propose, request)
        if not any(candidate.confidence == "certain" for candidate in found):
            for candidate in await linted(request):
                yield candidate
        for candidate in found:
            yield candidate
