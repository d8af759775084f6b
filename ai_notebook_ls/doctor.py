"""The command `doctor`: what is installed, what works, what is missing and how to get it."""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO

from ai_notebook_ls import __version__
from ai_notebook_ls.core.failures import AssistError
from ai_notebook_ls.ports import ProviderInfo
from ai_notebook_ls.settings import Settings

if TYPE_CHECKING:
    from ai_notebook_ls.providers.openai_compatible import OpenAIModel

Grade = Literal["ok", "missing", "broken"]
MARKS: dict[Grade, str] = {"ok": "✓", "missing": "-", "broken": "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    what: str
    grade: Grade
    detail: str
    remedy: str = ""


def examine(
    settings: Settings,
    problems: list[str],
    config: Path | None,
    provider: ProviderInfo,
    model: OpenAIModel | None = None,
) -> list[Finding]:
    """Look at everything; starts no kernel."""
    return [
        Finding("ai-notebook-ls", "ok", f"{__version__} on Python {platform.python_version()}, {platform.system()}"),
        *_fronts(),
        *_kernels(),
        *_isolation(settings),
        *_remote(settings),
        *_provider(provider, model),
        Finding("Settings", "ok", f"{config}" if config and config.is_file() else "defaults and environment"),
        *(Finding("Settings", "broken", problem, "Correct or remove it.") for problem in problems),
    ]


def report(findings: list[Finding], as_json: bool, out: TextIO) -> int:
    """Print the findings; return 1 if something is broken."""
    if as_json:
        json.dump([asdict(finding) for finding in findings], out, indent=1)
        out.write("\n")
    else:
        width = max(len(finding.what) for finding in findings)
        for finding in findings:
            remedy = f"  →  {finding.remedy}" if finding.remedy else ""
            out.write(f"{MARKS[finding.grade]} {finding.what.ljust(width)}  {finding.detail}{remedy}\n")
    return 1 if any(finding.grade == "broken" for finding in findings) else 0


def _fronts() -> Iterator[Finding]:
    for name, title, remedy in (
        ("jupyterlab", "JupyterLab", "pip install 'ai-notebook-ls[lab]'"),
        ("notebook", "Notebook 7", "pip install 'ai-notebook-ls[notebook]'"),
        ("nbclassic", "Classic Notebook", "pip install 'ai-notebook-ls[classic]'"),
    ):
        version = _version(name)
        yield Finding(title, "ok" if version else "missing", version or "not installed", "" if version else remedy)
    proxy = _version("jupyter-server-proxy")
    yield Finding("jupyter-server-proxy", "ok" if proxy else "broken", proxy or "not installed: pages cannot connect")
    yield _extension("Lab extension", "labextensions", "ai-notebook-ls-lab", "package.json")
    yield _classic_extension()


def _extension(what: str, *place: str) -> Finding:
    from jupyter_core.paths import jupyter_path

    found = [path.parent for path in map(Path, jupyter_path(*place)) if path.is_file()]
    remedy = "" if found else "pip install --force-reinstall --no-deps ai-notebook-ls"
    return Finding(what, "ok" if found else "missing", str(found[0]) if found else "not found", remedy)


def _classic_extension() -> Finding:
    """Look for the files, and whether Jupyter's merged configuration has the classic Notebook load them."""
    from jupyter_server.services.config.manager import ConfigManager

    finding = _extension("Classic extension", "nbextensions", "ai_notebook_ls", "index.js")
    manager: Any = ConfigManager(config_dir_name="nbconfig")
    section = manager.get("notebook")
    if finding.grade == "ok" and not section.get("load_extensions", {}).get("ai_notebook_ls/index"):
        return replace(finding, grade="missing", remedy="jupyter nbclassic-extension enable ai_notebook_ls/index")
    if section.get("ai_notebook_ls", {}).get("enabled") is False:
        return replace(finding, detail=f"{finding.detail}; switched off in nbconfig")
    return finding


def _kernels() -> Iterator[Finding]:
    from ai_notebook_ls.kernels.kernelspecs import installed

    specs = installed()
    if not specs:
        yield Finding("Kernels", "broken", "none is installed", "pip install ipykernel")
    for name, usable in specs.items():
        detail = f"{name}" if usable else f"{name}: its program does not exist"
        yield Finding("Kernel", "ok" if usable else "broken", detail, "" if usable else "Reinstall or remove it.")


def _isolation(settings: Settings) -> Iterator[Finding]:
    from ai_notebook_ls.kernels.containment import probe
    from ai_notebook_ls.kernels.isolation import choose, group_limits, limits

    if settings.remote.url:
        yield Finding("Isolation", "ok", "as the Jupyter server that runs the kernels has it")
        return
    asked = settings.isolation
    chosen = choose(asked)
    network = "your network" if asked.network else "no network"
    meaning = {
        "process": "a process of its own for each notebook; not a security boundary",
        "limited": "limits on memory, processes and files; not a security boundary",
        "contained": "no network, a copy of the notebook's folder, your other files hidden",
        "sandboxed": f"{network}, the notebook's folder {asked.folder}, your other files hidden",
    }[chosen.level]
    weaker = asked.level not in ("auto", chosen.level)
    yield Finding("Isolation", "missing" if weaker else "ok", f"{chosen.level}: {meaning}", chosen.why)
    if chosen.level != "sandboxed":
        found = probe(Path(sys.executable))
        how = f"yes, by {found.how}" if found.how else "no: you are asked before code that you did not write is run"
        yield Finding("Contained", "ok" if found.how else "missing", how, found.why)
    if each := limits(asked, chosen):
        yield Finding(
            "Limits",
            "ok",
            f"{each['RLIMIT_DATA'] / 1e9:.3g} GB of memory and {each['RLIMIT_CPU'] / 3600:.3g} h of processor time a "
            f"process, {group_limits(asked, chosen)['pids']} processes and threads, "
            f"{each['RLIMIT_FSIZE'] / 1e9:.3g} GB a file",
        )


def _remote(settings: Settings) -> Iterator[Finding]:
    """Ask the Jupyter server that is to run the sidecar kernels for its kernelspecs."""
    if not settings.remote.url:
        return
    from ai_notebook_ls.kernels.jupyter_server import JupyterServer

    try:
        server = JupyterServer.of(settings.remote, os.environ)
        names = ", ".join(server.kernelspecs())
    except AssistError as error:
        yield Finding("Remote kernels", "broken", error.message, error.hint)
    else:
        how = "; without encryption: give an https address" if server.open else ""
        detail = f"{server.host} runs the sidecar kernels; how isolated, it decides; it has {names}{how}"
        yield Finding("Remote kernels", "ok", detail)


def _provider(info: ProviderInfo, model: OpenAIModel | None) -> Iterator[Finding]:
    if not info.ready:
        yield Finding("Provider", "broken", f"{info.name}: {info.why}")
        return
    where = f"sends to {info.destination}" if info.destination else "nothing leaves this machine"
    yield Finding("Provider", "ok", f"{info.name}, {where}")
    if model is not None:
        yield from asyncio.run(_server(model))


async def _server(model: OpenAIModel) -> list[Finding]:
    from ai_notebook_ls.providers.checkup import checkup

    return [Finding(*symptom) async for symptom in checkup(model)]


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
