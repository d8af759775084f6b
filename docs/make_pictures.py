"""Take the pictures of README and docs on the tour that docs/tour.md tells of: `make docs-pictures`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.jupyter import Jupyter, chromium, running
from tests.browser.tour import walk, walk_classic

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
SIZE = {"width": 1280, "height": 760}
WANTED = {
    "lab": {"start", "explain", "fix", "menu", "run", "variables", "scratchpad"},
    "notebook": {"fix", "run"},
    "classic": {"start", "explain", "fix", "run"},
}
"""Which pictures are taken where; JupyterLab's in dark, too."""


def main() -> None:
    """Take all pictures anew."""
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir()
    with chromium() as browser:
        for theme, title in THEMES.items():
            for app in WANTED if theme == "light" else {"lab"}:
                with tempfile.TemporaryDirectory() as folder:
                    root, home = Path(folder, "root"), Path(folder, "home")
                    root.mkdir()
                    home.mkdir()
                    shutil.copy(ROOT / "examples" / "tour.ipynb", root)
                    settings: dict[str, object] = {"@jupyterlab/apputils-extension:themes": {"theme": title}}
                    with running(root, home, settings=settings) as jupyter:
                        take(browser, jupyter, app, theme)


def take(browser: Browser, jupyter: Jupyter, app: str, theme: str) -> None:
    """Take the pictures of one application in one theme."""
    page = browser.new_page(viewport=SIZE, color_scheme="dark" if theme == "dark" else "light")
    prefix = "" if app == "lab" else f"{app}-"

    def picture(name: str) -> None:
        if name in WANTED[app]:
            page.mouse.move(SIZE["width"] / 2, 5)
            shoot(page, PICTURES / f"{prefix}{name}-{theme}.png")

    if app == "classic":
        walk_classic(page, jupyter, "tour.ipynb", picture)
    else:
        walk(page, jupyter, app, "tour.ipynb", picture)
    page.close()


# Folders of this machine, and nbclassic's advice to leave it.
TIDY = """() => {
    document.querySelector('#newsId')?.remove();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        texts.currentNode.data = texts.currentNode.data.replace(/\\/\\S*(?=site-packages\\/)/, '');
    }
}"""


def shoot(page: Page, path: Path) -> None:
    """Take a picture when nothing moves any more."""
    page.evaluate(TIDY)
    page.screenshot(path=path, animations="disabled")


if __name__ == "__main__":
    main()
