"""The in-kernel helper: what a branch's names hold, as short texts that differ where the values do.

Executed in a branch as probe.py is: standard library only, Python 3.8 or later. Values are pickled into a hash, so that
objects of the user's may run code of theirs: the branch is thrown away afterwards.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import pickle
import sys
import types
from typing import Any

NAME = "_ai_notebook_ls_bindings"
MIME = "application/x-ai-notebook-ls+json"
MOST = 8_000_000
"""Bytes of one value that are looked at."""
ROWS = 100_000
OPAQUE = ("matplotlib", "_io", "threading", "asyncio")
"""Packages whose objects are not to be compared: heavy, or bound to this process."""


class Report:
    """A result that no formatter of the user's gets hold of."""

    def __init__(self, facts: Any) -> None:
        self.text = json.dumps(facts)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {MIME: self.text, "text/plain": ""}


class Full(Exception):
    """Enough was read."""


class Hash:
    """A file that keeps only a hash of what is written to it."""

    def __init__(self) -> None:
        self.sum = hashlib.blake2b(digest_size=16)
        self.left = MOST

    def write(self, data: Any) -> None:
        """Take note of bytes; raise Full when there are enough."""
        view = memoryview(data).cast("B")[: self.left]
        self.sum.update(view)
        self.left -= len(view)
        if not self.left:
            raise Full


def report(names: list[str], compare: bool) -> Report:
    """Tell which of the names exist, whether they are None, and if they are to be compared, their values' digests."""
    shell: Any = sys.modules["IPython"].get_ipython()
    space = shell.user_ns
    found = {}
    for name in names:
        if name in space:
            value = space[name]
            found[name] = "None" if value is None else digest(value) if compare else "something"
    return Report({"names": found})


def digest(value: Any) -> str:
    """A text that differs where values do, as far as can be told with little work."""
    kind = type(value)
    label = f"{kind.__module__}.{kind.__qualname__}"
    if label.partition(".")[0] in OPAQUE or isinstance(value, types.ModuleType):
        return label
    try:
        return f"{label} {tabled(value) or pickled(value)}"
    except Exception:  # not to be pickled: its kind must do
        return label


def tabled(value: Any) -> str:
    """The digest of a pandas object: two that are equal may be laid out differently in memory."""
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(value, (pandas.DataFrame, pandas.Series, pandas.Index)):
        return ""
    is_frame = isinstance(value, pandas.DataFrame)
    heads = [list(value.columns), list(value.dtypes)] if is_frame else [value.name, value.dtype]
    try:
        hashes = pandas.util.hash_pandas_object(value[:ROWS]).to_numpy().tobytes()
    except TypeError:  # lists in it
        hashes = pickled(value[:ROWS].to_dict() if hasattr(value, "to_dict") else list(value[:ROWS])).encode()
    text = f"{heads!r} {len(value)}".encode("utf-8", "backslashreplace")
    return hashlib.blake2b(text + hashes, digest_size=16).hexdigest()


def pickled(value: Any) -> str:
    """The digest of a value's pickle, at most its beginning."""
    found = Hash()
    pickler = pickle.Pickler(found, 4)
    pickler.fast = True  # no memo: whether two parts are one object or two equal ones makes no difference
    with contextlib.suppress(Full):
        pickler.dump(value)
    return found.sum.hexdigest()


if __name__ == NAME:
    sys.modules[NAME] = types.ModuleType(NAME)
    sys.modules[NAME].report = report  # type: ignore[attr-defined]
