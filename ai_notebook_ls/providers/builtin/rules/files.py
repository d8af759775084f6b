"""Files: names, folders, modes, encodings, separators, and what reads text and what reads files.

Sources: docs.python.org, open, json, pathlib; pandas user guide, "IO tools".
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate, Confidence
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.site import Change, Site
from ai_notebook_ls.providers.builtin.spelling import close, same_digits

MOST = 3
MODES = {
    r"not writable|File not open for writing": "w",
    r"not readable": "r",
    r"bytes-like object is required, not 'str'": "t",
    r"must be str, not bytes|binary mode": "b",
}
"""What Python says -> the letter that the mode lacks."""


def missing_file(request: FixRequest) -> str | None:
    """Return the path of the file that is not there."""
    found = re.search(
        r"No such file or directory: b?['\"](.+?)['\"]$|File (\S+) does not exist", request.failure.evalue
    )
    return (found[1] or found[2]) if found else None


def file_nearby(request: FixRequest) -> Iterator[Candidate]:
    """A file with almost that name, or with that name in another folder: the one if there is one, else guesses."""
    asked = missing_file(request)
    if asked is None:
        return
    slashed = re.sub(r"[\\]+", "/", asked)
    for new, sure in _nearby(slashed, request.evidence.files if request.evidence else ()):
        for site in (place for cell in Site.all(request) for place in (cell, *_makers(cell))):
            source = _renamed(site, asked, new)
            if source is not None:
                yield from site.candidate("files", f"Read `{new}`, which is there", source, sure)
                break


def _nearby(asked: str, files: tuple[str, ...]) -> Iterator[tuple[str, Confidence]]:
    paths = [re.sub(r"[\\]+", "/", each) for each in files]
    name = posixpath.basename(asked)
    if asked in paths:  # only the separators of Windows were wrong
        yield asked, "likely"
        return
    found = [each for each in paths if posixpath.basename(each) == name]
    same = [each for each in paths if posixpath.dirname(each) == posixpath.dirname(asked)]
    by_name = {posixpath.basename(each): each for each in reversed([*same, *paths])}
    found += [by_name[new] for new, _ in close(name, by_name)]
    stem = name.rpartition(".")[0] or name
    found += [each for each in same if posixpath.basename(each).rpartition(".")[0] == stem]
    found = list(dict.fromkeys(found))
    for each in found[:MOST]:
        yield each, "likely" if len(found) == 1 and same_digits(each, asked) else "guess"


def _makers(site: Site) -> Iterator[Site]:
    """Where the names in the failing statement got their values."""
    for name in dict.fromkeys(node.id for node in site.nodes(ast.Name)):
        for there, statement in site.made(name):
            yield Site(site.request, there.cell, statement.lineno - 1)
            break


def _renamed(site: Site, asked: str, new: str) -> str | None:
    """The cell with another path: its whole text, or the last part of it."""
    for node in site.nodes(ast.Constant):
        if not isinstance(node.value, str) or not node.value:
            continue
        quote = site.text(node)[-1]
        if node.value == asked:
            return site.splice([(node, f"{quote}{new}{quote}")])
        head, tail = asked[: -len(node.value)], node.value
        if asked.endswith(tail) and new.startswith(head):
            return site.splice([(node, f"{quote}{new[len(head) :]}{quote}")])
        rest = asked.removeprefix(node.value)
        if rest.startswith("/") and new.endswith(rest):  # the folder, named apart from what is in it
            return site.splice([(node, f"{quote}{new.removesuffix(rest)}{quote}")])
    return None


def folder_to_make(request: FixRequest) -> Iterator[Candidate]:
    """Writing to a folder that is not there: nobody makes it but the program (pathlib.Path.mkdir)."""
    said = re.search(r"non-existent directory: ['\"](.+?)['\"]", request.failure.evalue)
    asked = missing_file(request)
    site = Site.innermost(request)
    if said:
        folder = said[1]
    elif asked and posixpath.dirname(asked) and _writes(site):
        folder = posixpath.dirname(asked)
    else:
        return
    top = site.statement
    while top is not None and isinstance(site.parents.get(top), ast.stmt):
        top = site.parents[top]  # type: ignore[assignment]
    if top is None:
        return
    if site.has("os") and "os" in site.known_names:
        line, missing = f'os.makedirs("{folder}", exist_ok=True)', ""
    else:
        line = f'Path("{folder}").mkdir(parents=True, exist_ok=True)'
        missing = "" if "Path" in site.known_names else "from pathlib import Path"
    start = site.span(top)[0]
    source = site.splice([((start, start), f"{line}\n{' ' * top.col_offset}")])
    if missing:
        source = site.with_import(missing, source)
    yield from site.candidate("files", f"Make the folder `{folder}` first", source)


def _writes(site: Site) -> bool:
    for call in site.nodes(ast.Call):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        modes = [
            each.value
            for each in (*call.args[1:], *(word.value for word in call.keywords))
            if isinstance(each, ast.Constant)
        ]
        if name == "open" and any(isinstance(mode, str) and re.match("[wax]", mode) for mode in modes):
            return True
        if re.match(r"to_|save|write|dump|imsave|mkdir", name):
            return True
    return False


def home_folder(request: FixRequest) -> Iterator[Candidate]:
    """`open("~/a.csv")`: only the shell knows what ~ is (os.path.expanduser)."""
    asked = missing_file(request)
    if asked is None or not asked.startswith("~"):
        return
    site = Site.innermost(request)
    for node in site.nodes(ast.Constant):
        if node.value == asked:
            source = site.splice([(node, f"os.path.expanduser({site.text(node)})")])
            source = source if "os" in site.known_names else site.with_import("import os", source)
            yield from site.candidate("files", "Write `~` out", source)
            return


def other_encoding(request: FixRequest) -> Iterator[Candidate]:
    """A text file that is not UTF-8: the bytes themselves tell of a likelier one (docs.python.org, codecs)."""
    encoding = request.evidence.encoding if request.evidence else None
    if encoding is None:
        return
    for site in Site.all(request):
        for place in (site, *_makers(site)):
            for call in place.nodes(ast.Call):
                name = getattr(call.func, "attr", getattr(call.func, "id", ""))
                if not re.fullmatch(r"open|read_(csv|table|text|fwf|json)|loadtxt|genfromtxt|decode", name):
                    continue
                known = next((each.value for each in call.keywords if each.arg == "encoding"), None)
                known = known or (call.args[0] if name == "decode" and call.args else None)
                change = (
                    (known, f'"{encoding}"')
                    if known is not None
                    else place.with_argument(call, f'encoding="{encoding}"')
                )
                if name == "decode" and known is None:
                    change = place.with_argument(call, f'"{encoding}"')
                sure: Confidence = "guess" if encoding == "latin-1" else "likely"
                yield from place.candidate("files", f"Read it as {encoding}", place.splice([change]), sure)
                return


def other_separator(request: FixRequest) -> Iterator[Candidate]:
    """A table whose columns are not separated by commas: read as one column, or not at all (pandas.read_csv, sep)."""
    mark = request.evidence.separator if request.evidence else None
    site = Site.innermost(request)
    if "tokenizing" in request.failure.evalue and mark:
        yield from _separated(site, site.nodes(ast.Call), mark)
        return
    for known in request.evidence.values if request.evidence else ():
        if len(known.columns) != 1 or not known.expression.isidentifier():
            continue
        name = known.columns[0].name
        marks = [each for each in (";", "\t", "|", ":") if each in name]
        if marks:
            for there, statement in site.made(known.expression):
                calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
                yield from _separated(there, calls, marks[0])
                return


def _separated(site: Site, calls: list[ast.Call], mark: str) -> Iterator[Candidate]:
    shown = mark.replace("\t", "\\t")
    for call in calls:
        if getattr(call.func, "attr", "") in ("read_csv", "read_table"):
            known = next((each.value for each in call.keywords if each.arg in ("sep", "delimiter")), None)
            change = (known, f'"{shown}"') if known is not None else site.with_argument(call, f'sep="{shown}"')
            yield from site.candidate("files", f"Separate the columns at `{shown}`", site.splice([change]))
            return


def mode_of_opening(request: FixRequest) -> Iterator[Candidate]:
    """A file opened for the other direction, or as text for bytes (docs.python.org, open)."""
    message = request.failure.evalue
    wanted = next((new for pattern, new in MODES.items() if re.search(pattern, message)), None)
    if wanted is None:
        return
    for site in Site.all(request):
        for call in site.everywhere(ast.Call):
            if getattr(call.func, "id", "") != "open" or not call.args:
                continue
            mode = (
                call.args[1] if len(call.args) > 1 else next((k.value for k in call.keywords if k.arg == "mode"), None)
            )
            if mode is None:
                new = _mode("r", wanted)
                change: Change = site.with_argument(call, f'mode="{new}"' if call.keywords else f'"{new}"')
            elif isinstance(mode, ast.Constant) and isinstance(mode.value, str):
                new = _mode(mode.value, wanted)
                quote = site.text(mode)[-1]
                change = (mode, f"{quote}{new}{quote}")
            else:
                continue
            # To write empties a file that was to be read: only the user knows whether its contents are wanted.
            sure: Confidence = "guess" if wanted == "w" else "likely"
            yield from site.candidate("files", f"Open the file with mode `{new}`", site.splice([change]), sure)
            return


def _mode(old: str, wanted: str) -> str:
    """A mode with another letter: `w` and `r` say the direction, `b` and `t` bytes or text."""
    if wanted in "rw":
        return re.sub("[rwax]", wanted, old)
    return old.replace("t", "").replace("b", "") + wanted.replace("t", "")


def text_or_file(request: FixRequest) -> Iterator[Candidate]:
    """`json.load` reads a file and `json.loads` a text; a path is neither (docs.python.org, json, pickle)."""
    message = request.failure.evalue
    site = Site.innermost(request)
    for site in Site.all(request):
        for call in site.nodes(ast.Call):
            name = getattr(call.func, "attr", "")
            if not isinstance(call.func, ast.Attribute) or not call.args or name not in ("load", "loads"):
                continue
            argument, kind = call.args[0], site.type_of(call.args[0])
            text = site.text(argument)
            known = argument.value if isinstance(argument, ast.Constant) else ""
            path = re.search(r"\.\w{2,7}$", known) if isinstance(known, str) else None
            path = path or re.search(r"(?i)path|file_?name$", text)
            module = site.text(call.func.value)
            mode = ', "rb"' if module in ("pickle", "joblib", "marshal", "tomllib") else ""
            opened = f"open({text}{mode})"
            if name == "loads" and "JSON object must be str" in message and "IOWrapper" in message:
                source = site.splice([(site.attribute_span(call.func), "load")])
                yield from site.candidate("files", f"Read the file with `{module}.load`", source, "certain")
            elif name == "load" and re.search(r"has no attribute 'read'|must have 'read'", message):
                if path or "Path" in kind:
                    source = site.splice([(argument, opened)])
                    yield from site.candidate("files", f"Open the file for `{module}.load`", source)
                else:
                    source = site.splice([(site.attribute_span(call.func), "loads")])
                    yield from site.candidate("files", f"Read the text with `{module}.loads`", source)
            elif name == "loads" and "Expecting value" in message and path:
                source = site.splice([(site.attribute_span(call.func), "load"), (argument, opened)])
                yield from site.candidate("files", "Read the file, not its name", source)
            elif name in ("load", "loads") and "Extra data" in message and module == "json":
                lines = text if name == "load" else f"{text}.splitlines()"
                new = f"[{module}.loads(line) for line in {lines} if line.strip()]"
                yield from site.candidate("files", "Read one JSON value a line", site.splice([(call, new)]), "guess")
            else:
                continue
            return


def json_lines(request: FixRequest) -> Iterator[Candidate]:
    """`read_json` of a file with one value a line (pandas.read_json, lines)."""
    if "Trailing data" not in request.failure.evalue:
        return
    site = Site.innermost(request)
    for call in site.nodes(ast.Call):
        if getattr(call.func, "attr", "") == "read_json":
            yield from site.candidate(
                "files", "Read one JSON value a line", site.splice([site.with_argument(call, "lines=True")])
            )
            return


def text_to_write(request: FixRequest) -> Iterator[Candidate]:
    """`file.write(3)`: a text file takes text only (docs.python.org, io.TextIOBase.write)."""
    said = re.search(r"write\(\) argument must be str, not (\w+)", request.failure.evalue)
    if not said or said[1] == "bytes":
        return
    site = Site.innermost(request)
    for call in site.nodes(ast.Call):
        if getattr(call.func, "attr", "") == "write" and len(call.args) == 1:
            text = site.text(call.args[0])
            wrapped = (
                f"json.dumps({text})" if said[1] in ("dict", "list") and "json" in site.known_names else f"str({text})"
            )
            yield from site.candidate("files", f"Write it as text, `{wrapped}`", site.splice([(call.args[0], wrapped)]))
            return
