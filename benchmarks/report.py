"""What a measurement leaves: samples, tables, targets, and the words around them."""

from __future__ import annotations

import importlib.metadata
import math
import os
import platform
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ABSENT = "not installed"


@dataclass(frozen=True)
class Table:
    """A table, of cells that are text already."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """Return it as markdown, first column to the left, the others to the right."""
        rule = ["---", *("---:" for _ in self.header[1:])]
        lines = [f"| {' | '.join(row)} |" for row in (self.header, rule, *self.rows)]
        return f"**{self.caption}**\n\n" + "\n".join(lines)


@dataclass(frozen=True)
class Target:
    """A ratio of two medians that must not be above a limit; NaN where one of them is missing."""

    what: str
    reached: float
    limit: float

    @property
    def row(self) -> tuple[str, str, str, str]:
        """Its row in the table of targets."""
        if math.isnan(self.reached):
            return self.what, f"≤ {self.limit:g}", "-", "**NOT MEASURED**"
        verdict = "reached" if self.reached <= self.limit else "**NOT reached**"
        return self.what, f"≤ {self.limit:g}", f"{self.reached:.3g}", verdict


@dataclass(frozen=True)
class Section:
    """What one part found."""

    title: str
    method: str
    tables: Sequence[Table] = ()
    targets: Sequence[Target] = ()
    trouble: str = ""
    """Why the part ended before its time."""

    def markdown(self) -> str:
        """Return it as markdown."""
        trouble = [f"**Ended early: {self.trouble}.**"] if self.trouble else []
        return "\n\n".join([f"## {self.title}", self.method, *trouble, *(table.markdown() for table in self.tables)])


@dataclass
class Samples:
    """Durations of one thing, in milliseconds, or why there are none."""

    values: list[float] = field(default_factory=list)
    why_none: str = ""

    @property
    def p50(self) -> float:
        """The median; NaN without samples."""
        return statistics.median(self.values) if self.values and not self.why_none else math.nan

    @property
    def p95(self) -> float:
        """The nearest-rank 95th percentile; NaN without samples."""
        if not self.values or self.why_none:
            return math.nan
        return sorted(self.values)[math.ceil(0.95 * len(self.values)) - 1]

    def cells(self) -> list[str]:
        """Return p50, p95 and n as text."""
        if self.why_none or not self.values:
            return [self.why_none or "-", "", ""]
        return [number(self.p50), number(self.p95), str(len(self.values))]


def number(value: float) -> str:
    """Write a measured number with three digits that mean something."""
    if math.isnan(value):
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def ratio(value: float) -> str:
    """Write how many times a base something is."""
    return "" if math.isnan(value) else f"{number(value)}x"


def megabytes(value: float) -> str:
    """Write bytes as MB."""
    return number(value / 1e6)


def versions(names: Iterable[str]) -> str:
    """Return the versions of installed distributions, in a sentence."""
    found = []
    for name in names:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{name} {ABSENT}")
    return ", ".join(found)


def machine() -> str:
    """Say what this machine is, without naming it."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        named = (line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line)
        model = next(named, model)
    memory = psutil.virtual_memory().total / 2**30
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GB, {sys.platform} {platform.release()}, {python}"
