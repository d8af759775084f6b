"""The panel and what is in the cells: what a user does with them, and sees."""

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Page, expect

from tests.browser.jupyter import Jupyter, open_notebook, running
from tests.browser.test_walking_path import LAB_FIRST, cell, choose, connected, newest, run_in_own_kernel

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

BROKEN = (
    "total = pricse['apple'] * 14\nnames = sorted(pricse)\ncount = 3\nbig = 2\nsmall = 1\nlast = len(pricse)\ntotal"
)


def write(jupyter: Jupyter, name: str, sources: list[str]) -> str:
    made = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}}
    )
    made.cells = [nbformat.v4.new_code_cell(text) for text in sources]
    nbformat.write(made, jupyter.root / name)
    return name


def panel(page: Page) -> Any:
    return page.locator("#ai-notebook-ls-panel")


def bar(page: Page, number: int) -> Any:
    return cell(page, number).locator(".jp-AiNotebook-errorBar")


def act(page: Page, number: int, action: str) -> Any:
    """Choose an action of a cell; return its card when it is done."""
    cell(page, number).locator(".cm-content").click()
    cell(page, number).locator(".jp-AiNotebook-bulb").click()
    choose(page, action)
    expect(newest(page)).to_have_attribute("data-phase", "done", timeout=60_000)
    return newest(page)


@pytest.mark.parametrize("app", LAB_FIRST)
def test_an_error_offers_its_fix_of_which_a_part_is_taken(page: Page, jupyter: Jupyter, app: str) -> None:
    notebook = write(jupyter, f"part-{app}.ipynb", ["prices = {'apple': 3}", BROKEN])
    open_notebook(page, jupyter, app, notebook)
    connected(page)
    run_in_own_kernel(page, 0)
    run_in_own_kernel(page, 1)
    expect(bar(page, 1).get_by_role("button")).to_have_text(["Explain", "Fix", "Run in sidecar"])
    bar(page, 1).get_by_role("button", name="Fix").click()
    card = newest(page)
    expect(card.locator(".jp-AiNotebook-candidate[data-verdict='verified']")).to_be_visible(timeout=60_000)

    # The bulb and the bar know that a fix is ready; an edit makes it stale, undoing that makes it ready again.
    ready = cell(page, 1).locator(".jp-AiNotebook-bulb[data-ready]")
    expect(ready).to_be_visible()
    expect(bar(page, 1).get_by_role("button").first).to_have_text("Show the fix that has run")
    cell(page, 1).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("1")
    expect(ready).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(ready).to_be_visible()

    # Two changes; one is left out, taken again, left out.
    leave = card.get_by_role("button", name="Leave this change out")
    expect(leave).to_have_count(2)
    leave.first.click()
    expect(card.locator(".jp-AiNotebook-said")).to_contain_text("has not run as it is now")
    card.get_by_role("button", name="Take all again").click()
    expect(leave).to_have_count(2)
    expect(card.locator(".jp-AiNotebook-said")).to_be_hidden()
    leave.first.click()
    card.get_by_role("button", name="Apply the rest").click()
    source = cell(page, 1).locator(".cm-content")
    expect(source).to_contain_text("last = len(prices)")
    expect(source).to_contain_text("total = pricse")
    card.get_by_role("button", name="Undo").click()
    expect(source).to_contain_text("last = len(pricse)")

    # Side by side, and from there into the notebook.
    card.get_by_role("button", name="Take all again").click()
    card.get_by_role("button", name="Side by side").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".cm-merge-a")).to_contain_text("pricse['apple']")
    expect(dialog.locator(".cm-merge-b")).to_contain_text("prices['apple']")
    dialog.get_by_role("button", name="Apply").click()
    expect(source).to_contain_text("total = prices")


