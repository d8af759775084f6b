"""A real model on llama.cpp's own server: real tokens, real streams, and answers that are mostly wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.explain import explain
from ai_notebook_ls.assist.fix import fix
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import ProviderFailed
from ai_notebook_ls.core.prompts import Message
from ai_notebook_ls.core.requests import Wording
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.ports import Model, Usage
from ai_notebook_ls.providers.chat import ChatProvider
from ai_notebook_ls.providers.keys import Keys
from ai_notebook_ls.providers.openai_compatible import Limits, OpenAIModel
from ai_notebook_ls.providers.presets import preset_of
from ai_notebook_ls.providers.records import AuditLog
from ai_notebook_ls.providers.redaction import SecretRedactor
from ai_notebook_ls.settings import IsolationSettings, Settings
from tests.assist.surfaces import Person
from tests.conftest import SAMPLE_AND_ALL
from tests.providers.small_model import CONTEXT, WEIGHTS, small_model

pytest.importorskip("xllamacpp", reason="llama.cpp's server is not installed: pip install xllamacpp")
if not WEIGHTS.exists():
    pytest.skip("no weights: python -m tests.providers.small_model", allow_module_level=True)

pytestmark = pytest.mark.asyncio(loop_scope="module")
STORY: list[Message] = [{"role": "user", "content": "Tell a very long story about a fox."}]
NOTHING = object()
WORD: list[Message] = [{"role": "user", "content": "Say hello."}]


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with small_model() as url:
        yield url


@pytest_asyncio.fixture(loop_scope="module")
async def model(base_url: str) -> AsyncIterator[OpenAIModel]:
    made = OpenAIModel(preset_of(base_url, {}), "", Keys(Path("none"), {}), Limits(tokens=24))
    yield made
    await made.close()


async def whole(model: OpenAIModel, messages: list[Message]) -> tuple[str, Usage]:
    *pieces, usage = [piece async for piece in model.stream(messages)]
    assert isinstance(usage, Usage)
    return "".join(map(str, pieces)), usage


async def test_the_model_is_found_and_answers(model: OpenAIModel) -> None:
    assert await model.window() == CONTEXT
    text, usage = await whole(model, WORD)
    assert model.info.model == usage.model == "smollm2"
    assert text.strip()
    assert usage.prompt_tokens > len("Say hello.") // 4
    assert 0 < usage.answer_tokens <= 24


async def test_an_answer_that_does_not_fit_is_told(model: OpenAIModel) -> None:
    heard = 0
    with pytest.raises(ProviderFailed, match="Raise AI_NOTEBOOK_LS_ANSWER_TOKENS, now 24"):
        async for _ in model.stream(STORY):
            heard += 1
    assert heard > 5


async def test_a_prompt_that_does_not_fit_is_told(model: OpenAIModel) -> None:
    with pytest.raises(ProviderFailed, match=r"too long for this model\..*available context size"):
        await whole(model, [{"role": "user", "content": "word " * 2 * CONTEXT}])


@pytest.mark.parametrize("how", ["close", "cancel"])
async def test_after_a_stop_the_next_is_answered_at_once(base_url: str, model: OpenAIModel, how: str) -> None:
    """The server works on one at a time: a story that went on would fill its context first, with 80 times as many tokens."""
    loop = asyncio.get_running_loop()
    before = loop.time()
    await whole(model, WORD)
    patience = 20 * (loop.time() - before)
    talkative = OpenAIModel(preset_of(base_url, {}), "", Keys(Path("none"), {}), Limits(tokens=CONTEXT))
    begun = asyncio.Event()

    async def listen() -> None:
        async with aclosing(talkative.stream(STORY)) as story:
            async for _ in story:
                begun.set()
                if how == "close":
                    break

    task = asyncio.create_task(listen())
    await begun.wait()
    if how == "cancel":
        task.cancel()
    await asyncio.wait({task})
    text, _ = await asyncio.wait_for(whole(model, WORD), patience)
    assert text.strip()
    await talkative.close()


async def test_requests_at_the_same_time_are_all_answered(model: OpenAIModel) -> None:
    answers = await asyncio.gather(*(whole(model, WORD) for _ in range(3)))
    assert all(text.strip() for text, _ in answers)


@dataclass
class Listener(Person):
    """A person who reads what is streamed."""

    heard: list[str] = field(default_factory=list)

    def delta(self, text: str) -> None:
        self.heard.append(text)


class PlainWords:
    """The same model, asked in the few words that it can follow: our prompts are above it."""

    def __init__(self, model: OpenAIModel) -> None:
        self._model = model
        self.question = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def stream(
        self, messages: Sequence[Message], again: Callable[[bytes], None] | None = None
    ) -> AsyncGenerator[str | Usage, None]:
        return self._model.stream([{"role": "user", "content": self.question}] if self.question else messages, again)


@dataclass
class Desk:
    """An assistant that has this model only: no rule helps it."""

    assistant: Assistant
    model: PlainWords


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(base_url: str) -> AsyncIterator[Desk]:
    settings = Settings(isolation=IsolationSettings(level="limited"))
    kernels = SidecarKernels(settings)
    server = OpenAIModel(preset_of(base_url, {}), "", Keys(Path("none"), {}), Limits(tokens=160))
    model = PlainWords(server)
    provider = ChatProvider(cast(Model, model), SecretRedactor, AuditLog(None), Wording())
    yield Desk(Assistant(kernels, (provider,), settings, model=provider), model)
    await kernels.close()
    await server.close()


def notebook_of(tmp_path: Path, *sources: str) -> Notebook:
    cells = tuple(Cell(f"c{place}", source) for place, source in enumerate(sources, 1))
    return Notebook(f"untitled:{tmp_path.name}", cells, path=str(tmp_path / "n.ipynb"))


async def test_an_explanation_is_streamed_as_far_as_it_goes(desk: Desk, tmp_path: Path) -> None:
    notebook, person = notebook_of(tmp_path, "rows = [3, 1, 2]\nprint(sorted(rows))"), Listener()
    explained = await explain(desk.assistant, notebook, notebook.cells[0], None, person)
    told = "".join(person.heard).strip()
    assert len(person.heard) > 5
    assert told in explained.markdown
    if explained.usage is None:
        assert "The answer did not fit." in explained.markdown
    else:
        assert explained.usage.model == "smollm2"


BROKEN = {
    "a key": ("rows = {'price': [1, 2]}", "total = sum(rows['Price'])\ntotal", "total", 3),
    "texts": ("prices = ['3', '4']", "total = sum(prices)\ntotal", "total", 7),
    "a colon": ("total = 0", "for n in range(4)\n    total += n\ntotal", "total", 6),
    "a number": ("age = 7", "text = 'age: ' + age\ntext", "text", "age: 7"),
    "a tuple": ("row = (3, 1, 2)", "row.sort()\nfirst = row[0]\nfirst", "first", 1),
    "a name": ("values = [1, 2, 3]", "mean = sum(values) / lenght(values)\nmean", "mean", 2.0),
    "a place": ("rows = [1, 2, 3]", "last = rows[3]\nlast", "last", 3),
    "a text": ("n = '5'", "total = n * 1.5\ntotal", "total", 7.5),
    "a zero": ("n, s = 0, 5", "ratio = s / n\nratio", "ratio", NOTHING),
    "nothing": ("text = None", "words = text.split()\nlen(words)", "words", NOTHING),
}
"""What is above, what fails, and what a right fix makes of a name; NOTHING: no text of this cell can be right."""


@pytest.mark.parametrize("sample", SAMPLE_AND_ALL)
async def test_what_is_called_verified_is_right(desk: Desk, tmp_path: Path, sample: bool) -> None:
    asked, tried = list(BROKEN.values())[:: 3 if sample else 1], 0
    for above, fails, name, right in asked:
        notebook = notebook_of(tmp_path, above, fails)
        desk.model.question = (
            f"This Python code fails:\n\n```python\n{fails}\n```\n\n{error_of(above, fails)}\n\n"
            "Fix the code. Answer with the fixed code only, in a ```python block."
        )
        proposals = await fix(desk.assistant, notebook, notebook.cells[1], None, Person())
        assert proposals.failure is not None
        tried += len(proposals.candidates)
        for candidate in proposals.candidates:
            if candidate.receipt is not None and candidate.receipt.verdict == "verified":
                assert ran(above, candidate.edits[0].source)[name] == right, candidate.edits
    assert tried > len(asked) / 3, "a model that proposes nothing shows nothing"


def ran(*sources: str) -> dict[str, object]:
    names: dict[str, object] = {}
    for source in sources:
        exec(source, names)
    return names


def error_of(*sources: str) -> str:
    try:
        ran(*sources)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    raise AssertionError("it runs")


@pytest.mark.long
async def test_a_fix_by_our_own_prompt_ends_with_a_receipt_or_a_reason(desk: Desk, tmp_path: Path) -> None:
    desk.model.question = ""
    notebook = notebook_of(tmp_path, *BROKEN["a number"][:2])
    proposals = await fix(desk.assistant, notebook, notebook.cells[1], None, Person())
    assert all(each.receipt is not None for each in proposals.candidates)
    assert proposals.candidates or proposals.note
