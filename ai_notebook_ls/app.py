"""The composition root: settings -> provider, kernels, sessions. The only place that picks a class."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import platformdirs

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.core.failures import AssistError, BadArguments, ProviderUnavailable
from ai_notebook_ls.core.requests import Values, Wording
from ai_notebook_ls.features import FEATURES
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.lsp.neighbours import Neighbours
from ai_notebook_ls.lsp.server import NotebookServer
from ai_notebook_ls.ports import Model, ModelProvider
from ai_notebook_ls.providers.builtin import BuiltinProvider
from ai_notebook_ls.providers.builtin.recipes import RECIPES
from ai_notebook_ls.providers.keys import Keys
from ai_notebook_ls.providers.records import AuditLog, CacheFolder, ConsentsFile
from ai_notebook_ls.providers.unavailable import UnavailableProvider
from ai_notebook_ls.settings import FILE, PREFIX, ProviderSettings, Settings, load

if TYPE_CHECKING:
    from ai_notebook_ls.providers.openai_compatible import OpenAIModel

INTERRUPTED = 130
"""The exit code of a shell for SIGINT."""


def build(settings: Settings) -> Assistant:
    """Return what all sessions of this process share."""
    kernels, builtin = SidecarKernels(settings), BuiltinProvider()
    model = choose_provider(settings.provider)
    providers = (builtin, model) if model else (builtin,)
    consents = ConsentsFile(state_folder())
    assistant = Assistant(kernels, providers, settings, RECIPES, model=model, consents=consents)
    kernels.changed = assistant.state_changed
    return assistant


def open_session(
    assistant: Assistant, neighbours: Neighbours | None = None, root: Path | None = None
) -> NotebookServer:
    """Return a new session with all features, among those that the process has.

    `root` is the folder that its client's notebooks are in, if known.
    """
    session = NotebookServer(root)
    if neighbours is not None:
        neighbours.join(session)
    for feature in FEATURES:
        feature.register(session, assistant)
    return session


def choose_provider(settings: ProviderSettings) -> ModelProvider | None:
    """Return the provider that the settings name besides the builtin one, or None."""
    if settings.name == "builtin":
        return None
    try:
        model = _model(settings)
    except AssistError as error:
        return UnavailableProvider(settings.name, error)
    from ai_notebook_ls.providers.chat import ChatProvider
    from ai_notebook_ls.providers.redaction import SecretRedactor

    values = cast(Values, settings.values)
    wording = Wording(settings.prompt_tokens, values, settings.language, settings.instructions)
    audit = AuditLog(state_folder() if settings.audit else None)
    # A script's replies are taken in order: none may be spared.
    cache = CacheFolder(state_folder() / "explanations") if settings.cache and settings.name == "openai" else None
    redactor = partial(SecretRedactor, settings.hide_personal, {})
    return ChatProvider(model, redactor, audit, wording, cache, settings.candidates)


def _model(settings: ProviderSettings) -> Model:
    """Return the model that the settings name. Raises ProviderUnavailable."""
    if settings.name == "scripted":
        from ai_notebook_ls.providers.scripted import ScriptedModel

        return ScriptedModel(settings.script)
    if settings.name != "openai":
        hint = "Choose `builtin`, `openai` (any OpenAI-compatible server) or `scripted`."
        raise ProviderUnavailable(f"There is no provider {settings.name!r}.", hint)
    return _on_server(settings)


def _on_server(settings: ProviderSettings) -> OpenAIModel:
    """Return the model on the server that the settings name. Raises ProviderUnavailable."""
    from ai_notebook_ls.providers.openai_compatible import Limits, OpenAIModel
    from ai_notebook_ls.providers.presets import preset_of

    preset = preset_of(settings.base_url, os.environ)
    limits = Limits(settings.first_token_seconds, settings.total_seconds, settings.answer_tokens)
    return OpenAIModel(preset, settings.model, keys(), limits)


def _server(settings: ProviderSettings) -> OpenAIModel | None:
    """Return the model's server for the doctor to look at, if there is one."""
    with contextlib.suppress(AssistError):
        return _on_server(settings) if settings.name == "openai" else None
    return None


def keys() -> Keys:
    """Return where the keys of model servers are looked for and kept."""
    return Keys(state_folder() / "keys.json", os.environ)


def state_folder() -> Path:
    """Return where consents and the audit log are kept."""
    return Path(platformdirs.user_state_dir("ai-notebook-ls"))