def test_the_history_survives_a_reload(page: Page, jupyter: Jupyter) -> None:
    notebook = write(jupyter, "history.ipynb", ["price = 3", "prcie * 2", "print('below')"])
    open_notebook(page, jupyter, "lab", notebook)
    connected(page)
    act(page, 0, "Run in sidecar")
    act(page, 0, "Explain").get_by_role("button", name="Pin").click()
    act(page, 1, "Fix")
    expect(panel(page).locator(".jp-AiNotebook-card")).to_have_count(3)

    page.reload()
    connected(page)
    cards = panel(page).locator(".jp-AiNotebook-card")
    expect(cards).to_have_count(3, timeout=60_000)
    if not panel(page).is_visible():
        page.get_by_role("tab", name="AI Notebook").click()
    assert [card.get_attribute("data-verb") for card in cards.all()] == ["fix", "explain", "run"]

    # The newest is unfolded, and can still be applied; the others unfold.
    expect(cards.nth(0).locator(".jp-AiNotebook-diff")).to_contain_text("price * 2")
    expect(cards.nth(1).locator(".jp-AiNotebook-markdown")).to_have_count(0)
    cards.nth(1).get_by_role("button", name="Unfold").click()
    expect(cards.nth(1).locator(".jp-AiNotebook-markdown")).to_contain_text("price")
    cards.nth(0).get_by_role("button", name="Apply", exact=True).click()
    expect(cell(page, 1).locator(".cm-content")).to_contain_text("price * 2")

    # Only one cell's, all but the pinned one gone, also from the server.
    cell(page, 0).locator(".cm-content").click()
    panel(page).get_by_role("button", name="This cell only").click()
    expect(cards.nth(0)).to_be_hidden()
    expect(panel(page).locator(".jp-AiNotebook-count")).to_have_text("2 of 3")
    panel(page).get_by_role("button", name="This cell only").click()
    panel(page).get_by_role("button", name="Clear", exact=True).click()
    expect(cards).to_have_count(1)
    expect(cards).to_have_attribute("data-verb", "explain")
    page.reload()
    connected(page)
    expect(cards).to_have_count(1, timeout=60_000)


@pytest.mark.parametrize("app", LAB_FIRST)
def test_the_scratchpad_and_the_variables(page: Page, jupyter: Jupyter, app: str) -> None:
    frame = "import pandas as pd\nprices = pd.DataFrame({'fruit': ['apple', 'pear'], 'price': [3, 5]})"
    notebook = write(jupyter, f"scratch-{app}.ipynb", [frame, "import os\nwho = os.getpid()\nwho"])
    open_notebook(page, jupyter, app, notebook)
    connected(page)
    run_in_own_kernel(page, 1)
    act(page, 0, "Run in sidecar")
    act(page, 1, "Run in sidecar")

    panel(page).get_by_role("tab", name="Variables").click()
    row = panel(page).locator("tr[data-name='prices']")
    expect(row).to_contain_text(re.compile(r"DataFrame 2 . 2"))
    expect(row.locator(".jp-AiNotebook-differs")).to_have_count(0)
    differs = panel(page).locator("tr[data-name='who'] .jp-AiNotebook-differs")
    expect(differs).to_have_attribute("title", re.compile("Cell 2 showed something else"))
    row.get_by_role("button", name="prices").click()
    expect(panel(page).locator(".jp-AiNotebook-frame")).to_contain_text("apple")

    panel(page).get_by_role("tab", name="Scratchpad").click()
    field = panel(page).get_by_role("textbox", name="Code for the sidecar kernel")
    field.click()
    page.keyboard.type("doubled = prices.price * 2\nprices.pric")
    page.keyboard.press("Tab")
    expect(panel(page).get_by_role("option", name="price", exact=True)).to_be_visible(timeout=30_000)
    page.keyboard.press("Enter")
    page.keyboard.type(".sum()")
    page.keyboard.press("Shift+Enter")
    entry = panel(page).locator(".jp-AiNotebook-entry")
    expect(entry.locator(".jp-AiNotebook-outputs")).to_contain_text("8", timeout=30_000)
    expect(field).to_have_text(re.compile("Code for|^$"))
    page.keyboard.press("ArrowUp")
    expect(field).to_contain_text("doubled = prices.price * 2")

    cell(page, 0).locator(".cm-content").click()
    entry.get_by_role("button", name="Insert into notebook").click()
    expect(cell(page, 1).locator(".cm-content")).to_contain_text("prices.price.sum()")
    panel(page).get_by_role("tab", name="Variables").click()
    expect(panel(page).locator("tr[data-name='doubled']")).to_be_visible()


