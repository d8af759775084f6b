"""Sidecar kernels on a real Jupyter server, and all that such a server can do to us."""

from __future__ import annotations

import asyncio
import http.server
import logging
import shutil
import socket
import subprocess
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from ai_notebook_ls.core.cells import Notebook
from ai_notebook_ls.core.failures import (
    KernelspecMissing,
    KernelStartFailed,
    RemoteMisconfigured,
    RemoteRefused,
    RemoteUnreachable,
)
from ai_notebook_ls.doctor import examine
from ai_notebook_ls.kernels.jupyter_server import JupyterServer, read_token
from ai_notebook_ls.kernels.messages import WAITING_MESSAGES, Head, Inbox
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.kernels.remote import frame, read_frame
from ai_notebook_ls.kernels.sidecar import SidecarKernel
from ai_notebook_ls.ports import KernelState, ProviderInfo
from ai_notebook_ls.settings import RemoteSettings, RunSettings, Settings, load

from .conftest import RunSource
from .jupyter import Served, jupyter_server

pytestmark = pytest.mark.asyncio(loop_scope="module")
TOKEN = "AI_NOTEBOOK_LS_REMOTE_TOKEN"
Open = Callable[..., SidecarKernels]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with jupyter_server(tmp_path_factory.mktemp("server")) as served:
        yield served


