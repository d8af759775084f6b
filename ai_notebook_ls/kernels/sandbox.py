"""The sandbox around one notebook's kernels: bubblewrap, and what can be seen in it.

Inside there is only what is listed here: the system's programs, the interpreter, the notebook's folder and its project,
all read-only but for the notebook's folder, and a home, /tmp and /dev/shm that are private, in memory and small.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ai_notebook_ls.kernels.folders import MOST_FILES, TEMPORARIES, FolderCopy, TooLarge, is_wide, project_of
from ai_notebook_ls.kernels.interpreters import needs
from ai_notebook_ls.settings import IsolationSettings

SYSTEM = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc", "opt", "nix", "gnu")
"""Folders of the root that hold programs and what they need."""
PROCESSORS = Path("/sys/devices/system")
"""All that is shown of /sys: how many processors there are."""
UNSHARED = (
    "--unshare-all",
    "--unshare-user",  # as root, too
    *("--cap-drop", "ALL"),  # root in a user namespace of its own could change the mounts
    "--die-with-parent",
    "--new-session",  # no TIOCSTI on the server's terminal
)
KERNELS = Path(__file__).parent
"""Our scripts that run in the kernel's interpreter."""
PARAMETERS = Path("/proc/sys")
"""The kernel's settings."""
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
MB = 1_000_000


class View:
    """What can be seen inside: files and folders of the host, private folders, and the links on the way to them."""

    def __init__(self) -> None:
        self.mounts: dict[Path, list[str]] = {}
        self._links: dict[Path, str] = {}

    def show(self, path: Path, writable: bool = False, source: Path | None = None) -> None:
        """Show a file or folder of the host at its own path; a writable one may be a copy of it."""
        self._links.update(links(path))
        path = Path(os.path.realpath(path))
        if source or path.exists():
            self.mounts[path] = ["--bind", str(source or path), str(path)] if writable else _as_is(path)

    def hide(self, path: Path, size: int) -> None:
        """Put an empty folder in memory there, of this many bytes at most."""
        self._links.update(links(path))
        path = Path(os.path.realpath(path))
        capped = ["--size", str(size)] if "--size" in supported(program() or "") else []
        self.mounts[path] = [*capped, "--tmpfs", str(path)]

    def options(self) -> Iterator[str]:
        """Yield bubblewrap's options: outer folders first, so that what lies within is mounted over them."""
        for path in sorted({*self.mounts, *self._links}, key=lambda path: (len(path.parts), path)):
            around = self.mount_of(path.parent)
            if path not in self.mounts:
                if not self._is_in(around, path):
                    yield from ("--symlink", self._links[path], str(path))
            elif self.mounts[path] != _as_is(path) or around is None or self.mounts[around] != _as_is(around):
                yield from self.mounts[path]

    def mount_of(self, path: Path) -> Path | None:
        """Return the innermost place that was mounted around a path without links."""
        return next((place for place in (path, *path.parents) if place in self.mounts), None)

    def _is_in(self, mount: Path | None, link: Path) -> bool:
        """Whether a link is in what was mounted around it."""
        if mount is None or "bind" not in (options := self.mounts[mount])[0]:
            return False
        return os.path.lexists(Path(options[1], link.relative_to(mount)))


def _as_is(path: Path) -> list[str]:
    return ["--ro-bind", str(path), str(path)]


def links(path: Path) -> dict[Path, str]:
    """Return the symbolic links on the way to what a path stands for, and where they point."""
    found: dict[Path, str] = {}
    while link := next((part for part in (*reversed(path.parents), path) if part.is_symlink()), None):
        if link in found:
            break
        found[link] = str(link.readlink())
        path = Path(os.path.normpath(link.parent / found[link] / path.relative_to(link)))
    return found


