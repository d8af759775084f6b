"""Results as text for people at a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ai_notebook_ls.core.outcomes import strip_ansi
from ai_notebook_ls.doors.notebook_file import NotebookFile

MARKS = {"verified": "✓", "unchecked": "?", "escape": "✗", "new-error": "✗", "same-error": "✗"}
TRACEBACK_LINES = 30


CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def inert(text: str) -> str:
    """Return text without what a terminal would obey: colours, but also titles, links and the clipboard (OSC 52)."""
    return CONTROL.sub("", strip_ansi(text))


def run_text(result: dict[str, Any], file: NotebookFile) -> str:
    """Return an outcome: the outputs, then one line that says how it went."""
    number = _number(file, result["uri"])
    lines = [text for output in result["outputs"] if (text := _output_text(output))]
    replayed = [str(_number(file, uri)) for uri in result["replayed"]]
    after = f" after cell{'s' if len(replayed) > 1 else ''} {', '.join(replayed)}" if replayed else ""
    took = f"{result['durationMs'] / 1e3:.2f} s"
    if result["status"] == "ok":
        lines.append(f"✓ Cell {number} ran{after} in a sidecar kernel ({took}).")
    else:
        lines.append(f"✗ Cell {number}: {_what(result)}{after} ({took}).")
    if result.get("notice"):
        lines.append(result["notice"])
    if result["truncatedBytes"]:
        lines.append(f"{result['truncatedBytes']:,} bytes of output were dropped.")
    return "\n".join(lines) + "\n"


def told_text(result: dict[str, Any], file: NotebookFile) -> str:
    """Return the end of an explanation or answer, whose text has been streamed: what a model took, if one was asked."""
    end = "" if result["markdown"].endswith("\n") else "\n"
    usage = result.get("usage")
    if not usage:
        return end
    if result.get("cached"):
        return f"{end}\n({usage['model']}, from an earlier answer)\n"
    tokens = f"{usage['promptTokens']:,} tokens read, {usage['answerTokens']:,} written"
    return f"{end}\n({usage['model']}: {tokens}, {usage['seconds']:.1f} s)\n"


def preview_text(result: dict[str, Any], file: NotebookFile) -> str:
    """Return what would be sent: where to, how much, what was left out, and the very body."""
    where = result.get("destination") or "a model on this machine"
    left_out = f"Left out: {', '.join(result['redactions'])}.\n" if result["redactions"] else ""
    size = len(result["body"].encode())
    later = f"{result['later']}\n" if result.get("later") else ""
    head = f"To {where}: {size:,} bytes, about {result['tokens']:,} tokens. Nothing was sent."
    return f"{head}\n{left_out}{later}\n{result['body']}\n"


def write_hint(verb: str, result: dict[str, Any]) -> str:
    """Return how to put the best candidate into the file; nothing, if it is not one to be taken unseen."""
    best = result["candidates"][0] if result["candidates"] else None
    if not best or best["receipt"]["verdict"] != "verified" or not best["edits"]:
        return ""
    kind, _, rule = best["origin"].partition(":")
    recipe = f"--recipe {rule} " if kind == "builtin" and verb == "improve" else ""
    return f"Add {recipe}--write to put the first one into the file.\n"


def fix_text(result: dict[str, Any], file: NotebookFile) -> str:
    """Return the candidates, best first, each with its receipt and diff."""
    lines = []
    if failure := result.get("failure"):
        place = f", line {failure['line'] + 1}" if failure["line"] is not None else ""
        lines += [
            f"Cell {_number(file, failure['uri'])}{place}: {failure['ename']}: {_first_line(failure['evalue'])}",
            "",
        ]
    for candidate in result["candidates"]:
        receipt = candidate["receipt"]
        lines += [f"{MARKS[receipt['verdict']]} {candidate['title']}", f"  {receipt['reason']}"]
        lines += [f"  {line}" for line in candidate["diff"].splitlines()]
        lines.append("")
    if note := result.get("note"):
        lines.append(note)
    return "\n".join(lines).rstrip("\n") + "\n"


TEXTS: dict[str, Callable[[dict[str, Any], NotebookFile], str]] = {
    "run": run_text,
    "explain": told_text,
    "fix": fix_text,
    "improve": fix_text,
    "ask": told_text,
    "preview": preview_text,
}


def _number(file: NotebookFile, uri: str) -> int:
    index = file.by_uri(uri)
    return index + 1 if index is not None else 0


def _what(result: dict[str, Any]) -> str:
    failure = result.get("failure")
    return f"{failure['ename']}: {_first_line(failure['evalue'])}" if failure else str(result["status"])


def _first_line(text: str) -> str:
    return text.strip().split("\n")[0]


def _output_text(output: dict[str, Any]) -> str:
    if output["output_type"] == "stream":
        return str(output["text"]).rstrip("\n")
    if output["output_type"] == "error":
        return strip_ansi("\n".join("\n".join(output["traceback"]).split("\n")[-TRACEBACK_LINES:]))
    data = output.get("data", {})
    if "text/plain" in data:
        return str(data["text/plain"])
    return f"[{', '.join(sorted(data))}]" if data else ""
