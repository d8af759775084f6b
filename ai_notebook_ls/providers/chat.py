"""The provider over a model: request -> messages without secrets -> streamed answer -> explanation or candidates."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

from ai_notebook_ls.core.answers import new_source
from ai_notebook_ls.core.candidates import Candidate, CellEdit
from ai_notebook_ls.core.cells import Cell
from ai_notebook_ls.core.context import editable
from ai_notebook_ls.core.failures import ProviderFailed, ProviderTrouble
from ai_notebook_ls.core.feedback import later
from ai_notebook_ls.core.prompts import PER_TOKEN, VERSION, Message, messages_for
from ai_notebook_ls.core.requests import AskRequest, ExplainRequest, FixRequest, ImproveByModel, Request, Wording
from ai_notebook_ls.ports import Audit, Cache, Model, Preview, ProviderInfo, Redactor, Usage

EMPTY = ProviderFailed("The answer was empty.", "Ask again, or choose another model.")


class ChatProvider:
    """Explanations, candidates and answers from a model (see ports.ModelProvider)."""

    def __init__(
        self,
        model: Model,
        redactor: Callable[[], Redactor],
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
        self._note: Callable[[Preview], None] = lambda _: None
        self._shown: list[tuple[Request, Preview, Redactor]] | None = None
        """What was shown for one wish: it is sent as it was, even if the server has another window by then."""

    def noting(self, note: Callable[[Preview], None]) -> ChatProvider:
        """Return the same provider, which also calls `note` with each request just before it is sent."""
        other = copy.copy(self)
        other._note = note
        other._shown = []
        return other

    @property
    def info(self) -> ProviderInfo:
        """What a user may know about it."""
        return self._model.info

    async def explain(self, request: ExplainRequest) -> AsyncIterator[str | Usage]:
        """Stream an explanation as markdown, then what it took; one of before if it is known. Raises ProviderTrouble."""
        key = await self._key(request)
        if self._cache is not None and (known := await asyncio.to_thread(self._cache.get, key)) is not None:
            yield known
            yield Usage(self.info.called, 0, 0, 0.0, cached=True)
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
        """What an explanation is kept by: all that went into it."""
        messages, _ = await self._messages(request)
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
        tasks = [asyncio.create_task(self._whole(request, cells)) for _ in range(self._answers)]
        trouble: ProviderTrouble | None = None
        found = []
        try:
            for task in asyncio.as_completed(tasks):
                try:
                    candidate, usage = await task
                    found.append(candidate)
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
        preview, redactor = await self._written(request)
        if self._shown is not None:
            self._shown.append((request, preview, redactor))
        return preview

    async def _written(self, request: Request) -> tuple[Preview, Redactor]:
        """Write what is sent for a request, for whoever looks at it and whoever sends it. Raises ProviderTrouble."""
        for known, preview, redactor in self._shown or ():
            if known == request:
                return preview, redactor
        messages, redactor = await self._messages(request)
        body = await self._model.body(messages)
        tokens = sum(len(each["content"]) for each in messages) // PER_TOKEN
        shown = "\n".join(each["content"] for each in messages)
        used = tuple(each for each in redactor.placeholders if each in shown)
        told = later(request, self._wording.values)
        return Preview(self.info.destination, body, tuple(messages), tokens, used, told), redactor

    async def close(self) -> None:
        """Close the connections that are kept open."""
        await self._model.close()

    async def _messages(self, request: Request) -> tuple[list[Message], Redactor]:
        """Write the prompt, without secrets and within what the server admits; off the loop, texts may be long."""
        window = await self._model.window()

        def write() -> tuple[list[Message], Redactor]:
            redactor = self._redactor()
            messages_for(request, self._wording, window, redactor.redacted)
            # Once more: a secret that one text gives away is in the texts before it, too.
            return messages_for(request, self._wording, window, redactor.redacted), redactor

        return await asyncio.to_thread(write)

    async def _stream(self, sent: Preview) -> AsyncGenerator[str | Usage, None]:
        """Send what was written, and stream the answer."""
        destination = sent.destination

        def note(body: bytes) -> None:
            if destination is not None:
                self._audit.sent(destination, body)
            self._note(replace(sent, body=body))

        note(sent.body)
        characters = 0
        async with aclosing(self._model.stream(sent.messages, note)) as stream:
            async for piece in stream:
                if isinstance(piece, str):
                    characters += len(piece)
                elif destination is not None:
                    self._audit.answered(destination, characters, piece.seconds)
                yield piece

    async def _told(self, request: Request) -> AsyncGenerator[str | Usage, None]:
        empty = True
        sent, _ = await self._written(request)
        async with aclosing(self._stream(sent)) as stream:
            async for piece in stream:
                empty = empty and not (isinstance(piece, str) and piece.strip())
                yield piece
        if empty:
            raise EMPTY

    async def _whole(
        self, request: FixRequest | ImproveByModel, cells: Sequence[Cell]
    ) -> tuple[Candidate, Usage | None]:
        sent, redactor = await self._written(request)
        pieces = [piece async for piece in self._stream(sent)]
        usage = next((each for each in pieces if isinstance(each, Usage)), None)
        answer = "".join(each for each in pieces if isinstance(each, str))
        return self._candidate(request, cells, answer, redactor), usage

    def _candidate(
        self, request: FixRequest | ImproveByModel, cells: Sequence[Cell], answer: str, redactor: Redactor
    ) -> Candidate:
        """Read a candidate from an answer. Raises ProviderFailed."""
        notebook = request.notebook
        edit = new_source(answer, cells, notebook.number, notebook.language.lower())
        if edit is None:
            raise ProviderFailed(
                "It answered without a complete cell that changes anything.",
                "Ask again, in other words if you can, or choose a larger model.",
            )
        source = redactor.restore(edit.source, notebook.cell(edit.cell).source)
        if source is None:
            raise ProviderFailed(
                "Its answer moves a secret that it was not shown.", "Take the secret out of the cell, and ask again."
            )
        title = f"Change cell {notebook.number(edit.cell)} as the model proposes"
        origin = f"model:{self.info.called}"
        return Candidate(title, origin, "likely", (CellEdit(edit.cell, source),))
