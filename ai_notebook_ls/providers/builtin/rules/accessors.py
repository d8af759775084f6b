"""Members that are reached by a detour: `.str` and `.dt` of a column, `set_` of axes, one of several axes, a call first.

Sources: pandas user guide, "Working with text data" and "dt accessor"; matplotlib, "The Matplotlib API".
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.requests import FixRequest
from ai_notebook_ls.providers.builtin.rules.attributes import accesses, missing_attribute
from ai_notebook_ls.providers.builtin.site import Site
from ai_notebook_ls.providers.builtin.tables import words

OF_TEXT = frozenset(name for name in dir(str) if not name.startswith("_")) | {
    "contains", "extract", "extractall", "findall", "get", "len", "match", "fullmatch", "pad", "slice", "cat", "wrap",
}  # fmt: skip
OF_DATES = words(
    "year month day hour minute second dayofweek day_of_week weekday dayofyear quarter date time day_name month_name strftime"
    " normalize tz_localize tz_convert days total_seconds seconds isocalendar to_period floor ceil is_month_end is_month_start"
    " week weekofyear days_in_month"
)
ARRAY = words(
    "mean std var sum min max reshape shape T astype argmax argmin argsort cumsum flatten ravel tolist dot transpose size ndim"
    " round clip prod all any dtype squeeze"
)


def of_a_column(request: FixRequest) -> Iterator[Candidate]:
    """`df["name"].upper()`, `df["day"].year`: a column's texts are at `.str`, its dates at `.dt`."""
    owner, name = missing_attribute(request)
    if not owner.rpartition(".")[2].endswith(("Series", "Index")):
        return
    site = Site.innermost(request)
    for node in accesses(site, name):
        known = site.value(node.value)
        dates = known is not None and known.texts.dtype.startswith(("datetime", "timedelta", "period"))
        dates = dates or (known is not None and known.texts.looks in ("date", "iso date"))
        way = "dt" if name in OF_DATES and (dates or name not in OF_TEXT) else "str" if name in OF_TEXT else ""
        if way and known is not None and known.texts.looks in ("date", "iso date") and way == "dt":
            text = f"pd.to_datetime({site.text(node.value)}{', dayfirst=True' if known.texts.day_first else ''}).dt"
            yield from site.candidate(
                "accessors", f"Read the dates, then take `.dt.{name}`", site.splice([(node.value, text)])
            )
        elif way:
            end = site.span(node.value)[1]
            change = ((end, end), f".{way}")
            yield from site.candidate("accessors", f"Write `.{way}.{name}`", site.splice([change]))
        return


def of_another_type(request: FixRequest) -> Iterator[Candidate]:
    """A list is asked for what arrays have: `xs.mean()` after `import numpy as np` (numpy.asarray)."""
    owner, name = missing_attribute(request)
    site = Site.innermost(request)
    alias = next((each for each in ("np", "numpy") if each in site.known_names), None)
    if owner not in ("list", "tuple") or name not in ARRAY or alias is None:
        return
    for node in accesses(site, name):
        source = site.splice([(node.value, f"{alias}.array({site.text(node.value)})")])
        yield from site.candidate("accessors", f"Make an array of `{site.text(node.value)}`", source)
        return


def setter(request: FixRequest) -> Iterator[Candidate]:
    """`ax.xlabel(…)` for `ax.set_xlabel(…)`, and `plt.set_title` for `plt.title`."""
    _, name = missing_attribute(request)
    site = Site.innermost(request)
    offered = {each for offer in site.offers("attributes") for each in offer.names}
    options = [f"set_{name}", f"get_{name}", re.sub("^(set|get)_", "", name), name.rstrip("s"), f"{name}s"]
    for node in accesses(site, name):
        own = [each for each in options[:3] if each != name and each in offered]
        called = site.call_of(node) is not None
        new = next((each for each in own if called or not each.startswith("set_")), None)
        if new is not None:
            written = site.text(node.value)
            same = [n for n in site.everywhere(ast.Attribute) if n.attr == name and site.text(n.value) == written]
            source = site.splice((site.attribute_span(each), new) for each in same)
            yield from site.candidate("accessors", f"Write `.{new}` for `.{name}`", source)
        return


def one_of_many(request: FixRequest) -> Iterator[Candidate]:
    """`axes.plot()` where `subplots(2, 2)` gave an array of axes: which one is meant, only the user knows."""
    owner, name = missing_attribute(request)
    site = Site.innermost(request)
    if not owner.endswith("ndarray"):
        return
    for node in accesses(site, name):
        known = site.value(node.value)
        plots = name in (
            "plot",
            "scatter",
            "bar",
            "hist",
            "imshow",
            "set_title",
            "set_xlabel",
            "legend",
            "boxplot",
            "barh",
            "pie",
        )
        if known is not None and known.shape and plots:
            place = "[" + ", ".join("0" for _ in known.shape) + "]"
            end = site.span(node.value)[1]
            source = site.splice([((end, end), place)])
            yield from site.candidate("accessors", f"Draw on the first of the axes, `{place}`", source, "guess")
        elif (
            name in ("head", "to_csv", "describe", "value_counts", "iloc", "loc", "columns", "groupby")
            and known is not None
        ):
            kind = "Series" if known.shape and len(known.shape) == 1 else "DataFrame"
            source = site.splice([(node.value, f"pd.{kind}({site.text(node.value)})")])
            yield from site.candidate("accessors", f"Make a {kind} of `{site.text(node.value)}`", source, "guess")
        return


def uncalled_owner(request: FixRequest) -> Iterator[Candidate]:
    """`text.upper.strip()`, `df.head.shape`: what is asked for a member is a method that was not called."""
    if not re.search(
        r"'(builtin_function_or_method|function|method|method_descriptor)' object has no attribute",
        request.failure.evalue,
    ):
        return
    _, name = missing_attribute(request)
    site = Site.innermost(request)
    for node in accesses(site, name):
        if isinstance(node.value, (ast.Attribute, ast.Name)):
            end = site.span(node.value)[1]
            source = site.splice([((end, end), "()")])
            yield from site.candidate("accessors", f"Call `{site.text(node.value)}()`", source)
            return


def key_as_attribute(request: FixRequest) -> Iterator[Candidate]:
    """`conf.rate` of a dict: its items are taken with square brackets (Python tutorial, 5.5)."""
    owner, name = missing_attribute(request)
    site = Site.innermost(request)
    if owner.rpartition(".")[2] not in ("dict", "defaultdict", "OrderedDict", "Counter"):
        return
    for node in accesses(site, name):
        known = site.call_of(node) is None and not hasattr(dict, name)
        if known:
            written = site.text(node.value)
            same = [n for n in site.everywhere(ast.Attribute) if n.attr == name and site.text(n.value) == written]
            source = site.splice((each, f'{written}["{name}"]') for each in same)
            yield from site.candidate("accessors", f'Take the item, `{written}["{name}"]`', source)
            return


def fitted_attribute(request: FixRequest) -> Iterator[Candidate]:
    """`model.coef` for `model.coef_`: what scikit-learn has learnt ends with an underscore (its developer guide)."""
    _, name = missing_attribute(request)
    site = Site.innermost(request)
    offered = {each for offer in site.offers("attributes") for each in offer.names}
    for node in accesses(site, name):
        if f"{name}_" in offered:
            source = site.splice([(site.attribute_span(node), f"{name}_")])
            yield from site.candidate("accessors", f"Write `.{name}_`", source)
            return
