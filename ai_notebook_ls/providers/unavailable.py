"""A provider that was asked for but cannot be had: it says why, and the builtin one goes on helping."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.failures import AssistError, ProviderUnavailable
from ai_notebook_ls.core.requests import AskRequest, ExplainRequest, FixRequest, ImproveByModel, Request
from ai_notebook_ls.ports import Preview, ProviderInfo, Usage


class UnavailableProvider:
    """Null object for a provider that is not installed or not known."""

    def __init__(self, name: str, error: AssistError) -> None:
        self._error = error
        self._info = ProviderInfo(name, ready=False, why=str(error))

    @property
    def info(self) -> ProviderInfo:
        """Say that it is not ready, and why."""
        return self._info

    def explain(self, request: ExplainRequest) -> AsyncIterator[str | Usage]:
        """Raise ProviderUnavailable."""
        raise self._trouble()

    def candidates(self, request: FixRequest) -> AsyncIterator[Candidate]:
        """Raise ProviderUnavailable."""
        raise self._trouble()

    def improve(self, request: ImproveByModel) -> AsyncIterator[Candidate | Usage]:
        """Raise ProviderUnavailable."""
        raise self._trouble()

    def ask(self, request: AskRequest) -> AsyncIterator[str | Usage]:
        """Raise ProviderUnavailable."""
        raise self._trouble()

    async def preview(self, request: Request) -> Preview:
        """Raise ProviderUnavailable."""
        raise self._trouble()

    def noting(self, note: Callable[[Preview], None]) -> UnavailableProvider:
        """Return itself: it sends nothing."""
        return self

    async def close(self) -> None:
        """Do nothing."""

    def _trouble(self) -> ProviderUnavailable:
        return ProviderUnavailable(self._error.message, self._error.hint)
