"""Rehearse failures in the zygote: what IPython needs to tell of one, it has then in each kernel that is forked.

Standard library only, Python 3.8 or later, nothing of this package. IPython shows the lines around each frame, and has
`executing` and `stack_data` parse the whole files for that: half a second for the first failure in pandas, in each kernel.
They keep what they have parsed by the file's name.
"""

from __future__ import annotations

import contextlib
import sys

FAILURES = [
    ("builtins", "1 / 0"),
    ("pandas", "import pandas; pandas.DataFrame({'a': []})['b']"),
]
"""What fails most, in which module, and has not been rehearsed yet. Each of pandas' takes memory, 40 MB the first."""


def rehearse() -> bool:
    """Rehearse one failure in what has been imported; return whether there was one left."""
    for failure in FAILURES:
        module, source = failure
        if module in sys.modules:
            FAILURES.remove(failure)
            with contextlib.suppress(Exception):  # another IPython, another pandas: the kernels do without
                _fail(source)
            return True
    return False


def _fail(source: str) -> None:
    from IPython.core.ultratb import VerboseTB

    try:
        exec(source, {})  # noqa: S102 (ours)
    except Exception:
        VerboseTB(include_vars=False).structured_traceback(*sys.exc_info())
