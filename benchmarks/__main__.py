"""Run all parts, or one, and write docs/benchmarks.md (a whole run) or standard output (any other)."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

from benchmarks.report import Section, Table, machine, versions

RESULTS = Path(__file__).parent.parent / "docs" / "benchmarks.md"
LIMIT = 240.0
"""Seconds that one part may take."""

PARTS = ("language_servers", "doors", "kernels", "engine", "slices", "fixes", "explain", "models", "typing")
DISTRIBUTIONS = (
    *("ai-notebook-ls", "pygls", "ruff", "basedpyright", "python-lsp-server", "jedi-language-server"),
    *("jupyter-server", "jupyter-server-proxy", "jupyter-lsp", "websockets"),
    *("jupyter-client", "ipykernel", "nbclient", "pyzmq"),
    *("openai", "httpx2"),
)

INTRODUCTION = """\
# Benchmarks

Written by `make bench`; not edited by hand. Everything that is compared was measured side by side in one run, turn by
turn, on one machine that may have had other work: **compare the ratios, not the milliseconds.** p50 is the median, p95
the nearest-rank 95th percentile, n the number of samples."""


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this part; may be given again")
    parser.add_argument("--quick", action="store_true", help="few rounds, to see whether it works")
    parser.add_argument(
        "--output", type=Path, help="where to; default: docs/benchmarks.md for a whole run, else standard output"
    )
    return parser.parse_args()


async def measure(name: str, quick: bool) -> Section:
    """Measure one part within its time."""
    print(f"== {name}", file=sys.stderr, flush=True)
    try:
        return await asyncio.wait_for(importlib.import_module(f"benchmarks.{name}").measure(quick), LIMIT)
    except asyncio.TimeoutError:
        return Section(name, "", trouble=f"it took more than {LIMIT:.0f} s")


def main() -> None:
    """Measure, and write what was found."""
    options = arguments()
    began, load = time.monotonic(), os.getloadavg()[0]
    sections = [asyncio.run(measure(name, options.quick)) for name in options.only or PARTS]
    about = (
        f"{datetime.now(timezone.utc):%Y-%m-%d}. {machine()}. Load average {load:.1f} before and "
        f"{os.getloadavg()[0]:.1f} after; the whole run took {time.monotonic() - began:.0f} s.\n\n"
        f"Versions: {versions(DISTRIBUTIONS)}."
    )
    rows = [target.row for section in sections for target in section.targets]
    targets = Table("Targets (ratios of medians)", ("target", "limit", "measured", "verdict"), rows)
    text = "\n\n".join([INTRODUCTION, about, targets.markdown(), *(section.markdown() for section in sections)]) + "\n"
    output = options.output or (None if options.only or options.quick else RESULTS)
    if output is None:
        print(text)
    else:
        output.write_text(text, encoding="utf-8")
        print(f"Wrote {output}", file=sys.stderr)


if __name__ == "__main__":
    main()
