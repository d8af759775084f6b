"""`make fuzz`: hostile messages through stdio and WebSocket; the exit code says whether each had its one answer."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

from tests.fuzz.doors import fuzz


def main() -> int:
    """Run it, and say what came out."""
    parser = argparse.ArgumentParser("tests.fuzz", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    began = time.monotonic()
    ledger = asyncio.run(fuzz(arguments.messages, arguments.seed, lambda text: print(text, flush=True)))
    print(f"== {ledger}\n== {time.monotonic() - began:.0f} s")
    return 0 if ledger.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
