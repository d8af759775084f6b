"""What comes in between for hours or at once: a Jupyter server that starts again, a machine that sleeps."""

import re
import signal
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.browser.jupyter import Jupyter, open_notebook, running
from tests.browser.test_panel import act, panel, write
from tests.browser.test_walking_path import cell, choose, connected, newest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_jupyter_starts_again(page: Page, tmp_path: Path, python: str) -> None:
    """On the same port, as after an update: the page was not closed, and works on."""
    root, home = tmp_path / "root", tmp_path / "home"
    root.mkdir()
    home.mkdir()
    with running(root, home, python=python) as jupyter:
        open_notebook(page, jupyter, "lab", write(jupyter, "again.ipynb", ["price = 3", "prcie * 2"]))
        connected(page)
        act(page, 1, "Fix")
        cell(page, 0).locator(".cm-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.type("print('begun', flush=True)\nwhile True: pass")
        page.keyboard.press("Control+.")
        choose(page, "Run in sidecar")
        expect(newest(page).locator(".jp-AiNotebook-outputs")).to_contain_text("begun", timeout=60_000)
        ours = [each for sidecar in jupyter.sidecars() for each in (sidecar, *sidecar.children(recursive=True))]
        dismiss_dialogs(page)
        jupyter.stop()
        expect(newest(page)).to_have_attribute("data-phase", "lost")
        _, alive = psutil.wait_procs(ours, timeout=5)
        assert alive == [], "nothing of ours is left behind"
        expect(page.locator(".jp-AiNotebook-status[data-state='reconnecting']").first).to_be_attached()
        cell(page, 0).locator(".cm-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.type("price = 21")

        jupyter.start()
        connected(page)
        expect(newest(page)).to_contain_text("It is back now.")
        fix = panel(page).locator(".jp-AiNotebook-card[data-verb='fix']")
        fix.get_by_role("button", name="Apply", exact=True).click()
        expect(cell(page, 1).locator(".cm-content")).to_have_text("price * 2")
        expect(act(page, 1, "Run in sidecar").locator(".jp-AiNotebook-outputs")).to_contain_text("42")


@pytest.mark.long
def test_the_machine_sleeps(page: Page, jupyter: Jupyter) -> None:
    """While it slept the network forgot the connection, and nobody told either end."""
    page.clock.install()
    open_notebook(page, jupyter, "lab", write(jupyter, "sleep.ipynb", ["import time\nbegun = time.time()", "begun"]))
    connected(page)
    first = act(page, 1, "Run in sidecar").locator(".jp-AiNotebook-outputs .jp-OutputArea-output").inner_text()
    (ours,) = jupyter.sidecars()
    ours.send_signal(signal.SIGSTOP)  # the socket stays open, and nothing comes
    try:
        page.clock.fast_forward("08:00:00")
        expect(page.locator(".jp-AiNotebook-status[data-state='reconnecting']").first).to_be_attached(timeout=30_000)
        cell(page, 1).locator(".cm-content").click()
        page.keyboard.press("Control+End")
        page.keyboard.type(", 'awake'")
    finally:
        ours.send_signal(signal.SIGCONT)
    connected(page)
    outputs = act(page, 1, "Run in sidecar").locator(".jp-AiNotebook-outputs")
    expect(outputs).to_contain_text(re.compile(rf"\({re.escape(first.strip())}, 'awake'\)"))
    assert jupyter.sidecars() == [ours], "the same sidecar, with all that it held"


def dismiss_dialogs(page: Page) -> None:
    """Close what Jupyter itself says of the end of its server and kernels."""
    page.add_locator_handler(
        page.locator(".jp-Dialog:not([class*='AiNotebook'])"),
        lambda dialog: dialog.locator(".jp-Dialog-button").first.click(),
    )
