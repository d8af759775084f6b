"""The verbs with a model behind a real socket: what is sent, what is asked before, and what its answers are worth."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import pytest_asyncio

from ai_notebook_ls.app import choose_provider
from ai_notebook_ls.assist.ask import Answer, ask
from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.assist.explain import explain
from ai_notebook_ls.assist.fix import fix
from ai_notebook_ls.assist.improve import Wish, improve
from ai_notebook_ls.assist.preview import Asked, preview
from ai_notebook_ls.assist.run import run
from ai_notebook_ls.core.candidates import Proposals
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.failures import BadArguments, NotSent, ProviderUnavailable
from ai_notebook_ls.core.questions import NOT_NOW, RUN_ONCE, SEND, SEND_ONCE, SHOW
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.ports import ModelProvider, ProviderInfo
from ai_notebook_ls.providers.builtin import BuiltinProvider
from ai_notebook_ls.providers.chat import ChatProvider
from ai_notebook_ls.providers.records import ConsentsFile
from ai_notebook_ls.settings import ProviderSettings, Settings
from tests.assist.surfaces import Person
from tests.providers.faults import FaultServer

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASSWORD = "hunter2-and-more"
SOURCES = ("prices = ['3', '4']", f"password = '{PASSWORD}'\ntotal = prices.total()\ntotal", "print(total)")
RIGHT = "It adds texts.\n```python\n# cell 2\npassword = 'P'\ntotal = sum(map(int, prices))\ntotal\n```"
ELSEWHERE = "https://models.example.org"


@dataclass
class Listener(Person):
    """A person who gives these answers, and reads what is streamed."""

    answers: list[str | None] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    offered: list[tuple[str, ...]] = field(default_factory=list)

    def delta(self, text: str) -> None:
        self.heard.append(text)

    async def ask(self, question: str, answers: Sequence[str]) -> str | None:
        if RUN_ONCE in answers:  # where nothing contains what the model proposes
            return RUN_ONCE
        self.asked.append(question)
        self.offered.append(tuple(answers))
        return self.answers.pop(0)


@dataclass
class Desk:
    """An assistant with a model, and a notebook."""

    assistant: Assistant
    notebook: Notebook
    server: FaultServer
    person: Listener = field(default_factory=Listener)

    @property
    def broken(self) -> Cell:
        return self.notebook.cells[1]

    async def fixed(self, *replies: str) -> Proposals:
        self.server.replies[:] = replies
        return await fix(self.assistant, self.notebook, self.broken, None, self.person)

    async def asked(self, question: str, *replies: str, conversation: str | None = None) -> Answer:
        self.server.replies[:] = replies
        return await ask(self.assistant, self.notebook, self.broken, question, conversation, self.person)

    def sent(self, number: int = -1) -> str:
        messages = json.loads(self.server.bodies[number])["messages"]
        return "\n".join(each["content"] for each in messages)


@pytest_asyncio.fixture(loop_scope="module")
async def desk(kernels: SidecarKernels, server: FaultServer, tmp_path: Path) -> AsyncIterator[Desk]:
    settings = Settings(provider=ProviderSettings("openai", base_url=server.base_url, model="replies", cache=False))
    model = choose_provider(settings.provider)
    assert isinstance(model, ChatProvider)
    consents = ConsentsFile(tmp_path / "state")
    assistant = Assistant(kernels, (BuiltinProvider(), model), settings, model=model, consents=consents)
    cells = tuple(Cell(f"c{place}", text) for place, text in enumerate(SOURCES, 1))
    yield Desk(assistant, Notebook(f"untitled:{tmp_path.name}", cells, path=str(tmp_path / "n.ipynb")), server)
    await model.close()


class Elsewhere:
    """The same model, as if it were on another machine."""

    def __init__(self, model: ModelProvider) -> None:
        self._model = model

    @property
    def info(self) -> ProviderInfo:
        return replace(self._model.info, destination=ELSEWHERE)

    def __getattr__(self, name: str) -> object:
        return getattr(self._model, name)


@pytest.fixture
def far(desk: Desk) -> Desk:
    assert desk.assistant.model is not None
    model: ModelProvider = Elsewhere(desk.assistant.model)  # type: ignore[assignment]
    return replace(desk, assistant=replace(desk.assistant, providers=(BuiltinProvider(), model), model=model))


def placeholder(sent: str) -> str:
    return sent.split("password = '")[1].split("'")[0]


async def test_a_right_answer_is_run_and_verified(desk: Desk) -> None:
    shown = await preview(desk.assistant, desk.notebook, desk.broken, Asked("aiNotebook.fix"), desk.person)
    reply = RIGHT.replace("'P'", f"'{placeholder(shown.messages[-1]['content'])}'")
    proposals = await desk.fixed(reply)
    best = proposals.candidates[0]
    assert best.receipt is not None
    assert best.receipt.verdict == "verified"
    assert best.origin == "model:replies"
    assert best.edits[0].source.startswith(f"password = '{PASSWORD}'\n"), "the user's own secret is back"


async def test_a_secret_never_leaves(desk: Desk) -> None:
    await desk.fixed("no idea", "no idea")
    assert desk.server.bodies
    assert all(PASSWORD.encode() not in body for body in desk.server.bodies)
    assert "<SECRET_" in desk.sent()


async def test_the_cause_above_may_be_mended(desk: Desk) -> None:
    prices = (
        "class Prices(list):\n    def total(self):\n        return sum(map(int, self))\nprices = Prices(['3', '4'])"
    )
    reply = f"Cause: texts.\n```python\n# cell 1\n{prices}\n```"
    [best, *_] = (await desk.fixed(reply, "none")).candidates
    assert best.edits[0].cell == "c1"
    assert best.title == "Change cell 1 as the model proposes"


LIES = {
    "deletes": "```python\n# cell 2\ntotal = 7\ntotal\n```",
    "swallows": "```python\ntry:\n    total = prices.total()\nexcept Exception:\n    total = 0\ntotal\n```",
    "repeats": "```python\npassword = 'x'\ntotal = prices.total()\ntotal\n```",
    "reaches out": "```python\nimport os\nos.system('touch /tmp/reached')\ntotal = sum(map(int, prices))\ntotal\n```",
    "another cell": "```python\n# cell 3\nprint('total')\n```",
    "no block": "Use sum(map(int, prices)).",
    "unclosed": "```python\ntotal = sum(map(int, prices))",
    "no Python": "```python\ntotal = sum(map(int, prices)\n```",
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_lie_is_no_fix(desk: Desk, lie: str) -> None:
    proposals = await desk.fixed(LIES[lie], LIES[lie])
    assert all(each.receipt and each.receipt.verdict != "verified" for each in proposals.candidates)


async def test_the_second_round_knows_what_came_of_the_first(desk: Desk) -> None:
    wrong = "```python\npassword = 'x'\ntotal = sum(prices)\ntotal\n```"
    await desk.fixed(wrong, wrong)
    assert len(desk.server.bodies) == 2
    assert "+total = sum(prices)" in desk.sent()
    assert "Propose something else" in desk.sent()


async def test_a_server_elsewhere_is_asked_about_once(far: Desk) -> None:
    far.person.answers = [SHOW, SEND]
    await far.asked("Why?", "Because.")
    first, second = far.person.asked
    assert first.startswith("Send this cell, and what of the notebook belongs to it, to https://models.example.org?")
    assert "1 secret left out" in first
    assert "[user]\nBEGIN" in second
    assert PASSWORD not in second
    await far.asked("Why?", "Because.")
    assert len(far.person.asked) == 2, "once for each destination"


async def test_once_is_once(far: Desk) -> None:
    far.person.answers = [SEND_ONCE, SHOW, SEND_ONCE]
    await far.asked("Why?", "Because.")
    await far.asked("Why?", "Because.")
    assert len(far.person.asked) == 3, "asked again, and after what is sent was shown"
    assert len(far.server.bodies) == 2
    assert far.person.offered[0] == (NOT_NOW, SHOW, SEND_ONCE, SEND), "the cautious answer first"


async def test_what_later_rounds_add_is_said_before_the_first(far: Desk) -> None:
    far.person.answers = [NOT_NOW]
    await far.fixed()
    assert "a second request adds" in far.person.asked[0]


async def test_who_gave_no_whole_cell_is_named_with_what_to_do(desk: Desk) -> None:
    note = (await desk.fixed("no idea", "no idea")).note
    assert note is not None
    assert "replies: It answered without a complete cell" in note
    assert "Ask again" in note


@pytest.mark.parametrize("answer", [NOT_NOW, None])
async def test_without_a_word_nothing_is_sent(far: Desk, answer: str | None) -> None:
    far.person.answers = [answer] * 3
    with pytest.raises(NotSent, match="Nothing was sent to https"):
        await far.asked("Why?")
    explained = await explain(far.assistant, far.notebook, far.broken, None, far.person)
    assert explained.markdown.endswith(
        "Nothing was sent to https://models.example.org." + ("" if answer else " The question was not answered.") + "*"
    )
    proposals = await far.fixed()
    assert proposals.note is not None
    assert "Nothing was sent" in proposals.note
    assert far.server.bodies == []


async def test_never_is_never(desk: Desk) -> None:
    settings = replace(desk.assistant.settings, provider=replace(desk.assistant.settings.provider, send="never"))
    desk.assistant = replace(desk.assistant, settings=settings)
    with pytest.raises(NotSent):
        await desk.asked("Why?")
    assert desk.server.bodies == []


async def test_an_explanation_is_streamed_and_tells_what_it_took(desk: Desk) -> None:
    desk.server.replies[:] = ["This cell adds prices. " * 20]
    explained = await explain(desk.assistant, desk.notebook, desk.broken, None, desk.person)
    assert explained.markdown.endswith("This cell adds prices. " * 20)
    assert len(desk.person.heard) > 3
    assert explained.usage is not None
    assert explained.usage.model == "m-1"
    assert not explained.cached


async def test_a_conversation_goes_on(desk: Desk) -> None:
    first = await desk.asked("What is total?", "A sum.\n```python\nsum([1])\n```\n```bash\nls\n```")
    assert first.code == ("sum([1])",)
    assert "".join(desk.person.heard) == first.markdown
    await desk.asked("And then?", "Nothing.", conversation=first.conversation)
    roles = [each["role"] for each in json.loads(desk.server.bodies[-1])["messages"]]
    assert roles == ["system", "user", "assistant", "user"]
    other = await desk.asked("What?", "That.")
    assert other.conversation != first.conversation
    assert len(json.loads(desk.server.bodies[-1])["messages"]) == 2


@pytest.mark.parametrize("question", ["", "  \n", "x" * 10_001])
async def test_a_question_that_is_none(desk: Desk, question: str) -> None:
    with pytest.raises(BadArguments):
        await desk.asked(question)


async def test_without_a_model_it_is_said_how_to_get_one(desk: Desk) -> None:
    desk.assistant = replace(desk.assistant, model=None)
    with pytest.raises(ProviderUnavailable, match="AI_NOTEBOOK_LS_BASE_URL"):
        await desk.asked("Why?")
    with pytest.raises(ProviderUnavailable, match=r"docs/models\.md"):
        await improve(desk.assistant, desk.notebook, desk.broken, Wish(instruction="Do."), desk.person)


GOOD = ("rows = [3, 1, 2]", "out = []\nfor row in rows:\n    out.append(row * 2)\nout", "print(sum(out))")


@pytest.mark.parametrize(
    ("source", "verdict", "reason"),
    [
        (
            "out = [row * 2 for row in rows]\nout",
            "verified",
            "Ran cells 2 and 3 before and after the change: all outputs are equal.",
        ),
        ("out = [row * 3 for row in rows]\nout", "unchecked", "Outputs differ: cells 2 and 3."),
        ("doubled = [row * 2 for row in rows]\ndoubled", "new-error", "After the change cell 3 fails: NameError."),
        ("import subprocess\nout = [row * 2 for row in rows]\nout", "escape", "Not run: it adds `subprocess`"),
    ],
)
async def test_an_improvement_by_instruction_is_run_before_and_after(
    desk: Desk, source: str, verdict: str, reason: str
) -> None:
    cells = tuple(Cell(f"c{place}", text) for place, text in enumerate(GOOD, 1))
    book = replace(desk.notebook, cells=cells)
    desk.server.replies[:] = [f"Done.\n```python\n{source}\n```"] * 2
    proposals = await improve(desk.assistant, book, cells[1], Wish(instruction="Use a comprehension"), desk.person)
    receipt = proposals.candidates[0].receipt
    assert receipt is not None
    assert (receipt.verdict, receipt.reason[: len(reason)]) == (verdict, reason)
    assert (receipt.before is not None) == reason.startswith("Outputs differ"), "the old output beside the new one"
    assert proposals.note is not None
    assert "tokens read" in proposals.note


async def test_values_go_along_only_by_the_users_leave(desk: Desk) -> None:
    await run(desk.assistant, desk.notebook, desk.notebook.cells[0], "cell", desk.person)
    await desk.asked("Why?", "Because.")
    assert "prices: list of shape (2,)" in desk.sent()
    assert "['3', '4']\n" not in desk.sent().replace("prices = ['3', '4']", "")


async def test_a_rules_guess_is_not_told_and_no_guess_once_a_model_says_the_same(desk: Desk) -> None:
    cells = (Cell("g1", "temperature = 3\ntemp_a = 1\ntemp_b = 2"), Cell("g2", "warm = temp * 2\nwarm"))
    book = replace(desk.notebook, cells=cells)
    without = await fix(replace(desk.assistant, providers=(BuiltinProvider(),)), book, cells[1], None, desk.person)
    guesses = [each for each in without.candidates if each.receipt and each.receipt.verdict == "unchecked"]
    assert guesses
    assert not any(each.receipt and each.receipt.verdict == "verified" for each in without.candidates)
    source = guesses[-1].edits[0].source
    desk.server.replies[:] = [f"It is misspelt.\n```python\n# cell 2\n{source}\n```"]
    proposals = await fix(desk.assistant, book, cells[1], None, desk.person)
    assert all(f"+{each.edits[0].source.splitlines()[0]}" not in desk.sent() for each in guesses)
    best = proposals.candidates[0]
    assert best.receipt is not None
    assert (best.receipt.verdict, best.edits[0].source, best.origin) == ("verified", source, "model:replies")
    assert best.title == guesses[-1].title
