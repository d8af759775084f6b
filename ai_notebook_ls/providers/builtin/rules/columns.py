"""Columns of text where numbers or dates are wanted: converted where the table is read or made, or where they are used.

Sources: pandas user guide, "IO tools" (thousands, decimal, na_values, parse_dates) and "Working with text data".
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate, Confidence
from ai_notebook_ls.core.evidence import Column
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.site import Change, Site, column_name

WANTED = re.compile(
    r"Cannot perform reduction|does not support (operation|reduction)|not supported between instances of|unsupported operand"
    r"|can only concatenate str|Can only use \.dt accessor|could not convert string|Unable to parse string"
    r"|No numeric types|no numeric data|StringArray|ArrowStringArray|did not contain a loop|multiply sequence|'str' object"
    r"|must be real number|Cannot compare|Invalid comparison|isnan|Could not convert|agg function failed|must be str"
    r"|Cannot cast|not convertible to|Cannot broadcast np.ndarray|not supported for|object cannot be interpreted"
    r"|ufunc '?\w+'? not supported|The dtype|operation '\w+' not supported|Cannot \w+ (string|str)|returned a type that"
)
"""What pandas, numpy and Python say of text in a computation."""

CLEANED = {
    "number": "",
    "thousands": '.str.replace(",", "")',
    "decimal comma": '.str.replace(".", "").str.replace(",", ".")',
    "money": '.str.replace(r"[$€£¥,\\s]", "", regex=True)',
    "percent": '.str.rstrip("%")',
    "number with unit": '.str.extract(r"([-+]?\\d+\\.?\\d*)", expand=False)',
}
"""What a column's texts look like -> what makes plain numbers of them."""

READ = {"thousands": 'thousands=","', "decimal comma": 'decimal=","'}
"""The same, said to read_csv and its like."""
READERS = frozenset({"read_csv", "read_table", "read_excel", "read_fwf", "read_clipboard", "read_html"})
DATES = ("iso date", "date")


def pandas_name(site: Site) -> str:
    """Return what the notebook calls pandas."""
    return next((name for name in ("pd", "pandas") if site.has(name)), "pd")


def text_where_numbers_are_wanted(request: FixRequest) -> Iterator[Candidate]:
    """A column was read as text: its numbers have commas, marks for gaps or a currency, or nobody parsed its dates."""
    site = Site.innermost(request)
    if not WANTED.search(request.failure.evalue) or _conversion(site) is not None:
        return
    columns = _text_columns(site)
    if not columns:
        yield from _through_names(site)
        return
    for node, column in columns.items():
        yield from _upstream(site, node, column)
    changes = [(node, converted(site, site.text(node), column)) for node, column in columns.items()]
    shown = ", ".join(f"`{site.text(node)}`" for node in columns)
    sure = max((_confidence(column) for column in columns.values()), key=("likely", "guess").index)
    kind = "dates" if any(column.looks in DATES for column in columns.values()) else "numbers"
    yield from site.candidate("columns", f"Read the texts of {shown} as {kind}", site.splice(changes), sure)


def _through_names(site: Site) -> Iterator[Candidate]:
    """The texts themselves came from a column, a line or a cell above: `first = df["day"].min()`."""
    for name in site.nodes(ast.Name):
        known = site.value(name)
        textual = known is not None and (known.type == "str" or known.type.endswith(".Series"))
        if known is None or not textual or known.texts.looks not in (*CLEANED, *DATES):
            continue
        for there, statement in site.made(name.id):
            for node in ast.walk(statement):
                frame = node.value if isinstance(node, (ast.Subscript, ast.Attribute)) else None
                kind = site.known_names.get(frame.id, "") if isinstance(frame, ast.Name) else ""
                if isinstance(node, (ast.Subscript, ast.Attribute)) and "DataFrame" in kind:
                    yield from _upstream(there, node, known.texts)
                    return
            break


def _text_columns(site: Site) -> dict[ast.expr, Column]:
    """The failing statement's columns that are text and look like something better."""
    found: dict[ast.expr, Column] = {}
    for node in site.nodes(ast.Subscript, ast.Attribute):
        column = site.column(node) if isinstance(node.ctx, ast.Load) else None
        if column is not None and (column.looks in CLEANED or column.looks in DATES) and column_name(node):
            covered = "DataFrame" in site.type_of(node) or any(_covers(site, other, node) for other in found)
            found.update({} if covered else {node: column})
    accessor = "dt accessor" in site.message
    return {node: column for node, column in found.items() if not accessor or column.looks in DATES}


