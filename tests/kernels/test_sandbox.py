"""The sandbox holds: real bubblewrap around the real interpreter."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ai_notebook_ls.core.outcomes import Failure
from ai_notebook_ls.kernels import isolation
from ai_notebook_ls.kernels.cgroups import Cgroup
from ai_notebook_ls.kernels.isolation import Isolation
from ai_notebook_ls.kernels.sandbox import KERNELS, Sandbox, obstacle, program, supported
from ai_notebook_ls.settings import IsolationSettings

pytestmark = pytest.mark.skipif(bool(obstacle()), reason=obstacle() or "the sandbox works")

SANDBOXED = Isolation("sandboxed")
PYTHON = Path(sys.executable)
SYSTEM_PYTHON = Path("/usr/bin/python3")


@dataclass
class Inside:
    """A sandbox, and what runs in it."""

    sandbox: Sandbox
    folder: Path
    environment: dict[str, str]
    interpreter: Path = PYTHON
    prefix: Callable[[list[str]], list[str]] = list

    def command(self, code: str) -> list[str]:
        return self.prefix(self.sandbox.argv([str(self.interpreter), "-c", code]))

    def run(self, code: str, **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(code),
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            **options,
        )

    def says(self, code: str, **options: object) -> str:
        done = self.run(code, **options)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def failure(self, code: str) -> Failure:
        """What a cell with this code would fail with."""
        shown = (
            f"import json\ntry:\n    {code}\nexcept Exception as e:\n    print(json.dumps([type(e).__name__, str(e)]))"
        )
        name, value = json.loads(self.says(shown))
        return Failure(name, value, (), "cell")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with secrets, and a project in it."""
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id").write_text("secret")
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture
def folder(home: Path) -> Path:
    """A notebook's folder in a project."""
    folder = home / "project" / "notebooks"
    folder.mkdir(parents=True)
    (home / "project" / "pyproject.toml").touch()
    (home / "project" / "data.csv").write_text("a\n1\n")
    (folder / "own.csv").write_text("here")
    return folder


Open = Callable[..., Inside]


@pytest.fixture
def open_sandbox(folder: Path, tmp_path: Path) -> Iterator[Open]:
    made: list[Sandbox] = []

    def make(
        where: Path = folder, interpreter: Path = PYTHON, settings: IsolationSettings | None = None, **options: object
    ) -> Inside:
        settings = settings or IsolationSettings(**options)
        run_folder = tmp_path / f"run{len(made)}"
        run_folder.mkdir(mode=0o700)
        environment = isolation.kernel_environment(os.environ, settings, SANDBOXED)
        made.append(Sandbox(settings, interpreter, where, run_folder, environment))
        made[-1].prepare()
        return Inside(made[-1], where, environment, interpreter)

    yield make
    for sandbox in made:
        sandbox.close()
    assert not list(tmp_path.glob("run*-copy"))


def test_nothing_on_the_host_can_be_written(open_sandbox: Open, home: Path, tmp_path: Path) -> None:
    inside = open_sandbox()
    for place in (home / "project", tmp_path, Path("/usr"), Path("/etc"), Path("/"), Path("/dev"), Path("/proc"), home):
        inside.run(f"open({str(place / 'ai-was-here')!r}, 'w')")
        assert not (place / "ai-was-here").exists()
    for place in ("/", "/dev", "/usr", "/etc", "/sys/devices/system", str(home / "project")):
        assert "Read-only" in inside.run(f"open({place + '/ai-was-here'!r}, 'w')").stderr


def test_kernel_parameters_cannot_be_written(open_sandbox: Open) -> None:
    file = Path("/proc/sys/vm/swappiness")  # with its own value: harmless if this fails, as it did for root
    assert "Read-only" in open_sandbox().run(f"open({str(file)!r}, 'w').write({file.read_text()!r})").stderr


def test_no_rights_are_left(open_sandbox: Open) -> None:
    status = open_sandbox().says("print(open('/proc/self/status').read())")
    rights = [line.split() for line in status.splitlines() if line.startswith(("Cap", "NoNewPrivs"))]
    assert len(rights) == 6
    assert all(int(value, 16) == (name == "NoNewPrivs:") for name, value in rights)


