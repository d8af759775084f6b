"""Start ipykernel without what a sidecar never uses: run in the kernel's stead by the notebook's own interpreter.

Standard library only, Python 3.8 or later, nothing of this package. `python launcher.py -f CONNECTION_FILE ...`
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Become an ipykernel; returns when it ends."""
    folder = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
    if sys.path and sys.path[0] == folder:
        del sys.path[0]  # ours, not the user's
    # Half of ipykernel's start is the import of debugpy, which it does without where that fails (notes/kernel.md §2.2).
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    import ipykernel.debugger  # noqa: F401
    from ipykernel.kernelapp import IPKernelApp

    del sys.modules["debugpy"]  # a cell may still import it
    # A history in SQLite would mix sidecar runs into the user's own, and is a lock and a full disk to trip over.
    IPKernelApp.launch_instance([*sys.argv[1:], "--HistoryManager.enabled=False"])


if __name__ == "__main__":
    main()
