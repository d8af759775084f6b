"""What a run gave: kernel messages folded into nbformat outputs, tracebacks read as data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from ai_notebook_ls.core import limits
from ai_notebook_ls.core.limits import cut, cut_lines

Status = Literal["ok", "error", "timeout", "interrupted", "died", "cancelled"]
Level = Literal["process", "limited", "contained", "sandboxed"]
"""How far a kernel is kept from the machine; from `contained` on by the operating system (docs/isolation.md)."""
Output = dict[str, Any]
"""An nbformat output, or what protocol.md adds for streams: `clear_output`, `update_display_data`."""

OnOutput = Callable[[str, Output], None]
"""Called with (cell id, output) as outputs come."""

ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]")
FRAME = re.compile(
    r"(?:Cell In|Input In )\s?\[(?P<count>\d+)\](?:, | in |\()[^\n]*?line:? (?P<line>\d+)"
    r"|<ipython-input-(?P<old>\d+)-\w+>"
)


@dataclass(frozen=True, slots=True)
class Frame:
    """A place in a cell that a traceback names."""

    cell: str
    line: int
    """0-based, in the cell's source."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An outcome's error as data."""

    ename: str
    evalue: str
    traceback: tuple[str, ...]
    """Lines without ANSI escapes."""
    cell: str
    """The cell that was run."""
    line: int | None = None
    """0-based, in that cell; None where the traceback does not say."""
    frames: tuple[Frame, ...] = ()
    """Places in cells, outermost first; the last one may be in another cell, which defined the failing function."""

    def __post_init__(self) -> None:
        """Keep of each text what core/limits.py allows: code decides how long its errors are."""
        object.__setattr__(self, "ename", cut(self.ename, limits.ERROR_NAME))
        object.__setattr__(self, "evalue", cut(self.evalue, limits.ERROR_MESSAGE))
        object.__setattr__(self, "traceback", cut_lines(self.traceback, limits.TRACEBACK))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What running a cell, and the cells it needed, gave."""

    status: Status
    cell: str
    outputs: tuple[Output, ...] = ()
    failure: Failure | None = None
    execution_count: int | None = None
    replayed: tuple[str, ...] = ()
    """Ids of the cells that were run before it, in order."""
    fresh: tuple[str, ...] = ()
    """Ids of the cells above that were not run again, since the kernel still holds their state."""
    duration_ms: float = 0.0
    level: Level = "process"
    truncated_bytes: int = 0
    """Output bytes that were dropped at the cap."""
    notice: str = ""
    """What the user must know besides: state that was lost, say."""

    @property
    def size(self) -> int:
        """About how many bytes the outputs take on the wire."""
        return sum(map(_size, self.outputs))

    def without_outputs(self) -> Outcome:
        """Return it with the outputs dropped, and counted."""
        return replace(self, outputs=(), truncated_bytes=self.truncated_bytes + self.size)


def strip_ansi(text: str) -> str:
    """Return text without terminal escapes."""
    return ANSI.sub("", text)


def traceback_lines(traceback: object) -> tuple[str, ...]:
    """Return a kernel's or a client's traceback (list of chunks, or text) as lines without ANSI."""
    chunks = traceback if isinstance(traceback, (list, tuple)) else [traceback or ""]
    # Cut before it is read: the patterns take a tenth of a second for some megabytes.
    text = strip_ansi("\n".join(cut_lines(tuple(str(chunk) for chunk in chunks), 2 * limits.TRACEBACK)))
    return tuple(text.split("\n")) if text else ()


def failure_frames(lines: tuple[str, ...], cells: Mapping[int, str]) -> tuple[Frame, ...]:
    """Read the places in cells that an IPython traceback names, outermost first.

    `cells` maps execution counts to cell ids; a frame of an unknown count is left out.
    """
    frames = []
    for text in lines:
        for match in FRAME.finditer(text):
            count = int(match["count"] or match["old"])
            if count in cells and match["line"]:
                frames.append(Frame(cells[count], int(match["line"]) - 1))
    return tuple(frames)


def read_failure(ename: object, evalue: object, traceback: object, cell: str, cells: Mapping[int, str]) -> Failure:
    """Build a Failure from an `error` message; a broken `__repr__` sends None for the name (notes/kernel.md §7)."""
    lines = traceback_lines(traceback)
    frames = failure_frames(lines, cells)
    own = next((frame.line for frame in frames if frame.cell == cell), None)
    message = strip_ansi(cut(str(evalue or ""), 2 * limits.ERROR_MESSAGE))
    return Failure(str(ename or "Error"), message, lines, cell, own, frames)


def foreign_failure(ename: str, evalue: str, traceback: object, cell: str) -> Failure:
    """Build a Failure from what the user's own kernel said, whose execution counts we do not know.

    The outermost cell frame is the cell itself; frames of other counts cannot be placed.
    """
    lines = traceback_lines(traceback)
    first = next((m for text in lines for m in FRAME.finditer(text)), None)
    cells = {int(first["count"] or first["old"]): cell} if first else {}
    return read_failure(ename, evalue, traceback, cell, cells)


