"""The classic Notebook for everybody: questions, keys, the off switch, a screen reader."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.classic import APP, answer, ask, cell, dialog, open_classic, run_in_own_kernel, select, source, write
from tests.browser.jupyter import Jupyter, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def nbconfig(jupyter: Jupyter) -> Iterator[Path]:
    """Classic's configuration, which each page reads anew; without what a test puts there, afterwards."""
    file = jupyter.log.parent / "config" / "nbconfig" / "notebook.json"
    yield file
    file.unlink()


AXE = Path(__file__).parents[2] / "lab-plugin/node_modules/axe-core/axe.min.js"
OURS = [".ai-notebook-dialog", "#ai_notebook_ls", "#ai_notebook_ls + div", "#ai_notebook_ls_menubar"]


def test_a_question_is_asked_in_the_dialog(page: Page, jupyter: Jupyter) -> None:
    long_ago = {"iopub.execute_input": "2026-01-01T10:00:00Z", "shell.execute_reply": "2026-01-01T10:02:30Z"}
    cells = ["rows = [3, 1]", "total = sum(rows)", "print('total', total)"]
    open_classic(page, jupyter, write(jupyter, "asks.ipynb", cells, execution=long_ago))
    select(page, 2)
    page.keyboard.press("Alt+Shift+R")
    question = dialog(page).get_by_role("region", name="The sidecar asks")
    expect(question.get_by_role("listitem")).to_have_text("Cell 1 took 2 minutes last time.", timeout=60_000)
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(answer(page)).to_contain_text("Nothing was run")
    expect(dialog(page)).to_be_visible()

    answer(page).get_by_role("button", name="Ask again").click()
    expect(question.get_by_role("button", name="Run them")).to_be_focused()
    page.keyboard.press("Enter")
    expect(answer(page).locator(".ai-notebook-outputs")).to_contain_text("total 4", timeout=60_000)
    page.keyboard.press("Escape")


@pytest.mark.long
def test_a_question_does_not_take_the_keys_of_who_types(page: Page, jupyter: Jupyter) -> None:
    """It opens the dialog that was closed meanwhile; Enter, meant for a cell, must not answer it."""
    held: list[tuple[Any, str | bytes]] = []

    def hold(client: Any) -> None:
        server = client.connect_to_server()
        server.on_message(
            lambda text: held.append((client, text)) if "showMessageRequest" in text else client.send(text)
        )

    page.route_web_socket(re.compile("/ai-notebook-ls/"), hold)
    long_ago = {"iopub.execute_input": "2026-01-01T10:00:00Z", "shell.execute_reply": "2026-01-01T10:02:30Z"}
    open_classic(page, jupyter, write(jupyter, "types.ipynb", ["rows = [3, 1]", "print(rows)"], execution=long_ago))
    select(page, 1)
    page.keyboard.press("Alt+Shift+R")
    expect(answer(page)).to_contain_text("Waiting for your answer", timeout=60_000)
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    [(client, question)] = held
    client.send(question)
    asked = dialog(page).get_by_role("region", name="The sidecar asks")
    expect(asked).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("x y\n")
    expect(asked).to_be_visible()
    expect(answer(page)).to_have_attribute("data-phase", "running")
    asked.get_by_role("button", name="Cancel").click()
    expect(answer(page)).to_contain_text("Nothing was run")
    page.keyboard.press("Escape")
    assert page.evaluate("Jupyter.notebook.mode") == "edit"


@pytest.mark.long
def test_the_menu(page: Page, jupyter: Jupyter) -> None:
    open_classic(page, jupyter, write(jupyter, "menu.ipynb", ["unneeded = 1", "print(2)"]))
    menu = page.locator("#ai_notebook_ls_menu")
    select(page, 1)
    page.locator("#menubar").get_by_text("AI Notebook").click()
    menu.get_by_role("menuitem", name="Run all above, then this, in sidecar").click()
    expect(answer(page)).to_have_attribute("data-phase", "done", timeout=60_000)
    expect(answer(page)).to_contain_text("This cell and 1 cell before it")
    page.keyboard.press("Escape")
    page.locator("#menubar").get_by_text("AI Notebook").click()
    menu.get_by_role("menuitem", name="Show answers").click()
    expect(answer(page)).to_be_focused()
    page.keyboard.press("Escape")
    page.evaluate("Jupyter.notebook.to_markdown(1)")
    page.keyboard.press("Alt+Shift+E")
    expect(page.locator("#notification_ai_notebook_ls")).to_have_text("Select a code cell first.")
    expect(dialog(page)).to_be_hidden()


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
        open_classic(page, server, write(server, "unasked.ipynb", ["prices = [3, 4]"]))
        expect(page.locator(".ai-notebook-status")).to_have_attribute("title", re.compile("at https://api.openai.com"))
        select(page, 0)
        page.keyboard.press("Alt+Shift+E")
        question = dialog(page).get_by_role("region", name="The sidecar asks")
        expect(question).to_contain_text("to https://api.openai.com?", timeout=60_000)
        question.get_by_role("button", name="Show what is sent").click()
        expect(question.locator("pre")).to_contain_text("prices = [3, 4]")
        question.get_by_role("button", name="Not now").click()
        expect(answer(page)).to_contain_text("Nothing was sent to https://api.openai.com.", timeout=60_000)
        expect(answer(page)).to_contain_text("prices"), "what is known without a model is there all the same"


