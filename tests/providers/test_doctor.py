"""What `ai-notebook-ls doctor` finds on the way to a model's server, and the line that mends it: over real sockets."""

from __future__ import annotations

import asyncio
import importlib.util
import io
import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import redirect_stdout
from pathlib import Path

import pytest
import pytest_asyncio

from ai_notebook_ls import app, doctor
from ai_notebook_ls.__main__ import parser
from ai_notebook_ls.doctor import Finding
from tests.providers.faults import FaultServer, fault_server

KEY = "sk-canary-0123456789abcdef"
Examine = Callable[..., Awaitable[dict[str, Finding]]]


@pytest_asyncio.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with fault_server() as serving:
        yield serving


@pytest.fixture
def examine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Examine:
    """Run the command, with these settings, and return what it finds of the model."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    for unrelated in ("_fronts", "_kernels"):
        monkeypatch.setattr(doctor, unrelated, tuple)
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)

    def run() -> dict[str, Finding]:
        out = io.StringIO()
        with redirect_stdout(out):
            code = app.main(parser().parse_args(["doctor", "--json"]), {**app.os.environ})
        found = {each["what"]: Finding(**each) for each in json.loads(out.getvalue())}
        assert code == any(each.grade == "broken" for each in found.values())
        assert KEY not in out.getvalue()
        return found

    async def examined(base_url: str, model: str = "", key: str = KEY) -> dict[str, Finding]:
        settings = {"PROVIDER": "openai", "BASE_URL": base_url, "MODEL": model, "API_KEY": key}
        for name, value in settings.items():
            monkeypatch.setenv(f"AI_NOTEBOOK_LS_{name}", value)
        return await asyncio.to_thread(run)

    return examined


async def test_all_is_well(server: FaultServer, examine: Examine) -> None:
    server.models = {"data": [{"id": "good", "max_model_len": 8192}]}
    found = await examine(server.base_url)
    assert all(each.grade == "ok" for each in found.values())
    assert found["Key"].detail == "from AI_NOTEBOOK_LS_API_KEY"
    assert found["Model"].detail.startswith("good gave its first word after ")
    assert "8,192 tokens" in found["Model"].detail
    assert "nothing leaves this machine" in found["Provider"].detail


async def test_the_package_is_not_installed(examine: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "openai" else real(name))
    found = await examine("ollama")
    assert "pip install 'ai-notebook-ls[openai]'" in found["Provider"].detail


@pytest.mark.parametrize("url", ["", "localhost:11434", "gpt-5"])
async def test_no_address_or_none_that_is_one(examine: Examine, url: str) -> None:
    found = await examine(url)
    assert found["Provider"].grade == "broken"
    assert "Set AI_NOTEBOOK_LS_BASE_URL" in found["Provider"].detail


async def test_nobody_listens(examine: Examine) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{free.getsockname()[1]}"
    found = await examine(f"http://{where}")
    assert found["Model server"].grade == "broken"
    assert "cannot be reached" in found["Model server"].detail
    assert where in found["Model server"].remedy


async def test_an_address_without_v1(server: FaultServer, examine: Examine) -> None:
    found = await examine(server.base_url.replace("/v1", "/api"))
    assert found["Model server"].remedy.endswith(f"set AI_NOTEBOOK_LS_BASE_URL={server.base_url}")
    whole = await examine(f"{server.base_url}/chat/completions")
    assert whole["Model"].grade == "ok"


async def test_a_server_of_another_kind(server: FaultServer, examine: Examine) -> None:
    server.models = b"<html>Welcome</html>"
    found = await examine(server.base_url)
    assert "no OpenAI-compatible server" in found["Model server"].detail
    assert "/v1" in found["Model server"].remedy


async def test_a_model_that_is_not_there(server: FaultServer, examine: Examine) -> None:
    found = await examine(server.base_url, "better")
    assert found["Model"].grade == "broken"
    assert found["Model"].remedy == "It has good. Set AI_NOTEBOOK_LS_MODEL to one."
    assert server.bodies == []


async def test_a_server_that_lists_nothing_is_tried(server: FaultServer, examine: Examine) -> None:
    server.models = None
    assert (await examine(server.base_url, "good"))["Model"].grade == "ok"
    found = await examine(server.base_url, "404")
    assert "try pulling it first" in found["Model"].detail


async def test_several_models_and_none_chosen(server: FaultServer, examine: Examine) -> None:
    server.models = {"data": [{"id": "a"}, {"id": "b"}]}
    found = await examine(server.base_url)
    assert "It has a, b. Set AI_NOTEBOOK_LS_MODEL" in found["Model"].remedy


async def test_no_key_where_one_is_needed(examine: Examine) -> None:
    found = await examine("openai", "gpt-5", key="")
    spoken = " ".join(each.detail + each.remedy for each in found.values())
    assert "There is no key for https://api.openai.com" in spoken
    assert "ai-notebook-ls key set openai" in spoken


async def test_a_wrong_key(server: FaultServer, examine: Examine) -> None:
    server.models = {"data": [{"id": "401"}]}
    found = await examine(server.base_url, "401")
    assert "does not accept the key" in found["Model"].detail
    assert "ai-notebook-ls key set" in found["Model"].remedy


async def test_a_proxy_in_the_way(examine: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://user:password@127.0.0.1:9")
    found = await examine("http://models.example.org", "m")
    assert "NO_PROXY=models.example.org" in found["Model server"].remedy
    assert found["Encryption"].grade == "missing"
    assert "password" not in str(found)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate that signed itself, with its key."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    made = tmp_path / "certificate.pem"
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command = ["openssl", "req", *kind, *names, "-keyout", made, "-out", tmp_path / "chain.pem"]
    subprocess.run(command, check=True, capture_output=True)
    made.write_bytes(made.read_bytes() + (tmp_path / "chain.pem").read_bytes())
    return made


async def test_a_certificate_that_nobody_trusts(
    certificate: Path, examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    async with fault_server(tls=context) as server:
        found = await examine(server.base_url)
        assert "certificate" in found["Model server"].detail
        assert "SSL_CERT_FILE=" in found["Model server"].remedy
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert (await examine(server.base_url))["Model"].grade == "ok"
