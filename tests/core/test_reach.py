"""What reaches out of the notebook: by what the text does, not by the words in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.reach import names_in, reaches_out

CORPUS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "corpora" / "reach" / "above.json").read_text("utf-8")
)


def reach(*cells: str) -> str | None:
    notebook = Notebook("file:///n.ipynb", tuple(Cell(str(i), source) for i, source in enumerate(cells)))
    return reaches_out(cells[-1], names_in(notebook))


def test_every_cell_of_the_corpus_that_reaches_out_is_found() -> None:
    missed = [(each["id"], each["kind"]) for each in CORPUS if each["reaches"] and reach(each["text"]) is None]
    assert missed == []


def test_hardly_a_cell_of_the_corpus_that_does_not_is_asked_about() -> None:
    harmless = [each for each in CORPUS if not each["reaches"]]
    asked = [(each["id"], each["kind"], reach(each["text"])) for each in harmless if reach(each["text"])]
    assert len(asked) <= 0.02 * len(harmless), asked


@pytest.mark.parametrize(
    "cells",
    [
        ["x = !ls -la"],
        ["import pandas as pd", "df = pd.read_csv('https://example.org/a.csv')"],
        ["import pandas as pd\nURL = 'https://example.org/a.csv'", "df = pd.read_csv(URL)"],
        ["base = 'https://example.org'", "df = pd.read_json(f'{base}/a.json')"],
        ["import requests as r", "r.get(url)"],
        ["from urllib.request import urlopen as u", "u(address)"],
        ["import http.client\nc = http.client.HTTPSConnection('example.org')", "c.request('GET', '/')"],
        ["import requests\ns = requests.Session()", "page = s.get(address)"],
        ["import shutil", "shutil.copy('a', 'b')"],
        ["import sqlite3\nconn = sqlite3.connect('a.db')"],
        ["exec(text)"],
        ["import os", "getattr(os, 'sys' + 'tem')('ls')"],
        ["import os", "getattr(os, name)('ls')"],
        ["__import__('subprocess').run(['ls'])"],
        ["import importlib", "importlib.import_module('os').remove('a')"],
        ["import os", "list(map(os.remove, files))"],
        ["from os import system as show", "show('ls')"],
        ["import sys", "sys.modules['os'].system('ls')"],
        ["def fetch(url):\n    import requests\n    return requests.get(url).json()", "data = fetch('x')"],
        ["from pathlib import Path\nfor old in Path('.').glob('*.tmp'):\n    old.unlink()"],
        ["with open(name, mode) as file:\n    file.write('x')"],
        ["get_ipython().system('ls')"],
        ["%run other.py"],
    ],
)
def test_what_is_found_however_it_is_spelt(cells: list[str]) -> None:
    assert reach(*cells) is not None


@pytest.mark.parametrize(
    "cells",
    [
        ["df = df.rename(columns={'a': 'b'})"],
        ["df['system'] = df['requests'] + df.system"],
        ["requests = [1, 2]", "requests.append(3)\nlen(requests)"],
        ["import requests", "requests = 5\nrequests + 1"],
        ["import os", "os.path.join('a', 'b')\nos.getcwd()\nos.environ['HOME']"],
        ["def fetch(url):\n    import requests\n    return requests.get(url).json()"],
        ["import requests\nr = requests.get(u)", "r.json()"],
        ["print(df.to_csv(index=False))"],
        ["import io", "buffer = io.StringIO()\ndf.to_csv(buffer)"],
        ["import re", "re.compile('a').sub('b', 'c')\ndf.eval('x = a + b')"],
        ["from urllib.parse import urlparse", "urlparse('https://example.org/a')"],
        ["import pandas as pd", "df = pd.read_csv('data/a.csv')"],
        ["text = open('a.txt').read().replace('a', 'b')"],
        ["import sys", "sys.stdout.write('x')"],
        ["import sqlite3", "conn = sqlite3.connect(':memory:')\nconn.execute('create table t (a)')"],
        ["names = df['city'].str.extract('(.*)')"],
        ["print('see https://example.org')\nHTML('<a href=\"https://example.org\">x</a>')"],
    ],
)
def test_words_alone_are_no_reach(cells: list[str]) -> None:
    assert reach(*cells) is None
