"""What is kept of the answers about a notebook, and what goes first."""

from ai_notebook_ls.assist.history import CHARACTERS, ENTRIES, NOTEBOOKS, Entry, History
from ai_notebook_ls.core.cells import Notebook

HERE = Notebook("file:///here.ipynb", (), "/here.ipynb")


def entry(name: str, size: int = 1, pinned: bool = False) -> Entry:
    return Entry(name, "aiNotebook.run", "cell", "2026-01-01T00:00:00+00:00", {}, {}, {}, size, pinned)


def ids(history: History, notebook: Notebook = HERE) -> list[str]:
    return [each.id for each in history.of(notebook)]


def test_the_oldest_go_first_and_pinned_ones_last() -> None:
    history = History()
    for number in range(ENTRIES):
        history.add(HERE, entry(str(number)))
    history.pin(HERE, "0", True)
    history.add(HERE, entry("new"))
    assert ids(history)[:2] == ["0", "2"]
    assert ids(history)[-1] == "new"

    history.add(HERE, entry("large", CHARACTERS - 1))
    assert ids(history) == ["0", "large"]
    history.pin(HERE, "large", True)
    history.add(HERE, entry("newer", 2))
    assert ids(history) == ["0", "large"], "what is pinned stays"


def test_what_is_too_large_does_not_drive_out_the_others() -> None:
    history = History()
    history.add(HERE, entry("kept"))
    history.add(HERE, entry("huge", CHARACTERS + 1))
    assert ids(history) == ["kept"]


def test_each_notebook_has_its_own_by_its_path_and_the_least_used_goes() -> None:
    history = History()
    history.add(HERE, entry("here"))
    assert ids(history, Notebook("file:///elsewhere%20.ipynb", (), "/here.ipynb")) == ["here"]
    for number in range(NOTEBOOKS):
        history.add(Notebook(f"file:///{number}.ipynb", (), f"/{number}.ipynb"), entry("there"))
    assert ids(history) == []


def test_what_is_forgotten_is_gone() -> None:
    history = History()
    history.add(HERE, entry("a"))
    history.add(HERE, entry("b"))
    history.forget(HERE, ["a", "unknown"])
    assert ids(history) == ["b"]
