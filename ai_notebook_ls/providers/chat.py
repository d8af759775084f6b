"""A provider over anything that answers a chat with streamed text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence

from ai_notebook_ls.core.candidates import Candidate, CellEdit
from ai_notebook_ls.core.context import ExplainRequest, FixRequest
from ai_notebook_ls.core.failures import ProviderFailed
from ai_notebook_ls.core.prompts import Message, explain_messages, fix_messages, new_source, target
from ai_notebook_ls.ports import ProviderInfo


class ChatProvider(ABC):
    """Explanations and candidates from a model (see ports.Provider); a subclass says how to reach it."""

    @property
    @abstractmethod
    def info(self) -> ProviderInfo:
        """What a user may know about it."""

    @abstractmethod
    def stream(self, messages: Sequence[Message]) -> AsyncIterator[str]:
        """Stream the answer to a chat. Raises ProviderTrouble."""

    async def explain(self, request: ExplainRequest) -> AsyncIterator[str]:
        """Stream an explanation as markdown. Raises ProviderTrouble."""
        empty = True
        async for text in self.stream(explain_messages(request)):
            empty = empty and not text.strip()
            yield text
        if empty:
            raise ProviderFailed("The answer was empty.", "Ask again, or choose another model.")

    async def candidates(self, request: FixRequest) -> AsyncIterator[Candidate]:
        """Propose the cell's new text, at most one candidate a call. Raises ProviderTrouble."""
        answer = "".join([text async for text in self.stream(fix_messages(request))])
        cell, _ = target(request)
        source = new_source(answer, cell.source, request.notebook.language.lower())
        if source is None:
            raise ProviderFailed("It answered without a complete cell that changes anything.")
        yield Candidate(
            f"Change cell {request.notebook.number(cell.id)} as the model proposes",
            f"model:{self.info.model or self.info.name}",
            "likely",
            (CellEdit(cell.id, source),),
        )
