"""Typing in a long notebook: JupyterLab in a real browser with our extension against the same without it."""

from __future__ import annotations

import asyncio
import gzip
import json
import math
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Browser, CDPSession, Page

from benchmarks.corpus import CELL
from benchmarks.report import Samples, Section, Table, Target, number, ratio
from benchmarks.timing import turns
from tests.browser.jupyter import Jupyter, chromium, open_notebook, running

EXTENSION = Path(__file__).parents[1] / "lab-plugin" / "labextension"
NAME = "ai-notebook-ls-lab"
OURS, WITHOUT = "with our extension", "without it"
CELLS = 1_000
NOTEBOOK = f"{CELLS}.ipynb"
FRAME = 16.0
"""Milliseconds of our own code a key: a frame at 60 Hz."""
SLOWER = 1.1
"""From key to paint, against without us."""
BUNDLE = 150.0
"""Kilobytes, gzipped, of all our scripts."""
KEYS = 12
"""Typed in a row, each turn."""
PACE = 110
"""Milliseconds between two keys: a fast typist's."""
REST = 900
"""Milliseconds after them, in which what was typed is sent and what the server finds is shown."""
TYPING, PROFILING = 70.0, 30.0
"""Seconds after which no turn begins; on a machine with other work a turn takes long."""
SAMPLING = 100
"""Microseconds between two looks of the profiler."""

WATCH = """() => {
  window.painted = [];
  window.pressed = [];
  addEventListener('keydown', event => {
    pressed.push(event.timeStamp);
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => painted.push(performance.now() - event.timeStamp);
      port2.postMessage(null);
    });
  }, true);
}"""
"""A message that is posted in a frame's callback arrives when that frame has been painted."""

METHOD = f"""\
JupyterLab in headless Chromium, a notebook of {CELLS:,} cells of 10 lines, and a comment in its third cell, in which
{KEYS} keys are typed a turn, {PACE} ms apart, and then none for {REST} ms. Two such pages are open, each from a Jupyter server of
its own; they differ in our extension only (`disabledExtensions`), and are typed in by turns. *From key to paint* is from
the event's own time stamp to the end of the next frame, as the page sees it: the wait for that frame is in it. *Our own
code* comes from further turns, under V8's sampling profiler (every {SAMPLING} µs): all time in which one of our functions is on
the stack, so with whatever it calls, from a key to the next one. For the last key of a turn that is until the rest is
over, with the sync, and the marks of what the sidecar finds; garbage that we leave, and layout that the browser puts off, are
not in it, but are in the paint. *Opening* is the same from the page's first byte until the sidecar has the whole notebook and has
answered; *the sidecar's answer* is from the first sync to the answer of the request after it."""


async def measure(quick: bool) -> Section:
    """Measure in a thread: Playwright's plain interface has an event loop of its own."""
    return await asyncio.to_thread(_measure, quick)


def _measure(quick: bool) -> Section:
    painted = {name: Samples() for name in (OURS, WITHOUT)}
    own = Samples()
    with ExitStack() as stack:
        browser = stack.enter_context(chromium())
        opened = {
            OURS: Typed(browser, stack.enter_context(_jupyter(stack, switched_off=False))),
            WITHOUT: Typed(browser, stack.enter_context(_jupyter(stack, switched_off=True))),
        }
        opened[OURS].open(until_synced=True)
        opened[WITHOUT].open(until_synced=False)
        rounds, end = 2 if quick else 14, time.monotonic() + TYPING
        for name in turns(tuple(opened), rounds):
            if time.monotonic() < end or len(painted[OURS].values) != len(painted[WITHOUT].values):
                painted[name].values += opened[name].type()
        end += PROFILING
        while len(own.values) < rounds * KEYS / 2 and time.monotonic() < end:
            own.values += opened[OURS].profiled()
        first, opening = opened[OURS].first_sync, opened[OURS].opening
    plain, gzipped = bundle()
    rows = [[name, *each.cells(), ratio(each.p50 / painted[WITHOUT].p50)] for name, each in painted.items()]
    tables = (
        Table("From key to paint", ("", "p50 ms", "p95 ms", "n", "p50, ratio"), rows),
        Table(
            "Our own code",
            ("", "p50 ms", "p95 ms", "most ms", "n"),
            [["a key", number(own.p50), number(own.p95), number(max(own.values)), str(len(own.values))]],
        ),
        Table(
            f"Opening {CELLS:,} cells",
            ("our own code, ms", "first sync, kB", "the sidecar's answer, ms"),
            [[number(opening), number(first.bytes / 1e3), number(first.answered)]],
        ),
        Table("Bundle", ("all scripts, kB", "gzipped, kB"), [[number(plain), number(gzipped)]]),
    )
    targets = (
        Target(f"typing in {CELLS:,} cells, our own code a key, ms (p95)", own.p95, FRAME),
        Target("the same, from key to paint, against without us", painted[OURS].p50 / painted[WITHOUT].p50, SLOWER),
        Target("our scripts, gzipped, kB", gzipped, BUNDLE),
    )
    return Section("Typing", METHOD, tables, targets)


def bundle() -> tuple[float, float]:
    """Return the size of our scripts in kB, plain and gzipped."""
    scripts = [file.read_bytes() for file in sorted(EXTENSION.glob("static/*.js"))]
    return sum(map(len, scripts)) / 1e3, sum(len(gzip.compress(each)) for each in scripts) / 1e3