def test_several_selected_cells_are_run(page: Page, jupyter: Jupyter) -> None:
    notebook = write(jupyter, "several.ipynb", ["a = 1\na", "b = a + 1\nb", "c = b + 1\nc"])
    open_notebook(page, jupyter, "lab", notebook)
    connected(page)
    cell(page, 1).locator(".jp-InputPrompt").click()
    cell(page, 2).locator(".jp-InputPrompt").click(modifiers=["Shift"])
    page.keyboard.press("Control+.")
    choose(page, "Run the 2 selected cells in the sidecar")
    cards = panel(page).locator(".jp-AiNotebook-card[data-phase='done']")
    expect(cards).to_have_count(2, timeout=60_000)
    expect(cards.nth(0).locator(".jp-AiNotebook-outputs")).to_contain_text("3")
    expect(cards.nth(1).locator(".jp-AiNotebook-outputs")).to_contain_text("2")


def test_what_runs_is_marked_and_stopped(page: Page, jupyter: Jupyter) -> None:
    notebook = write(jupyter, "stop.ipynb", ["mine = 1", "while True: pass", "print('other')"])
    open_notebook(page, jupyter, "lab", notebook)
    connected(page)
    run_in_own_kernel(page, 0)
    cell(page, 1).locator(".cm-content").click()
    page.keyboard.press("Alt+Shift+R")
    expect(cell(page, 1).locator(".jp-AiNotebook-running")).to_be_attached()
    cell(page, 2).locator(".cm-content").click()
    page.keyboard.press("Alt+Shift+R")
    expect(page.locator("#jp-main-statusbar .jp-AiNotebook-statusText")).to_contain_text("2 requests")
    cell(page, 1).locator(".cm-content").click()
    page.keyboard.press("Control+.")
    choose(page, "Stop: Run in sidecar")
    expect(panel(page).locator(".jp-AiNotebook-card").nth(1)).to_have_attribute(
        "data-phase", re.compile("stopped|done")
    )
    expect(newest(page).locator(".jp-AiNotebook-outputs")).to_contain_text("other", timeout=60_000)
    expect(page.locator(".jp-AiNotebook-running")).to_have_count(0)
    cell(page, 0).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\nmine + 1")
    page.keyboard.press("Control+Enter")
    expect(cell(page, 0).locator(".jp-OutputArea-output")).to_contain_text("2"), "the user's own kernel went on"


def test_outputs_are_shown_as_a_notebook_shows_them(page: Page, jupyter: Jupyter) -> None:
    source = (
        "from IPython.display import display, HTML, update_display\n"
        "import matplotlib.pyplot as plt\n"
        "for step in range(3): print(f'\\rstep {step}', end='')\n"
        "shown = display('begun', display_id=True)\n"
        "shown.update('ended')\n"
        "display({'application/vnd.jupyter.widget-view+json': {'model_id': 'x'}, 'text/plain': 'IntSlider(value=0)'}, raw=True)\n"
        'display(HTML(\'<b>bold</b><script>window.taken = 1</script><img src="http://127.0.0.1:9/x.png" alt="far">\'))\n'
        "plt.plot([1, 2]); plt.show()\n"
    )
    open_notebook(page, jupyter, "lab", write(jupyter, "outputs.ipynb", [source]))
    connected(page)
    outputs = act(page, 0, "Run in sidecar").locator(".jp-AiNotebook-outputs")
    expect(outputs).to_contain_text("step 2")
    expect(outputs).not_to_contain_text("step 1")
    expect(outputs).to_contain_text("ended")
    expect(outputs).not_to_contain_text("begun")
    expect(outputs).to_contain_text("A widget; not interactive here.")
    expect(outputs).to_contain_text("IntSlider(value=0)")
    expect(outputs.locator("b")).to_have_text("bold")
    expect(outputs).to_contain_text("[far]")
    expect(outputs.locator("img")).to_have_count(1)
    assert page.evaluate("window.taken") is None


