"""Code that the user did not write: where nothing contains it, it runs by his word or not at all."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ai_notebook_ls.assist import fix as fixing
from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.fix import fix
from ai_notebook_ls.assist.scratch import try_out, with_scratch
from ai_notebook_ls.core.candidates import Candidate, CellEdit, Receipt
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import Declined, NotContained
from ai_notebook_ls.core.questions import DO_NOT_RUN, RUN_ALWAYS, RUN_ONCE
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.kernels.sidecar import SidecarKernel
from ai_notebook_ls.ports import ProviderInfo
from ai_notebook_ls.settings import IsolationSettings, Settings
from tests.assist.surfaces import Person

pytestmark = pytest.mark.asyncio(loop_scope="module")

EDITS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "corpora" / "reach" / "edits.json").read_text("utf-8")
)
BROKEN = "total = prices.total()\ntotal"
RIGHT = "total = sum(prices)\ntotal"


@dataclass
class Stranger:
    """A model that proposes these texts for the failing cell."""

    texts: Sequence[str]
    rounds: int = 0
    info: ProviderInfo = field(default_factory=lambda: ProviderInfo("stranger"))

    async def explain(self, request: object) -> AsyncIterator[str]:
        yield ""

    async def candidates(self, request: FixRequest) -> AsyncIterator[Candidate]:
        self.rounds += 1
        for text in self.texts:
            yield Candidate("Mend it", "model:stranger", "likely", (CellEdit(request.cell.id, text),))


@dataclass
class Asked(Person):
    """Somebody who gives the same answer to each question, or none."""

    says: str | None = None

    async def ask(self, question: str, answers: Sequence[str]) -> str | None:
        self.asked.append(question)
        assert self.says is None or self.says in answers
        assert answers[0] == DO_NOT_RUN, "the cautious answer has the focus"
        return self.says


@pytest.fixture
def uncontained(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing can be contained."""
    real = SidecarKernel.branch

    @asynccontextmanager
    async def branch(self: SidecarKernel, contained: bool = False) -> AsyncIterator[SidecarKernel]:
        if contained:
            raise NotContained("There is no way to on this machine.")
        async with real(self) as copy:
            yield copy

    monkeypatch.setattr(SidecarKernel, "branch", branch)


def book(folder: Path) -> Notebook:
    sources = ("prices = [3, 4]", BROKEN)
    cells = tuple(Cell(f"c{i}", text) for i, text in enumerate(sources))
    return Notebook((folder / "n.ipynb").as_uri(), cells, str(folder / "n.ipynb"))


def assistant(kernels: SidecarKernels, *texts: str) -> Assistant:
    return Assistant(kernels, (Stranger(texts),), Settings())


def receipts(proposals: Any) -> list[Receipt]:
    return [each.receipt for each in proposals.candidates]


async def test_a_models_change_is_not_run_without_an_answer(
    kernels: SidecarKernels, uncontained: None, tmp_path: Path
) -> None:
    mark = tmp_path / "ran"
    mine = assistant(kernels, f"__import__('pathlib').Path({str(mark)!r}).touch()\n{RIGHT}", RIGHT)
    notebook = book(tmp_path)
    for says in (None, DO_NOT_RUN):
        person = Asked(says=says)
        found = await fix(mine, notebook, notebook.cells[1], None, person)
        [question] = person.asked
        assert "+total = sum(prices)" in question, "with the change before their eyes"
        assert {each.verdict for each in receipts(found)} <= {"unchecked", "escape"}
        assert all(each.outcome is None for each in receipts(found))
    assert not mark.exists()
    [model] = mine.providers
    assert isinstance(model, Stranger)
    assert model.rounds == 2, "who was refused is not asked for more"


async def test_it_runs_by_the_users_word_once_or_always_in_this_notebook(
    kernels: SidecarKernels, uncontained: None, tmp_path: Path
) -> None:
    mine, notebook = assistant(kernels, RIGHT), book(tmp_path)
    asked = []
    for says in (RUN_ONCE, RUN_ALWAYS, RUN_ALWAYS):
        person = Asked(says=says)
        found = await fix(mine, notebook, notebook.cells[1], None, person)
        assert [each.verdict for each in receipts(found)] == ["verified"]
        asked.append(len(person.asked))
    assert asked == [1, 1, 0]
    other = Notebook("file:///other.ipynb", notebook.cells)
    person = Asked()
    await fix(mine, other, other.cells[1], None, person)
    assert len(person.asked) == 1, "another notebook is asked about"


async def test_the_code_of_an_answer_is_tried_by_the_users_word(
    kernels: SidecarKernels, uncontained: None, tmp_path: Path
) -> None:
    mark = tmp_path / "ran"
    notebook, cell = with_scratch(book(tmp_path), f"open({str(mark)!r}, 'w').close()", book(tmp_path).cells[0])
    mine = assistant(kernels)
    for says in (None, DO_NOT_RUN):
        person = Asked(says=says)
        with pytest.raises(Declined):
            await try_out(mine, notebook, cell, person)
        assert str(mark) in person.asked[0]
    assert not mark.exists()
    outcome = await try_out(mine, notebook, cell, Asked(says=RUN_ONCE))
    assert outcome.status == "ok"
    assert mark.exists()


async def test_no_word_of_an_edit_decides_whether_it_is_run(
    kernels: SidecarKernels, uncontained: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fixing, "CANDIDATES", 100)
    mark = tmp_path / "ran"
    effects = [
        f"open({str(mark)!r}, 'w')",
        f"(lambda f: f({str(mark)!r}, 'w'))(vars(__builtins__)['op' + 'en'] if False else open)",
        f"[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == 'FileIO'] or open({str(mark)!r}, 'x')",
        f"prices.__class__.__mro__[1].__subclasses__(); __builtins__.open({str(mark)!r}, 'a')",
    ]
    mine = assistant(kernels, *(f"{each}\n{RIGHT}" for each in effects))
    notebook, person = book(tmp_path), Asked()
    found = await fix(mine, notebook, notebook.cells[1], None, person)
    assert len(found.candidates) == len(effects)
    assert {each.verdict for each in receipts(found)} <= {"unchecked", "escape"}
    assert not mark.exists()


@pytest.mark.parametrize("level", ["process", "limited"])
async def test_no_edit_of_the_corpus_is_run_unasked(level: Any, uncontained: None, tmp_path: Path) -> None:
    own = SidecarKernels(Settings(isolation=IsolationSettings(level=level)))
    mine, place = assistant(own), book(tmp_path)
    try:
        for edit in EDITS:
            notebook, cell = with_scratch(place, edit["after"], place.cells[0])
            person = Asked()
            with pytest.raises(Declined):
                await try_out(mine, replace(notebook, cells=(cell,)), cell, person)
            [question] = person.asked
            assert edit["after"] in question
    finally:
        await own.close()
