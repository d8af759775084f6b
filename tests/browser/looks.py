"""Pictures of how something looks, kept small beside the tests, and compared by what a person would notice.

A quarter of the size, so that they are small and that an edge smoothed otherwise is no difference. `make looks` takes
them anew: look at them before they are committed.
"""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Locator, Page

KEPT = Path(__file__).parent / "looks"
SEEN = Path(__file__).parents[2] / "test-results"
TAKE = os.environ.get("LOOKS") == "take"
SCALE = 4
BLOCK = 8
"""Pixels of a small picture: what is compared as one, about a word of the page."""
MOST = 28
"""How far the colours of a block may be from the kept ones, of 255."""

# What is different in each run, or on each machine.
STYLE = """
    time, .jp-AiNotebook-details > summary, .jp-AiNotebook-origin, .jp-AiNotebook-statusLevel, .jp-InputPrompt,
    .jp-OutputPrompt { visibility: hidden !important; }
    .jp-AiNotebook-facts { display: none !important; }
"""
WIDTHS = """() => ['--jp-ui-font-family', '--jp-code-font-family'].map(name => {
    const context = document.createElement('canvas').getContext('2d');
    context.font = '100px ' + getComputedStyle(document.body).getPropertyValue(name);
    return Math.round(context.measureText('The quick brown fox').width);
})"""


def same_fonts(page: Page) -> bool:
    """Whether the fonts are those of the kept pictures (Debian's fonts-dejavu-core); with others nothing is alike."""
    widths, kept = page.evaluate(WIDTHS), KEPT / "fonts.json"
    if TAKE:
        kept.write_text(json.dumps(widths) + "\n")
        return True
    return bool(json.loads(kept.read_text()) == widths)


def looks_as_before(part: Locator, name: str) -> None:
    """Compare a part of the page with its kept picture."""
    picture = Image.open(io.BytesIO(part.screenshot(style=STYLE, animations="disabled"))).convert("RGB")
    small = picture.resize((picture.width // SCALE, picture.height // SCALE), Image.Resampling.BOX)
    kept = KEPT / f"{name}.png"
    if TAKE:
        small.quantize(64).save(kept, optimize=True)
        return
    difference = _difference(small, Image.open(kept).convert("RGB"))
    if difference > MOST:
        SEEN.mkdir(exist_ok=True)
        picture.save(SEEN / f"{name}.png")
        raise AssertionError(f"{name} looks otherwise ({difference:.0f} of {MOST}): see test-results/{name}.png")


def _difference(one: Image.Image, other: Image.Image) -> float:
    """Return how far the most different blocks are apart."""
    size = (max(one.width, other.width), max(one.height, other.height))
    if abs(one.width - other.width) > 1 or abs(one.height - other.height) > 1:
        return 255.0
    difference = ImageChops.difference(one.crop((0, 0, *size)), other.crop((0, 0, *size)))
    return max(
        max(ImageStat.Stat(difference.crop((x, y, min(x + BLOCK, size[0]), min(y + BLOCK, size[1])))).mean)
        for x in range(0, size[0], BLOCK)
        for y in range(0, size[1], BLOCK)
    )
