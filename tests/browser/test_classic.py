"""The classic Notebook in a real browser: what Lab's path does, in a dialog, and nothing of the user's touched."""

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import CELLS
from tests.browser.jupyter import Jupyter, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
APP = "nbclassic"
ANSWER = (
    "It **adds** them: $x^2$.\n\n![tracker](https://evil.example/pixel.png?x=1)\n\n"
    "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">\n\n"
    "```python\nmax(prices)\n```\n\n```../../../../files/evil\nx\n```\n"
)
SCRIPT = [
    {"match": "explain-me", "reply": ANSWER, "delayMs": 500},
    *({"match": "many", "reply": f"Answer {number}."} for number in range(2)),
]


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    """A server with a token below a base_url, whose folder has a name that must be quoted, and a scripted model."""
    home, root = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("r {oo} t ü")
    script = home / "script.jsonl"
    script.write_text("\n".join(map(json.dumps, SCRIPT)), encoding="utf-8")
    variables = {"AI_NOTEBOOK_LS_PROVIDER": "scripted", "AI_NOTEBOOK_LS_SCRIPT": str(script)}
    with running(root, home, base_url="/user/ann/", variables=variables) as server:
        yield server


def write(jupyter: Jupyter, name: str, cells: list[str], **metadata: Any) -> str:
    made = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}}
    )
    made.cells = [nbformat.v4.new_code_cell(text) for text in cells]
    made.cells[0].metadata.update(metadata)
    (jupyter.root / name).parent.mkdir(exist_ok=True)
    nbformat.write(made, jupyter.root / name)
    return name


def open_classic(page: Page, jupyter: Jupyter, notebook: str) -> None:
    """Open a notebook and wait until its kernel is idle and the sidecar is there."""
    page.goto(jupyter.url(APP, notebook))
    page.wait_for_selector("#kernel_indicator_icon.kernel_idle_icon", timeout=90_000)
    page.wait_for_selector(".ai-notebook-status[data-state='ready']", timeout=60_000)


def cell(page: Page, number: int) -> Any:
    return page.locator("#notebook .code_cell").nth(number)


def source(page: Page, number: int) -> str:
    return str(page.evaluate("number => Jupyter.notebook.get_cell(number).get_text()", number))


def select(page: Page, number: int) -> None:
    """Make a cell the selected one, in command mode."""
    cell(page, number).locator(".input_prompt").click()
    expect(cell(page, number)).to_have_class(re.compile(r"(^| )selected"))


def run_in_own_kernel(page: Page, number: int) -> Any:
    """Press Ctrl+Enter in a cell and return its output, once the user's kernel has run it."""
    select(page, number)
    page.keyboard.press("Control+Enter")
    expect(cell(page, number).locator(".input_prompt")).to_have_text(re.compile(r"\[\d+\]"), timeout=60_000)
    return cell(page, number).locator(".output")


def dialog(page: Page) -> Any:
    return page.get_by_role("dialog", name="AI Notebook")


def answer(page: Page, index: int = 0) -> Any:
    return dialog(page).locator(".ai-notebook-answer").nth(index)


def ask(page: Page, number: int, label: str) -> Any:
    """Press a button of the toolbar for a cell; return the answer when it is there."""
    select(page, number)
    page.locator("#ai_notebook_ls").get_by_role("button", name=label, exact=True).click()
    expect(answer(page)).to_have_attribute("data-phase", re.compile("done|failed|stopped"), timeout=90_000)
    return answer(page)


