"""A model in a real browser: ask, insert, change by one's own words, see what is sent, be asked before it is."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page, expect

from tests.browser.jupyter import Jupyter, open_notebook, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
CELLS = ["prices = [3, 4]", "total = 0\nfor price in prices:\n    total = total + price\ntotal"]
ANSWER = "It **adds** them.\n\n![tracker](https://evil.example/pixel.png?x=1)\n\n```python\nmax(prices)\n```\n"
SCRIPT = [
    {"match": "Which is", "reply": ANSWER},
    {"match": "And the least", "reply": "`min(prices)`.", "delayMs": 100},
    {"match": "Use sum", "reply": "Shorter.\n```python\ntotal = sum(prices)\ntotal\n```"},
]


def notebook(jupyter: Jupyter, name: str) -> str:
    made = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "P"}})
    made.cells = [nbformat.v4.new_code_cell(text) for text in CELLS]
    nbformat.write(made, jupyter.root / name)
    return name


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    home = tmp_path_factory.mktemp("home")
    script = home / "script.jsonl"
    script.write_text("\n".join(map(json.dumps, SCRIPT)), encoding="utf-8")
    variables = {"AI_NOTEBOOK_LS_PROVIDER": "scripted", "AI_NOTEBOOK_LS_SCRIPT": str(script)}
    with running(tmp_path_factory.mktemp("root"), home, variables=variables) as server:
        yield server


def test_a_question_is_answered_and_its_code_inserted(page: Page, scripted: Jupyter) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    open_notebook(page, scripted, "lab", notebook(scripted, "ask.ipynb"))
    page.locator(".jp-AiNotebook-status[data-state='ready']").first.wait_for(state="attached")
    page.locator(".jp-CodeCell").nth(1).locator(".cm-content").click()
    page.locator(".jp-AiNotebook-statusButton:visible").first.click()
    field = page.locator(".jp-AiNotebook-question-field")
    field.fill("Which is the largest?")

    page.locator(".jp-AiNotebook-ask .jp-AiNotebook-look").click()
    newest = page.locator(".jp-AiNotebook-card").first
    expect(newest).to_contain_text("Nothing was sent yet")
    expect(newest.locator("pre").nth(1)).to_contain_text("Which is the largest?")

    field.press("Enter")
    expect(newest.locator("strong")).to_have_text("adds")
    expect(newest).to_contain_text("From scripted:")
    expect(newest.locator("img")).to_have_count(0)
    expect(newest).to_contain_text("[tracker]")
    newest.get_by_role("button", name="What was sent").click()
    expect(newest.locator(".jp-AiNotebook-wasSent pre").nth(1)).to_contain_text("Which is the largest?")
    newest.get_by_role("button", name="Try in sidecar").click()
    expect(newest.locator(".jp-AiNotebook-trial .jp-AiNotebook-outputs")).to_contain_text("4", timeout=60_000)
    expect(page.locator(".jp-CodeCell")).to_have_count(2), "tried first, inserted when the user says so"
    newest.locator(".jp-AiNotebook-insert").click()
    expect(page.locator(".jp-CodeCell")).to_have_count(3)
    expect(page.locator(".jp-CodeCell").nth(2).locator(".cm-content")).to_have_text("max(prices)")
    expect(page.locator(".jp-CodeCell").nth(2).locator(".jp-InputPrompt")).to_have_text("[ ]:"), "it has not run"

    expect(page.locator(".jp-AiNotebook-send")).to_have_text("Ask on")
    page.locator(".jp-CodeCell").nth(1).locator(".cm-content").click()
    field.fill("And the least?")
    field.press("Enter")
    expect(newest.locator("code").last).to_have_text("min(prices)")

    field.fill("Use sum instead of the loop")
    page.locator(".jp-AiNotebook-change").click()
    expect(newest.locator(".jp-AiNotebook-receipt")).to_contain_text("all outputs are equal", timeout=60_000)
    newest.locator(".jp-AiNotebook-apply").click()
    expect(page.locator(".jp-CodeCell").nth(1).locator(".cm-content")).to_contain_text("sum(prices)")
    assert not [url for url in fetched if "evil" in url]


@pytest.fixture
def tokens() -> Iterator[str]:
    """A chat server in a process of its own, on this machine; its base URL."""
    command = [sys.executable, "-m", "benchmarks.token_server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        process.kill()


WATCH = """() => {
    window.lengths = [];
    const look = () => {
        const shown = document.querySelector('.jp-AiNotebook-card .jp-AiNotebook-markdown');
        if (shown) { window.lengths.push(shown.textContent.length); }
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


@pytest.mark.parametrize("model", ["paced-10-200", pytest.param("endless", marks=pytest.mark.long)])
def test_an_answer_streams_without_flicker_until_it_ends_or_is_stopped(
    page: Page, tmp_path: Path, tokens: str, model: str
) -> None:
    variables = {"AI_NOTEBOOK_LS_PROVIDER": "openai", "AI_NOTEBOOK_LS_BASE_URL": tokens, "AI_NOTEBOOK_LS_MODEL": model}
    root = tmp_path / "root"
    root.mkdir()
    with running(root, tmp_path / "home", variables=variables) as server:
        open_notebook(page, server, "lab", notebook(server, "stream.ipynb"))
        page.locator(".jp-AiNotebook-status[data-state='ready']").first.wait_for(state="attached")
        page.locator(".jp-CodeCell").nth(1).locator(".cm-content").click()
        page.evaluate(WATCH)
        page.keyboard.press("Alt+Shift+A")
        page.keyboard.type("How many?")
        page.keyboard.press("Enter")
        card = page.locator(".jp-AiNotebook-card").first
        expect(card.locator(".jp-AiNotebook-markdown")).to_contain_text("token token", timeout=60_000)
        if model == "endless":
            card.get_by_role("button", name="Stop").click()
            expect(card).to_have_attribute("data-phase", "stopped")
            expect(card.locator(".jp-AiNotebook-markdown")).to_contain_text("token token"), "what came is kept"
            with urllib.request.urlopen(f"{tokens}/left", timeout=30) as answer:
                assert json.load(answer)["left"] > 0, "the model's server was told to stop, too"
        else:
            expect(card).to_have_attribute("data-phase", "done", timeout=60_000)
        lengths = page.evaluate("window.lengths")
        assert len(set(lengths)) > (2 if model == "endless" else 5), "it came in parts"
        assert lengths == sorted(lengths), "what is shown only grows"


def test_nothing_goes_elsewhere_unasked(page: Page, tmp_path: Path) -> None:
    variables = {
        "AI_NOTEBOOK_LS_PROVIDER": "openai",
        "AI_NOTEBOOK_LS_BASE_URL": "openai",
        "AI_NOTEBOOK_LS_MODEL": "gpt-test",
        "AI_NOTEBOOK_LS_API_KEY": "sk-canary-0123456789abcdef",
    }
    root = tmp_path / "root"
    root.mkdir()
    with running(root, tmp_path / "home", variables=variables) as server:
        open_notebook(page, server, "notebook", notebook(server, "unasked.ipynb"))
        page.locator(".jp-AiNotebook-status[data-state='ready']").first.wait_for(state="attached")
        page.locator(".jp-CodeCell").nth(1).locator(".cm-content").click()
        page.keyboard.press("Control+.")
        page.locator(".lm-Menu.jp-AiNotebook-menu .lm-Menu-item", has_text="Explain").click()
        dialog = page.locator(".jp-Dialog")
        expect(dialog).to_contain_text("to https://api.openai.com?", timeout=60_000)
        dialog.get_by_role("button", name="Show what is sent").click()
        expect(dialog.locator("pre")).to_contain_text("for price in prices")
        dialog.get_by_role("button", name="Not now").click()
        newest = page.locator(".jp-AiNotebook-card").first
        expect(newest).to_contain_text("Nothing was sent to https://api.openai.com.")
        expect(newest).to_contain_text("prices"), "what is known without a model is there all the same"
        assert "sk-canary" not in server.log.read_text(errors="replace")
