"""Our settings in Jupyter's own settings editor: found, explained, and changed there."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.jupyter import open_notebook, running
from tests.browser.test_panel import bar, write
from tests.browser.test_walking_path import connected, run_in_own_kernel

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SCHEMA = json.loads((Path(__file__).parents[2] / "lab-plugin/schema/plugin.json").read_text())


@pytest.mark.parametrize("app", ["lab", pytest.param("notebook", marks=pytest.mark.long)])
def test_settings_are_found_and_changed(page: Page, tmp_path: Path, python: str, app: str) -> None:
    root, home = tmp_path / "root", tmp_path / "home"
    root.mkdir()
    home.mkdir()
    with running(root, home, python=python) as jupyter:
        notebook = write(jupyter, "settings.ipynb", ["1/0"])
        open_notebook(page, jupyter, app, notebook)
        connected(page)
        run_in_own_kernel(page, 0)
        expect(bar(page, 0)).to_be_visible()

        # Notebook 7 has the editor beside its files, not beside a notebook.
        editor = page if app == "lab" else page.context.new_page()
        if app == "notebook":
            editor.goto(f"{jupyter.base}tree")
        editor.get_by_role("menuitem", name="Settings", exact=True).click()
        editor.get_by_role("menuitem", name="Settings Editor").first.click()
        editor.locator("#setting-editor .jp-FilterBox input, #setting-editor input[type='search']").first.fill(
            "AI Note"
        )
        editor.locator(".jp-PluginList-entry", has_text=SCHEMA["title"]).click()
        form = editor.locator(".jp-SettingsForm, .jp-SettingsPanel").first
        for setting in SCHEMA["properties"].values():
            expect(form.get_by_text(setting["title"], exact=True).first).to_be_visible()
        box = form.get_by_label(re.compile(re.escape(SCHEMA["properties"]["errorBar"]["title"])))
        with editor.expect_response(lambda answer: "ai-notebook-ls-lab" in answer.url and answer.ok):
            box.uncheck()  # kept on the server

        if app == "lab":
            page.get_by_role("main").get_by_role("tab", name=notebook).click()
        else:  # settings are read when a page is loaded
            page = page.context.new_page()
            open_notebook(page, jupyter, app, notebook)
            connected(page)
            run_in_own_kernel(page, 0)
        expect(page.locator(".jp-CodeCell .jp-OutputArea-output").first).to_contain_text("ZeroDivisionError")
        expect(bar(page, 0)).to_have_count(0)
