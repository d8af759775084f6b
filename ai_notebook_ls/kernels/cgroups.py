"""Control groups: limits on all processes of a kernel together, where we may make one (Linux; mostly as root).

Resource limits count for one process, and RLIMIT_NPROC not at all for root. cgroups(7).
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

PROC = Path("/proc/self")
PREFIX = "ai-notebook-ls-"
ENTER = 'for group; do shift; [ "$group" = -- ] && break; echo 0 > "$group/cgroup.procs" || exit 1; done; exec "$@"'
FILES = {
    "pids": ("pids.max", "pids.max"),
    "memory": ("memory.max", "memory.limit_in_bytes"),
}
"""Controller -> the file that takes its limit, in version 2 and 1."""
_numbers = itertools.count()


class Cgroup:
    """A control group for one sandbox or one notebook's kernels; in version 1 there is one for each controller."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = paths

    @classmethod
    def create(cls, limits: Mapping[str, int]) -> Cgroup | None:
        """Make one with limits, {"pids": most processes and threads, "memory": bytes}; blocking.

        Without a limit of memory where that cannot be; None where `pids` cannot be.
        """
        sweep()
        name = f"{PREFIX}{os.getpid()}-{next(_numbers)}"
        paths = {controller: place / name for controller in limits if (place := _place(controller))}
        if "pids" not in paths:
            return None
        group = cls(list(dict.fromkeys(paths.values())))
        try:
            for controller, path in paths.items():
                path.mkdir(exist_ok=True)
                (path / FILES[controller][not _is_unified(path.parent)]).write_text(str(limits[controller]))
            # Whether we may move a process depends on the groups above, too.
            subprocess.run(group.enter(["true"]), check=True, capture_output=True, timeout=10)
        except (OSError, subprocess.SubprocessError):
            group.remove()
            return cls.create({"pids": limits["pids"]}) if len(limits) > 1 else None
        return group

    def enter(self, argv: Sequence[str]) -> list[str]:
        """Return the command that runs another one in this group, from its first instruction on."""
        return ["/bin/sh", "-c", ENTER, "sh", *map(str, self.paths), "--", *argv]

    def add(self, pid: int) -> None:
        """Move a process into this group; what it has started already stays where it is. Raises OSError."""
        for path in self.paths:
            (path / "cgroup.procs").write_text(str(pid))

    def remove(self) -> None:
        """Kill what is left in it, and remove it; blocking, for at most half a second."""
        for path in self.paths:
            for _ in range(50):
                if _removed(path):
                    break
                with contextlib.suppress(OSError):
                    for pid in (path / "cgroup.procs").read_text().split():
                        os.kill(int(pid), signal.SIGKILL)
                time.sleep(0.01)


def sweep() -> None:
    """Remove the empty groups of servers that are gone."""
    for place in {place for controller in FILES if (place := _place(controller))}:
        for path in place.glob(f"{PREFIX}*"):
            owner = path.name.removeprefix(PREFIX).partition("-")[0]
            if owner.isdigit() and not Path("/proc", owner).exists():
                _removed(path)


def _removed(path: Path) -> bool:
    try:
        path.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _place(controller: str) -> Path | None:
    """Return where groups with a controller can be made: below our own in version 1, beside it in version 2.

    A group of version 2 that holds processes, as ours does, cannot give controllers to groups below it.
    """
    for hierarchy, names, own in _own_groups():
        if controller in names:
            return _existing(_mount(hierarchy, controller), own)
    for hierarchy, names, own in _own_groups():
        if hierarchy == "0" and not names:
            path = _existing(_mount(hierarchy, ""), str(Path(own).parent))
            with contextlib.suppress(OSError, TypeError):
                if path and controller in (path / "cgroup.subtree_control").read_text().split():
                    return path
    return None


def _own_groups() -> Iterator[tuple[str, list[str], str]]:
    """Our own groups: hierarchy's number, its controllers, the group's path in it."""
    with contextlib.suppress(OSError):
        for line in (PROC / "cgroup").read_text().splitlines():
            hierarchy, names, own = line.split(":", 2)
            yield hierarchy, [name for name in names.split(",") if name], own


def _mount(hierarchy: str, controller: str) -> Path | None:
    """Return where a hierarchy is mounted."""
    with contextlib.suppress(OSError):
        for line in (PROC / "mounts").read_text().splitlines():
            _, place, kind, options, *_ = line.split()
            if (kind == "cgroup2") if hierarchy == "0" else (kind == "cgroup" and controller in options.split(",")):
                return Path(re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), place))
    return None


def _existing(mount: Path | None, own: str) -> Path | None:
    """Return our group's folder; in a container it may be mounted as the root."""
    if mount is None:
        return None
    path = mount / own.lstrip("/")
    return path if path.is_dir() else mount


def _is_unified(place: Path) -> bool:
    return (place / "cgroup.controllers").exists()