def test_a_broken_cell_is_fixed_applied_and_run(page: Page, jupyter: Jupyter, notebook: str) -> None:
    open_classic(page, jupyter, notebook)
    expect(run_in_own_kernel(page, 0)).to_contain_text("mine 41")
    run_in_own_kernel(page, 1)
    expect(run_in_own_kernel(page, 2)).to_contain_text("NameError")

    fix = ask(page, 2, "Fix")
    candidate = fix.locator(".ai-notebook-candidate").first
    expect(candidate).to_have_attribute("data-verdict", "verified")
    expect(candidate.locator(".ai-notebook-receipt")).to_contain_text("the error is gone")
    expect(candidate.locator("del")).to_contain_text("pricse")
    expect(candidate.locator("ins")).to_contain_text("prices")
    assert source(page, 2) == CELLS[2], "nothing changes before Apply"
    candidate.locator("summary").click()
    expect(candidate.locator(".ai-notebook-facts")).to_contain_text("Isolation")

    candidate.get_by_role("button", name="Apply").click()
    assert source(page, 2) == "total = prices['apple'] * 14\ntotal"
    expect(candidate).to_contain_text("Your own kernel has not run it yet")
    candidate.get_by_role("button", name="Undo").click()
    assert source(page, 2) == CELLS[2]
    candidate.get_by_role("button", name="Apply").click()
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    page.keyboard.press("Enter")  # into the cell, whose own undo takes it back in one step
    page.keyboard.press("Control+z")
    assert source(page, 2) == CELLS[2]
    page.keyboard.press("Control+Shift+z")
    assert source(page, 2) == "total = prices['apple'] * 14\ntotal"
    expect(cell(page, 2).locator(".output")).to_contain_text("NameError"), "its outputs are the user's"

    ran = ask(page, 3, "Run in sidecar")
    expect(ran.locator(".ai-notebook-outputs")).to_contain_text("total 42")
    ran.locator("summary").click()
    expect(ran.locator(".ai-notebook-facts")).to_contain_text("Cell 2, Cell 3")
    ran.locator(".ai-notebook-facts").get_by_role("button", name="Cell 2").click()
    expect(dialog(page)).to_be_hidden()
    expect(cell(page, 1)).to_have_class(re.compile(r"(^| )selected"))

    # The user's own kernel ran three cells and knows nothing of `total`.
    page.evaluate("Jupyter.notebook.get_cell(0).set_text(\"print(x, 'total' in globals(), len(In) - 1)\")")
    expect(run_in_own_kernel(page, 0)).to_contain_text("41 False 4")


def test_an_explanation_streams_and_fetches_nothing(page: Page, scripted: Jupyter) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    open_classic(page, scripted, write(scripted, "sub ü/explain.ipynb", ["prices = [3, 4]  # explain-me", "1"]))
    page.evaluate(
        "new MutationObserver(() => { const answer = document.querySelector('.ai-notebook-answer[data-phase=running]');"
        " window.seen ||= answer?.innerText.includes('What this cell does'); })"
        ".observe(document.body, {subtree: true, childList: true})"
    )
    told = ask(page, 0, "Explain")
    expect(told.locator("strong", has_text="adds")).to_be_visible()
    expect(told.locator(".MathJax, .MathJax_Preview, .MJXp-math").first).to_be_attached()
    expect(told.locator("pre .cm-builtin, pre .cm-variable").first).to_be_attached()
    expect(told).to_contain_text("[tracker]")
    expect(told).to_contain_text("From scripted:")
    expect(told.locator(".ai-notebook-markdown img, .ai-notebook-markdown script:not([type^='math/'])")).to_have_count(
        0
    )
    assert page.evaluate("window.seen"), "what is known without the model was there before its answer"
    assert page.title() != "taken"
    assert not [url for url in fetched if "evil" in url]
    told.get_by_role("button", name="Copy").click()
    page.context.grant_permissions(["clipboard-read"])
    assert page.evaluate("navigator.clipboard.readText()").endswith(ANSWER)
    expect(told.get_by_role("button", name="Copy")).to_be_focused()


def test_other_candidates_are_folded(page: Page, jupyter: Jupyter) -> None:
    open_classic(page, jupyter, write(jupyter, "others.ipynb", ["row1 = 1\nrow2 = 5", "print(row3)"]))
    fix = ask(page, 1, "Fix")
    candidates = fix.locator(".ai-notebook-candidate")
    expect(candidates).to_have_count(1)
    expect(candidates.get_by_role("button", name="Apply")).not_to_have_class(re.compile("btn-primary"))
    fix.get_by_text("1 other candidate").click()
    expect(candidates).to_have_count(2)
    candidates.nth(1).get_by_role("button", name="Apply").click()
    assert source(page, 1) == "print(row2)"
    candidates.nth(0).get_by_role("button", name="Apply").click()
    expect(candidates.nth(0)).to_contain_text("The cell has changed")


OUTPUTS = """\
import sys, time
from IPython.display import HTML, SVG, Markdown, clear_output, display
print('out'); print('err', file=sys.stderr)
display(HTML("<b class='mine'>bold</b><script>document.title = 'taken'</script><img src='https://evil.example/a.png'>"))
display(Markdown('*mark*'), SVG('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg>'))
display({'application/javascript': "document.title = 'taken'", 'text/plain': 'no script'}, raw=True)
display({'application/vnd.jupyter.widget-view+json': {'model_id': 'x'}, 'text/plain': 'IntSlider()'}, raw=True)
bar = display('0 %', display_id=True); bar.update('100 %')
1 / 0
"""


