"""Containment without a sandbox: whether a branch can lock itself down here, and what it may then see and change.

How it does that is told in lockdown.py; attempts.py finds out, by trying, whether it holds.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ai_notebook_ls.kernels.folders import MOST_FILES, TEMPORARIES, FolderCopy, TooLarge, is_wide, project_of
from ai_notebook_ls.kernels.sandbox import KERNELS, PROCESSORS, SYSTEM, home_of, secrets_of_root, shown
from ai_notebook_ls.settings import IsolationSettings

PATIENCE = 20.0
"""Seconds that the attempts may take."""
NEWEST = 7
"""The version of Landlock to use at most: the newest that this was tried with."""
NAMESPACES = True
"""Whether to use user namespaces where they are allowed."""
LINKED = 4_000_000
"""Bytes of a file above which it is not copied for each branch: it can be read there, and not changed."""
CONNECTION_FILE = "kernel.json"
"""What is read in the run folder."""
ORIGINAL = "original"
"""Where in the run folder the notebook's own folder is found."""
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Containment:
    """Whether branches of an interpreter's kernels can be contained."""

    how: str = ""
    """By what they are, empty if they cannot be."""
    why: str = ""
    """Why they cannot be, in a sentence."""


def probe(interpreter: Path) -> Containment:
    """Try it with an interpreter, once; blocking."""
    if not sys.platform.startswith("linux"):
        return Containment(why="Containment needs Linux.")
    if platform.machine() not in ("x86_64", "aarch64"):
        return Containment(why=f"Containment is not made for {platform.machine()} machines.")
    return _probe(str(interpreter), NEWEST, NAMESPACES)


@functools.cache
def _probe(interpreter: str, newest: int, namespaces: bool) -> Containment:
    options = json.dumps({"newest": newest, "namespaces": namespaces})
    command = [interpreter, "-I", str(KERNELS / "attempts.py"), options]
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL)
        found = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return Containment(why=f"Whether code can be contained cannot be tried here ({type(error).__name__}).")
    if "error" in found:
        return Containment(why=f"Code cannot be contained here: {found['error']}.")
    if leaks := found["leaks"]:
        return Containment(why=f"Code cannot be contained here: {', '.join(leaks)}.")
    own = {"mounts": "the folder", "network": "network", "memory": "shared memory", "terminals": "terminals"}
    having = ", ".join(name for key, name in own.items() if key in found["own"])
    apart = f"namespaces ({having})" if having else "no namespaces"
    return Containment(f"Landlock {found['landlock']}, a system call filter, {apart}")


class Contained:
    """One contained kernel: its copy of the notebook's folder, and the plan by which it locks itself down."""

    def __init__(
        self,
        settings: IsolationSettings,
        interpreter: Path,
        environment: Mapping[str, str],
        limits: Mapping[str, int],
        folder: Path | None,
        run_folder: Path,
    ) -> None:
        """Prepare all in the kernel's run folder, with which it is removed; blocking. Raises OSError."""
        self.notice = ""
        """What the user must know."""
        home = home_of(environment)
        shown_folder, folder = folder, Path(os.path.realpath(folder)) if folder else None
        self._copy: FolderCopy | None = None
        secret = hidden(home)
        wide = folder is not None and is_wide(folder, home)
        copy = self._copied(settings, folder, wide, home, run_folder, secret) if folder and folder.is_dir() else ""
        temporary = run_folder / "tmp"
        temporary.mkdir(mode=0o700)
        fonts = _matplotlib(home, temporary / "matplotlib")
        visible = [Path("/", name) for name in SYSTEM]
        visible += [PROCESSORS, KERNELS, *fonts, *shown(settings, interpreter, folder, environment)]
        if folder and not wide:
            visible.append(folder)
        site = run_folder / "site"
        for path in (site, run_folder / ORIGINAL):
            path.mkdir(mode=0o700)
        # Not all of the run folder: Landlock goes up through mounts, so all that is hidden in the original could be read.
        visible += [run_folder / "copy", run_folder / CONNECTION_FILE]
        read, names = readable(visible, secret)
        if folder and not wide:
            inner_read, inner_names = readable([folder], secret)
            read += [str(run_folder / ORIGINAL / Path(path).relative_to(folder)) for path in inner_read]
            names += [str(run_folder / ORIGINAL / Path(path).relative_to(folder)) for path in inner_names]
        self.plan: Mapping[str, object] = {
            "read": read,
            "list": names,
            "write": [str(site)],
            "wide": [str(path) for path in (home, *home.parents, *TEMPORARIES)],
            "folder": str(shown_folder) if copy else "",
            "copy": copy,
            "original": str(run_folder / ORIGINAL),
            "bind": not wide and folder is not None and folder not in (*run_folder.parents, run_folder),
            "temporary": str(temporary),
            "newest": NEWEST,
            "namespaces": NAMESPACES,
            "limits": dict(limits),
        }

    def _copied(
        self,
        settings: IsolationSettings,
        folder: Path,
        wide: bool,
        home: Path,
        run_folder: Path,
        secret: Collection[Path],
    ) -> str:
        """Copy the notebook's folder; where it is too large, say so and return nothing."""
        place = run_folder / "copy"
        place.mkdir(mode=0o700)
        project = None if wide else project_of(folder, home)
        for name, around in _surroundings(project, folder) if project else ():
            _link_all(around, place, name)
            place /= name
            if around != folder.parent:
                place.mkdir(mode=0o700)
        if place == run_folder / "copy":
            place /= folder.name or "root"
        limit, linked = settings.copy_limit_mb * MB, (LINKED, run_folder / ORIGINAL)
        self._copy = FolderCopy(folder, place, limit, shallow=wide, linked=linked, hidden=secret)
        try:
            self._copy.update()
        except TooLarge:
            self.close()
            size = f"{settings.copy_limit_mb} MB or {MOST_FILES:,} files"
            self.notice = f"The notebook's folder is larger than {size}, so contained code can read but not change it."
            return ""
        return str(place)

    def close(self) -> None:
        """Remove the copy; again is harmless."""
        if self._copy:
            self._copy.close()