@pytest.mark.skipif("--disable-userns" not in supported(program() or ""), reason="bubblewrap is older than 0.8")
def test_no_user_namespace_can_be_made(open_sandbox: Open) -> None:
    assert open_sandbox().says("import ctypes; print(ctypes.CDLL(None).unshare(0x10000000))") == "-1"


def test_there_is_no_network(open_sandbox: Open) -> None:
    inside = open_sandbox()
    with socket.create_server(("127.0.0.1", 0)) as server:
        connect = f"import socket; socket.create_connection(('127.0.0.1', {server.getsockname()[1]}))"
        assert "ConnectionRefusedError" in inside.run(connect).stderr
        open_sandbox(network=True).says(connect)
    assert inside.says("import socket; print(socket.if_nameindex())") == "[(1, 'lo')]"
    assert inside.says("import os; print(os.path.exists('/sys/class/net'))") == "False"


def test_abstract_sockets_of_the_host_are_not_there(open_sandbox: Open) -> None:
    name = f"\0ai-notebook-ls-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        connect = f"import socket; socket.socket(socket.AF_UNIX).connect({name!r})"
        assert "ConnectionRefusedError" in open_sandbox().run(connect).stderr


def test_other_processes_are_neither_seen_nor_signalled(open_sandbox: Open) -> None:
    inside = open_sandbox()
    assert int(inside.says("import os; print(max(int(pid) for pid in os.listdir('/proc') if pid.isdigit()))")) < 10
    assert "ProcessLookupError" in inside.run(f"import os; os.kill({os.getpid()}, 0)").stderr


def test_home_and_temporary_folders_are_private(open_sandbox: Open, home: Path) -> None:
    inside = open_sandbox()
    assert (
        inside.says("import os; print(os.listdir(os.path.expanduser('~')), os.path.exists('/run'))")
        == "['project'] False"
    )
    for place in (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), home):
        with tempfile.NamedTemporaryFile(dir=place) as file:
            assert "FileNotFoundError" in inside.run(f"open({file.name!r})").stderr
        inside.says(f"open({str(place / 'ai-was-here')!r}, 'w')")
        assert not (place / "ai-was-here").exists()


def test_what_is_written_in_memory_is_capped(open_sandbox: Open, folder: Path) -> None:
    inside = open_sandbox(scratch_mb=1)
    for place in ("/tmp", "/dev/shm", "/var/tmp", str(Path.home())):
        assert "[Errno 28]" in inside.run(f"open({place + '/x'!r}, 'wb').write(bytes(2_000_000))").stderr


def test_files_that_only_root_may_read_are_hidden(open_sandbox: Open) -> None:
    assert "Error" in open_sandbox().run("open('/etc/shadow').read(1)").stderr


def test_folder_copied(open_sandbox: Open, folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "deep").write_text("deep")
    (folder / "link").symlink_to("sub/deep")
    (folder / ".git").mkdir()
    inside = open_sandbox()
    assert inside.sandbox.notice == ""
    assert inside.says("print(open('own.csv').read(), open('link').read(), __import__('os').getcwd())") == (
        f"here deep {folder}"
    )
    inside.says(
        "open('own.csv', 'a').write(' and there'); open('new', 'w').write('new'); __import__('os').remove('link')"
    )
    assert inside.says("print(open('own.csv').read(), sorted(__import__('os').listdir()))") == (
        "here and there ['new', 'own.csv', 'sub']"
    )
    assert (folder / "own.csv").read_text() == "here"
    assert not (folder / "new").exists()
    assert (folder / "link").exists()