def test_outputs_are_shown_and_not_trusted(page: Page, jupyter: Jupyter) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    cleared = "from IPython.display import clear_output, display, HTML\nprint('gone'); clear_output(wait=True)\n"
    cleared += "display(HTML('<i>kept</i><script>document.title = \"taken\"</script>'))"
    open_classic(page, jupyter, write(jupyter, "outputs.ipynb", [OUTPUTS, cleared]))
    ran = ask(page, 0, "Run in sidecar")
    expect(ran.locator(".ai-notebook-line")).to_contain_text("ZeroDivisionError: division by zero")
    outputs = ran.locator(".ai-notebook-outputs")
    expect(outputs.locator(".output_stdout")).to_contain_text("out")
    expect(outputs.locator(".output_stderr")).to_contain_text("err")
    expect(outputs.locator("b.mine")).to_have_text("bold")
    expect(outputs.locator("em")).to_have_text("mark")
    expect(outputs.locator("img")).to_have_attribute("src", re.compile("^data:image/svg"))
    expect(outputs).to_contain_text("no script")
    expect(outputs).to_contain_text("IntSlider(): not interactive here.")
    expect(outputs).to_contain_text("100 %")
    expect(outputs).not_to_contain_text("0 %'\n'100")
    expect(outputs.locator(".output_error .ansi-red-fg").first).to_be_attached()
    page.keyboard.press("Escape")

    outputs = ask(page, 1, "Run in sidecar").locator(".ai-notebook-outputs")
    expect(outputs.locator("i")).to_have_text("kept")
    expect(outputs).not_to_contain_text("gone")
    expect(cell(page, 0).locator(".output_area")).to_have_count(0), "the notebook has none of it"
    assert page.title() != "taken"
    assert not [url for url in fetched if "evil" in url]


def test_a_changed_locked_or_deleted_cell_is_left_alone(page: Page, jupyter: Jupyter) -> None:
    cells = ["prices = {'apple': 3}", "pricse['apple']"]
    open_classic(page, jupyter, write(jupyter, "changed.ipynb", cells))
    fix = ask(page, 1, "Fix")
    apply = fix.get_by_role("button", name="Apply")
    page.evaluate("Jupyter.notebook.get_cell(1).set_text('mine')")
    apply.click()
    expect(fix).to_contain_text("The cell has changed since this was asked for; nothing was changed.")
    assert source(page, 1) == "mine"
    page.evaluate("text => Jupyter.notebook.get_cell(1).set_text(text)", cells[1])
    page.evaluate("Jupyter.notebook.get_cell(1).metadata.editable = false")
    apply.click()
    expect(fix).to_contain_text("The cell is read-only; nothing was changed.")
    page.evaluate("Jupyter.notebook.get_cell(1).metadata.editable = true")
    page.evaluate("Jupyter.notebook.delete_cell(1)")
    apply.click()
    expect(fix).to_contain_text("The cell is gone; nothing was changed.")


def test_what_the_user_sees_is_what_is_asked_about(page: Page, jupyter: Jupyter) -> None:
    """Cells moved, split, merged, deleted and put back, their kind changed, the notebook renamed: the server keeps up."""
    open_classic(page, jupyter, write(jupyter, "moved.ipynb", ["a = 1", "b = 2", "c = 3", "print(a, b, c)"]))
    expect(ask(page, 3, "Run in sidecar").locator(".ai-notebook-outputs")).to_contain_text("1 2 3")
    page.keyboard.press("Escape")
    page.evaluate("""() => {
        const {notebook} = Jupyter;
        notebook.select(0); notebook.move_cell_down();
        notebook.get_cell(0).set_text('b = 20');
        notebook.delete_cell(2);
        notebook.insert_cell_above('code', 0).set_text('c = 30');
        notebook.insert_cell_at_index('markdown', 1).set_text('# text');
        notebook.get_cell(3).set_text('a = 10\\nd = 4');
    }""")
    page.evaluate("Jupyter.notebook.rename('moved ü 2.ipynb')")
    expect(page.locator("#notebook_name")).to_have_text("moved ü 2")
    texts = page.evaluate("Jupyter.notebook.get_cells().map(cell => cell.get_text())")
    assert texts == ["c = 30", "# text", "b = 20", "a = 10\nd = 4", "print(a, b, c)"]
    expect(ask(page, 3, "Run in sidecar").locator(".ai-notebook-outputs")).to_contain_text("10 20 30")
    page.keyboard.press("Escape")
    page.evaluate("Jupyter.notebook.undelete_cell()")
    page.evaluate("Jupyter.notebook.to_markdown(0)")
    select(page, 3)
    expect(ask(page, 3, "Run in sidecar").locator(".ai-notebook-outputs")).to_contain_text("10 20 3")