Contain = Callable[[Path], Contained]
"""Prepares a contained kernel in its run folder; blocking. Raises OSError."""


def _surroundings(project: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the folders on the way from a project's to one in it: each one's name, and the one that it lies in."""
    around = project
    for name in folder.relative_to(project).parts:
        yield name, around
        around /= name


def _link_all(around: Path, place: Path, but: str) -> None:
    """Let `..` in the copy lead to what lies around the original: links to all but what is on the way."""
    with contextlib.suppress(OSError), os.scandir(around) as entries:
        for number, entry in enumerate(entries):
            if entry.name != but and number < MOST_FILES:
                (place / entry.name).symlink_to(entry.path)


def _matplotlib(home: Path, place: Path) -> list[Path]:
    """Make a folder for matplotlib, which reads its own at home else, or says that it cannot; what it needs to read."""
    place.mkdir()
    found = [
        *(home / ".cache" / "matplotlib").glob("fontlist-*.json"),
        home / ".config" / "matplotlib" / "matplotlibrc",
    ]
    found = [file for file in found if file.is_file()]
    for file in found:
        (place / file.name).symlink_to(file)
    return found


def hidden(home: Path) -> frozenset[Path]:
    """Return what must not be read even where it lies in a folder that may be: keys, and what Jupyter and we keep."""
    import platformdirs
    from jupyter_core.paths import jupyter_config_dir, jupyter_runtime_dir

    own: tuple[str, ...] = (platformdirs.user_state_dir("ai-notebook-ls"), jupyter_config_dir(), jupyter_runtime_dir())
    secrets = (home / name for name in (".ssh", ".aws", ".gnupg", ".netrc", ".config", ".kube", ".docker"))
    found = {Path(os.path.realpath(path)) for path in (*map(Path, own), *secrets)}
    return frozenset(found | (_of_root() if os.geteuid() == 0 else set()))


@functools.cache
def _of_root() -> set[Path]:
    return set(secrets_of_root())


def readable(visible: list[Path], hidden: frozenset[Path]) -> tuple[list[str], list[str]]:
    """Return what of files and folders may be read, with all within, and the folders of which only names are seen.

    Landlock can only allow: around what is hidden each neighbour is allowed.
    """
    around = {parent for path in hidden for parent in path.parents}
    read: list[str] = []
    names: list[str] = []
    folders = list(dict.fromkeys(Path(os.path.realpath(path)) for path in visible))
    while folders:
        folder = folders.pop()
        if folder in hidden:
            continue
        if folder not in around:
            read.append(str(folder))
            continue
        names.append(str(folder))
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            folders += [Path(entry.path) for entry in entries if not entry.is_symlink()]
    return read, names
