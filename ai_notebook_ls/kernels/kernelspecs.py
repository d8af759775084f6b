"""Which kernelspec a notebook gets, and how its kernel is started."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from string import Template

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from traitlets import TraitError

from ai_notebook_ls.core.cells import Notebook
from ai_notebook_ls.core.failures import KernelspecMissing, KernelStartFailed

NATIVE = "python3"
LAUNCHER, SUPERVISOR, ZYGOTE = (Path(__file__).with_name(f"{it}.py") for it in ("launcher", "supervisor", "zygote"))
OWN_PYTHON = ("python", f"python{sys.version_info[0]}", f"python{sys.version_info[0]}.{sys.version_info[1]}")
"""As the program of a kernelspec these mean the interpreter that runs us (KernelManager.format_kernel_cmd)."""
IPYKERNEL_MODULES = ("ipykernel_launcher", "ipykernel")


def find_spec(notebook: Notebook) -> tuple[str, KernelSpec]:
    """Return the name and the spec of the notebook's kernel. Raises KernelspecMissing.

    A notebook that names no kernel gets one of its language. `python3`, Jupyter's native kernel, falls back on the
    server's own interpreter (jupyter_client's `ensure_native_kernel`); any other name stands for what was meant.
    """
    manager = KernelSpecManager()
    name = notebook.kernel_name or _name_for(notebook.language, manager)
    try:
        return name, manager.get_kernel_spec(name)
    except (NoSuchKernel, OSError, ValueError, TraitError):  # an unreadable kernel.json counts as missing
        raise KernelspecMissing(name, list(manager.find_kernel_specs())) from None


def _name_for(language: str, manager: KernelSpecManager) -> str:
    if language.lower() in ("", "python", "ipython"):
        return NATIVE
    specs = manager.get_all_specs()
    return next((name for name, it in specs.items() if it["spec"]["language"].lower() == language.lower()), language)


def is_local(spec: KernelSpec) -> bool:
    """Whether the kernel is a process of this machine that we start ourselves."""
    provisioner = spec.metadata.get("kernel_provisioner", {}).get("provisioner_name", "local-provisioner")
    return bool(provisioner == "local-provisioner")


def lean_argv(argv: list[str]) -> list[str]:
    """Return how to start a kernel: ipykernel through our launcher, with its own interpreter; others as they are."""
    parts = _ipykernel(argv)
    return [*parts[0], str(LAUNCHER), *parts[1]] if parts else argv


def zygote_argv(argv: list[str]) -> list[str] | None:
    """Return how to start the zygote of a kernel's interpreter; None if the kernel is not ipykernel."""
    parts = _ipykernel(argv)
    return [*parts[0], str(ZYGOTE)] if parts else None


def kernel_arguments(argv: list[str]) -> list[str]:
    """Return what ipykernel is told on its command line."""
    parts = _ipykernel(argv)
    return parts[1] if parts else []


def _ipykernel(argv: list[str]) -> tuple[list[str], list[str]] | None:
    """Split a command into the interpreter with its flags and ipykernel's arguments; None if it is another kernel."""
    for module in IPYKERNEL_MODULES:
        if argv[1:] and module in argv and argv[argv.index(module) - 1] == "-m":
            place = argv.index(module)
            # `-Xfrozen_modules=off` is there for the debugger, which we leave out.
            flags = [flag for flag in argv[1 : place - 1] if flag != "-Xfrozen_modules=off"]
            return [sys.executable if argv[0] in OWN_PYTHON else argv[0], *flags], argv[place + 1 :]
    return None


def environment(spec: KernelSpec, base: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the environment of a kernel that starts in a folder: `base`, and what its spec adds.

    `${NAME}` in a spec stands for base's. Relative entries of PYTHONPATH are made absolute here: what starts a kernel, or
    looks at its interpreter, does so in other folders.
    """
    found = {**base, **{name: Template(text).safe_substitute(base) for name, text in spec.env.items()}}
    if path := found.get("PYTHONPATH"):
        found["PYTHONPATH"] = os.pathsep.join(str(folder / entry) for entry in path.split(os.pathsep))
    return found


def last_sentence(words: str) -> str:
    """Reduce what a kernel wrote before it ended to one short clause: its last line, without folders and escapes."""
    plain = re.sub(r"\x1b\[[0-?]*[ -/]*[@-~]", "", words)
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    if not lines:
        return ""
    line = re.sub(r"(?:[A-Za-z]:)?(?:[/\\][^\s/\\:'\"]*)+[/\\](?=[^\s/\\])", "", lines[-1])
    return line if len(line) <= 200 else line[:197] + "..."


def supervised(argv: list[str], limits: Mapping[str, int], run_folder: Path) -> list[str]:
    """Return the command that starts a kernel under our supervisor (POSIX)."""
    return [sys.executable, "-I", "-S", str(SUPERVISOR), str(run_folder), json.dumps(dict(limits)), *argv]


def installed() -> dict[str, bool]:
    """Return every installed kernelspec's name, and whether the program it starts exists."""
    specs = KernelSpecManager().get_all_specs()
    return {name: shutil.which(it["spec"]["argv"][0]) is not None for name, it in sorted(specs.items())}


def missing_ipykernel(name: str, argv: list[str]) -> KernelStartFailed:
    """Return the failure of a kernelspec whose interpreter cannot import ipykernel."""
    python = Path(sys.executable if argv[0] in OWN_PYTHON else argv[0])
    short = "/".join(("…", *python.parts[-3:]))  # a whole path is not for everybody who sees a notebook's outcomes
    return KernelStartFailed(
        f"The kernel {name!r} has no ipykernel, without which its Python cannot run cells.",
        f"Install it there: `{short} -m pip install ipykernel`.",
    )
