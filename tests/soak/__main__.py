"""`make soak`: users on one server for half an hour; fails if an answer is lost or the server's memory grows by 5 %."""

from __future__ import annotations

import argparse
import asyncio
import sys

from tests.soak.users import soak

GROWTH = 0.05


def main() -> int:
    """Run it, and say what came out."""
    parser = argparse.ArgumentParser("tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    account = asyncio.run(soak(arguments.seconds, arguments.seed, lambda text: print(text, flush=True)))
    first, last = account.grown(arguments.seconds)
    print(f"== {account}\n== {first:.1f} MB after the first sixth, {last:.1f} MB at the end: {last / first - 1:+.1%}")
    return 1 if account.lost or account.doubled or account.errors or last / first - 1 >= GROWTH else 0


if __name__ == "__main__":
    sys.exit(main())