def _covers(site: Site, one: ast.AST, other: ast.AST) -> bool:
    return site.span(one) == site.span(other) or one in ast.walk(other)


def _confidence(column: Column) -> Confidence:
    """How sure it is that this is what the texts mean."""
    return "guess" if column.looks in ("percent", "number with unit") else "likely"


def converted(site: Site, text: str, column: Column) -> str:
    """Return an expression of text, turned into numbers or dates."""
    module = pandas_name(site)
    if column.looks in DATES:
        return f"{module}.to_datetime({text}{', dayfirst=True' if column.day_first else ''})"
    cleaned = f"{text}{CLEANED[column.looks]}"
    if column.looks == "decimal comma" and column.gaps == () and "." not in column.dtype:
        cleaned = f"{text}{CLEANED[column.looks]}"
    return f"{module}.to_numeric({cleaned}{', errors=' + chr(34) + 'coerce' + chr(34) if column.gaps else ''})"


def _upstream(site: Site, node: ast.expr, column: Column) -> Iterator[Candidate]:
    """Change it where the column, else the frame, got its value."""
    name, frame = column_name(node), getattr(node, "value", None)
    if name is None or not isinstance(frame, ast.Name):
        return
    written = f'{frame.id}["{name}"]'
    kind = "dates" if column.looks in DATES else "numbers"
    for there, statement in site.made(frame.id):
        call = next((each for each in ast.walk(statement) if isinstance(each, ast.Call) and _reads(each)), None)
        stored = _last_store(site, there, frame.id, name)
        if stored is not None:
            there, statement = stored
        elif call is not None and (change := _reading(there, call, name, column)) is not None:
            title = f"Read the column `{name}` as {kind}"
            yield from there.candidate("columns", title, there.splice([change]), _confidence(column))
            return
        line = f"{written} = {converted(site, written, column)}"
        title = f"Turn the column `{name}` into {kind}"
        yield from there.candidate("columns", title, there.splice([there.after(statement, line)]), _confidence(column))
        return


def _reads(call: ast.Call) -> bool:
    return getattr(call.func, "attr", "") in READERS


def _last_store(site: Site, first: Site, frame: str, name: str) -> tuple[Site, ast.stmt] | None:
    """Where a column of a frame was last assigned, from the cell that made the frame down to the failing line."""
    request = site.request
    start, end = request.notebook.index(first.cell.id), request.notebook.index(site.cell.id)
    for cell in reversed(request.notebook.cells[start : end + 1]):
        here = Site(request, cell, None)
        for node in reversed(here.everywhere(ast.Assign)):
            target = node.targets[0]
            above = cell.id != site.cell.id or site.line is None or node.lineno - 1 < site.line
            own = isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and target.value.id == frame
            if cell.kind == "code" and above and own and column_name(target) == name:
                return here, node
    return None


def _reading(site: Site, call: ast.Call, name: str, column: Column) -> Change | None:
    """The argument that makes a reader give the right kind; None if none does, or it is said already."""
    given = {each.arg: each for each in call.keywords}
    if column.looks in DATES:
        known = given.get("parse_dates")
        if known is not None:
            if not isinstance(known.value, ast.List) or not known.value.elts:
                return None
            end = site.span(known.value)[1] - 1
            return (end, end), f', "{name}"'
        return site.with_argument(call, f'parse_dates=["{name}"]' + (", dayfirst=True" if column.day_first else ""))
    said = [READ[column.looks]] if column.looks in READ else []
    if column.gaps:
        said.append("na_values=[" + ", ".join(f'"{each}"' for each in column.gaps) + "]")
    if not said or any(each.partition("=")[0] in given for each in said) or column.looks not in ("number", *READ):
        return None
    return site.with_argument(call, ", ".join(said))


def _conversion(site: Site) -> tuple[ast.Call, ast.expr] | None:
    """The failing statement's own conversion of a column, and what it converts."""
    for call in site.nodes(ast.Call):
        name = getattr(call.func, "attr", "")
        if isinstance(call.func, ast.Attribute) and name == "astype" and call.args:
            return call, call.func.value
        if name in ("to_numeric", "to_datetime") and call.args:
            return call, call.args[0]
    return None