def test_refresh_brings_what_is_new_and_undoes_nothing(open_sandbox: Open, folder: Path) -> None:
    (folder / "kept").write_text("old")
    (folder / "gone").write_text("old")
    inside = open_sandbox()
    inside.says("open('own.csv', 'w').write('mine'); open('made', 'w').write('mine'); __import__('os').remove('gone')")
    for name in ("own.csv", "kept", "gone", "made", "fresh", "new/deep"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("changed")
    inside.sandbox.refresh()
    names = ("own.csv", "made", "kept", "fresh", "new/deep")
    assert inside.says(f"print([open(name).read() for name in {names}])") == str(["mine", "mine", *["changed"] * 3])
    assert inside.says("print(__import__('os').path.exists('gone'))") == "False"
    (folder / "kept").write_text("changed again")
    inside.sandbox.refresh()
    assert inside.says("print(open('kept').read())") == "changed again"


def test_refresh_follows_no_link_of_the_kernel(open_sandbox: Open, folder: Path, tmp_path: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "file").write_text("old")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("untouched")
    inside = open_sandbox()
    inside.says(
        "import os, shutil; shutil.rmtree('sub'); "
        f"os.symlink({str(outside)!r}, 'sub'); os.symlink({str(outside / 'made')!r}, '.ai-notebook-ls-part'); "
        f"os.remove('own.csv'); os.symlink({str(outside / 'file')!r}, 'own.csv')"
    )
    (folder / "sub" / "file").write_text("changed")
    (folder / "sub" / "more").write_text("more")
    (folder / "own.csv").write_text("changed")
    (folder / "new").write_text("new")
    inside.sandbox.refresh()
    assert {path.name: path.read_text() for path in outside.iterdir()} == {"file": "untouched"}
    assert inside.says("print(open('new').read())") == "new"


def test_too_large_a_folder_is_read_only(open_sandbox: Open, folder: Path) -> None:
    (folder / "large").write_bytes(bytes(1_100_000))
    inside = open_sandbox(copy_limit_mb=1)
    assert inside.sandbox.notice == (
        "The notebook's folder is larger than 1 MB or 5,000 files, so the sidecar kernel can read but not change it."
    )
    assert inside.says("print(open('own.csv').read())") == "here"
    assert "Read-only" in inside.run("open('own.csv', 'w')").stderr


def test_a_folder_that_grows_too_large_is_seen_as_it_was(open_sandbox: Open, folder: Path) -> None:
    inside = open_sandbox(copy_limit_mb=1)
    (folder / "large").write_bytes(bytes(1_100_000))
    inside.sandbox.refresh()
    assert "is now larger" in inside.sandbox.notice
    assert inside.says("print(__import__('os').listdir())") == "['own.csv']"


def test_folder_read_only_and_writable(open_sandbox: Open, folder: Path) -> None:
    assert "Read-only" in open_sandbox(folder="read-only").run("open('own.csv', 'w')").stderr
    open_sandbox(folder="writable").says("open('own.csv', 'w').write('changed')")
    assert (folder / "own.csv").read_text() == "changed"


def test_of_the_home_folder_only_files_are_copied(open_sandbox: Open, home: Path) -> None:
    (home / "data.csv").write_text("data")
    (home / ".secret").write_text("secret")
    for mode in ("copied", "writable"):
        inside = open_sandbox(home, folder=mode)
        assert inside.says("open('x', 'w'); print(sorted(__import__('os').listdir()))") == "['data.csv', 'x']"
        assert "no folders" in inside.sandbox.notice
    assert not (home / "x").exists()


def test_the_project_around_is_readable_and_no_more(open_sandbox: Open, home: Path, folder: Path) -> None:
    inside = open_sandbox()
    assert inside.says("print(open('../data.csv').read())") == "a\n1"
    (home / "project" / "pyproject.toml").unlink()
    (home / ".git").mkdir()
    assert "FileNotFoundError" in open_sandbox().run("open('../data.csv')").stderr


def test_further_readable_folders(open_sandbox: Open, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x").write_text("x")
    (tmp_path / "link").symlink_to("data")
    assert "FileNotFoundError" in open_sandbox().run(f"open({str(tmp_path / 'data' / 'x')!r})").stderr
    inside = open_sandbox(readable=(str(tmp_path / "link"), str(tmp_path / "none")))
    for name in ("data", "link"):
        assert inside.says(f"print(open({str(tmp_path / name / 'x')!r}).read())") == "x"
    assert "Read-only" in inside.run(f"open({str(tmp_path / 'data' / 'x')!r}, 'w')").stderr


@pytest.mark.parametrize("place", ["notebooks/.venv", "notebooks/environment", "../.envs/one"])
def test_an_environment_anywhere_works(open_sandbox: Open, home: Path, place: str) -> None:
    where = Path(os.path.normpath(home / "project" / place))
    venv.create(where, with_pip=False, symlinks=True)
    inside = open_sandbox(interpreter=where / "bin" / "python")
    assert inside.says("import sys, json; print(sys.prefix)") == str(where)
    assert not list(home.parent.glob(f"run0-copy/{where.name}/*"))
    assert inside.run(f"open({str(where / 'x')!r}, 'w')").returncode == 1
    assert not (where / "x").exists()


def test_an_interpreter_behind_links_works(open_sandbox: Open, tmp_path: Path) -> None:
    real = tmp_path / "store" / "env-1.2"
    venv.create(real, with_pip=False, symlinks=True)
    (tmp_path / "current").symlink_to("store/env-1.2")
    (tmp_path / "python").symlink_to("current/bin/python")
    for interpreter in (tmp_path / "current" / "bin" / "python", tmp_path / "python"):
        assert open_sandbox(interpreter=interpreter).says("print(1)") == "1"


def test_editable_installations_work(open_sandbox: Open, home: Path, tmp_path: Path) -> None:
    environment = tmp_path / "env"
    venv.create(environment, with_pip=False, symlinks=True)
    source = home / "elsewhere"
    for name in ("by_path/one", "by_hook/two"):
        (source / name).mkdir(parents=True)
        (source / name / "__init__.py").write_text("x = 1")
    (site,) = (environment / "lib").glob("python3*/site-packages")
    (site / "one.pth").write_text(f"{source / 'by_path'}\n{home}\n")
    hook = """
import sys
from importlib.util import spec_from_file_location
MAPPING = {'two': %r}
class Finder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name in MAPPING: return spec_from_file_location(name, MAPPING[name] + '/__init__.py')
sys.meta_path.append(Finder)
"""
    (site / "__editable___two_finder.py").write_text(hook % str(source / "by_hook" / "two"))
    (site / "two.pth").write_text("import __editable___two_finder")
    inside = open_sandbox(interpreter=environment / "bin" / "python")
    assert inside.says("import one, two; print(one.x + two.x)") == "2"
    assert "FileNotFoundError" in inside.run(f"open({str(home / '.ssh' / 'id')!r})").stderr


def test_data_libraries_work(open_sandbox: Open) -> None:
    code = "import numpy, pandas, matplotlib.pyplot as plt; plt.plot([1]); plt.savefig('a.png'); print(numpy.arange(3).sum())"
    assert open_sandbox().says(code) == "3"


def test_key_and_agents_do_not_get_in(open_sandbox: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AI_NOTEBOOK_LS_API_KEY", "canary")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent-canary")
    monkeypatch.setenv("OTHER", "passes")
    everything = (
        "import os; print(*[open(f'/proc/{pid}/environ').read() for pid in os.listdir('/proc') if pid.isdigit()])"
    )
    seen = open_sandbox().says(everything)
    assert "canary" not in seen
    assert "OTHER=passes" in seen
    assert "OTHER=passes" not in open_sandbox(environment=("ELSE*",)).says(everything)


def limited(inside: Inside, settings: IsolationSettings, code: str) -> str:
    """Run under our limits, set as the supervisor does."""
    limits = isolation.limits(settings, SANDBOXED)
    return inside.says(
        f"import sys; sys.path.insert(0, {str(KERNELS)!r}); import supervisor; supervisor.limit({limits!r})\n{code}"
    )


def test_a_memory_bomb_is_a_memory_error(open_sandbox: Open) -> None:
    settings = IsolationSettings(memory_mb=300)
    inside = open_sandbox(settings=settings)
    bomb = "try: bytearray(400_000_000)\nexcept MemoryError: print('refused')"
    assert limited(inside, settings, bomb) == "refused"


FORK_BOMB = """
import os, signal
children = []
try:
    while len(children) < 600:
        child = os.fork()
        if not child:
            signal.pause()
        children.append(child)
except OSError as error:
    print(error.errno == 11)
for child in children:
    os.kill(child, signal.SIGKILL)
print(len(children) < 200)
"""


def test_a_fork_bomb_is_stopped_by_the_group(open_sandbox: Open) -> None:
    group = Cgroup.create({"pids": 100, "memory": 1_000_000_000})
    if group is None:
        pytest.skip("no control group can be made here")
    inside = replace(open_sandbox(), prefix=group.enter)
    try:
        assert inside.says(FORK_BOMB).split() == ["True", "True"]
    finally:
        group.remove()
    assert not any(path.exists() for path in group.paths)


def test_a_daemon_dies_with_the_server(open_sandbox: Open, tmp_path: Path) -> None:
    """A grandchild in a session of its own, whose server is killed."""
    daemon = (
        "import os, socket, signal\n"
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        f"        line = socket.socket(socket.AF_UNIX); line.connect({str(tmp_path / 'run0' / 'line')!r})\n"
        "        line.send(b'here'); signal.pause()\n"
        "    os._exit(0)\nsignal.pause()"
    )
    inside = open_sandbox()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "run0" / "line"))
        listening.listen()
        listening.settimeout(30)
        code = f"import subprocess; subprocess.run({inside.command(daemon)!r})"
        server = subprocess.Popen([sys.executable, "-c", code], env=inside.environment)
        try:
            line, _ = listening.accept()
            line.settimeout(30)
            assert line.recv(4) == b"here"
        finally:
            server.send_signal(signal.SIGKILL)
            server.wait()
        assert line.recv(1) == b""
        line.close()


