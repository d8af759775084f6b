"""The provider over a model: request -> messages without secrets -> streamed answer -> explanation or candidates."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing

from ai_notebook_ls.core.answers import new_source
from ai_notebook_ls.core.candidates import Candidate, CellEdit
from ai_notebook_ls.core.cells import Cell
from ai_notebook_ls.core.context import editable
from ai_notebook_ls.core.failures import ProviderFailed, ProviderTrouble
from ai_notebook_ls.core.prompts import PER_TOKEN, VERSION, Message, messages_for
from ai_notebook_ls.core.requests import AskRequest, ExplainRequest, FixRequest, ImproveByModel, Request, Wording
from ai_notebook_ls.ports import Audit, Cache, Model, Preview, ProviderInfo, Redactor, Usage

EMPTY = ProviderFailed("The answer was empty.", "Ask again, or choose another model.")


class ChatProvider:
    """Explanations, candidates and answers from a model (see ports.ModelProvider)."""

    def __init__(
        self,
        model: Model,
        redactor: Redactor,
        audit: Audit,
        wording: Wording,
        cache: Cache | None = None,
        answers: int = 1,
    ) -> None:
        self._model = model
        self._redactor = redactor
        self._audit = audit
        self._wording = wording
        self._cache = cache
        self._answers = answers
        """How many a model gives to one wish for a candidate."""
        self._salt = secrets.token_bytes(16)

    @property
    def info(self) -> ProviderInfo:
        """What a user may know about it."""
        return self._model.info

    async def explain(self, request: ExplainRequest) -> AsyncIterator[str | Usage]:
        """Stream an explanation as markdown, then what it took; one of before if it is known. Raises ProviderTrouble."""
        key = await self._key(request)
        if self._cache is not None and (known := await asyncio.to_thread(self._cache.get, key)) is not None:
            yield known
            yield Usage(self.info.model or self.info.name, 0, 0, 0.0, cached=True)
            return
        parts = []
        async with aclosing(self._told(request)) as told:
            async for piece in told:
                if isinstance(piece, str):
                    parts.append(piece)
                yield piece
        if self._cache is not None:
            await asyncio.to_thread(self._cache.put, key, "".join(parts))

    async def _key(self, request: ExplainRequest) -> str:
        """What an explanation is kept by: all that went into it, but for the marks, which differ each time."""
        messages, _ = await self._messages(request, b"")
        what = [VERSION, self.info.model, self.info.destination, messages]
        return hashlib.sha256(json.dumps(what).encode()).hexdigest()

    async def ask(self, request: AskRequest) -> AsyncIterator[str | Usage]:
        """Stream the answer to a question as markdown, then what it took. Raises ProviderTrouble."""
        async with aclosing(self._told(request)) as told:
            async for piece in told:
                yield piece

    async def candidates(self, request: FixRequest) -> AsyncIterator[Candidate]:
        """Propose a changed cell by each of some answers, asked for at the same time. Raises ProviderTrouble."""
        async for each in self._proposed(request, editable(request)):
            if isinstance(each, Candidate):
                yield each

    async def improve(self, request: ImproveByModel) -> AsyncIterator[Candidate | Usage]:
        """Propose the cell's new text by each of some answers, then what they took. Raises ProviderTrouble."""
        async for each in self._proposed(request, (request.cell,)):
            yield each

    async def _proposed(
        self, request: FixRequest | ImproveByModel, cells: Sequence[Cell]
    ) -> AsyncIterator[Candidate | Usage]:
        tasks = [asyncio.create_task(self._whole(request)) for _ in range(self._answers)]
        trouble: ProviderTrouble | None = None
        found = []
        try:
            for task in asyncio.as_completed(tasks):
                try:
                    answer, usage = await task
                    found.append(self._candidate(request, cells, answer))
                except ProviderTrouble as error:
                    trouble = error
                    continue
                yield found[-1]
                if usage is not None:
                    yield usage
        finally:
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if trouble is not None and not found:
            raise trouble

    async def preview(self, request: Request) -> Preview:
        """Return what answering a request would send; sends nothing. Raises ProviderTrouble."""
        messages, redactions = await self._messages(request, self._salt)
        body = await self._model.body(messages)
        tokens = sum(len(each["content"]) for each in messages) // PER_TOKEN
        return Preview(self.info.destination, body, tuple(messages), tokens, redactions)

    async def close(self) -> None:
        """Close the connections that are kept open."""
        await self._model.close()

    async def _messages(self, request: Request, salt: bytes) -> tuple[list[Message], tuple[str, ...]]:
        """Write the prompt, within what the server admits, and take the secrets out; off the loop, texts may be long."""
        window = await self._model.window()
        return await asyncio.to_thread(
            lambda: self._redactor.redact(messages_for(request, self._wording, window, salt))
        )

    async def _stream(self, request: Request) -> AsyncGenerator[str | Usage, None]:
        messages, _ = await self._messages(request, self._salt)
        destination = self.info.destination
        if destination is not None:
            self._audit.sent(destination, await self._model.body(messages))
        characters = 0
        async with aclosing(self._model.stream(messages)) as stream:
            async for piece in stream:
                if isinstance(piece, str):
                    characters += len(piece)
                elif destination is not None:
                    self._audit.answered(destination, characters, piece.seconds)
                yield piece

    async def _told(self, request: Request) -> AsyncGenerator[str | Usage, None]:
        empty = True
        async with aclosing(self._stream(request)) as stream:
            async for piece in stream:
                empty = empty and not (isinstance(piece, str) and piece.strip())
                yield piece
        if empty:
            raise EMPTY

    async def _whole(self, request: Request) -> tuple[str, Usage | None]:
        pieces = [piece async for piece in self._stream(request)]
        usage = next((each for each in pieces if isinstance(each, Usage)), None)
        return "".join(each for each in pieces if isinstance(each, str)), usage

    def _candidate(self, request: FixRequest | ImproveByModel, cells: Sequence[Cell], answer: str) -> Candidate:
        """Read a candidate from an answer. Raises ProviderFailed."""
        notebook = request.notebook
        edit = new_source(answer, cells, notebook.number, notebook.language.lower())
        if edit is None:
            raise ProviderFailed("It answered without a complete cell that changes anything.")
        source = self._redactor.restore(edit.source, notebook.cell(edit.cell).source)
        if source is None:
            raise ProviderFailed(
                "Its answer moves a secret that it was not shown.", "Take the secret out of the cell, and ask again."
            )
        title = f"Change cell {notebook.number(edit.cell)} as the model proposes"
        origin = f"model:{self.info.model or self.info.name}"
        return Candidate(title, origin, "likely", (CellEdit(edit.cell, source),))