def test_the_off_switch_and_pages_without_notebooks(page: Page, jupyter: Jupyter, nbconfig: Path) -> None:
    nbconfig.write_text(json.dumps({"ai_notebook_ls": {"enabled": False}}))
    wanted: list[str] = []
    page.on("request", lambda request: wanted.append(request.url))
    page.on("websocket", lambda socket: wanted.append(socket.url))
    notebook = write(jupyter, "off.ipynb", ["1"])
    page.goto(f"{jupyter.base}nbclassic/tree?token={jupyter.token}")
    page.wait_for_selector(".item_link[href*='off.ipynb']")
    assert not [url for url in wanted if "ai_notebook_ls" in url or "ai-notebook-ls" in url]
    page.goto(jupyter.url(APP, notebook))
    page.wait_for_selector("#kernel_indicator_icon.kernel_idle_icon", timeout=90_000)
    page.wait_for_function("Jupyter.notebook.config.data.ai_notebook_ls?.enabled === false")
    expect(page.locator("#ai_notebook_ls, #ai_notebook_ls_menubar")).to_have_count(0)
    assert not [url for url in wanted if "ai-notebook-ls" in url], "no connection"


@pytest.mark.long
def test_keys_that_are_taken_stay(page: Page, jupyter: Jupyter, nbconfig: Path) -> None:
    keys = {"command": {"bind": {"alt-shift-e": "jupyter-notebook:insert-cell-below"}}}
    nbconfig.write_text(json.dumps({"keys": keys}))
    open_classic(page, jupyter, write(jupyter, "taken.ipynb", ["1"]))
    select(page, 0)
    page.keyboard.press("Alt+Shift+E")
    expect(page.locator("#notebook .code_cell")).to_have_count(2)
    expect(dialog(page)).to_be_hidden()


def violations(page: Page) -> list[str]:
    """Return all that axe finds in what is ours; it cannot see colours in the layer of modal dialogs."""
    page.evaluate("for (const each of document.querySelectorAll('dialog[open]')) { each.close(); each.show(); }")
    told: Any = page.evaluate("async include => await axe.run({include})", [[each] for each in OURS])
    assert {"color-contrast", "button-name"} <= {each["id"] for each in told["passes"]}, "axe has looked"
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in told["violations"]
        for node in each["nodes"]
    ]


def test_axe_finds_nothing(page: Page, jupyter: Jupyter) -> None:
    cells = ["prices = {'apple': 3}\nprint(prices)", "pricse['apple']"]
    open_classic(page, jupyter, write(jupyter, "axe.ipynb", cells))
    page.evaluate(AXE.read_text())
    assert violations(page) == []
    page.locator(".ai-notebook-status").click()
    expect(dialog(page)).to_contain_text("Nothing was asked yet.")
    assert violations(page) == []
    page.keyboard.press("Escape")
    for number, label in ((0, "Explain"), (0, "Run in sidecar"), (1, "Fix")):
        for summary in ask(page, number, label).locator("summary").all():
            summary.click()
        assert violations(page) == []
        page.keyboard.press("Escape")
    page.locator("#ai_notebook_ls_link").click()
    expect(page.locator("#ai_notebook_ls_menu")).to_be_visible()
    assert violations(page) == []


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.innerText"))


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on something of this name, within the dialog."""
    for _ in range(12):
        page.keyboard.press("Tab")
        if focused(page) == name:
            return
    raise AssertionError(f"no {name!r} within 12 tabs; the last was {focused(page)!r}")


def test_by_keyboard_alone(page: Page, jupyter: Jupyter) -> None:
    """Explain, fix, the diff, apply; the mouse only puts the cursor into the first cell."""
    open_classic(page, jupyter, write(jupyter, "keys.ipynb", ["prices = {'apple': 3}", "pricse['apple']"]))
    run_in_own_kernel(page, 0)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+Enter")
    expect(cell(page, 1).locator(".output")).to_contain_text("NameError")
    page.keyboard.press("Alt+Shift+E")
    expect(answer(page)).to_have_attribute("data-verb", "explain")
    expect(answer(page)).to_be_focused()
    live = dialog(page).get_by_role("status")
    expect(live).to_have_text("The explanation is ready.", timeout=60_000)
    page.keyboard.press("Escape")
    expect(cell(page, 1)).to_be_focused()

    # The same in edit mode, where the cursor then is again.
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.press("Alt+Shift+F")
    expect(answer(page)).to_have_attribute("data-verb", "fix")
    expect(live).to_contain_text("the error is gone", timeout=60_000)
    page.keyboard.press("d")
    page.keyboard.press("d")  # deletes a cell, in the notebook
    tab_to(page, "Changes to Cell 2")
    tab_to(page, "Apply")
    page.keyboard.press("Enter")
    expect(live).to_contain_text("Applied.")
    assert focused(page) == "Undo"
    for _ in range(15):  # round and round: the notebook is not reached
        page.keyboard.press("Tab")
        assert page.evaluate("!document.querySelector('#site').contains(document.activeElement)")
    page.keyboard.press("Escape")
    assert page.evaluate("Jupyter.notebook.mode") == "edit"
    page.keyboard.type(" * 2")
    assert source(page, 1) == "prices['apple'] * 2"
    page.keyboard.press("Shift+Enter")
    expect(cell(page, 1).locator(".output")).to_contain_text("6")
    assert page.evaluate("Jupyter.notebook.get_cells().length") == 3
