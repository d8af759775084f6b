"""What is sent: what was shown before, kept afterwards, and nothing that a model's own code has read."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from ai_notebook_ls.app import choose_provider
from ai_notebook_ls.assist.ask import ask
from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.explain import explain
from ai_notebook_ls.assist.fix import fix
from ai_notebook_ls.assist.improve import Wish, improve
from ai_notebook_ls.assist.preview import Asked, preview
from ai_notebook_ls.assist.run import run
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import ProviderFailed
from ai_notebook_ls.core.questions import RUN_ONCE
from ai_notebook_ls.core.requests import AskRequest, Values, Wording
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.ports import Preview
from ai_notebook_ls.providers.builtin import BuiltinProvider
from ai_notebook_ls.providers.chat import ChatProvider
from ai_notebook_ls.providers.records import AuditLog
from ai_notebook_ls.providers.redaction import SecretRedactor
from ai_notebook_ls.providers.scripted import ScriptedModel
from ai_notebook_ls.settings import ProviderSettings, Settings
from tests.assist.surfaces import Person
from tests.providers.faults import FaultServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

WISH = "Is it right?"
PASSWORD = "hunter2-and-more"
BOOKS = {
    "a call that fails": ("prices = ['3', '4']", f"password = '{PASSWORD}'\ntotal = prices.total()\ntotal"),
    "a rule knows it": ("rows = [1, 2]", "for row in rows\n    print(row)"),
    "a rule guesses": ("total_price = 3", "print(totl_price)"),
    "tables": ("frame = {'price': [1]}\nother = {'customer': ['x']}", "frame['Price']"),
    "a placeholder": ("url = 'http://x/?<SECRET_1: password>'", f"password = '{PASSWORD}'\nurl.total(password)"),
}
STATES = ("failed", "never run", "ran above", "ran above", "busy")
WRONG = "Words.\n```python\nraise RuntimeError('made up')\n```"


class Trusting(Person):
    """Lets a model's code run where nothing contains it."""

    async def ask(self, question: str, answers: Sequence[str]) -> str | None:
        return RUN_ONCE if RUN_ONCE in answers else await super().ask(question, answers)


@dataclass
class Desk:
    """An assistant with a model that is recorded, at one setting of `values`."""

    kernels: SidecarKernels
    server: FaultServer
    folder: Path

    def assistant(self, values: Values = "schema", model: str = "replies") -> Assistant:
        own = ProviderSettings("openai", base_url=self.server.base_url, model=model, cache=False, values=values)
        chosen = choose_provider(own)
        assert chosen is not None
        return Assistant(self.kernels, (BuiltinProvider(), chosen), Settings(provider=own), model=chosen)

    def notebook(self, *sources: str) -> Notebook:
        cells = tuple(Cell(f"c{place}", text) for place, text in enumerate(sources, 1))
        path = self.folder / "n.ipynb"
        return Notebook(path.as_uri(), cells, str(path))


@pytest_asyncio.fixture(loop_scope="module")
async def desk(kernels: SidecarKernels, server: FaultServer, tmp_path: Path) -> AsyncIterator[Desk]:
    yield Desk(kernels, server, tmp_path)


async def wished(assistant: Assistant, notebook: Notebook, command: str, said: str = WISH) -> None:
    """Give a command as a page does; that a model answers nonsense is its affair."""
    place = (assistant, notebook, notebook.cells[-1])
    if command == "explain":
        await explain(*place, None, Trusting())
    elif command == "fix":
        await fix(*place, None, Trusting())
    elif command == "ask":
        await ask(*place, said, None, Trusting())
    else:
        try:
            await improve(*place, Wish(instruction=said), Trusting())
        except ProviderFailed as trouble:
            assert "complete cell" in str(trouble)


@pytest.mark.parametrize(("book", "state"), [*zip(BOOKS, STATES, strict=True)])
async def test_what_is_sent_is_what_was_shown_and_is_kept(desk: Desk, book: str, state: str) -> None:
    notebook = desk.notebook(*BOOKS[book])
    assistant = desk.assistant()
    kernel = assistant.kernels.kernel(notebook)
    if state in ("ran above", "failed"):
        await run(assistant, notebook, notebook.cells[0 if state == "ran above" else 1], "needed", Person())
    async with AsyncExitStack() as stack:
        if state == "busy":
            await stack.enter_async_context(kernel.reserve())
        for command in ("explain", "ask", "improve", "fix"):
            if state == "busy" and command in ("improve", "fix"):
                continue  # they wait for it
            desk.server.bodies.clear()
            desk.server.replies[:] = [WRONG] * 4
            asked = Asked(f"aiNotebook.{command}", text=WISH)
            shown = await preview(assistant, notebook, notebook.cells[-1], asked, Person())
            assert desk.server.bodies == []
            noting, sent = assistant.noting()
            await wished(noting, notebook, command)
            assert [each.body for each in sent] == desk.server.bodies
            if sent:
                assert sent[0] == shown
                assert [dict(each) for each in shown.messages] == json.loads(shown.body)["messages"]
            else:
                assert command == "fix", "a rule has verified a fix"
            assert all(PASSWORD.encode() not in body for body in desk.server.bodies)


async def test_what_an_old_server_refuses_and_gets_again_is_kept_too(desk: Desk) -> None:
    notebook = desk.notebook("prices = [3, 4]")
    noting, sent = desk.assistant(model="old").noting()
    desk.server.bodies.clear()
    await wished(noting, notebook, "ask")
    assert [each.body for each in sent] == desk.server.bodies
    assert [b"stream_options" in each.body for each in sent] == [True, False]