class Sandbox:
    """The bubblewrap around one notebook's zygote and its kernels."""

    def __init__(
        self,
        settings: IsolationSettings,
        interpreter: Path,
        folder: Path | None,
        run_folder: Path,
        environment: Mapping[str, str],
    ) -> None:
        self.notice = ""
        """What the user must know."""
        self._settings = settings
        self._interpreter = interpreter
        self._folder = Path(os.path.realpath(folder)) if folder else None
        self._shown_folder = folder
        self._run_folder = run_folder
        self._environment = environment
        self._home = home_of(environment)
        self._copy: FolderCopy | None = None
        self._view = View()

    def prepare(self) -> None:
        """Find out what to show, and copy the notebook's folder; blocking, once, before `argv`. Raises OSError."""
        view, size = self._view, self._settings.scratch_mb * MB
        _show_system(view, size)
        if self._home != Path("/"):
            view.hide(self._home, size)
        for path in needs(Path(sys.executable), self._environment):  # ours runs the supervisor
            if not is_wide(Path(os.path.realpath(path)), self._home):
                view.show(path)
        for path in shown(self._settings, self._interpreter, self._folder, self._environment):
            view.show(path)
        if self._settings.network:
            _show_network(view, self._environment)
        if self._shown_folder and self._folder and self._folder.is_dir():
            self._show_folder(self._shown_folder, self._folder)
        view.show(KERNELS)
        view.show(self._run_folder, writable=True)

    def argv(self, command: Sequence[str]) -> list[str]:
        """Return the command that runs another one in here, in the present folder if it can be seen."""
        network = ["--share-net"] if self._settings.network else []
        bubblewrap = program() or "bwrap"
        return [bubblewrap, *unshared(bubblewrap), *network, *self._view.options(), *_sealed(), "--", *command]

    @property
    def copies(self) -> bool:
        """Whether the notebook's folder is a copy here."""
        return self._copy is not None

    def refresh(self) -> None:
        """Bring files that are new or changed on the host into the copy; blocking."""
        if self._copy:
            try:
                self._copy.update()
            except TooLarge:
                self.notice = f"The folder is now {self._too_large}: the sidecar kernel sees its files as they were."

    def hidden(self, name: str) -> bool:
        """Whether there is such a file or folder on the host, which is not to be seen in here."""
        path = Path(os.path.realpath((self._shown_folder or Path("/")) / name))
        if not path.exists():
            return False
        place = self._view.mount_of(path)
        if place is None or "--tmpfs" in self._view.mounts[place]:
            return True
        return self._copy is not None and place == self._folder and not self._copy.holds(path.relative_to(place))

    def close(self) -> None:
        """Remove the copy; no process may be left in here."""
        if self._copy:
            self._copy.close()

    @property
    def _too_large(self) -> str:
        return f"larger than {self._settings.copy_limit_mb} MB or {MOST_FILES:,} files"

    def _show_folder(self, shown: Path, folder: Path) -> None:
        """Show the notebook's folder in the way that the settings ask for."""
        wide = is_wide(folder, self._home)
        if self._settings.folder != "copied" and not wide:
            return self._view.show(shown, writable=self._settings.folder == "writable")
        if folder == Path("/"):
            return None
        place = self._run_folder.with_name(f"{self._run_folder.name}-copy")
        self._copy = FolderCopy(folder, place, self._settings.copy_limit_mb * MB, shallow=wide)
        try:
            self._copy.update()
        except TooLarge:
            self._copy.close()
            self._copy = None
            does = "does not see it" if wide else "can read but not change it"
            self.notice = f"The notebook's folder is {self._too_large}, so the sidecar kernel {does}."
            return None if wide else self._view.show(shown)
        if wide:
            self.notice = f"Of the folder {folder} the sidecar kernel sees copies of the files, but no folders in it."
        return self._view.show(shown, writable=True, source=place)


def shown(
    settings: IsolationSettings, interpreter: Path, folder: Path | None, environment: Mapping[str, str]
) -> Iterator[Path]:
    """Yield what may be read beside the system's folders: the interpreter, the project, what the settings name; blocking.

    `folder` is the notebook's, without links.
    """
    home = home_of(environment)
    for path in needs(interpreter, environment):
        if not is_wide(Path(os.path.realpath(path)), home):
            yield path
    for name in environment.get("LD_LIBRARY_PATH", "").split(os.pathsep):
        if os.path.isabs(name):  # noqa: PTH117
            yield Path(name)
    yield from (home / ".cache" / "matplotlib").glob("fontlist-*.json")  # saves the first plot seconds
    if folder and (project := project_of(folder, home)):
        yield project
    for name in settings.readable:
        yield Path(name).expanduser()


