"""docs/tour.md can be followed: each step does what it says."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.jupyter import Jupyter
from tests.browser.test_walking_path import LAB_FIRST
from tests.browser.tour import walk, walk_classic

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
TOUR = Path(__file__).parents[2] / "examples" / "tour.ipynb"


@pytest.mark.newest
@pytest.mark.parametrize("app", LAB_FIRST)
def test_the_tour_can_be_followed(page: Page, jupyter: Jupyter, app: str) -> None:
    notebook = f"tour-{app}.ipynb"  # of its own: with the name, a kernel stays on the server
    shutil.copy(TOUR, jupyter.root / notebook)
    walk(page, jupyter, app, notebook, picture=lambda name: None)


@pytest.mark.newest
@pytest.mark.long
def test_the_tour_can_be_followed_in_the_classic_notebook(page: Page, jupyter: Jupyter) -> None:
    shutil.copy(TOUR, jupyter.root / "tour-classic.ipynb")
    walk_classic(page, jupyter, "tour-classic.ipynb", picture=lambda name: None)
