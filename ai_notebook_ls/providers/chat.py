"""The provider over a model: request -> messages without secrets -> streamed answer -> explanation or candidates."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator

from ai_notebook_ls.core.answers import new_source
from ai_notebook_ls.core.candidates import Candidate, CellEdit
from ai_notebook_ls.core.cells import Cell
from ai_notebook_ls.core.context import target
from ai_notebook_ls.core.failures import ProviderFailed
from ai_notebook_ls.core.prompts import PER_TOKEN, Message, messages_for
from ai_notebook_ls.core.requests import AskRequest, ExplainRequest, FixRequest, ImproveByModel, Request, Wording
from ai_notebook_ls.ports import Audit, Model, Preview, ProviderInfo, Redactor, Usage

EMPTY = ProviderFailed("The answer was empty.", "Ask again, or choose another model.")


class ChatProvider:
    """Explanations, candidates and answers from a model (see ports.ModelProvider)."""

    def __init__(self, model: Model, redactor: Redactor, audit: Audit, wording: Wording) -> None:
        self._model = model
        self._redactor = redactor
        self._audit = audit
        self._wording = wording
        self._salt = secrets.token_bytes(16)

    @property
    def info(self) -> ProviderInfo:
        """What a user may know about it."""
        return self._model.info

    async def explain(self, request: ExplainRequest) -> AsyncIterator[str | Usage]:
        """Stream an explanation as markdown, then what it took. Raises ProviderTrouble."""
        async for piece in self._told(request):
            yield piece

    async def ask(self, request: AskRequest) -> AsyncIterator[str | Usage]:
        """Stream the answer to a question as markdown, then what it took. Raises ProviderTrouble."""
        async for piece in self._told(request):
            yield piece

    async def candidates(self, request: FixRequest) -> AsyncIterator[Candidate]:
        """Propose the failing cell's new text, at most one candidate a call. Raises ProviderTrouble."""
        cell, _ = target(request)
        answer, _ = await self._whole(request)
        yield self._candidate(request, cell, answer)

    async def improve(self, request: ImproveByModel) -> AsyncIterator[Candidate | Usage]:
        """Propose the cell's new text, at most one candidate a call, then what it took. Raises ProviderTrouble."""
        answer, usage = await self._whole(request)
        yield self._candidate(request, request.cell, answer)
        if usage is not None:
            yield usage

    async def preview(self, request: Request) -> Preview:
        """Return what answering a request would send; sends nothing. Raises ProviderTrouble."""
        messages, redactions = await self._messages(request)
        body = await self._model.body(messages)
        tokens = sum(len(each["content"]) for each in messages) // PER_TOKEN
        return Preview(self.info.destination, body, tuple(messages), tokens, redactions)

    async def _messages(self, request: Request) -> tuple[list[Message], tuple[str, ...]]:
        """Write the prompt, within what the server admits, and take the secrets out; off the loop, texts may be long."""
        window = await self._model.window()
        return await asyncio.to_thread(
            lambda: self._redactor.redact(messages_for(request, self._wording, window, self._salt))
        )

    async def _stream(self, request: Request) -> AsyncIterator[str | Usage]:
        messages, _ = await self._messages(request)
        destination = self.info.destination
        if destination is not None:
            self._audit.sent(destination, await self._model.body(messages))
        characters = 0
        async for piece in self._model.stream(messages):
            if isinstance(piece, str):
                characters += len(piece)
            elif destination is not None:
                self._audit.answered(destination, characters, piece.seconds)
            yield piece

    async def _told(self, request: Request) -> AsyncIterator[str | Usage]:
        empty = True
        async for piece in self._stream(request):
            empty = empty and not (isinstance(piece, str) and piece.strip())
            yield piece
        if empty:
            raise EMPTY

    async def _whole(self, request: Request) -> tuple[str, Usage | None]:
        pieces = [piece async for piece in self._stream(request)]
        usage = next((each for each in pieces if isinstance(each, Usage)), None)
        return "".join(each for each in pieces if isinstance(each, str)), usage

    def _candidate(self, request: FixRequest | ImproveByModel, cell: Cell, answer: str) -> Candidate:
        """Read a candidate from an answer. Raises ProviderFailed."""
        found = new_source(answer, cell.source, request.notebook.language.lower())
        if found is None:
            raise ProviderFailed("It answered without a complete cell that changes anything.")
        source = self._redactor.restore(found, cell.source)
        if source is None:
            raise ProviderFailed(
                "Its answer moves a secret that it was not shown.", "Take the secret out of the cell, and ask again."
            )
        title = f"Change cell {request.notebook.number(cell.id)} as the model proposes"
        return Candidate(title, f"model:{self.info.model or self.info.name}", "likely", (CellEdit(cell.id, source),))
