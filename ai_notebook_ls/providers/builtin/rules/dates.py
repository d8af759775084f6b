"""Dates and times: texts in another format, the wrong order of day and month, time zones, indexes that are no dates.

Sources: docs.python.org, datetime; pandas user guide, "Time series".
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import datetime

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.evidence import Column
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.rules.columns import DATES, converted, pandas_name
from ai_notebook_ls.providers.builtin.site import Site

# fmt: off
FORMATS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%d/%m/%y",
    "%m/%d/%y", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%B %d %Y", "%b %d %Y", "%d-%b-%Y", "%Y-%m", "%B %Y",
)
# fmt: on
TIMES = (
    "",
    " %H:%M",
    " %H:%M:%S",
    "T%H:%M",
    "T%H:%M:%S",
    " %H:%M:%S.%f",
    "T%H:%M:%S.%f",
    "T%H:%M:%SZ",
    "T%H:%M:%S%z",
    " %I:%M %p",
)


def formats_of(text: str) -> list[str]:
    """Return the usual formats that a text may be in."""
    return [date + time for date in FORMATS for time in TIMES if _fits(text, date + time)]


def _fits(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)
    except ValueError:
        return False
    return True


def other_format(request: FixRequest) -> Iterator[Candidate]:
    """`strptime` with a format that is not the text's: the text itself tells which one is."""
    said = re.search(
        r"time data ['\"](.+?)['\"] (?:does not|doesn't) match format ['\"](.+?)['\"]", request.failure.evalue
    )
    if not said:
        return
    meant = formats_of(said[1])
    for site in Site.all(request):
        for node in site.nodes(ast.Constant):
            if node.value == said[2]:
                quote = site.text(node)[-1]
                for each in meant if len(meant) == 1 else ():  # 1/2/2024 may be either
                    source = site.splice([(node, f"{quote}{each}{quote}")])
                    sure = "likely" if len(meant) == 1 else "guess"
                    yield from site.candidate("dates", f"Read the format `{each}`", source, sure)  # type: ignore[arg-type]
                return


def rest_of_a_time(request: FixRequest) -> Iterator[Candidate]:
    """`unconverted data remains`: the text goes on after what the format reads."""
    said = re.search(r"unconverted data remains(?: when parsing with format \".*?\")?: ?(.*)$", request.failure.evalue)
    if not said:
        return
    rest = said[1].strip(' "')
    times = [form for form in ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%z") if _fits(rest, form)]
    for site in Site.all(request):
        for node in site.nodes(ast.Constant):
            if times and isinstance(node.value, str) and "%" in node.value:
                quote = site.text(node)[-1]
                gap = "T" if rest.startswith("T") else " "
                source = site.splice([(node, f"{quote}{node.value}{gap}{times[0]}{quote}")])
                yield from site.candidate("dates", f"Read the time as well, with `{times[0]}`", source)
                return


def order_of_day_and_month(request: FixRequest) -> Iterator[Candidate]:
    """`to_datetime` of days first, of several formats, or with a format that is not theirs (pandas.to_datetime)."""
    if not re.search(
        r"doesn't match format|Unknown datetime string|month must be in|day is out of range|out of bounds",
        site_text(request),
    ):
        return
    for site in Site.all(request):
        for call in site.nodes(ast.Call):
            if getattr(call.func, "attr", "") != "to_datetime" or not call.args:
                continue
            column = site.column(call.args[0]) or Column("")
            given = next((each for each in call.keywords if each.arg == "format"), None)
            if given is not None and column.looks == "iso date":
                source = site.splice([site.without_argument(given)])
                yield from site.candidate("dates", "Let pandas find the format: these are ISO dates", source)
            elif column.day_first is not None and not any(each.arg == "dayfirst" for each in call.keywords):
                changes = [site.with_argument(call, "dayfirst=True")] if column.day_first else []
                changes += [site.without_argument(given)] if given is not None else []
                yield from site.candidate("dates", "Read the day before the month", site.splice(changes))
            elif given is None:
                source = site.splice([site.with_argument(call, 'format="mixed"')])
                yield from site.candidate("dates", "Read each date in its own format", source, "guess")
            return


def site_text(request: FixRequest) -> str:
    """Return the error's text."""
    return request.failure.evalue


def index_of_no_dates(request: FixRequest) -> Iterator[Candidate]:
    """`resample` and its like need dates as index, or as the column that `on=` names (pandas, DataFrame.resample)."""
    if (
        "Only valid with DatetimeIndex" not in request.failure.evalue
        and "index is not a DatetimeIndex" not in request.failure.evalue
    ):
        return
    site = Site.innermost(request)
    for call in site.nodes(ast.Call):
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        known = site.value(owner) if owner is not None else None
        if known is None or owner is None:
            continue
        frame = site.text(owner)
        dates = [each for each in known.columns if each.looks in DATES or each.dtype.startswith("datetime")]
        if not known.labels.startswith("RangeIndex"):
            line = f"{frame}.index = {pandas_name(site)}.to_datetime({frame}.index)"
            yield from _before(site, owner, line, "Turn the index into dates")
        for column in dates if known.labels.startswith("RangeIndex") else ():
            name = f'"{column.name}"'
            if column.looks in DATES:
                line = f"{frame}[{name}] = {converted(site, f'{frame}[{name}]', column)}"
                yield from _before(site, owner, line, f"Turn `{column.name}` into dates", (call, name))
            else:
                source = site.splice([site.with_argument(call, f"on={name}")])
                yield from site.candidate("dates", f"Take the dates of the column `{column.name}`", source)
        return


def _before(
    site: Site, frame: ast.expr, line: str, title: str, on: tuple[ast.Call, str] | None = None
) -> Iterator[Candidate]:
    """Put a line where the frame is made; with `on`, also say the column in the call."""
    if on is not None:
        start = site.span(site.statement)[0] if site.statement is not None else 0
        changes = [((start, start), f"{line}\n"), site.with_argument(on[0], f"on={on[1]}")]
        yield from site.candidate("dates", title, site.splice(changes))
        return
    if isinstance(frame, ast.Name):
        for there, statement in site.made(frame.id):
            yield from there.candidate("dates", title, there.splice([there.after(statement, line)]))
            return


def time_zones(request: FixRequest) -> Iterator[Candidate]:
    """One time has a zone, the other none: the one without is made as UTC (docs.python.org, Aware and Naive Objects)."""
    if not re.search(r"offset-naive and offset-aware|tz-naive and tz-aware", request.failure.evalue):
        return
    site = Site.innermost(request)
    for call in site.everywhere(ast.Call):
        name = getattr(call.func, "attr", "")
        if name == "now" and not call.args and not call.keywords and isinstance(call.func, ast.Attribute):
            zone = "timezone.utc" if site.has("timezone") else "datetime.timezone.utc"
            source = site.splice([site.with_argument(call, zone)])
            if zone == "datetime.timezone.utc" and "datetime.datetime" not in site.text(call.func):
                source = site.with_import("from datetime import timezone", source.replace(zone, "timezone.utc"))
            yield from site.candidate("dates", "Take the present time in UTC", source, "guess")
            return