def main(arguments: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Do what the command line asks for; return the exit code."""
    config = config_file()
    settings, problems = load(environment, config)
    for problem in problems:
        print(problem, file=sys.stderr)
    try:
        if arguments.command == "lab":
            from ai_notebook_ls.doors import lab

            return lab.start(arguments.notebook, arguments.arguments)
        if arguments.command == "key":
            from ai_notebook_ls import privacy
            from ai_notebook_ls.providers.presets import preset_of

            return privacy.key(keys(), arguments.what, preset_of(arguments.server, environment), sys.stdout)
        if arguments.command == "consents":
            from ai_notebook_ls import privacy

            return privacy.consents(ConsentsFile(state_folder()), arguments.forget, sys.stdout)
        if getattr(arguments, "no_cache", False):
            settings = replace(settings, provider=replace(settings.provider, cache=False))
        if arguments.command == "doctor":
            from ai_notebook_ls import doctor

            findings = doctor.examine(settings, problems, config, build(settings).provider, _server(settings.provider))
            return doctor.report(findings, arguments.json, sys.stdout)
        return asyncio.run(_serve(arguments, settings, environment))
    except AssistError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def config_file() -> Path | None:
    """Return where the settings file is, or would be."""
    from jupyter_core.paths import jupyter_config_dir

    return Path(jupyter_config_dir()) / FILE


async def _serve(arguments: argparse.Namespace, settings: Settings, environment: Mapping[str, str]) -> int:
    """Open the door that was asked for, until it closes or a signal comes; no kernel is left behind."""
    assistant = build(settings)
    gc.freeze()  # what is loaded stays: a full collection would look through all of it, and hold the loop meanwhile
    opened = partial(open_session, assistant, Neighbours(), getattr(arguments, "root", None))
    work = asyncio.ensure_future(_through_door(arguments, opened, environment, settings))
    loop = asyncio.get_running_loop()
    if sys.platform != "win32":
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, work.cancel)
    try:
        return await work
    except asyncio.CancelledError:
        return INTERRUPTED
    finally:
        await assistant.close()


async def _through_door(
    arguments: argparse.Namespace,
    opened: Callable[[], NotebookServer],
    environment: Mapping[str, str],
    settings: Settings,
) -> int:
    if arguments.command in (None, "attach"):
        from ai_notebook_ls.doors import attach, stdio

        if sys.stdin.isatty():
            print("This speaks LSP over stdin and stdout, for an editor to start. See --help.", file=sys.stderr)
        return await (attach.serve(opened) if arguments.command else stdio.serve(opened()))
    if arguments.command == "serve":
        return await _listen(arguments, opened, environment, settings.connections)
    from ai_notebook_ls.doors import terminal

    request = terminal.Request(
        arguments.command,
        arguments.notebook,
        arguments.cell,
        getattr(arguments, "mode", "needed"),
        getattr(arguments, "write", False),
        arguments.json,
        getattr(arguments, "recipe", None),
        getattr(arguments, "instruction", None),
        arguments.yes,
        getattr(arguments, "run_model_code", False),
        getattr(arguments, "question", None),
        getattr(arguments, "preview", False),
    )
    return await terminal.perform(opened(), request, sys.stdout, sys.stderr)


async def _listen(
    arguments: argparse.Namespace, opened: Callable[[], NotebookServer], environment: Mapping[str, str], limit: int
) -> int:
    from ai_notebook_ls.doors import announcement, websocket

    known: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
    if arguments.unix_socket:
        server = await websocket.on_unix_socket(arguments.unix_socket, opened, limit)
        known = announcement.announced(arguments.unix_socket) if arguments.announce else known
        where = arguments.unix_socket
    else:
        if arguments.host not in websocket.LOOPBACK and not arguments.allow_remote:
            raise BadArguments(f"{arguments.host} is not this machine.", "Add --allow-remote if you mean it.")
        given = environment.get(f"{PREFIX}TOKEN")
        token = given or websocket.new_token()
        server = await websocket.on_port(arguments.host, arguments.port, token, arguments.origin, opened, limit)
        port = server.sockets[0].getsockname()[1]
        where = f"ws://{arguments.host}:{port}/ with the token {f'in {PREFIX}TOKEN' if given else token}"
    async with server:
        with known:
            print(f"Listening on {where}", file=sys.stderr)
            await server.serve_forever()
    return 0
