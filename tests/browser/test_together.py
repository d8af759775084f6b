"""Real-time collaboration: two people in one notebook (jupyter-collaboration), and nothing of ours gets between them."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import HARMLESS
from tests.browser.environments import interpreter
from tests.browser.jupyter import Jupyter, open_notebook, running
from tests.browser.test_interrupted import dismiss_dialogs
from tests.browser.test_panel import act, panel, write
from tests.browser.test_walking_path import APPS, cell, connected, run_in_own_kernel
from tests.browser.told import Told

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
CELLS = ["prices = {'apple': 3}", "pricse['apple']", "print('last')"]
NOT_OURS = (
    *HARMLESS,
    "docprovider-extension:statusBarTimeline",  # wants a status bar, which Notebook 7 has not
    *("status of 404", "response: 404"),  # Jupyter asks by the name that a notebook had; we ask for nothing over HTTP
)


@dataclass(frozen=True)
class Person:
    """One of those who have the notebook open."""

    page: Page
    told: Told
    errors: list[str]

    def text(self, number: int) -> Any:
        """The text of a cell, as this person sees it."""
        return cell(self.page, number).locator(".cm-content")

    def type_at_end(self, number: int, text: str) -> None:
        self.text(number).click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text)

    def tell(self) -> None:
        """Have the page send what is left to send: it does so before it asks what can be done here."""
        self.page.keyboard.press("Control+.")
        expect(self.page.locator(".jp-AiNotebook-menu")).to_be_visible()
        self.page.keyboard.press("Escape")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    """A server on which everybody who opens a notebook has the same one."""
    root, home = tmp_path_factory.mktemp("root"), tmp_path_factory.mktemp("home")
    with running(root, home, python=interpreter(".venv-rtc")) as server:
        yield server


@pytest.fixture
def ana_and_ben(browser: Browser) -> Iterator[tuple[Person, Person]]:
    """Two people, each with a browser of their own, in which nothing may fail."""
    people = (_person(browser), _person(browser))
    yield people
    for person in people:
        person.page.context.close()
    assert [error for person in people for error in person.errors] == []


def _person(browser: Browser) -> Person:
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    page.set_default_timeout(30_000)
    errors: list[str] = []

    def note(error: str) -> None:
        if not any(word in error for word in NOT_OURS):
            errors.append(error)

    page.on("pageerror", lambda error: note(str(error)))
    page.on("console", lambda told: note(f"{told.text} {told.location['url']}") if told.type == "error" else None)
    return Person(page, Told(page), errors)


def open_for(people: tuple[Person, ...], shared: Jupyter, app: str, notebook: str) -> None:
    for person in people:
        open_notebook(person.page, shared, app, notebook)
        connected(person.page)


@pytest.mark.parametrize("app", ["lab", pytest.param("notebook", marks=pytest.mark.long)])
def test_a_fix_is_taken_once_for_all(shared: Jupyter, ana_and_ben: tuple[Person, Person], app: str) -> None:
    ana, ben = ana_and_ben
    (shared.root / f"a b {app}").mkdir()
    open_for(ana_and_ben, shared, app, write(shared, f"a b {app}/ü #1.ipynb", CELLS))
    card = act(ana.page, 1, "Fix")
    apply, undo = (card.get_by_role("button", name=name, exact=True) for name in ("Apply", "Undo"))
    apply.click()
    for person in ana_and_ben:
        expect(person.text(1)).to_have_text("prices['apple']")
    undo.click()
    for person in ana_and_ben:
        expect(person.text(1)).to_have_text("pricse['apple']")
    apply.click()
    expect(ben.text(1)).to_have_text("prices['apple']")
    ben.type_at_end(1, " * 2")
    expect(ana.text(1)).to_have_text("prices['apple'] * 2")
    undo.click()
    expect(card.locator("[data-said='refused']")).to_contain_text("changed"), "not Ben's work"

    # Of the notebook's own undo each has what is theirs.
    ana.text(1).click()
    ana.page.keyboard.press("Control+z")
    for person in ana_and_ben:
        expect(person.text(1)).to_have_text("pricse['apple'] * 2")

    # Ben was faster.
    card = act(ana.page, 1, "Fix")
    ben.type_at_end(1, " + 1")
    expect(ana.text(1)).to_have_text("pricse['apple'] * 2 + 1")
    card.get_by_role("button", name="Apply", exact=True).click()
    expect(card.locator("[data-said='refused']")).to_contain_text("The cell has changed since this was asked for")
    expect(ben.text(1)).to_have_text("pricse['apple'] * 2 + 1")

    for person in ana_and_ben:
        person.text(1).click()
        person.tell()
        assert person.told.notebooks == {
            f"{shared.root.as_uri()}/a%20b%20{app}/%C3%BC%20%231.ipynb": [
                "prices = {'apple': 3}",
                "pricse['apple'] * 2 + 1",
                "print('last')",
            ]
        }


@pytest.mark.long
@pytest.mark.parametrize("app", APPS)
def test_what_two_people_do_is_told_once(shared: Jupyter, ana_and_ben: tuple[Person, Person], app: str) -> None:
    ana, ben = ana_and_ben
    open_for(ana_and_ben, shared, app, write(shared, f"edited-{app}.ipynb", CELLS))
    ana.text(0).click()
    ben.text(2).click()
    for letter in "  # 123":  # both at once, each in a cell of their own
        ana.page.keyboard.press("Control+End")
        ana.page.keyboard.type(letter)
        ben.page.keyboard.press("Control+End")
        ben.page.keyboard.type(letter)
    for letter in "ana":  # and in the same one
        ana.type_at_end(1, letter)
        ben.type_at_end(1, letter.upper())
    ana.page.keyboard.press("Escape")
    ana.page.keyboard.press("b")  # a cell below the second
    ben.text(0).click()
    ben.page.keyboard.press("Escape")
    ben.page.keyboard.press("c")
    ben.page.keyboard.press("v")
    for person in ana_and_ben:
        expect(person.page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(5)
    ben.page.keyboard.press("Control+Shift+ArrowDown")
    expect(ana.text(2)).to_have_text("prices = {'apple': 3}  # 123")
    expect(ana.text(0)).to_have_text("prices = {'apple': 3}  # 123")
    ana.type_at_end(3, "new = 1")
    expect(ben.text(3)).to_have_text("new = 1")

    seen = [ana.text(number).text_content() for number in range(5)]
    assert sorted(str(seen[1]).removeprefix("pricse['apple']")) == sorted("anaANA")
    assert [seen[0], *seen[2:]] == [
        "prices = {'apple': 3}  # 123",
        "prices = {'apple': 3}  # 123",
        "new = 1",
        "print('last')  # 123",
    ]
    for person in ana_and_ben:
        person.text(3).click()
        person.tell()
        assert person.told.notebooks == {f"{shared.root.as_uri()}/edited-{app}.ipynb": seen}


@pytest.mark.long
def test_the_sidecar_and_its_history_are_shared(shared: Jupyter, ana_and_ben: tuple[Person, Person]) -> None:
    ana, ben = ana_and_ben
    notebook = write(shared, "state.ipynb", ["import time\nbegun = time.time()", "begun"])
    open_for((ana,), shared, "lab", notebook)
    first = act(ana.page, 1, "Run in sidecar").locator(".jp-AiNotebook-outputs .jp-OutputArea-output").inner_text()
    act(ana.page, 0, "Explain")
    open_for((ben,), shared, "lab", notebook)
    cards = panel(ben.page).locator(".jp-AiNotebook-card")
    expect(cards).to_have_count(2, timeout=60_000)
    assert [card.get_attribute("data-verb") for card in cards.all()] == ["explain", "run"]
    outputs = act(ben.page, 1, "Run in sidecar").locator(".jp-AiNotebook-outputs .jp-OutputArea-output")
    expect(outputs).to_have_text(first.strip())


@pytest.mark.long
def test_a_renamed_notebook_is_told_by_its_new_name(shared: Jupyter, ana_and_ben: tuple[Person, Person]) -> None:
    ana, _ = ana_and_ben
    open_for(ana_and_ben, shared, "lab", write(shared, "old name.ipynb", ["print('here')"]))
    ana.page.get_by_role("menuitem", name="File").click()
    ana.page.get_by_role("menuitem", name="Rename Notebook").click()
    ana.page.get_by_role("dialog").get_by_role("textbox").fill("new name.ipynb")
    ana.page.keyboard.press("Enter")
    for person in ana_and_ben:
        expect(person.page.get_by_role("tab", name="new name.ipynb")).to_be_visible()
        expect(act(person.page, 0, "Run in sidecar").locator(".jp-AiNotebook-outputs")).to_contain_text("here")
        assert person.told.notebooks == {f"{shared.root.as_uri()}/new%20name.ipynb": ["print('here')"]}


@pytest.mark.long
def test_jupyter_starts_again(browser: Browser, tmp_path: Path) -> None:
    """The shared notebook comes back by itself, and once."""
    root, home = tmp_path / "root", tmp_path / "home"
    root.mkdir()
    home.mkdir()
    ana = _person(browser)  # whose page may complain of the server that is away
    with running(root, home, python=interpreter(".venv-rtc")) as server:
        open_for((ana,), server, "lab", write(server, "again.ipynb", CELLS))
        card = act(ana.page, 1, "Fix")
        dismiss_dialogs(ana.page)
        server.stop()
        expect(ana.page.locator(".jp-AiNotebook-status[data-state='reconnecting']").first).to_be_attached()
        server.start()
        connected(ana.page)
        card.get_by_role("button", name="Apply", exact=True).click()
        expect(ana.text(1)).to_have_text("prices['apple']")
        outputs = act(ana.page, 1, "Run in sidecar").locator(".jp-AiNotebook-outputs")
        expect(outputs).to_contain_text("3")
        texts = ["prices = {'apple': 3}", "prices['apple']", "print('last')"]
        assert ana.told.notebooks == {f"{root.as_uri()}/again.ipynb": texts}
        ana.page.context.close()


@pytest.mark.long
def test_a_notebook_is_not_rewritten_by_us(shared: Jupyter, ana_and_ben: tuple[Person, Person]) -> None:
    """Whatever is ours is done with it; then it is saved because of one edit, and that edit is all that has changed."""
    ana, ben = ana_and_ben
    file = shared.root / write(shared, "quiet.ipynb", CELLS)
    open_for((ana,), shared, "lab", file.name)
    run_in_own_kernel(ana.page, 2)  # Jupyter itself adds what the kernel says of its language
    before = _saved(ana, file, lambda saved: "language_info" in saved.metadata and bool(saved.cells[2].outputs))
    open_for((ben,), shared, "lab", file.name)
    for person in ana_and_ben:
        act(person.page, 1, "Explain")
        act(person.page, 1, "Fix")
        act(person.page, 0, "Run in sidecar")
    ben.type_at_end(0, "  # Ben")
    after = _saved(ben, file, lambda saved: saved.cells[0].source == "prices = {'apple': 3}  # Ben")
    after.cells[0].source = before.cells[0].source
    assert json.dumps(after, sort_keys=True) == json.dumps(before, sort_keys=True)


def _saved(person: Person, file: Path, is_so: Callable[[Any], bool]) -> Any:
    """Return the notebook as it is on disk, once it is so."""
    person.page.keyboard.press("Control+s")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(ValueError):  # read while it was written
            if is_so(saved := nbformat.read(file, 4)):
                return saved
        person.page.wait_for_timeout(50)
    raise AssertionError(file.read_text())