def home_of(environment: Mapping[str, str]) -> Path:
    """Return the home folder, without links."""
    return Path(os.path.realpath(environment.get("HOME") or "/"))


def obstacle() -> str:
    """Return why there can be no sandbox here and what to do about it, as a sentence; empty if it works. Blocking."""
    if not sys.platform.startswith("linux"):
        return "The sandbox needs Linux."
    bubblewrap = program()
    if bubblewrap is None:
        return "The sandbox needs bubblewrap: install it with `apt install bubblewrap` or your system's own tool."
    return _trial(bubblewrap)


def program() -> str | None:
    """Return where bubblewrap is, None if it is not installed."""
    return shutil.which("bwrap")


@functools.cache
def supported(bubblewrap: str) -> frozenset[str]:
    """Return the options that this version knows; older ones lack `--size` (0.7) and `--disable-userns` (0.8)."""
    try:
        done = subprocess.run([bubblewrap, "--help"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    return frozenset(word for word in (done.stdout + done.stderr).split() if word.startswith("--"))


def unshared(bubblewrap: str) -> list[str]:
    """Return the options that part a process from the host's."""
    # A user namespace in the sandbox would give root's rights over a kernel's less tested parts.
    return [*UNSHARED, *(["--disable-userns"] if "--disable-userns" in supported(bubblewrap) else [])]


def _show_system(view: View, size: int) -> None:
    for name in SYSTEM:
        view.show(Path("/", name))
    view.show(PROCESSORS)
    for path in TEMPORARIES:
        view.hide(path, size)
    if os.geteuid() == 0:
        for path in secrets_of_root():
            view.mounts[path] = ["--ro-bind", os.devnull, str(path)]
    view.mounts[Path("/dev")] = ["--dev", "/dev"]
    view.mounts[Path("/proc")] = ["--proc", "/proc"]
    view.hide(Path("/dev/shm"), size)  # noqa: S108


def _sealed() -> tuple[str, ...]:
    """Options that come last: nothing outside the capped folders can be written, not even memory.

    To root the files of /proc/sys are its own (they ask for the user, not for capabilities).
    """
    return "--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/"


def secrets_of_root(etc: Path = Path("/etc")) -> Iterator[Path]:
    """Files of /etc that only root may read, by their own mode or a folder's: a kernel that runs as root could."""
    closed: set[str] = set()
    for folder, _, names in os.walk(etc):
        if os.path.dirname(folder) in closed or not Path(folder).stat().st_mode & 0o001:  # noqa: PTH120
            closed.add(folder)
        for path in (Path(folder, name) for name in names):
            if not path.is_symlink() and path.is_file() and (folder in closed or not path.stat().st_mode & 0o004):
                yield path


def _show_network(view: View, environment: Mapping[str, str]) -> None:
    """Show how names are resolved and whom to trust."""
    view.show(Path("/etc/resolv.conf"))  # often a link into /run
    for name in CERTIFICATES:
        if os.path.isabs(path := environment.get(name, "")):  # noqa: PTH117
            view.show(Path(path))


@functools.cache
def _trial(bubblewrap: str) -> str:
    """Run nothing in a sandbox; return why that failed."""
    view = View()
    _show_system(view, MB)
    command = [bubblewrap, *unshared(bubblewrap), *view.options(), *_sealed(), "--", "true"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=10, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        return f"Bubblewrap cannot be run here ({type(error).__name__})."
    if done.returncode == 0:
        return ""
    said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1].removeprefix("bwrap: ")
    return f"Bubblewrap cannot make a sandbox here ({said.rstrip('.')}). {_remedy()}"


def _remedy() -> str:
    for name, value, remedy in (
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "AppArmor forbids it: give bwrap a profile"),
        ("kernel/unprivileged_userns_clone", "0", "Allow it: sysctl kernel.unprivileged_userns_clone=1"),
        ("user/max_user_namespaces", "0", "Allow it: sysctl user.max_user_namespaces=10000"),
    ):
        file = PARAMETERS / name
        if file.exists() and file.read_text().strip() == value:
            return f"{remedy} (docs/isolation.md)."
    return "In a container it must be allowed to make user namespaces (docs/isolation.md)."
