"""The classic Notebook in a real browser: what Lab's path does, in a dialog, and nothing of the user's touched."""

import json
import os
import re
import signal
from collections.abc import Iterator

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.browser.classic import answer, ask, cell, dialog, open_classic, run_in_own_kernel, select, source, write
from tests.browser.conftest import CELLS
from tests.browser.jupyter import Jupyter, running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
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
    expect(ran.locator(".ai-notebook-facts")).to_contain_text("Cell 2 [2], Cell 3 [3]")
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


@pytest.mark.long
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


@pytest.mark.long
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


@pytest.mark.long
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
