"""Take the pictures of README and docs from a real JupyterLab and Notebook 7: `make docs-pictures`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.jupyter import Jupyter, chromium, open_notebook, running

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


def main() -> None:
    """Take all pictures, in light and dark."""
    PICTURES.mkdir(exist_ok=True)
    with chromium() as browser:
        for name, theme in THEMES.items():
            with tempfile.TemporaryDirectory() as folder:
                root, home = Path(folder, "root"), Path(folder, "home")
                root.mkdir()
                home.mkdir()
                shutil.copy(ROOT / "examples" / "tour.ipynb", root)
                settings = {"@jupyterlab/apputils-extension:themes": {"theme": theme}}
                with running(root, home, settings=settings) as jupyter:
                    for app in ("lab", "notebook"):
                        take(browser, jupyter, app, name)


def take(browser: Browser, jupyter: Jupyter, app: str, theme: str) -> None:
    """Take the pictures of one application in one theme."""
    page = browser.new_page(
        viewport={"width": 1440, "height": 900}, color_scheme="dark" if theme == "dark" else "light"
    )
    prefix = "" if app == "lab" else "notebook-"

    def picture(name: str) -> None:
        page.mouse.move(700, 5)
        page.screenshot(path=PICTURES / f"{prefix}{name}-{theme}.png")

    open_notebook(page, jupyter, app, "tour.ipynb")
    expect(page.locator(".jp-AiNotebook-status[data-state='ready']").first).to_be_attached(timeout=60_000)
    if app == "lab":
        page.get_by_role("tab", name="File Browser").click()  # more room
    ask(page, 2, "Fix")
    expect(newest(page).locator(".jp-AiNotebook-candidate[data-verdict='verified']").first).to_be_visible(
        timeout=60_000
    )
    picture("fix")
    cell(page, 2).locator(".jp-AiNotebook-bulb").click()
    expect(page.locator(".jp-AiNotebook-menu .lm-Menu-item").first).to_be_visible()
    picture("menu")
    page.keyboard.press("Escape")
    ask(page, 2, "Explain")
    expect(newest(page)).to_have_attribute("data-phase", "done", timeout=60_000)
    picture("explain")
    newest(page).page.locator(".jp-AiNotebook-apply").first.click()
    expect(cell(page, 2).locator(".cm-content")).to_contain_text("loaves")
    ask(page, 2, "Run in sidecar")
    expect(newest(page)).to_have_attribute("data-phase", "done", timeout=60_000)
    picture("run")
    page.close()


def ask(page: Page, number: int, action: str) -> None:
    """Choose an action of a cell from its lightbulb."""
    cell(page, number).locator(".cm-content").click()
    cell(page, number).locator(".jp-AiNotebook-bulb").click()
    page.locator(".jp-AiNotebook-menu .lm-Menu-item", has_text=action).click()


def cell(page: Page, number: int):  # type: ignore[no-untyped-def]  # playwright's Locator
    """Return a code cell by its place among the code cells."""
    return page.locator(".jp-Notebook .jp-CodeCell").nth(number)


def newest(page: Page):  # type: ignore[no-untyped-def]
    """Return the newest card of the panel."""
    return page.locator(".jp-AiNotebook-card").first


if __name__ == "__main__":
    main()