def test_a_long_run_is_stopped_and_goes_on_unseen(page: Page, jupyter: Jupyter) -> None:
    open_classic(page, jupyter, write(jupyter, "long.ipynb", ["print('begun', flush=True)\nwhile True: pass"]))
    stop = page.locator("#ai_notebook_ls").get_by_role("button", name="Stop the sidecar")
    expect(stop).to_be_disabled()
    select(page, 0)
    page.keyboard.press("Alt+Shift+R")
    expect(answer(page).locator(".ai-notebook-outputs")).to_contain_text("begun", timeout=60_000)
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    status = page.locator(".ai-notebook-status")
    expect(status).to_contain_text("Sidecar working")
    stop.click()
    expect(status).to_contain_text("Answer ready")
    status.click()
    expect(answer(page)).to_have_attribute("data-phase", re.compile("done|stopped"))
    expect(answer(page)).to_contain_text(re.compile("Stopped|Interrupted"))
    expect(status).not_to_contain_text("Answer ready")
    answer(page).get_by_role("button", name="Ask again").click()
    expect(answer(page).locator(".ai-notebook-outputs")).to_contain_text("begun", timeout=60_000)
    answer(page).get_by_role("button", name="Stop").click()
    expect(answer(page)).not_to_have_attribute("data-phase", "running")


READ = "print('back', x, open('beside ü.txt').read())"


def sidecars(jupyter: Jupyter) -> list[psutil.Process]:
    children = psutil.Process(jupyter.process.pid).children(recursive=True)
    return [child for child in children if "ai_notebook_ls" in child.cmdline() and "serve" in child.cmdline()]


def test_the_server_is_killed_and_comes_back(page: Page, scripted: Jupyter) -> None:
    # Beside the notebook: the sidecar was told the folder of the Jupyter server, which the page does not know.
    (scripted.root / "beside ü.txt").write_text("beside")
    open_classic(page, scripted, write(scripted, "killed.ipynb", ["x = 1", "while True: pass", READ]))
    select(page, 1)
    page.keyboard.press("Alt+Shift+R")
    expect(page.locator(".ai-notebook-status[data-kernel='busy']")).to_be_attached(timeout=60_000)
    [sidecar] = sidecars(scripted)
    os.kill(sidecar.pid, signal.SIGKILL)
    expect(answer(page)).to_contain_text("went away")
    expect(answer(page)).to_contain_text("It is back now.", timeout=60_000)
    expect(answer(page).get_by_role("button", name="Retry")).to_be_visible()
    page.keyboard.press("Escape")
    expect(ask(page, 2, "Run in sidecar").locator(".ai-notebook-outputs")).to_contain_text("back 1 beside")


def test_several_cells_at_once(page: Page, scripted: Jupyter) -> None:
    cells = ["a = 1  # many", "b = 2  # many", "print(a + b)"]
    open_classic(page, scripted, write(scripted, "many.ipynb", cells))
    select(page, 0)
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Alt+Shift+E")
    for index in range(2):
        expect(answer(page, index)).to_have_attribute("aria-label", f"Explain, Cell {index + 1}")
        expect(answer(page, index)).to_contain_text(re.compile(r"Answer \d\."), timeout=60_000)
    expect(dialog(page).locator(".ai-notebook-answer")).to_have_count(2)
    answer(page, 1).get_by_role("button", name="Ask again").click()
    expect(answer(page, 1)).to_have_attribute("data-phase", "done", timeout=60_000)
    expect(answer(page, 0)).to_contain_text("Answer")
    page.keyboard.press("Escape")
    assert page.evaluate("Jupyter.notebook.get_selected_cells().length") == 2, "the selection stays"


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


@pytest.fixture
def nbconfig(jupyter: Jupyter) -> Iterator[Path]:
    """Classic's configuration, which each page reads anew; without what a test puts there, afterwards."""
    file = jupyter.log.parent / "config" / "nbconfig" / "notebook.json"
    yield file
    file.unlink()


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


def test_keys_that_are_taken_stay(page: Page, jupyter: Jupyter, nbconfig: Path) -> None:
    keys = {"command": {"bind": {"alt-shift-e": "jupyter-notebook:insert-cell-below"}}}
    nbconfig.write_text(json.dumps({"keys": keys}))
    open_classic(page, jupyter, write(jupyter, "taken.ipynb", ["1"]))
    select(page, 0)
    page.keyboard.press("Alt+Shift+E")
    expect(page.locator("#notebook .code_cell")).to_have_count(2)
    expect(dialog(page)).to_be_hidden()


AXE = Path(__file__).parents[2] / "lab-plugin/node_modules/axe-core/axe.min.js"
OURS = [".ai-notebook-dialog", "#ai_notebook_ls", "#ai_notebook_ls + div", "#ai_notebook_ls_menubar"]


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