def _jupyter(stack: ExitStack, *, switched_off: bool) -> Any:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ainb-", ignore_cleanup_errors=True)))
    root, home = folder / "root", folder / "home"
    root.mkdir()
    config = home / "config" / "labconfig"
    config.mkdir(parents=True)
    if switched_off:
        (config / "page_config.json").write_text(json.dumps({"disabledExtensions": {NAME: True}}))
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    notebook.cells = [nbformat.v4.new_code_cell(CELL.format(n=n)) for n in range(CELLS)]
    nbformat.write(notebook, root / NOTEBOOK)
    return running(root, home)


class FirstSync:
    """The message in which the whole notebook goes to the sidecar, and the answer to the request after it."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        self.answered = math.nan
        self._sent: float | None = None
        self._asked: Any = None
        self._link = page.context.new_cdp_session(page)
        self._link.send("Network.enable")
        self._link.on("Network.webSocketFrameSent", self._on_sent)
        self._link.on("Network.webSocketFrameReceived", self._on_received)

    def _on_sent(self, event: dict[str, Any]) -> None:
        message = _message(event)
        if message.get("method") == "notebookDocument/didOpen":
            self._sent, self.bytes = event["timestamp"], len(event["response"]["payloadData"].encode())
        elif self._sent is not None and self._asked is None and "id" in message:
            self._asked = message["id"]

    def _on_received(self, event: dict[str, Any]) -> None:
        message = _message(event)
        if self._sent is not None and self._asked is not None and message.get("id") == self._asked:
            self.answered = (event["timestamp"] - self._sent) * 1e3
            self._sent = None


def _message(event: dict[str, Any]) -> dict[str, Any]:
    try:
        message = json.loads(event["response"]["payloadData"])
    except ValueError:  # a kernel's, in bytes
        return {}
    return message if isinstance(message, dict) and message.get("jsonrpc") == "2.0" else {}


class Typed:
    """A page with the long notebook."""

    def __init__(self, browser: Browser, jupyter: Jupyter) -> None:
        self._jupyter = jupyter
        self._page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
        self._page.set_default_timeout(60_000)
        self.first_sync = FirstSync(self._page)
        self.opening = math.nan
        """Milliseconds of our own code."""

    def open(self, *, until_synced: bool) -> None:
        """Open the notebook, and put the cursor into a comment."""
        with Profile(self._page) as profile:
            open_notebook(self._page, self._jupyter, "lab", NOTEBOOK)
            if until_synced:
                self._page.wait_for_selector(".jp-AiNotebook-status[data-state='ready']", state="attached")
                while math.isnan(self.first_sync.answered):
                    self._page.wait_for_timeout(100)
        self.opening = sum(milliseconds for _, milliseconds in profile.ours())
        page = self._page
        page.evaluate(WATCH)
        page.locator(".jp-Notebook .jp-CodeCell .cm-content").nth(2).click()
        page.keyboard.press("Control+End")
        page.keyboard.type("  # ")
        page.wait_for_timeout(3_000)

    def type(self) -> list[float]:
        """Type some keys; return how many milliseconds each took to be painted."""
        page = self._page
        page.evaluate("painted.length = pressed.length = 0")
        for place in range(KEYS):
            page.keyboard.press("abcdefghijkl "[place])
            page.wait_for_timeout(PACE)
        page.wait_for_timeout(REST)
        return list(page.evaluate("painted"))

    def profiled(self) -> list[float]:
        """Type some keys; return how many milliseconds our own code took from each one to the next."""
        with Profile(self._page) as profile:
            self.type()
        begins = self._page.evaluate("pressed")
        keys = [profile.origin + each / 1e3 for each in begins]
        taken = [0.0] * len(keys)
        for moment, milliseconds in profile.ours():
            key = sum(begin <= moment for begin in keys) - 1
            if key >= 0:
                taken[key] += milliseconds
        return taken


class Profile:
    """V8's sampling profiler, on while this context is open."""

    def __init__(self, page: Page) -> None:
        self._link: CDPSession = page.context.new_cdp_session(page)
        self._profile: dict[str, Any] = {}
        self.origin = 0.0
        """The monotonic time, in seconds, at which the page's own clock began."""

    def __enter__(self) -> Profile:
        self._link.send("Performance.enable")
        self._link.send("Profiler.enable")
        self._link.send("Profiler.setSamplingInterval", {"interval": SAMPLING})
        self._link.send("Profiler.start")
        return self

    def __exit__(self, *error: object) -> None:
        self._profile = self._link.send("Profiler.stop")["profile"]
        metrics = {each["name"]: each["value"] for each in self._link.send("Performance.getMetrics")["metrics"]}
        self.origin = metrics["NavigationStart"]
        self._link.detach()

    def ours(self) -> Iterator[tuple[float, float]]:
        """Yield when one of our functions was on the stack, in monotonic seconds, and for how many milliseconds."""
        parents = {child: node["id"] for node in self._profile["nodes"] for child in node.get("children", ())}
        own = {node["id"] for node in self._profile["nodes"] if f"/{NAME}/" in node["callFrame"]["url"]}

        def is_ours(node: int | None) -> bool:
            while node is not None and node not in own:
                node = parents.get(node)
            return node is not None

        known: dict[int, bool] = {}
        moment = self._profile["startTime"]
        for node, delta in zip(self._profile["samples"], self._profile["timeDeltas"], strict=True):
            moment += delta
            if known.setdefault(node, is_ours(node)):
                yield moment / 1e6, delta / 1e3
