"""`python -m tests.scenarios [NAME]`: print the report, and what is amiss with the scenarios that a name picks."""

from __future__ import annotations

import asyncio
import sys

from .corpus import load
from .over_lsp import ask
from .replay import replay
from .report import details, judge, table

pattern = sys.argv[1] if len(sys.argv) > 1 else ""
scenarios = load(pattern)
failures = replay([(each.history(), each.fails, "True", each.files) for each in scenarios])
judged = judge(scenarios, asyncio.run(ask(scenarios, failures)))
print(*details(judged), *table(judged), sep="\n")
