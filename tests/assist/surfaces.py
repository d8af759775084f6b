"""People who are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ai_notebook_ls.lsp.surface import SilentSurface


@dataclass
class Person(SilentSurface):
    """Gives the answer of a place, the first unless told otherwise, and keeps what was asked."""

    answer: int | None = 0
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def progress(self, message: str) -> None:
        self.said.append(message)

    async def ask(self, question: str, answers: Sequence[str]) -> str | None:
        self.asked.append(question)
        return None if self.answer is None else answers[self.answer]