SECRET = "52fd-cafe-from-the-file"
THIEVES = {
    "a message": "number = int(open({file!r}).read())",
    "a class of its own": "raise type(open({file!r}).read().replace('-', '_'), (Exception,), {{}})()",
    "a class that claims to be a library's": (
        "raise type(open({file!r}).read(), (Exception,), {{'__module__': 'pandas.errors'}})()"
    ),
    "a line": "raise ValueError('Cell In[1], line 523423423', open({file!r}).read())",
    "an output": "print(open({file!r}).read())\nraise ValueError",
}


@pytest.mark.parametrize("values", ["never", "schema"])
@pytest.mark.parametrize("theft", THIEVES)
async def test_a_model_learns_nothing_that_its_code_has_read(desk: Desk, theft: str, values: Values) -> None:
    file = desk.folder / ".env"
    file.write_text(SECRET)
    notebook = desk.notebook("prices = ['3', '4']", "total = prices.total()\ntotal")
    stolen = f"total = sum(map(int, prices))\n{THIEVES[theft].format(file=str(file))}\ntotal"
    for command in ("fix", "improve"):
        works = desk.notebook("prices = ['3', '4']", "total = len(prices)\ntotal")
        desk.server.bodies.clear()
        desk.server.replies[:] = [f"Words.\n```python\n{stolen}\n```"] * 2
        noting, sent = desk.assistant(values).noting()
        await wished(noting, notebook if command == "fix" else works, command)
        assert len(sent) == 2, "the second round knows what came of the first"
        told = sent[1].messages[-1]["content"]
        result = told.split("Result: ")[1].split("\nEND ")[0]
        if command == "improve" or theft == "a message":  # a fix that raises is refused unrun
            assert "another error came" in result, "it ran"
        assert not any(trace in result for trace in (SECRET, SECRET.replace("-", "_"), "523423423"))
        assert not any(trace in told for trace in (SECRET, SECRET.replace("-", "_")))


async def test_a_builtin_exception_and_its_line_are_told_and_the_message_by_leave_only(desk: Desk) -> None:
    notebook = desk.notebook("prices = ['3', '4']", "total = prices.total()\ntotal")
    wrong = "total = sum(prices)\ntotal"
    told: dict[Values, str] = {}
    for values in ("schema", "sample"):
        desk.server.replies[:] = [f"Words.\n```python\n{wrong}\n```"] * 2
        noting, sent = desk.assistant(values).noting()
        await wished(noting, notebook, "fix")
        told[values] = sent[1].messages[-1]["content"]
        assert ("message" in sent[0].later) and ("no message" in sent[0].later) == (values == "schema")
    assert "TypeError in cell 2, line 1." in told["schema"]
    assert "unsupported operand" not in told["schema"]
    assert "unsupported operand" in told["sample"]


@pytest.mark.parametrize("values", ["never", "schema"])
async def test_what_a_model_can_choose_of_its_results_is_little(desk: Desk, values: Values) -> None:
    below = [f"v{place} = len(names) - {place}" for place in range(12)]
    notebook = desk.notebook("names = ['a', 'b']", "total = len(names)\ntotal", *below)
    place = "names.clear() if total else None"
    far = "\n".join(["total = len(names)", *[""] * 600, "raise KeyError"])
    for stolen in (f"total = len(names)\n{place}\n{{}}['x']", far):
        desk.server.replies[:] = [f"Words.\n```python\n{stolen}\n```"] * 2
        assistant = desk.assistant(values)
        noting, sent = assistant.noting()
        await improve(noting, notebook, notebook.cells[1], Wish(instruction=WISH), Trusting())
        result = sent[1].messages[-1]["content"].split("Result: ")[1].split("\nEND ")[0]
        assert ("KeyError" in result) == (values == "schema")
        assert "line 6" not in result
        assert "cells" not in result, "each cell below that fails or not would be a bit"


async def test_what_is_sent_again_as_it_was_is_kept_too(desk: Desk) -> None:
    own = ProviderSettings("openai", base_url=desk.server.base_url, model="recovers", cache=False)
    model = choose_provider(own)
    assert model is not None
    desk.server.failures = 1
    notebook = desk.notebook("x = 1")
    noting, sent = Assistant(desk.kernels, (BuiltinProvider(), model), Settings(provider=own), model=model).noting()
    await wished(noting, notebook, "ask")
    assert len(sent) == 2
    assert [each.body for each in sent] == desk.server.bodies


async def test_what_was_shown_is_sent_though_the_server_has_another_window_by_then(desk: Desk) -> None:
    """A person thinks for minutes over what is shown."""
    windows = iter([8000, 600, 600])

    class Moody(ScriptedModel):
        async def window(self) -> int | None:
            return next(windows)

    script = desk.folder / "script.jsonl"
    script.write_text('{"reply": "Yes."}\n')
    sent: list[Preview] = []
    provider = ChatProvider(Moody(str(script)), SecretRedactor, AuditLog(None), Wording()).noting(sent.append)
    notebook = desk.notebook(
        *(f"text{place} = '{'word ' * 60}'" for place in range(20)),
        "x = [" + ", ".join(f"text{place}" for place in range(20)) + "]",
    )
    request = AskRequest(notebook, notebook.cells[-1], WISH)
    shown = await provider.preview(request)
    async for _ in provider.ask(request):
        pass
    assert sent == [shown]