def test_the_assistant_is_switched_off(page: Page, jupyter: Jupyter) -> None:
    first, second = (write(jupyter, f"off-{name}.ipynb", ["1/0"]) for name in "ab")
    open_notebook(page, jupyter, "lab", first)
    connected(page)
    run_in_own_kernel(page, 0)
    expect(bar(page, 0)).to_be_visible()
    panel_button = page.get_by_role("tab", name="AI Notebook")
    panel_button.click()
    panel(page).locator(".jp-AiNotebook-statusButton").click()
    expect(panel(page).locator(".jp-AiNotebook-about")).to_contain_text("nothing leaves this machine")
    panel(page).get_by_role("button", name="Switch off for this notebook").click()
    expect(bar(page, 0)).to_have_count(0)
    expect(cell(page, 0).locator(".jp-AiNotebook-bulb")).to_have_count(0)
    expect(page.locator("#jp-main-statusbar .jp-AiNotebook-statusText")).to_have_text("Sidecar off for this notebook")

    # It is kept, and for this notebook alone.
    open_notebook(page, jupyter, "lab", second)
    connected(page)
    open_notebook(page, jupyter, "lab", first)
    run_in_own_kernel(page, 0)
    expect(page.locator("#jp-main-statusbar .jp-AiNotebook-statusText")).to_have_text("Sidecar off for this notebook")
    expect(bar(page, 0)).to_have_count(0)
    page.get_by_role("menuitem", name="Kernel").click()
    page.get_by_role("menuitem", name="Use the AI Assistant in this Notebook").click()
    expect(bar(page, 0)).to_be_visible()


def test_an_administrator_switches_it_off_below_a_base_url(page: Page, tmp_path: Path, python: str) -> None:
    """As on JupyterHub: a base_url, a token, and settings that the user has not made."""
    root, home = tmp_path / "root", tmp_path / "home"
    root.mkdir()
    home.mkdir()
    with running(root, home, base_url="/user/ana/", python=python) as jupyter:
        notebook = write(jupyter, "hub.ipynb", ["x = 1\nx"])
        open_notebook(page, jupyter, "lab", notebook)
        connected(page)
        expect(act(page, 0, "Run in sidecar").locator(".jp-AiNotebook-outputs")).to_contain_text("1")
    home = tmp_path / "other"
    overrides = {"ai-notebook-ls-lab:plugin": {"enabled": False}}
    with running(root, home, overrides=overrides, python=python) as jupyter:
        open_notebook(page, jupyter, "lab", notebook)
        run_in_own_kernel(page, 0)
        assert page.locator("[class*='jp-AiNotebook']").count() == 0
        assert jupyter.sidecars() == []


def test_the_extension_is_light() -> None:
    """Its files, compressed as a server sends them: 150 kB at most."""
    import gzip

    files = (Path(__file__).parents[2] / "lab-plugin/labextension/static").glob("*.js")
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) <= 150_000


def test_the_shortcuts_can_be_told_apart() -> None:
    schema = json.loads((Path(__file__).parents[2] / "lab-plugin/schema/plugin.json").read_text())
    keys = [tuple(each["keys"]) for each in schema["jupyter.lab.shortcuts"]]
    assert len(keys) == len(set(keys))
