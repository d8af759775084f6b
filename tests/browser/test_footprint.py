"""Who opens no notebook gets nothing of ours: no request to the sidecar, nothing in the page; nor who closed the last one."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.browser.jupyter import Jupyter, open_notebook
from tests.browser.test_panel import act, write
from tests.browser.test_walking_path import connected

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
DOOR = "/ai-notebook-ls/"
"""The labextension's own files are elsewhere, as those of all extensions."""


class Traffic:
    """What a page asks the sidecar for, and its WebSockets."""

    def __init__(self, page: Page) -> None:
        self.requests: list[str] = []
        self.sockets: list[WebSocket] = []
        page.on("request", lambda request: self._add(self.requests, request.url, request.url))
        page.on("websocket", lambda socket: self._add(self.sockets, socket.url, socket))

    @staticmethod
    def _add(to: list[Any], url: str, what: Any) -> None:
        if DOOR in url:
            to.append(what)

    @property
    def is_none(self) -> bool:
        return not self.requests and not self.sockets

    @property
    def open(self) -> list[WebSocket]:
        """Those before may have closed at once, while the server's process was still starting."""
        return [socket for socket in self.sockets if not socket.is_closed()]


def launcher(page: Page, jupyter: Jupyter) -> None:
    page.goto(f"{jupyter.base}lab/workspaces/{secrets.token_hex(4)}?token={jupyter.token}")
    page.locator(".jp-LauncherCard").first.wait_for(timeout=90_000)


def console(page: Page, jupyter: Jupyter) -> None:
    launcher(page, jupyter)
    page.locator(".jp-LauncherCard[data-category='Console']").first.click()
    page.locator(".jp-CodeConsole-banner").wait_for(timeout=60_000)  # the kernel has told who it is
    page.locator(".jp-CodeConsole-promptCell .cm-content").click()
    page.keyboard.type("pricse = 1")
    expect(page.locator(".jp-CodeConsole-promptCell .cm-content")).to_have_text("pricse = 1")


def editor(path: str) -> Callable[[Page, Jupyter], None]:
    def open_it(page: Page, jupyter: Jupyter) -> None:
        (jupyter.root / "plain.py").write_text("pricse = 1\n")
        page.goto(f"{jupyter.base}{path.format(workspace=secrets.token_hex(4))}?token={jupyter.token}")
        page.locator(".jp-FileEditor .cm-content").click(timeout=90_000)
        page.keyboard.type("# typed")
        expect(page.locator(".jp-FileEditor .cm-content")).to_contain_text("typed")

    return open_it


def tree(page: Page, jupyter: Jupyter) -> None:
    page.goto(f"{jupyter.base}tree?token={jupyter.token}")
    page.locator(".jp-DirListing-content").wait_for(timeout=90_000)


@pytest.mark.parametrize(
    ("app", "visit"),
    [
        pytest.param("lab", launcher, id="the-launcher"),
        pytest.param("lab", console, id="a-console", marks=pytest.mark.long),
        pytest.param("lab", editor("lab/workspaces/{workspace}/tree/plain.py"), id="an-editor", marks=pytest.mark.long),
        pytest.param("notebook", tree, id="the-tree"),
        pytest.param("notebook", editor("edit/plain.py"), id="an-editor-of-notebook-7", marks=pytest.mark.long),
    ],
)
def test_nothing_before_a_notebook(
    page: Page, jupyter: Jupyter, app: str, visit: Callable[[Page, Jupyter], None]
) -> None:
    traffic = Traffic(page)
    visit(page, jupyter)
    expect(page.locator("[class*='jp-AiNotebook']")).to_have_count(0)
    assert traffic.is_none

    name = write(jupyter, f"first-of-{visit.__name__}.ipynb", ["x = 1"])
    if app == "lab":
        page.get_by_role("button", name="Refresh the file browser.").or_(
            page.locator("[data-command='filebrowser:refresh']")
        ).first.click()
        page.locator(".jp-DirListing-item", has_text=name).dblclick()
    else:
        open_notebook(page, jupyter, app, name)  # another page, as for whoever clicks on it in the tree
    connected(page)
    assert len(traffic.open) == 1
    assert traffic.requests == []


def test_nothing_after_the_last_notebook(page: Page, jupyter: Jupyter) -> None:
    def close(name: str) -> None:
        page.get_by_role("tab", name=name).locator(".lm-TabBar-tabCloseIcon").click()
        page.get_by_role("button", name="Discard").click()

    def touch() -> None:
        """Type something: that JupyterLab asks before it closes must not depend on how far the kernel is."""
        page.locator(".jp-NotebookPanel:visible .cm-content").first.click()
        page.keyboard.type("# ")

    traffic = Traffic(page)
    first, second = (write(jupyter, f"{name}.ipynb", ["print('here')"]) for name in ("last-a", "last-b"))
    open_notebook(page, jupyter, "lab", first)
    connected(page)
    touch()
    page.locator(".jp-DirListing-item", has_text=second).dblclick()
    expect(page.get_by_role("tab", name=second)).to_have_attribute("aria-selected", "true")
    touch()
    [socket] = traffic.open

    close(second)
    expect(page.get_by_role("tab", name=second)).to_have_count(0)
    assert not socket.is_closed()
    with socket.expect_event("close"):
        close(first)
    expect(page.locator(".jp-AiNotebook-status").first).to_have_attribute("data-state", "off")

    page.locator(".jp-DirListing-item", has_text=first).dblclick()
    connected(page)
    assert len(traffic.open) == 1
    expect(act(page, 0, "Run in sidecar").locator(".jp-AiNotebook-outputs")).to_contain_text("here")