def conversion_of_text(request: FixRequest) -> Iterator[Candidate]:
    """`df["price"].astype(float)` of texts such as "1,200", "$5" or "-": cleaned first (pandas.to_numeric)."""
    site = Site.innermost(request)
    found = _conversion(site)
    if found is None or not re.search("could not convert|Unable to parse|invalid literal", request.failure.evalue):
        return
    call, source = found
    column = site.column(source)
    module = pandas_name(site)
    if column is not None and column.looks in CLEANED:
        text = f"{site.text(source)}{CLEANED[column.looks]}"
        whole = call.args and site.text(call.args[0]) in ("int", '"int"', "'int'", '"int64"', "'int64'")
        change: Change
        if column.gaps:
            text = f'{module}.to_numeric({text}, errors="coerce")'
            change = (call, text + ('.astype("Int64")' if whole else ""))
        elif column.looks == "number" and whole:
            change = (source, f"{site.text(source)}.astype(float)")
        else:
            change = (source, text)
        title = f"Clean the texts of `{site.text(source)}` first"
        yield from site.candidate("columns", title, site.splice([change]), _confidence(column))
        yield from _upstream(site, source, column)
    elif column is None or column.looks in ("", "numbers and words"):
        text = f'{module}.to_numeric({site.text(source)}, errors="coerce")'
        title = f"Read what is no number in `{site.text(source)}` as missing"
        yield from site.candidate("columns", title, site.splice([(call, text)]), "guess")


def missing_in_whole_numbers(request: FixRequest) -> Iterator[Candidate]:
    """`.astype(int)` of a column with gaps: only pandas' own `Int64` has gaps (pandas, Nullable integer data type)."""
    if not re.search(r"non-finite values|cannot convert (float )?NaN to integer|NAType", request.failure.evalue):
        return
    site = Site.innermost(request)
    for call in site.nodes(ast.Call):
        if getattr(call.func, "attr", "") == "astype" and call.args:
            yield from site.candidate(
                "columns", "Use `Int64`, which can hold gaps", site.splice([(call.args[0], '"Int64"')])
            )
            return


def mask_with_gaps(request: FixRequest) -> Iterator[Candidate]:
    """`df[df["a"].str.contains("x")]` where some texts are missing: `na=False` leaves them out (Series.str.contains)."""
    if not re.search(r"mask with non-boolean array|bad operand type for unary ~", request.failure.evalue):
        return
    site = Site.innermost(request)
    names = ("contains", "startswith", "endswith", "match", "fullmatch")
    calls = [call for call in site.nodes(ast.Call) if getattr(call.func, "attr", "") in names]
    for call in calls:
        if not any(each.arg == "na" for each in call.keywords):
            source = site.splice([site.with_argument(call, "na=False")])
            yield from site.candidate("columns", "Leave out what is missing, with `na=False`", source)
            return


def keys_of_two_kinds(request: FixRequest) -> Iterator[Candidate]:
    """A merge on numbers here and text there: one side's key is converted (pandas.merge)."""
    found = re.search(r"trying to merge on (\S+) and (\S+) columns for key '(.+?)'", request.failure.evalue)
    if not found:
        return
    site, key = Site.innermost(request), found[3]
    for call in site.nodes(ast.Call):
        name = getattr(call.func, "attr", "")
        if name not in ("merge", "join", "merge_asof") or not isinstance(call.func, ast.Attribute):
            continue
        frames = [call.func.value, *call.args] if "DataFrame" in site.type_of(call.func.value) else list(call.args)
        frames += [each.value for each in call.keywords if each.arg in ("left", "right")]
        for frame in frames:
            known = site.value(frame)
            columns = {each.name: each for each in known.columns} if known else {}
            names = [key, *(_text(each.value) for each in call.keywords if each.arg in ("left_on", "right_on"))]
            column = next((columns[each] for each in names if each in columns and columns[each].looks), None)
            if column is None:
                continue
            written = f'{site.text(frame)}["{column.name}"]'
            other = found[1] if found[2] in ("str", "object") else found[2]
            if column.looks in DATES and "datetime" in other:
                how, title = converted(site, written, column), "dates"
            elif column.looks == "number" and re.match(r"u?int|float|Int|Float", other):
                kind = "float" if "float" in other.lower() else "int"
                how, title = f"{written}.astype({kind})", "numbers"
            else:
                continue
            yield from _key_converted(site, frame, f"{written} = {how}", f"Turn the key `{column.name}` into {title}")
            return


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _key_converted(site: Site, frame: ast.expr, line: str, title: str) -> Iterator[Candidate]:
    if isinstance(frame, ast.Name):
        for there, statement in site.made(frame.id):
            yield from there.candidate("columns", title, there.splice([there.after(statement, line)]))
            break
    if site.statement is not None:
        start = site.span(site.statement)[0]
        indent = " " * site.statement.col_offset
        yield from site.candidate("columns", title, site.splice([((start, start), f"{line}\n{indent}")]))
