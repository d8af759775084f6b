"""A kernelspec whose provisioner starts its kernel elsewhere works unchanged: gateway_provisioners, over a real sshd."""

from __future__ import annotations

import ast
import getpass
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

HOST = "127.0.0.2"
"""Loopback as well, but not an address of an interface: what has one of those, the provisioner starts without ssh."""
SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8 on loopback"),
    pytest.mark.skipif(SSHD is None, reason="sshd is not installed (openssh-server)"),
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed (openssh-client)"),
]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An sshd of our own, an account's files that lead to it, and a kernelspec made by gateway_provisioners' command."""
    pytest.importorskip("gateway_provisioners", reason="gateway_provisioners is not installed (extra `remote`)")
    folder = tmp_path_factory.mktemp("ssh")
    account = folder / "home" / ".ssh"
    account.mkdir(parents=True)
    port = _free_port()
    for key in (folder / "host_key", account / "id_ed25519"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    (account / "known_hosts").write_text(f"[{HOST}]:{port} {(folder / 'host_key.pub').read_text()}")
    configuration = folder / "sshd_config"
    configuration.write_text(
        f"ListenAddress {HOST}:{port}\nHostKey {folder}/host_key\nAuthorizedKeysFile {account}/id_ed25519.pub\n"
        "AuthenticationMethods publickey\nPermitRootLogin yes\nStrictModes no\nUsePAM no\nPidFile none\n"
        f"SetEnv TMPDIR={folder}\n"
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # as Debian's service does; sshd wants it when it is root
    here = {name: value for name, value in os.environ.items() if not name.startswith(("GP_", "KERNEL_"))}
    ours = {
        "HOME": str(folder / "home"),
        "JUPYTER_DATA_DIR": str(folder / "share" / "jupyter"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "GP_REMOTE_HOSTS": HOST,
        "GP_SSH_PORT": str(port),
        "GP_RESPONSE_IP": "127.0.0.1",
        "GP_KERNEL_LOG_DIR": str(folder),
        "KERNEL_USERNAME": f"{getpass.getuser()}-of-tests",  # it refuses kernels for a user of the name root
    }
    make = [sys.executable, "-m", "gateway_provisioners.cli.ssh_specapp", "install", f"--prefix={folder}"]
    subprocess.run([*make, "--kernel-name=elsewhere"], env={**here, **ours}, check=True, capture_output=True)
    spec = folder / "share" / "jupyter" / "kernels" / "elsewhere" / "kernel.json"
    made = json.loads(spec.read_text())
    made["argv"][0] = sys.executable  # instead of the account's `python`
    spec.write_text(json.dumps(made))
    log = folder / "sshd.log"
    assert SSHD
    sshd = subprocess.Popen([SSHD, "-D", "-f", configuration, "-E", log])
    try:
        while not _listens(port):
            assert sshd.poll() is None, log.read_text()
            time.sleep(0.05)
        yield {**here, **ours}
    finally:
        sshd.terminate()
        sshd.wait()


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Run:
    """Run a notebook by the command line, in a kernel of our kernelspec."""

    def run(*sources: str, **variables: str) -> subprocess.CompletedProcess[str]:
        own = {"metadata": {}, "outputs": [], "execution_count": None}
        cells = [{"cell_type": "code", "id": f"c{n}", "source": text, **own} for n, text in enumerate(sources)]
        kernel = {"name": "elsewhere", "display_name": "Elsewhere", "language": "python"}
        file = tmp_path / "far.ipynb"
        file.write_text(
            json.dumps({"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})
        )
        command = [sys.executable, "-m", "ai_notebook_ls", "run", file, "--json"]
        return subprocess.run(command, env={**environment, **variables}, capture_output=True, text=True)

    return run


def test_runs_where_ssh_leads_and_leaves_nothing_there(environment: dict[str, str], run: Run) -> None:
    done = run("import os\nx = 41", "x += 1\n[os.environ['SSH_CONNECTION'], os.getpid(), x]")
    outcome = json.loads(done.stdout)
    assert outcome["status"] == "ok", done.stderr
    connection, pid, value = ast.literal_eval(outcome["outputs"][0]["data"]["text/plain"])
    assert connection.split()[2:] == [HOST, environment["GP_SSH_PORT"]]
    assert value == 42
    assert not psutil.pid_exists(pid)


def test_a_deadline_interrupts_there(run: Run) -> None:
    source = "import time\ntry:\n    time.sleep(100)\nexcept KeyboardInterrupt:\n    print('heeded')"
    done = run(source, AI_NOTEBOOK_LS_RUN_TIMEOUT="1")
    assert json.loads(done.stdout)["outputs"][0]["text"] == "heeded\n", done.stderr


def test_a_death_there_is_noticed_here(run: Run) -> None:
    done = run("import os; os._exit(3)")
    assert json.loads(done.stdout)["status"] == "died", done.stderr


def test_a_host_that_nobody_answers_at_is_said(run: Run) -> None:
    done = run("1", GP_REMOTE_HOSTS="127.0.0.3")
    last = done.stderr.splitlines()[-1]
    assert last.startswith("The kernel 'elsewhere' could not be started: Failure occurred starting kernel")
    assert "127.0.0.3" in last


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
