"""A cell's new source in a notebook's text, whoever wrote that text: every other byte stays."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ai_notebook_ls.doors.notebook_json import with_sources

MARK = "@@the source@@"
LINES = st.lists(st.text(alphabet="ab1 é\t\"\\'{}[]:,\n☃\U0001f600\ud800", max_size=8), max_size=5)
SOURCES = LINES.map("\n".join)

JUPYTER = {"indent": 1, "ensure_ascii": False}
STYLES = st.sampled_from(
    [
        JUPYTER,
        {"indent": 1, "ensure_ascii": False, "sort_keys": True},  # nbdev
        {"indent": 2, "ensure_ascii": False},  # Colab
        {"indent": 4, "ensure_ascii": True},
        {"indent": "\t"},
        {"indent": None, "separators": (",", ":")},
        {"indent": None},
    ]
)
EXTRAS: list[dict[str, Any]] = [{}, {"metadata": {"cells": [1], "source": "x"}}, {"cells": 3, "source": {"source": []}}]


def cells(sources: list[str], as_lines: bool) -> list[dict[str, Any]]:
    return [
        {
            "cell_type": "code",
            "id": f"id-{number}",
            "metadata": {"source": ["not this", MARK[:5]]},
            "outputs": [{"output_type": "stream", "name": "stdout", "text": ['} ] " , {\\', "é"]}],
            "source": source.splitlines(keepends=True) if as_lines else source,
        }
        for number, source in enumerate(sources)
    ]


def dumped(value: object, style: dict[str, Any]) -> str:
    """Write JSON as a tool does that can save what it wrote: a lone surrogate is an escape in any style."""
    return json.dumps(value, **style).replace("\ud800", "\\ud800")


@given(st.lists(SOURCES, min_size=1, max_size=4), SOURCES, st.data(), STYLES, st.booleans(), st.booleans())
@settings(max_examples=150, deadline=None)
def test_every_other_byte_stays(
    sources: list[str], new: str, data: st.DataObject, style: dict[str, Any], as_lines: bool, windows: bool
) -> None:
    index = data.draw(st.integers(0, len(sources) - 1))
    book = {"cells": cells(sources, as_lines), "metadata": {"numbers": [0]}, "nbformat": 4, "nbformat_minor": 5}
    old = book["cells"][index]["source"]  # type: ignore[index]
    book["cells"][index]["source"] = MARK  # type: ignore[index]
    frame = dumped(book, style).replace("[0]", "[1E5, -0.0, 1.50]").replace("é", "\\u00E9")
    before, after = frame.split(json.dumps(MARK))
    indent, unit = style.get("indent"), ""
    if as_lines and indent and old:
        unit = indent if isinstance(indent, str) else " " * indent
        written = dumped(old, style).replace("\n", "\n" + unit * 3)
    else:
        written = dumped(old, style)
    text = (before + written + after).replace("\n", "\r\n" if windows else "\n")
    changed = with_sources(text, {index: new})
    newline = "\r\n" if windows else "\n"
    assert changed.startswith(before.replace("\n", newline))
    assert changed.endswith(after.replace("\n", newline))
    expected = json.loads(text)
    expected["cells"][index]["source"] = new
    found = json.loads(changed)
    found["cells"][index]["source"] = "".join(found["cells"][index]["source"])
    assert found == expected
    changed.encode()  # no lone surrogate is left bare
    assert with_sources(text, {index: "".join(old)}) == text


def test_lines_that_stay_keep_their_bytes_and_new_ones_their_layout() -> None:
    text = '{"cells": [\n  {"source": [\n    "caf\\u00E9 = 1\\n",\n    "x = 2"\n  ]}\n], "nbformat": 4}'
    changed = with_sources(text, {0: "café = 1\ny = 3\nx = 2"})
    assert changed == text.replace('\\n",\n', '\\n",\n    "y = 3\\n",\n')


def test_the_last_of_two_sources_counts() -> None:
    text = '{"cells": [{"source": "a", "source": "b"}], "cells": [{"source": "c", "source": "d"}]}'
    assert with_sources(text, {0: "e"}) == text.replace('"d"', '"e"')