@pytest.fixture(autouse=True)
def token(served: Served, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(TOKEN, served.token)
    return served.token


@pytest_asyncio.fixture(loop_scope="module")
async def remote(served: Served) -> AsyncIterator[Open]:
    """Make kernels on the server, or on another one."""
    made: list[SidecarKernels] = []

    def make(url: str = "", folder: str = "", **limits: Any) -> SidecarKernels:
        settings = Settings(run=RunSettings(**limits), remote=RemoteSettings(url or served.url, folder))
        made.append(SidecarKernels(settings))
        return made[-1]

    yield make
    for kernels in made:
        await kernels.close()


def mine(kernels: SidecarKernels, **options: Any) -> SidecarKernel:
    return kernels.kernel(Notebook("untitled:remote", (), **options))


async def test_runs_streams_and_keeps_its_state(remote: Open, served: Served, run: RunSource) -> None:
    kernel, seen = mine(remote()), []
    assert (kernel.level, kernel.why) == ("process", "It runs on 127.0.0.1: how it is isolated is decided there.")
    first = await run(kernel, "import os\nx = 41\nprint(os.getcwd())")
    assert (first.status, first.outputs[0]["text"].strip()) == ("ok", str(served.root))
    source = (
        "import sys\nprint('one')\nprint('two', file=sys.stderr)\n"
        "h = display('three', display_id=True)\nh.update('four')\nx + 1"
    )
    outcome = await run(kernel, source, on_output=lambda cell, output: seen.append(output["output_type"]))
    assert [output["output_type"] for output in outcome.outputs] == [
        "stream",
        "stream",
        "display_data",
        "execute_result",
    ]
    assert outcome.outputs[2]["data"]["text/plain"] == "'four'"
    assert outcome.outputs[3]["data"]["text/plain"] == "42"
    assert seen[:2] == ["stream", "stream"]
    assert (outcome.execution_count, [entry.status for entry in kernel.ledger]) == (2, ["ok", "ok"])


async def test_works_in_the_folder_of_the_settings(remote: Open, served: Served, run: RunSource) -> None:
    (served.root / "project").mkdir()
    outcome = await run(mine(remote(folder="project")), "import os; os.getcwd()")
    assert outcome.outputs[0]["data"]["text/plain"] == repr(str(served.root / "project"))


async def test_a_failure_and_its_evidence(remote: Open, run: RunSource) -> None:
    kernel = mine(remote())
    outcome = await run(kernel, "total = 1\n\nprint(totel)")
    assert (outcome.status, outcome.failure and outcome.failure.ename) == ("error", "NameError")
    assert outcome.failure and outcome.failure.line == 2
    evidence = await kernel.evidence(outcome)
    assert evidence and evidence.missing == "totel"


async def test_a_branch_is_another_kernel_with_the_cells_replayed(remote: Open, served: Served, run: RunSource) -> None:
    kernel = mine(remote())
    await run(kernel, "x = [1]")
    async with kernel.branch() as branch:
        assert (await run(branch, "x.append(2)\nx")).outputs[0]["data"]["text/plain"] == "[1, 2]"
        assert len(served.kernels()) == 2
    assert (await run(kernel, "x")).outputs[0]["data"]["text/plain"] == "[1]"
    assert kernel.not_forked == "it runs elsewhere"


async def test_large_output_is_whole_and_does_not_end_the_connection(remote: Open, run: RunSource) -> None:
    kernel = mine(remote(output_limit=20_000_000))
    outcome = await run(kernel, "display({'text/plain': 'x' * 12_000_000}, raw=True)")
    assert len(outcome.outputs[0]["data"]["text/plain"]) == 12_000_000
    assert (await run(kernel, "1")).status == "ok"


async def test_a_deadline_interrupts_and_the_state_stays(remote: Open, run: RunSource) -> None:
    kernel = mine(remote(timeout=0.5))
    await run(kernel, "x = 1")
    assert (await run(kernel, "import time; time.sleep(60)")).status == "timeout"
    assert (await run(kernel, "x")).status == "ok"


async def test_the_user_interrupts(remote: Open, run: RunSource) -> None:
    kernel, began = mine(remote()), asyncio.Event()
    running = asyncio.create_task(
        run(kernel, "import time\nprint(1, flush=True)\ntime.sleep(60)", on_output=lambda *_: began.set())
    )
    await began.wait()
    await kernel.interrupt()
    assert (await running).status == "interrupted"
    assert kernel.state is KernelState.IDLE


async def test_what_heeds_no_interrupt_is_deleted(remote: Open, served: Served, run: RunSource) -> None:
    kernel = mine(remote(timeout=0.5))
    source = "while True:\n    try:\n        import time; time.sleep(60)\n    except KeyboardInterrupt:\n        pass"
    outcome = await run(kernel, source)
    assert outcome.status == "timeout"
    assert "variables are lost" in outcome.notice
    await kernel.close()
    assert served.kernels() == []


async def test_a_kernel_that_dies(remote: Open, run: RunSource) -> None:
    kernel = mine(remote())
    outcome = await run(kernel, "import os; os._exit(3)")
    assert outcome.status == "died"
    assert "ended or restarted it" in outcome.notice
    assert (await run(kernel, "1")).status == "ok"  # another one


async def test_a_kernel_that_somebody_deletes(remote: Open, served: Served, run: RunSource) -> None:
    kernel, began = mine(remote()), asyncio.Event()
    running = asyncio.create_task(
        run(kernel, "import time\nprint(1, flush=True)\ntime.sleep(60)", on_output=lambda *_: began.set())
    )
    await began.wait()
    [model] = served.kernels()
    await asyncio.to_thread(served.delete, model["id"])
    assert (await running).status == "died"


async def test_a_kernel_that_is_culled(
    remote: Open, tmp_path: Path, run: RunSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = (f"--MappingKernelManager.{it}" for it in ("cull_idle_timeout=1", "cull_interval=1", "cull_connected=1"))
    with jupyter_server(tmp_path, *options) as strict:
        monkeypatch.setenv(TOKEN, strict.token)
        kernel = mine(remote(strict.url))
        await run(kernel, "x = 1")
        while await asyncio.to_thread(strict.kernels):
            await asyncio.sleep(0.1)
        # Its last words may have told us before, or else this run finds out; it is said in any case.
        assert "variables are lost" in (await run(kernel, "x")).notice
        await kernel.close()


async def test_a_server_that_goes_away_mid_run(
    remote: Open, tmp_path: Path, run: RunSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    with jupyter_server(tmp_path) as doomed:
        monkeypatch.setenv(TOKEN, doomed.token)
        kernel, began = mine(remote(doomed.url)), asyncio.Event()
        source = "import os, time\nprint(os.getppid(), flush=True)\ntime.sleep(60)"
        running = asyncio.create_task(run(kernel, source, on_output=lambda *_: began.set()))
        await began.wait()
        doomed.process.kill()
        outcome = await running
        assert outcome.status == "died"
        assert "the connection to 127.0.0.1:" in outcome.notice
        assert "was lost" in outcome.notice
        with pytest.raises(RemoteUnreachable, match="cannot be reached: Connection refused"):
            await run(kernel, "1")


async def test_two_at_once_and_close_deletes_both(remote: Open, served: Served, run: RunSource) -> None:
    kernels = remote()
    one, two = (kernels.kernel(Notebook(f"untitled:{name}", ())) for name in ("one", "two"))
    outcomes = await asyncio.gather(run(one, "x = 1\nx"), run(two, "x = 2\nx"))
    assert [outcome.outputs[0]["data"]["text/plain"] for outcome in outcomes] == ["1", "2"]
    assert len(served.kernels()) == 2
    await kernels.close()
    assert served.kernels() == []


async def test_a_start_that_is_stopped_leaves_nothing(remote: Open, served: Served, run: RunSource) -> None:
    kernels, starting = remote(), asyncio.Event()
    kernels.changed = lambda _: starting.set()
    kernel = mine(kernels)
    running = asyncio.create_task(run(kernel, "1"))
    await starting.wait()
    await kernel.interrupt()
    assert (await running).status == "interrupted"
    await kernels.close()
    assert served.kernels() == []


async def test_the_servers_kernels_are_named(remote: Open, run: RunSource) -> None:
    with pytest.raises(KernelspecMissing, match=r"'fortran', which is not installed on 127.0.0.1:\d+ \(.*python3"):
        await run(mine(remote(), kernel_name="fortran"), "1")


@pytest.mark.parametrize("token", ["wrong", ""])
async def test_a_wrong_token(remote: Open, run: RunSource, monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv(TOKEN, token)
    with pytest.raises(RemoteRefused, match="does not let us in"):
        await run(mine(remote()), "1")


async def test_doctor_asks_the_server(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def said() -> tuple[str, str]:
        settings = Settings(remote=RemoteSettings(served.url))
        [finding] = [it for it in examine(settings, [], None, ProviderInfo("builtin")) if it.what == "Remote kernels"]
        return finding.grade, finding.detail

    assert said()[0] == "ok"
    assert "python3" in said()[1]
    monkeypatch.setenv(TOKEN, "wrong")
    assert said()[0] == "broken"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A key and the certificate that it signed itself."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    made = tmp_path / "key.pem", tmp_path / "certificate.pem"
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost"]
    command = ["openssl", "req", *kind, "-keyout", made[0], "-out", made[1]]
    subprocess.run(command, check=True, capture_output=True)
    return made


async def test_a_certificate_that_nobody_trusts(
    remote: Open, run: RunSource, tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    options = (f"--ServerApp.keyfile={certificate[0]}", f"--ServerApp.certfile={certificate[1]}")
    said = pytest.raises(RemoteUnreachable, match=r"certificate of 127\.0\.0\.1:.* not to be trusted: self.signed")
    with jupyter_server(tmp_path / "server", *options) as secure, said:
        await run(mine(remote(secure.url)), "1")


@pytest.fixture
def web() -> Iterator[tuple[str, list[str]]]:
    """A web server that is no Jupyter server: what it answers, its path says; and what it was told."""
    told: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.append(f"{self.path} {self.headers['Authorization']}")
            status = 302 if self.path.startswith("/away/") else 200
            self.send_response(status)
            self.send_header("Location", f"http://localhost:{self.server.server_port}/caught")
            self.end_headers()
            self.wfile.write(b"<html>" if self.path.startswith("/page/") else b"[]")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", told
        server.shutdown()
        thread.join()


async def test_the_token_goes_nowhere_else(remote: Open, run: RunSource, web: tuple[str, list[str]]) -> None:
    url, told = web
    with pytest.raises(RemoteUnreachable, match="sends us elsewhere"):
        await run(mine(remote(f"{url}away/")), "1")
    assert [line.split()[0] for line in told] == ["/away/api/kernelspecs"]


@pytest.mark.parametrize("kind", ["page", "list"])
async def test_what_is_no_jupyter_server(remote: Open, run: RunSource, web: tuple[str, list[str]], kind: str) -> None:
    with pytest.raises(RemoteUnreachable, match="Jupyter server"):
        await run(mine(remote(f"{web[0]}{kind}/")), "1")


async def test_a_server_that_never_answers(remote: Open, run: RunSource) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        kernels = remote(f"http://127.0.0.1:{silent.getsockname()[1]}", start_timeout=0.5)
        with pytest.raises(KernelStartFailed, match=r"not ready within 0\.5 seconds"):
            await run(mine(kernels), "1")


async def test_a_proxy_never_sees_what_is_for_this_machine(
    remote: Open, run: RunSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert (await run(mine(remote()), "1")).status == "ok"


async def test_the_token_is_in_no_log(
    remote: Open, run: RunSource, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    outcome = await run(mine(remote()), "import os; [it for it in os.environ if it.startswith('AI_NOTEBOOK_LS')]")
    assert outcome.status == "ok"
    assert token not in caplog.text
    assert "startswith" not in caplog.text


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("127.0.0.1:8888", "no web address|not a web address"),
        ("ftp://host/", "not a web address"),
        ("http://host:99999/", "not an address"),
        ("http://host/lab?token=secret", "more than the address"),
        ("http://me:secret@host/", "more than the address"),
    ],
)
async def test_an_address_that_is_none(remote: Open, run: RunSource, url: str, said: str) -> None:
    with pytest.raises(RemoteMisconfigured, match=said) as caught:
        await run(mine(remote(url)), "1")
    assert "secret" not in str(caught.value)


async def test_the_token_comes_from_where_nobody_else_reads(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("abc\n")
    settings = RemoteSettings("http://host/", token_file=str(file))
    file.chmod(0o644)
    with pytest.raises(RemoteMisconfigured, match="read by others"):
        read_token(settings, {})
    file.chmod(0o600)
    assert read_token(settings, {}) == "abc"
    assert read_token(settings, {TOKEN: "def"}) == "def"
    with pytest.raises(RemoteMisconfigured, match="cannot be read"):
        read_token(RemoteSettings("http://host/", token_file=str(tmp_path)), {})
    with pytest.raises(RemoteMisconfigured, match="no token has"):
        JupyterServer("http://host/", "a\nb")
    file.write_text('[remote]\nurl = "http://host/"\ntoken = "abc"\n')
    assert load({}, file)[1][0].startswith("token: remote.token")  # a settings file is no place for it


async def test_what_waits_to_be_read_is_bounded() -> None:
    inbox = Inbox()
    for number in range(3 * WAITING_MESSAGES):
        inbox.put(Head("stream", "a", b'{"text": "%d"}' % number))
    inbox.put(Head("status", "a", b'{"execution_state": "idle"}'))
    taken = [await inbox.take() for _ in range(WAITING_MESSAGES + 3)]
    assert taken[0].content == {"text": "0"}
    assert taken[-2].skipped > WAITING_MESSAGES
    assert taken[-1].content == {"execution_state": "idle"}
    assert inbox._heads == type(inbox._heads)()


async def test_a_frame_is_read_as_it_was_written() -> None:
    data = frame("shell", {"msg_id": "1", "msg_type": "execute_request"}, {"code": "ü"})
    assert read_frame(data) == ("shell", Head("execute_request", None, b'{"code": "\\u00fc"}'))