class OutputFold:
    """Fold iopub messages into the list of outputs a notebook would show, under a byte cap.

    Streams of one name are joined, `display_id` updates change earlier outputs, `clear_output(wait=True)` waits for
    the next output (Jupyter messaging spec 5.4).
    """

    def __init__(self, limit: int) -> None:
        self.outputs: list[Output] = []
        self.truncated_bytes = 0
        self._room = limit
        self._clear_next = False
        self._displays: dict[str, list[Output]] = {}

    @property
    def full(self) -> bool:
        """Whether anything had to be dropped."""
        return self.truncated_bytes > 0

    def add(self, msg_type: str, content: Mapping[str, Any]) -> Output | None:
        """Take one iopub message; return what a client is to be told, or None where nothing is shown."""
        if msg_type == "clear_output":
            return self._clear(bool(content.get("wait")))
        if msg_type == "stream":
            return self._stream(str(content.get("name", "stdout")), str(content.get("text", "")))
        if msg_type == "update_display_data":
            return self._update(content)
        output = _output(msg_type, content)
        if output is None or not (self._fits(_size(output)) or self._shorten(output)):
            return None
        self._append(output)
        if display_id := content.get("transient", {}).get("display_id"):
            self._displays.setdefault(display_id, []).append(output)
            return {**output, "transient": {"display_id": display_id}}
        return output

    def _fits(self, size: int) -> bool:
        if size > self._room:
            self.truncated_bytes += size
            return False
        self._room -= size
        return True

    def _shorten(self, output: Output) -> bool:
        """Keep the beginning of an output's plain text, with a note; False where there is none, or no room."""
        text = output.get("data", {}).get("text/plain")
        if not isinstance(text, str) or not self._room:
            return False
        kept, self._room = text[: self._room], 0
        self.truncated_bytes -= len(kept)
        output["data"] = {"text/plain": f"{kept}\n… cut here: the whole is {len(text):,} characters long"}
        return True

    def _append(self, output: Output) -> None:
        if self._clear_next:
            self._clear_next = False
            self.outputs.clear()
            self._displays.clear()
        self.outputs.append(output)

    def _clear(self, wait: bool) -> Output:
        if wait:
            self._clear_next = True
        else:
            self.outputs.clear()
            self._displays.clear()
        return {"output_type": "clear_output", "wait": wait}

    def _stream(self, name: str, text: str) -> Output | None:
        data = text.encode("utf-8", "replace")
        kept = data[: self._room].decode("utf-8", "ignore") if len(data) > self._room else text
        self.truncated_bytes += max(0, len(data) - self._room)
        self._room -= min(len(data), self._room)
        if not kept:
            return None
        last = self.outputs[-1] if self.outputs and not self._clear_next else None
        if last is not None and last["output_type"] == "stream" and last["name"] == name:
            last["text"] += kept
        else:
            self._append({"output_type": "stream", "name": name, "text": kept})
        return {"output_type": "stream", "name": name, "text": kept}

    def _update(self, content: Mapping[str, Any]) -> Output | None:
        display_id = content.get("transient", {}).get("display_id")
        data, metadata = content.get("data", {}), content.get("metadata", {})
        if not self._fits(_size({"data": data})):
            return None
        for output in self._displays.get(display_id, ()):
            output["data"], output["metadata"] = data, metadata
        return {
            "output_type": "update_display_data",
            "data": data,
            "metadata": metadata,
            "transient": {"display_id": display_id},
        }


def _output(msg_type: str, content: Mapping[str, Any]) -> Output | None:
    """An iopub message as an nbformat output."""
    if msg_type in ("display_data", "execute_result"):
        output: Output = {
            "output_type": msg_type,
            "data": dict(content.get("data", {})),
            "metadata": dict(content.get("metadata", {})),
        }
        if msg_type == "execute_result":
            output["execution_count"] = content.get("execution_count")
        return output
    if msg_type == "error":
        return {
            "output_type": "error",
            "ename": cut(str(content.get("ename") or "Error"), limits.ERROR_NAME),
            "evalue": cut(str(content.get("evalue") or ""), limits.ERROR_MESSAGE),
            "traceback": [*cut_lines(tuple(map(str, content.get("traceback") or ())), limits.TRACEBACK)],
        }
    return None


def _size(output: Output) -> int:
    """About how many bytes an output takes on the wire."""
    if "data" in output:
        return sum(len(v) if isinstance(v, str) else len(repr(v)) for v in output["data"].values())
    lines = output.get("traceback", ())
    return sum(map(len, lines)) + len(output.get("evalue", "")) + len(output.get("text", ""))