@pytest.mark.skipif(os.geteuid() != 0 or not SYSTEM_PYTHON.exists(), reason="needs root, to become nobody")
def test_it_works_for_an_ordinary_user(open_sandbox: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in (tmp_path, *tmp_path.parents):
        if place.name.startswith(("pytest-", "popen-")) or place == tmp_path:
            place.chmod(0o755)
    folder = tmp_path / "plain"
    folder.mkdir()
    settings = IsolationSettings(folder="read-only")
    monkeypatch.setenv("HOME", "/nonexistent")
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    monkeypatch.setattr(sys, "executable", str(SYSTEM_PYTHON))
    monkeypatch.setattr("ai_notebook_ls.kernels.sandbox.KERNELS", folder)
    inside = open_sandbox(folder, SYSTEM_PYTHON, settings)
    shutil.chown(tmp_path / "run0", "nobody")
    nobody = {"user": 65534, "group": 65534, "extra_groups": []}
    assert inside.says("import os; print(os.getuid(), os.getcwd())", **nobody) == f"65534 {folder}"
    assert "Read-only" in inside.run("open('x', 'w')", **nobody).stderr
    assert inside.says("import socket; print(socket.if_nameindex())", **nobody) == "[(1, 'lo')]"
    limit = "import resource; resource.setrlimit(resource.RLIMIT_NPROC, (150, 150))\n"
    assert inside.says(limit + FORK_BOMB, **nobody).split() == ["True", "True"]


def test_failures_of_the_sandbox_are_told(open_sandbox: Open, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("x")
    (folder / ".git").mkdir()
    settings = IsolationSettings()
    inside = open_sandbox(settings=settings)

    def notice(code: str) -> str:
        return isolation.sandbox_notice(inside.failure(code), settings, SANDBOXED, inside.sandbox.hidden)

    network = "The sandbox has no network; allow it with the setting isolation.network."
    assert notice("import urllib.request; urllib.request.urlopen('http://ai-notebook-ls.invalid')") == network
    assert notice("import socket; socket.create_connection(('127.0.0.1', 9))") == network
    hidden = "The sandbox does not show this; name its folder in the setting isolation.readable."
    assert notice(f"open({str(tmp_path / 'data.csv')!r})") == hidden
    assert notice(f"import pandas; pandas.read_csv({str(tmp_path / 'data.csv')!r})") == hidden
    assert notice("open('../../../data.csv')") == hidden
    assert notice("__import__('os').listdir('.git')") == hidden
    assert (
        notice("open('/usr/x', 'w')")
        == "The sandbox does not let a kernel write there; see the setting isolation.folder."
    )
    for own in (
        "open('missing.csv')",
        "open('/missing/file')",
        "1 / 0",
        "raise OSError('it')",
        "open('/usr/bin/missing')",
    ):
        assert notice(own) == ""
